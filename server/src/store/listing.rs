//! 業者番号一覧: roster companies ordered by kana.
//!
//! Without a search a page is a range of `roster_place`. A search that may match few asks the name index and sorts its
//! hits; one that matches many soon fills a page by walking through `roster_place`.

use std::collections::BTreeSet;

use touroku_proto::api::ListedCompany;

use super::{Reader, db::params};
use crate::error::Error;

/// The companies asked for.
#[derive(Clone, Debug, Default)]
pub struct ListingQuery {
    /// First and last 行, see [`SortKey::row`].
    pub rows: (u8, u8),
    /// Part of the folded name; empty: any.
    pub name: String,
    /// Part of the kana; empty: any.
    pub kana: String,
    /// Beginning of the number; empty: any.
    pub number: String,
}

impl ListingQuery {
    /// Everything.
    pub fn all() -> Self {
        Self { rows: (0, u8::MAX), ..Self::default() }
    }

    /// Whether nothing is searched for.
    pub fn is_all(&self) -> bool {
        self.name.is_empty() && self.kana.is_empty() && self.number.is_empty()
    }

    /// Just before the first company of its rows.
    fn from(&self) -> ListingPlace {
        ListingPlace { row: self.rows.0, ..ListingPlace::default() }
    }
}

/// A place in the listing: companies after it are on the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListingPlace {
    row: u8,
    kana: String,
    number: String,
}

/// All 行.
pub(super) const ALL_ROWS: (u8, u8) = (0, u8::MAX);

/// The whole query, over `roster_place`, from a position on. An empty text is ignored; of the three texts one match is
/// enough.
const MATCHES: &str = "FROM roster_place AS place WHERE agency = ?1 \
    AND (listing_row, listing_kana, number) > (?2, ?3, ?4) AND listing_row <= ?5 \
    AND (?6 = '' AND ?7 = '' AND ?8 = '' \
    OR ?6 <> '' AND instr(listing_name, ?6) > 0 OR ?7 <> '' AND instr(listing_kana, ?7) > 0 \
    OR ?8 <> '' AND substr(number, 1, length(?8)) = ?8) \
    AND EXISTS (SELECT 1 FROM roster AS r WHERE r.agency = ?1 AND r.number = place.number \
    AND r.listing_row = place.listing_row AND r.listing_kana = place.listing_kana \
    AND r.listing_name = place.listing_name)";

/// If a search may match at least this many companies, walk the index.
const FEW: usize = 5000;

/// A company that a search found, and its position.
pub type Hit = (ListingPlace, ListedCompany);

impl Reader<'_> {
    /// All matches of a search, in order; `None` where there may be many.
    pub fn few_listed(&self, agency: &str, query: &ListingQuery) -> Result<Option<Vec<Hit>>, Error> {
        let Some(numbers) = self.candidates(agency, query)? else { return Ok(None) };
        let ListingQuery { rows: (first, last), name, kana, number } = query;
        let sql = "SELECT listing_row, listing_kana, number, name, kana FROM roster \
             WHERE agency = ?1 AND number = ?2 AND listing_row BETWEEN ?3 AND ?4 \
             AND (?5 <> '' AND instr(listing_name, ?5) > 0 OR ?6 <> '' AND instr(listing_kana, ?6) > 0 \
             OR ?7 <> '' AND substr(number, 1, length(?7)) = ?7)";
        let mut hits: Vec<Hit> = Vec::new();
        for candidate in numbers {
            let found = self.db.optional(
                sql,
                params![agency, candidate, first, last, name, kana, number],
                |row| {
                    let number: String = row.get("number")?;
                    let place = ListingPlace {
                        row: row.get("listing_row")?,
                        kana: row.get("listing_kana")?,
                        number: number.clone(),
                    };
                    Ok((
                        place,
                        ListedCompany {
                            number,
                            name: row.get("name")?,
                            kana: row.get("kana")?,
                            not_found: None,
                        },
                    ))
                },
            )?;
            hits.extend(found);
        }
        hits.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Some(hits))
    }

    /// The numbers of all companies that a search may match; `None`: too many.
    fn candidates(&self, agency: &str, query: &ListingQuery) -> Result<Option<BTreeSet<String>>, Error> {
        let ListingQuery { name, kana, number, .. } = query;
        let mut numbers = BTreeSet::new();
        let mut take = |sql: &str, start: &str| -> Result<bool, Error> {
            let found: Vec<String> =
                self.db.all(sql, params![agency, start, FEW as i64 + 1, beyond(start)], |row| row.get(0))?;
            let are_few = found.len() <= FEW;
            numbers.extend(found);
            Ok(are_few)
        };
        if !number.is_empty()
            && !take(
                "SELECT number FROM roster WHERE agency = ?1 AND number >= ?2 \
                 AND number < ?4 LIMIT ?3",
                number,
            )?
        {
            return Ok(None);
        }
        // What is not in the name index yet is checked one by one.
        let due = "SELECT number FROM name_due WHERE agency = ?1 AND number > ?2 AND since <= \
                   (SELECT edition FROM roster_version WHERE agency = ?1) LIMIT ?3";
        if !take(due, "")? {
            return Ok(None);
        }
        let Some(named) = self.numbers_with(agency, [name, kana], FEW)? else { return Ok(None) };
        numbers.extend(named);
        Ok(Some(numbers))
    }

    /// The companies after a position, in order, up to a limit.
    pub fn listed(
        &self,
        agency: &str,
        query: &ListingQuery,
        after: &ListingPlace,
        most: u32,
    ) -> Result<Vec<ListedCompany>, Error> {
        let from = query.from().max(after.clone());
        let ListingQuery { rows: (_, last), name, kana, number } = query;
        self.db.all(
            &page_sql(),
            params![agency, from.row, from.kana, from.number, last, name, kana, number, most],
            |row| {
                Ok(ListedCompany {
                    number: row.get("number")?,
                    name: row.get("name")?,
                    kana: row.get("kana")?,
                    not_found: None,
                })
            },
        )
    }

    /// How many companies the agency lists in these rows.
    pub fn listed_total(&self, agency: &str, (first, last): (u8, u8)) -> Result<u64, Error> {
        let total: i64 = self.db.one(
            "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM roster_tally WHERE agency = ?1 \
             AND edition <= (SELECT edition FROM roster_version WHERE agency = ?1) \
             AND listing_row BETWEEN ?2 AND ?3",
            params![agency, first, last],
            |row| row.get(0),
        )?;
        Ok(total.unsigned_abs())
    }

    /// The position of the company with that number, if it exists.
    pub fn listing_place(&self, agency: &str, number: &str) -> Result<Option<ListingPlace>, Error> {
        self.db.optional(
            "SELECT listing_row, listing_kana FROM roster WHERE agency = ? AND number = ?",
            params![agency, number],
            |row| {
                Ok(ListingPlace {
                    row: row.get("listing_row")?,
                    kana: row.get("listing_kana")?,
                    number: number.to_owned(),
                })
            },
        )
    }
}

/// Every text that begins with this one is less.
pub(super) fn beyond(beginning: &str) -> String {
    format!("{beginning}\u{10FFFF}")
}

fn page_sql() -> String {
    format!(
        "SELECT roster.number, roster.name, roster.kana FROM (SELECT listing_row, listing_kana, number \
         {MATCHES} ORDER BY listing_row, listing_kana, number LIMIT ?9) AS page \
         JOIN roster ON roster.agency = ?1 AND roster.number = page.number \
         ORDER BY page.listing_row, page.listing_kana, page.number"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::{Db, params};

    #[test]
    fn a_page_is_read_from_the_index_without_sorting_the_roster() {
        let null: Option<i64> = None;
        let params = params![null, null, null, null, null, null, null, null, null];
        let page = Db::in_memory().plan(&page_sql(), params);
        assert!(
            page.contains(
                "SEARCH place USING PRIMARY KEY (agency=? AND (listing_row,listing_kana,number)>(?,?,?)"
            ),
            "{page}"
        );
        assert!(page.contains("SEARCH roster_row USING PRIMARY KEY"), "{page}");
        let before_page = page.split("SCAN page").next().unwrap();
        assert!(!before_page.contains("B-TREE"), "{page}");
    }
}

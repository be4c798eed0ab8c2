//! 業者番号一覧: roster companies ordered by kana.
//!
//! Without a search a page is a range of `roster_place`. A search that may match few asks the name index and sorts its
//! hits; one that matches many soon fills a page by walking through `roster_place`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use touroku_proto::api::ListedCompany;

use super::{
    Reader,
    db::{Row, params},
    edition::list_of,
    to_json,
};
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListingPlace {
    row: u8,
    kana: String,
    number: String,
}

impl ListingPlace {
    /// For whoever asks on from there: no number of a company begins like that.
    pub fn write(&self) -> Result<String, Error> {
        to_json(self)
    }

    pub fn read(text: &str) -> Option<Self> {
        let place: Self = serde_json::from_str(text).ok()?;
        let mut letters = place.kana.chars().chain(place.number.chars());
        // PostgreSQL takes no NUL.
        (!letters.any(char::is_control)).then_some(place)
    }
}

/// All 行.
pub(super) const ALL_ROWS: (u8, u8) = (0, u8::MAX);

/// What a search wants, in a row of `roster` or `roster_place`: one of the three texts that are not empty is enough.
macro_rules! wanted {
    ($name:literal, $kana:literal, $number:literal) => {
        concat!(
            "(",
            $name,
            " <> '' AND instr(listing_name, ",
            $name,
            ") > 0 OR ",
            $kana,
            " <> '' AND instr(listing_kana, ",
            $kana,
            ") > 0 OR ",
            $number,
            " <> '' AND substr(number, 1, length(",
            $number,
            ")) = ",
            $number,
            ")"
        )
    };
}

/// Places from one on. Some lead to no company.
const PLACES: &str = "FROM roster_place AS place WHERE agency = ?1 \
    AND (listing_row, listing_kana, number) > (?2, ?3, ?4) AND listing_row <= ?5";

/// Whether a company that is in force is there.
const IN_FORCE: &str = "EXISTS (SELECT 1 FROM roster AS r WHERE r.agency = ?1 AND r.number = place.number \
    AND r.listing_row = place.listing_row AND r.listing_kana = place.listing_kana \
    AND r.listing_name = place.listing_name)";

const IN_ORDER: &str = "ORDER BY listing_row, listing_kana, number";

/// At how many places one request looks for what it searches: some 10 ms.
const WALK: i64 = 20_000;

/// If a search may match at least this many companies, walk the index.
const FEW: usize = 2_000;

/// A company that a search found, and its position.
pub type Hit = (ListingPlace, ListedCompany);

impl Reader<'_> {
    /// All matches of a search, in order; `None` where there may be many.
    pub fn few_listed(&self, agency: &str, query: &ListingQuery) -> Result<Option<Vec<Hit>>, Error> {
        let Some(numbers) = self.candidates(agency, query)? else { return Ok(None) };
        let ListingQuery { rows: (first, last), name, kana, number } = query;
        let sql = format!(
            concat!(
                "SELECT listing_row, listing_kana, number, name, kana FROM roster WHERE agency = ?1 AND number IN {} \
                 AND listing_row BETWEEN ?3 AND ?4 AND ",
                wanted!("?5", "?6", "?7")
            ),
            self.listed_in(2)
        );
        let params = params![
            agency,
            list_of(&numbers.into_iter().collect::<Vec<_>>()),
            first,
            last,
            name,
            kana,
            number
        ];
        let mut hits: Vec<Hit> = self.db.all(&sql, params, |row| Ok((place(row)?, company(row)?)))?;
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

    /// The companies after a position, in order, up to a limit. And a place from where to go on: a search has not looked beyond.
    pub fn listed(
        &self,
        agency: &str,
        query: &ListingQuery,
        after: &ListingPlace,
        most: u32,
    ) -> Result<(Vec<ListedCompany>, Option<ListingPlace>), Error> {
        let from = query.from().max(after.clone());
        let ListingQuery { rows: (_, last), name, kana, number } = query;
        if query.is_all() {
            let params = params![agency, from.row, from.kana, from.number, last, most];
            return Ok((self.db.all(&page_sql(), params, company)?, None));
        }
        let params = params![agency, from.row, from.kana, from.number, last, WALK, name, kana, number, most];
        let found = self.db.all(&search_sql(), params, company)?;
        if found.len() as u64 >= u64::from(most) {
            return Ok((found, None));
        }
        let end = format!("SELECT listing_row, listing_kana, number {PLACES} {IN_ORDER} LIMIT 1 OFFSET ?6");
        let params = params![agency, from.row, from.kana, from.number, last, WALK - 1];
        Ok((found, self.db.optional(&end, params, place)?))
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

fn place(row: &Row<'_>) -> Result<ListingPlace, Error> {
    Ok(ListingPlace {
        row: row.get("listing_row")?,
        kana: row.get("listing_kana")?,
        number: row.get("number")?,
    })
}

fn company(row: &Row<'_>) -> Result<ListedCompany, Error> {
    Ok(ListedCompany {
        number: row.get("number")?,
        name: row.get("name")?,
        kana: row.get("kana")?,
        not_found: None,
    })
}

fn page_sql() -> String {
    of_page(&format!("{PLACES} AND {IN_FORCE} {IN_ORDER} LIMIT ?6"))
}

fn search_sql() -> String {
    let matches = wanted!("?7", "?8", "?9");
    of_page(&format!(
        "FROM (SELECT listing_row, listing_kana, number, listing_name {PLACES} {IN_ORDER} LIMIT ?6) AS place \
         WHERE {matches} AND {IN_FORCE} {IN_ORDER} LIMIT ?10"
    ))
}

fn of_page(places: &str) -> String {
    format!(
        "SELECT roster.number, roster.name, roster.kana FROM (SELECT listing_row, listing_kana, number {places}) AS page \
         JOIN roster ON roster.agency = ?1 AND roster.number = page.number \
         ORDER BY page.listing_row, page.listing_kana, page.number"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        db::{Db, Params},
        value::Parameter,
    };

    #[test]
    fn a_page_is_read_from_the_index_without_sorting_the_roster() {
        let null: Option<i64> = None;
        for (sql, parameters) in [(page_sql(), 6), (search_sql(), 10)] {
            let all = vec![&null as &dyn Parameter; parameters];
            let page = Db::in_memory().plan(&sql, Params::Numbered(&all));
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
}

//! 業者番号一覧: roster companies ordered by kana.
//!
//! Without a search a page is a range of the index `roster_listing`. A search that may match few asks the name
//! index and sorts its hits; one that matches many soon fills a page by walking through `roster_listing`.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Transaction, params};
use rusqlite_migration::HookResult;
use touroku_proto::api::ListedCompany;

use super::Reader;
use crate::{error::Error, listing::SortKey};

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

/// The whole query, over the covering index `roster_listing`, from a position on. An empty text is ignored; of the
/// three texts one match is enough.
const MATCHES: &str = "FROM roster INDEXED BY roster_listing WHERE agency = ?1 \
    AND (listing_row, listing_kana, number) > (?2, ?3, ?4) AND listing_row <= ?5 \
    AND (?6 = '' AND ?7 = '' AND ?8 = '' \
    OR ?6 <> '' AND instr(listing_name, ?6) > 0 OR ?7 <> '' AND instr(listing_kana, ?7) > 0 \
    OR ?8 <> '' AND substr(number, 1, length(?8)) = ?8)";

/// If a search may match at least this many companies, walk the index.
const FEW: usize = 5000;

/// A company that a search found, and its position.
pub type Hit = (ListingPlace, ListedCompany);

impl Reader<'_> {
    /// All matches of a search, in order; `None` where there may be many.
    pub fn few_listed(&self, agency: &str, query: &ListingQuery) -> Result<Option<Vec<Hit>>, Error> {
        let Some(numbers) = self.candidates(agency, query)? else { return Ok(None) };
        let ListingQuery { rows: (first, last), name, kana, number } = query;
        let mut statement = self.0.prepare_cached(
            "SELECT listing_row, listing_kana, number, name, kana FROM roster \
             WHERE agency = ?1 AND number = ?2 AND listing_row BETWEEN ?3 AND ?4 \
             AND (?5 <> '' AND instr(listing_name, ?5) > 0 OR ?6 <> '' AND instr(listing_kana, ?6) > 0 \
             OR ?7 <> '' AND substr(number, 1, length(?7)) = ?7)",
        )?;
        let mut hits: Vec<Hit> = Vec::new();
        for candidate in numbers {
            let found = statement
                .query_row(params![agency, candidate, first, last, name, kana, number], |row| {
                    let number: String = row.get("number")?;
                    let place = ListingPlace {
                        row: row.get("listing_row")?,
                        kana: row.get("listing_kana")?,
                        number: number.clone(),
                    };
                    Ok((place, ListedCompany { number, name: row.get("name")?, kana: row.get("kana")? }))
                })
                .optional()?;
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
            let mut statement = self.0.prepare_cached(sql)?;
            let rows = statement.query_map(params![agency, start, FEW as i64 + 1], |row| row.get(0))?;
            let found: Vec<String> = rows.collect::<Result<_, _>>()?;
            let are_few = found.len() <= FEW;
            numbers.extend(found);
            Ok(are_few)
        };
        if !number.is_empty()
            && !take(
                "SELECT number FROM roster WHERE agency = ?1 AND number >= ?2 \
                 AND number < ?2 || char(0x10FFFF) LIMIT ?3",
                number,
            )?
        {
            return Ok(None);
        }
        // What is not in the name index yet is checked one by one.
        if !take("SELECT number FROM name_due WHERE agency = ?1 AND number > ?2 LIMIT ?3", "")? {
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
        let mut statement = self.0.prepare_cached(&page_sql())?;
        let rows = statement.query_map(
            params![agency, from.row, from.kana, from.number, last, name, kana, number, most],
            |row| {
                Ok(ListedCompany {
                    number: row.get("number")?,
                    name: row.get("name")?,
                    kana: row.get("kana")?,
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many companies the agency lists in these rows.
    pub fn listed_total(&self, agency: &str, (first, last): (u8, u8)) -> Result<u64, Error> {
        let total: i64 = self
            .0
            .prepare_cached(
                "SELECT coalesce(sum(count), 0) FROM roster_tally WHERE agency = ? AND listing_row BETWEEN ? AND ?",
            )?
            .query_row(params![agency, first, last], |row| row.get(0))?;
        Ok(total.unsigned_abs())
    }

    /// The position of the company with that number, if it exists.
    pub fn listing_place(&self, agency: &str, number: &str) -> Result<Option<ListingPlace>, Error> {
        let place = self
            .0
            .prepare_cached("SELECT listing_row, listing_kana FROM roster WHERE agency = ? AND number = ?")?
            .query_row(params![agency, number], |row| {
                Ok(ListingPlace {
                    row: row.get("listing_row")?,
                    kana: row.get("listing_kana")?,
                    number: number.to_owned(),
                })
            })
            .optional()?;
        Ok(place)
    }
}

fn page_sql() -> String {
    format!(
        "SELECT roster.number, roster.name, roster.kana FROM (SELECT listing_row, listing_kana, number \
         {MATCHES} ORDER BY listing_row, listing_kana, number LIMIT ?9) AS page \
         JOIN roster ON roster.agency = ?1 AND roster.number = page.number \
         ORDER BY page.listing_row, page.listing_kana, page.number"
    )
}

/// Fills in the listing columns of rosters imported before they existed.
pub(super) fn fill_in(transaction: &Transaction<'_>) -> HookResult {
    let mut rows = transaction.prepare("SELECT agency, number, name, kana FROM roster")?;
    let mut update = transaction.prepare(
        "UPDATE roster SET listing_row = ?, listing_kana = ?, listing_name = ? WHERE agency = ? AND number = ?",
    )?;
    let found: Vec<(String, String, String, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    for (agency, number, name, kana) in found {
        let key = SortKey::of(&name, &kana);
        update.execute(params![key.row, key.kana, key.name, agency, number])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::migrations;

    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let parameters = vec![rusqlite::types::Null; statement.parameter_count()];
        let lines = statement
            .query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3))
            .unwrap();
        lines.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
    }

    #[test]
    fn a_page_is_read_from_the_index_without_sorting_the_roster() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::all().to_latest(&mut connection).unwrap();
        let page = plan(&connection, &page_sql());
        assert!(
            page.contains(
                "SEARCH roster USING COVERING INDEX roster_listing (agency=? AND \
            (listing_row,listing_kana,number)>(?,?,?)"
            ),
            "{page}"
        );
        assert!(page.contains("SEARCH roster USING PRIMARY KEY"), "{page}");
        let before_page = page.split("SCAN page").next().unwrap();
        assert!(!before_page.contains("B-TREE"), "{page}");
    }

    #[test]
    fn a_roster_from_before_the_listing_is_filled_in() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("migrations/001_registration.sql")).unwrap();
        connection
            .execute_batch(
                "INSERT INTO roster VALUES ('a', '1', '（株）テスト', 'ﾃｽﾄ', '', '', '', '', '', '', '', '', \
                 '{}', '', '', 0);
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        migrations::all().to_latest(&mut connection).unwrap();
        let row: (u8, String) = connection
            .query_row("SELECT listing_row, listing_name FROM roster", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(row, (3, touroku_proto::text::fold_name("株式会社テスト")));
    }
}

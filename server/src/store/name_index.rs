//! Companies by parts of their name.
//!
//! An FTS5 index of single characters and pairs of characters of the folded name and kana, and of the agency. A part
//! of a name is found by the pairs that it is made of, and then compared: the index knows no order of pairs. FTS5's
//! own trigrams would not find names of one or two characters, which Japanese names often are.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, params};

use super::{Reader, Writer};
use crate::error::Error;

/// The agency's own term begins with this; no name does.
const AGENCY: char = '\u{E000}';

/// A company whose place in the index is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueName {
    /// Profile code.
    pub agency: String,
    /// Its number.
    pub number: String,
}

impl Reader<'_> {
    /// Companies that are due, at most so many.
    pub fn due_names(&self, most: u32) -> Result<Vec<DueName>, Error> {
        let mut statement = self.0.prepare_cached("SELECT agency, number FROM name_due LIMIT ?")?;
        let rows =
            statement.query_map([most], |row| Ok(DueName { agency: row.get(0)?, number: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers and places of an agency's companies after a place whose folded name holds `name` or whose kana
    /// holds `kana`, in the index's order, at most so many. Those that are due are not among them.
    pub fn indexed_names(
        &self,
        agency: &str,
        (name, kana): (&str, &str),
        condition: &str,
        (after, most): (i64, usize),
        now: i64,
    ) -> Result<Vec<(i64, String)>, Error> {
        let Some(expression) = expression(agency, name, kana) else { return Ok(Vec::new()) };
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT name_index.rowid, n.number FROM name_index \
             CROSS JOIN name_key AS n ON n.id = name_index.rowid \
             CROSS JOIN roster ON roster.agency = n.agency AND roster.number = n.number \
             WHERE name_index MATCH ?2 AND name_index.rowid > ?3 AND n.agency = ?1 AND (\
             (?4 <> '' AND instr(listing_name, ?4) > 0) OR (?5 <> '' AND instr(listing_kana, ?5) > 0)) \
             AND NOT EXISTS (SELECT 1 FROM name_due AS due WHERE due.agency = ?1 AND due.number = n.number) \
             AND ({condition}) ORDER BY name_index.rowid LIMIT ?7"
        ))?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        // ?6 is the time, which some conditions name.
        let rows = statement.query_map(params![agency, expression, after, name, kana, now, most], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Brings the company's place in the index up to date.
    pub fn index_name(&self, due: &DueName) -> Result<(), Error> {
        let DueName { agency, number } = due;
        let connection = self.0.0;
        let known: Option<i64> = connection
            .prepare_cached("SELECT id FROM name_key WHERE agency = ? AND number = ?")?
            .query_row(params![agency, number], |row| row.get(0))
            .optional()?;
        let keys: Option<(String, String)> = connection
            .prepare_cached("SELECT listing_name, listing_kana FROM roster WHERE agency = ? AND number = ?")?
            .query_row(params![agency, number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some(id) = known {
            connection.prepare_cached("DELETE FROM name_index WHERE rowid = ?")?.execute([id])?;
        }
        match (keys, known) {
            (Some((name, kana)), known) => {
                let id = match known {
                    Some(id) => id,
                    None => {
                        connection
                            .prepare_cached("INSERT INTO name_key (agency, number) VALUES (?, ?)")?
                            .execute(params![agency, number])?;
                        connection.last_insert_rowid()
                    }
                };
                connection
                    .prepare_cached("INSERT INTO name_index (rowid, grams) VALUES (?, ?)")?
                    .execute(params![id, document(agency, &name, &kana)])?;
            }
            (None, Some(id)) => {
                connection.prepare_cached("DELETE FROM name_key WHERE id = ?")?.execute([id])?;
            }
            (None, None) => {}
        }
        connection
            .prepare_cached("DELETE FROM name_due WHERE agency = ? AND number = ?")?
            .execute(params![agency, number])?;
        Ok(())
    }
}

/// All terms of a company.
fn document(agency: &str, name: &str, kana: &str) -> String {
    let mut terms = BTreeSet::from([agency_term(agency)]);
    for text in [name, kana] {
        terms.extend(characters(text));
        terms.extend(pairs(text));
    }
    Vec::from_iter(terms).join(" ")
}

/// What FTS5 is asked for a part of a name, or of a kana; either may be empty. `None`: nothing is asked.
fn expression(agency: &str, name: &str, kana: &str) -> Option<String> {
    let part = |text: &str| {
        let mut terms = pairs(text);
        if terms.is_empty() {
            terms = characters(text);
        }
        let quoted: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
        (!quoted.is_empty()).then(|| format!("({})", quoted.join(" AND ")))
    };
    let mut parts: Vec<String> = [part(name), part(kana)].into_iter().flatten().collect();
    parts.dedup();
    (!parts.is_empty()).then(|| format!("\"{}\" AND ({})", agency_term(agency), parts.join(" OR ")))
}

fn agency_term(agency: &str) -> String {
    std::iter::once(AGENCY).chain(agency.chars().map(letter)).collect()
}

fn characters(text: &str) -> BTreeSet<String> {
    text.chars().filter(|&c| is_written(c)).map(|c| letter(c).to_string()).collect()
}

fn pairs(text: &str) -> BTreeSet<String> {
    let neighbours = text.chars().zip(text.chars().skip(1));
    neighbours
        .filter(|&(one, other)| is_written(one) && is_written(other))
        .map(|(one, other)| [letter(one), letter(other)].iter().collect())
        .collect()
}

/// A space stands between the two forms of a kana.
fn is_written(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && c != AGENCY
}

/// FTS5's `ascii` takes letters, digits and all beyond ASCII as part of a term: what is neither goes beyond. It does
/// not tell the case of letters apart, and nor do we: what is found is compared.
fn letter(c: char) -> char {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_asked_for_by_its_pairs_and_one_character_by_itself() {
        assert_eq!(
            expression("a-1", "架空建", "").unwrap(),
            "\"\u{E000}a－1\" AND ((\"架空\" AND \"空建\"))"
        );
        assert_eq!(expression("a", "湊", "湊").unwrap(), "\"\u{E000}a\" AND ((\"湊\"))");
        assert_eq!(expression("a", "ab", "AB").unwrap(), "\"\u{E000}a\" AND ((\"ab\") OR (\"AB\"))");
        assert_eq!(expression("a", "", ""), None);
        assert_eq!(expression("a", "\"*", "").unwrap(), "\"\u{E000}a\" AND ((\"＂＊\"))");
        assert_eq!(document("a", "湊", "ミ"), "ミ 湊 \u{E000}a");
    }
}

//! Companies by parts of their names.
//!
//! An FTS5 index of the single characters, pairs and triples of characters of the folded name and kana, each
//! prefixed with a character that stands for the agency, row by row, whichever edition has the row. Part of a name is found through its rarest triples
//! and then compared: the index knows no order. FTS5's own trigrams would not find names of one or two
//! characters, which Japanese names often are, and would read through all agencies' companies.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{Reader, Writer, db::params};
use crate::error::Error;

/// The longest terms, in characters.
const LONGEST: usize = 3;

/// The most terms used in a query. Further ones would cost more reading than they exclude.
const ASKED: usize = 8;

/// The most terms considered: a long text is distinguished by its beginning.
const WEIGHED: usize = 32;

/// A term's rarity is judged by the position of its company at this rank.
const RANK: u32 = 500;

/// A row of a roster waiting to be indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueName {
    /// Profile code.
    pub agency: String,
    pub number: String,
    /// The first edition that has it.
    since: i64,
}

impl Reader<'_> {
    /// The rows waiting to be indexed, up to a limit. Those of an edition that is being written wait until it is in force:
    /// whose cards they are depends on that, too.
    pub fn due_names(&self, most: u32) -> Result<Vec<DueName>, Error> {
        self.db.all(
            "SELECT due.agency, due.number, due.since FROM roster_version AS now CROSS JOIN name_due AS due \
             ON due.agency = now.agency AND due.since < now.writing LIMIT ?",
            params![most],
            |row| Ok(DueName { agency: row.get(0)?, number: row.get(1)?, since: row.get(2)? }),
        )
    }

    /// Whether any company of that agency's roster waits to be indexed.
    pub fn is_indexing(&self, agency: &str) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 FROM name_due WHERE agency = ?1 \
             AND since <= (SELECT edition FROM roster_version WHERE agency = ?1) LIMIT 1",
            params![agency],
        )
    }

    /// The editions in which rows of that agency's roster that wait to be indexed began.
    pub(super) fn due_editions(&self, agency: &str) -> Result<Vec<i64>, Error> {
        let mut editions = Vec::new();
        // One by one: there are few, of many rows each.
        while let Some(next) = self.db.one(
            "SELECT min(since) FROM name_due WHERE agency = ?1 AND since > ?2 \
             AND since <= (SELECT edition FROM roster_version WHERE agency = ?1)",
            params![agency, editions.last().copied().unwrap_or(-1)],
            |row| row.get::<Option<i64>>(0),
        )? {
            editions.push(next);
        }
        Ok(editions)
    }

    /// The numbers and positions, after a position, of an agency's companies whose folded name contains `name` or
    /// whose kana contains `kana`, in the index's order, up to a limit. Those not yet indexed are not among them.
    pub fn indexed_names(
        &self,
        agency: &str,
        (name, kana): (&str, &str),
        condition: &str,
        (after, most): (i64, usize),
        now: i64,
    ) -> Result<Vec<(i64, String)>, Error> {
        let parts = self.asked_for(agency, [name, kana])?;
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let matches = self.matches(2);
        let sql = format!(
            "SELECT name_index.rowid, n.number FROM name_index \
             CROSS JOIN name_key AS n ON n.id = name_index.rowid \
             CROSS JOIN roster ON roster.agency = n.agency AND roster.number = n.number AND roster.since = n.since \
             WHERE {matches} AND name_index.rowid > ?3 AND n.agency = ?1 AND (\
             (?4 <> '' AND instr(listing_name, ?4) > 0) OR (?5 <> '' AND instr(listing_kana, ?5) > 0)) \
             AND NOT EXISTS (SELECT 1 FROM name_due AS due WHERE due.agency = ?1 AND due.since = n.since \
             AND due.number = n.number) \
             AND ({condition}) ORDER BY name_index.rowid LIMIT ?7"
        );
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        // ?6 is the time, which some conditions use.
        self.db.all(&sql, params![agency, self.expression(&parts), after, name, kana, now, most], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// The numbers of all indexed companies of an agency that may contain one of the texts in their folded name or
    /// kana; `None` if there are more than the limit.
    pub(super) fn numbers_with(
        &self,
        agency: &str,
        texts: [&str; 2],
        most: usize,
    ) -> Result<Option<Vec<String>>, Error> {
        let parts = self.asked_for(agency, texts)?;
        if parts.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let matches = self.matches(1);
        let sql = format!(
            "SELECT n.number FROM name_index CROSS JOIN name_key AS n ON n.id = name_index.rowid \
            WHERE {matches} AND n.agency = ?2 LIMIT ?3"
        );
        let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let numbers: Vec<String> =
            self.db.all(&sql, params![self.expression(&parts), agency, limit], |row| row.get(0))?;
        Ok(Some(numbers).filter(|numbers| numbers.len() <= most))
    }

    /// The FTS5 query that finds one of the texts.
    fn asked_for(&self, agency: &str, texts: [&str; 2]) -> Result<Vec<Vec<String>>, Error> {
        let mut parts = Vec::new();
        for text in texts {
            let terms = self.rarest(asked(agency, text))?;
            if !terms.is_empty() && !parts.contains(&terms) {
                parts.push(terms);
            }
        }
        Ok(parts)
    }

    /// The condition that the index finds the query given as that parameter.
    fn matches(&self, parameter: u8) -> String {
        let [before, after] =
            self.db.either(["name_index MATCH ?", ""], ["grams @@ CAST(CAST(?", " AS TEXT) AS tsquery)"]);
        format!("{before}{parameter}{after}")
    }

    /// The query that finds one of the parts: all terms of one of them.
    fn expression(&self, parts: &[Vec<String>]) -> String {
        let (quote, and, or) = self.db.either(('"', " AND ", " OR "), ('\'', " & ", " | "));
        let part = |terms: &Vec<String>| {
            let quoted: Vec<String> = terms.iter().map(|term| format!("{quote}{term}{quote}")).collect();
            format!("({})", quoted.join(and))
        };
        parts.iter().map(part).collect::<Vec<String>>().join(or)
    }

    /// The terms that the fewest companies have, judged by the first [`RANK`] of them.
    fn rarest(&self, mut terms: Vec<String>) -> Result<Vec<String>, Error> {
        if terms.len() <= 1 {
            return Ok(terms);
        }
        terms.truncate(WEIGHED);
        if !self.db.either(true, false) {
            // A GIN index weighs them itself.
            terms.truncate(ASKED);
            return Ok(terms);
        }
        let sql = "SELECT rowid FROM name_index WHERE name_index MATCH ? ORDER BY rowid LIMIT 1 OFFSET ?";
        let mut weighed = Vec::new();
        for term in terms {
            let place: Option<i64> = self.db.optional(sql, params![quoted(&term), RANK], |row| row.get(0))?;
            weighed.push((Reverse(place.unwrap_or(i64::MAX)), term));
        }
        weighed.sort();
        weighed.truncate(ASKED);
        Ok(weighed.into_iter().map(|(_, term)| term).collect())
    }
}

impl Writer<'_> {
    /// Updates the row's entry in the index.
    pub fn index_name(&self, due: &DueName) -> Result<(), Error> {
        let DueName { agency, number, since } = due;
        let known: Option<i64> = self.db.optional(
            "SELECT id FROM name_key WHERE agency = ? AND number = ? AND since = ?",
            params![agency, number, since],
            |row| row.get(0),
        )?;
        let keys: Option<(String, String)> = self.db.optional(
            "SELECT listing_name, listing_kana FROM roster_row WHERE agency = ? AND number = ? AND since = ?",
            params![agency, number, since],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if let Some(id) = known {
            self.db.execute("DELETE FROM name_index WHERE rowid = ?", params![id])?;
        }
        match (keys, known) {
            (Some((name, kana)), known) => {
                let id = match known {
                    Some(id) => id,
                    None => self.db.one(
                        "INSERT INTO name_key (agency, number, since) VALUES (?, ?, ?) RETURNING id",
                        params![agency, number, since],
                        |row| row.get(0),
                    )?,
                };
                let sql = self.db.either(
                    "INSERT INTO name_index (rowid, grams) VALUES (?, ?)",
                    "INSERT INTO name_index (rowid, grams) \
                     VALUES (?, array_to_tsvector(string_to_array(CAST(? AS TEXT), ' ')))",
                );
                self.db.execute(sql, params![id, document(agency, &name, &kana)])?;
            }
            (None, Some(id)) => {
                self.db.execute("DELETE FROM name_key WHERE id = ?", params![id])?;
            }
            (None, None) => {}
        }
        self.db.execute(
            "DELETE FROM name_due WHERE agency = ? AND since = ? AND number = ?",
            params![agency, since, number],
        )?;
        Ok(())
    }
}

/// All terms of a company.
fn document(agency: &str, name: &str, kana: &str) -> String {
    let mut terms = BTreeSet::new();
    for run in [name, kana].into_iter().flat_map(runs) {
        for length in 1..=LONGEST {
            terms.extend(run.windows(length).map(|characters| term(agency, characters)));
        }
    }
    Vec::from_iter(terms).join(" ")
}

/// The longest terms of every company whose name contains the part.
fn asked(agency: &str, part: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for run in runs(part) {
        for characters in run.windows(run.len().min(LONGEST)) {
            let term = term(agency, characters);
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
    }
    terms
}

fn quoted(term: &str) -> String {
    format!("\"{term}\"")
}

/// The agencies share one index: this keeps one agency's terms from being read through for another. Two agencies
/// may share a character; hits are compared anyway.
fn term(agency: &str, characters: &[char]) -> String {
    let hash = agency.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    // The BMP's private use area, which FTS5's `ascii` treats as part of a term.
    let own = char::from_u32(0xE000 + hash % 0x1900).unwrap_or('\u{E000}');
    std::iter::once(own).chain(characters.iter().copied()).collect()
}

/// A name's characters, cut at separators: a space stands between the two forms of a kana.
fn runs(text: &str) -> Vec<Vec<char>> {
    let is_written = |c: &char| !c.is_whitespace() && !c.is_control();
    let characters: Vec<char> = text.chars().collect();
    let runs = characters.split(|c| !is_written(c)).filter(|run| !run.is_empty());
    runs.map(|run| run.iter().copied().map(letter).collect()).collect()
}

/// FTS5's `ascii` treats letters, digits and everything beyond ASCII as part of a term, so other characters are
/// moved beyond it. It ignores the case of letters, and so do we: hits are compared anyway.
fn letter(c: char) -> char {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::{super::db::Db, *};

    #[test]
    fn a_part_of_a_name_is_asked_for_by_its_triples_and_a_shorter_one_by_itself() {
        let terms = |part| asked("a", part).concat().replace(term("a", &[]).as_str(), "/");
        assert_eq!(terms("架空建設"), "/架空建/空建設");
        assert_eq!(terms("架空"), "/架空");
        assert_eq!(terms("湊"), "/湊");
        assert_eq!(terms("ミナト 三"), "/ミナト/三");
        assert_eq!(terms("\"*"), "/＂＊");
        assert_eq!(terms(""), "");
    }

    #[test]
    fn a_company_has_each_term_that_a_part_of_its_name_is_asked_for_by() {
        let document = document("a", "架空建設", "カクウ");
        let has: Vec<&str> = document.split(' ').collect();
        for part in ["架空建設", "空建", "設", "カク", "カクウ"] {
            assert!(asked("a", part).iter().all(|term| has.contains(&term.as_str())), "{part}");
        }
        assert!(asked("another", "架空").iter().all(|term| !has.contains(&term.as_str())));
    }

    #[test]
    fn either_the_name_or_the_kana_is_asked_for_with_all_its_terms() {
        let parts = [vec!["ab".to_owned(), "cd".to_owned()], vec!["ef".to_owned()]];
        let db = Db::in_memory();
        let expression = Reader { db: &db }.expression(&parts);
        assert_eq!(expression, "(\"ab\" AND \"cd\") OR (\"ef\")");
    }
}

//! Rows with mistakes, as far as they tell which company they are.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
};

use touroku_proto::text;

/// The companies that rows with mistakes may be: none of these may pass for missing from the file. 16 bytes for
/// each name and 法人番号, whatever their length.
#[derive(Default)]
pub(crate) struct Suspects {
    hasher: RandomState,
    /// Hash of a name or 法人番号 in such a row → whether a company of the roster has it.
    known: HashMap<u64, bool>,
    /// The hashes of each row whose number says nothing.
    nameless: Vec<[Option<u64>; 2]>,
}

impl Suspects {
    /// Adds a row with mistakes. `is_numbered`: its number tells which company it is.
    pub(crate) fn note(&mut self, name: &str, corporate_number: &str, is_numbered: bool) {
        let hashes = self.hashes(name, corporate_number);
        for hash in hashes.into_iter().flatten() {
            self.known.entry(hash).or_default();
        }
        if !is_numbered {
            self.nameless.push(hashes);
        }
    }

    /// Whether a company of the roster may be one of these rows.
    pub(crate) fn may_be(&mut self, name: &str, corporate_number: &str) -> bool {
        if self.known.is_empty() {
            return false;
        }
        let mut found = false;
        for hash in self.hashes(name, corporate_number).into_iter().flatten() {
            if let Some(known) = self.known.get_mut(&hash) {
                *known = true;
                found = true;
            }
        }
        found
    }

    /// How many rows may be any company, after the whole roster has been checked.
    pub(crate) fn anybody(&self) -> u64 {
        let is_known = |hash: &u64| self.known.get(hash).copied().unwrap_or(false);
        let anybody = |row: &&[Option<u64>; 2]| !row.iter().flatten().any(is_known);
        self.nameless.iter().filter(anybody).count() as u64
    }

    pub(crate) fn has_nameless(&self) -> bool {
        !self.nameless.is_empty()
    }

    fn hashes(&self, name: &str, corporate_number: &str) -> [Option<u64>; 2] {
        let name = text::fold_name(name);
        let digits = text::to_half_width(corporate_number);
        let hash = |kind: u8, text: &str| (!text.is_empty()).then(|| self.hasher.hash_one((kind, text)));
        [hash(0, &name), hash(1, &digits)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_traced_by_its_name_or_corporate_number() {
        let mut suspects = Suspects::default();
        suspects.note("（株）見本", "", false);
        suspects.note("", "４０１１００１０９８９９３", false);
        suspects.note("", "", false);
        suspects.note("有限会社例", "", true);
        assert!(suspects.may_be("株式会社見本", "1"));
        assert!(suspects.may_be("別名", "4011001098993"));
        assert!(suspects.may_be("（有）例", ""));
        assert!(!suspects.may_be("株式会社架空", ""));
        assert_eq!(suspects.anybody(), 1);
    }
}

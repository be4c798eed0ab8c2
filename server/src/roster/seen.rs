//! Detects duplicates.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState},
};

/// Texts seen, each with its first line: 16 bytes each, whatever their length. A collision of 64-bit hashes would
/// need some hundred million rows.
#[derive(Default)]
pub(crate) struct Seen {
    hasher: RandomState,
    lines: HashMap<u64, u32, BuildHasherDefault<Itself>>,
}

impl Seen {
    /// The line where the text first occurred, unless it is this one.
    pub(crate) fn first(&mut self, text: &str, line: usize) -> Option<u32> {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let first = *self.lines.entry(self.hasher.hash_one(text)).or_insert(line);
        (first != line).then_some(first)
    }
}

/// The keys are hashes already.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

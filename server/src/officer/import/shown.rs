//! The rows that the dry run shows: the first of each kind, on their way to the database.

use touroku_proto::officer::import::{ImportRow, RowKind};

use crate::{error::Error, store::Exclusive};

/// How many rows of each kind are kept.
const MAX_KEPT: i64 = 10_000;

/// Rows written at once.
const BATCH: usize = 500;

pub(super) struct Shown<'a> {
    database: &'a mut Exclusive,
    import: i64,
    /// How many of each kind there are.
    places: [i64; 5],
    waiting: Vec<(RowKind, i64, ImportRow)>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(database: &'a mut Exclusive, import: i64) -> Self {
        Self { database, import, places: [0; 5], waiting: Vec::new() }
    }

    /// Whether rows of that kind are only counted from now on.
    pub(super) fn is_full(&self, kind: RowKind) -> bool {
        self.places[index(kind)] >= MAX_KEPT
    }

    pub(super) fn add(&mut self, kind: RowKind, row: ImportRow) -> Result<(), Error> {
        if self.is_full(kind) {
            return Ok(());
        }
        self.places[index(kind)] += 1;
        self.waiting.push((kind, self.places[index(kind)], row));
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Writes the pending rows.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        let (import, waiting) = (self.import, std::mem::take(&mut self.waiting));
        self.database.write(|writer| {
            waiting
                .iter()
                .try_for_each(|(kind, place, row)| writer.add_import_row(import, *kind, *place, row))
        })
    }

    /// Records progress in bytes of the file. `false`: the import was cancelled.
    pub(super) fn report(&mut self, done: u64, now: i64) -> Result<bool, Error> {
        let import = self.import;
        self.database.write(|writer| writer.import_progress(import, done, now))
    }
}

fn index(kind: RowKind) -> usize {
    match kind {
        RowKind::Added => 0,
        RowKind::Changed => 1,
        RowKind::Missing => 2,
        RowKind::Wrong => 3,
        RowKind::Doubtful => 4,
    }
}

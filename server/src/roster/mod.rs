//! The roster (有資格業者名簿) as a file: read, check, take over.
//!
//! A file is read line by line, twice: once to find every mistake, once, in one transaction, to take the rows
//! over. Memory does not grow with the file but for one number per row, which finds duplicates.

mod cells;
mod characters;
mod columns;
mod file;
mod header;
mod import;
pub(crate) mod lines;
mod seen;

pub(crate) use self::{
    cells::CheckedRow,
    columns::{Column, Columns, fingerprint},
    file::FileRow,
    header::Header,
    import::{Absent, hash_all},
    lines::Encoding,
    seen::Seen,
};
pub use self::{
    file::{RosterFile, RowError},
    import::{Report, import},
};

//! The roster (有資格業者名簿) as a file: read, checked, taken over.
//!
//! A file is read row by row, checked and compared with the roster; what a take-over would write is put into
//! a stage, which becomes the roster in one transaction. Memory does not grow with the file, except for a few
//! numbers per row that detect duplicates, and a workbook's shared strings.

mod absent;
pub(crate) mod by_hand;
mod cells;
mod check;
mod columns;
mod damage;
mod date;
mod email;
mod excel;
mod file;
mod found;
mod hashes;
mod header;
mod heading;
mod import;
mod line_error;
pub(crate) mod listed;
mod note;
mod other;
mod phone;
mod records;
mod seen;
mod suspects;
mod workbook;
mod workbook_text;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]
mod workbook_writers;

pub use touroku_japanese::row::RowError;

pub(crate) use self::{
    cells::NewSecret,
    check::{Listener, check},
    columns::{Column, Columns, fingerprint},
    found::{describe, fill_samples},
    header::Header,
};
pub use self::{
    file::RosterFile,
    header::Choice,
    import::{Report, import, import_stepwise},
};

/// What the fuzz targets of `tests/fuzz` use.
#[cfg(feature = "fuzzing")]
pub mod fuzzing {
    use touroku_proto::agency::AgencyProfile;

    use super::{RosterFile, file::Content};
    use crate::{error::Error, store::RosterRow};

    /// Yields every valid row with its password, and returns how many are invalid.
    pub fn rows(
        file: &mut RosterFile,
        profile: &AgencyProfile,
        mut give: impl FnMut(&RosterRow, &str),
    ) -> Result<usize, Error> {
        let mut wrong = 0;
        file.rows(profile, |row| {
            match row.row {
                Content::Company(checked) => give(&checked.row, &checked.password),
                Content::Wrong(_) => wrong += 1,
                Content::Other(_) => {}
            }
            Ok(())
        })?;
        Ok(wrong)
    }
}

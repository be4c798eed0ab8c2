//! The roster (有資格業者名簿) as a file: read, check, take over.
//!
//! A file is read line by line, twice: once to find every mistake, once, in one transaction, to take the rows
//! over. Memory does not grow with the file but for one number per row, which finds duplicates.

mod cells;
mod characters;
mod columns;
mod excel;
mod file;
mod header;
mod import;
pub(crate) mod lines;
mod seen;
mod suspects;

pub(crate) use self::{
    cells::{CheckedRow, meant_numbers},
    columns::{Column, Columns, fingerprint},
    file::FileRow,
    header::Header,
    import::{Absent, hash_all},
    lines::Encoding,
    seen::Seen,
    suspects::Suspects,
};
pub use self::{
    file::{RosterFile, RowError},
    import::{Report, import},
};

/// What the fuzz targets of `tests/fuzz` reach.
#[cfg(feature = "fuzzing")]
pub mod fuzzing {
    use touroku_proto::agency::AgencyProfile;

    use super::RosterFile;
    use crate::{error::Error, store::RosterRow};

    /// Gives every row that is in order, with its password, and answers how many are not.
    pub fn rows(
        file: &mut RosterFile,
        profile: &AgencyProfile,
        mut give: impl FnMut(&RosterRow, &str),
    ) -> Result<usize, Error> {
        let mut wrong = 0;
        file.rows(profile, |row| {
            match row.row {
                Ok(checked) => give(&checked.row, &checked.password),
                Err(_) => wrong += 1,
            }
            Ok(())
        })?;
        Ok(wrong)
    }
}

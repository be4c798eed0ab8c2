//! What is kept of a cell that can't be read in full.

/// What a cell says besides its value, or instead of one.
#[derive(Debug, PartialEq)]
pub(super) struct Note {
    /// As it is in the file.
    pub(super) text: String,
    /// What a person should check.
    pub(super) reason: String,
}

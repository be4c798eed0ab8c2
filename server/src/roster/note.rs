//! What is kept of a cell that can't be read whole.

/// What a cell says beside its value, or instead of one.
pub(super) struct Note {
    /// As it stands in the file.
    pub(super) text: String,
    /// What a person should look at.
    pub(super) reason: String,
}

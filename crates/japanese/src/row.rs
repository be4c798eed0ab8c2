//! A mistake in a table, and where it is.

/// Something wrong in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// From 1, as a spreadsheet counts rows.
    pub line: usize,
    /// From 1, with the column's title; `None`: the whole line.
    pub column: Option<(usize, String)>,
    /// In Japanese.
    pub reason: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some((number, title)) => write!(f, "{}行{number}列（{title}）: {}", self.line, self.reason),
            None => write!(f, "{}行: {}", self.line, self.reason),
        }
    }
}

impl std::error::Error for RowError {}

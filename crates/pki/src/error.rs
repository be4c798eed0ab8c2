//! What may fail before anything is judged.

use openssl::error::ErrorStack;

/// Trust that can't be set up. Judging never fails with this: its result is a [`Decision`](crate::Decision), whose
/// [`Refusal`](crate::Refusal) says why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not a CRL.
    #[error("CRLとして読めないファイルがあります")]
    NoCrl,
    /// OpenSSL failed at something that does not depend on outside input, such as memory.
    #[error("OpenSSL: {0}")]
    OpenSsl(#[from] ErrorStack),
}

impl Error {
    /// Whether retrying with the same input may succeed.
    pub fn is_retriable(&self) -> bool {
        matches!(self, Self::OpenSsl(_))
    }
}

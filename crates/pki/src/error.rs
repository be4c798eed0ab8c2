//! What may fail before anything is judged.

use openssl::error::ErrorStack;

/// Trust that can't be put together. What is judged never fails with this: its answer is a
/// [`Decision`](crate::Decision), whose [`Refusal`](crate::Refusal) says why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes that are no CRL were given as one.
    #[error("CRLとして読めないファイルがあります")]
    NoCrl,
    /// OpenSSL failed at something that does not depend on outside input, such as memory.
    #[error("OpenSSL: {0}")]
    OpenSsl(#[from] ErrorStack),
}

impl Error {
    /// Whether the same call may succeed later with the same input.
    pub fn is_retriable(&self) -> bool {
        matches!(self, Self::OpenSsl(_))
    }
}

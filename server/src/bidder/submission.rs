//! The name that a page gives to a confirmation: sent twice, it is carried out once.

use touroku_proto::api::ApiErrorCode;

use crate::error::Error;

/// The longest, in characters: a UUID has 36.
const MAX_LENGTH: usize = 64;

/// A page's random name for one confirmation.
pub(super) struct Submission(String);

impl Submission {
    /// Letters, digits and hyphens.
    pub(super) fn parse(text: String) -> Result<Self, Error> {
        let sound = (1..=MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if sound { Ok(Self(text)) } else { Err(ApiErrorCode::BadRequest.into()) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

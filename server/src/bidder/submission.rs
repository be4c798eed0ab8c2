//! The name that a page gives to a confirmation: sent twice, it is carried out once.

use touroku_proto::api::{ApiErrorCode, Completed};

use crate::{
    error::Error,
    store::{Holder, SessionId, Writer},
};

/// The longest, in characters: a UUID has 36.
const MAX_LENGTH: usize = 64;

/// A page's random name for one confirmation.
pub(super) struct Submission(String);

impl Submission {
    /// Accepts letters, digits and hyphens.
    pub(super) fn parse(text: String) -> Result<Self, Error> {
        let sound = (1..=MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if sound { Ok(Self(text)) } else { Err(ApiErrorCode::BadRequest.into()) }
    }

    /// Stores the result of this confirmation for repetitions, and shows it to the session. Returns its row.
    pub(super) fn complete(
        &self,
        writer: &Writer<'_>,
        agency: &str,
        session: &SessionId,
        holder: Holder,
        completed: &Completed,
    ) -> Result<i64, Error> {
        let completion = writer.record_completion(agency, holder, self.as_str(), completed)?;
        writer.complete_session(session, completion)?;
        Ok(completion)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

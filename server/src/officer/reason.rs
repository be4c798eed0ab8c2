//! The reason an officer gives for rejecting, suspending or lifting.

use touroku_proto::{api::ApiErrorCode, text};

use crate::error::Error;

pub(crate) const MAX_REASON: usize = 500;

/// A reason as entered, trimmed, with lines separated by `\n`.
///
/// # Errors
/// `reason_missing`: empty, too long, or with unreadable characters.
pub(super) fn reason(typed: &str) -> Result<String, Error> {
    let reason = typed.replace("\r\n", "\n").trim().to_owned();
    let unreadable = reason.chars().any(|c| c != '\n' && text::is_forbidden(c));
    if reason.is_empty() || text::characters(&reason) > MAX_REASON || unreadable {
        return Err(ApiErrorCode::ReasonMissing.into());
    }
    Ok(reason)
}

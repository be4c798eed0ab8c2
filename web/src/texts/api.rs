//! Texts about the server's refusals.

use touroku_proto::api::ApiErrorCode;

use super::{Advice, Text, agency, helpdesk, said};

/// For a code unknown to this page.
pub const UNKNOWN: Advice =
    helpdesk(said::contractor::api::unknown::WHAT, said::contractor::api::unknown::NEXT);

/// What to do about a suspension in the middle of the work.
pub const SUSPENDED_AT_WORK: Text = said::contractor::api::SUSPENDED_AT_WORK;

/// The session that completed a signed application has ended.
pub const RECEIPT_GONE: Advice =
    agency(said::contractor::api::receipt_gone::WHAT, said::contractor::api::receipt_gone::NEXT);

pub fn advice(code: ApiErrorCode) -> Advice {
    match (said::contractor::codes::what(code), said::contractor::codes::next(code)) {
        (Some(what), Some(next)) => Advice { what, next, desk: code.desk() },
        _ => UNKNOWN,
    }
}

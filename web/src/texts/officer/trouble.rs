//! What went wrong and what to do about it, in words for officers.

use touroku_proto::{agency::DeskKind, api::ApiErrorCode};

use crate::{
    bidder::trouble::Trouble,
    texts::{self, Advice, said::officer::codes},
};

pub fn advice(trouble: &Trouble) -> Advice {
    match trouble {
        Trouble::Api(error) => own(error.code).unwrap_or_else(|| texts::advice(trouble)),
        Trouble::Card(_) | Trouble::Unreachable => texts::advice(trouble),
    }
}

/// Texts that differ between officers and contractors, and those only for officers: questions go to whoever runs
/// the system.
pub fn own(code: ApiErrorCode) -> Option<Advice> {
    Some(Advice { what: codes::what(code)?, next: codes::next(code)?, desk: DeskKind::Helpdesk })
}

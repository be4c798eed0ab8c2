//! What is said about extension, host, reader and card: `proto`'s texts, which the card window and the command line
//! say as well.

use touroku_proto::{
    agency::DeskKind,
    card::{CardError, CardErrorCode, Desk, text},
};

use super::Advice;

/// The advice for an error.
pub fn advice(error: &CardError) -> Advice {
    let sent = text::sent(error.code).filter(|_| error.pin_sent);
    Advice { what: sent.unwrap_or_else(|| text::what(error.code)), ..of(error.code) }
}

/// The advice for a code.
pub fn of(code: CardErrorCode) -> Advice {
    let desk = match code.desk() {
        Desk::HelpDesk | Desk::Nobody => DeskKind::Helpdesk,
        Desk::Authority => DeskKind::CertificationAuthority,
        Desk::Agency => DeskKind::Agency,
    };
    Advice { what: text::what(code), next: text::next(code), desk }
}

/// The advice for a code on a computer whose extension an administrator looks after: there the person can
/// install and update nothing. `None` where that makes no difference.
pub fn managed_advice(code: CardErrorCode) -> Option<Advice> {
    text::managed(code).map(|next| Advice { next, ..of(code) })
}

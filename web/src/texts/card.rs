//! Texts about extension, host, reader and card: `proto`'s, which the card window and the command line use as
//! well.

use touroku_proto::{
    agency::DeskKind,
    card::{CardError, CardErrorCode, Desk},
};

use super::{Advice, api::UNKNOWN, said::card::codes as said};

pub fn advice(error: &CardError) -> Advice {
    let advice = of(error.code);
    Advice { what: said::sent(error.code).filter(|_| error.pin_sent).unwrap_or(advice.what), ..advice }
}

pub fn of(code: CardErrorCode) -> Advice {
    let desk = match code.desk() {
        Desk::HelpDesk | Desk::Nobody => DeskKind::Helpdesk,
        Desk::Authority => DeskKind::CertificationAuthority,
        Desk::Agency => DeskKind::Agency,
    };
    let what = said::what(code).unwrap_or(UNKNOWN.what);
    Advice { what, next: said::next(code).unwrap_or(UNKNOWN.next), desk }
}

/// The advice for a code on a computer whose extension is managed by an administrator: there the person can't
/// install or update anything. `None` where that makes no difference.
pub fn managed_advice(code: CardErrorCode) -> Option<Advice> {
    said::managed(code).map(|next| Advice { next, ..of(code) })
}

//! What the screens of ICカード更新 say.

use touroku_proto::{api::ApiErrorCode, card::Purpose};

pub(crate) use super::said::contractor::renew::*;
use super::{Advice, Text, agency, authority, helpdesk};
use crate::bidder::trouble::Trouble;

/// The steps of ICカード更新.
pub const STEPS: [Text; 4] = [STEPS_1, STEPS_2, STEPS_3, STEPS_4];

/// The meaning of a refusal while the old or the new card is presented; `None`: the same as everywhere.
pub fn advice(trouble: &Trouble, purpose: Purpose) -> Option<Advice> {
    match (purpose, trouble) {
        (Purpose::RenewOld | Purpose::RenewNew, _)
            if trouble.needs_card_again() && !trouble.is_suspension() =>
        {
            Some(helpdesk(lost_advice::WHAT, lost_advice::NEXT))
        }
        (Purpose::RenewOld, _) if trouble.is_expired_card() => {
            Some(agency(old_expired_advice::WHAT, old_expired_advice::NEXT))
        }
        (Purpose::RenewNew, _) if trouble.is_expired_card() => {
            Some(authority(new_expired_advice::WHAT, new_expired_advice::NEXT))
        }
        (Purpose::RenewOld, Trouble::Api(error)) if error.code == ApiErrorCode::CardNotRegistered => {
            Some(agency(old_unknown_advice::WHAT, old_unknown_advice::NEXT))
        }
        (Purpose::RenewNew, Trouble::Api(error)) => match error.code {
            ApiErrorCode::SameCard => Some(agency(same_card_advice::WHAT, same_card_advice::NEXT)),
            ApiErrorCode::NewCardRegistered => {
                Some(agency(new_registered_advice::WHAT, new_registered_advice::NEXT))
            }
            _ => None,
        },
        _ => None,
    }
}

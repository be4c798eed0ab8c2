//! 登録状況.

use touroku_proto::officer::{company::CardState, review::ReviewState};

use super::Text;
pub(crate) use super::said::contractor::status::*;

pub fn card_state(state: CardState) -> Text {
    match state {
        CardState::Active => CARD_STATE_ACTIVE,
        CardState::Pending => CARD_STATE_PENDING,
        CardState::Rejected => CARD_STATE_REJECTED,
        CardState::Replaced => CARD_STATE_REPLACED,
        CardState::Revoked => CARD_STATE_REVOKED,
        CardState::Expired => CARD_STATE_EXPIRED,
    }
}

pub fn account_state(state: ReviewState) -> Text {
    match state {
        ReviewState::Pending | ReviewState::FirstApproved => ACCOUNT_STATE_PENDING,
        ReviewState::Approved => ACCOUNT_STATE_APPROVED,
        ReviewState::Rejected => ACCOUNT_STATE_REJECTED,
        ReviewState::Withdrawn => super::account::STATE_WITHDRAWN,
    }
}

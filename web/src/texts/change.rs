//! What the screens of 変更 say.

use touroku_proto::api::ApiErrorCode;

pub(crate) use super::said::contractor::change::*;
use super::{Advice, Text, agency};
use crate::bidder::trouble::Trouble;

/// The steps of 変更.
pub const STEPS: [Text; 4] = [STEPS_1, STEPS_2, STEPS_3, STEPS_4];

/// The meaning of a refusal at 変更; `None`: the same as everywhere.
pub fn advice(trouble: &Trouble) -> Option<Advice> {
    trouble.is(ApiErrorCode::Stale).then_some(agency(stale::WHAT, stale::NEXT))
}

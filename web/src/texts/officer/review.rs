//! 審査.

use touroku_proto::officer::review::{ApprovalBlock, ReviewKind, ReviewState};
use yew::AttrValue;

use super::Text;
pub(crate) use super::said::review::*;
use crate::bidder::clock;

pub(crate) fn kind(kind: ReviewKind) -> Text {
    match kind {
        ReviewKind::Account => KIND_ACCOUNT,
        ReviewKind::Card => KIND_CARD,
    }
}

pub(crate) fn state(state: ReviewState) -> Text {
    match state {
        ReviewState::Pending => STATE_PENDING,
        ReviewState::FirstApproved => STATE_FIRST_APPROVED,
        ReviewState::Approved => STATE_APPROVED,
        ReviewState::Rejected => STATE_REJECTED,
        ReviewState::Withdrawn => STATE_WITHDRAWN,
    }
}

pub(crate) const COLUMNS: [Text; 6] = [COLUMNS_1, COLUMNS_2, COLUMNS_3, COLUMNS_4, COLUMNS_5, COLUMNS_6];
pub(crate) const DECIDED_COLUMNS: [Text; 6] = [
    DECIDED_COLUMNS_1,
    DECIDED_COLUMNS_2,
    DECIDED_COLUMNS_3,
    DECIDED_COLUMNS_4,
    DECIDED_COLUMNS_5,
    DECIDED_COLUMNS_6,
];

pub(crate) fn differences(count: u32) -> AttrValue {
    if count == 0 { NO_DIFFERENCES.into() } else { some_differences(count).into() }
}

pub(crate) const OTHER_COLUMNS: [Text; 3] = [OTHER_COLUMNS_1, OTHER_COLUMNS_2, OTHER_COLUMNS_3];

pub(crate) const COMPARE_COLUMNS: [Text; 4] =
    [COMPARE_COLUMNS_1, COMPARE_COLUMNS_2, COMPARE_COLUMNS_3, COMPARE_COLUMNS_4];

pub(crate) fn summary(count: u32) -> AttrValue {
    if count == 0 { SUMMARY_NONE.into() } else { summary_some(count).into() }
}

pub(crate) fn blocked(block: ApprovalBlock) -> AttrValue {
    match block {
        ApprovalBlock::Made => BLOCKED_MADE.into(),
        ApprovalBlock::New(from) => blocked_new(&clock::shown(from)).into(),
    }
}

pub(crate) fn decision(officer: &str, approved: bool) -> String {
    if approved { approved_by(officer) } else { rejected_by(officer) }
}

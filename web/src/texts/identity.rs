//! Whose card, whose company: the result of a comparison, and why officers review a card.

use touroku_proto::identity::{Finding, ReviewCause};

use super::Text;
pub(crate) use super::said::contractor::identity::*;

/// The result of comparing the certificate's company with the roster's.
pub fn finding(finding: Finding) -> Text {
    match finding {
        Finding::SameNumber => FINDING_SAME_NUMBER,
        Finding::SameName => FINDING_SAME_NAME,
        Finding::SameBranch => FINDING_SAME_BRANCH,
        Finding::OtherNumber => FINDING_OTHER_NUMBER,
        Finding::OtherName => FINDING_OTHER_NAME,
        Finding::NoName => FINDING_NO_NAME,
        Finding::Romaji => FINDING_ROMAJI,
        Finding::SameNameElsewhere => FINDING_SAME_NAME_ELSEWHERE,
        Finding::BranchUnclear => FINDING_BRANCH_UNCLEAR,
    }
}

/// Why officers review a card.
pub fn cause(cause: ReviewCause) -> Text {
    match cause {
        ReviewCause::Category => CAUSE_CATEGORY,
        ReviewCause::SecondCard => CAUSE_SECOND_CARD,
        ReviewCause::CompanyDiffers => CAUSE_COMPANY_DIFFERS,
        ReviewCause::CompanyUnclear => CAUSE_COMPANY_UNCLEAR,
        ReviewCause::HolderDiffers => CAUSE_HOLDER_DIFFERS,
        ReviewCause::CompanyRenamed => CAUSE_COMPANY_RENAMED,
    }
}

//! 審査: applications waiting for an officer.

use serde::{Deserialize, Serialize};

use super::company::Suspension;
use crate::identity::{CompanyMatch, ReviewCause};

named! {
    /// What is applied for.
    pub enum ReviewKind {
        /// ID登録申請 (簡易認証).
        Account = "account",
        /// 利用者登録 or ICカード更新 of a card that officers have to review.
        Card = "card",
    }
}

named! {
    /// Which applications are listed.
    #[derive(Default)]
    pub enum Queue {
        /// Those that wait.
        #[default]
        Pending = "pending",
        /// Those that were decided.
        Decided = "decided",
    }
}

named! {
    /// Whether applications with differences from roster or certificate are listed, or those without.
    pub enum Differences {
        /// At least one.
        Some = "some",
        /// None.
        None = "none",
    }
}

/// A page of the queue, or of what was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApplicationPage {
    /// A page of up to 50.
    pub applications: Vec<ApplicationItem>,
    /// `after` of the next page, if there is one.
    pub next: Option<String>,
    /// How many wait.
    pub pending: u64,
}

/// An application in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApplicationItem {
    /// What for.
    pub kind: ReviewKind,
    /// Row.
    pub id: i64,
    /// 受付番号.
    pub receipt: String,
    /// 業者番号.
    pub number: String,
    /// 商号又は名称 in the roster.
    pub name: String,
    /// 区分.
    pub category: String,
    /// When, Unix milliseconds.
    pub applied_unix_ms: i64,
    /// How far.
    pub state: ReviewState,
    /// Who approved first, where two must; empty if nobody has.
    #[serde(default)]
    pub first_approver: String,
    /// How many rows differ from the roster or the certificate.
    pub differences: u32,
    /// How many other applications of the company are waiting.
    #[serde(default)]
    pub others: u32,
}

/// Another pending application of the same company, or an ID that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OtherApplication {
    /// What for.
    pub kind: ReviewKind,
    /// Row.
    pub id: i64,
    /// 受付番号.
    pub receipt: String,
    /// How far.
    pub state: ReviewState,
    /// When, Unix milliseconds.
    pub applied_unix_ms: i64,
    /// What was entered differently from the application at hand, if both are of the same kind.
    pub differences: Vec<OtherDifference>,
}

/// A row in which two applications differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OtherDifference {
    /// Label.
    pub label: String,
    /// In the application at hand.
    pub here: String,
    /// In the other one.
    pub there: String,
}

/// How far a review is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Waits.
    Pending,
    /// One of two has approved.
    FirstApproved,
    /// 承認.
    Approved,
    /// 却下.
    Rejected,
    /// 取下げ by the applicant.
    Withdrawn,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApplicationDetail {
    /// As in the queue.
    pub item: ApplicationItem,
    /// Identifies everything shown here: a decision repeats it, so that nothing that has changed meanwhile is
    /// approved by accident.
    pub revision: String,
    /// The rows side by side.
    pub rows: Vec<ReviewRow>,
    /// How many officers must approve, 1 or 2.
    pub approvals: u8,
    /// 却下: texts to choose from, from the profile.
    pub reject_reasons: Vec<String>,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
    /// Why it is here; empty for an ID登録申請.
    #[serde(default)]
    pub causes: Vec<ReviewCause>,
    /// How the certificate's company compares with the roster's; `None` without a card.
    #[serde(default)]
    pub company_match: Option<CompanyMatch>,
    /// ICカード更新: serial number of the certificate that this one would replace; empty otherwise.
    #[serde(default)]
    pub replaces: String,
    /// Who stopped it, or the card that it would replace: it can't be approved until that is lifted in 照会.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// Who decided and when.
    pub decisions: Vec<ReviewDecision>,
    /// What officers wrote down about it, latest last. Applicants never see it.
    #[serde(default)]
    pub notes: Vec<ReviewNote>,
    /// The company's other pending applications, and its IDs. Each is decided separately.
    #[serde(default)]
    pub others: Vec<OtherApplication>,
    /// Another application with the same ユーザーID was approved before: this one can only be rejected.
    #[serde(default)]
    pub login_id_taken: bool,
    /// Whether the officer making the request approved first and so can't be the second.
    pub approved_by_you: bool,
    /// Why this officer's approval would not count, where two must approve.
    #[serde(default)]
    pub blocked: Option<ApprovalBlock>,
}

/// Why an officer's approval does not count as one of two: somebody who creates accounts could be both of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApprovalBlock {
    /// One of the two created the other's account, or sent it a new link.
    Made,
    /// The officer's own account was created, or sent a new link, recently. It counts from this time on, Unix
    /// milliseconds.
    New(i64),
}

/// A row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReviewRow {
    /// Heading of its block.
    pub section: String,
    /// Label.
    pub label: String,
    /// As applied for; `None`: not part of the application.
    pub applied: Option<String>,
    /// In the roster.
    pub roster: Option<String>,
    /// In the card's certificate.
    pub certificate: Option<String>,
    /// Whether they differ, ignoring width and the spelling of corporate forms.
    pub differs: bool,
}

/// A decision that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReviewDecision {
    /// Who.
    pub officer: String,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Whether it was an approval.
    pub approved: bool,
}

/// What an officer wrote down about an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReviewNote {
    /// Who.
    pub officer: String,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// 1 to 500 characters.
    pub text: String,
}

/// A 覚え書き.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// 1 to 500 characters.
    pub text: String,
}

/// 承認 or 却下.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// The [`ApplicationDetail::revision`] that was reviewed.
    pub revision: String,
    /// `true`: 承認; `false`: 却下.
    pub approve: bool,
    /// 却下: the reason shown to the applicant, 1 to 500 characters.
    #[serde(default)]
    pub reason: String,
}

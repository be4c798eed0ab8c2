//! 審査: applications that wait for an officer.

use serde::{Deserialize, Serialize};

use crate::identity::{CompanyMatch, ReviewCause};

/// What is applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// ID登録申請 (簡易認証).
    Account,
    /// 利用者登録 or ICカード更新 of a card that officers have to look at.
    Card,
}

/// `GET /api/officer/applications?state=pending|decided&after=…`: the oldest first (`decided`: the latest first).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationPage {
    /// A page of 50.
    pub applications: Vec<ApplicationItem>,
    /// `after` of the next page, if there is one.
    pub next: Option<String>,
    /// How many wait.
    pub pending: u64,
}

/// An application in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Who approved first, where two must; empty for nobody.
    #[serde(default)]
    pub first_approver: String,
    /// How many rows differ from the roster or the certificate.
    pub differences: u32,
    /// How many other applications of the company wait.
    #[serde(default)]
    pub others: u32,
}

/// Another application of the same company that waits, or an ID that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What was entered otherwise than in the one at hand, if both are for the same.
    pub differences: Vec<OtherDifference>,
}

/// A row in which two applications differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherDifference {
    /// Label.
    pub label: String,
    /// In the one at hand.
    pub here: String,
    /// In the other one.
    pub there: String,
}

/// How far a review is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// `GET /api/officer/applications/{account|card}/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationDetail {
    /// As in the queue.
    pub item: ApplicationItem,
    /// Names all that is shown here: a decision names it again, so that nothing that changed meanwhile is approved by
    /// accident.
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
    /// The certificate's company beside the roster's; `None` without a card.
    #[serde(default)]
    pub company_match: Option<CompanyMatch>,
    /// ICカード更新: serial number of the certificate of the card that this one would replace; empty for another card.
    #[serde(default)]
    pub replaces: String,
    /// Who decided and when.
    pub decisions: Vec<ReviewDecision>,
    /// The company's other applications that wait, and its IDs. Each is decided by itself.
    #[serde(default)]
    pub others: Vec<OtherApplication>,
    /// Another application with the same ユーザーID was approved before: this one can only be rejected.
    #[serde(default)]
    pub login_id_taken: bool,
    /// Whether the officer who asks approved first and so can't be the second.
    pub approved_by_you: bool,
    /// Why the approval of the officer who asks would not count, where two must approve.
    #[serde(default)]
    pub blocked: Option<ApprovalBlock>,
}

/// Why an officer's approval does not count as one of two: who makes accounts could be both of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalBlock {
    /// One of the two made the other's account, or gave it a new link.
    Made,
    /// The own account was made, or given a new link, a short while ago. It counts from this time on, Unix milliseconds.
    New(i64),
}

/// A row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// Heading of the block it belongs to.
    pub section: String,
    /// Label.
    pub label: String,
    /// As applied for; `None`: not part of it.
    pub applied: Option<String>,
    /// In the roster.
    pub roster: Option<String>,
    /// In the card's certificate.
    pub certificate: Option<String>,
    /// Whether they differ, width and spelling of company forms forgiven.
    pub differs: bool,
}

/// A decision that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDecision {
    /// Who.
    pub officer: String,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Whether it was an approval.
    pub approved: bool,
}

/// `POST /api/officer/applications/{account|card}/{id}/decision` (審査): answers [`ApplicationDetail`]. Refused with
/// `stale` (it changed or was decided meanwhile), `same_officer` (the second approver is the first), `approver_dependent` ([`ApprovalBlock`]),
/// `fields_invalid` never: a missing reason is `reason_missing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// [`ApplicationDetail::revision`] of what was looked at.
    pub revision: String,
    /// 承認, otherwise 却下.
    pub approve: bool,
    /// 却下: why, which the applicant reads; 1 to 500 characters.
    #[serde(default)]
    pub reason: String,
}

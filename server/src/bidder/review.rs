//! 審査: what an officer decides about an ID登録申請 or a card's 利用者登録.

use touroku_proto::{
    account::ApplicationState,
    officer::{audit::AuditAction, review::ReviewKind},
};

use crate::{
    error::Error,
    store::{Deed, Subject, Writer},
};

/// What an officer decides.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// 承認.
    Approve,
    /// 却下, for this reason, which the applicant reads.
    Reject(&'a str),
}

/// Who decides.
#[derive(Clone, Copy, Debug)]
pub struct Reviewer<'a> {
    /// ログインID.
    pub login_id: &'a str,
    /// From which address; empty for the command line.
    pub address: &'a str,
}

impl Reviewer<'_> {
    /// Whoever decides on the command line: one approver, however many people use it.
    pub const COMMAND: Reviewer<'static> = Reviewer { login_id: "command", address: "" };
}

/// What the decision came to.
#[derive(Debug)]
pub enum Reviewed {
    /// Decided; the addresses that are told.
    Decided(Vec<String>),
    /// The first of two approvals; another officer has to approve, too.
    FirstApproved,
    /// Whoever approved first can't be the second.
    SameOfficer,
    /// The company has no application of that row.
    Unknown,
    /// It was decided before.
    Before(ApplicationState),
}

/// What comes of a decision before anything is done.
pub(super) enum Step {
    /// It is carried out.
    CarryOut,
    /// It is not, or not yet.
    Stop(Reviewed),
}

/// Notes a decision about an application that waits, in the audit chain, too.
pub(super) fn note(
    writer: &Writer<'_>,
    agency: &str,
    (subject, number): (Subject, &str),
    approvals: u8,
    (decision, reviewer): (Decision<'_>, Reviewer<'_>),
    now: i64,
) -> Result<Step, Error> {
    let approve = matches!(decision, Decision::Approve);
    let mut action = AuditAction::ApplicationRejected;
    if approve {
        let before = writer.review_decisions(subject)?;
        let is_same = |officer: &str| officer.eq_ignore_ascii_case(reviewer.login_id);
        if approvals > 1 && before.iter().any(|decision| decision.approved && is_same(&decision.officer)) {
            return Ok(Step::Stop(Reviewed::SameOfficer));
        }
        let enough = before.iter().filter(|decision| decision.approved).count() + 1 >= usize::from(approvals);
        action =
            if enough { AuditAction::ApplicationApproved } else { AuditAction::ApplicationFirstApproved };
    }
    writer.record_decision_of(agency, subject, reviewer.login_id, approve, now)?;
    let kind = match subject.kind {
        ReviewKind::Account => "account",
        ReviewKind::Card => "card",
    };
    let detail = format!("{kind} {}", subject.id);
    let Reviewer { login_id: actor, address } = reviewer;
    writer.record_deed(agency, &Deed { actor, address, action, subject: number, detail: &detail }, now)?;
    Ok(match action {
        AuditAction::ApplicationFirstApproved => Step::Stop(Reviewed::FirstApproved),
        _ => Step::CarryOut,
    })
}

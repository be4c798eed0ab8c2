//! 審査: an officer's decision about an ID登録申請 or a card's 利用者登録.

use touroku_proto::{
    account::ApplicationState,
    officer::{
        audit::{AuditAction, Detail},
        review::{ApprovalBlock, ReviewDecision},
    },
};

use crate::{
    error::Error,
    store::{Deed, Reader, Subject, Writer},
};

/// What an officer decides.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// 承認.
    Approve,
    /// 却下, with the reason shown to the applicant.
    Reject(&'a str),
}

#[derive(Clone, Copy, Debug)]
pub struct Reviewer<'a> {
    /// ログインID.
    pub login_id: &'a str,
    /// The client's address; empty for the command line.
    pub address: &'a str,
}

impl Reviewer<'_> {
    /// Whoever decides on the command line: one approver, however many people use it.
    pub const COMMAND: Reviewer<'static> = Reviewer { login_id: "command", address: "" };
}

/// The result of the decision.
#[derive(Debug)]
pub enum Reviewed {
    /// Decided; the addresses that are notified.
    Decided(Vec<String>),
    /// The first of two approvals; another officer has to approve as well.
    FirstApproved,
    /// The first approver can't be the second.
    SameOfficer,
    /// The approval does not count beside the first one.
    Dependent(ApprovalBlock),
    /// Another application has taken the ユーザーID since: it can only be rejected.
    LoginIdTaken,
    /// The company has no application with that row id.
    Unknown,
    /// It had already been decided.
    Before(ApplicationState),
}

/// What to do with a decision, before anything is done.
pub(super) enum Step {
    /// Carry it out.
    CarryOut,
    /// Don't, or not yet.
    Stop(Reviewed),
}

pub(crate) fn approvers(decisions: &[ReviewDecision]) -> Vec<&str> {
    decisions.iter().filter(|decision| decision.approved).map(|decision| decision.officer.as_str()).collect()
}

/// How long an account that an officer created, or sent a new link, does not count as one of two approvers: long
/// enough for the others to notice. Milliseconds.
const NEW_FOR: i64 = 10 * 86_400_000;

/// Why that officer's approval would not count as one of two beside those of these others.
pub(crate) fn blocked(
    reader: &Reader<'_>,
    agency: &str,
    login_id: &str,
    others: &[&str],
    now: i64,
) -> Result<Option<ApprovalBlock>, Error> {
    let made_by = reader.makers_of(agency, login_id)?;
    let is_among =
        |makers: &[String], login_id: &str| makers.iter().any(|maker| maker.eq_ignore_ascii_case(login_id));
    for other in others.iter().filter(|other| !other.eq_ignore_ascii_case(login_id)) {
        if is_among(&made_by, other) || is_among(&reader.makers_of(agency, other)?, login_id) {
            return Ok(Some(ApprovalBlock::Made));
        }
    }
    let counts_from = reader.made_at(agency, login_id)?.map(|at| at + NEW_FOR);
    Ok(counts_from.filter(|&at| at > now).map(ApprovalBlock::New))
}

/// Records a decision about a pending application, in the audit chain as well.
pub(super) fn note(
    writer: &Writer<'_>,
    agency: &str,
    (subject, number, receipt): (Subject, &str, &str),
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
        if approvals > 1
            && let Some(block) = blocked(writer, agency, reviewer.login_id, &approvers(&before), now)?
        {
            return Ok(Step::Stop(Reviewed::Dependent(block)));
        }
        let enough = before.iter().filter(|decision| decision.approved).count() + 1 >= usize::from(approvals);
        action =
            if enough { AuditAction::ApplicationApproved } else { AuditAction::ApplicationFirstApproved };
    }
    writer.record_decision_of(agency, subject, reviewer.login_id, approve, now)?;
    let detail = Detail::Filed(subject.kind, receipt.to_owned());
    let Reviewer { login_id: actor, address } = reviewer;
    writer.record_deed(agency, &Deed { actor, address, action, subject: number, detail: &detail }, now)?;
    Ok(match action {
        AuditAction::ApplicationFirstApproved => Step::Stop(Reviewed::FirstApproved),
        _ => Step::CarryOut,
    })
}

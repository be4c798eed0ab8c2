//! 審査: what officers' decisions about applications carry out, on the console and on the command line.

mod account;
mod card;
mod independence;

use touroku_proto::{
    account::ApplicationState,
    officer::{
        audit::{AuditAction, Detail},
        company::Suspension,
        review::{ApprovalBlock, ReviewDecision, ReviewKind},
    },
};

pub(crate) use self::{
    account::{LINK_LIFE, approve as approve_account},
    independence::{NEW_FOR, Relation, blocked, relation},
};
pub use self::{
    account::{applications, decide as decide_account},
    card::decide as decide_card,
};
use crate::{
    error::Error,
    mail::Desk,
    store::{Actor, Reader, Subject},
};

/// What an officer decides.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// 承認.
    Approve,
    /// 却下, with the reason shown to the applicant.
    Reject(&'a str),
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
    /// Its company, or an officer, has stopped it: until that is lifted it can only be rejected.
    Suspended,
    /// The company has no application with that row id.
    Unknown,
    /// It had already been decided.
    Before(ApplicationState),
}

/// What to do with a decision, before anything is done.
enum Step {
    /// Carry it out.
    CarryOut,
    /// Don't, or not yet.
    Stop(Reviewed),
}

pub(crate) fn approvers(decisions: &[ReviewDecision]) -> Vec<&str> {
    decisions.iter().filter(|decision| decision.approved).map(|decision| decision.officer.as_str()).collect()
}

/// What stops an application: its ID or card is suspended, or the card that it would replace.
pub(crate) fn suspension_of(reader: &Reader<'_>, subject: Subject) -> Result<Option<Suspension>, Error> {
    if subject.kind == ReviewKind::Account {
        return reader.suspension_of_application_for_id(subject.id);
    }
    match reader.application_suspension(subject.id)? {
        None => reader.suspension_of_replaced(subject.id),
        found => Ok(found),
    }
}

/// A pending application whose decision is made.
struct Case<'a> {
    subject: Subject,
    number: &'a str,
    /// 受付番号.
    receipt: &'a str,
    /// How many approvals it takes.
    approvals: u8,
    /// When it was applied for, Unix milliseconds.
    applied_at: i64,
}

impl Case<'_> {
    /// Records a decision, in the audit chain as well.
    fn note(&self, desk: &Desk<'_>, decision: Decision<'_>, reviewer: Actor<'_>) -> Result<Step, Error> {
        let &Desk { writer, now, .. } = desk;
        let (agency, is_approved) = (desk.agency(), matches!(decision, Decision::Approve));
        let mut action = AuditAction::ApplicationRejected;
        if is_approved {
            if suspension_of(writer, self.subject)?.is_some() {
                return Ok(Step::Stop(Reviewed::Suspended));
            }
            let before = writer.review_decisions(self.subject)?;
            let before = approvers(&before);
            if self.approvals > 1 {
                if before.iter().any(|officer| officer.eq_ignore_ascii_case(reviewer.login_id())) {
                    return Ok(Step::Stop(Reviewed::SameOfficer));
                }
                if let Some(block) =
                    blocked(writer, agency, reviewer.login_id(), &before, (self.applied_at, now))?
                {
                    return Ok(Step::Stop(Reviewed::Dependent(block)));
                }
            }
            action = match before.len() + 1 >= usize::from(self.approvals) {
                true => AuditAction::ApplicationApproved,
                false => AuditAction::ApplicationFirstApproved,
            };
        }
        writer.record_decision_of(agency, self.subject, reviewer.login_id(), is_approved, now)?;
        let detail = Detail::Filed(self.subject.kind, self.receipt.to_owned());
        writer.record_deed(reviewer, action, self.number, &detail, now)?;
        Ok(match action {
            AuditAction::ApplicationFirstApproved => Step::Stop(Reviewed::FirstApproved),
            _ => Step::CarryOut,
        })
    }
}

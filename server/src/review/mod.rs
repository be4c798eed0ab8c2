//! 審査: what officers' decisions about applications carry out, on the console and on the command line.

mod account;
mod card;

use touroku_proto::{
    account::ApplicationState,
    officer::{
        audit::{AuditAction, Detail},
        review::{ApprovalBlock, ReviewDecision},
    },
};

pub(crate) use self::account::approve as approve_account;
pub use self::{
    account::{applications, decide as decide_account},
    card::decide as decide_card,
};
use crate::{
    error::Error,
    mail::Desk,
    store::{Actor, COMMAND, Reader, Subject},
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

/// How long an account that an officer created, or sent a new link, does not count as one of two approvers: long
/// enough for the others to notice. Milliseconds.
const NEW_FOR: i64 = 10 * 86_400_000;

/// Why that officer's approval would not count as one of two beside those of these others. Two whom the same officer
/// made count only where the agency has no administrator who could decide instead and has nothing to do with them: most
/// agencies have all accounts from one.
pub(crate) fn blocked(
    reader: &Reader<'_>,
    agency: &str,
    login_id: &str,
    others: &[&str],
    now: i64,
) -> Result<Option<ApprovalBlock>, Error> {
    for other in others.iter().filter(|other| !other.eq_ignore_ascii_case(login_id)) {
        let is_made = match relation(reader, agency, login_id, other)? {
            None => false,
            Some(Relation::Made) => true,
            Some(Relation::Siblings) => has_uninvolved(reader, agency, [login_id, other], now)?,
        };
        if is_made {
            return Ok(Some(ApprovalBlock::Made));
        }
    }
    let counts_from = reader.made_at(agency, login_id)?.map(|at| at + NEW_FOR);
    Ok(counts_from.filter(|&at| at > now).map(ApprovalBlock::New))
}

/// What two accounts have to do with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// One created the other or sent it a new link, directly or through accounts of their own.
    Made,
    /// Some other officer did so to both.
    Siblings,
}

pub(crate) fn relation(
    reader: &Reader<'_>,
    agency: &str,
    one: &str,
    other: &str,
) -> Result<Option<Relation>, Error> {
    let (makers, others) = (reader.makers_of(agency, one)?, reader.makers_of(agency, other)?);
    let is_among =
        |makers: &[String], login_id: &str| makers.iter().any(|maker| maker.eq_ignore_ascii_case(login_id));
    if is_among(&makers, other) || is_among(&others, one) {
        return Ok(Some(Relation::Made));
    }
    let have_the_same = makers.iter().any(|maker| maker != COMMAND && is_among(&others, maker));
    Ok(have_the_same.then_some(Relation::Siblings))
}

/// Whether an administrator whose approval counts has nothing to do with these officers.
fn has_uninvolved(reader: &Reader<'_>, agency: &str, officers: [&str; 2], now: i64) -> Result<bool, Error> {
    'managers: for manager in reader.managers(agency, now)? {
        for officer in officers {
            if manager.eq_ignore_ascii_case(officer) || relation(reader, agency, &manager, officer)?.is_some()
            {
                continue 'managers;
            }
        }
        if reader.made_at(agency, &manager)?.is_none_or(|at| at + NEW_FOR <= now) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A pending application whose decision is made.
struct Case<'a> {
    subject: Subject,
    number: &'a str,
    /// 受付番号.
    receipt: &'a str,
    /// How many approvals it takes.
    approvals: u8,
}

impl Case<'_> {
    /// Records a decision, in the audit chain as well.
    fn note(&self, desk: &Desk<'_>, decision: Decision<'_>, reviewer: Actor<'_>) -> Result<Step, Error> {
        let &Desk { writer, now, .. } = desk;
        let (agency, is_approved) = (desk.agency(), matches!(decision, Decision::Approve));
        let mut action = AuditAction::ApplicationRejected;
        if is_approved {
            let before = writer.review_decisions(self.subject)?;
            let before = approvers(&before);
            if self.approvals > 1 {
                if before.iter().any(|officer| officer.eq_ignore_ascii_case(reviewer.login_id())) {
                    return Ok(Step::Stop(Reviewed::SameOfficer));
                }
                if let Some(block) = blocked(writer, agency, reviewer.login_id(), &before, now)? {
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

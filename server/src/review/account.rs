//! 審査 of an ID登録申請.

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    account::ApplicationState, agency::Category, field::Values, officer::review::ReviewKind,
};

use super::{Case, Decision, Reviewed, Step};
use crate::{
    error::Error,
    mail::{Desk, Letter},
    registry::{
        account::{account_values, is_login_id_taken},
        told::{By, Known, Told, by_account, japanese_moment},
    },
    store::{Account, Act, Actor, EventKind, Holder, Reader, RosterRow, Subject},
};

/// How long the link in the mail of a rejection proves ownership of the application, in milliseconds: 30 days.
pub(crate) const LINK_LIFE: i64 = 30 * 86_400_000;

/// All applications of an agency with their companies, oldest first.
pub fn applications(reader: &Reader<'_>, agency: &str) -> Result<Vec<(Account, RosterRow)>, Error> {
    let accounts = reader.applications(agency)?.into_iter();
    accounts
        .map(|account| {
            let row = reader.roster_row(agency, &account.number)?;
            Ok((account, row.ok_or(Error::Defect("an application's company is not in the roster"))?))
        })
        .collect()
}

/// Decides the application `id` of the company `number`: both must match, so that a mistyped number, or an
/// application made after the one reviewed, is not decided by mistake.
pub fn decide(
    desk: &Desk<'_>,
    number: &str,
    id: i64,
    decision: Decision<'_>,
    reviewer: Actor<'_>,
) -> Result<Reviewed, Error> {
    let (writer, agency) = (desk.writer, desk.agency());
    let found = writer.account(agency, id)?.filter(|account| account.number == number);
    let Some(account) = found else { return Ok(Reviewed::Unknown) };
    if account.state != ApplicationState::Pending {
        return Ok(Reviewed::Before(account.state));
    }
    let category = desk.profile.category(&account.category);
    let Some(category) = category else { return Ok(Reviewed::Unknown) };
    if matches!(decision, Decision::Approve)
        && is_login_id_taken(writer, agency, &account.login_id, Some(id))?
    {
        return Ok(Reviewed::LoginIdTaken);
    }
    let subject = Subject { kind: ReviewKind::Account, id };
    let (approvals, applied_at) = (category.approvals, account.applied_at);
    let case = Case { subject, number, receipt: &account.receipt, approvals, applied_at };
    if let Step::Stop(reviewed) = case.note(desk, decision, reviewer)? {
        return Ok(reviewed);
    }
    let told = match decision {
        Decision::Approve => approve(desk, category, &account, reviewer.login_id())?,
        Decision::Reject(reason) => reject(desk, category, &account, reason, reviewer.login_id())?,
    };
    Ok(Reviewed::Decided(told))
}

/// The application becomes an ID. `officer`: who approved, empty where nobody reviews.
pub(crate) fn approve(
    desk: &Desk<'_>,
    category: &Category,
    account: &Account,
    officer: &str,
) -> Result<Vec<String>, Error> {
    let told = Told::IdApproved;
    let others = Known::of(desk.writer, desk.agency(), &account.number)?;
    let act = Act { officer, ..Act::of(told.kind()) };
    settle(desk, account, ApplicationState::Approved, &act)?;
    let values = account_values(desk.writer, desk.agency(), category, account)?;
    let (placeholders, to) = ([("receipt", account.receipt.as_str())], [&values]);
    let known = roster_of(desk, account)?;
    let letter = Letter::new(&desk.profile.mail.approved, &known).with(&placeholders).to(&to);
    if !category.review {
        // Told as an application already.
        return Ok(letter.by_stranger().queue(desk)?.to);
    }
    let mailed = letter.queue(desk)?;
    // Of the application it may not have heard: others can use up what it is told of those.
    let by = format!("{}（調達機関の担当者が承認）", by_account(account));
    desk.tell(told, &others.but(&mailed.left), &account.number, By::Words(&by))?;
    Ok(mailed.to)
}

fn reject(
    desk: &Desk<'_>,
    category: &Category,
    account: &Account,
    reason: &str,
    officer: &str,
) -> Result<Vec<String>, Error> {
    let act = Act { officer, reason, ..Act::of(EventKind::IdRejected) };
    settle(desk, account, ApplicationState::Rejected, &act)?;
    let values = account_values(desk.writer, desk.agency(), category, account)?;
    let (link, until) = make_link(desk, account.id)?;
    let receipt = account.receipt.as_str();
    let others = [("reason", reason), ("receipt", receipt), ("link", &link), ("until", &until)];
    let (known, to) = (roster_of(desk, account)?, [&values]);
    Letter::new(&desk.profile.mail.rejected, &known)
        .with(&others)
        .to(&to)
        .sealed()
        .queue(desk)
        .map(|mailed| mailed.to)
}

fn settle(desk: &Desk<'_>, account: &Account, state: ApplicationState, act: &Act<'_>) -> Result<(), Error> {
    let Account { id, number, .. } = account;
    desk.writer.decide(*id, state, act.reason, desk.now)?;
    if state == ApplicationState::Approved {
        // Whoever looked at the company before did not find it registered.
        desk.writer.want(desk.agency(), number)?;
    }
    desk.writer.record_act(desk.agency(), number, Some(Holder::Account(*id)), act, desk.now)
}

/// What a mail about an application may contain: about the company what the roster says, and nothing that was
/// entered.
fn roster_of(desk: &Desk<'_>, account: &Account) -> Result<Values, Error> {
    let row = desk.writer.roster_row(desk.agency(), &account.number)?;
    Ok(row.ok_or(Error::Defect("an application's company has gone"))?.named())
}

/// Makes a link that proves ownership of an application: its URL, and when it expires.
fn make_link(desk: &Desk<'_>, account: i64) -> Result<(String, String), Error> {
    let token: [u8; 32] = desk.post.outside.random();
    let until = desk.now + LINK_LIFE;
    desk.writer.issue_application_link(account, &Sha256::digest(token).into(), until)?;
    let link = format!("{}/result#{}", desk.post.origin.as_str(), hex::encode(token));
    Ok((link, japanese_moment(until)))
}

//! 審査 of an ID登録申請.

use touroku_proto::{
    account::ApplicationState,
    agency::{AgencyProfile, Category},
    field::Values,
    officer::review::ReviewKind,
};

use super::{
    proof::make_link,
    values::{account_values, is_login_id_taken},
};
use crate::{
    bidder::{
        review::{Decision, Reviewed, Reviewer, Step, note},
        signature::japanese_moment,
    },
    error::Error,
    mail::{Letter, Post},
    store::{Account, Act, Holder, Reader, RosterRow, Subject, Writer},
};

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

/// Decides on the command line, see [`decide_as`].
pub fn decide(
    writer: &Writer<'_>,
    post: &Post<'_>,
    profile: &AgencyProfile,
    which: (&str, i64),
    decision: Decision<'_>,
) -> Result<Reviewed, Error> {
    decide_as(writer, post, profile, which, (decision, Reviewer::COMMAND))
}

/// Decides the application `id` of the company `number`: both must match, so that a mistyped number, or an
/// application made after the one reviewed, is not decided by mistake.
pub fn decide_as(
    writer: &Writer<'_>,
    post: &Post<'_>,
    profile: &AgencyProfile,
    (number, id): (&str, i64),
    (decision, reviewer): (Decision<'_>, Reviewer<'_>),
) -> Result<Reviewed, Error> {
    let agency = profile.code.as_str();
    let found = writer.account(agency, id)?.filter(|account| account.number == number);
    let Some(account) = found else { return Ok(Reviewed::Unknown) };
    if account.state != ApplicationState::Pending {
        return Ok(Reviewed::Before(account.state));
    }
    let category = profile.category(&account.category);
    let Some(category) = category else { return Ok(Reviewed::Unknown) };
    let now = post.outside.now();
    if matches!(decision, Decision::Approve)
        && is_login_id_taken(writer, agency, &account.login_id, Some(id))?
    {
        return Ok(Reviewed::LoginIdTaken);
    }
    let subject = Subject { kind: ReviewKind::Account, id };
    let made = (decision, reviewer);
    if let Step::Stop(reviewed) =
        note(writer, agency, (subject, number, &account.receipt), category.approvals, made, now)?
    {
        return Ok(reviewed);
    }
    let officer = reviewer.login_id;
    let told = match decision {
        Decision::Approve => approve(writer, post, profile, category, &account, officer, now)?,
        Decision::Reject(reason) => {
            writer.decide(id, ApplicationState::Rejected, reason, now)?;
            let act = Act { kind: "id_rejected", officer, reason, ..Act::default() };
            writer.record_act(agency, number, Some(Holder::Account(id)), &act, now)?;
            let values = account_values(writer, agency, category, &account)?;
            let known = roster_of(writer, agency, number)?;
            let (link, until) = make_link(writer, post, id, now)?;
            let until = japanese_moment(until);
            let receipt = account.receipt.as_str();
            let others = [("reason", reason), ("receipt", receipt), ("link", &link), ("until", &until)];
            let to = [&values];
            let letter = Letter::new(&profile.mail.rejected, &known).with(&others).to(&to).sealed();
            letter.queue(writer, post, profile, now)?
        }
    };
    Ok(Reviewed::Decided(told))
}

/// The application becomes an ID. `officer`: who approved, empty where nobody reviews.
pub(super) fn approve(
    writer: &Writer<'_>,
    post: &Post<'_>,
    profile: &AgencyProfile,
    category: &Category,
    account: &Account,
    officer: &str,
    now: i64,
) -> Result<Vec<String>, Error> {
    let agency = profile.code.as_str();
    writer.decide(account.id, ApplicationState::Approved, "", now)?;
    let act = Act { kind: "id_approved", officer, ..Act::default() };
    writer.record_act(agency, &account.number, Some(Holder::Account(account.id)), &act, now)?;
    let values = account_values(writer, agency, category, account)?;
    let known = roster_of(writer, agency, &account.number)?;
    let (others, to) = ([("receipt", account.receipt.as_str())], [&values]);
    Letter::new(&profile.mail.approved, &known).with(&others).to(&to).queue(writer, post, profile, now)
}

/// What a mail about an application may contain: about the company what the roster says, and nothing that was
/// entered.
fn roster_of(reader: &Reader<'_>, agency: &str, number: &str) -> Result<Values, Error> {
    let row = reader.roster_row(agency, number)?.ok_or(Error::Defect("an application's company has gone"))?;
    Ok(row.named())
}

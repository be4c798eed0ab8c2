//! 審査: an officer approves or rejects an ID登録申請.

use touroku_proto::{
    account::ApplicationState,
    agency::{AgencyProfile, Category},
};

use super::values::account_values;
use crate::{
    error::Error,
    mail::Letter,
    outside::Outside,
    store::{Account, Holder, Reader, RosterRow, Writer},
};

/// What an officer decides.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// 承認.
    Approve,
    /// 却下, for this reason, which the applicant reads.
    Reject(&'a str),
}

/// What the decision came to.
#[derive(Debug)]
pub enum Reviewed {
    /// Decided; the addresses that are told.
    Decided(Vec<String>),
    /// The company has no application of that row.
    Unknown,
    /// It was decided before.
    Before(ApplicationState),
}

/// All applications of an agency with their companies, the oldest first.
pub fn applications(reader: &Reader<'_>, agency: &str) -> Result<Vec<(Account, RosterRow)>, Error> {
    let accounts = reader.applications(agency)?.into_iter();
    accounts
        .map(|account| {
            let row = reader.roster_row(agency, &account.number)?;
            Ok((account, row.ok_or(Error::Defect("an application's company is not in the roster"))?))
        })
        .collect()
}

/// Decides the application `id` of the company `number`: both must fit, so that a number that was mistyped, or an
/// application that came after the one that was looked at, is not decided by mistake.
pub fn decide(
    writer: &Writer<'_>,
    outside: &Outside,
    profile: &AgencyProfile,
    (number, id): (&str, i64),
    decision: Decision<'_>,
) -> Result<Reviewed, Error> {
    let found = writer.account(&profile.code, id)?.filter(|account| account.number == number);
    let Some(account) = found else { return Ok(Reviewed::Unknown) };
    if account.state != ApplicationState::Pending {
        return Ok(Reviewed::Before(account.state));
    }
    let category = profile.category(&account.category);
    let Some(category) = category else { return Ok(Reviewed::Unknown) };
    let now = outside.now();
    let told = match decision {
        Decision::Approve => approve(writer, outside, profile, category, &account, now)?,
        Decision::Reject(reason) => {
            writer.decide(id, ApplicationState::Rejected, reason, now)?;
            writer.record_event(&profile.code, number, Holder::Account(id), "id_rejected", now)?;
            let values = account_values(writer, &profile.code, category, &account)?;
            let others = [("reason", reason)];
            Letter::new(&profile.mail.rejected, &values).with(&others).queue(writer, outside, profile, now)?
        }
    };
    Ok(Reviewed::Decided(told))
}

/// The application becomes an ID.
pub(super) fn approve(
    writer: &Writer<'_>,
    outside: &Outside,
    profile: &AgencyProfile,
    category: &Category,
    account: &Account,
    now: i64,
) -> Result<Vec<String>, Error> {
    let agency = profile.code.as_str();
    writer.decide(account.id, ApplicationState::Approved, "", now)?;
    writer.record_event(agency, &account.number, Holder::Account(account.id), "id_approved", now)?;
    let values = account_values(writer, agency, category, account)?;
    Letter::new(&profile.mail.approved, &values).queue(writer, outside, profile, now)
}

//! Officers' accounts: made, changed, stopped, given a new link. By an administrator of the agency or on the command
//! line.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{AddOfficer, ChangeOfficer, OfficerAccount, Role, SetupLink, audit::AuditAction},
    origin::Origin,
    text,
};

use super::{Acting, setup::make_link};
use crate::{
    app::App,
    error::Error,
    key::ServerKey,
    outside::Outside,
    store::{Deed, Officer, Writer},
};

/// The longest 氏名, in characters.
const MAX_NAME: usize = 60;

/// Who makes or changes accounts.
pub enum By<'a> {
    /// An administrator of the agency.
    Manager(&'a Acting),
    /// The command line, at that agency.
    Command(&'a str),
}

/// What links are made with.
pub struct Links<'a> {
    /// Seals the authenticator's secret.
    pub key: &'a ServerKey,
    /// Time and randomness.
    pub outside: &'a Outside,
    /// Where the page is.
    pub origin: &'a Origin,
}

impl By<'_> {
    fn agency(&self) -> &str {
        match self {
            Self::Manager(acting) => acting.agency(),
            Self::Command(agency) => agency,
        }
    }

    /// Refuses an administrator who was stopped or demoted since the request came in.
    fn still_may(&self, writer: &Writer<'_>, now: i64) -> Result<(), Error> {
        let Self::Manager(acting) = self else { return Ok(()) };
        match writer.officer_session(&acting.session, now)? {
            None => Err(ApiErrorCode::SessionMissing.into()),
            Some(officer) if officer.role < Role::Manage => Err(ApiErrorCode::Forbidden.into()),
            Some(_) => Ok(()),
        }
    }

    fn record(
        &self,
        writer: &Writer<'_>,
        action: AuditAction,
        login_id: &str,
        detail: &str,
        now: i64,
    ) -> Result<(), Error> {
        match self {
            Self::Manager(acting) => acting.record(writer, action, login_id, detail, now),
            Self::Command(agency) => {
                let deed = Deed { actor: "command", address: "", action, subject: login_id, detail };
                writer.record_deed(agency, &deed, now)
            }
        }
    }
}

/// All accounts of the agency.
pub async fn officers(app: &Arc<App>, acting: Acting) -> Result<Vec<OfficerAccount>, Error> {
    let now = app.outside.now();
    let found = app.store.read(move |reader| reader.officers(acting.agency(), now)).await?;
    Ok(found.iter().map(|(officer, sessions)| officer.account(*sessions)).collect())
}

/// Makes an account, and the link that opens it.
///
/// # Errors
/// `bad_request`, `login_id_taken`.
pub fn add(
    writer: &Writer<'_>,
    links: &Links<'_>,
    by: &By<'_>,
    request: &AddOfficer,
) -> Result<SetupLink, Error> {
    let (agency, now) = (by.agency(), links.outside.now());
    by.still_may(writer, now)?;
    let (login_id, name) = (request.login_id.as_str(), name(&request.name)?);
    if !is_login_id(login_id) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    if writer.officer_by_login(agency, login_id)?.is_some() {
        return Err(ApiErrorCode::LoginIdTaken.into());
    }
    let (link, kept) = make_link(links.key, links.outside, links.origin, (agency, login_id))?;
    writer.add_officer(agency, (login_id, name, request.role), &kept, now)?;
    by.record(writer, AuditAction::OfficerAdded, login_id, &role_detail(request.role), now)?;
    Ok(link)
}

/// Makes a new link; password, authenticator, card and sessions of the account stop at once.
///
/// # Errors
/// `not_found`; `wrong_state` when the account is stopped.
pub fn reset(
    writer: &Writer<'_>,
    links: &Links<'_>,
    by: &By<'_>,
    login_id: &str,
) -> Result<SetupLink, Error> {
    let now = links.outside.now();
    by.still_may(writer, now)?;
    let officer = find(writer, by, login_id)?;
    if officer.stopped {
        return Err(ApiErrorCode::WrongState.into());
    }
    let place = (officer.agency.as_str(), officer.login_id.as_str());
    let (link, kept) = make_link(links.key, links.outside, links.origin, place)?;
    writer.reset_officer(officer.id, &kept)?;
    writer.end_officer_sessions(officer.id, None)?;
    by.record(writer, AuditAction::OfficerReset, &officer.login_id, "", now)?;
    Ok(link)
}

/// Changes name, role, and whether the account is stopped. `now` in Unix milliseconds.
///
/// # Errors
/// `not_found`, `bad_request`, `last_manager`; `stale` when somebody else changed the account meanwhile.
pub fn change(
    writer: &Writer<'_>,
    by: &By<'_>,
    login_id: &str,
    request: &ChangeOfficer,
    now: i64,
) -> Result<OfficerAccount, Error> {
    by.still_may(writer, now)?;
    let officer = find(writer, by, login_id)?;
    let is_oneself = matches!(by, By::Manager(acting) if acting.officer.officer == officer.id);
    if is_oneself && (request.stopped || request.role < Role::Manage) {
        return Err(ApiErrorCode::LastManager.into());
    }
    let name = name(&request.name)?;
    // Sent twice, the second finds what it asks for, which is no conflict.
    if (officer.name.as_str(), officer.role, officer.stopped) == (name, request.role, request.stopped) {
        return Ok(officer.account(writer.open_session_count(officer.id, now)?));
    }
    if request.revision.is_some_and(|revision| revision != officer.revision) {
        return Err(ApiErrorCode::Stale.into());
    }
    writer.change_officer(officer.id, name, request.role, request.stopped)?;
    if request.stopped {
        writer.end_officer_sessions(officer.id, None)?;
    }
    let login_id = officer.login_id.as_str();
    if officer.role != request.role {
        by.record(writer, AuditAction::OfficerRoleChanged, login_id, &role_detail(request.role), now)?;
    }
    if officer.name != name {
        by.record(writer, AuditAction::OfficerRenamed, login_id, "", now)?;
    }
    match (officer.stopped, request.stopped) {
        (false, true) => by.record(writer, AuditAction::OfficerStopped, login_id, "", now)?,
        (true, false) => by.record(writer, AuditAction::OfficerStarted, login_id, "", now)?,
        _ => {}
    }
    let changed = find(writer, by, login_id)?;
    Ok(changed.account(writer.open_session_count(changed.id, now)?))
}

/// The account, if it is one of the agency's.
pub fn find(writer: &Writer<'_>, by: &By<'_>, login_id: &str) -> Result<Officer, Error> {
    writer.officer_by_login(by.agency(), login_id)?.ok_or(Error::Refused(ApiErrorCode::NotFound))
}

/// 3 to 32 of `a-z 0-9 . _ -`.
pub fn is_login_id(login_id: &str) -> bool {
    // That is the command line in all records.
    login_id != "command"
        && (3..=32).contains(&login_id.len())
        && login_id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
}

fn name(typed: &str) -> Result<&str, Error> {
    let name = typed.trim();
    if name.is_empty() || text::characters(name) > MAX_NAME || name.chars().any(text::is_forbidden) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    Ok(name)
}

fn role_detail(role: Role) -> String {
    let role = match role {
        Role::View => "view",
        Role::Review => "review",
        Role::Manage => "manage",
    };
    format!("role={role}")
}

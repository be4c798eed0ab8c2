//! Officers' accounts: created, changed, stopped, sent a new link. By the agency's administrator or on the command
//! line.

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    officer::{
        AddOfficer, ChangeOfficer, LinkSent, OfficerAccount, OfficerState, ResetOfficer, Role,
        audit::{AuditAction, Detail},
        is_email,
    },
    origin::Origin,
    text,
};

use super::{
    Acting,
    setup::{Link, make_link},
};
use crate::{
    app::App,
    error::Error,
    japan,
    key::ServerKey,
    mail::{
        Desk, Post,
        notice::{Notice, everybody},
    },
    outside::Outside,
    review::NEW_FOR,
    store::{Actor, COMMAND, Officer, Writer},
};

/// The longest 氏名, in characters.
const MAX_NAME: usize = 60;

/// Who creates or changes accounts.
pub enum By<'a> {
    /// An administrator of the agency.
    Manager(&'a Acting),
    /// The command line, for that agency.
    Command(&'a str),
}

/// What is needed to make links.
pub struct Links<'a> {
    /// Seals the authenticator's secret.
    pub key: &'a ServerKey,
    /// Time and randomness.
    pub outside: &'a Outside,
    /// The page's origin.
    pub origin: &'a Origin,
    pub profile: &'a AgencyProfile,
}

impl Links<'_> {
    fn desk<'a>(&'a self, writer: &'a Writer<'a>) -> Desk<'a> {
        let &Self { key, outside, origin, profile } = self;
        Desk { writer, post: Post { outside, key, origin }, profile, now: outside.now() }
    }
}

/// How a one-time link was delivered.
pub enum Handed {
    /// Mailed to its officer.
    Mailed(LinkSent),
    /// Handed over by whoever is at the command line: nobody works at the agency yet who could receive it
    /// otherwise.
    Shown {
        /// `https://…/officer.html#setup=TOKEN`.
        url: String,
        /// When it expires, Unix milliseconds.
        expires_at: i64,
    },
}

impl By<'_> {
    fn agency(&self) -> &str {
        match self {
            Self::Manager(acting) => acting.agency(),
            Self::Command(agency) => agency,
        }
    }

    fn actor(&self) -> Actor<'_> {
        match self {
            Self::Manager(acting) => acting.actor(),
            Self::Command(agency) => Actor::command(agency),
        }
    }

    /// As others read it.
    fn name(&self) -> &str {
        match self {
            Self::Manager(acting) => &acting.officer.login_id,
            Self::Command(_) => "サーバーの運用の担当者",
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
        detail: &Detail,
        now: i64,
    ) -> Result<(), Error> {
        writer.record_deed(self.actor(), action, login_id, detail, now)
    }
}

pub async fn officers(app: &Arc<App>, acting: Acting) -> Result<Vec<OfficerAccount>, Error> {
    let now = app.outside.now();
    let found = app.store.read(move |reader| reader.officers(acting.agency(), now)).await?;
    Ok(found.iter().map(|(officer, sessions)| officer.account(*sessions)).collect())
}

/// Creates an account and the link that opens it.
///
/// # Errors
/// `bad_request`, `login_id_taken`.
pub fn add(
    writer: &Writer<'_>,
    links: &Links<'_>,
    by: &By<'_>,
    request: &AddOfficer,
) -> Result<Handed, Error> {
    let (agency, now) = (by.agency(), links.outside.now());
    by.still_may(writer, now)?;
    let (login_id, name, email) = (request.login_id.as_str(), name(&request.name)?, request.email.trim());
    let may_be_shown = is_first(writer, by, None)?;
    let has_address = is_email(email) || (email.is_empty() && may_be_shown);
    if !is_login_id(login_id) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    if writer.officer_by_login(agency, login_id)?.is_some() {
        return Err(ApiErrorCode::LoginIdTaken.into());
    }
    if !has_address {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let (link, kept) = make_link(links.key, links.outside, (agency, login_id))?;
    let officer = writer.add_officer(agency, (login_id, name, request.role, email), &kept, now)?;
    writer.note_maker(officer, by.actor().login_id(), true, now)?;
    by.record(writer, AuditAction::OfficerAdded, login_id, &Detail::Role(request.role), now)?;
    hand_over(writer, links, by, (login_id, email), link)
}

/// Makes a new link; password, authenticator, card and sessions of the account stop working at once.
///
/// # Errors
/// `not_found`; `wrong_state` when the account is stopped.
pub fn reset(
    writer: &Writer<'_>,
    links: &Links<'_>,
    by: &By<'_>,
    login_id: &str,
    request: &ResetOfficer,
) -> Result<Handed, Error> {
    let now = links.outside.now();
    by.still_may(writer, now)?;
    let officer = find(writer, by, login_id)?;
    if officer.stopped {
        return Err(ApiErrorCode::WrongState.into());
    }
    let email = request.email.as_deref().map_or(officer.email.as_str(), str::trim);
    if email.is_empty() && !is_first(writer, by, Some(&officer.login_id))? {
        return Err(ApiErrorCode::WrongState.into());
    }
    if !email.is_empty() && !is_email(email) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let place = (officer.agency.as_str(), officer.login_id.as_str());
    let (link, kept) = make_link(links.key, links.outside, place)?;
    writer.reset_officer(officer.id, email, &kept, (now - NEW_FOR, now))?;
    let is_moved = !officer.email.eq_ignore_ascii_case(email);
    if request.email.is_some() && matches!(by, By::Command(_)) {
        // The operator answers for whose address it is, be it the same as before: those who made the account, or sent it
        // links, have nothing to do with it any more. So two approvals that can't come about are mended at once.
        writer.forget_makers(officer.id)?;
    }
    writer.note_maker(officer.id, by.actor().login_id(), is_moved, now)?;
    writer.end_officer_sessions(officer.id, None)?;
    let detail = if is_moved { Detail::AnotherAddress } else { Detail::None };
    by.record(writer, AuditAction::OfficerReset, &officer.login_id, &detail, now)?;
    let handed = hand_over(writer, links, by, (&officer.login_id, email), link)?;
    if is_moved {
        let desk = links.desk(writer);
        let notice = Notice::AddressChanged { login_id: &officer.login_id, by: by.name() };
        let mut to = everybody(writer, links.profile, now)?;
        to.retain(|address| !address.eq_ignore_ascii_case(email));
        to.extend(Some(officer.email).filter(|address| !address.is_empty()));
        notice.send(&desk, &to)?;
    }
    Ok(handed)
}

/// Whether the command line creates the agency's first account, or makes a new link for it: there is no other one. `of`:
/// the account's ログインID, if it exists.
fn is_first(writer: &Writer<'_>, by: &By<'_>, of: Option<&str>) -> Result<bool, Error> {
    let By::Command(agency) = by else { return Ok(false) };
    let officers = writer.officers(agency, i64::MAX)?;
    Ok(officers.iter().all(|(officer, _)| {
        of == Some(officer.login_id.as_str()) && officer.state() == OfficerState::Invited
    }))
}

/// Mails the link to its officer, and notifies everybody else of it.
fn hand_over(
    writer: &Writer<'_>,
    links: &Links<'_>,
    by: &By<'_>,
    (login_id, email): (&str, &str),
    link: Link,
) -> Result<Handed, Error> {
    let &Links { origin, profile, .. } = links;
    let Link { fragment, expires_at } = link;
    if email.is_empty() {
        let url = format!("{}/officer.html{fragment}", origin.as_str());
        return Ok(Handed::Shown { url, expires_at });
    }
    let desk = links.desk(writer);
    let until = japan::minute(expires_at);
    Notice::Link { login_id, fragment: &fragment, until: &until }.send(&desk, &[email])?;
    let mut others = everybody(writer, profile, desk.now)?;
    others.retain(|address| !address.eq_ignore_ascii_case(email));
    Notice::Made { login_id, by: by.name() }.send(&desk, &others)?;
    Ok(Handed::Mailed(LinkSent { email: email.to_owned(), expires_unix_ms: expires_at }))
}

/// Changes name, role, and whether the account is stopped. Its officer and all others are notified.
///
/// # Errors
/// `not_found`, `bad_request`, `last_manager`; `stale` when somebody else has changed the account meanwhile.
pub fn change(
    writer: &Writer<'_>,
    links: &Links<'_>,
    by: &By<'_>,
    login_id: &str,
    request: &ChangeOfficer,
) -> Result<OfficerAccount, Error> {
    let now = links.outside.now();
    by.still_may(writer, now)?;
    let officer = find(writer, by, login_id)?;
    let is_oneself = matches!(by, By::Manager(acting) if acting.officer.officer == officer.id);
    if is_oneself && (request.stopped || request.role < Role::Manage) {
        return Err(ApiErrorCode::LastManager.into());
    }
    let name = name(&request.name)?;
    // Sent twice, the second request finds what it asks for, which is no conflict.
    if (officer.name.as_str(), officer.role, officer.stopped) == (name, request.role, request.stopped) {
        return Ok(officer.account(writer.open_session_count(officer.id, now)?));
    }
    if request.revision.is_some_and(|revision| revision != officer.revision) {
        return Err(ApiErrorCode::Stale.into());
    }
    writer.change_officer(officer.id, (name, request.role, request.stopped), now)?;
    if request.stopped {
        writer.end_officer_sessions(officer.id, None)?;
    }
    let login_id = officer.login_id.as_str();
    if officer.role != request.role {
        by.record(writer, AuditAction::OfficerRoleChanged, login_id, &Detail::Role(request.role), now)?;
    }
    if officer.name != name {
        by.record(writer, AuditAction::OfficerRenamed, login_id, &Detail::None, now)?;
    }
    match (officer.stopped, request.stopped) {
        (false, true) => by.record(writer, AuditAction::OfficerStopped, login_id, &Detail::None, now)?,
        (true, false) => by.record(writer, AuditAction::OfficerStarted, login_id, &Detail::None, now)?,
        _ => {}
    }
    tell_change(&links.desk(writer), by, &officer, request)?;
    let changed = find(writer, by, login_id)?;
    Ok(changed.account(writer.open_session_count(changed.id, now)?))
}

fn tell_change(desk: &Desk<'_>, by: &By<'_>, before: &Officer, after: &ChangeOfficer) -> Result<(), Error> {
    let mut what: Vec<String> = Vec::new();
    if before.role != after.role {
        let (before, after) = (before.role.name(), after.role.name());
        what.push(format!("・役割を「{before}」から「{after}」に変更しました"));
    }
    match (before.stopped, after.stopped) {
        (false, true) => what.push("・アカウントを停止しました".to_owned()),
        (true, false) => what.push("・アカウントの停止を解除しました".to_owned()),
        _ => {}
    }
    if what.is_empty() {
        return Ok(());
    }
    let mut to = everybody(desk.writer, desk.profile, desk.now)?;
    if !before.email.is_empty() && !to.iter().any(|address| address.eq_ignore_ascii_case(&before.email)) {
        to.push(before.email.clone());
    }
    let (login_id, what) = (before.login_id.as_str(), what.join("\n"));
    Notice::Changed { login_id, by: by.name(), what: &what }.send(desk, &to)
}

/// The account, if it belongs to the agency.
pub fn find(writer: &Writer<'_>, by: &By<'_>, login_id: &str) -> Result<Officer, Error> {
    writer.officer_by_login(by.agency(), login_id)?.ok_or(Error::Refused(ApiErrorCode::NotFound))
}

/// 3 to 32 of `a-z 0-9 . _ -`.
pub fn is_login_id(login_id: &str) -> bool {
    // That stands for the command line in all records.
    login_id != COMMAND
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

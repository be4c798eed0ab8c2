//! 登録状況: what a company's card or ID sees of its company's registration, and how it stops another card or ID
//! that does not belong there.

use std::sync::Arc;

use touroku_proto::{
    account::ApplicationState,
    agency::Way,
    api::ApiErrorCode,
    card::Purpose,
    form::Occasion,
    officer::company::{CardState, CompanyCard, Period, Suspension, Timeline},
    status::{
        CompanyStatus, Information, InformationPassword, ShownPassword, StatusAccount, StatusCard, Stop,
    },
};

use super::{
    admission::admit_account,
    holder::{logged_in, place, registered_card},
    key::SessionKey,
};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    mail::notice::Notice,
    officer::company::{
        detail_for,
        timeline::{self, Audience, Part},
    },
    registry::{
        Place,
        account::account_values,
        card::Card,
        company,
        information::Vault,
        told::{By, Known, Told, by_account, by_card},
    },
    store::{
        Account, Act, Holder, INFORMATION_PASSWORD, Reader, RegisteredCard, RosterRow, Session, SessionId,
    },
};

/// The registration of the session's company.
///
/// # Errors
/// `card_not_presented` without a registered card, `session_missing` without an ID.
pub async fn status(app: &Arc<App>, key: SessionKey) -> Result<CompanyStatus, Error> {
    let (id, now) = (key.id(), app.outside.now());
    let shared = Arc::clone(app);
    app.store
        .read(move |reader| {
            let session = reader.current_session(&id, now)?;
            let own = own(reader, &shared.agencies, &session)?;
            look(reader, &shared, (&session, &id), &own)
        })
        .await
}

/// The company's password of the 入札情報公開システム. One session is shown it, as often as it asks; after its end nobody is.
///
/// # Errors
/// `card_not_presented`, also for an ID; `wrong_state` when there is none to be shown.
pub async fn information_password(app: &Arc<App>, key: SessionKey) -> Result<ShownPassword, Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let shown = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let Own::Card(own) = own(writer, &shared.agencies, &session)? else {
                return Err(ApiErrorCode::CardNotPresented.into());
            };
            let (card, RegisteredCard { number, id: holder, .. }) = *own;
            let agency = session.agency.as_str();
            let row = writer.roster_row(agency, &number)?.filter(|row| row.information_password);
            let row = row.ok_or(ApiErrorCode::WrongState)?;
            let mark = row.further(INFORMATION_PASSWORD);
            let kept = writer.information_password((agency, &number), mark)?;
            let kept = kept.filter(|kept| kept.is_for(&id));
            let sealed = kept.as_ref().and_then(|kept| kept.sealed.as_deref());
            let vault = Vault { key: &shared.key, outside: &shared.outside };
            let password = sealed.and_then(|sealed| vault.open((agency, &number), sealed));
            let password = password.ok_or(ApiErrorCode::WrongState)?;
            writer.extend_session(&id, expires_at)?;
            if kept.is_some_and(|kept| kept.shown_at.is_none()) {
                writer.information_password_shown((agency, &number), mark, &id, now)?;
                let told = Told::InformationShown;
                writer.record_event(agency, &number, Holder::Card(holder), told.kind(), now)?;
                let desk = shared.desk(writer, shared.agencies.profile(agency)?, now);
                desk.tell(told, &Known::of(writer, agency, &number)?, &number, By::Card(&card))?;
            }
            Ok(ShownPassword { password })
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(shown)
}

/// Earlier events of the session's company.
///
/// # Errors
/// Those of [`status`], and `bad_request`.
pub async fn timeline(app: &Arc<App>, key: SessionKey, after: Option<&str>) -> Result<Timeline, Error> {
    let part = after.map(Part::read).transpose()?;
    let (id, now) = (key.id(), app.outside.now());
    let shared = Arc::clone(app);
    app.store
        .read(move |reader| {
            let session = reader.current_session(&id, now)?;
            let own = own(reader, &shared.agencies, &session)?;
            if !own.is_admitted(reader)? {
                return Ok(Timeline::default());
            }
            timeline::of(reader, (&session.agency, own.number()), Audience::Company, part)
        })
        .await
}

/// Stops another card or ID of the company.
///
/// # Errors
/// `card_not_presented`, `not_found`, `stale`, `wrong_state`.
pub async fn stop(app: &Arc<App>, key: SessionKey, what: Stop) -> Result<CompanyStatus, Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let status = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let own = own(writer, &shared.agencies, &session)?;
            // It has seen nothing of the company.
            if !own.is_admitted(writer)? {
                return Err(ApiErrorCode::NotFound.into());
            }
            let (agency, number) = (session.agency.as_str(), own.number());
            let actor = own.as_actor();
            let suspension = Suspension {
                reason: format!("{actor}による停止"),
                officer: String::new(),
                at_unix_ms: now,
                period: Period::default(),
                in_force: true,
            };
            let (told, holder, is_new) = match what {
                stop if own.is(stop) => return Err(ApiErrorCode::WrongState.into()),
                Stop::Card(card) if let Some(application) = CompanyCard::application(card) => {
                    let of = writer.card_application(agency, application)?;
                    let of = of.filter(|of| of.number == number).ok_or(ApiErrorCode::NotFound)?;
                    if of.state != ApplicationState::Pending {
                        return Err(ApiErrorCode::WrongState.into());
                    }
                    let is_new = writer.suspend_application(application, &suspension)?;
                    (Told::CardStopped, Holder::Application(application), is_new)
                }
                Stop::Card(card) => {
                    let of = writer.company_of_card(agency, card)?.filter(|(of, _)| of == number);
                    match of.ok_or(ApiErrorCode::NotFound)? {
                        (_, true) => return Err(ApiErrorCode::WrongState.into()),
                        (_, false) => {
                            let is_new = writer.suspend_card(agency, number, card, &suspension)?;
                            (Told::CardStopped, Holder::Card(card), is_new)
                        }
                    }
                }
                Stop::Account(account) => {
                    let of = writer.account(agency, account)?.filter(|account| account.number == number);
                    let account = of.ok_or(ApiErrorCode::NotFound)?.id;
                    let is_new = writer.suspend_account(account, &suspension)?;
                    writer.end_sessions_of(account, None)?;
                    (Told::IdStopped, Holder::Account(account), is_new)
                }
            };
            if !is_new {
                return Err(ApiErrorCode::Stale.into());
            }
            let act = Act { detail: &actor, ..Act::of(told.kind()) };
            writer.record_act(agency, number, Some(holder), &act, now)?;
            let profile = shared.agencies.profile(agency)?;
            let desk = shared.desk(writer, profile, now);
            desk.tell(told, &Known::of(writer, agency, number)?, number, By::Words(&actor))?;
            Notice::Stopped.tell(&shared.officer_desk(writer, profile, now))?;
            writer.extend_session(&id, expires_at)?;
            look(writer, &shared, (&session, &id), &own)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(status)
}

/// The viewer: a card or an ID of the company.
enum Own {
    Card(Box<(Card, RegisteredCard)>),
    Account(Box<Account>),
}

/// Whoever the session has let in, for whatever purpose. A card to be replaced does not count.
fn own(reader: &Reader<'_>, agencies: &Agencies, session: &Session) -> Result<Own, Error> {
    if session.way == Way::Password {
        let account = logged_in(reader, session)?.ok_or(ApiErrorCode::SessionMissing)?;
        admit_account(reader, session, &account)?;
        return Ok(Own::Account(Box::new(account)));
    }
    match session.presented.as_ref().map(|presented| presented.purpose) {
        Some(purpose @ (Purpose::Bid | Purpose::Change)) => {
            Ok(Own::Card(Box::new(registered_card(reader, agencies, session, purpose)?)))
        }
        _ => Err(ApiErrorCode::CardNotPresented.into()),
    }
}

impl Own {
    fn number(&self) -> &str {
        match self {
            Self::Card(own) => &own.1.number,
            Self::Account(own) => &own.number,
        }
    }

    fn is(&self, stop: Stop) -> bool {
        match (self, stop) {
            (Self::Card(own), Stop::Card(card)) => own.1.id == card,
            (Self::Account(own), Stop::Account(account)) => own.id == account,
            _ => false,
        }
    }

    fn as_actor(&self) -> String {
        match self {
            Self::Card(own) => by_card(&own.0),
            Self::Account(own) => by_account(own),
        }
    }

    /// Whether it is known to belong to the company: what others entered is hidden from an ID that no officer has
    /// approved.
    fn is_admitted(&self, reader: &Reader<'_>) -> Result<bool, Error> {
        match self {
            Self::Card(_) => Ok(true),
            Self::Account(own) => reader.is_admitted(own.id),
        }
    }
}

fn look(
    reader: &Reader<'_>,
    app: &App,
    (session, id): (&Session, &SessionId),
    own: &Own,
) -> Result<CompanyStatus, Error> {
    let (agency, number) = (session.agency.as_str(), own.number());
    let Place { category, form, .. } = place(&app.agencies, session)?;
    let row = reader.roster_row(agency, number)?;
    let row = row.ok_or(Error::Defect("a registered company is not in the roster"))?;
    let (values, occasion) = match own {
        Own::Card(own) => {
            let company = reader.company(agency, number)?;
            let mut values = company::values(category, &row, company.as_ref());
            values.merge(own.1.values.clone());
            values.merge(own.0.values());
            (values, Occasion::Change)
        }
        Own::Account(own) => (account_values(reader, agency, category, own)?, Occasion::ChangeAccount),
    };
    let is_admitted = own.is_admitted(reader)?;
    let mut detail = detail_for(Audience::Company, reader, app, (agency, number))?;
    if !is_admitted {
        (detail.cards, detail.contacts, detail.timeline) = Default::default();
        detail.accounts.retain(|account| own.is(Stop::Account(account.id)));
    }
    let mut cards = Vec::new();
    for found in detail.cards {
        let last_login_unix_ms = match found.state {
            CardState::Pending | CardState::Rejected => None,
            _ => reader.last_login(found.id)?,
        };
        let CompanyCard { id, state, holder, company_match, serial, issuer, contacts, .. } = found;
        cards.push(StatusCard {
            id,
            state,
            is_own: own.is(Stop::Card(id)),
            is_stopped: found.suspension.is_some(),
            holder,
            company_match,
            serial,
            issuer,
            expires_unix_ms: found.expires_unix_ms,
            registered_unix_ms: found.registered_unix_ms,
            last_login_unix_ms,
            contacts,
        });
    }
    let mut accounts = Vec::new();
    for account in detail.accounts {
        accounts.push(StatusAccount {
            id: account.id,
            is_own: own.is(Stop::Account(account.id)),
            category: account.category,
            login_id: account.login_id,
            state: account.state,
            is_stopped: account.suspension.is_some(),
            applied_unix_ms: account.applied_unix_ms,
        });
    }
    let information = information(reader, app, &row, (agency, id), own)?;
    Ok(CompanyStatus {
        values: company::printed(form, occasion, &values),
        is_admitted,
        contacts: detail.contacts,
        cards,
        accounts,
        timeline: detail.timeline,
        information,
    })
}

/// What the company may know of its access to the 入札情報公開システム. `None`: it was given none.
fn information(
    reader: &Reader<'_>,
    app: &App,
    row: &RosterRow,
    (agency, id): (&str, &SessionId),
    own: &Own,
) -> Result<Option<Information>, Error> {
    if !row.information_password || !own.is_admitted(reader)? {
        return Ok(None);
    }
    let password = match own {
        Own::Account(_) => InformationPassword::ForCards,
        Own::Card(_) => {
            let company = (agency, row.number.as_str());
            let vault = Vault { key: &app.key, outside: &app.outside };
            match reader.information_password(company, row.further(INFORMATION_PASSWORD))? {
                None => InformationPassword::NotHere,
                Some(kept) if kept.is_for(id) => {
                    let opens = kept.sealed.and_then(|sealed| vault.open(company, &sealed)).is_some();
                    if opens { InformationPassword::Ready } else { InformationPassword::NotHere }
                }
                Some(kept) => InformationPassword::Shown { at_unix_ms: kept.shown_at.unwrap_or_default() },
            }
        }
    };
    Ok(Some(Information { user_id: row.information_user_id.clone(), password }))
}

//! What happened to an agency's registrations, for systems that keep users of their own: to read
//! (`GET /feed/v1/events`), or sent to them (`webhook`).

pub mod webhook;

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use jiff::Timestamp;
use touroku_proto::{
    account::ApplicationState,
    agency::AgencyProfile,
    feed::{
        FEED_PAGE, FeedAccount, FeedCard, FeedEvent, FeedKind, FeedPage, LARGEST_FEED_PAGE, Registration,
        RegistrationState,
    },
    sign_in::{Client, ClientScope},
};

use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    oidc::{Code, Parameters, Refusal, claims, service_client},
    store::{EventKind, Happened, Reader},
};

/// The events that the token's client may read, after the one that it names. `authorization`: the header.
///
/// # Errors
/// [`Code::InvalidToken`]; [`Code::InvalidRequest`] when `after` or `limit` is no number, or too large.
pub async fn page(
    app: &Arc<App>,
    authorization: Option<&str>,
    parameters: &Parameters,
) -> Result<FeedPage, Refusal> {
    let (profile, client) = service_client(app, authorization)?;
    let wrong = |reason| Refusal::new(Code::InvalidRequest, reason);
    let after = number(parameters, "after", 0).filter(|after: &i64| *after >= 0);
    let after = after.ok_or_else(|| wrong("after must be an event's id"))?;
    let limit =
        number(parameters, "limit", FEED_PAGE).filter(|limit| (1..=LARGEST_FEED_PAGE).contains(limit));
    let limit = limit.ok_or_else(|| wrong("limit must be from 1 to 500"))?;
    let (agency, client) = (profile.code.clone(), client.clone());
    let (shared, now) = (Arc::clone(app), app.outside.now());
    let read = app.store.scan(move |reader| {
        let mut happened = reader.feed(&agency, after, limit + 1)?;
        let more = happened.len() > limit as usize;
        happened.truncate(limit as usize);
        let next = happened.last().map_or(after, |last| last.id);
        let profile = shared.agencies.profile(&agency)?;
        let events =
            happened.into_iter().map(|it| event(reader, &shared.agencies, profile, &client, it, now));
        Ok(FeedPage { events: events.collect::<Result<_, _>>()?, next, more })
    });
    Ok(read.await?)
}

fn number<N: FromStr>(parameters: &Parameters, name: &str, default: N) -> Option<N> {
    parameters.value(name).map_or(Some(default), |text| text.parse().ok())
}

/// An event, with the registration as far as that client may know it.
fn event(
    reader: &Reader<'_>,
    agencies: &Agencies,
    profile: &AgencyProfile,
    client: &Client,
    happened: Happened,
    now: i64,
) -> Result<FeedEvent, Error> {
    Ok(FeedEvent {
        id: happened.id,
        kind: kind(happened.kind)?,
        timestamp: timestamp(happened.at)?,
        data: registration(reader, agencies, profile, client, happened, now)?,
    })
}

fn kind(kind: EventKind) -> Result<FeedKind, Error> {
    Ok(match kind {
        EventKind::CardRegistered => FeedKind::Created,
        EventKind::Changed | EventKind::IdChanged => FeedKind::Changed,
        EventKind::CardRenewed => FeedKind::Renewed,
        EventKind::CardReplaced => FeedKind::Replaced,
        EventKind::CardSuspended
        | EventKind::CardStopped
        | EventKind::CompanySuspended
        | EventKind::IdSuspended
        | EventKind::IdStopped => FeedKind::Suspended,
        EventKind::CardLifted | EventKind::CompanyLifted | EventKind::IdLifted => FeedKind::Resumed,
        EventKind::CardRevoked => FeedKind::Revoked,
        EventKind::IdApproved => FeedKind::IdApproved,
        _ => return Err(Error::Defect("an event that the feed does not tell of")),
    })
}

fn timestamp(unix_ms: i64) -> Result<String, Error> {
    let time = Timestamp::from_millisecond(unix_ms).map_err(|_| Error::Defect("a clock's time is a time"))?;
    Ok(time.to_string())
}

fn registration(
    reader: &Reader<'_>,
    agencies: &Agencies,
    profile: &AgencyProfile,
    client: &Client,
    happened: Happened,
    now: i64,
) -> Result<Registration, Error> {
    let (agency, number) = (profile.code.as_str(), happened.number.as_str());
    let row = reader.roster_row(agency, number)?;
    let company = reader.company(agency, number)?;
    let mut values = company.as_ref().map(|company| company.values.clone()).unwrap_or_default();
    let mut card = None;
    if let Some(id) = happened.card {
        let found = reader.card_of_event(id)?.ok_or(Error::Defect("an event's card is in the store"))?;
        values.merge(found.values);
        let certificate =
            claims::card_claim(&found.certificate, agencies, client.may(ClientScope::Certificate))?;
        let state = if found.replaced {
            RegistrationState::Replaced
        } else if found.revoked {
            RegistrationState::Revoked
        } else {
            suspended(reader.card_suspension(id)?.is_some())
        };
        card = client.may(ClientScope::Card).then_some(FeedCard { state, certificate });
    }
    let mut account = None;
    if let Some(id) = happened.account
        && let Some(found) = reader.account(agency, id)?
    {
        let is_active = found.state == ApplicationState::Approved && reader.account_suspension(id)?.is_none();
        account = Some(FeedAccount { login_id: found.login_id, state: suspended(!is_active) });
        values.merge(found.values);
    }
    let state = match &row {
        None => RegistrationState::Gone,
        Some(_) => suspended(reader.company_suspension(agency, number, now)?.is_some_and(|it| it.in_force)),
    };
    let company_id = company.map(|company| company.company_id).unwrap_or_default();
    let company = row.filter(|_| client.may(ClientScope::Company));
    let contacts =
        if client.may(ClientScope::Contacts) { claims::contacts(&values) } else { BTreeMap::new() };
    Ok(Registration {
        agency: agency.to_owned(),
        state,
        company: company.map(|row| claims::company(profile, &row, company_id, &values)),
        card,
        account,
        contacts,
        number: happened.number,
    })
}

fn suspended(is_suspended: bool) -> RegistrationState {
    if is_suspended { RegistrationState::Suspended } else { RegistrationState::Active }
}

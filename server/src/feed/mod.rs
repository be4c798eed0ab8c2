//! What happened to an agency's registrations, for systems that keep users of their own: to read
//! (`GET /feed/v1/events`), or sent to them (`webhook`).

pub mod webhook;

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use jiff::Timestamp;
use touroku_proto::{
    account::ApplicationState,
    agency::AgencyProfile,
    feed::{
        FEED_PAGE, FeedAccount, FeedCard, FeedEvent, FeedPage, FeedSuspension, LARGEST_FEED_PAGE,
        Registration, RegistrationState,
    },
    field::Values,
    officer::company::{Period, Suspension},
    sign_in::{Client, ClientScope},
};

use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    oidc::{Code, Parameters, Refusal, claims, service_client},
    store::{Happened, Reader},
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
    let mut events = events(app, &profile.code, client, after, limit + 1).await?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    let next = events.last().map_or(after, |last| last.id);
    Ok(FeedPage { events, next, more })
}

fn number<N: FromStr>(parameters: &Parameters, name: &str, default: N) -> Option<N> {
    parameters.value(name).map_or(Some(default), |text| text.parse().ok())
}

/// The agency's next events, as far as that client may know them.
async fn events(
    app: &Arc<App>,
    agency: &str,
    client: &Client,
    after: i64,
    most: u32,
) -> Result<Vec<FeedEvent>, Error> {
    let (app, agency, client) = (Arc::clone(app), agency.to_owned(), client.clone());
    let store = Arc::clone(&app.store);
    let read = store.scan(move |reader| {
        let (agencies, profile) = (&app.agencies, app.agencies.profile(&agency)?);
        let view = View { reader, agencies, profile, client: &client, now: app.outside.now() };
        reader.feed(&agency, after, most)?.into_iter().map(|happened| view.event(happened)).collect()
    });
    read.await
}

fn timestamp(unix_ms: i64) -> Result<String, Error> {
    let time = Timestamp::from_millisecond(unix_ms).map_err(|_| Error::Defect("a clock's time is a time"))?;
    Ok(time.to_string())
}

/// An agency's registrations as a client may see them.
struct View<'a> {
    reader: &'a Reader<'a>,
    agencies: &'a Agencies,
    profile: &'a AgencyProfile,
    client: &'a Client,
    now: i64,
}

impl View<'_> {
    fn event(&self, happened: Happened) -> Result<FeedEvent, Error> {
        Ok(FeedEvent {
            id: happened.id,
            kind: happened.kind,
            timestamp: timestamp(happened.at)?,
            data: self.registration(happened)?,
        })
    }

    fn registration(&self, happened: Happened) -> Result<Registration, Error> {
        let &Self { reader, profile, client, now, .. } = self;
        let (agency, number) = (profile.code.as_str(), happened.number.as_str());
        let row = reader.roster_row(agency, number)?;
        let company = reader.company(agency, number)?;
        let mut values = company.as_ref().map(|company| company.values.clone()).unwrap_or_default();
        let card = match happened.card {
            Some(id) => Some(self.card(id, &mut values)?),
            None => None,
        };
        let account = match happened.account {
            Some(id) => self.account(id, &mut values)?,
            None => None,
        };
        let suspension = reader.company_suspension(agency, number, now)?;
        let state = match &row {
            None => RegistrationState::Gone,
            Some(_) => suspended(suspension.as_ref().is_some_and(|it| it.in_force)),
        };
        let suspension = suspension.map(|Suspension { period: Period { from, until }, in_force, .. }| {
            FeedSuspension { from, until, in_force }
        });
        let company_id = company.map(|company| company.company_id).unwrap_or_default();
        let row = row.filter(|_| client.may(ClientScope::Company));
        let contacts =
            if client.may(ClientScope::Contacts) { claims::contacts(&values) } else { BTreeMap::new() };
        Ok(Registration {
            agency: agency.to_owned(),
            state,
            suspension,
            company: row.map(|row| claims::company(profile, (&row, now), company_id, &values)),
            card: card.filter(|_| client.may(ClientScope::Card)),
            account,
            contacts,
            number: happened.number,
        })
    }

    /// The card; what was entered for it is added to `values`.
    fn card(&self, id: i64, values: &mut Values) -> Result<FeedCard, Error> {
        let found = self.reader.card_of_event(id)?;
        let found = found.ok_or(Error::Defect("an event's card is in the store"))?;
        values.merge(found.values);
        let whole = self.client.may(ClientScope::Certificate);
        let certificate = claims::card_claim(&found.certificate, self.agencies, whole)?;
        let state = match (found.replaced, found.revoked) {
            (true, _) => RegistrationState::Replaced,
            (_, true) => RegistrationState::Revoked,
            _ => suspended(self.reader.card_suspension(id)?.is_some()),
        };
        Ok(FeedCard { state, certificate })
    }

    /// The ID, unless it is gone; what was entered for it is added to `values`.
    fn account(&self, id: i64, values: &mut Values) -> Result<Option<FeedAccount>, Error> {
        let found = self.reader.account(&self.profile.code, id)?;
        // What anybody may have typed is not the company's.
        let found = found.filter(|found| found.state == ApplicationState::Approved);
        let Some(found) = found else { return Ok(None) };
        values.merge(found.values);
        let is_active = self.reader.account_suspension(id)?.is_none();
        Ok(Some(FeedAccount { login_id: found.login_id, state: suspended(!is_active) }))
    }
}

fn suspended(is_suspended: bool) -> RegistrationState {
    if is_suspended { RegistrationState::Suspended } else { RegistrationState::Active }
}

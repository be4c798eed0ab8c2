//! A sign-in that waits for the page's login, and its end.

use std::sync::Arc;

use touroku_proto::{
    agency::{AgencyProfile, Category, Way},
    api::ApiErrorCode,
    card::Purpose,
    sign_in::{Client, EndSignIn, Onward, SignIn},
};

use super::{Code, Refusal, SHORT, SIGN_IN_LIFE, authorize::refused, hash, issuer, secret, uri};
use crate::{
    app::App,
    bidder::{SessionKey, signed_in},
    error::Error,
    store::{NewGrant, Session, SignInRequest, Writer},
    ticket::Ticket,
};

/// The shortest `max_age` that is kept to, in seconds.
const SHORTEST_AGE: u32 = 60;

/// A browser that was sent here for a sign-in, among tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentHere {}

/// Binds a sign-in to the browser that was sent here for it.
pub type BrowserKey = Ticket<SentHere>;

/// What is pending in that browser under that id.
///
/// # Errors
/// `not_found`.
pub async fn waiting(app: &Arc<App>, browser: Option<BrowserKey>, id: String) -> Result<SignIn, Error> {
    let now = app.outside.now();
    let browser = browser.ok_or(ApiErrorCode::NotFound)?.id();
    let name = hash(&id);
    let found = app.store.read(move |reader| reader.sign_in_request(&name, &browser, now)).await?;
    let request = found.ok_or(ApiErrorCode::NotFound)?;
    let (profile, client) = place(app, &request)?;
    let allows =
        |category: &Category, way: &Way| client.is_for(&category.code) && category.access.allows(*way);
    let (categories, mut ways) = (profile.categories.iter(), request.asked.ways);
    ways.retain(|way| profile.categories.iter().any(|category| allows(category, way)));
    let categories = categories.filter(|category| ways.iter().any(|way| allows(category, way)));
    Ok(SignIn {
        id,
        client: client.name.clone(),
        categories: categories.map(|category| category.code.clone()).collect(),
        ways,
        login_hint: request.asked.login_hint,
        language: request.asked.language,
        expires_unix_ms: request.expires_at,
        agency: request.agency,
    })
}

/// The profile may have lost the client meanwhile.
fn place<'a>(app: &'a App, request: &SignInRequest) -> Result<(&'a AgencyProfile, &'a Client), Error> {
    let profile = app.agencies.profile(&request.agency)?;
    let client = profile.client(&request.client).ok_or(ApiErrorCode::NotFound)?;
    Ok((profile, client))
}

/// Ends a sign-in: with a code for whoever logged in, or cancelled. Returns where the browser goes next.
///
/// # Errors
/// As described at [`EndSignIn`].
pub async fn end(
    app: &Arc<App>,
    browser: Option<BrowserKey>,
    session: Option<SessionKey>,
    request: EndSignIn,
) -> Result<Onward, Error> {
    let browser = browser.ok_or(ApiErrorCode::NotFound)?.id();
    let (shared, id, now) = (Arc::clone(app), hash(&request.id), app.outside.now());
    app.store
        .write(move |writer| {
            let waits = writer.sign_in_request(&id, &browser, now)?.ok_or(ApiErrorCode::NotFound)?;
            let location = if request.give_up {
                give_up(&shared, &waits, now)?
            } else {
                let key = session.ok_or(ApiErrorCode::SessionMissing)?.id();
                let session = writer.current_session(&key, now)?;
                let location = finish(writer, &shared, &session, &waits, now)?;
                // Its purpose is fulfilled; nothing stays behind at a shared computer.
                writer.end_session(&key)?;
                location
            };
            writer.end_sign_in(&id)?;
            Ok(Onward { location })
        })
        .await
}

fn give_up(app: &App, waits: &SignInRequest, now: i64) -> Result<String, Error> {
    let (profile, _) = place(app, waits)?;
    let refusal = match app.agencies.admit(&waits.agency, now) {
        Err(crate::agency::Error::Closed { .. }) => {
            Refusal::new(Code::TemporarilyUnavailable, "outside the hours of service")
        }
        _ => Refusal::new(Code::AccessDenied, "the sign-in was given up"),
    };
    let asked = &waits.asked;
    Ok(refused(app, profile, (&asked.redirect_uri, asked.state.as_deref()), &refusal))
}

fn finish(
    writer: &Writer<'_>,
    app: &App,
    session: &Session,
    waits: &SignInRequest,
    now: i64,
) -> Result<String, Error> {
    let (profile, client) = place(app, waits)?;
    let is_allowed = session.agency == waits.agency
        && client.is_for(&session.category)
        && client.takes(session.way)
        && waits.asked.ways.contains(&session.way);
    if !is_allowed {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    // An earlier login was for something else, and perhaps long ago.
    if session.logged_in_at < waits.began_at {
        return Err(ApiErrorCode::CardNotPresented.into());
    }
    // Long ago while the page stayed open. Presenting it and coming here takes a while, whatever the client says.
    let oldest = |seconds: u32| now - i64::from(seconds.max(SHORTEST_AGE)) * 1000;
    if waits.asked.max_age.is_some_and(|seconds| session.logged_in_at < oldest(seconds)) {
        return Err(ApiErrorCode::CardNotPresented.into());
    }
    app.agencies.admit(&waits.agency, now)?;
    let holder = signed_in(writer, &app.agencies, session, Purpose::Bid)?;
    let origin = match &holder.card {
        Some(card) => {
            let (issuer, serial) = writer.first_card(*card)?;
            [&issuer[..], b"\n", serial.as_bytes()].concat()
        }
        None => format!("{}\n{}", holder.account.unwrap_or_default(), holder.applied_at).into_bytes(),
    };
    let subject =
        [format!("{}\n{}\n{}\n", profile.code, client.sector(), holder.number).as_bytes(), &origin].concat();
    let code = secret(&app.outside);
    let grant = NewGrant {
        agency: profile.code.clone(),
        client: client.code.clone(),
        sid: hex::encode(app.outside.random::<16>()),
        subject: hex::encode(app.key.hash(subject_kind(session.way), &subject)?),
        category: session.category.clone(),
        way: session.way,
        number: holder.number,
        card: holder.card,
        account: holder.account,
        auth_time: session.logged_in_at,
        asked: waits.asked.clone(),
    };
    writer.grant(&grant, (&hash(&code), now + SHORT), now + SIGN_IN_LIFE)?;
    let issuer = issuer(&app.settings.origin, &profile.code);
    let mut answer = vec![("code", code.as_str()), ("iss", &issuer)];
    answer.extend(waits.asked.state.as_deref().map(|state| ("state", state)));
    Ok(uri::with(&waits.asked.redirect_uri, &answer))
}

fn subject_kind(way: Way) -> &'static str {
    match way {
        Way::Card => "oidc subject of a card",
        Way::Password => "oidc subject of an ID",
    }
}

//! A session's progress as the page sees it.

use touroku_proto::{
    account::{ApplicationState, ApplicationView, OwnApplication},
    agency::Way,
    api::{CardView, CompanyView, Function, SessionView},
    card::Purpose,
    field::Values,
    form::Occasion,
};

use super::{
    admission::{admit_account, admit_card},
    holder::{logged_in, place},
};
use crate::{
    agency::Agencies,
    error::Error,
    mail::perhaps_unconfirmed,
    registry::{
        Place,
        account::{
            MOST_APPLICATIONS, account_values, addresses, applicant_values, as_entered, entered_before,
        },
        card::Card,
        company,
        identity::{causes_of_registration, causes_of_renewal, company_match, was_renamed},
    },
    store::{Account, Presented, Reader, RegisteredCard, Session, SessionId, Writer},
};

/// All of it. `now` in Unix milliseconds.
pub(super) fn view(
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    now: i64,
) -> Result<SessionView, Error> {
    let mut view = SessionView::begun(&session.agency, &session.category, session.way, session.expires_at);
    if let Some(completion) = session.completion {
        view.completed = reader.completion(&session.agency, completion)?;
    }
    match session.way {
        Way::Card => {
            if let Some(presented) = &session.presented {
                show_card(&mut view, reader, agencies, session, presented, now)?;
            }
        }
        Way::Password => match logged_in(reader, session)? {
            Some(account) => show_account(&mut view, reader, agencies, session, account)?,
            None => show_applicant(&mut view, reader, agencies, session)?,
        },
    }
    Ok(view)
}

/// The answer to a request that has changed the session: it stays alive, and this is its progress.
pub(crate) fn after(
    writer: &Writer<'_>,
    agencies: &Agencies,
    id: &SessionId,
    expires_at: i64,
    now: i64,
) -> Result<SessionView, Error> {
    writer.extend_session(id, expires_at)?;
    view(writer, agencies, &writer.current_session(id, now)?, now)
}

fn show_card(
    view: &mut SessionView,
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    presented: &Presented,
    now: i64,
) -> Result<(), Error> {
    let card = Card::read(agencies, &presented.certificate)?;
    let mut registered = reader.card(&session.agency, &card.identity)?;
    let has_renewed = view
        .completed
        .as_ref()
        .is_some_and(|completed| completed.function == Function::Renew && !completed.pending);
    let needs_registration = !matches!(presented.purpose, Purpose::Register | Purpose::Check);
    if needs_registration && registered.is_none() && !has_renewed {
        // Replaced by another session meanwhile: this one is back at its beginning.
        view.completed = None;
        return Ok(());
    }
    if let (true, Some(registered)) = (needs_registration, &registered) {
        admit_card(reader, session, registered)?;
    }
    let latest = match presented.purpose {
        Purpose::Register => reader.latest_card_application(&session.agency, &card.identity)?,
        _ => None,
    };
    if let Some(waiting) = latest.as_ref().filter(|latest| latest.state == ApplicationState::Pending) {
        view.application = Some(ApplicationView {
            numbers: vec![waiting.receipt.clone()],
            own: Some(OwnApplication {
                number: waiting.receipt.clone(),
                login_id: String::new(),
                state: waiting.state,
                reason: String::new(),
                at_unix_ms: waiting.applied_at,
                entered: waiting.replaces.is_none(),
                unconfirmed: Vec::new(),
            }),
        });
    }
    view.purpose = Some(presented.purpose);
    view.card = Some(card.view(registered.is_some(), now));
    let new_card = match &session.new_certificate {
        Some(certificate) => Some(Card::read(agencies, certificate)?),
        None => None,
    };
    if let Some(new_card) = &new_card {
        let new_registered = reader.card(&session.agency, &new_card.identity)?;
        view.new_card = Some(new_card.view(new_registered.is_some(), now));
        if has_renewed {
            registered = new_registered;
        }
    }

    let number = match (&registered, presented.purpose) {
        (_, Purpose::Check) => None,
        (_, Purpose::Register) => session.number.as_ref(),
        (registered, _) => registered.as_ref().map(|registered| &registered.number),
    };
    let Some(number) = number.cloned() else { return Ok(()) };
    let at = place(agencies, session)?;
    let Place { profile, category, form } = at;
    let row = reader
        .roster_row(&session.agency, &number)?
        .ok_or(Error::Defect("a session's company is not in the roster"))?;
    for (card, view) in [(Some(&card), &mut view.card), (new_card.as_ref(), &mut view.new_card)] {
        if let (Some(card), Some(view)) = (card, view) {
            view.company_match = Some(company_match(card.names(), &row));
        }
    }
    let company = reader.company(&session.agency, &number)?;
    let occasion = match (presented.purpose, &company) {
        (Purpose::Register, None) => Occasion::Register,
        // After the registration the page still shows what it was for.
        (Purpose::Register, Some(_)) if view.completed.is_some() => {
            session.occasion.unwrap_or(Occasion::SecondCard)
        }
        (Purpose::Register, Some(_)) => Occasion::SecondCard,
        _ => Occasion::Change,
    };
    let was_renamed = || was_renamed(reader, &session.agency, &number, now);
    view.review = match (&view.card, &view.new_card, &new_card) {
        (Some(CardView { company_match: Some(found), .. }), _, None) if registered.is_none() => {
            was_renamed().and_then(|renamed| causes_of_registration(&at, occasion, (found, renamed)))
        }
        (_, Some(CardView { company_match: Some(found), .. }), Some(new_card)) if !has_renewed => {
            was_renamed().and_then(|renamed| {
                causes_of_renewal(profile, card.names(), new_card.names(), (found, renamed))
            })
        }
        _ => Ok(Vec::new()),
    }
    // Whatever is refused is refused when it is requested.
    .unwrap_or_default();
    // What others entered is not shown to a card that is not the company's: it may be anybody's.
    // Nor is another authority's of that number, which came in before the company's own.
    let is_own = |registered: &RegisteredCard| has_renewed || registered.certificate == presented.certificate;
    let registered = registered.filter(|registered| registered.number == number).filter(is_own);
    let company = company.filter(|_| registered.is_some());
    let mut values: Values = company::values(category, &row, company.as_ref());
    match &registered {
        Some(registered) => values.merge(registered.values.clone()),
        None => company::prefill(form, occasion, &mut values),
    }
    if matches!(presented.purpose, Purpose::Change) || registered.is_none() {
        // What an unsuccessful application contained is found again by its card, not by another authority's of that number.
        let before = latest.filter(|latest| latest.number == number && latest.state.is_over());
        let before = before.filter(|latest| latest.certificate == presented.certificate);
        let before = before.filter(|_| view.completed.is_none());
        view.draft = reader
            .draft(&session.agency, &card.identity, &number)?
            .or_else(|| before.map(|latest| as_entered(form, occasion, latest.values)));
    }
    let revision = company::revision(company.as_ref(), registered.as_ref());
    view.company = Some(CompanyView { values: company::shown(form, occasion, &values), occasion, revision });
    Ok(())
}

fn show_account(
    view: &mut SessionView,
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    account: Account,
) -> Result<(), Error> {
    admit_account(reader, session, &account)?;
    let Place { category, form, .. } = place(agencies, session)?;
    let occasion = Occasion::ChangeAccount;
    let values = account_values(reader, &session.agency, category, &account)?;
    let values = company::shown(form, occasion, &values);
    view.purpose = session.logged_in.map(|logged_in| logged_in.purpose);
    view.company = Some(CompanyView { values, occasion, revision: account.revision });
    view.login_id = Some(account.login_id);
    if view.purpose == Some(Purpose::Change) {
        view.draft = account.draft;
    }
    Ok(())
}

fn show_applicant(
    view: &mut SessionView,
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
) -> Result<(), Error> {
    let Some(number) = &session.number else { return Ok(()) };
    let Place { profile, category, form } = place(agencies, session)?;
    let occasion = Occasion::Apply;
    let most = MOST_APPLICATIONS;
    let all = reader.applications_of(&session.agency, &session.category, number, most)?;
    // Those who have proved nothing only learn that there are some.
    let own = match session.application {
        Some(id) => reader.account(&session.agency, id)?,
        None => None,
    };
    let own = own.filter(|own| own.category == session.category && own.number == *number);
    let rejected = own.as_ref().filter(|own| own.state.is_over() && view.completed.is_none());
    view.draft = session.draft.clone().or(rejected.map(|own| entered_before(form, own)));
    view.application = (!all.is_empty()).then(|| ApplicationView {
        numbers: all.iter().map(|account| account.receipt.clone()).collect(),
        own: own.map(|own| OwnApplication {
            unconfirmed: perhaps_unconfirmed(profile, &addresses(&own)),
            number: own.receipt,
            login_id: own.login_id,
            state: own.state,
            reason: own.reason,
            at_unix_ms: own.applied_at,
            entered: true,
        }),
    });
    let mut values = applicant_values(reader, &session.agency, category, number)?;
    company::prefill(form, occasion, &mut values);
    let values = company::shown(form, occasion, &values);
    view.company = Some(CompanyView { values, occasion, revision: 0 });
    Ok(())
}

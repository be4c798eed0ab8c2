//! What was typed and not sent yet: saved, so that a crash or a time-out costs nobody their work.

use std::sync::Arc;

use touroku_proto::{
    agency::Way,
    api::{ApiErrorCode, SaveDraft},
    card::Purpose,
    field::Values,
    form::{Form, Mode, Occasion},
};

use super::{
    admission::{admit_company, admit_new_card},
    holder::{place, presented_card, registered_card},
    key::SessionKey,
};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    store::{Session, SessionId, Writer},
};

/// The longest draft, in bytes of its values. The largest form of the reference systems allows some 1,000
/// characters.
const MAX_DRAFT: usize = 16 * 1024;

/// Saves what was typed in the form, valid or not.
pub async fn save_draft(app: &Arc<App>, key: SessionKey, request: SaveDraft) -> Result<(), Error> {
    let length: usize = request.values.0.values().map(String::len).sum();
    if length > MAX_DRAFT {
        return Err(ApiErrorCode::PayloadTooLarge.into());
    }
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let form = place(&shared.agencies, &session)?.form;
            let shown_for = session.presented.as_ref().map(|presented| presented.purpose);
            match (session.way, shown_for) {
                (Way::Password, _) => account_draft(writer, form, (&id, &session), &request.values, now)?,
                (Way::Card, Some(Purpose::Change)) => {
                    change_draft(writer, &shared.agencies, form, &session, &request.values, now)?;
                }
                (Way::Card, _) => {
                    registration_draft(writer, &shared.agencies, form, &session, &request.values, now)?;
                }
            }
            writer.extend_session(&id, expires_at)
        })
        .await
}

fn registration_draft(
    writer: &Writer<'_>,
    agencies: &Agencies,
    form: &Form,
    session: &Session,
    values: &Values,
    now: i64,
) -> Result<(), Error> {
    let card = presented_card(agencies, session, Purpose::Register)?;
    let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
    admit_company(writer, session, number)?;
    admit_new_card(writer, agencies, &session.agency, &card.identity)?;
    let typed = typed(form, session.occasion.unwrap_or(Occasion::Register), values);
    writer.save_draft(&session.agency, &card.identity, number, &typed, now)
}

fn change_draft(
    writer: &Writer<'_>,
    agencies: &Agencies,
    form: &Form,
    session: &Session,
    values: &Values,
    now: i64,
) -> Result<(), Error> {
    let (card, registered) = registered_card(writer, agencies, session, Purpose::Change)?;
    if session.completion.is_some() {
        // A page that saves late must not bring back what was finished.
        return Ok(());
    }
    let typed = typed(form, Occasion::Change, values);
    writer.save_draft(&session.agency, &card.identity, &registered.number, &typed, now)
}

fn account_draft(
    writer: &Writer<'_>,
    form: &Form,
    (id, session): (&SessionId, &Session),
    values: &Values,
    now: i64,
) -> Result<(), Error> {
    if session.completion.is_some() {
        return Ok(());
    }
    match session.logged_in {
        Some(logged_in) => {
            writer.save_account_draft(logged_in.account, &typed(form, Occasion::ChangeAccount, values), now)
        }
        None if session.number.is_some() => {
            writer.save_session_draft(id, &typed(form, Occasion::Apply, values))
        }
        None => Err(ApiErrorCode::CompanyNotSelected.into()),
    }
}

/// Only what the form lets a person type, and no password. Repetitions stay: a restored form must still be valid.
fn typed(form: &Form, occasion: Occasion, values: &Values) -> Values {
    form.rows()
        .filter(|row| row.mode(occasion) == Mode::Edit && !row.field.is_secret())
        .filter_map(|row| Some((row.field, values.0.get(&row.field)?.clone())))
        .collect()
}

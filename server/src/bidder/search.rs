//! 資格審査情報検索.

use std::sync::Arc;

use touroku_proto::{
    agency::{AgencyProfile, Credentials, NameMatch, Search, Way},
    api::{ApiErrorCode, CompanySearch, SessionView},
    card::Purpose,
    field::{FieldError, FieldId, Problem, Values},
    form::Occasion,
    identity::Verdict,
    officer::company::Validity,
    text,
};

use super::{
    admission::{admit_application_of, admit_company, admit_new_card},
    holder::{place, presented_card},
    key::SessionKey,
    view,
};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    guess::{Guess, admit},
    http::limits::Address,
    japan, password,
    registry::{
        card::Card,
        identity::{company_match, refuse_other},
        issued,
    },
    store::{Act, CardIdentity, EventKind, RosterRow, Session, SessionId, Writer},
};

/// Finds the company with a number and name, for the session's card or for an ID登録申請.
pub async fn search_company(
    app: &Arc<App>,
    key: SessionKey,
    address: Address,
    request: CompanySearch,
) -> Result<SessionView, Error> {
    let (id, now) = (key.id(), app.outside.now());
    let session = app.store.read(move |reader| reader.current_session(&id, now)).await?;
    let card = match session.way {
        Way::Card => Some(presented_card(&app.agencies, &session, Purpose::Register)?),
        Way::Password => None,
    };
    let profile = Arc::clone(app.agencies.profile(&session.agency)?);
    let number = match profile.search.number_issued {
        true => issued::normal(&request.number),
        false => profile.search.normal_number(&request.number),
    };
    check_fields(&profile.search, &number, &request.name)?;
    let row = find(app, &profile, number.clone()).await?;
    let verdict =
        card.as_ref().zip(row.as_ref()).map(|(card, row)| company_match(card.names(), row).verdict());
    let asks = match (&card, verdict) {
        (None, _) => Asks::WithoutCard,
        (Some(card), Some(Verdict::Same)) => Asks::PerhapsOwn(&card.identity),
        // Where numbers are secret, a counter of its own would tell that there is such a number.
        (Some(card), Some(Verdict::Unclear)) if !profile.search.number_secret => {
            Asks::PerhapsOwn(&card.identity)
        }
        (Some(_), _) => Asks::OfAnother,
    };
    admit_search(app, (&id, address), (&profile.code, &number), asks, now).await?;

    // A company not qualified for this category is not on its list.
    let row = row.filter(|row| row.is_qualified_for(&session.category));
    check_match(&profile, row.as_ref(), &request.name)?;
    let row = row.ok_or(ApiErrorCode::CompanyNotFound)?;
    if let Some(card) = &card {
        let (agency, number, searcher) = (session.agency.clone(), row.number.clone(), searcher(card));
        app.store.write(move |writer| note_search(writer, (&agency, &number), &searcher, now)).await?;
    }
    match row.validity(now) {
        Validity::Valid => {}
        Validity::NotYet { from } => return Err(Error::NotYetQualified { from }),
        Validity::Expired { until } => return Err(Error::QualificationExpired { until }),
    }
    let number = row.number.clone();
    if profile.search.credentials == Credentials::WhenIssued {
        check_credentials(row, request.user_id, request.password).await?;
    }

    let (shared, expires_at) = (Arc::clone(app), app.session_end());
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            admit_company(writer, &session, &number)?;
            match &card {
                Some(card) => select_for_card(writer, &shared.agencies, (&id, &session), card, &number)?,
                None => {
                    let category = place(&shared.agencies, &session)?.category;
                    admit_application_of(writer, &session.agency, category, &number)?;
                    writer.select_applicant(&id, &number)?;
                }
            }
            view::after(writer, &shared.agencies, &id, expires_at, now)
        })
        .await
}

/// A card that searches, as the company's timeline names it: its number, and what tells it from another authority's card
/// of that number.
fn searcher(card: &Card) -> (String, String) {
    let (names, values) = (card.names(), card.values());
    let issuer = values.text(FieldId::CertificateIssuer);
    let detail =
        format!("ICカード企業名称 {}、取得者 {}、発行者 {issuer}", names.company_name, names.holder_name);
    (card.identity.serial.clone(), detail)
}

/// A card that found a company is recorded in the company's timeline, once a day, whatever becomes of its search.
fn note_search(
    writer: &Writer<'_>,
    (agency, number): (&str, &str),
    (serial, detail): &(String, String),
    now: i64,
) -> Result<(), Error> {
    const KIND: EventKind = EventKind::CompanySearched;
    if writer.was_recorded((agency, number), KIND, (serial, detail), (now - japan::DAY, now))? {
        return Ok(());
    }
    writer.record_act(agency, number, None, &Act { serial, detail, ..Act::of(KIND) }, now)
}

/// Who searches for a company. Counted apart, so that nobody keeps the company itself from searching.
enum Asks<'a> {
    WithoutCard,
    /// A card of another company, all of them together.
    OfAnother,
    /// A card of that company, or one that can't be compared, which may be the company's: each by itself.
    PerhapsOwn(&'a CardIdentity),
}

/// Admits a search.
async fn admit_search(
    app: &Arc<App>,
    (session, address): (&SessionId, Address),
    (agency, number): (&str, &str),
    asks: Asks<'_>,
    now: i64,
) -> Result<(), Error> {
    let limits = app.settings.limits;
    let (by_address, by_number, whose) = match asks {
        Asks::WithoutCard => ("search address", "search number", String::new()),
        Asks::OfAnother => ("search address by card", "search number by card", String::new()),
        Asks::PerhapsOwn(CardIdentity { issuer, serial }) => {
            let whose = format!("\n{serial}\n{}", hex::encode(issuer));
            ("search address by card", "search number by one card", whose)
        }
    };
    let guesses = vec![
        Guess::within(app, limits.search_session, "search session", session)?,
        Guess::from(app, limits.search_address, by_address, address)?,
        Guess::for_name(app, limits.search_number, by_number, agency, &format!("{number}{whose}"))?,
    ];
    admit(app, guesses, now).await
}

/// The company with that number: the roster's own or, where numbers are issued, the issued one. From here on the
/// roster's is used; the issued one is not kept.
async fn find(app: &App, profile: &AgencyProfile, number: String) -> Result<Option<RosterRow>, Error> {
    let agency = profile.code.clone();
    if !profile.search.number_issued {
        return app.store.read(move |reader| reader.roster_row(&agency, &number)).await;
    }
    let hash = issued::hash(&app.key, &agency, &number)?;
    app.store
        .read(move |reader| match reader.company_of_issued(&agency, &hash)? {
            Some(number) => reader.roster_row(&agency, &number),
            None => Ok(None),
        })
        .await
}

fn select_for_card(
    writer: &Writer<'_>,
    agencies: &Agencies,
    (id, session): (&SessionId, &Session),
    card: &Card,
    number: &str,
) -> Result<(), Error> {
    admit_new_card(writer, agencies, &session.agency, &card.identity)?;
    let occasion = match writer.company(&session.agency, number)? {
        None => Occasion::Register,
        Some(_) => Occasion::SecondCard,
    };
    let row = writer.roster_row(&session.agency, number)?.ok_or(ApiErrorCode::CompanyNotFound)?;
    refuse_other(agencies.profile(&session.agency)?, &company_match(card.names(), &row))?;
    writer.select_company(id, number, occasion)
}

fn check_fields(search: &Search, number: &str, name: &str) -> Result<(), Error> {
    let (number, name) = (number.trim(), name.trim());
    let fields = [
        (FieldId::CompanyNumber, number, search.number_rule.check(number, &Values::default())),
        (FieldId::CompanyName, name, search.check_name(name)),
    ];
    let wrong: Vec<FieldError> = fields
        .into_iter()
        .filter_map(|(field, value, checked)| {
            let problem = if value.is_empty() { Some(Problem::Required) } else { checked.err() };
            problem.map(|problem| FieldError { field, problem })
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Fields(wrong)) }
}

/// An agency with secret numbers reveals neither whether the number nor whether the name was wrong.
fn check_match(profile: &AgencyProfile, row: Option<&RosterRow>, name: &str) -> Result<(), Error> {
    let refused = match row {
        None => ApiErrorCode::NumberNotFound,
        // Whoever types leaves the 委任先 out.
        Some(row)
            if [&row.dealing().name, &row.name]
                .into_iter()
                .any(|known| same_name(profile.search.name_match, known, name)) =>
        {
            return Ok(());
        }
        Some(_) => ApiErrorCode::NameMismatch,
    };
    Err(if profile.search.number_secret { ApiErrorCode::CompanyNotFound } else { refused }.into())
}

fn same_name(matching: NameMatch, roster: &str, typed: &str) -> bool {
    match matching {
        NameMatch::Forgiving => text::fold_name(roster) == text::fold_name(typed),
        NameMatch::Strict => {
            let wide = |name: &str| text::to_full_width(text::typed_form(name).trim());
            wide(roster) == wide(typed)
        }
    }
}

async fn check_credentials(row: RosterRow, user_id: String, password: String) -> Result<(), Error> {
    let wrong = || Err(Error::Refused(ApiErrorCode::CredentialsWrong));
    if !row.user_id.is_empty() && row.user_id != user_id.trim() {
        return wrong();
    }
    if row.password_hash.is_empty() {
        return Ok(());
    }
    let password = password.trim().to_owned();
    if password::fits_aside(password, Some(row.password_hash)).await { Ok(()) } else { wrong() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strict_agency_forgives_width_and_nothing_else() {
        assert!(same_name(NameMatch::Strict, "(株)テスト", "（株）テスト"));
        assert!(!same_name(NameMatch::Strict, "株式会社テスト", "（株）テスト"));
        assert!(same_name(NameMatch::Strict, "カ\u{3099}ラス〜辻\u{E0100}", "ガラス～辻"));
        assert!(same_name(NameMatch::Strict, "Café工務店", "Ｃａｆｅ工務店"));
        assert!(same_name(NameMatch::Forgiving, "株式会社テスト", "（株）テスト"));
    }
}

//! A company's page.

use std::sync::Arc;

use touroku_proto::{
    account::ApplicationState,
    agency::AgencyProfile,
    api::ApiErrorCode,
    field::{FieldId, Values},
    officer::{
        audit::{AuditAction, Detail},
        company::{CardState, CompanyAccount, CompanyCard, CompanyDetail, LabelledValue},
        review::{ReviewKind, ReviewState},
    },
};

use super::timeline::{self, Audience};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    officer::Acting,
    registry::{card::Card, identity::company_match},
    store::{
        Account, CATEGORIES, CardApplication, CardRecord, INFORMATION_PASSWORD, Reader, RosterRow, Subject,
    },
};

/// How long mails are shown, in milliseconds: 400 days.
const MAILS: i64 = 400 * 86_400_000;

/// The most signed applications listed.
const RECEIPTS: usize = 200;

/// The most IDs listed, those in use and pending ones first, and the most cards that are not in use.
const REST: u32 = 200;

/// The company with that number. Records that it was viewed.
///
/// # Errors
/// `not_found`.
pub async fn company(app: &Arc<App>, acting: Acting, number: String) -> Result<CompanyDetail, Error> {
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let detail = detail(writer, &shared, acting.agency(), &number)?;
            acting.record(
                writer,
                AuditAction::CompanyViewed,
                &number,
                &Detail::None,
                shared.outside.now(),
            )?;
            Ok(detail)
        })
        .await
}

/// Everything on a company's page, for officers.
pub(super) fn detail(
    reader: &Reader<'_>,
    app: &App,
    agency: &str,
    number: &str,
) -> Result<CompanyDetail, Error> {
    detail_for(Audience::Officers, reader, app, (agency, number))
}

pub(crate) fn detail_for(
    audience: Audience,
    reader: &Reader<'_>,
    app: &App,
    (agency, number): (&str, &str),
) -> Result<CompanyDetail, Error> {
    let profile = app.agencies.profile(agency)?;
    let row = reader.roster_row(agency, number)?.ok_or(ApiErrorCode::NotFound)?;
    let company = reader.company(agency, number)?;
    let now = app.outside.now();
    let page = Page { reader, agencies: &app.agencies, profile, row: &row, now };
    let mut cards = Vec::new();
    for card in reader.card_records(agency, number)? {
        cards.push(page.card(card)?);
    }
    // After those in use: pending and refused ones.
    let in_use = cards.iter().filter(|card| card.state != CardState::Replaced).count();
    for application in reader.unapproved_cards(agency, number, REST)?.into_iter().rev() {
        cards.insert(in_use, page.application(application)?);
    }
    let accounts = reader.accounts_of(agency, number, REST)?.into_iter();
    // One more shows that there are more.
    let mut receipts = reader.receipts_of(agency, number, RECEIPTS as u32 + 1)?;
    let more_receipts = receipts.len() > RECEIPTS;
    receipts.truncate(RECEIPTS);
    Ok(CompanyDetail {
        number: row.number.clone(),
        name: row.name.clone(),
        registered_unix_ms: reader.registered_at(agency, number)?,
        suspension: reader.company_suspension(agency, number, now)?,
        kept: reader.is_row_kept(agency, number)?,
        validity: row.validity(now),
        permit: reader.permit(agency, number)?,
        roster: roster(profile, &row),
        contacts: company.as_ref().map_or_else(Vec::new, |company| labelled(profile, &company.values)),
        company_id: company.map_or_else(String::new, |company| company.company_id),
        cards,
        accounts: accounts.map(|account| page.account(account)).collect::<Result<_, _>>()?,
        receipts,
        more_receipts,
        number_issued_unix_ms: reader.number_issued_at(agency, number, !profile.search.number_issued)?,
        mails: [reader.held_mails(agency, number)?, reader.mails_of(agency, number, now - MAILS)?].concat(),
        timeline: timeline::of(reader, (agency, number), audience, None)?,
    })
}

/// Its cards, those in use first; pending and refused ones are none.
pub(super) fn cards(
    reader: &Reader<'_>,
    app: &App,
    agency: &str,
    row: &RosterRow,
    now: i64,
) -> Result<Vec<CompanyCard>, Error> {
    let page = Page { reader, agencies: &app.agencies, profile: app.agencies.profile(agency)?, row, now };
    reader.card_records(agency, &row.number)?.into_iter().map(|card| page.card(card)).collect()
}

struct Page<'a> {
    reader: &'a Reader<'a>,
    agencies: &'a Agencies,
    profile: &'a AgencyProfile,
    row: &'a RosterRow,
    now: i64,
}

impl Page<'_> {
    fn card(&self, record: CardRecord) -> Result<CompanyCard, Error> {
        let card = Card::read(self.agencies, &record.certificate)?;
        let state = match (record.is_replaced, record.is_revoked) {
            (true, _) => CardState::Replaced,
            (_, true) => CardState::Revoked,
            _ if card.expires_at() * 1000 < self.now => CardState::Expired,
            _ => CardState::Active,
        };
        Ok(CompanyCard {
            id: record.id,
            state,
            person_in_charge: record.person_in_charge,
            registered_unix_ms: record.registered_at,
            suspension: self.reader.card_suspension(record.id)?,
            contacts: labelled(self.profile, &record.values),
            former_representative: !record.is_replaced && card.is_former(Some(self.row)),
            ..self.of_certificate(&card)
        })
    }

    /// A pending or refused card. Its number is negative because it is not a registered card.
    fn application(&self, application: CardApplication) -> Result<CompanyCard, Error> {
        let card = Card::read(self.agencies, &application.certificate)?;
        let state = match application.state {
            ApplicationState::Rejected | ApplicationState::Withdrawn => CardState::Rejected,
            _ => CardState::Pending,
        };
        Ok(CompanyCard {
            id: -application.id,
            state,
            person_in_charge: application.person_in_charge,
            registered_unix_ms: application.applied_at,
            suspension: self.reader.application_suspension(application.id)?,
            contacts: labelled(self.profile, &application.values),
            former_representative: card.is_former(Some(self.row)),
            ..self.of_certificate(&card)
        })
    }

    /// What the certificate says.
    fn of_certificate(&self, card: &Card) -> CompanyCard {
        let values = card.values();
        CompanyCard {
            id: 0,
            state: CardState::Active,
            serial: card.identity.serial.clone(),
            issuer: values.text(FieldId::CertificateIssuer).to_owned(),
            holder: values.text(FieldId::CardHolderName).to_owned(),
            company_match: company_match(card.names(), self.row),
            expires_unix_ms: card.expires_at() * 1000,
            person_in_charge: String::new(),
            registered_unix_ms: 0,
            former_representative: false,
            suspension: None,
            contacts: Vec::new(),
        }
    }

    fn account(&self, account: Account) -> Result<CompanyAccount, Error> {
        let category = self.profile.category(&account.category);
        let subject = Subject { kind: ReviewKind::Account, id: account.id };
        let two = category.is_some_and(|category| category.approvals > 1);
        let state = match account.state {
            ApplicationState::Approved => ReviewState::Approved,
            ApplicationState::Rejected => ReviewState::Rejected,
            ApplicationState::Withdrawn => ReviewState::Withdrawn,
            ApplicationState::Pending
                if two && self.reader.review_decisions(subject)?.iter().any(|one| one.approved) =>
            {
                ReviewState::FirstApproved
            }
            ApplicationState::Pending => ReviewState::Pending,
        };
        Ok(CompanyAccount {
            id: account.id,
            receipt: account.receipt,
            category: category.map_or(account.category, |category| category.name.to_string()),
            login_id: account.login_id,
            state,
            suspension: self.reader.account_suspension(account.id)?,
            applied_unix_ms: account.applied_at,
        })
    }
}

/// What the roster says, without empty rows.
fn roster(profile: &AgencyProfile, row: &RosterRow) -> Vec<LabelledValue> {
    let qualifications = qualifications(row, "\n");
    [
        (profile.search.number_label.as_str(), &row.number),
        (&profile.search.name_label, &row.name),
        ("カナ", &row.kana),
        ("法人番号", &row.corporate_number),
        ("郵便番号", &row.postal_code),
        ("住所", &row.address),
        ("代表者役職", &row.representative_title),
        ("代表者氏名", &row.representative_name),
        ("電話番号", &row.phone),
        ("FAX番号", &row.fax),
        ("支店名等", &row.branch),
        ("資格", &qualifications),
        ("ユーザID", &row.user_id),
    ]
    .into_iter()
    .chain(row.more.iter().map(|(name, value)| (name.as_str(), value)))
    .filter(|&(label, value)| !value.is_empty() && label != INFORMATION_PASSWORD)
    .map(|(label, value)| LabelledValue { label: label.to_owned(), value: named(profile, label, value) })
    .collect()
}

/// Each with its 等級.
pub(super) fn qualifications(row: &RosterRow, between: &str) -> String {
    let each = row.qualifications.iter().map(|(name, grade)| format!("{name}：{grade}"));
    each.collect::<Vec<_>>().join(between)
}

/// The names of the 区分.
pub(super) fn named(profile: &AgencyProfile, label: &str, value: &str) -> String {
    if label != CATEGORIES {
        return value.to_owned();
    }
    let name = |code| profile.category(code).map_or(code, |category| category.name.as_str());
    value.split(',').map(name).collect::<Vec<_>>().join("／")
}

/// Values with the labels of the profile's forms, in the order of the reference screens. Fields no longer in any
/// form are left out.
pub(super) fn labelled(profile: &AgencyProfile, values: &Values) -> Vec<LabelledValue> {
    let label_of = |field: FieldId| {
        let mut rows = profile.forms.values().flat_map(|form| form.rows());
        rows.find(|row| row.field == field).map(|row| row.label.to_string())
    };
    values
        .0
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(&field, value)| Some(LabelledValue { label: label_of(field)?, value: value.clone() }))
        .collect()
}

//! What stands in the columns of an export.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use touroku_proto::{
    agency::AgencyProfile,
    certificate::Facts,
    export::ExportColumn,
    field::FieldId,
    officer::company::{CardState, CompanyCard, ExportPart, FoundCompany, LabelledValue, Period},
};

use super::super::{
    detail::{cards, labelled, qualifications},
    timeline::{self, Audience, Part},
};
use crate::{
    app::App,
    error::Error,
    japan,
    registry::card::hexadecimal,
    roster::listed::{CARD, CERTIFICATE, COMPANY, EVENT, Listed, TIMELINE},
    store::{Company, Reader},
};

/// The columns of an export, in order.
pub(super) struct Columns {
    listed: Listed,
    parts: Vec<ExportPart>,
    /// Those that are written, where a profile chooses: title, and which of all.
    chosen: Option<Vec<(String, usize)>>,
}

/// What a file about one event says of it.
pub(super) type EventCells = [String; EVENT.len()];

impl Columns {
    /// Everything that officers may ask for.
    pub(super) fn of(profile: &AgencyProfile, parts: Vec<ExportPart>) -> Self {
        Self { listed: Listed::of(profile), parts, chosen: None }
    }

    /// Those that a profile chooses. Names that a checked profile can't have are left out.
    pub(super) fn chosen(profile: &AgencyProfile, columns: &[ExportColumn]) -> Self {
        let all =
            Self { listed: Listed::of(profile), parts: ExportPart::ALL.to_vec(), chosen: Some(Vec::new()) };
        // What nobody asks for is not read: a company without a card's columns is one row.
        let is_wanted = |part: &ExportPart| {
            let own = all.of_part(*part);
            columns.iter().any(|column| own.contains(&column.value))
        };
        let parts = ExportPart::ALL.iter().copied().filter(is_wanted).collect();
        let wanted = Self { parts, ..all };
        let names = wanted.names();
        let chosen = columns.iter().filter_map(|column| {
            let index = names.iter().position(|name| *name == column.value)?;
            Some((column.title().to_owned(), index))
        });
        Self { chosen: Some(chosen.collect()), ..wanted }
    }

    fn has(&self, part: ExportPart) -> bool {
        self.parts.contains(&part)
    }

    fn of_part(&self, part: ExportPart) -> Vec<String> {
        match part {
            ExportPart::Contact => self.listed.contacts().collect(),
            ExportPart::Cards => {
                let certificate = if self.chosen.is_some() { &CERTIFICATE[..] } else { &[] };
                CARD.iter().chain(certificate).map(|name| (*name).to_owned()).collect()
            }
            ExportPart::CardContact => self.listed.card_contacts().collect(),
            ExportPart::Timeline => vec![TIMELINE.to_owned()],
        }
    }

    /// Every column that there is, whether it is written or not.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = COMPANY.map(str::to_owned).to_vec();
        names.extend(self.listed.further.iter().cloned());
        names.extend(self.parts.iter().flat_map(|part| self.of_part(*part)));
        if self.chosen.is_some() {
            names.extend(EVENT.map(str::to_owned));
        }
        names
    }

    pub(super) fn header(&self) -> Vec<String> {
        match &self.chosen {
            Some(chosen) => chosen.iter().map(|(title, _)| title.clone()).collect(),
            None => self.names(),
        }
    }

    /// Of a row with every column, those that are written.
    fn choose(&self, cells: Vec<String>) -> Vec<String> {
        let cell = |index: usize| cells.get(index).cloned().unwrap_or_default();
        match &self.chosen {
            Some(chosen) => chosen.iter().map(|(_, index)| cell(*index)).collect(),
            None => cells,
        }
    }

    /// The row of a company that has left the roster: its number, and what happened.
    fn gone(&self, number: &str, event: &EventCells) -> Vec<String> {
        let mut cells = vec![String::new(); self.names().len() - EVENT.len()];
        cells[0] = number.to_owned();
        cells.extend(event.clone());
        self.choose(cells)
    }

    /// A company's rows: one, or one for each card where cards are asked for. `event`: what the file is about.
    pub(super) fn rows(
        &self,
        reader: &Reader<'_>,
        app: &App,
        (agency, number): (&str, &str),
        event: Option<&EventCells>,
        now: i64,
    ) -> Result<Vec<Vec<String>>, Error> {
        let found = reader.found_company(agency, number, now)?;
        let (Some(row), Some(found)) = (reader.roster_row(agency, number)?, found) else {
            return Ok(event.map(|event| self.gone(number, event)).into_iter().collect());
        };
        let profile = app.agencies.profile(agency)?;
        let company = reader.company(agency, number)?;
        let registered_at = reader.registered_at(agency, number)?;
        let FoundCompany { number, name, kana, address, company_id, cards: many, expires_unix_ms, suspended } =
            found;
        let kind = if company.is_some() { "電子入札業者" } else { "紙入札業者" };
        let mut known = vec![
            number.clone(),
            name,
            kana,
            row.postal_code.clone(),
            address,
            row.representative_name.clone(),
            row.phone.clone(),
            kind.to_owned(),
            company_id,
            registered_at.map(japan::date).unwrap_or_default(),
            many.to_string(),
            expires_unix_ms.map(japan::date).unwrap_or_default(),
            stopped(suspended),
            email(company.as_ref()),
            row.corporate_number.clone(),
            row.representative_title.clone(),
            row.fax.clone(),
            row.branch.clone(),
            qualifications(&row, "、"),
        ];
        let suspension = reader.company_suspension(agency, &number, now)?;
        known.push(suspension.as_ref().map(|suspension| suspension.reason.clone()).unwrap_or_default());
        known.push(suspension.map(|suspension| days(&suspension.period)).unwrap_or_default());
        known.extend(self.listed.further.iter().map(|name| row.further(name).to_owned()));
        let contacts = company.as_ref().map_or_else(Vec::new, |company| labelled(profile, &company.values));
        let timeline =
            self.has(ExportPart::Timeline).then(|| history(reader, agency, &number)).transpose()?;
        let mut each: Vec<Option<CompanyCard>> = Vec::new();
        if self.has(ExportPart::Cards) || self.has(ExportPart::CardContact) {
            each.extend(cards(reader, app, agency, &row, now)?.into_iter().map(Some));
        }
        if each.is_empty() {
            each.push(None);
        }
        let rows = each.iter().map(|card| {
            let mut cells = known.clone();
            for part in &self.parts {
                match part {
                    ExportPart::Contact => cells.extend(values_of(&self.listed.contact, &contacts)),
                    ExportPart::Cards => {
                        cells.extend(card.as_ref().map_or_else(Default::default, of_card));
                        if self.chosen.is_some() {
                            cells.extend(certificate(reader, card.as_ref())?);
                        }
                    }
                    ExportPart::CardContact => {
                        let contacts = card.as_ref().map_or(&[][..], |card| &card.contacts);
                        cells.extend(values_of(&self.listed.card_contact, contacts));
                    }
                    ExportPart::Timeline => cells.push(timeline.clone().unwrap_or_default()),
                }
            }
            if self.chosen.is_some() {
                cells.extend(event.cloned().unwrap_or_default());
            }
            Ok(self.choose(cells))
        });
        rows.collect()
    }
}

fn certificate(
    reader: &Reader<'_>,
    card: Option<&CompanyCard>,
) -> Result<[String; CERTIFICATE.len()], Error> {
    let Some(card) = card else { return Ok(Default::default()) };
    let der = reader.certificate_of(card.id)?;
    let serial =
        Facts::parse(&der).ok().map(|facts| hexadecimal(&facts.serial)).transpose()?.unwrap_or_default();
    Ok([serial, hex::encode(Sha256::digest(&der)), STANDARD.encode(&der)])
}

fn email(company: Option<&Company>) -> String {
    let email = |company: &Company| company.values.text(FieldId::RepresentativeContactEmail).to_owned();
    company.map(email).unwrap_or_default()
}

/// `YYYY-MM-DD～YYYY-MM-DD`; a side without a day is empty.
fn days(period: &Period) -> String {
    let [from, until] = [&period.from, &period.until].map(|day| day.as_deref().unwrap_or_default());
    if from.is_empty() && until.is_empty() { String::new() } else { format!("{from}～{until}") }
}

fn stopped(suspended: bool) -> String {
    if suspended { "停止中" } else { "" }.to_owned()
}

/// The values under these labels.
fn values_of<'a>(labels: &'a [String], values: &'a [LabelledValue]) -> impl Iterator<Item = String> + 'a {
    labels.iter().map(|label| {
        let found = values.iter().find(|value| value.label == *label);
        found.map(|value| value.value.clone()).unwrap_or_default()
    })
}

fn of_card(card: &CompanyCard) -> [String; CARD.len()] {
    let state = match card.state {
        CardState::Active => "使用中",
        CardState::Pending => "審査待ち",
        CardState::Rejected => "却下",
        CardState::Replaced => "更新済み",
        CardState::Revoked => "失効",
        CardState::Expired => "期限切れ",
    };
    [
        state.to_owned(),
        card.serial.clone(),
        card.issuer.clone(),
        card.holder.clone(),
        card.company_match.certificate_name.clone(),
        card.company_match.certificate_address.clone(),
        japan::date(card.expires_unix_ms),
        card.person_in_charge.clone(),
        japan::date(card.registered_unix_ms),
        stopped(card.suspension.is_some()),
    ]
}

/// What happened, newest first, a line for each event.
fn history(reader: &Reader<'_>, agency: &str, number: &str) -> Result<String, Error> {
    let of = |part| timeline::of(reader, (agency, number), Audience::Officers, part);
    let mut timeline = of(None)?;
    while let Some(next) = timeline.next.take() {
        timeline.extend(of(Some(Part::read(&next)?))?);
    }
    let events = timeline.items.into_iter();
    let lines: Vec<String> =
        events.map(|item| format!("{} {}", japan::minute(item.at_unix_ms), item.text)).collect();
    Ok(lines.join("\n"))
}

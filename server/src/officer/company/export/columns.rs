//! What stands in the columns of an export.

use touroku_proto::{
    agency::AgencyProfile,
    field::{FieldId, Scope},
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
    roster::further,
    store::{Company, Reader},
};

const COMPANY: [&str; 21] = [
    "業者番号",
    "商号又は名称",
    "カナ",
    "郵便番号",
    "住所",
    "代表者氏名",
    "電話番号",
    "区分",
    "企業ID",
    "登録日",
    "ICカード枚数",
    "ICカード有効期限",
    "利用停止",
    "代表窓口メールアドレス",
    "法人番号",
    "代表者役職",
    "FAX番号",
    "支店名等",
    "資格",
    "利用停止の理由",
    "利用停止の期間",
];

const CARD: [&str; 10] = [
    "ICカードの状態",
    "証明書シリアル番号",
    "証明書発行者",
    "ICカード取得者氏名",
    "ICカード企業名称",
    "ICカード企業住所",
    "証明書有効期限",
    "担当者",
    "ICカード登録日",
    "ICカード利用停止",
];

/// The columns of an export, in order.
pub(super) struct Columns {
    /// The roster's further columns.
    further: Vec<String>,
    parts: Vec<ExportPart>,
    /// The rows of the company's own form, and of a card's.
    contact: Vec<String>,
    card_contact: Vec<String>,
}

impl Columns {
    pub(super) fn of(profile: &AgencyProfile, parts: Vec<ExportPart>) -> Self {
        let labels = |scope: Scope| {
            let mut labels: Vec<(FieldId, String)> = Vec::new();
            for row in profile.forms.values().flat_map(|form| form.rows()) {
                let is_known = labels.iter().any(|(field, _)| *field == row.field);
                if !is_known && !row.field.is_repetition() && row.field.scope() == scope {
                    labels.push((row.field, row.label.to_string()));
                }
            }
            labels.sort_by_key(|(field, _)| *field);
            labels.into_iter().map(|(_, label)| label).collect()
        };
        let further = further(profile).map(str::to_owned).collect();
        Self { further, parts, contact: labels(Scope::Company), card_contact: labels(Scope::Card) }
    }

    fn has(&self, part: ExportPart) -> bool {
        self.parts.contains(&part)
    }

    pub(super) fn header(&self) -> Vec<String> {
        let mut header: Vec<String> = COMPANY.map(str::to_owned).to_vec();
        header.extend(self.further.iter().cloned());
        for part in &self.parts {
            match part {
                ExportPart::Contact => {
                    header.extend(self.contact.iter().map(|label| format!("代表窓口：{label}")));
                }
                ExportPart::Cards => header.extend(CARD.map(str::to_owned)),
                ExportPart::CardContact => {
                    header.extend(self.card_contact.iter().map(|label| format!("ICカード利用部署：{label}")));
                }
                ExportPart::Timeline => header.push("経過".to_owned()),
            }
        }
        header
    }

    /// A company's rows: one, or one for each card where cards are asked for.
    pub(super) fn rows(
        &self,
        reader: &Reader<'_>,
        app: &App,
        (agency, number): (&str, &str),
        now: i64,
    ) -> Result<Vec<Vec<String>>, Error> {
        let Some(row) = reader.roster_row(agency, number)? else { return Ok(Vec::new()) };
        let Some(found) = reader.found_company(agency, number, now)? else { return Ok(Vec::new()) };
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
        known.extend(self.further.iter().map(|name| row.further(name).to_owned()));
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
                    ExportPart::Contact => cells.extend(values_of(&self.contact, &contacts)),
                    ExportPart::Cards => cells.extend(card.as_ref().map_or_else(Default::default, of_card)),
                    ExportPart::CardContact => {
                        let contacts = card.as_ref().map_or(&[][..], |card| &card.contacts);
                        cells.extend(values_of(&self.card_contact, contacts));
                    }
                    ExportPart::Timeline => cells.push(timeline.clone().unwrap_or_default()),
                }
            }
            cells
        });
        Ok(rows.collect())
    }
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

//! An application with everything an officer sees of it.

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    account::ApplicationState,
    agency::{AgencyProfile, Category},
    field::{FieldId, Values},
    identity::{CompanyMatch, ReviewCause},
    officer::{
        company::Suspension,
        review::{
            ApplicationDetail, ApplicationItem, OtherApplication, OtherDifference, ReviewDecision,
            ReviewKind, ReviewNote, ReviewRow, ReviewState,
        },
    },
    text::fold_name,
};

use super::rows::rows;
use crate::{
    agency::Agencies,
    error::Error,
    officer::Acting,
    registry::{
        account::is_login_id_taken, card::Card, company, identity::company_match as company_match_of,
    },
    review::{approvers, blocked, suspension_of},
    store::{Reader, RosterRow, Subject},
};

/// How many other applications of a company are shown with it.
const MOST_OTHERS: u32 = 20;

/// What is shown regardless of the viewer.
pub(super) struct Shown {
    pub(super) item: ApplicationItem,
    rows: Vec<ReviewRow>,
    approvals: u8,
    reject_reasons: Vec<String>,
    reason: String,
    decisions: Vec<ReviewDecision>,
    notes: Vec<ReviewNote>,
    causes: Vec<ReviewCause>,
    company_match: Option<CompanyMatch>,
    replaces: String,
    suspension: Option<Suspension>,
}

/// An application of either kind.
struct Application {
    receipt: String,
    category: String,
    number: String,
    state: ApplicationState,
    reason: String,
    applied_at: i64,
    /// What was entered.
    applied: Values,
    /// `None` without a card.
    card: Option<Card>,
    causes: Vec<ReviewCause>,
    /// Serial number of the certificate that this one would replace.
    replaces: String,
    person_in_charge: String,
}

impl Shown {
    /// The application with that row id, if it belongs to the agency.
    pub(super) fn of(
        reader: &Reader<'_>,
        agencies: &Agencies,
        profile: &AgencyProfile,
        subject: Subject,
    ) -> Result<Option<Self>, Error> {
        let agency = profile.code.as_str();
        let Some(application) = read(reader, agencies, agency, subject)? else { return Ok(None) };
        let category = profile.category(&application.category);
        let form = category.and_then(|category| match subject.kind {
            ReviewKind::Account => profile.account_form(category),
            ReviewKind::Card => profile.form(category),
        });
        let number = application.number;
        let row = reader.roster_row(agency, &number)?;
        let roster = roster_values(category, row.as_ref());
        let certificate = application.card.as_ref().map(|card| card.values()).unwrap_or_default();
        let company_match = application.card.as_ref().zip(row.as_ref());
        let company_match = company_match.map(|(card, row)| company_match_of(card.names(), row));
        let mut rows = rows(form, &application.applied, &roster, &certificate);
        if !application.person_in_charge.is_empty() {
            rows.push(ReviewRow {
                section: "ICカード".to_owned(),
                label: "担当者".to_owned(),
                applied: Some(application.person_in_charge),
                roster: None,
                certificate: None,
                differs: false,
            });
        }
        let decisions = reader.review_decisions(subject)?;
        let approvals = match subject.kind {
            ReviewKind::Card => profile.card_approvals(),
            ReviewKind::Account => category.map_or(1, |category| category.approvals),
        };
        let first = decisions.iter().find(|decision| decision.approved).filter(|_| approvals > 1);
        let state = match (application.state, first) {
            (ApplicationState::Pending, None) => ReviewState::Pending,
            (ApplicationState::Pending, Some(_)) => ReviewState::FirstApproved,
            (ApplicationState::Approved, _) => ReviewState::Approved,
            (ApplicationState::Rejected, _) => ReviewState::Rejected,
            (ApplicationState::Withdrawn, _) => ReviewState::Withdrawn,
        };
        let item = ApplicationItem {
            kind: subject.kind,
            id: subject.id,
            receipt: application.receipt,
            number: number.clone(),
            name: row.map_or_else(String::new, |row| row.name),
            category: category.map_or(application.category, |category| category.name.to_string()),
            applied_unix_ms: application.applied_at,
            state,
            first_approver: first.map_or_else(String::new, |decision| decision.officer.clone()),
            differences: u32::try_from(rows.iter().filter(|row| row.differs).count()).unwrap_or(u32::MAX),
            others: reader.pending_beside(agency, &number, subject)?,
        };
        Ok(Some(Self {
            item,
            rows,
            approvals,
            reject_reasons: profile.reject_reasons.clone(),
            reason: application.reason,
            decisions,
            notes: reader.review_notes(subject)?,
            causes: application.causes,
            company_match,
            replaces: application.replaces,
            suspension: suspension_of(reader, subject)?,
        }))
    }

    /// Whether that officer is the first of two approvers.
    pub(super) fn is_approved_by(&self, login_id: &str) -> bool {
        self.item.state == ReviewState::FirstApproved
            && self
                .decisions
                .iter()
                .any(|decision| decision.approved && decision.officer.eq_ignore_ascii_case(login_id))
    }

    /// SHA-256 of everything shown, in hex.
    pub(super) fn revision(&self) -> Result<String, Error> {
        let identity = (&self.causes, &self.company_match, &self.replaces, &self.suspension);
        // Others come and go: whoever sends applications must not be able to keep this one from being decided.
        let item = ApplicationItem { others: 0, ..self.item.clone() };
        let shown = (&item, &self.rows, self.approvals, &self.reason, &self.decisions, identity);
        let json =
            serde_json::to_vec(&shown).map_err(|_| Error::Defect("a view can't be written as JSON"))?;
        Ok(hex::encode(Sha256::digest(json)))
    }

    /// As that officer sees it. `now` in Unix milliseconds.
    pub(super) fn detail(
        self,
        reader: &Reader<'_>,
        (agencies, profile): (&Agencies, &AgencyProfile),
        acting: &Acting,
        now: i64,
    ) -> Result<ApplicationDetail, Error> {
        let (others, login_id_taken) = self.beside(reader, agencies, profile)?;
        let login_id = acting.officer.login_id.as_str();
        let is_open = matches!(self.item.state, ReviewState::Pending | ReviewState::FirstApproved);
        let blocked = match is_open && self.approvals > 1 {
            true => {
                let times = (self.item.applied_unix_ms, now);
                blocked(reader, acting.agency(), login_id, &approvers(&self.decisions), times)?
            }
            false => None,
        };
        Ok(ApplicationDetail {
            revision: self.revision()?,
            approved_by_you: self.is_approved_by(login_id),
            blocked,
            others,
            login_id_taken,
            item: self.item,
            rows: self.rows,
            approvals: self.approvals,
            reject_reasons: self.reject_reasons,
            reason: self.reason,
            decisions: self.decisions,
            notes: self.notes,
            causes: self.causes,
            company_match: self.company_match,
            replaces: self.replaces,
            suspension: self.suspension,
        })
    }
}

impl Shown {
    /// The company's other applications, and whether another one has taken the ユーザーID since.
    fn beside(
        &self,
        reader: &Reader<'_>,
        agencies: &Agencies,
        profile: &AgencyProfile,
    ) -> Result<(Vec<OtherApplication>, bool), Error> {
        let (agency, subject) = (profile.code.as_str(), Subject { kind: self.item.kind, id: self.item.id });
        let mut others = Vec::new();
        for other in reader.reviews_beside(agency, &self.item.number, subject, MOST_OTHERS)? {
            let Some(other) = Self::of(reader, agencies, profile, other)? else { continue };
            others.push(OtherApplication {
                differences: if other.item.kind == subject.kind {
                    self.differences(&other)
                } else {
                    Vec::new()
                },
                kind: other.item.kind,
                id: other.item.id,
                receipt: other.item.receipt,
                state: other.item.state,
                applied_unix_ms: other.item.applied_unix_ms,
            });
        }
        let is_open = matches!(self.item.state, ReviewState::Pending | ReviewState::FirstApproved);
        let taken = match (subject.kind, is_open) {
            (ReviewKind::Account, true) => match reader.account(agency, subject.id)? {
                Some(account) => is_login_id_taken(reader, agency, &account.login_id, Some(account.id))?,
                None => false,
            },
            _ => false,
        };
        Ok((others, taken))
    }

    fn differences(&self, other: &Self) -> Vec<OtherDifference> {
        let entered = |shown: &Self, row: &ReviewRow| {
            let same = |one: &&ReviewRow| (&one.section, &one.label) == (&row.section, &row.label);
            shown.rows.iter().find(same).and_then(|row| row.applied.clone()).unwrap_or_default()
        };
        let differs = |row: &ReviewRow| {
            let (here, there) = (entered(self, row), entered(other, row));
            (fold_name(&here) != fold_name(&there)).then(|| OtherDifference {
                label: row.label.clone(),
                here,
                there,
            })
        };
        self.rows.iter().filter_map(differs).collect()
    }
}

fn read(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    subject: Subject,
) -> Result<Option<Application>, Error> {
    if subject.kind == ReviewKind::Account {
        let found = reader.account(agency, subject.id)?;
        return Ok(found.map(|account| {
            let mut applied = account.values;
            applied.set(FieldId::LoginId, account.login_id);
            Application {
                receipt: account.receipt,
                category: account.category,
                number: account.number,
                state: account.state,
                reason: account.reason,
                applied_at: account.applied_at,
                applied,
                card: None,
                causes: Vec::new(),
                replaces: String::new(),
                person_in_charge: String::new(),
            }
        }));
    }
    let Some(found) = reader.card_application(agency, subject.id)? else { return Ok(None) };
    let replaces = match found.replaces {
        Some(card) => reader.serial_of_card(agency, card)?.unwrap_or_default(),
        None => String::new(),
    };
    Ok(Some(Application {
        receipt: found.receipt,
        category: found.category,
        number: found.number,
        state: found.state,
        reason: found.reason,
        applied_at: found.applied_at,
        applied: found.values,
        card: Some(Card::read(agencies, &found.certificate)?),
        causes: found.causes,
        replaces,
        person_in_charge: found.person_in_charge,
    }))
}

fn roster_values(category: Option<&Category>, row: Option<&RosterRow>) -> Values {
    match (category, row) {
        (Some(category), Some(row)) => company::roster_values(category, row),
        _ => Values::default(),
    }
}

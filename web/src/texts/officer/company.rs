//! 照会.

use touroku_proto::{
    api::Function,
    officer::company::{
        CardState, CompanyFilter, ExportPart, MailState, Period, Permit, PermitState, Suspension, Validity,
    },
};

use super::Text;
pub(crate) use super::said::company::*;
use crate::{bidder::clock, texts::identity};

pub(crate) fn filter(filter: CompanyFilter) -> Text {
    match filter {
        CompanyFilter::All => FILTER_ALL,
        CompanyFilter::Paper => FILTER_PAPER,
        CompanyFilter::Electronic => FILTER_ELECTRONIC,
        CompanyFilter::Expiring => FILTER_EXPIRING,
        CompanyFilter::Suspended => FILTER_SUSPENDED,
        CompanyFilter::Bounced => FILTER_BOUNCED,
        CompanyFilter::Revoked => FILTER_REVOKED,
        CompanyFilter::FormerRepresentative => FILTER_FORMER_REPRESENTATIVE,
        CompanyFilter::OtherCompany => identity::OTHER_COMPANY,
        CompanyFilter::Recent => FILTER_RECENT,
        CompanyFilter::PermitReceived => FILTER_PERMIT_RECEIVED,
    }
}

/// What an exported list contains besides each company's own columns.
pub(crate) fn part(part: ExportPart) -> Text {
    match part {
        ExportPart::Contact => PART_CONTACT,
        ExportPart::Cards => PART_CARDS,
        ExportPart::CardContact => PART_CARD_CONTACT,
        ExportPart::Timeline => PART_TIMELINE,
    }
}

pub(crate) const COLUMNS: [Text; 6] = [COLUMNS_1, COLUMNS_2, COLUMNS_3, COLUMNS_4, COLUMNS_5, COLUMNS_6];

pub(crate) fn shown(companies: usize, more: bool) -> String {
    if more { shown_more(companies) } else { shown_all(companies) }
}

pub(crate) const RECEIPT_COLUMNS: [Text; 4] =
    [RECEIPT_COLUMNS_1, RECEIPT_COLUMNS_2, RECEIPT_COLUMNS_3, RECEIPT_COLUMNS_4];

pub(crate) fn function(function: Function) -> Text {
    match function {
        Function::Register | Function::Apply => FUNCTION_REGISTER,
        Function::Change | Function::ChangeAccount => FUNCTION_CHANGE,
        Function::Renew => FUNCTION_RENEW,
    }
}

pub(crate) const MAIL_COLUMNS: [Text; 4] = [MAIL_COLUMNS_1, MAIL_COLUMNS_2, MAIL_COLUMNS_3, MAIL_COLUMNS_4];

pub(crate) const ACCOUNT_COLUMNS: [Text; 6] = [
    ACCOUNT_COLUMNS_1,
    ACCOUNT_COLUMNS_2,
    ACCOUNT_COLUMNS_3,
    ACCOUNT_COLUMNS_4,
    ACCOUNT_COLUMNS_5,
    ACCOUNT_COLUMNS_6,
];

/// Who suspended, and when.
pub(crate) fn suspension(suspension: &Suspension) -> String {
    // Whoever is not an officer is the company itself, from 登録状況.
    let officer = suspension.officer.as_str();
    let who = if officer.is_empty() { COMPANY_ITSELF.get() } else { officer };
    let at = clock::shown(suspension.at_unix_ms);
    if suspension.in_force { suspension_by(who, &at) } else { suspension_planned(who, &at) }
}

/// The days of a suspension, if it has any.
pub(crate) fn period(period: &Period) -> Option<String> {
    let day = |day: &Option<String>| day.as_deref().map(clock::day_shown);
    Some(match (day(&period.from), day(&period.until)) {
        (None, None) => return None,
        (Some(from), None) => period_from(&from),
        (None, Some(until)) => period_until(&until),
        (Some(from), Some(until)) => period_of(&from, &until),
    })
}

/// How far 利用申請書 is.
pub(crate) fn permit(permit: Option<&Permit>) -> String {
    let Some(permit) = permit else { return PERMIT_NONE.to_string() };
    let officer = permit.officer.as_str();
    let officer = if officer.is_empty() { PERMIT_COMMAND.get() } else { officer };
    let at = clock::shown(permit.at_unix_ms);
    match permit.state {
        PermitState::Received => permit_received(&at, officer),
        PermitState::Permitted => permit_permitted(&at, officer),
    }
}

/// What a qualification that is not valid today means.
pub(crate) fn validity(validity: &Validity) -> Option<String> {
    match validity {
        Validity::Valid => None,
        Validity::NotYet { from } => Some(qualified_from(&clock::day_shown(from))),
        Validity::Expired { until } => Some(qualified_until(&clock::day_shown(until))),
    }
}

pub(crate) fn card_state(state: CardState) -> Text {
    match state {
        CardState::Active => CARD_STATE_ACTIVE,
        CardState::Pending => CARD_STATE_PENDING,
        CardState::Rejected => CARD_STATE_REJECTED,
        CardState::Replaced => CARD_STATE_REPLACED,
        CardState::Revoked => CARD_STATE_REVOKED,
        CardState::Expired => CARD_STATE_EXPIRED,
    }
}

pub(crate) fn mail_state(state: MailState) -> Text {
    match state {
        MailState::Queued => MAIL_STATE_QUEUED,
        MailState::Sent => MAIL_STATE_SENT,
        MailState::Refused => MAIL_STATE_REFUSED,
        MailState::GivenUp => MAIL_STATE_GIVEN_UP,
        MailState::Unconfirmed => MAIL_STATE_UNCONFIRMED,
        MailState::OverLimit => MAIL_STATE_OVER_LIMIT,
        MailState::NeverSent => MAIL_STATE_NEVER_SENT,
    }
}

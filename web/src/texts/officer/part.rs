//! 機関設定 as forms.

use touroku_proto::{agency::DeskKind, mail::MAILS};

use super::Text;
pub(crate) use super::said::part::*;
use crate::officer::part::{Closed, Part};

/// Name and purpose of each mail, in the order of [`MAILS`].
const OF_MAILS: [(Text, Text); MAILS.len()] = [
    (MAIL_REGISTERED, ABOUT_REGISTERED),
    (MAIL_CARD_ADDED, ABOUT_CARD_ADDED),
    (MAIL_COMPANY_NOTICE, ABOUT_COMPANY_NOTICE),
    (MAIL_CHANGED, ABOUT_CHANGED),
    (MAIL_RENEWED, ABOUT_RENEWED),
    (MAIL_CARD_EXPIRING, ABOUT_CARD_EXPIRING),
    (MAIL_CARD_REVOKED, ABOUT_CARD_REVOKED),
    (MAIL_CARD_APPLIED, ABOUT_CARD_APPLIED),
    (MAIL_CARD_APPROVED, ABOUT_CARD_APPROVED),
    (MAIL_CARD_REJECTED, ABOUT_CARD_REJECTED),
    (MAIL_ADDRESS_CONFIRMATION, ABOUT_ADDRESS_CONFIRMATION),
    (MAIL_APPLIED, ABOUT_APPLIED),
    (MAIL_APPROVED, ABOUT_APPROVED),
    (MAIL_REJECTED, ABOUT_REJECTED),
    (MAIL_ACCOUNT_CHANGED, ABOUT_ACCOUNT_CHANGED),
    (MAIL_PASSWORD_RESET, ABOUT_PASSWORD_RESET),
    (MAIL_NUMBER_ISSUED, ABOUT_NUMBER_ISSUED),
];

pub(crate) fn title(part: Part) -> Text {
    match part {
        Part::Notices => TITLE_NOTICES,
        Part::Guide => TITLE_GUIDE,
        Part::Hours => TITLE_HOURS,
        Part::Desks => TITLE_DESKS,
        Part::Mails => TITLE_MAILS,
        Part::Reasons => TITLE_REASONS,
        Part::Mail(index) => OF_MAILS[index].0,
    }
}

/// What it is for.
pub(crate) fn lead(part: Part) -> Text {
    match part {
        Part::Notices => LEAD_NOTICES,
        Part::Guide => LEAD_GUIDE,
        Part::Hours => LEAD_HOURS,
        Part::Desks => LEAD_DESKS,
        Part::Mails => LEAD_MAILS,
        Part::Reasons => LEAD_REASONS,
        Part::Mail(index) => OF_MAILS[index].1,
    }
}

pub(crate) fn desk(kind: DeskKind) -> Text {
    match kind {
        DeskKind::Helpdesk => DESK_HELPDESK,
        DeskKind::CertificationAuthority => DESK_AUTHORITY,
        DeskKind::Agency => DESK_AGENCY,
    }
}

/// Monday first.
pub(crate) const WEEK_DAYS: [Text; 7] = [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY];

/// A day of the calendar, and whether it is closed. `weekday`: from 0, Monday.
pub(crate) fn day_and_state(month: u8, date: u8, weekday: usize, closed: Closed) -> String {
    let day = day(month, date, &WEEK_DAYS[weekday]);
    match closed {
        Closed::Not => day_open(&day),
        Closed::Once => day_closed(&day),
        Closed::Weekly => day_weekly(&day),
        Closed::Holiday => day_holiday(&day),
        Closed::Yearly => day_yearly(&day),
    }
}

/// What a placeholder that is no field stands for.
pub(crate) fn placeholder(name: &str) -> Text {
    match name {
        "agency" => P_AGENCY,
        "receipt" => P_RECEIPT,
        "at" => P_AT,
        "event" => P_EVENT,
        "actor" => P_ACTOR,
        "days_left" => P_DAYS_LEFT,
        "function" => P_FUNCTION,
        "reason" => P_REASON,
        "link" => P_LINK,
        "until" => P_UNTIL,
        "number" => P_NUMBER,
        _ => Text::NONE,
    }
}

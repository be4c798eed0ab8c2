//! 担当者の管理, 自分のアカウント, 監査記録.

use touroku_proto::officer::{MailWhen, OfficerState, Role};

pub(crate) use super::said::manage::*;
use super::{Text, said::roles, screen::count};

pub(crate) fn role_option(role: Role) -> String {
    roles::may(role).map_or_else(|| role.name().to_owned(), |what| role_option_of(role.name(), &what))
}

pub(crate) fn state(state: OfficerState) -> Text {
    match state {
        OfficerState::Invited => STATE_INVITED,
        OfficerState::Active => STATE_ACTIVE,
        OfficerState::Stopped => STATE_STOPPED,
    }
}

pub(crate) const COLUMNS: [Text; 6] = [COLUMNS_1, COLUMNS_2, COLUMNS_3, COLUMNS_4, COLUMNS_5, COLUMNS_6];

pub(crate) fn more(sessions: u32, has_card: bool) -> String {
    if has_card { sessions_and_card(sessions) } else { sessions_of(sessions) }
}

pub(crate) fn to_role(role: Role) -> String {
    to_role_of(role.name())
}

pub(crate) fn address(email: &str) -> &str {
    if email.is_empty() { NO_ADDRESS.get() } else { email }
}

pub(crate) const SESSION_COLUMNS: [Text; 5] =
    [SESSION_COLUMNS_1, SESSION_COLUMNS_2, SESSION_COLUMNS_3, SESSION_COLUMNS_4, SESSION_COLUMNS_5];

/// What it contains, and whether it is sent.
pub(crate) fn daily_mail(on: bool) -> Text {
    if on { DAILY_MAIL_ON } else { DAILY_MAIL_OFF }
}

pub(crate) fn mail_when(when: MailWhen) -> Text {
    match when {
        MailWhen::AtOnce => MAIL_AT_ONCE,
        MailWhen::Daily => MAIL_DAILY,
        // Never, and what this page does not know yet.
        _ => MAIL_NEVER,
    }
}

pub(crate) fn turn_daily_mail(on: bool) -> Text {
    if on { TURN_DAILY_MAIL_OFF } else { TURN_DAILY_MAIL_ON }
}

pub(crate) const AUDIT_COLUMNS: [Text; 7] = [
    AUDIT_COLUMNS_1,
    AUDIT_COLUMNS_2,
    AUDIT_COLUMNS_3,
    AUDIT_COLUMNS_4,
    AUDIT_COLUMNS_5,
    AUDIT_COLUMNS_6,
    AUDIT_COLUMNS_7,
];

pub(crate) fn checking(proved: i64, entries: i64) -> String {
    checking_of(&count(entries.unsigned_abs()), &count(proved.unsigned_abs()))
}

pub(crate) fn not_yet_proved(proved: i64, entries: i64) -> String {
    not_yet_proved_of(&count(entries.unsigned_abs()), &count(proved.unsigned_abs()))
}

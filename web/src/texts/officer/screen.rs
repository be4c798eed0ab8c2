//! Headings, navigation, calm messages.

use super::Text;
pub(crate) use super::said::screen::*;
use crate::officer::{
    route::Route,
    state::{CardStep, Notice},
};

/// The heading (h1) of a screen.
pub(crate) fn heading(route: &Route) -> Text {
    match route {
        Route::SetUp { .. } => HEADING_SET_UP,
        Route::Home => HEADING_HOME,
        Route::Mails => HEADING_MAILS,
        Route::Queue(_) => HEADING_QUEUE,
        Route::Application { .. } => HEADING_APPLICATION,
        Route::Imports => HEADING_IMPORTS,
        Route::Import { .. } => HEADING_IMPORT,
        Route::Companies(_) => HEADING_COMPANIES,
        Route::Company { .. } => HEADING_COMPANY,
        Route::Row { number } if number.is_empty() => HEADING_NEW_ROW,
        Route::Row { .. } => HEADING_ROW,
        Route::Listing => HEADING_LISTING,
        Route::Numbers => HEADING_NUMBERS,
        Route::Officers => HEADING_OFFICERS,
        Route::Account => HEADING_ACCOUNT,
        Route::Audit(_) => HEADING_AUDIT,
        Route::Settings => HEADING_SETTINGS,
        Route::Part(part) => super::part::title(*part),
        Route::Preview => HEADING_PREVIEW,
        Route::Clients => HEADING_CLIENTS,
        Route::NotFound => HEADING_NOT_FOUND,
    }
}

pub(crate) fn minutes_left(minutes: u32, for_good: bool) -> String {
    match minutes {
        0 => ENDS_NOW.to_string(),
        _ if for_good => ends_for_good_in(minutes),
        _ => ends_in(minutes),
    }
}

/// What the card panel says.
pub(crate) fn card_step(step: CardStep) -> Text {
    match step {
        CardStep::Idle | CardStep::Challenging => CARD_STEP_IDLE,
        CardStep::Opening => CARD_STEP_OPENING,
        CardStep::Open => CARD_STEP_OPEN,
        CardStep::Checking => CARD_STEP_CHECKING,
    }
}

pub(crate) fn notice(notice: Notice) -> Text {
    match notice {
        Notice::SignedOut => NOTICE_SIGNED_OUT,
        Notice::Resumed => NOTICE_RESUMED,
        Notice::Approved => NOTICE_APPROVED,
        Notice::FirstApproved => NOTICE_FIRST_APPROVED,
        Notice::Rejected => NOTICE_REJECTED,
        Notice::ApprovedTogether => NOTICE_APPROVED_TOGETHER,
        Notice::Collected => NOTICE_COLLECTED,
        Notice::Noted => NOTICE_NOTED,
        Notice::Mapped => NOTICE_MAPPED,
        Notice::Taking => NOTICE_TAKING,
        Notice::Taken => NOTICE_TAKEN,
        Notice::Undone => NOTICE_UNDONE,
        Notice::Cancelled => NOTICE_CANCELLED,
        Notice::OtherFile => NOTICE_OTHER_FILE,
        Notice::NotOneFile => NOTICE_NOT_ONE_FILE,
        Notice::FileTooLarge => NOTICE_FILE_TOO_LARGE,
        Notice::FileEmpty => NOTICE_FILE_EMPTY,
        Notice::Suspended => NOTICE_SUSPENDED,
        Notice::RowSaved => NOTICE_ROW_SAVED,
        Notice::SuspensionPlanned => NOTICE_SUSPENSION_PLANNED,
        Notice::PermitsGranted => NOTICE_PERMITS_GRANTED,
        Notice::PermitsLeft => NOTICE_PERMITS_LEFT,
        Notice::PermitSet => NOTICE_PERMIT_SET,
        Notice::SuspensionCorrected => NOTICE_SUSPENSION_CORRECTED,
        Notice::Lifted => NOTICE_LIFTED,
        Notice::LettersSent => NOTICE_LETTERS_SENT,
        Notice::MailSentAgain => NOTICE_MAIL_SENT_AGAIN,
        Notice::MailGivenUp => NOTICE_MAIL_GIVEN_UP,
        Notice::MailsSentAgain => NOTICE_MAILS_SENT_AGAIN,
        Notice::MailsGivenUp => NOTICE_MAILS_GIVEN_UP,
        Notice::OfficerChanged => NOTICE_OFFICER_CHANGED,
        Notice::PasswordChanged => NOTICE_PASSWORD_CHANGED,
        Notice::SessionEnded => NOTICE_SESSION_ENDED,
        Notice::CardLinked => NOTICE_CARD_LINKED,
        Notice::NoticesSet => NOTICE_NOTICES_SET,
        Notice::CardUnlinked => NOTICE_CARD_UNLINKED,
        Notice::ProfileTaken => NOTICE_PROFILE_TAKEN,
        Notice::ProfileProposed => NOTICE_PROFILE_PROPOSED,
        Notice::ProfileWithdrawn => NOTICE_PROFILE_WITHDRAWN,
        Notice::ChangedMeanwhile => NOTICE_CHANGED_MEANWHILE,
        Notice::Exported => NOTICE_EXPORTED,
        Notice::Copied => NOTICE_COPIED,
        Notice::NotCopied => NOTICE_NOT_COPIED,
    }
}

/// `1,234`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3日と4時間` and the like: how long something has waited.
pub(crate) fn duration(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    match (days, hours) {
        (0, 0) => self::minutes(minutes),
        (0, hours) => self::hours(hours),
        (days, 0) => self::days(days),
        (days, hours) => days_and_hours(days, hours),
    }
}

/// `12.3 MB`. Without fractions: the code that writes these weighs more than this screen.
pub(crate) fn bytes(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        _ => (1_000_000, "MB"),
    };
    let tenths = (bytes + unit / 20) / (unit / 10);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_durations_are_written_as_people_read_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(duration(59_000), "0分");
        assert_eq!(duration(5 * 3_600_000), "5時間");
        assert_eq!(duration(86_400_000 * 3), "3日");
        assert_eq!(duration(86_400_000 * 3 + 3_600_000), "3日と1時間");
        assert_eq!(duration(-5), "0分");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(512 * 1024 * 1024), "536.9 MB");
    }
}

//! Sentences of 環境確認, and its result as a text for the help desk.

use touroku_proto::{
    card::{CardErrorCode, Severity},
    field::FieldId,
};

pub(crate) use super::said::contractor::checkup::*;
use super::{Advice, Text, advice as trouble_advice, helpdesk, managed_advice, reference, screen};
use crate::bidder::{
    checkup::{Cause, Mark, OLDEST_CHROMIUM, Part, Row},
    clock,
    examination::Examination,
    state::{Connection, State},
    trouble::Trouble,
};

/// Why it was not requested: names the part that does not support check-ups.
pub fn unavailable(code: CardErrorCode) -> Text {
    match code {
        CardErrorCode::ExtensionTooOld => UNAVAILABLE_EXTENSION_TOO_OLD,
        _ => UNAVAILABLE_OTHER,
    }
}

/// How bad, in a word.
pub fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Error => SEVERITY_ERROR,
        Severity::Warning => SEVERITY_WARNING,
        Severity::Note => SEVERITY_NOTE,
    }
}

/// The verdict in one sentence: whether 受注者クライアント lets the person continue, and how many parts are ×.
pub fn verdict(connection: &Connection, rows: &[Row]) -> String {
    let bad = rows.iter().filter(|row| row.mark == Mark::Bad).count();
    match (connection.is_waiting(), connection.is_ready(), bad) {
        (true, ..) => screen::CHECKING.to_string(),
        (_, true, 0) => VERDICT_READY.to_string(),
        (_, true, bad) => verdict_ready_but(bad),
        (_, false, bad) => verdict_failed(bad),
    }
}

pub fn name(part: Part) -> Text {
    match part {
        Part::Browser => NAME_BROWSER,
        Part::Extension => NAME_EXTENSION,
        Part::Host => NAME_HOST,
        Part::Service => NAME_SERVICE,
        Part::Reader => NAME_READER,
        Part::Card => NAME_CARD,
        Part::Certificate => NAME_CERTIFICATE,
        Part::Clock => NAME_CLOCK,
        Part::Network => NAME_NETWORK,
    }
}

/// A row's symbol and word.
pub fn mark(state: &State, row: &Row) -> (Text, Text) {
    match row.mark {
        _ if state.connection.without_card && row.part.is_for_card() => (SIGN_NONE, NOT_NEEDED),
        Mark::Ok => (SIGN_OK, MARK_OK),
        Mark::Bad => (SIGN_BAD, MARK_BAD),
        Mark::Unknown => (SIGN_NONE, MARK_UNKNOWN),
        Mark::Waiting => (SIGN_WAITING, MARK_WAITING),
    }
}

/// What was found out about a part; may be empty.
pub fn detail(state: &State, part: Part) -> String {
    let status = state.connection.status.as_ref();
    let version = |part: &touroku_proto::card::Part| version(&part.version);
    match part {
        Part::Browser => match &state.checkup.browser {
            Some(browser) if browser.chromium > 0 => self::browser(&browser.name, browser.chromium),
            Some(browser) => browser.name.clone(),
            None => String::new(),
        },
        Part::Extension => status.map(|status| version(&status.extension)).unwrap_or_default(),
        Part::Host => status.and_then(|status| status.host.as_ref()).map(version).unwrap_or_default(),
        Part::Reader => match status.map_or(0, |status| status.readers) {
            0 => String::new(),
            count => readers(count),
        },
        Part::Card => match status.map_or(0, |status| status.cards) {
            0 => String::new(),
            count => cards(count),
        },
        Part::Certificate => match state.accepted_card() {
            Some(card) if card.registered => CARD_REGISTERED.to_string(),
            Some(_) => CARD_UNREGISTERED.to_string(),
            None => String::new(),
        },
        Part::Clock => state.checkup.skew_ms.map(skew).unwrap_or_default(),
        Part::Network => match state.checkup.round_trip_ms {
            Some(milliseconds) => round_trip(milliseconds),
            None => String::new(),
        },
        Part::Service => String::new(),
    }
}

/// How far the computer's clock is off.
fn skew(skew_ms: i64) -> String {
    let seconds = skew_ms.unsigned_abs() / 1000;
    let length = match (seconds / 86_400, seconds / 3600, seconds / 60) {
        (0, 0, 0) => self::seconds(seconds),
        (0, 0, minutes) => self::minutes(minutes),
        (0, hours, _) => self::hours(hours),
        (days, ..) => self::days(days),
    };
    match (seconds, skew_ms.is_positive()) {
        (0, _) => SKEW_NONE.to_string(),
        (_, true) => skew_fast(&length),
        (_, false) => skew_slow(&length),
    }
}

/// Why a part is ×, and what to do.
pub fn advice(state: &State, cause: &Cause) -> Advice {
    match cause {
        Cause::BrowserForeign => helpdesk(browser_foreign::WHAT, browser_foreign::NEXT),
        Cause::BrowserOld => helpdesk(browser_old::WHAT, browser_old::NEXT),
        Cause::Clock => helpdesk(clock_wrong::WHAT, clock_wrong::NEXT),
        Cause::Trouble(trouble) => managed_advice(state, trouble).unwrap_or_else(|| trouble_advice(trouble)),
    }
}

/// The line for the help desk.
pub fn cause_reference(cause: &Cause) -> String {
    match cause {
        Cause::BrowserForeign => "browser_foreign".to_owned(),
        Cause::BrowserOld => format!("browser_old ({OLDEST_CHROMIUM})"),
        Cause::Clock => "clock_skew".to_owned(),
        Cause::Trouble(trouble) => reference(trouble),
    }
}

/// The code alone (`data-error`).
pub fn cause_code(cause: &Cause) -> &'static str {
    match cause {
        Cause::BrowserForeign => "browser_foreign",
        Cause::BrowserOld => "browser_old",
        Cause::Clock => "clock_skew",
        Cause::Trouble(Trouble::Unreachable) => "unreachable",
        Cause::Trouble(trouble) => trouble.code(),
    }
}

/// The result as a text: no holder, no serial number, nothing that was typed.
pub fn report(state: &State, rows: &[Row]) -> String {
    let mut lines = vec![REPORT_TITLE.to_string()];
    if let Some(clock) = &state.clock {
        lines.push(report_at(&clock::shown(clock.now_ms)));
    }
    if let Some(profile) = state.profile() {
        lines.push(report_agency(&profile.name));
    }
    if let Some(portal) = &state.portal {
        lines.push(report_server(&portal.version));
    }
    lines.push(verdict(&state.connection, rows));
    for row in rows {
        let (sign, word) = mark(state, row);
        let mut line = format!("{sign} {}：{word}", name(row.part));
        let found = detail(state, row.part);
        if !found.is_empty() {
            line.push_str(&format!("　{found}"));
        }
        if let Some(cause) = &row.cause {
            line.push_str(&format!("　[{}]", cause_reference(cause)));
        }
        lines.push(line);
    }
    match &state.checkup.examination {
        Examination::Done(findings) if findings.is_empty() => lines.push(REPORT_NOTHING_FOUND.to_string()),
        Examination::Done(findings) => {
            for finding in findings {
                let (severity, what) = (severity(finding.severity), &finding.what);
                lines.push(format!("{EXAMINATION}：{severity}　{what}　[{}]", finding.code));
            }
        }
        Examination::Failed(trouble) => lines.push(format!("{EXAMINATION}：[{}]", reference(trouble))),
        Examination::Unavailable(code) => lines.push(format!("{EXAMINATION}：[{}]", code.as_str())),
        Examination::Unasked | Examination::Waiting => {}
    }
    if let Some(card) = state.accepted_card() {
        let text = |field| card.values.text(field);
        lines.push(report_issuer(text(FieldId::CertificateIssuer)));
        lines.push(report_expiry(text(FieldId::CertificateExpiry)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_says_by_how_much_and_which_way() {
        assert_eq!(skew(999), "ずれはありません");
        assert_eq!(skew(-61_000), "パソコンの時計が1分遅れています");
        assert_eq!(skew(7_200_000), "パソコンの時計が2時間進んでいます");
        assert_eq!(skew(-400 * 86_400_000), "パソコンの時計が400日遅れています");
    }
}

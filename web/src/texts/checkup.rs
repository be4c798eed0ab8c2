//! Sentences of 環境確認, and its result as a text for the help desk.

use touroku_proto::{
    card::{CardErrorCode, Severity},
    field::FieldId,
};

use super::{Advice, advice as trouble_advice, helpdesk, managed_advice, reference, screen};
use crate::bidder::{
    checkup::{Cause, Mark, OLDEST_CHROMIUM, Part, Row},
    clock,
    examination::Examination,
    state::{Connection, State},
    trouble::Trouble,
};

/// Above the list.
pub const LEAD: &str = "電子入札を利用する準備ができているかを、上から順に確認します。×の項目は、原因と直し方、お問い合わせ先を示します。";
/// 検証機能, on 受注者クライアント.
pub const OPEN: &str = "検証機能";
/// 再確認.
pub const AGAIN: &str = "再確認";
/// Needs the PIN.
pub const CHECK_CERTIFICATE: &str = "証明書を確認する";
/// … and says so.
pub const CERTIFICATE_NEEDS_PIN: &str =
    "このICカードが受け付けられるかを、サーバーで確かめます。PIN番号の入力が必要です。登録や変更はしません。";
/// Something before it is missing.
pub const CERTIFICATE_LATER: &str = "ほかの項目が○になり、調達機関が決まると、確認できます。";
/// 証明書発行者.
pub const ISSUER: &str = "証明書発行者";
/// Choose whose desks.
pub const CHOOSE_AGENCY: &str = "調達機関を選ぶと、そのお問い合わせ先を示し、証明書も確認できます。";
/// 結果をコピー.
pub const COPY: &str = "結果をコピー";
/// Above what the doctor found.
pub const EXAMINATION: &str = "くわしい点検";
/// Name of the list.
pub const EXAMINATION_RESULTS: &str = "くわしい点検の結果";
/// … is running.
pub const EXAMINING: &str = "カード接続プログラムが、このパソコンの設定を調べています。少しお待ちください。";
/// … found nothing.
pub const EXAMINED: &str =
    "カード接続プログラムが、このパソコンの設定を調べました。問題は見つかりませんでした。";
/// … found something.
pub const EXAMINED_FOUND: &str = "カード接続プログラムが、このパソコンの設定を調べて見つけたことです。場所や値は、コマンド touroku-host doctor で分かります。";
/// … could not be done.
pub const NOT_EXAMINED: &str = "くわしい点検ができませんでした。上の項目の結果に変わりはありません。";
/// Whom to call, by the doctor's word.
pub const ASK: &str = "お問い合わせ先";

/// Why it was not asked for: a part that knows no check-ups is named.
pub fn unavailable(code: CardErrorCode) -> &'static str {
    match code {
        CardErrorCode::ExtensionTooOld => "くわしい点検は、ブラウザーの拡張機能を更新すると使えます。",
        _ => "くわしい点検は、カード接続プログラム（touroku-host）を更新すると使えます。",
    }
}

/// How bad, in a word.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "問題",
        Severity::Warning => "注意",
        Severity::Note => "参考",
    }
}

/// Name of the text.
pub const REPORT: &str = "お問い合わせ用の文";
/// What it holds.
pub const REPORT_NOTE: &str =
    "お問い合わせのときに、この文をお伝えください。氏名や証明書の番号は含まれません。";
/// Name of the list.
pub const RESULTS: &str = "環境確認の結果";

/// The verdict in one sentence: whether 受注者クライアント lets the person on, and how many parts are ×.
pub fn verdict(connection: &Connection, rows: &[Row]) -> String {
    let bad = rows.iter().filter(|row| row.mark == Mark::Bad).count();
    match (connection.is_waiting(), connection.is_ready(), bad) {
        (true, ..) => screen::CHECKING.to_owned(),
        (_, true, 0) => format!("{}。", screen::CHECKED),
        (_, true, bad) => format!("先へ進めますが、直すところが{bad}か所あります。"),
        (_, false, bad) => format!("{}。直すところが{bad}か所あります。", screen::CHECK_FAILED),
    }
}

/// A part's name.
pub fn name(part: Part) -> &'static str {
    match part {
        Part::Browser => "ブラウザー",
        Part::Extension => "拡張機能",
        Part::Host => "カード接続プログラム",
        Part::Service => "スマートカードサービス",
        Part::Reader => "カードリーダー",
        Part::Card => "ICカード",
        Part::Certificate => "証明書",
        Part::Clock => "時計のずれ",
        Part::Network => "通信",
    }
}

/// Not needed by those who come with ID and password.
pub const NOT_NEEDED: &str = "ID/パスワードの方法では使いません";

/// A row's sign and word.
pub fn mark(state: &State, row: &Row) -> (&'static str, &'static str) {
    match row.mark {
        _ if state.connection.without_card && row.part.is_for_card() => ("－", NOT_NEEDED),
        Mark::Ok => ("○", "問題ありません"),
        Mark::Bad => ("×", "問題があります"),
        Mark::Unknown => ("－", "確認していません"),
        Mark::Waiting => ("…", "確認中"),
    }
}

/// What was found out about a part; empty for nothing.
pub fn detail(state: &State, part: Part) -> String {
    let status = state.connection.status.as_ref();
    let version = |part: &touroku_proto::card::Part| format!("バージョン{}", part.version);
    match part {
        Part::Browser => match &state.checkup.browser {
            Some(browser) if browser.chromium > 0 => {
                format!("{}（Chromium {}）", browser.name, browser.chromium)
            }
            Some(browser) => browser.name.clone(),
            None => String::new(),
        },
        Part::Extension => status.map(|status| version(&status.extension)).unwrap_or_default(),
        Part::Host => status.and_then(|status| status.host.as_ref()).map(version).unwrap_or_default(),
        Part::Reader => match status.map_or(0, |status| status.readers) {
            0 => String::new(),
            readers => format!("{readers}台"),
        },
        Part::Card => match status.map_or(0, |status| status.cards) {
            0 => String::new(),
            cards => format!("{cards}枚"),
        },
        Part::Certificate => match state.accepted_card() {
            Some(card) if card.registered => "受け付けられます。この調達機関に登録されています。".to_owned(),
            Some(_) => "受け付けられます。この調達機関には、まだ登録されていません。".to_owned(),
            None => String::new(),
        },
        Part::Clock => state.checkup.skew_ms.map(skew).unwrap_or_default(),
        Part::Network => match state.checkup.round_trip_ms {
            Some(milliseconds) => format!("往復{milliseconds}ミリ秒"),
            None => String::new(),
        },
        Part::Service => String::new(),
    }
}

/// How far the computer's clock is off.
fn skew(skew_ms: i64) -> String {
    let seconds = skew_ms.unsigned_abs() / 1000;
    let length = match (seconds / 86_400, seconds / 3600, seconds / 60) {
        (0, 0, 0) => format!("{seconds}秒"),
        (0, 0, minutes) => format!("{minutes}分"),
        (0, hours, _) => format!("{hours}時間"),
        (days, ..) => format!("{days}日"),
    };
    match (seconds, skew_ms.is_positive()) {
        (0, _) => "ずれはありません".to_owned(),
        (_, true) => format!("パソコンの時計が{length}進んでいます"),
        (_, false) => format!("パソコンの時計が{length}遅れています"),
    }
}

/// Why a part is ×, and what to do.
pub fn advice(state: &State, cause: &Cause) -> Advice {
    match cause {
        Cause::BrowserForeign => helpdesk(
            "このブラウザーでは、ICカードを使えません。",
            "Microsoft EdgeまたはGoogle Chromeの新しいものを使ってください。",
        ),
        Cause::BrowserOld => helpdesk(
            "ブラウザーが古く、ICカードの拡張機能が動きません。",
            "ブラウザーを更新し、起動し直してください。管理者がいるパソコンでは、管理者に依頼してください。",
        ),
        Cause::Clock => helpdesk(
            "パソコンの日付と時刻が、5分以上ずれています。",
            "パソコンの設定で日付と時刻、タイムゾーンを合わせ、自動で合わせる機能をオンにしてください。",
        ),
        Cause::Trouble(trouble) => managed_advice(state, trouble).unwrap_or_else(|| trouble_advice(trouble)),
    }
}

/// The line for the help desk.
pub fn cause_reference(cause: &Cause) -> String {
    match cause {
        Cause::BrowserForeign => "browser_foreign".to_owned(),
        Cause::BrowserOld => format!("browser_old（{OLDEST_CHROMIUM}）"),
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
    let mut lines = vec!["電子入札システム 環境確認".to_owned()];
    if let Some(clock) = &state.clock {
        lines.push(format!("日時：{}", clock::shown(clock.now_ms)));
    }
    if let Some(profile) = state.profile() {
        lines.push(format!("調達機関：{}", profile.name));
    }
    if let Some(portal) = &state.portal {
        lines.push(format!("サーバー：バージョン{}", portal.version));
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
        Examination::Done(findings) if findings.is_empty() => lines.push(format!("{EXAMINATION}：問題なし")),
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
        lines.push(format!("発行者：{}", text(FieldId::CertificateIssuer)));
        lines.push(format!("有効期限：{}", text(FieldId::CertificateExpiry)));
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

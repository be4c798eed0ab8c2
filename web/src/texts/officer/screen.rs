//! Headings, navigation, calm messages.

use crate::officer::{
    route::Route,
    state::{CardStep, Notice},
};

pub const SIDE: &str = "発注機関";
pub const NAVIGATION: &str = "メニュー";
pub const SIGN_OUT: &str = "ログアウト";
pub const CANCEL: &str = "キャンセル";
pub const AGAIN: &str = "もう一度";
pub const MORE: &str = "さらに表示";
pub const PRINT: &str = "印刷";
/// The name of a table with its own scroll bar.
pub fn table_of(label: &str) -> String {
    format!("{label}の表")
}

pub const READING: &str = "読み込んでいます";
pub const SENDING: &str = "送っています";
pub const EXPORTING: &str = "書き出しています";
pub const EMPTY: &str = "（なし）";
pub const STAY: &str = "ログインを続ける";

/// The heading (h1) of a screen.
pub fn heading(route: &Route) -> &'static str {
    match route {
        Route::SetUp { .. } => "アカウントの準備",
        Route::Home => "ホーム（本日の状況）",
        Route::Queue { .. } => "審査",
        Route::Application { .. } => "申請の審査",
        Route::Imports => "業者情報取込",
        Route::Import { .. } => "取込内容の確認",
        Route::Companies(_) => "照会",
        Route::Company { .. } => "会社の情報",
        Route::Numbers => "番号の通知",
        Route::Officers => "担当者の管理",
        Route::Account => "自分のアカウント",
        Route::Audit => "監査記録",
        Route::Settings => "機関設定",
        Route::Preview => "受注者の画面の見本",
        Route::NotFound => "ページが見つかりません",
    }
}

pub const NOT_FOUND: &str = "アドレスを確かめるか、上のメニューから選んでください。";

pub fn not_allowed(role: &str, own: &str) -> String {
    format!("この画面は、役割が「{role}」の人が使えます。あなたの役割は「{own}」です。")
}

pub const NOT_ALLOWED_NEXT: &str = "必要なときは、役割が「管理」の担当者に、役割の変更を頼んでください。";

pub fn minutes_left(minutes: u32) -> String {
    match minutes {
        0 => "まもなく、自動でログアウトします。".to_owned(),
        minutes => format!("操作がないため、あと{minutes}分ほどで自動的にログアウトします。"),
    }
}

/// A sign-in before this one.
pub fn previous_login(when: &str) -> String {
    format!(
        "前回のログイン：{when}。心当たりがないときは、「自分のアカウント」でパスワードを変えてください。"
    )
}

/// What the card panel says.
pub fn card_step(step: CardStep) -> &'static str {
    match step {
        CardStep::Idle | CardStep::Challenging => "ICカードの確認を準備しています",
        CardStep::Opening => "ICカードの画面を開いています",
        CardStep::Open => "別に開いたICカードの画面で、カードの選択とPIN番号の入力をしてください",
        CardStep::Checking => "ICカードを確認しています",
    }
}

pub const CARD_PANEL: &str = "ICカードの確認";

pub fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::SignedOut => "ログアウトしました。",
        Notice::Resumed => "ログインし直しました。入力の続きから操作できます。",
        Notice::Approved => "承認しました。申請した会社に、メールでお知らせします。",
        Notice::FirstApproved => "1人目として承認しました。もう1人の承認で、承認が決まります。",
        Notice::Rejected => "却下しました。申請した会社に、理由をメールでお知らせします。",
        Notice::Mapped => "列の読み方を変えました。内容を確かめ直しています。",
        Notice::Taking => "取り込みを始めました。画面を閉じても、取り込みは続きます。",
        Notice::Taken => "名簿に取り込みました。",
        Notice::Undone => "取り込みを元に戻しました。",
        Notice::Cancelled => "取り込みをやめました。名簿は変わっていません。",
        Notice::OtherFile => {
            "送信が止まっている取り込みとは、別のファイルです。同じファイルを選ぶか、止まっている取り込みをやめてから選んでください。"
        }
        Notice::NotOneFile => "ファイルを1つだけ選んでください。",
        Notice::FileTooLarge => "ファイルが大きすぎます。512MB以下のファイルに分けてください。",
        Notice::FileEmpty => "ファイルが空です。中身のあるファイルを選んでください。",
        Notice::Suspended => "停止しました。ただちにログインできなくなっています。",
        Notice::Lifted => "停止を解除しました。ログインできるようになっています。",
        Notice::MailSentAgain => {
            "メールをもう一度送ります。届いたかどうかは、しばらくしてから、この画面を開き直して確かめてください。"
        }
        Notice::MailGivenUp => "メールを送るのをやめました。必要な内容は、電話や郵便でお知らせください。",
        Notice::OfficerChanged => "担当者の情報を変えました。",
        Notice::PasswordChanged => "パスワードを変えました。ほかの場所のログインは終わっています。",
        Notice::SessionEnded => "そのログインを終わらせました。",
        Notice::CardLinked => "このICカードでもログインできるようになりました。",
        Notice::NoticesSet => "お知らせメールの設定を変えました。",
        Notice::CardUnlinked => "ICカードでのログインをやめました。",
        Notice::ProfileTaken => "新しい設定を使い始めました。",
        Notice::ProfileProposed => {
            "だれを本人と認めるかにかかわる変更のため、まだ使い始めていません。担当者の全員に、メールでお知らせしました。"
        }
        Notice::ProfileWithdrawn => "確認待ちの設定を取り下げました。",
        Notice::Exported => "書き出しました。ブラウザーのダウンロードの一覧から開けます。",
        Notice::Copied => "コピーしました。",
        Notice::NotCopied => "コピーできませんでした。文字を選んで、コピーしてください。",
    }
}

/// `1,234`.
pub fn count(number: u64) -> String {
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
pub fn duration(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    match (days, hours) {
        (0, 0) => format!("{minutes}分"),
        (0, hours) => format!("{hours}時間"),
        (days, 0) => format!("{days}日"),
        (days, hours) => format!("{days}日と{hours}時間"),
    }
}

/// `12.3 MB`.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
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

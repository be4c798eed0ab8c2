//! 機関設定 and its preview.

use touroku_proto::officer::profile::Confirmation;

use crate::{bidder::clock, officer::state::PreviewScreen};

pub const LEAD: &str = "発注機関の名称、画面の項目、お知らせ、窓口、利用時間などの設定です。「確かめる」で誤りがないか調べ、受注者の画面の見本を見てから、使い始められます。";
pub const NOT_WRITABLE: &str = "このサーバーでは、画面から設定を変えられません。ここで確かめた内容を、運用の担当者に渡して、設定のファイルを入れ替えてもらってください。";
pub const CHECK: &str = "確かめる";
pub const CHECKING: &str = "確かめています";
pub const TAKE: &str = "使い始める";
pub const PREVIEW: &str = "受注者の画面の見本を見る";
pub const SOUND: &str = "誤りは見つかりませんでした。";
pub const CHANGED_SINCE: &str = "確かめた後に、文が変わっています。もう一度確かめてください。";
pub const SAME: &str = "今の設定と同じ内容です。";
pub const STALE: &str = "ほかの担当者が、先に設定を変えました。あなたの文はそのまま残しています。今の設定を開き直すと、あなたの文は消えます。必要なら、先にコピーしてください。";
pub const COPY: &str = "自分の文をコピー";

pub fn mistakes(number: usize) -> String {
    format!("誤りが{number}か所あります。選ぶと、その場所に移ります。")
}

pub fn place(line: usize, column: usize) -> String {
    format!("{line}行目の{column}文字目")
}

pub const PREVIEW_NEW: &str = "確かめた新しい設定での見本です。まだ使い始めていません。";
pub const PREVIEW_IN_FORCE: &str = "今の設定での見本です。";
pub const PREVIEW_LEAD: &str = "受注者の画面と同じ部品で描いています。見本の中のボタンや欄は使えません。";
pub const CATEGORY: &str = "区分";
pub const SCREENS: &str = "画面";
pub const FRAME: &str = "受注者の画面の見本";
pub const TO_SETTINGS: &str = "機関設定へ";
pub const NO_CATEGORY: &str = "この設定には、見本を作れる区分がありません。";

pub fn screen(screen: PreviewScreen) -> &'static str {
    match screen {
        PreviewScreen::Menu => "利用者登録メニュー",
        PreviewScreen::Search => "資格審査情報検索",
        PreviewScreen::Form => "利用者登録",
        PreviewScreen::Confirm => "登録内容確認",
    }
}

pub const RELOAD: &str = "今の設定を開き直す";

pub const PROPOSAL: &str = "確認待ちの設定";

pub fn proposed_by(officer: &str) -> String {
    format!("{officer}が、だれを本人と認めるかにかかわる設定を変えようとしています。まだ使い始めていません。")
}

pub fn confirmation(confirm: Confirmation) -> String {
    match confirm {
        Confirmation::Now => "内容を確かめて、正しければ使い始めてください。".to_owned(),
        Confirmation::Another => {
            "役割が「管理」の、ほかの担当者の確認が必要です。確認が済むまで、今の設定のままです。".to_owned()
        }
        Confirmation::From(at) => {
            format!("全員にメールでお知らせしました。{}から使い始められます。", clock::shown(at))
        }
    }
}

pub const CHANGES: [&str; 3] = ["項目", "今の値", "新しい値"];
pub const SENSITIVE: &str = "安全にかかわる項目";
pub const CONFIRM: &str = "確認して使い始める";
pub const WITHDRAW: &str = "取り下げる";

//! ホーム.

use super::screen::{count, duration};

pub fn pending(oldest_ms: Option<i64>) -> String {
    match oldest_ms {
        Some(age) => format!("いちばん古い申請は、{}前のものです。", duration(age)),
        None => "審査を待っている申請はありません。".to_owned(),
    }
}

pub const WORK: &str = "やること";
pub const TO_QUEUE: &str = "審査を始める";
pub const TO_IMPORT: &str = "取込の画面を開く";
pub const DAILY: &str = "本日と前日の動き";
/// One of the two days.
pub fn day(is_today: bool, day: &str) -> String {
    let date: Vec<&str> = day.split('-').map(|part| part.trim_start_matches('0')).collect();
    let date = match date.as_slice() {
        [_, month, day] => format!("{month}月{day}日"),
        _ => day.to_owned(),
    };
    format!("{}（{date}）", if is_today { "本日" } else { "前日" })
}

pub const NOTHING: &str = "ICカードの登録などは、ありません。";
pub const DAILY_COLUMNS: [&str; 4] = ["時刻", "内容", "会社", "ICカード・ID"];
/// How many do not fit on the screen.
pub fn left_out(left_out: u32) -> String {
    format!("このほかに{}件あります。会社の照会で確かめてください。", count(u64::from(left_out)))
}

pub const IS_OTHER: &str = "会社名が名簿と違う";
pub fn serial(serial: &str) -> String {
    format!("シリアル番号 {serial}")
}

pub fn login_id(login_id: &str) -> String {
    format!("ID {login_id}")
}

pub const FIGURES: &str = "今の状況";
pub fn counted(when: &str) -> String {
    format!("{when}の集計です。")
}

pub const COMPANIES: &str = "社";
pub const CARDS: &str = "枚";
pub const ITEMS: &str = "件";
pub const PENDING: &str = "審査待ちの申請";
pub const SUSPENDED: &str = "停止中の会社";
pub const CARDS_IN_USE: &str = "使用中のICカード";
pub const REVOKED: &str = "失効したICカード";
pub const UNCHECKED: &str = "このサーバーは、ICカードの失効を調べていません。失効したICカードでもログインできます。運用の担当者に、CRLまたはOCSPの設定を頼んでください。";
pub const MEDIAN: &str = "審査にかかる時間（中央値）";
/// The 90th percentile.
pub const SLOW: &str = "審査にかかる時間（90％の申請がこの時間内に完了）";
pub const NO_DECISION: &str = "まだありません";
pub const DAYS: &str = "90日間の登録と申請";
pub const STATES: &str = "会社の内訳";
pub const PAPER: &str = "紙入札業者";
pub const ELECTRONIC: &str = "電子入札業者";
pub const EXPIRING: &str = "ICカードの有効期限";
pub const WITHIN_30: &str = "30日以内に切れる";
pub const WITHIN_90: &str = "31日から90日で切れる";
pub const LATER: &str = "91日以上ある";
pub const MAILS: &str = "メール（90日間）";
pub const QUEUED: &str = "送信待ち";
pub const SENT: &str = "送信済み";
pub const REFUSED: &str = "届かなかった";
pub const TO_BOUNCED: &str = "メールが届かなかった会社を見る";
pub const TO_EXPIRING: &str = "期限の近い会社を見る";
pub const AS_TABLE: &str = "表で見る";
pub const DAY: &str = "日";
pub const SERIES: [&str; 4] = ["登録", "変更", "ICカード更新", "ID登録申請"];

/// What the bars show, in one sentence.
pub fn bars(totals: [u64; 4], highest: u64) -> String {
    let parts: Vec<String> =
        SERIES.iter().zip(totals).map(|(name, total)| format!("{name}{}件", count(total))).collect();
    format!("90日間の合計は、{}です。いちばん多い日は{}件です。", parts.join("、"), count(highest))
}

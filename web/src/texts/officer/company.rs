//! 照会.

use touroku_proto::{
    api::Function,
    officer::company::{CardState, CompanyFilter, MailState},
};

use crate::texts::identity;

pub fn filter(filter: CompanyFilter) -> &'static str {
    match filter {
        CompanyFilter::All => "すべての会社",
        CompanyFilter::Paper => "紙入札業者（未登録）",
        CompanyFilter::Electronic => "電子入札業者",
        CompanyFilter::Expiring => "ICカードの期限が90日以内",
        CompanyFilter::Suspended => "停止中（会社またはICカード）",
        CompanyFilter::Bounced => "メールが届かなかった",
        CompanyFilter::Revoked => "ICカードが失効している",
        CompanyFilter::FormerRepresentative => "ICカードの名義が今の代表者と違う",
        CompanyFilter::OtherCompany => &identity::OTHER_COMPANY,
        CompanyFilter::Recent => "この7日間に初めて登録した",
    }
}

pub const CARD_ADDRESS: &str = "ICカード企業住所";
pub const FILTER: &str = "絞り込み";
pub const SEARCH: &str = "検索";
pub const COLUMNS: [&str; 6] = ["業者番号", "商号又は名称", "住所", "企業ID", "ICカード", "いちばん早い期限"];
pub const NONE: &str = "該当する会社はありません。言葉を短くするか、絞り込みを変えてください。";
pub const INDEXING: &str = "取り込んだばかりの会社を、名前で探せるように準備しています。見つからない会社があるときは、少し待ってから、もう一度検索してください。";
pub const SUSPENDED: &str = "停止中";

pub fn cards(cards: u32) -> String {
    format!("{cards}枚")
}

pub fn shown(number: usize, more: bool) -> String {
    if more { format!("{number}社まで表示しています。") } else { format!("{number}社です。") }
}

pub const EXPORT: &str = "CSVで書き出す";
pub const EXPORT_LEAD: &str = "選んでいる絞り込みの会社をすべて書き出します（検索する言葉は関係しません）。";
pub const EXPORT_UTF8: &str = "UTF-8で書き出す";
pub const EXPORT_CP932: &str = "CP932（Shift_JIS）で書き出す";

pub const NUMBER: &str = "業者番号";
pub const NAME: &str = "商号又は名称";
pub const COMPANY_ID: &str = "企業ID";
pub const REGISTERED: &str = "最初の登録";
pub const NUMBER_ISSUED: &str = "登録番号の発行";
pub const ROSTER: &str = "名簿";
pub const CONTACTS: &str = "登録された情報";
pub const CARDS: &str = "ICカード";
pub const ACCOUNTS: &str = "ID（簡易認証）";
pub const RECEIPTS: &str = "署名された申請";
pub const RECEIPT_COLUMNS: [&str; 4] = ["受付番号", "申請", "日時", "保存"];
pub const MORE_RECEIPTS: &str = "新しいものから200件を表示しています。それより前のものは、受付番号を添えて、サーバーの管理者に書き出しを頼んでください。";
pub const RECEIPT_DOCUMENT: &str = "申請書（.txt）";
pub const RECEIPT_SIGNATURE: &str = "電子署名（.p7s）";

pub fn function(function: Function) -> &'static str {
    match function {
        Function::Register | Function::Apply => "登録",
        Function::Change | Function::ChangeAccount => "変更",
        Function::Renew => "ICカード更新",
    }
}

pub const MAILS: &str = "メール";
pub const TIMELINE: &str = "これまでの出来事";
pub const NOTHING: &str = "ありません。";
pub const MAIL_COLUMNS: [&str; 4] = ["日時", "あて先", "件名", "状態"];
pub const SEND_MAIL: &str = "今すぐ送る";
pub const GIVE_MAIL_UP: &str = "送るのをやめる";

/// What prevented delivery, for whoever runs the mail server.
pub fn mail_reason(reason: &str) -> String {
    format!("メールサーバーの応答: {reason}")
}

pub const ACCOUNT_COLUMNS: [&str; 6] =
    ["受付番号", "区分", "ユーザーID", "状態", "申請した日時", "利用の停止"];
pub const SUSPEND: &str = "停止する";
pub const LIFT: &str = "停止を解除する";
/// The holder is not the roster's representative.
pub const FORMER: &str = "名義が、名簿の代表者と違います";
pub const SERIAL: &str = "証明書シリアル番号";
pub const ISSUER: &str = "証明書発行者";
pub const HOLDER: &str = "ICカード取得者氏名";
pub const EXPIRES: &str = "証明書有効期限";
pub const PERSON: &str = "担当者";
pub const CARD_REGISTERED: &str = "登録した日時";
pub const CARD_APPLIED: &str = "申請した日時";
pub const TO_REVIEW: &str = "申請の審査を見る";
pub const CARD_CONTACTS: &str = "ICカード利用部署の連絡先";
pub const TO_SEARCH: &str = "照会へ";

/// A suspension in force.
pub fn suspension(officer: &str, at: &str) -> String {
    // Whoever is not an officer is the company itself, from 登録状況.
    let who = if officer.is_empty() { "会社自身" } else { officer };
    format!("停止中：{who}が{at}に停止しました。")
}

pub fn reason(reason: &str) -> String {
    format!("理由：{reason}")
}

pub fn card(holder: &str) -> String {
    format!("{holder}のICカード")
}

pub fn card_state(state: CardState) -> &'static str {
    match state {
        CardState::Active => "使用中",
        CardState::Pending => "審査待ち",
        CardState::Rejected => "却下",
        CardState::Replaced => "更新済み（旧カード）",
        CardState::Revoked => "失効",
        CardState::Expired => "期限切れ",
    }
}

pub fn mail_state(state: MailState) -> &'static str {
    match state {
        MailState::Queued => "送信待ち",
        MailState::Sent => "送信済み",
        MailState::Refused => "届かなかった",
        MailState::GivenUp => "送るのをやめた",
        MailState::Unconfirmed => "アドレスの確認待ち",
        MailState::OverLimit => "多すぎるため保留",
        MailState::NeverSent => "保留のまま、送らずに終えた",
    }
}

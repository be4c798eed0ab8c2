//! 登録状況.

use touroku_proto::officer::{company::CardState, review::ReviewState};

/// The link to it.
pub const OPEN: &str = "登録状況";
/// What it is.
pub const OPEN_IS: &str = "会社のICカード・ID・連絡先と、これまでの手続きを確かめます。心当たりのないICカードやIDは、ここで止められます。";
/// Lead.
pub const LEAD: &str = "この調達機関での、貴社の登録の今の状況です。心当たりのないものがあれば、「利用を停止」を押し、調達機関へお知らせください。";
/// Reading.
pub const READING: &str = "登録状況を読み込んでいます";
/// Heading of the cards.
pub const CARDS: &str = "ICカード";
/// Heading of the IDs.
pub const ACCOUNTS: &str = "ユーザーID（簡易認証）";
/// Heading of the company's contacts.
pub const CONTACTS: &str = "会社の連絡先など";
/// Heading of what happened.
pub const TIMELINE: &str = "これまでの手続き";
/// Heading of what is printed.
pub const SHEET: &str = "利用者情報";
/// The button that prints.
pub const PRINT: &str = "利用者情報を印刷・保存";
/// What it prints.
pub const PRINT_IS: &str =
    "この画面のうち「利用者情報」だけを印刷します。印刷の画面で、PDFに保存することもできます。";
/// The session's card.
pub const OWN: &str = "いま使っているICカード";
/// Stopped.
pub const STOPPED: &str = "停止中";
/// ICカード取得者氏名.
pub const HOLDER: &str = "ICカード取得者氏名";
/// ICカード企業名称.
pub const COMPANY: &str = "ICカード企業名称";
/// 証明書発行者.
pub const ISSUER: &str = "証明書発行者";
/// 証明書シリアル番号.
pub const SERIAL: &str = "証明書シリアル番号";
/// 証明書有効期限.
pub const EXPIRES: &str = "証明書有効期限";
/// 登録日時.
pub const REGISTERED: &str = "登録（申込）日時";
/// Last login.
pub const LAST_LOGIN: &str = "最後のログイン";
/// Never logged in, or too long ago.
pub const NO_LOGIN: &str = "記録なし";
/// ユーザーID.
pub const LOGIN_ID: &str = "ユーザーID";
/// 区分.
pub const CATEGORY: &str = "区分";
/// 状態.
pub const STATE: &str = "状態";
/// 利用を停止.
pub const STOP: &str = "利用を停止";
/// Asked before a card or ID is stopped.
pub const STOP_WHAT: &str = "利用を停止しますか。";
/// What comes of it.
pub const STOP_IS: &str = "停止すると、すぐにログインできなくなります。会社の連絡先のすべてと調達機関に、メールで知らせます。停止の解除は、調達機関に申し出てください。";
/// 停止する.
pub const STOP_YES: &str = "停止する";
/// やめる.
pub const STOP_NO: &str = "やめる";
/// It was stopped.
pub const STOP_DONE: &str = "利用を停止しました。会社の連絡先と調達機関に、メールで知らせます。";

/// What a card is.
pub fn card_state(state: CardState) -> &'static str {
    match state {
        CardState::Active => "使用中",
        CardState::Pending => "審査待ち",
        CardState::Rejected => "却下",
        CardState::Replaced => "更新済み（使えません）",
        CardState::Revoked => "失効",
        CardState::Expired => "期限切れ",
    }
}

/// How far an ID is.
pub fn account_state(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Pending | ReviewState::FirstApproved => "審査待ち",
        ReviewState::Approved => "使用できます",
        ReviewState::Rejected => "却下",
    }
}

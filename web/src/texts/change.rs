//! What the screens of 変更 say.

use touroku_proto::api::ApiErrorCode;

use super::{Advice, agency};
use crate::bidder::trouble::Trouble;

/// The steps of 変更.
pub const STEPS: [&str; 4] = ["ICカードの確認", "利用者変更", "変更内容確認", "完了"];
/// Name of the list of steps.
pub const STEPS_NAME: &str = "利用者変更の手順";

/// What 変更 in the menu does.
pub const IS: &str = "登録済みのICカードを確認してから、会社と連絡先の情報を直します。";
/// Above the form.
pub const FORM_LEAD: &str = "登録されている内容です。変えるところだけを、入力し直してください。";
/// What a change does not reach.
pub const NOT_CARRIED_OVER: &str =
    "すでに提出した競争参加資格申請書などの連絡先は、ここで変更しても、提出したときの内容のままです。";

/// Above the confirmation.
pub const CONFIRM_LEAD: &str = "変更前と変更後の内容です。「変更あり」の項目を確かめて、間違いがなければ「変更」を押してください。直すときは「戻る」を押してください。";
/// Nothing differs.
pub const NOTHING: &str =
    "変わる項目がありません。内容を変えるときは「戻る」を押して、入力し直してください。";
/// Column of what is registered.
pub const BEFORE: &str = "変更前";
/// Column of what will be.
pub const AFTER: &str = "変更後";
/// A row that changes.
pub const DIFFERS: &str = "変更あり";
/// A row that stays.
pub const SAME: &str = "変更なし";
/// How many rows change.
pub fn count(rows: usize) -> String {
    format!("変更する項目は{rows}件です。")
}
/// Changing.
pub const CHANGING: &str = "変更しています。このままお待ちください。";

/// Above what somebody else changed.
pub const OVERTAKEN: &str = "入力している間に、ほかで変更された項目";
/// What became of the form.
pub const OVERTAKEN_KEPT: &str =
    "この画面で入力した内容は残っています。現在の登録内容と見くらべて、必要なら直してください。";
/// What stood there.
pub const OVERTAKEN_BEFORE: &str = "はじめの内容";
/// What stands there now.
pub const OVERTAKEN_NOW: &str = "現在の登録内容";
/// What was typed.
pub const OVERTAKEN_MINE: &str = "この画面の入力";
/// A row that both changed.
pub const OVERTAKEN_TYPED: &str = "この画面の入力を残しました";
/// A row that only the other one changed.
pub const OVERTAKEN_TAKEN: &str = "現在の登録内容に合わせました";

/// 変更完了.
pub const DONE_LEAD: &str = "利用者情報の変更が終わりました。";
/// Where the mail went.
pub const MAILED: &str = "次のメールアドレスに、変更をお知らせするメールを送ります。";
/// Keep a print.
pub const DONE_PRINT: &str = "変更後の内容は、印刷して保管してください。";

/// An empty value.
pub const EMPTY: &str = "（空欄）";

/// What a refusal means at 変更; `None`: the same as everywhere.
pub fn advice(trouble: &Trouble) -> Option<Advice> {
    trouble.is(ApiErrorCode::Stale).then_some(agency(
        "確認している間に、ほかの画面またはほかの方が、登録内容を変更しました。",
        "変更された項目を下に示します。確かめてから、もう一度「入力内容確認」へお進みください。入力した内容は残っています。",
    ))
}

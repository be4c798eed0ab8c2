//! What the screens of ICカード更新 say.

use touroku_proto::{api::ApiErrorCode, card::Purpose};

use super::{Advice, agency, authority, helpdesk};
use crate::bidder::trouble::Trouble;

/// The steps of ICカード更新.
pub const STEPS: [&str; 4] =
    ["現在のICカードの確認", "新しいICカードの確認", "電子証明書更新確認", "電子証明書更新結果"];
/// Name of the list of steps.
pub const STEPS_NAME: &str = "ICカード更新の手順";

/// What ICカード更新 in the menu does.
pub const IS: &str = "期限が近いICカードの登録内容を、新しいICカードに引き継ぎます。終わると、現在のICカードではログインできなくなります。";

/// 現在のICカードの確認.
pub const OLD_LEAD: &str = "現在のICカードを、ICカードリーダーに差し込んで、「OK」を押してください。";
/// What is needed.
pub const NEEDS: &str =
    "現在のICカードと新しいICカードの両方を、この順に使います。それぞれのPIN番号も用意してください。";
/// Why the PIN is asked for twice.
pub const TWO_PINS: &str = "PIN番号は、カードごとに入力していただきます。1枚目のPIN番号を2枚目に使うことはないので、2枚とも入力が必要です。";
/// An expired card.
pub const OLD_EXPIRED: &str = "現在のICカードの有効期限が過ぎているときは、更新できません。利用者登録メニューの「登録」で、新しいICカードを登録してください。";

/// 新しいICカードの確認.
pub const NEW_LEAD: &str =
    "現在のICカードを確認しました。ICカードリーダーに新しいICカードを差し込んで、「OK」を押してください。";
/// Heading of the proved card.
pub const OLD_CARD: &str = "確認した現在のICカード";

/// Above the confirmation.
pub const CONFIRM_LEAD: &str = "2枚のICカードの内容を見くらべて、間違いがなければ「更新」を押してください。更新しないときは「戻る」を押し、ICカードの確認からやり直してください。";
/// The names must be looked at.
pub const CONFIRM_NAMES: &str =
    "新規に使用するICカードの企業名称とICカード企業名称が、どちらも自社の名称であることを確かめてください。";
/// What 更新 does.
pub const CONFIRM_AFTER: &str =
    "「更新」を押すと、現在使用しているICカードではログインできなくなります。元に戻すことはできません。";
/// Where officers decide first.
pub const CONFIRM_AFTER_REVIEW: &str = "「更新」を押すと、審査に進みます。承認されるまでは現在使用しているICカードでログインでき、承認されると新しいICカードに切り替わります。";
/// The cards name different companies.
pub const OTHER_COMPANY: &str = "2枚のICカードで、ICカード企業名称が違います。";
/// What to do then.
pub const OTHER_COMPANY_NEXT: &str = "差し込んだICカードが自社の新しいICカードかどうか、もう一度確かめてください。社名の変更など、違う理由が分かっているときだけ更新してください。";
/// The new card ends before the old one.
pub const EXPIRES_SOONER: &str = "新しいICカードの有効期限が、現在のICカードと同じか、それより前です。";
/// What to do then.
pub const EXPIRES_SOONER_NEXT: &str =
    "現在のICカードと新しいICカードを取り違えていないか、確かめてください。";
/// Name of the comparison.
pub const COMPARISON: &str = "2枚のICカードの内容";
/// The old card's column.
pub const OLD_COLUMN: &str = "現在使用しているICカード";
/// The new card's column.
pub const NEW_COLUMN: &str = "新規に使用するICカード";
/// A row that differs.
pub const DIFFERS: &str = "違いあり";
/// A row that does not.
pub const SAME: &str = "同じ";
/// An empty value.
pub const EMPTY: &str = "（記載なし）";
/// Renewing.
pub const RENEWING: &str = "更新しています。このままお待ちください。";

/// 電子証明書更新結果.
pub const DONE_LEAD: &str =
    "ICカードの更新が終わりました。これからは、新しいICカードで電子入札を利用できます。";
/// After ICカード更新 that waits for the agency's review.
pub const DONE_PENDING: &str = "ICカードの更新を受け付けました。調達機関が内容を審査しています。承認されると、新しいICカードに切り替わります。";
/// What becomes of the old card meanwhile.
pub const DONE_PENDING_OLD: &str = "それまでは、現在のICカードで電子入札システムにログインできます。";
/// What became of the old card.
pub const DONE_OLD: &str = "これまでのICカードでは、電子入札システムにログインできません。";
/// Where the mail went.
pub const MAILED: &str = "次のメールアドレスに、更新をお知らせするメールを送ります。";
/// Keep a print.
pub const DONE_PRINT: &str = "更新後の内容は、印刷して保管してください。";

/// What a refusal means while the old or the new card is shown; `None`: the same as everywhere.
pub fn advice(trouble: &Trouble, purpose: Purpose) -> Option<Advice> {
    match (purpose, trouble) {
        (Purpose::RenewOld | Purpose::RenewNew, _)
            if trouble.needs_card_again() && !trouble.is_suspension() =>
        {
            Some(helpdesk(
                "ICカード更新の途中で、接続が終了しました。",
                "現在のICカードの確認から、もう一度始めてください。そのあと、新しいICカードも確認します。",
            ))
        }
        (Purpose::RenewOld, _) if trouble.is_expired_card() => Some(agency(
            "現在のICカードは、有効期限が過ぎています。期限が過ぎたICカードからは、更新できません。",
            "新しいICカードを、利用者登録メニューの「登録」で登録してください。会社の登録内容と企業IDは、そのまま引き継がれます。",
        )),
        (Purpose::RenewNew, _) if trouble.is_expired_card() => Some(authority(
            "新しいICカードとして確認したICカードは、有効期限が過ぎています。",
            "有効期限内の新しいICカードに差し替えて、もう一度「OK」を押してください。",
        )),
        (Purpose::RenewOld, Trouble::Api(error)) if error.code == ApiErrorCode::CardNotRegistered => {
            Some(agency(
                "このICカードは、登録されていません。現在のICカードではないか、すでに更新が終わっています。",
                "現在のICカードに差し替えて、もう一度お試しください。更新が終わっているときは、新しいICカードで電子入札を利用できます。",
            ))
        }
        (Purpose::RenewNew, Trouble::Api(error)) => match error.code {
            ApiErrorCode::SameCard => Some(agency(
                "現在のICカードが、もう一度確認されました。登録内容は、まだ変わっていません。",
                "ICカードリーダーの現在のICカードを抜き、新しいICカードを差し込んで、もう一度「OK」を押してください。",
            )),
            ApiErrorCode::NewCardRegistered => Some(agency(
                "新しいICカードとして確認したICカードは、すでに登録されています。登録内容は、まだ変わっていません。",
                "自社ですでに登録したICカードなら、更新をしなくても電子入札を利用できます。そうでないときは、正しいICカードに差し替えてください。",
            )),
            _ => None,
        },
        _ => None,
    }
}

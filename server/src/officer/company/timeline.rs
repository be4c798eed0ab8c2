//! A company's history in words.

use touroku_proto::officer::company::TimelineItem;

use crate::store::Event;

/// What happened, in Japanese.
pub(super) fn item(event: Event) -> TimelineItem {
    let mut text = words(&event.kind).map_or_else(|| event.kind.clone(), str::to_owned);
    let mut about = Vec::new();
    if !event.serial.is_empty() {
        about.push(format!("証明書シリアル番号 {}", event.serial));
    }
    if !event.login_id.is_empty() {
        about.push(format!("ユーザーID {}", event.login_id));
    }
    if !event.detail.is_empty() {
        about.push(event.detail);
    }
    if !event.reason.is_empty() {
        about.push(format!("理由: {}", event.reason));
    }
    if !about.is_empty() {
        text = format!("{text}（{}）", about.join("、"));
    }
    TimelineItem { at_unix_ms: event.at, text, officer: event.officer }
}

fn words(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "card_registered" => "ICカードが登録されました",
        "card_applied" => "ICカードの利用者登録を受け付けました（審査待ち）",
        "company_searched" => "未登録のICカードで、資格審査情報が検索されました",
        "card_forged" => "登録されている証明書と同じ番号の、別の証明書が示されました（受け付けていません）",
        "renewal_applied" => "ICカード更新を受け付けました（審査待ち）",
        "card_approved" => "ICカードの登録・更新を承認しました",
        "number_issued" => "検索に使う番号を発行しました",
        "card_rejected" => "ICカードの利用者登録を却下しました",
        "changed" => "登録内容が変更されました",
        "card_replaced" => "ICカードが新しいICカードに切り替えられました",
        "card_renewed" => "新しいICカードに切り替えられました",
        "card_revoked" => "ICカードの失効を確認しました",
        "id_applied" => "ID登録申請を受け付けました",
        "id_approved" => "ID登録申請を承認しました",
        "withdrawn" => "審査中の申請が取り下げられました",
        "id_rejected" => "ID登録申請を却下しました",
        "address_confirmed" => "連絡先のメールアドレスが確認されました",
        "id_changed" => "IDの登録内容が変更されました",
        "password_link_sent" => "パスワード再設定のメールを送りました",
        "password_reset" => "パスワードが再設定されました",
        "company_suspended" => "会社の利用を停止しました",
        "company_lifted" => "会社の利用停止を解除しました",
        "card_suspended" => "ICカードの利用を停止しました",
        "card_stopped" => "会社が自社のICカードの利用を停止しました",
        "id_stopped" => "会社が自社のIDの利用を停止しました",
        "id_suspended" => "IDの利用を停止しました",
        "id_lifted" => "IDの利用停止を解除しました",
        "card_lifted" => "ICカードの利用停止を解除しました",
        "mail_sent_again" => "届いていなかったメールを送り直しました",
        "mail_given_up" => "届いていなかったメールを送るのをやめました",
        _ => return None,
    })
}

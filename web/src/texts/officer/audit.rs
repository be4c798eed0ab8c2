//! 監査記録: what the codes of the chain say.

use touroku_proto::{
    api::ApiErrorCode,
    officer::{Role, audit::AuditAction},
};

use super::{
    company,
    screen::{bytes, count},
    trouble,
};
use crate::officer::route::{FILTERS, filter_code};

/// What was done. A code that a newer server wrote stays as it is.
pub fn action(code: &str) -> &str {
    let known = AuditAction::ALL.iter().find(|known| known.as_str() == code);
    known.and_then(|&known| name(known)).unwrap_or(code)
}

/// To what.
pub fn subject(subject: &str) -> String {
    match subject.strip_prefix("import ").filter(|number| is_number(number)) {
        Some(number) => format!("取込{number}番"),
        None => subject.to_owned(),
    }
}

/// Counts and the like.
pub fn detail(action: &str, detail: &str) -> String {
    if action == AuditAction::CardLoginFailed.as_str()
        && let Some(&code) = ApiErrorCode::ALL.iter().find(|code| code.as_str() == detail)
    {
        return trouble::advice(&code.into()).what.to_owned();
    }
    // There it is an application that has the number, not a card.
    let is_application = action.starts_with("application_");
    let part = |text: &str| match text.strip_prefix("card ").filter(|id| is_application && is_number(id)) {
        Some(id) => format!("ICカードの利用者登録の申請{id}番"),
        None => part(text),
    };
    detail.split(", ").map(part).collect::<Vec<_>>().join("、")
}

fn name(action: AuditAction) -> Option<&'static str> {
    use AuditAction as Action;
    Some(match action {
        Action::Login => "サインイン",
        Action::CardLogin => "ICカードでサインイン",
        Action::LoginFailed => "サインインの失敗",
        Action::LoginBlocked => "サインインの失敗（続いたため、しばらく受け付けない）",
        Action::CardLoginFailed => "ICカードでのサインインの失敗",
        Action::Logout => "サインアウト",
        Action::SessionEnded => "ほかの場所のサインインを終わらせた",
        Action::SetupFinished => "アカウントの準備",
        Action::PasswordChanged => "パスワードの変更",
        Action::PasswordChangeFailed => "パスワードの変更の失敗",
        Action::CardLinked => "ICカードの結び付け",
        Action::CardUnlinked => "ICカードの取りはずし",
        Action::OfficerAdded => "担当者の追加",
        Action::OfficerReset => "担当者の新しいリンクの作成",
        Action::OfficerRoleChanged => "担当者の役割の変更",
        Action::OfficerRenamed => "担当者の氏名の変更",
        Action::OfficerStopped => "担当者の停止",
        Action::OfficerStarted => "担当者の停止の解除",
        Action::ApplicationFirstApproved => "申請の承認（1人目）",
        Action::ApplicationApproved => "申請の承認",
        Action::ApplicationRejected => "申請の却下",
        Action::CompanyViewed => "会社の情報の表示",
        Action::ReceiptDownloaded => "署名された申請の保存",
        Action::CompaniesExported => "会社の一覧の書き出し",
        Action::CompanySuspended => "会社の停止",
        Action::CompanyLifted => "会社の停止の解除",
        Action::CardSuspended => "ICカードの停止",
        Action::CardLifted => "ICカードの停止の解除",
        Action::MailSentAgain => "メールの再送",
        Action::MailGivenUp => "メールの送信の中止",
        Action::IdSuspended => "IDの停止",
        Action::IdLifted => "IDの停止の解除",
        Action::NumberIssued => "番号の発行",
        Action::NumberReissued => "番号の再発行",
        Action::ImportBegun => "業者情報取込の開始",
        Action::ImportColumnsSet => "業者情報取込の列の読み方の変更",
        Action::ImportCancelled => "業者情報取込の中止",
        Action::ImportTaken => "業者情報の取込",
        Action::ImportUndone => "業者情報の取込を元に戻した",
        Action::ProfileChanged => "機関設定の変更",
        Action::AuditViewed => "監査記録の表示",
        Action::AuditExported => "監査記録の書き出し",
        Action::AuditChecked => "監査記録の全体の確認",
        // The list can't be matched whole from here; a test looks that none is forgotten.
        _ => return None,
    })
}

/// One part of a detail, as the server writes it: `added 3`, `role=view`, `12 bytes`.
fn part(part: &str) -> String {
    let whole = match part {
        "letter" => Some("通知書で"),
        "mail" => Some("メールで"),
        _ => None,
    };
    if let Some(whole) = whole {
        return whole.to_owned();
    }
    if let Some(number) = part.strip_suffix(" bytes").and_then(|number| number.parse().ok()) {
        return bytes(number);
    }
    if let Some((filter, encoding)) =
        part.strip_prefix("filter ").and_then(|rest| rest.split_once(" encoding "))
    {
        let known = FILTERS.into_iter().find(|&known| filter_code(known) == filter);
        return format!("{}（{encoding}）", known.map_or(filter, |known| company::filter(known)));
    }
    let Some((name, value)) = part.split_once([' ', '=']) else { return part.to_owned() };
    let number = value.parse().ok().map(count);
    match (name, number) {
        ("role", None) => match ROLES.into_iter().find(|(code, _)| *code == value) {
            Some((_, role)) => format!("役割：{}", role.name()),
            None => part.to_owned(),
        },
        ("sha256", None) => format!("SHA-256：{value}"),
        ("header", _) => format!("1行目のハッシュ：{value}"),
        ("account", Some(_)) => format!("ID登録申請{value}番"),
        ("card", Some(_)) => format!("ICカード{value}番"),
        ("before", Some(_)) => format!("{value}番より前"),
        ("blocked_minutes", Some(number)) => format!("{number}分間"),
        (_, Some(number)) => match COUNTED.into_iter().find(|(code, _)| *code == name) {
            Some((_, label)) => format!("{label}{number}件"),
            None => part.to_owned(),
        },
        _ => part.to_owned(),
    }
}

/// What an import counts.
const COUNTED: [(&str, &str); 7] = [
    ("added", "追加"),
    ("changed", "変更"),
    ("unchanged", "変更なし"),
    ("wrong", "エラー"),
    ("missing", "削除候補"),
    ("removed", "削除"),
    ("suspended", "停止"),
];

const ROLES: [(&str, Role); 3] = [("view", Role::View), ("review", Role::Review), ("manage", Role::Manage)];

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_the_server_can_record_has_words_of_its_own() {
        let names: Vec<_> = AuditAction::ALL
            .iter()
            .map(|&action| name(action).unwrap_or_else(|| panic!("{} has no words", action.as_str())))
            .collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!name.bytes().any(|byte| byte == b'_'), "{name}");
            assert!(!names[..index].contains(name), "{name} is said twice");
        }
        assert_eq!(action("company_viewed"), "会社の情報の表示");
        assert_eq!(action("from_the_future"), "from_the_future");
    }

    #[test]
    fn subjects_and_details_are_said_in_words_and_what_is_not_known_stays() {
        assert_eq!(subject("import 12"), "取込12番");
        for subject_of_another_kind in ["990000001", "import", "import x", "yamada", ""] {
            assert_eq!(subject(subject_of_another_kind), subject_of_another_kind);
        }
        use AuditAction as Action;
        let said = |text: &str| detail("", text);
        assert_eq!(
            said("added 1200, changed 0, unchanged 5, wrong 1, missing 2, removed 0, suspended 3"),
            "追加1,200件、変更0件、変更なし5件、エラー1件、削除候補2件、削除0件、停止3件"
        );
        assert_eq!(said("role=review"), "役割：審査");
        assert_eq!(said("blocked_minutes=5"), "5分間");
        assert_eq!(said("account 3"), "ID登録申請3番");
        assert_eq!(said("card 3"), "ICカード3番");
        for action in
            [Action::ApplicationApproved, Action::ApplicationFirstApproved, Action::ApplicationRejected]
        {
            assert_eq!(detail(action.as_str(), "card 3"), "ICカードの利用者登録の申請3番");
            assert_eq!(detail(action.as_str(), "account 3"), "ID登録申請3番");
        }
        assert_eq!(detail(Action::CardSuspended.as_str(), "card 3"), "ICカード3番");
        assert_eq!(said("2048 bytes"), "2.0 kB");
        assert_eq!(said("filter expiring encoding cp932"), "ICカードの期限が90日以内（cp932）");
        assert_eq!(said("mail"), "メールで");
        for unknown in ["", "something new", "role=king", "added many"] {
            assert_eq!(said(unknown), unknown);
        }
        assert!(detail("card_login_failed", "card_not_registered").contains("結び付けられていません"));
    }
}

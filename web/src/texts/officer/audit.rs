//! 監査記録: texts for the codes in the chain.

use touroku_proto::officer::{
    audit::{AuditAction, Detail, ImportCounts, ProfileDifference},
    profile::KeyChange,
    review::ReviewKind,
};

use super::{
    company,
    screen::{bytes, count},
    trouble,
};

/// The action. A code written by a newer server is shown as is.
pub fn action(code: &str) -> &str {
    let known = AuditAction::ALL.iter().find(|known| known.as_str() == code);
    known.and_then(|&known| name(known)).unwrap_or(code)
}

pub fn subject(subject: &str) -> String {
    match subject.strip_prefix("import ").filter(|number| is_number(number)) {
        Some(number) => format!("取込{number}番"),
        None => subject.to_owned(),
    }
}

/// Further details.
pub fn detail(text: &str) -> String {
    match Detail::read(text) {
        Detail::None => String::new(),
        Detail::Role(role) => format!("役割：{}", role.name()),
        Detail::BlockedMinutes(minutes) => format!("{minutes}分間"),
        Detail::Refused(code) => trouble::advice(&code.into()).what.to_owned().to_string(),
        Detail::Application(ReviewKind::Account, id) => format!("ID登録申請{id}番"),
        Detail::Filed(ReviewKind::Account, receipt) => format!("ID登録申請（受付番号 {receipt}）"),
        Detail::Filed(ReviewKind::Card, receipt) => {
            format!("ICカードの利用者登録の申請（受付番号 {receipt}）")
        }
        Detail::Application(ReviewKind::Card, id) => format!("ICカードの利用者登録の申請{id}番"),
        Detail::Card(id) => format!("ICカード{id}番"),
        Detail::Account(id) => format!("ID{id}番"),
        Detail::Letter => "通知書で".to_owned(),
        Detail::Mail => "メールで".to_owned(),
        Detail::Before(sequence) => format!("{sequence}番より前"),
        Detail::Export(filter, encoding) => format!("{}（{encoding}）", company::filter(filter)),
        Detail::Bytes(size) => bytes(size),
        Detail::HeaderRow(row) => format!("見出しの行：{row}行目"),
        Detail::Header(hash) => format!("1行目のハッシュ：{hash}"),
        Detail::Import(counts) => imported(counts),
        Detail::Receipt(number) => number,
        Detail::Profile(difference) => changed(&difference),
        Detail::Text(text) => text,
    }
}

/// A line per key.
fn changed(difference: &ProfileDifference) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "（なし）".to_owned());
    let line =
        |change: &KeyChange| format!("{}：{} → {}", change.key, value(&change.before), value(&change.after));
    let mut lines: Vec<String> = difference.changes.iter().map(line).collect();
    if difference.left_out > 0 {
        lines.push(format!("ほかに{}項目", count(difference.left_out.into())));
    }
    lines.push(format!("SHA-256：{}", difference.sha256));
    lines.join("\n")
}

fn imported(counts: ImportCounts) -> String {
    let ImportCounts { added, changed, unchanged, wrong, missing, removed, suspended } = counts;
    [
        ("追加", added),
        ("変更", changed),
        ("変更なし", unchanged),
        ("エラー", wrong),
        ("削除候補", missing),
        ("削除", removed),
        ("停止", suspended),
    ]
    .map(|(label, number)| format!("{label}{}件", count(number)))
    .join("、")
}

fn name(action: AuditAction) -> Option<&'static str> {
    use AuditAction as Action;
    Some(match action {
        Action::Login => "ログイン",
        Action::CardLogin => "ICカードでログイン",
        Action::LoginFailed => "ログインの失敗",
        Action::LoginBlocked => "ログインの失敗（続いたため、しばらく受け付けない）",
        Action::CardLoginFailed => "ICカードでのログインの失敗",
        Action::CardForged => "担当者のICカードと同じ番号の、別の証明書が示された",
        Action::Logout => "ログアウト",
        Action::SessionEnded => "ほかの場所のログインを終わらせた",
        Action::SetupFinished => "アカウントの準備",
        Action::PasswordChanged => "パスワードの変更",
        Action::PasswordChangeFailed => "パスワードの変更の失敗",
        Action::CardLinked => "ICカードの結び付け",
        Action::CardLinkFailed => "ICカードの結び付けの失敗",
        Action::CardUnlinked => "ICカードの取りはずし",
        Action::NoticesChanged => "お知らせメールの設定の変更",
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
        Action::ImportUndone => "業者情報の取込を取り消した",
        Action::ProfileChanged => "機関設定の変更",
        Action::ProfileProposed => "機関設定の、安全にかかわる変更の申し出",
        Action::ProfileWithdrawn => "機関設定の変更の取り下げ",
        Action::SigningKeysRotated => "電子入札システム用の署名鍵の交換",
        Action::AuditViewed => "監査記録の表示",
        Action::AuditExported => "監査記録の書き出し",
        Action::AuditResealed => "監査記録の印の付け直し（初めて、または鍵の入れ替え）",
        Action::AuditChecked => "監査記録の全体の確認",
        // The list can't be matched exhaustively from here; a test checks that none is forgotten.
        _ => return None,
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use touroku_proto::{
        api::ApiErrorCode,
        officer::{Role, company::CompanyFilter},
    };

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
        let counts = ImportCounts { added: 1200, unchanged: 5, ..ImportCounts::default() };
        assert_eq!(
            detail(&Detail::Import(counts).write()),
            "追加1,200件、変更0件、変更なし5件、エラー0件、削除候補0件、削除0件、停止0件"
        );
        assert_eq!(detail(&Detail::Role(Role::Review).write()), "役割：審査");
        assert_eq!(detail(&Detail::Bytes(2048).write()), "2.0 kB");
        let export = Detail::Export(CompanyFilter::Expiring, "cp932".to_owned());
        assert_eq!(detail(&export.write()), "ICカードの期限が90日以内（cp932）");
        for old in ["", "role=king", "added 3, changed 0"] {
            assert_eq!(detail(old), old);
        }
        let refused = Detail::Refused(ApiErrorCode::CardNotRegistered);
        assert!(detail(&refused.write()).contains("結び付けられていません"));
    }
}

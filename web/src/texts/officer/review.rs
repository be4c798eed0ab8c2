//! 審査.

use touroku_proto::officer::review::{ApprovalBlock, ReviewKind, ReviewState};

use crate::bidder::clock;

pub fn kind(kind: ReviewKind) -> &'static str {
    match kind {
        ReviewKind::Account => "ID登録申請",
        ReviewKind::Card => "ICカードの利用者登録",
    }
}

pub fn state(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Pending => "審査待ち",
        ReviewState::FirstApproved => "1人が承認済み",
        ReviewState::Approved => "承認",
        ReviewState::Rejected => "却下",
        ReviewState::Withdrawn => "取下げ",
    }
}

pub const TABS: &str = "申請の種類";
pub const PENDING: &str = "審査待ち";
pub const DECIDED: &str = "審査済み";
pub const COLUMNS: [&str; 6] = ["受付番号", "会社", "申請の内容", "待っている時間", "違い", "状態"];
pub const DECIDED_COLUMNS: [&str; 6] = ["受付番号", "会社", "申請の内容", "申請した日時", "違い", "状態"];
pub const NONE: &str = "審査を待っている申請はありません。";
pub const NONE_DECIDED: &str = "審査を終えた申請は、まだありません。";

pub fn waiting(pending: u64) -> String {
    format!("{pending}件が審査を待っています。古い順に並んでいます。")
}

pub fn differences(count: u32) -> String {
    if count == 0 { "なし".to_owned() } else { format!("{count}か所") }
}

pub fn others(count: usize) -> String {
    format!("この業者には、ほかに{count}件の申請があります")
}

/// What happens to them.
pub const OTHERS_IS: &str = "一件ずつ審査します。この申請を承認しても、ほかの申請はそのまま残ります。見覚えのない申請は、会社に確かめてから却下してください。";
pub const HAS_ID: &str = "承認済みのIDがあります";
pub const OTHER_COLUMNS: [&str; 3] = ["違う項目", "この申請", "その申請"];
pub const OTHER_SAME: &str = "入力された内容は、この申請と同じです。";
pub const ID_TAKEN: &str = "申請されたユーザーIDは、先に承認されたほかの申請で使われています。承認はできません。理由を入力して却下し、別のユーザーIDで申請し直していただいてください。";

pub const ID: &str = "受付番号";
pub const NUMBER: &str = "業者番号";
pub const NAME: &str = "商号又は名称（名簿）";
pub const KIND: &str = "申請の内容";
pub const APPLIED: &str = "申請した日時";
pub const STATE: &str = "状態";
pub const DECISIONS: &str = "審査した人";
pub const REASON: &str = "却下の理由";
pub const COMPARE: &str = "申請、名簿、電子証明書の比較";
pub const COMPARE_COLUMNS: [&str; 4] = ["項目", "申請", "名簿", "電子証明書"];
pub const DIFFERS: &str = "違いがあります";
pub const CHANGED_SINCE: &str = "見ている間に変わりました";
pub const BEFORE: &str = "前：";
pub const NOT_THERE: &str = "（対象外）";

pub fn summary(count: u32) -> String {
    match count {
        0 => "名簿や電子証明書と違う項目はありません。".to_owned(),
        count => {
            format!("{count}か所で、名簿または電子証明書と違います。「◆」の付いた行を確かめてください。")
        }
    }
}

pub const DECISION: &str = "審査の結果";
pub const TWO: &str = "この区分では、別々の担当者2人の承認が必要です。";

pub fn first(officer: &str) -> String {
    format!("1人目の承認：{officer}")
}

pub const YOU_WERE_FIRST: &str = "あなたが1人目として承認しました。もう1人の承認は、別の担当者が行います。";
pub fn blocked(block: ApprovalBlock) -> String {
    match block {
        ApprovalBlock::Made => "1人目の承認者とあなたとのあいだで、一方がもう一方のアカウントを作ったか、新しいリンクを送っているため、\
             あなたの承認は2人目として数えられません。別の担当者に頼んでください。"
            .to_owned(),
        ApprovalBlock::New(from) => format!(
            "あなたのアカウントは、作られたばかりか、新しいリンクで準備し直されたばかりです。\
             2人の承認が要る審査では、{}から承認できます。",
            clock::shown(from)
        ),
    }
}

pub const APPROVE: &str = "承認";
pub const REJECT: &str = "却下";
pub const REJECT_HEADING: &str = "却下するとき";
pub const TEMPLATES: &str = "理由の例から選ぶ";
pub const NO_TEMPLATE: &str = "選んでください";
pub const NEXT: &str = "次の申請へ";
pub const TO_QUEUE: &str = "審査の一覧へ";
pub const TO_COMPANY: &str = "会社の情報を見る";
pub const VIEW_ONLY: &str = "承認と却下は、役割が「審査」か「管理」の人ができます。";

/// `承認（2026年…）`.
pub fn decision(officer: &str, approved: bool) -> String {
    format!("{officer}：{}", if approved { "承認" } else { "却下" })
}

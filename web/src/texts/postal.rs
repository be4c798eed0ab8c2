//! What 住所を検索 says.

/// Asking.
pub const WAITING: &str = "住所を検索しています";
/// No match.
pub const NOTHING: &str =
    "この郵便番号の住所は見つかりません。郵便番号を確かめるか、住所を直接入力してください。";
/// No answer.
pub const FAILED: &str = "住所を検索できませんでした。住所を直接入力するか、少し待ってからお試しください。";
/// Filled in.
pub const FILLED: &str = "住所を入力しました。続けて、番地などを入力してください。";
/// Name of the list.
pub const LIST: &str = "見つかった住所";

/// Above the list.
pub fn choose(count: usize) -> String {
    format!("住所が{count}件見つかりました。上下の矢印キーとEnterキー、またはマウスで選んでください。")
}

/// What a choice replaces.
pub fn replaces(typed: &str) -> String {
    format!("選ぶと、入力済みの住所「{typed}」が置き換わります。")
}

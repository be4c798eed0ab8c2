//! Sentences of 業者番号一覧.

/// Before the table.
pub fn lead(number: &str) -> String {
    format!("{number}を、五十音の行か、名称の一部で探せます。")
}

/// The link to the list.
pub fn link(number: &str) -> String {
    format!("{number}一覧")
}

/// Name of the row buttons.
pub const ROWS: &str = "五十音で選ぶ";
/// All rows.
pub const ALL: &str = "すべて";

/// A row's button.
pub fn row(row: &str) -> String {
    format!("{row}行")
}

/// The search box.
pub fn query(number: &str, name: &str) -> String {
    format!("{name}または{number}の一部")
}

/// この番号で登録する.
pub const PICK: &str = "この番号で登録する";
/// Without a session at the search.
pub const COPY: &str = "番号をコピー";
/// The column of the buttons.
pub const USE: &str = "操作";
/// 次へ.
pub const NEXT: &str = "次へ";
/// 前へ.
pub const PREVIOUS: &str = "前へ";
/// While the list comes.
pub const READING: &str = "一覧を読み込んでいます";
/// Nothing found.
pub const NONE: &str = "該当する会社が見つかりません。行を選び直すか、別の言葉で検索してください。";

/// Which part of the list is shown.
pub fn range(before: usize, shown: usize, total: Option<u64>) -> String {
    let (first, last) = (before + 1, before + shown);
    match total {
        Some(total) => format!("{total}件のうち、{first}件目から{last}件目"),
        None => format!("{first}件目から{last}件目"),
    }
}

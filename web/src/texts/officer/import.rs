//! 業者情報取込.

use touroku_proto::officer::import::{Found, ImportState};

use super::screen::{bytes, count};
use crate::{bidder::clock, officer::route::RowKind};

pub fn state(state: ImportState) -> &'static str {
    match state {
        ImportState::Uploading => "送信中",
        ImportState::Checking => "確認中",
        ImportState::Checked => "確認済み（まだ取り込んでいません）",
        ImportState::Taking => "取込中",
        ImportState::Taken => "取込済み",
        ImportState::Undone => "取消済み",
        ImportState::Failed => "失敗",
        ImportState::Cancelled => "中止",
    }
}

pub const LEAD: &str = "名簿のCSVファイルかExcelブック（.xlsx）を選ぶと、まず内容を確かめます。確かめた結果を見てから、取り込むかどうかを決められます。";
pub const FORMAT: &str = "CSVファイル（文字コードはUTF-8かCP932、区切りはカンマ・タブ・セミコロン）か、Excelブック（.xlsx）です。項目名の行が1行必要で、その上に表題の行があってもかまいません。512MBまで。";
pub const CHOOSE_HEADING: &str = "ファイルを選ぶ";
pub const CHOOSE: &str = "名簿のファイル（CSV、Excelブック）";
pub const DROP: &str = "ここにファイルを置くこともできます。";

/// An upload that stopped.
pub fn stopped(name: &str, received: u64, size: u64) -> String {
    format!(
        "「{name}」の送信が、{}のうち{}で止まっています。同じファイルをもう一度選ぶと、続きから送ります。",
        bytes(size),
        bytes(received)
    )
}

pub const WAITING_FOR_LINE: &str = "接続が切れました。つながりしだい、続きから自動で送ります。";
pub const KEEP_OPEN: &str = "送り終わるまで、この画面を開いたままにしてください。";
pub const PROGRESS: &str = "進み具合";

pub fn progress(done: u64, of: u64) -> String {
    format!("{}のうち{}（{}%）", bytes(of), bytes(done), (done * 100).checked_div(of).unwrap_or(0))
}

/// A file's name with the time at which it was last saved.
pub fn saved_at(name: &str, unix_ms: i64) -> String {
    format!("{name}（{}{:02}秒に保存）", clock::shown(unix_ms), unix_ms.div_euclid(1000).rem_euclid(60))
}

pub const LIST: &str = "これまでの取込";
pub const LIST_COLUMNS: [&str; 6] = ["番号", "ファイル", "状態", "始めた日時", "担当者", "操作"];
pub const NONE: &str = "まだ取り込んだことがありません。";
pub const UNDO: &str = "元に戻す";
pub const CANCEL: &str = "取り込みをやめる";

pub fn kind(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Wrong => "エラー",
        RowKind::Doubtful => "注意",
        RowKind::Added => "追加",
        RowKind::Changed => "変更",
        RowKind::Missing => "削除候補",
    }
}

pub fn kind_is(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Wrong => "このままでは取り込めない行です。ファイルを直すか、この行を除いて取り込みます。",
        RowKind::Doubtful => "取り込めますが、間違いでないか確かめてほしい行です。",
        RowKind::Added => "名簿にない番号の行です。",
        RowKind::Changed => "名簿にある番号で、内容が変わる行です。",
        RowKind::Missing => "名簿にあって、ファイルにない会社です。",
    }
}

pub const UNCHANGED: &str = "変更なし";

/// Companies to which a row with mistakes belongs or may belong.
pub const HELD: &str = "エラーの行の会社（そのまま残す）";

/// Rows that may be any company's.
pub fn anybodys(rows: u64) -> String {
    format!(
        "エラーの行のうち{}件は、どの会社の行か分かりません。ファイルにないように見える会社のものかもしれないので、削除候補を出していません。\
         削除や停止をするときは、ファイルを直して選び直してください。",
        count(rows)
    )
}

pub fn rows(number: u64) -> String {
    format!("{}件", count(number))
}

pub const NO_ROWS: &str = "該当する行はありません。";
pub const ROW_COLUMNS: [&str; 4] = ["行", "業者番号", "商号又は名称", "内容"];
pub const WHOLE_ROW: &str = "行全体";

pub fn cell(title: &str, column: u32) -> String {
    if column == 0 { title.to_owned() } else { format!("{title}（{column}列目）") }
}

pub const NOW: &str = "今：";
pub const THEN: &str = "取込後：";
pub const FILE: &str = "ファイル";
pub const STATE: &str = "状態";
pub const FOUND: &str = "ファイルの形式";
pub const BEGAN: &str = "始めた人と日時";
pub const TAKEN: &str = "取り込んだ日時";
pub const RESULT: &str = "確かめた結果";
pub fn format(found: &Found) -> String {
    if found.separator.is_empty() {
        format!("{}、シート「{}」", found.encoding, found.sheet)
    } else {
        format!("{}、{}区切り", found.encoding, found.separator)
    }
}

pub const TEMPLATE_IS: &str = "名簿のひな形です。番号の先頭の0が消えないように、Excelブックのひな形はすべての列を文字列にしてあります。";
pub const TEMPLATE_XLSX: &str = "ひな形（Excelブック）";
pub const TEMPLATE_CSV: &str = "ひな形（CSV）";
pub const PROBLEMS_XLSX: &str = "エラーと注意の一覧（Excelブック）";
pub const PROBLEMS_CSV: &str = "エラーと注意の一覧（CSV）";

pub const SHEET: &str = "読むシート";
pub const HEADER: &str = "見出しの行";

/// A possible header row: its number and first values.
pub fn header_row(row: u64, cells: &[String]) -> String {
    let shown: Vec<&str> = cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).take(5).collect();
    let text: String = shown.join("、").chars().take(40).collect();
    format!("{}行目：{text}", count(row))
}

pub const COLUMNS: &str = "列の読み方";
pub const COLUMNS_LEAD: &str = "ファイルの各列を、名簿のどの項目に対応させるか選びます。変えると、もう一度確かめます。同じ項目名のファイルでは、次から同じ読み方をします。";
pub const COLUMN_COLUMNS: [&str; 3] = ["ファイルの列", "最初の行の例", "名簿の項目"];
pub const NOT_USED: &str = "（使わない）";
pub const REQUIRED: &str = "（必須）";
pub const MAP: &str = "この読み方で確かめ直す";

pub fn column_label(title: &str) -> String {
    format!("「{title}」の列を読む項目")
}

pub const TAKE_HEADING: &str = "名簿に取り込む";
pub const SKIP_WRONG: &str = "エラーの行を除いて取り込む";
pub const SKIP_WRONG_IS: &str = "選ばないと、エラーが1件でもあるファイルは取り込めません。";
pub const REMOVE_MISSING: &str = "削除候補の会社を名簿から除く";
pub const REMOVE_MISSING_IS: &str =
    "まだ登録していない会社は名簿から消します。登録済みの会社は残し、新しい手続きを止めます。";
pub const TAKE: &str = "取り込む";
pub const WRONG_ROWS: &str =
    "エラーの行があります。ファイルを直してやり直すか、エラーの行を除いて取り込むことを選んでください。";
pub const TO_LIST: &str = "取込の一覧へ";

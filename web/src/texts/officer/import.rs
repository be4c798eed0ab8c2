//! 業者情報取込.

use touroku_proto::officer::import::{Found, ImportState, RowKind};

pub(crate) use super::said::import::*;
use super::{
    Text,
    screen::{bytes, count},
};
use crate::bidder::clock;

pub(crate) fn state(state: ImportState) -> Text {
    match state {
        ImportState::Uploading => STATE_UPLOADING,
        ImportState::Checking => STATE_CHECKING,
        ImportState::Checked => STATE_CHECKED,
        ImportState::Taking => STATE_TAKING,
        ImportState::Taken => STATE_TAKEN,
        ImportState::Undone => STATE_UNDONE,
        ImportState::Failed => STATE_FAILED,
        ImportState::Cancelled => STATE_CANCELLED,
    }
}

/// An upload that stopped.
pub(crate) fn stopped(name: &str, received: u64, size: u64) -> String {
    stopped_at(name, &bytes(size), &bytes(received))
}

pub(crate) fn progress(done: u64, of: u64) -> String {
    progress_of(&bytes(of), &bytes(done), (done * 100).checked_div(of).unwrap_or(0))
}

/// A file's name with the time at which it was last saved.
pub(crate) fn saved_at(name: &str, unix_ms: i64) -> String {
    let second = format!("{:02}", unix_ms.div_euclid(1000).rem_euclid(60));
    saved(name, &clock::shown(unix_ms), &second)
}

pub(crate) const LIST_COLUMNS: [Text; 6] =
    [LIST_COLUMNS_1, LIST_COLUMNS_2, LIST_COLUMNS_3, LIST_COLUMNS_4, LIST_COLUMNS_5, LIST_COLUMNS_6];

pub(crate) fn kind(kind: RowKind) -> Text {
    match kind {
        RowKind::Wrong => KIND_WRONG,
        RowKind::Doubtful => KIND_DOUBTFUL,
        RowKind::Added => KIND_ADDED,
        RowKind::Changed => KIND_CHANGED,
        RowKind::Missing => KIND_MISSING,
    }
}

pub(crate) fn kind_is(kind: RowKind) -> Text {
    match kind {
        RowKind::Wrong => KIND_IS_WRONG,
        RowKind::Doubtful => KIND_IS_DOUBTFUL,
        RowKind::Added => KIND_IS_ADDED,
        RowKind::Changed => KIND_IS_CHANGED,
        RowKind::Missing => KIND_IS_MISSING,
    }
}

/// Rows that may be any company's.
pub(crate) fn anybodys(rows: u64) -> String {
    anybodys_of(&count(rows))
}

pub(crate) fn rows(number: u64) -> String {
    rows_of(&count(number))
}

pub(crate) const ROW_COLUMNS: [Text; 4] = [ROW_COLUMNS_1, ROW_COLUMNS_2, ROW_COLUMNS_3, ROW_COLUMNS_4];

pub(crate) fn cell(title: &str, column: u32) -> String {
    if column == 0 { title.to_owned() } else { cell_of(title, column) }
}

pub(crate) fn format(found: &Found) -> String {
    if found.separator.is_empty() {
        format_sheet(&found.encoding, &found.sheet)
    } else {
        format_csv(&found.encoding, &found.separator)
    }
}

/// A possible header row: its number and first values.
pub(crate) fn header_row(row: u64, cells: &[String]) -> String {
    let shown: Vec<&str> = cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).take(5).collect();
    let text: String = shown.join("、").chars().take(40).collect();
    header_of(&count(row), &text)
}

pub(crate) const COLUMN_COLUMNS: [Text; 3] = [COLUMN_COLUMNS_1, COLUMN_COLUMNS_2, COLUMN_COLUMNS_3];

//! Why a line of a roster can't be read, in words.

use touroku_japanese::lines::LineError;

/// The cell (from 0), and the reason.
pub(super) fn describe(error: &LineError) -> (Option<usize>, String) {
    match error {
        LineError::TooLong => (None, "行が長すぎます（64KBまで）".to_owned()),
        LineError::TooManyCells => (None, "列が多すぎます（1024列まで）".to_owned()),
        LineError::Undecodable(index, reason) => (Some(*index), reason.clone()),
        LineError::UnclosedQuote(index) => (Some(*index), "引用符「\"」が閉じていません".to_owned()),
        LineError::AfterQuote(index) => (Some(*index), "閉じる引用符「\"」の後に文字があります".to_owned()),
    }
}

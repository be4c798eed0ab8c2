//! Sentences of 業者番号一覧.

pub(crate) use super::said::contractor::listing::*;

/// Which part of the list is shown.
pub fn range(before: usize, shown: usize, total: Option<u64>) -> String {
    let (first, last) = (before + 1, before + shown);
    match total {
        Some(total) => range_of(total, first, last),
        None => range_alone(first, last),
    }
}

//! Sentences of 業者番号一覧.

use touroku_proto::api::NotFound;

pub(crate) use super::said::contractor::listing::*;
use crate::bidder::clock::day_shown;

/// Which part of the list is shown.
pub fn range(before: usize, shown: usize, total: Option<u64>) -> String {
    let (first, last) = (before + 1, before + shown);
    match total {
        Some(total) => range_of(total, first, last),
        None => range_alone(first, last),
    }
}

/// Why a company can't be registered with.
pub fn not_found(why: &NotFound) -> String {
    match why {
        NotFound::OtherCategory => OTHER_CATEGORY.to_string().to_string(),
        NotFound::Before { from } => before(&day_shown(from)),
        NotFound::After { until } => after(&day_shown(until)),
    }
}

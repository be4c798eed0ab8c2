//! What the checks have in common.

use touroku_proto::field::Rule;

use crate::agency::layers::Step;

/// A mistake and its place.
pub(in crate::agency) type Finding = (Vec<Step>, String);

/// Whether any text can pass the rule.
pub(super) fn is_satisfiable(rule: &Rule) -> bool {
    match rule {
        Rule::Alphanumeric { min, max } | Rule::Digits { min, max } => min <= max && *max > 0,
        // One letter and one digit.
        Rule::MixedAlphanumeric { min, max } => min <= max && *max >= 2,
        Rule::Text { max } | Rule::FullWidth { max } | Rule::Email { max } => *max > 0,
        Rule::PostalCode | Rule::Phone | Rule::Repeat { .. } => true,
    }
}

pub(super) fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

pub(super) fn at(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|&key| Step::Key(key.to_owned())).collect()
}

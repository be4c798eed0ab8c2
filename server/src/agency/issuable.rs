//! For which rules numbers can be issued: long enough that nobody guesses one.

use touroku_proto::field::Rule;

/// Length of an issued number, where the rule leaves the choice.
const LENGTH: usize = 12;

/// Capital letters and digits that are not confused on paper: without 0 O D Q, 1 I L, 2 Z, 5 S, 8 B and V. Each
/// carries some 4.5 bits.
const MIXED: &[u8] = b"34679ACEFGHJKMNPRTUWXY";

/// Each digit carries some 3.3 bits.
const DIGITS: &[u8] = b"0123456789";

/// The fewest characters with which nobody guesses a number: 35 and 33 bits, in addition to the name that must
/// match and the rate limits of the search.
const FEWEST: (usize, usize) = (8, 10);

/// Whether numbers that satisfy the rule can be issued.
pub(crate) fn is_issuable(rule: &Rule) -> bool {
    shape(rule).is_some()
}

/// Characters and length of the numbers that satisfy a rule.
pub(crate) fn shape(rule: &Rule) -> Option<(&'static [u8], usize)> {
    let (alphabet, fewest, min, max) = match *rule {
        Rule::Alphanumeric { min, max } | Rule::MixedAlphanumeric { min, max } => (MIXED, FEWEST.0, min, max),
        Rule::Digits { min, max } => (DIGITS, FEWEST.1, min, max),
        _ => return None,
    };
    (max >= fewest && min <= max && min <= 64).then(|| (alphabet, LENGTH.max(min).min(max)))
}

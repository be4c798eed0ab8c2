//! From a place in a profile to its line and column.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::mistake::Mistake;

/// One step into a TOML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a table.
    Key(String),
    /// Into an array, from 0.
    Index(usize),
}

/// The position of the value at `path`; for a missing one, of the table that lacks it.
pub(super) fn span(text: &str, path: &[Step]) -> Option<Range<usize>> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    for step in path {
        let next = match (step, value) {
            (Step::Key(key), None) => table.get_ref().get(key.as_str()),
            (Step::Key(key), Some(value)) => value.get_ref().get(key.as_str()),
            (Step::Index(index), Some(value)) => value.get_ref().get(*index),
            (Step::Index(_), None) => None,
        };
        let Some(next) = next else { break };
        found = Some(next.span());
        value = Some(next);
    }
    found
}

/// A mistake at the beginning of `span`; without a span, at the beginning of the text.
pub(super) fn mistake(text: &str, span: Option<Range<usize>>, message: &str) -> Mistake {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Mistake {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: message.trim().to_owned(),
    }
}

//! A file's text as tables, beneath it the text whose values it inherits, and where each value is written.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use touroku_japanese::mistyped;

use super::mistake::Mistake;

/// One step into a TOML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a table.
    Key(String),
    /// Into an array, from 0.
    Index(usize),
}

/// A text that was parsed.
pub(super) struct Layer<'t> {
    text: &'t str,
    root: Spanned<DeValue<'t>>,
    /// What is not TOML, with its place.
    broken: Vec<Mistake>,
    /// Nothing can be said about its values.
    is_unreadable: bool,
}

/// A value and the layer that it is written in.
#[derive(Clone, Copy)]
pub(super) struct Written<'d> {
    pub(super) layer: usize,
    pub(super) value: &'d Spanned<DeValue<'d>>,
}

impl<'t> Layer<'t> {
    pub(super) fn parse(text: &'t str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        Self {
            text,
            root: Spanned::new(0..0, DeValue::Table(table.into_inner())),
            broken: errors.iter().map(|error| no_toml(text, error.span(), error.message())).collect(),
            is_unreadable: errors.iter().any(|error| error.message() != mistyped::DUPLICATE),
        }
    }
}

/// A file's layers, the uppermost first.
#[derive(Clone, Copy)]
pub(super) struct Layers<'d>(pub(super) &'d [&'d Layer<'d>]);

impl<'d> Layers<'d> {
    /// The values that lie above each other at the root.
    pub(super) fn root(self) -> Vec<Written<'d>> {
        self.0.iter().enumerate().map(|(layer, parsed)| Written { layer, value: &parsed.root }).collect()
    }

    /// The uppermost text's own values.
    pub(super) fn top(self) -> Option<&'d Spanned<DeValue<'d>>> {
        self.0.first().map(|layer| &layer.root)
    }

    /// What is not TOML in any of them, by layer.
    pub(super) fn broken(self) -> impl Iterator<Item = (usize, Mistake)> {
        let layers = self.0.iter().enumerate();
        layers.flat_map(|(layer, parsed)| parsed.broken.iter().map(move |mistake| (layer, mistake.clone())))
    }

    pub(super) fn are_readable(self) -> bool {
        !self.0.iter().any(|layer| layer.is_unreadable)
    }

    /// A mistake in the value at `path`; if it is missing, in the table that lacks it.
    pub(super) fn mistake(self, path: &[Step], message: &str) -> (usize, Mistake) {
        let (mut written, mut found) = (self.root(), None);
        for step in path {
            written = inside(&written, step);
            let Some(top) = written.first() else { break };
            found = Some(*top);
        }
        match found {
            Some(found) => self.mistake_at(path, found.layer, Some(found.value.span()), message),
            None => self.mistake_at(path, 0, None, message),
        }
    }

    pub(super) fn mistake_at(
        self,
        path: &[Step],
        layer: usize,
        span: Option<Range<usize>>,
        message: &str,
    ) -> (usize, Mistake) {
        (layer, Mistake { key: key(path), ..mistake(self.text(layer), span, message) })
    }

    pub(super) fn text(self, layer: usize) -> &'d str {
        self.0.get(layer).map_or("", |layer| layer.text)
    }
}

/// One step further. Tables lie above each other key by key; any other value hides what is beneath.
pub(super) fn inside<'d>(written: &[Written<'d>], step: &Step) -> Vec<Written<'d>> {
    let within = |outer: &Written<'d>| {
        let value = match step {
            Step::Key(key) => outer.value.get_ref().get(key.as_str()),
            Step::Index(index) => outer.value.get_ref().get(*index),
        }?;
        Some(Written { layer: outer.layer, value })
    };
    match written.first() {
        Some(top) if !top.value.get_ref().is_table() => within(top).into_iter().collect(),
        _ => written.iter().filter_map(within).collect(),
    }
}

/// A path in writing.
fn key(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    };
    path.iter().map(step).collect::<Vec<_>>().join(".")
}

/// A mistake in the value at `path` of a text by itself.
pub(super) fn mistake_in(text: &str, path: &[Step], message: &str) -> Mistake {
    Layers(&[&Layer::parse(text)]).mistake(path, message).1
}

/// What a parser of TOML found at `span`.
pub(crate) fn no_toml(text: &str, span: Option<Range<usize>>, message: &str) -> Mistake {
    let (at, what) = mistyped::toml(text, span.map_or(0, |span| span.start), message);
    mistake(text, Some(at..at), &what)
}

/// A mistake at the beginning of `span`; without a span, at the beginning of the text.
pub(super) fn mistake(text: &str, span: Option<Range<usize>>, message: &str) -> Mistake {
    let (line, column) = mistyped::place(text, span.map_or(0, |span| span.start));
    Mistake { line, column, message: message.trim().to_owned(), key: String::new() }
}

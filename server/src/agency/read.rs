//! Parses as much of a profile's text as possible: what has the wrong shape is reported and left out, so that the
//! rest is checked too.

use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};
use touroku_proto::agency::AgencyProfile;

use super::{
    locate::{self, Step},
    mistake::Mistake,
};

/// Placeholder values for missing keys, so that later mistakes are found too. A rule needs none: it is left out as
/// a whole.
const STAND_INS: &str = r#"
code = "x"
procurement_code = "0000"
name = "x"
ja = "x"
search = {}
categories = []
forms = {}
company_id = {}
format = "{sequence:1}"
number_label = "x"
number_rule = { kind = "text", max = 1 }
name_label = "x"
name_rule = { kind = "text", max = 1 }
kind = "agency"
digit = 0
form = "x"
sections = []
title = "x"
rows = []
field = "company_name"
label = "x"
redirect_uris = []
url = "https://x"
open = "00:00"
close = "24:00"
"#;

/// toml's message for a duplicate key.
const DUPLICATE: &str = "duplicate key";

/// More mistakes than anybody fixes in one go.
const MAX_MISTAKES: usize = 200;

/// The most names listed as alternatives; if there are more, only the nearest is worth reading.
const MAX_CHOICES: usize = 12;

/// The result of parsing a text.
pub(super) struct Read {
    /// The profile; if there are mistakes, one with placeholder values.
    pub(super) profile: Option<AgencyProfile>,
    pub(super) mistakes: Vec<Mistake>,
    /// What was left out or filled in: nothing can be said about it.
    pub(super) unknown: Vec<Vec<Step>>,
}

/// Reads a profile's text.
pub(super) fn read(text: &str) -> Read {
    let (mut document, errors) = DeTable::parse_recoverable(text);
    let mut read = Read { profile: None, mistakes: Vec::new(), unknown: Vec::new() };
    let of = |error: &toml::de::Error| locate::mistake(text, error.span(), &japanese(error.message()));
    read.mistakes = errors.iter().take(MAX_MISTAKES).map(of).collect();
    // Duplicate keys can be tolerated; where other mistakes end is unknown.
    if errors.iter().any(|error| error.message() != DUPLICATE) {
        return read;
    }
    let mut stand_ins = StandIns::default();
    while read.unknown.len() < MAX_MISTAKES {
        let error = match AgencyProfile::deserialize(toml::Deserializer::from(document.clone())) {
            Ok(profile) => {
                read.profile = Some(profile);
                return read;
            }
            Err(error) => error,
        };
        let path = error.span().and_then(|span| find(document.get_ref(), &span)).unwrap_or_default();
        let missing = quoted_after(error.message(), "missing field ");
        let mut place = path.clone();
        place.extend(missing.map(|key| Step::Key(key.to_owned())));
        let is_known = read.unknown.iter().any(|unknown| place.starts_with(unknown));
        if !is_known {
            read.mistakes.push(locate::mistake(text, error.span(), &japanese(error.message())));
        }
        let mended = match missing {
            Some(key) if !in_rule(&path) => stand_ins.put(document.get_mut(), &path, key),
            _ => {
                place = whole_rule(path);
                remove(document.get_mut(), &place)
            }
        };
        if !mended {
            return read;
        }
        read.unknown.push(place);
    }
    read
}

fn in_rule(path: &[Step]) -> bool {
    path.iter().any(is_rule)
}

/// A rule is known as a whole or not at all.
fn whole_rule(mut path: Vec<Step>) -> Vec<Step> {
    if let Some(rule) = path.iter().position(is_rule) {
        path.truncate(rule + 1);
    }
    path
}

fn is_rule(step: &Step) -> bool {
    matches!(step, Step::Key(key) if key.ends_with("rule"))
}

/// The path to the key or value with that span.
fn find(table: &DeTable<'_>, span: &std::ops::Range<usize>) -> Option<Vec<Step>> {
    for (key, value) in table.iter() {
        let step = Step::Key(key.get_ref().to_string());
        if key.span() == *span {
            return Some(vec![step]);
        }
        if let Some(path) = find_in(value, span) {
            return Some([vec![step], path].concat());
        }
    }
    None
}

fn find_in(value: &Spanned<DeValue<'_>>, span: &std::ops::Range<usize>) -> Option<Vec<Step>> {
    // The inner one first: an array of tables has the span of its first table.
    let inner = match value.get_ref() {
        DeValue::Table(table) => find(table, span),
        DeValue::Array(array) => array.iter().enumerate().find_map(|(index, value)| {
            let path = find_in(value, span)?;
            Some([vec![Step::Index(index)], path].concat())
        }),
        _ => None,
    };
    inner.or_else(|| (value.span() == *span).then(Vec::new))
}

/// Makes placeholder values. Each has a unique span, far beyond the text.
#[derive(Default)]
struct StandIns {
    made: usize,
}

impl StandIns {
    /// Puts a placeholder value for `key` into the table at `path`. Returns whether there is one.
    fn put(&mut self, document: &mut DeTable<'_>, path: &[Step], key: &str) -> bool {
        let all = DeTable::parse(STAND_INS).expect("our stand-ins are TOML");
        let Some(value) = all.get_ref().get(key) else { return false };
        let table = match path {
            [] => Some(document),
            _ => match value_at(document, path) {
                Some(DeValue::Table(table)) => Some(table),
                _ => None,
            },
        };
        let (key, value) = (self.place(key.to_owned().into()), self.placed(value.get_ref()));
        table.map(|table| table.insert(key, value)).is_some()
    }

    fn placed(&mut self, value: &DeValue<'static>) -> Spanned<DeValue<'static>> {
        let value = match value {
            DeValue::Table(table) => {
                let mut placed = DeTable::new();
                for (key, value) in table.iter() {
                    placed.insert(self.place(key.get_ref().clone()), self.placed(value.get_ref()));
                }
                DeValue::Table(placed)
            }
            // The arrays among the placeholder values are empty.
            other => other.clone(),
        };
        self.place(value)
    }

    fn place<T>(&mut self, value: T) -> Spanned<T> {
        self.made += 1;
        let place = usize::MAX - self.made;
        Spanned::new(place..place, value)
    }
}

/// Removes what is at `path`. Returns whether there was anything.
fn remove(document: &mut DeTable<'_>, path: &[Step]) -> bool {
    let Some((last, before)) = path.split_last() else { return false };
    if before.is_empty() {
        return matches!(last, Step::Key(key) if document.remove(key.as_str()).is_some());
    }
    match (value_at(document, before), last) {
        (Some(DeValue::Table(table)), Step::Key(key)) => table.remove(key.as_str()).is_some(),
        (Some(DeValue::Array(array)), Step::Index(index)) => {
            let mut rest = DeArray::new();
            let kept = array.iter().enumerate().filter(|(at, _)| at != index);
            kept.for_each(|(_, value)| rest.push(value.clone()));
            *array = rest;
            true
        }
        _ => false,
    }
}

fn value_at<'d, 'i>(document: &'d mut DeTable<'i>, path: &[Step]) -> Option<&'d mut DeValue<'i>> {
    let (Step::Key(first), rest) = path.split_first()? else { return None };
    let mut value = document.get_mut(first.as_str())?.get_mut();
    for step in rest {
        value = match (value, step) {
            (DeValue::Table(table), Step::Key(key)) => table.get_mut(key.as_str())?.get_mut(),
            (DeValue::Array(array), Step::Index(index)) => array.get_mut(*index)?.get_mut(),
            _ => return None,
        };
    }
    Some(value)
}

/// serde's message, in Japanese where that is worth it.
pub(super) fn japanese(message: &str) -> String {
    let message = message.trim();
    if message == DUPLICATE {
        return "同じ項目名が二度あります".to_owned();
    }
    if let Some(key) = quoted_after(message, "unknown field ") {
        return format!("「{key}」という項目名はありません{}", choices(message, key));
    }
    if let Some(key) = quoted_after(message, "missing field ") {
        return format!("「{key}」が要ります");
    }
    if let Some(name) = quoted_after(message, "unknown variant ") {
        return format!("「{name}」とは書けません{}", choices(message, name));
    }
    if let Some(rest) = message.strip_prefix("this kind of rule needs ") {
        let needed: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        let needed = if needed.is_empty() {
            "kindだけ".to_owned()
        } else {
            format!("kindと{}", needed.join("と"))
        };
        return format!("この種類の規則に書くのは{needed}です");
    }
    if message.starts_with("invalid type: ") {
        let expected = message.rsplit_once("expected ").map_or("", |(_, expected)| expected);
        return match expected {
            "usize" | "u8" | "u16" => "引用符のない整数を書きます".to_owned(),
            "a string" => "引用符で囲んだ文字を書きます".to_owned(),
            "a boolean" => "trueかfalseを書きます".to_owned(),
            "a sequence" => "[ ]で囲んだ並びを書きます".to_owned(),
            other => format!("値の種類が違います（{other}）"),
        };
    }
    if let Some(rest) = message.strip_prefix("invalid value: ") {
        return format!("値が正しくありません（{rest}）");
    }
    message.to_owned()
}

/// The valid alternatives to `written`.
fn choices(message: &str, written: &str) -> String {
    let Some((_, expected)) = message.split_once("expected") else { return String::new() };
    let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let nearest = names.iter().min_by_key(|name| distance(name, written));
    match nearest {
        None => String::new(),
        Some(nearest) if names.len() > MAX_CHOICES => format!("。近いのは: {nearest}"),
        Some(_) => format!("。書けるのは: {}", names.join("、")),
    }
}

/// The edit distance (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, &d) in other.iter().enumerate() {
            let changed = diagonal + usize::from(c != d);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

/// The name in backquotes after `before`, at the beginning of a message.
fn quoted_after<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    message.strip_prefix(before)?.split('`').nth(1)
}

//! Reads and changes single keys of a profile's text, leaving everything else as written: comments, order, quotes.

use std::{fs, path::Path};

use serde::Serialize;
use toml_edit::{
    Array, ArrayOfTables, DocumentMut, Item, RawString, Table, TableLike, Value, ser::ValueSerializer, value,
};
use touroku_proto::{
    agency::AgencyProfile,
    few::Few,
    hours::working_days,
    localized::Localized,
    mail::MAILS,
    officer::settings::{FORM_KEYS, FormKey, KeyValue},
};

use super::{
    files::ProfileFile,
    layers::{Layer, Layers},
    parse::parse,
};

/// Left out where they are empty.
const OPTIONAL: [&str; 3] = ["note", "phone", "email"];

/// The text of the portal whose member's file this is.
pub fn portal_text(path: &Path) -> Option<String> {
    fs::read_to_string(ProfileFile::at(path.to_owned())?.portal?).ok()
}

/// The keys that have a form, with their values. `None`: the text is not valid.
pub fn form_keys(text: &str, portal: Option<&str>) -> Option<Vec<FormKey>> {
    let own: DocumentMut = text.parse().ok()?;
    let shared: DocumentMut = portal.unwrap_or_default().parse().ok()?;
    let whole = profile(text, portal)?;
    let without = |mails: bool| {
        let mut bare = own.clone();
        keys().filter(|key| is_mail(key) == mails).for_each(|key| unset(&mut bare, &key));
        profile(&bare.to_string(), portal)
    };
    // Our mails name the agency's desks.
    let (bare, bare_mails) = (without(false), without(true));
    let form_key = |key: String| {
        let (own, shared) = (has(&own, &key), has(&shared, &key));
        let mut value = read(&whole, &key)?;
        // What is valid only together with the file's own keys has nothing beneath them.
        let mut beneath = match if is_mail(&key) { &bare_mails } else { &bare } {
            Some(beneath) => read(beneath, &key)?,
            None => nothing_like(&value),
        };
        if key == "hours_rule" {
            // Left out, the server writes it, which is nobody's own words.
            let none = KeyValue::Words(Localized::default());
            beneath = if shared { beneath } else { none };
            value = if own { value } else { beneath.clone() };
        }
        Some(FormKey { key, value, own, shared, beneath })
    };
    keys().map(form_key).collect()
}

fn keys() -> impl Iterator<Item = String> {
    let mails = MAILS.iter().flat_map(|mail| {
        ["subject", "body"].into_iter().map(move |part| format!("mail.{}.{part}", mail.key))
    });
    FORM_KEYS.into_iter().map(str::to_owned).chain(mails)
}

fn is_mail(key: &str) -> bool {
    key.starts_with("mail.")
}

fn profile(text: &str, portal: Option<&str>) -> Option<AgencyProfile> {
    let own = Layer::parse(text);
    match portal.map(Layer::parse) {
        Some(shared) => parse(Layers(&[&own, &shared])).ok(),
        None => parse(Layers(&[&own])).ok(),
    }
}

fn read(profile: &AgencyProfile, key: &str) -> Option<KeyValue> {
    let hours = profile.hours.as_ref();
    Some(match key {
        "notices" => KeyValue::WordList(profile.notices.clone()),
        "news" => KeyValue::News(profile.news.clone()),
        "links" => KeyValue::Links(profile.links.clone()),
        "footer.manual_url" => KeyValue::Text(profile.footer.manual_url.clone()),
        "footer.accessibility_url" => KeyValue::Text(profile.footer.accessibility_url.clone()),
        "footer.privacy_url" => KeyValue::Text(profile.footer.privacy_url.clone()),
        "hours.open" => KeyValue::Text(hours.map(|hours| hours.open.to_string()).unwrap_or_default()),
        "hours.close" => KeyValue::Text(hours.map(|hours| hours.close.to_string()).unwrap_or_default()),
        "hours.weekdays" => KeyValue::Week(hours.map_or_else(working_days, |hours| hours.weekdays.clone())),
        "hours.closed_on_holidays" => KeyValue::Switch(hours.is_none_or(|hours| hours.closed_on_holidays)),
        "hours.closed" => KeyValue::Days(hours.map(|hours| hours.closed.clone()).unwrap_or_default()),
        "hours_rule" => KeyValue::Words(profile.hours_rule.clone()),
        "desks" => KeyValue::Desks(profile.desks.clone()),
        "reject_reasons" => KeyValue::Lines(profile.reject_reasons.clone()),
        _ => {
            let (name, part) = key.strip_prefix("mail.")?.split_once('.')?;
            let mail = (MAILS.iter().find(|mail| mail.key == name)?.text)(&profile.mail);
            KeyValue::Text(if part == "subject" { mail.subject.clone() } else { mail.body.clone() })
        }
    })
}

/// The text with these keys changed. `None`: it is no TOML, or they have no form.
pub fn with_keys(
    text: &str,
    portal: Option<&str>,
    set: &Few<String, KeyValue>,
    unset_keys: &[String],
) -> Option<String> {
    let mut own: DocumentMut = text.parse().ok()?;
    let shared: DocumentMut = portal.unwrap_or_default().parse().ok()?;
    let is_known = |key: &String| keys().any(|known| known == *key);
    if !set.keys().chain(unset_keys).all(is_known) {
        return None;
    }
    // In the order of the forms, which is that of the template.
    for key in keys().filter(|key| !unset_keys.contains(key)) {
        let Some(value) = set.get(&key) else { continue };
        match is_nothing(value) && !key.starts_with("hours.") && !has(&shared, &key) {
            true => unset(&mut own, &key),
            false => put(&mut own, &key, value)?,
        }
    }
    unset_keys.iter().for_each(|key| unset(&mut own, key));
    settle_hours(&mut own, &shared);
    Some(own.to_string())
}

/// Without a beginning and an end there are no hours; with one of them, the other one is missed where it is typed.
fn settle_hours(own: &mut DocumentMut, shared: &DocumentMut) {
    if has(shared, "hours") {
        return;
    }
    let Some(hours) = own.get_mut("hours").and_then(Item::as_table_like_mut) else { return };
    let is_blank = |key: &str| hours.get(key).and_then(Item::as_str).unwrap_or_default().is_empty();
    match (is_blank("open"), is_blank("close")) {
        (true, true) => drop(own.remove("hours")),
        (true, false) => drop(hours.insert("open", value(""))),
        (false, true) => drop(hours.insert("close", value(""))),
        (false, false) => {}
    }
}

fn nothing_like(value: &KeyValue) -> KeyValue {
    match value {
        KeyValue::Text(_) => KeyValue::Text(String::new()),
        KeyValue::Words(_) => KeyValue::Words(Localized::default()),
        KeyValue::WordList(_) => KeyValue::WordList(Vec::new()),
        KeyValue::Lines(_) => KeyValue::Lines(Vec::new()),
        KeyValue::News(_) => KeyValue::News(Vec::new()),
        KeyValue::Links(_) => KeyValue::Links(Vec::new()),
        KeyValue::Desks(_) => KeyValue::Desks(Vec::new()),
        KeyValue::Days(_) => KeyValue::Days(Vec::new()),
        KeyValue::Week(_) => KeyValue::Week(working_days()),
        KeyValue::Switch(_) => KeyValue::Switch(true),
    }
}

fn is_nothing(value: &KeyValue) -> bool {
    match value {
        KeyValue::Text(text) => text.is_empty(),
        KeyValue::Words(words) => *words == Localized::default(),
        KeyValue::WordList(list) => list.is_empty(),
        KeyValue::Lines(list) => list.is_empty(),
        KeyValue::News(list) => list.is_empty(),
        KeyValue::Links(list) => list.is_empty(),
        KeyValue::Desks(list) => list.is_empty(),
        KeyValue::Days(list) => list.is_empty(),
        KeyValue::Week(_) | KeyValue::Switch(_) => false,
    }
}

fn has(document: &DocumentMut, key: &str) -> bool {
    let mut steps = key.split('.');
    let first = steps.next().and_then(|step| document.get(step));
    steps.fold(first, |item, step| item?.as_table_like()?.get(step)).is_some()
}

/// Removes a key, and the tables that are empty without it.
fn unset(document: &mut DocumentMut, key: &str) {
    fn within(table: &mut dyn TableLike, key: &str) {
        match key.split_once('.') {
            None => drop(table.remove(key)),
            Some((outer, rest)) => {
                let Some(inner) = table.get_mut(outer).and_then(Item::as_table_like_mut) else { return };
                within(inner, rest);
                if inner.is_empty() {
                    table.remove(outer);
                }
            }
        }
    }
    within(document.as_table_mut(), key);
}

fn put(document: &mut DocumentMut, key: &str, new: &KeyValue) -> Option<()> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let mut steps: Vec<&str> = key.split('.').collect();
    let last = steps.pop()?;
    for step in steps {
        if table.get(step).is_none() {
            let mut new = Table::new();
            // [mail] needs no line of its own above [mail.registered].
            new.set_implicit(step == "mail");
            table.insert(step, Item::Table(new));
        }
        table = table.get_mut(step)?.as_table_like_mut()?;
    }
    let mut new = written(new)?;
    let item = match table.get(last) {
        Some(Item::ArrayOfTables(old)) => tables_like(old, new.as_array()?),
        Some(Item::Value(Value::Array(old))) => {
            let mut array = array_like(old, new.as_array()?);
            *array.decor_mut() = old.decor().clone();
            Item::Value(Value::Array(array))
        }
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            Item::Value(new)
        }
        _ if matches!(last, "news" | "links" | "desks") => {
            tables_like(&ArrayOfTables::new(), new.as_array()?)
        }
        _ => Item::Value(new),
    };
    // What is there keeps its place, and the comments above it.
    match table.get_mut(last) {
        Some(old) => *old = item,
        None => drop(table.insert(last, item)),
    }
    Some(())
}

/// As it is written in TOML; what has several keys in braces.
fn written(value: &KeyValue) -> Option<Value> {
    fn of(value: &impl Serialize) -> Option<Value> {
        value.serialize(ValueSerializer::new()).ok()
    }
    let mut written = match value {
        KeyValue::Text(text) => of(text),
        KeyValue::Words(words) => of(words),
        KeyValue::WordList(list) => of(list),
        KeyValue::Lines(list) => of(list),
        KeyValue::News(list) => of(list),
        KeyValue::Links(list) => of(list),
        KeyValue::Desks(list) => of(list),
        KeyValue::Week(days) => of(days),
        KeyValue::Switch(on) => of(on),
        KeyValue::Days(days) => of(days),
    }?;
    let optional = |key: &str| OPTIONAL.contains(&key) || key == "url" && matches!(value, KeyValue::Desks(_));
    for entry in written.as_array_mut().into_iter().flat_map(Array::iter_mut) {
        let Some(entry) = entry.as_inline_table_mut() else { continue };
        entry.retain(|key, value| value.as_str() != Some("") || !optional(key));
    }
    Some(written)
}

/// The new entries as an array; those that it had are as they were, each with the comments above and behind it.
fn array_like(old: &Array, new: &Array) -> Array {
    /// The rest of a line, and the lines below. A comment behind an entry stands before the next one's line.
    fn lines(text: &str) -> (&str, &str) {
        text.find('\n').map_or(("", text), |end| text.split_at(end))
    }
    /// A comment ends with its line.
    fn joined(behind: &str, below: &str) -> String {
        let end = if behind.contains('#') && !below.starts_with('\n') { "\n" } else { "" };
        format!("{behind}{end}{below}")
    }
    let gaps = gaps(old);
    let place = |index: usize| (lines(&gaps[index]).1, lines(&gaps[index + 1]).0);
    let indent =
        gaps.iter().find_map(|gap| gap.rfind('\n').map(|line| &gap[line..])).filter(|_| !old.is_empty());
    let (matches, free) = matched(old.iter(), new.iter(), |old, new| same(old, new));
    let mut array = old.clone();
    array.clear();
    let mut behind = lines(&gaps[0]).0;
    for (index, (value, kept)) in matches.into_iter().enumerate() {
        let kept_or_replaced = kept.or_else(|| free.contains(&index).then_some(index));
        let (above, next) = match kept_or_replaced {
            Some(old) => place(old),
            None => (indent.unwrap_or(if array.is_empty() { "" } else { " " }), ""),
        };
        let mut entry = kept.and_then(|kept| old.get(kept)).unwrap_or(value).clone();
        // The first of a line needs no space.
        let above = if array.is_empty() && !above.contains('\n') {
            ""
        } else if above.is_empty() {
            " "
        } else {
            above
        };
        entry.decor_mut().set_prefix(joined(behind, above));
        entry.decor_mut().set_suffix("");
        array.push_formatted(entry);
        behind = next;
    }
    array.set_trailing(joined(behind, lines(&gaps[old.len()]).1));
    array
}

/// What stands before each entry, and behind the last one, apart from commas.
fn gaps(array: &Array) -> Vec<String> {
    let mut gaps = vec![String::new()];
    for value in array {
        let decor = value.decor();
        let text = |raw: Option<&RawString>, default: &str| {
            raw.and_then(RawString::as_str).unwrap_or(default).to_owned()
        };
        let default = if gaps.len() == 1 { "" } else { " " };
        if let Some(before) = gaps.last_mut() {
            before.push_str(&text(decor.prefix(), default));
        }
        // Up to the comma; behind the last entry often all that there is.
        gaps.push(text(decor.suffix(), ""));
    }
    if let Some(last) = gaps.last_mut() {
        last.push_str(array.trailing().as_str().unwrap_or_default());
    }
    gaps
}

/// The same of `[[tables]]`. A table that stands where another one stood is that one, changed key by key.
fn tables_like(old: &ArrayOfTables, new: &Array) -> Item {
    if new.is_empty() {
        return Item::Value(Value::Array(Array::new()));
    }
    let new: Vec<Table> =
        new.iter().filter_map(|entry| Some(entry.as_inline_table()?.clone().into_table())).collect();
    let first = old.iter().filter_map(Table::position).min();
    // What stands above the first one is often about the list: it stays there.
    let above = |table: &Table| table.decor().prefix().and_then(RawString::as_str).unwrap_or("\n").to_owned();
    let head = old.iter().next().map(above);
    let (matches, free) = matched(old.iter(), new.iter(), |old, new| same_tables(*old, *new));
    let mut tables = ArrayOfTables::new();
    for (index, (entry, kept)) in matches.into_iter().enumerate() {
        let mut table =
            match (kept.and_then(|kept| old.get(kept)), old.get(index).filter(|_| free.contains(&index))) {
                (Some(kept), _) => kept.clone(),
                (None, Some(replaced)) => changed(replaced, entry),
                (None, None) => {
                    let mut table = entry.clone();
                    table.decor_mut().set_prefix("\n");
                    table
                }
            };
        let was_first = kept == Some(0) || (kept.is_none() && index == 0 && free.contains(&0));
        if let Some(head) = &head {
            match (index, was_first) {
                (0, false) => {
                    let own = above(&table);
                    table.decor_mut().set_prefix(format!("{head}{}", own.trim_start_matches(['\r', '\n'])));
                }
                (1.., true) => table.decor_mut().set_prefix("\n"),
                _ => {}
            }
        }
        // Printed one after the other, wherever they stood.
        place(&mut table, first.filter(|_| index == 0));
        tables.push(table);
    }
    Item::ArrayOfTables(tables)
}

fn place(table: &mut Table, position: Option<isize>) {
    table.set_position(position);
    for (_, item) in table.iter_mut() {
        if let Item::Table(inner) = item {
            place(inner, None);
        }
    }
}

fn changed(old: &Table, new: &Table) -> Table {
    let mut table = old.clone();
    table.retain(|key, _| new.contains_key(key));
    for (key, item) in new {
        let Some(value) = item.as_value() else { continue };
        match table.get_mut(key) {
            Some(old) if same_items(old, item) => {}
            Some(Item::Value(old)) => {
                let decor = old.decor().clone();
                *old = value.clone();
                *old.decor_mut() = decor;
            }
            _ => drop(table.insert(key, Item::Value(value.clone()))),
        }
    }
    table
}

/// For each new one, where an old one is that says the same and is no other's; and where those are that say nothing any
/// more.
fn matched<O, N>(
    old: impl Iterator<Item = O>,
    new: impl Iterator<Item = N>,
    same: impl Fn(&O, &N) -> bool,
) -> (Vec<(N, Option<usize>)>, Vec<usize>) {
    let mut free: Vec<(usize, O)> = old.enumerate().collect();
    let matches = new.map(|new| {
        let found = free.iter().position(|(_, old)| same(old, &new));
        (new, found.map(|found| free.remove(found).0))
    });
    let matches = matches.collect();
    (matches, free.into_iter().map(|(index, _)| index).collect())
}

fn same(one: &Value, other: &Value) -> bool {
    same_items(&Item::Value(one.clone()), &Item::Value(other.clone()))
}

fn same_items(one: &Item, other: &Item) -> bool {
    match (one.as_table_like(), other.as_table_like()) {
        (Some(one), Some(other)) => same_tables(one, other),
        (None, None) => match (one.as_str(), other.as_str()) {
            (Some(one), Some(other)) => one == other,
            _ => one.to_string().trim() == other.to_string().trim(),
        },
        _ => false,
    }
}

fn same_tables(one: &dyn TableLike, other: &dyn TableLike) -> bool {
    one.len() == other.len()
        && one.iter().all(|(key, item)| other.get(key).is_some_and(|other| same_items(item, other)))
}

#[cfg(test)]
#[path = "key_text_tests.rs"]
mod tests;

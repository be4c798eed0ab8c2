//! Compares a file with its schema, value by value: all that has the wrong shape is reported at once, and left out or
//! replaced by something of the right shape, so that the meaning of the rest can be checked too.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use toml::de::DeValue;
use touroku_japanese::mistyped::choices;

use super::{
    layers::{Layers, Step, Written, inside},
    mistake::Mistake,
    schema::{Shape, Table},
};

/// More mistakes than anybody fixes in one go.
const MAX_MISTAKES: usize = 200;

/// The result of reading a file.
pub(super) struct Read<T> {
    /// The value; if there are mistakes, one with placeholders. `None`: the text is not TOML.
    pub(super) value: Option<T>,
    /// Each with its layer.
    pub(super) mistakes: Vec<(usize, Mistake)>,
    /// What was left out or filled in: nothing can be said about it.
    pub(super) unknown: Vec<Vec<Step>>,
}

pub(super) fn read<T: DeserializeOwned>(layers: Layers<'_>, shape: &Shape) -> Read<T> {
    let mut mistakes: Vec<_> = layers.broken().take(MAX_MISTAKES).collect();
    if !layers.are_readable() {
        return Read { value: None, mistakes, unknown: Vec::new() };
    }
    let mut walk = Walk { layers, at: Vec::new(), mistakes: Vec::new(), unknown: Vec::new() };
    let found = walk.value(shape, &layers.root()).unwrap_or(Json::Null);
    mistakes.append(&mut walk.mistakes);
    let value = serde_json::from_value(found);
    if let Err(error) = &value {
        // What can't be said in a schema; so far there is nothing.
        mistakes.push(layers.mistake(&[], &error.to_string()));
    }
    mistakes.truncate(MAX_MISTAKES);
    Read { value: value.ok(), mistakes, unknown: walk.unknown }
}

/// The value of one key at the root, as [`read`] reads it. The paths of what is unknown begin with the key.
pub(super) fn read_key<T: DeserializeOwned>(layers: Layers<'_>, key: &str, shape: &Shape) -> Read<T> {
    let at = vec![Step::Key(key.to_owned())];
    let written = inside(&layers.root(), &at[0]);
    let mut walk = Walk { layers, at, mistakes: Vec::new(), unknown: Vec::new() };
    let found = walk.value(shape, &written).unwrap_or(Json::Null);
    Read { value: serde_json::from_value(found).ok(), mistakes: walk.mistakes, unknown: walk.unknown }
}

struct Walk<'d> {
    layers: Layers<'d>,
    at: Vec<Step>,
    mistakes: Vec<(usize, Mistake)>,
    unknown: Vec<Vec<Step>>,
}

impl<'d> Walk<'d> {
    /// The uppermost value, with what it inherits. `None`: it has another shape, which is reported.
    fn value(&mut self, shape: &Shape, written: &[Written<'d>]) -> Option<Json> {
        let top = written.first()?;
        let wanted = match (shape, top.value.get_ref()) {
            (Shape::Table(table), DeValue::Table(_)) => return Some(self.table(table, written)),
            (Shape::Map(item), DeValue::Table(_)) => return Some(self.map(item, written)),
            (Shape::TextOrTable(table), DeValue::Table(_)) => return Some(self.table(table, &[*top])),
            (Shape::TextOrTable(_) | Shape::Text(None), DeValue::String(text)) => return Some(json!(text)),
            (Shape::Text(Some(format)), DeValue::String(text)) => match format(text) {
                Ok(()) => return Some(json!(text)),
                Err(message) => message,
            },
            (Shape::Word(words), DeValue::String(text)) if words.iter().any(|word| word == text) => {
                return Some(json!(text));
            }
            (Shape::Word(words), DeValue::String(text)) => {
                format!("「{text}」とは書けません{}", choices(words.iter().map(String::as_str), text))
            }
            (Shape::Whole { least, most }, DeValue::Integer(digits)) => {
                match i64::from_str_radix(digits.as_str(), digits.radix()) {
                    Ok(whole) if (*least..=*most).contains(&whole) => return Some(json!(whole)),
                    _ if *most == i64::MAX => format!("{least}以上の整数を書きます"),
                    _ => format!("{least}から{most}までの整数を書きます"),
                }
            }
            (Shape::Switch, DeValue::Boolean(on)) => return Some(json!(on)),
            (Shape::List(item), DeValue::Array(items)) => {
                let read = items.iter().enumerate().map(|(index, value)| {
                    let written = Written { layer: top.layer, value };
                    let read = self.step(Step::Index(index), |walk| walk.value(item, &[written]));
                    read.unwrap_or_else(|| item.stand_in())
                });
                return Some(read.collect());
            }
            (Shape::Kinds { key, tables }, DeValue::Table(_)) => return self.kind(key, tables, *top),
            (Shape::Text(_) | Shape::TextOrTable(_) | Shape::Word(_), _) => {
                "引用符で囲んだ文字を書きます".to_owned()
            }
            (Shape::Whole { .. }, _) => "引用符のない整数を書きます".to_owned(),
            (Shape::Switch, _) => "trueかfalseを書きます".to_owned(),
            (Shape::List(_), _) => "[ ]で囲んだ並びを書きます".to_owned(),
            (Shape::Table(_) | Shape::Map(_) | Shape::Kinds { .. }, _) => {
                "{ }で囲むか、[ ]の見出しの下に、項目を書きます".to_owned()
            }
        };
        self.mistakes.push(self.layers.mistake_at(&self.at, top.layer, Some(top.value.span()), &wanted));
        self.unknown.push(self.at.clone());
        None
    }

    fn table(&mut self, table: &Table, written: &[Written<'d>]) -> Json {
        self.check_names(table, written);
        let mut read = Map::new();
        for key in &table.keys {
            let step = Step::Key(key.name.clone());
            let inner = inside(written, &step);
            let value = self.step(step, |walk| {
                if inner.is_empty() && key.required {
                    walk.lacks(&key.name, written);
                }
                walk.value(&key.shape, &inner)
            });
            if let Some(value) = value.or_else(|| key.required.then(|| key.shape.stand_in())) {
                read.insert(key.name.clone(), value);
            }
        }
        Json::Object(read)
    }

    /// Reports the names that the table does not know.
    fn check_names(&mut self, table: &Table, written: &[Written<'d>]) {
        for outer in written {
            let keys = outer.value.get_ref().as_table().into_iter().flat_map(|table| table.iter());
            for (name, _) in
                keys.filter(|(name, _)| !table.keys.iter().any(|key| key.name == *name.get_ref()))
            {
                let names = table.keys.iter().map(|key| key.name.as_str());
                let message = format!(
                    "「{}」という項目名はありません{}",
                    name.get_ref(),
                    choices(names, name.get_ref())
                );
                self.mistakes.push(self.layers.mistake_at(
                    &self.at,
                    outer.layer,
                    Some(name.span()),
                    &message,
                ));
            }
        }
    }

    fn lacks(&mut self, name: &str, written: &[Written<'d>]) {
        let (layer, span) = written.first().map_or((0, None), |top| (top.layer, Some(top.value.span())));
        self.mistakes.push(self.layers.mistake_at(&self.at, layer, span, &format!("「{name}」が要ります")));
        self.unknown.push(self.at.clone());
    }

    fn map(&mut self, item: &Shape, written: &[Written<'d>]) -> Json {
        let tables = written.iter().filter_map(|outer| outer.value.get_ref().as_table());
        let mut names: Vec<&str> =
            tables.flat_map(|table| table.keys().map(|name| name.get_ref().as_ref())).collect();
        names.sort_unstable();
        names.dedup();
        let read = names.into_iter().map(|name| {
            let step = Step::Key(name.to_owned());
            let inner = inside(written, &step);
            let value = self.step(step, |walk| walk.value(item, &inner));
            (name.to_owned(), value.unwrap_or_else(|| item.stand_in()))
        });
        Json::Object(read.collect())
    }

    /// A table of some kind. It is known, and inherited, as a whole or not at all.
    fn kind(&mut self, key: &str, tables: &[(String, Table)], written: Written<'d>) -> Option<Json> {
        let found = written.value.get_ref().get(key).and_then(|kind| kind.get_ref().as_str());
        let table = found.and_then(|found| tables.iter().find(|(kind, _)| kind == found));
        let (mistakes, unknown) = (self.mistakes.len(), self.unknown.len());
        let read = match table {
            Some((_, table)) => self.table(table, &[written]),
            None => {
                let kinds = Shape::Word(tables.iter().map(|(kind, _)| kind.clone()).collect());
                let inner = inside(&[written], &Step::Key(key.to_owned()));
                if inner.is_empty() {
                    self.lacks(key, &[written]);
                }
                self.value(&kinds, &inner).unwrap_or_default()
            }
        };
        if self.mistakes.len() == mistakes {
            return Some(read);
        }
        self.unknown.truncate(unknown);
        self.unknown.push(self.at.clone());
        None
    }

    fn step<R>(&mut self, step: Step, go: impl FnOnce(&mut Self) -> R) -> R {
        self.at.push(step);
        let result = go(self);
        self.at.pop();
        result
    }
}

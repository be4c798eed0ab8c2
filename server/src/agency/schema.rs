//! Which keys a file may have and what each accepts. Declared once, by the types that files are read into: this is
//! their JSON Schema, in the form in which a file is compared with it.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value as Json, json};
use touroku_pki::Policy;
use touroku_proto::hours::{ClosedDays, TimeOfDay};

/// What a value must look like.
pub(super) enum Shape {
    Text(Option<Format>),
    /// One of these words.
    Word(Vec<String>),
    Whole {
        least: i64,
        most: i64,
    },
    Switch,
    List(Box<Shape>),
    /// Keys are free, values are not.
    Map(Box<Shape>),
    Table(Table),
    /// A table whose other keys depend on the word at `key`.
    Kinds {
        key: String,
        tables: Vec<(String, Table)>,
    },
    /// A text, or a table of it in several languages.
    TextOrTable(Table),
}

pub(super) struct Table {
    pub(super) keys: Vec<Key>,
}

pub(super) struct Key {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) required: bool,
}

/// What is wrong with a text of that format, in Japanese.
pub(super) type Format = fn(&str) -> Result<(), String>;

/// The JSON Schema of a type.
pub(super) fn json_of<T: JsonSchema>() -> Json {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

impl Shape {
    pub(super) fn of<T: JsonSchema>() -> Self {
        let root = json_of::<T>();
        Self::read(&root, &root)
    }

    fn read(root: &Json, schema: &Json) -> Self {
        if let Some(reference) = schema["$ref"].as_str() {
            let place = reference.trim_start_matches('#');
            return Self::read(root, root.pointer(place).expect("what a schema refers to is in it"));
        }
        let list = |key: &str| schema[key].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(words) = words(schema) {
            return Self::Word(words);
        }
        match list("anyOf") {
            [] => {}
            [text, table] if text["type"] == "string" => match Self::read(root, table) {
                Self::Table(table) => return Self::TextOrTable(table),
                _ => unreachable!("a text is alone, or has a table beside it"),
            },
            // The other is null: TOML has none.
            options => return Self::read(root, &options[0]),
        }
        if let [first, ..] = list("oneOf") {
            let mut keys = first["properties"].as_object().into_iter().flatten();
            let (key, _) = keys.find(|(_, value)| words(value).is_some()).expect("tables of a kind name it");
            let tables = list("oneOf").iter().map(|table| {
                let kind = words(&table["properties"][key]).unwrap_or_default().concat();
                (kind, Table::read(root, table))
            });
            return Self::Kinds { key: key.clone(), tables: tables.collect() };
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str());
        match kind {
            Some("string") => Self::Text(schema["format"].as_str().and_then(format)),
            Some("boolean") => Self::Switch,
            Some("integer") => Self::Whole {
                least: schema["minimum"].as_i64().unwrap_or(i64::MIN),
                most: schema["maximum"].as_i64().unwrap_or(i64::MAX),
            },
            Some("array") => Self::List(Box::new(Self::read(root, &schema["items"]))),
            Some("object") if schema["properties"].is_object() => Self::Table(Table::read(root, schema)),
            Some("object") => Self::Map(Box::new(Self::read(root, &schema["additionalProperties"]))),
            other => unreachable!("no profile has a {other:?}"),
        }
    }

    /// A value of this shape, for a place where one is missing: so that the rest can be read.
    pub(super) fn stand_in(&self) -> Json {
        match self {
            // The one text that is of every format.
            Self::Text(Some(format)) => {
                let examples = ["00:00", "01-01", "1.2.3"];
                json!(examples.into_iter().find(|text| format(text).is_ok()))
            }
            Self::Text(None) | Self::TextOrTable(_) => json!("x"),
            Self::Word(words) => json!(words.first()),
            Self::Whole { least, .. } => json!(least),
            Self::Switch => json!(false),
            Self::List(_) => json!([]),
            Self::Map(_) => json!({}),
            Self::Table(table) => table.stand_in(),
            Self::Kinds { tables, .. } => tables.first().map_or(Json::Null, |(_, table)| table.stand_in()),
        }
    }
}

impl Table {
    fn read(root: &Json, schema: &Json) -> Self {
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let keys = schema["properties"].as_object().into_iter().flatten();
        let key = |(name, schema): (&String, &Json)| Key {
            name: name.clone(),
            shape: Shape::read(root, schema),
            required: required.iter().any(|required| required == name),
        };
        Self { keys: keys.map(key).collect() }
    }

    fn stand_in(&self) -> Json {
        let keys = self.keys.iter().filter(|key| key.required);
        keys.map(|key| (key.name.clone(), key.shape.stand_in())).collect()
    }
}

/// The words that a schema names; `None`: it accepts other things.
fn words(schema: &Json) -> Option<Vec<String>> {
    let word = |schema: &Json| schema["const"].as_str().map(str::to_owned);
    if let Some(listed) = schema["enum"].as_array() {
        return listed.iter().map(|word| word.as_str().map(str::to_owned)).collect();
    }
    match schema["oneOf"].as_array() {
        Some(options) => options.iter().map(word).collect(),
        None => Some(vec![word(schema)?]),
    }
}

fn format(name: &str) -> Option<Format> {
    match name {
        "time-of-day" => Some(|text| said(text.parse::<TimeOfDay>())),
        "closed-days" => Some(|text| said(text.parse::<ClosedDays>())),
        "policy" => Some(|text| said(text.parse::<Policy>())),
        _ => None,
    }
}

fn said<T, E: ToString>(parsed: Result<T, E>) -> Result<(), String> {
    parsed.map(drop).map_err(|error| error.to_string())
}

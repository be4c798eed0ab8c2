//! The JSON Schema of profiles for editors: what the types say, in the words of the comments in `template.toml`.

use serde_json::{Value as Json, json};
use toml_edit::{Decor, DocumentMut, Item, Table};
use touroku_proto::agency::AgencyProfile;

use super::schema::json_of;

const TEMPLATE: &str = include_str!("../../../agencies/template.toml");

/// The schema, as JSON.
pub fn json_schema() -> String {
    let mut schema = json_of::<AgencyProfile>();
    strip(&mut schema);
    schema["title"] = json!("Tourokuの発注機関の設定");
    if let Ok(template) = example(TEMPLATE).parse::<DocumentMut>() {
        Described(&mut schema).table("", template.as_table());
    }
    serde_json::to_string_pretty(&schema).map(|text| text + "\n").unwrap_or_default()
}

/// The template with its keys that are commented out.
fn example(template: &str) -> String {
    let is_key = |text: &&str| {
        !text.starts_with(' ') && text.contains(['=', '[']) && text.parse::<DocumentMut>().is_ok()
    };
    let lines = template.lines().map(|line| line.strip_prefix("# ").filter(is_key).unwrap_or(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Removes what speaks to programmers.
fn strip(schema: &mut Json) {
    match schema {
        Json::Object(keys) => {
            keys.retain(|key, value| {
                let speaks = matches!(key.as_str(), "description" | "writeOnly" | "format");
                // A property may have such a name.
                !speaks || value.is_object()
            });
            keys.values_mut().for_each(strip);
        }
        Json::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

struct Described<'s>(&'s mut Json);

impl Described<'_> {
    /// Describes the keys of a table of the template by their comments; `at`: where the schema speaks of that table.
    fn table(&mut self, at: &str, table: &Table) {
        for (key, item) in table.iter() {
            let Some(place) = self.place(at, key) else { continue };
            let above = match item {
                Item::Table(table) => Some(table.decor()),
                Item::ArrayOfTables(tables) => tables.get(0).map(Table::decor),
                _ => table.key(key).map(toml_edit::Key::leaf_decor),
            };
            self.describe(&place, above.map(comment).unwrap_or_default());
            match item {
                Item::Table(table) => self.table(&place, table),
                Item::ArrayOfTables(tables) => tables.iter().for_each(|table| self.table(&place, table)),
                _ => {}
            }
        }
    }

    /// The lines of a comment: first what they say about the value at `place`, then perhaps a list of its keys.
    fn describe(&mut self, place: &str, lines: Vec<&str>) {
        let mut described = place.to_owned();
        for line in lines {
            let named = line.trim_start().split_once("  ");
            let key = named.and_then(|(key, _)| self.place(place, key)).filter(|_| line.starts_with("  "));
            let text = match (&key, named) {
                (Some(_), Some((_, text))) => text.trim(),
                _ => line.trim(),
            };
            described = key.unwrap_or(described);
            if let Some(Json::Object(schema)) = self.0.pointer_mut(&described) {
                let said = schema.entry("description").or_insert_with(|| json!(""));
                *said = json!(said.as_str().unwrap_or_default().to_owned() + text);
            }
        }
    }

    /// Where the schema speaks of a key of the table that it describes at `at`.
    fn place(&self, at: &str, key: &str) -> Option<String> {
        let schema = self.0.pointer(at)?;
        if let Some(reference) = schema["$ref"].as_str() {
            return self.place(reference.trim_start_matches('#'), key);
        }
        let options = schema["anyOf"].as_array().map_or(0, Vec::len);
        if let Some(place) = (0..options).find_map(|option| self.place(&format!("{at}/anyOf/{option}"), key))
        {
            return Some(place);
        }
        if schema["items"].is_object() {
            return self.place(&format!("{at}/items"), key);
        }
        if schema["additionalProperties"].is_object() {
            return Some(format!("{at}/additionalProperties"));
        }
        schema["properties"].get(key).map(|_| format!("{at}/properties/{key}"))
    }
}

/// The last lines of a comment, without their signs.
fn comment(decor: &Decor) -> Vec<&str> {
    let text = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().map_while(|line| line.strip_prefix('#')).collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agency::{
        layers::{Layer, Layers},
        parse::{parse, parse_profile},
    };

    #[test]
    fn the_schema_beside_the_profiles_is_as_it_would_be_written_now() {
        let there = include_str!("../../../agencies/profile.schema.json");
        let now = "touroku-server agency schema > agencies/profile.schema.json";
        assert!(there == json_schema(), "agencies/profile.schema.json is out of date: {now}");
    }

    #[test]
    fn the_template_explains_every_key_that_a_profile_may_have_and_no_other() {
        assert_eq!(parse_profile(TEMPLATE).map(drop), Ok(()));
        // What is commented out is for a portal, which is beneath a member.
        let portal = example(TEMPLATE);
        assert_eq!(parse(Layers(&[&Layer::parse(""), &Layer::parse(&portal)])).map(drop), Ok(()));
        let schema: Json = serde_json::from_str(&json_schema()).unwrap();
        let root = String::new();
        let tables = schema["$defs"].as_object().unwrap().iter().chain([(&root, &schema)]);
        let keys = tables.filter(|(name, _)| *name != "Words").flat_map(|(name, table)| {
            let keys = table["properties"].as_object().into_iter().flatten();
            keys.map(move |(key, schema)| (format!("{name}.{key}"), schema["description"].is_string()))
        });
        let unexplained: Vec<String> =
            keys.filter(|(_, is_explained)| !is_explained).map(|(key, _)| key).collect();
        assert_eq!(unexplained, [""; 0]);
    }
}

//! `docs/openapi.json`: the API for those who write programs against it, from proto's declarations of its calls.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use schemars::{JsonSchema as _, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Map, Value, json};
use touroku_proto::{
    api::{ApiError, ApiErrorCode, SESSION_COOKIE},
    endpoint::{Content, Endpoint, Media, Method, Visitor, Who, visit},
    officer::{OFFICER_COOKIE, Role},
    sign_in::SIGN_IN_COOKIE,
};

const ABOUT: &str = "The calls that the pages of Touroku make. Every call except `GET` must come from the server's own \
    origin (header `Origin`). A refusal has a status of 400 or above and the body `ApiError`. Bidding systems do not \
    use this API: companies sign in to them by OpenID Connect, described by the discovery document at \
    `/oidc/{agency}/.well-known/openid-configuration` and in docs/oidc.md.";

/// A document of OpenAPI 3.1.
#[derive(Serialize)]
struct Document {
    openapi: &'static str,
    info: Value,
    tags: Value,
    paths: BTreeMap<&'static str, BTreeMap<String, Value>>,
    components: Value,
}

/// The document's text.
pub(crate) fn document() -> Result<String> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut calls = Calls { generator: settings.into_generator(), paths: BTreeMap::new() };
    let error = calls.generator.subschema_for::<ApiError>();
    visit(&mut calls);
    let Calls { mut generator, paths } = calls;
    let mut schemas = generator.take_definitions(true);
    schemas.values_mut().for_each(without_unsent);
    keep_used(&mut schemas, &json!(paths));
    let cookie = |name: &str, about: &str| json!({ "type": "apiKey", "in": "cookie", "name": name, "description": about });
    let refused =
        json!({ "description": "Refused.", "content": { "application/json": { "schema": error } } });
    let mut components = json!({
        "securitySchemes": {
            "session": cookie(SESSION_COOKIE, "A contractor's session."),
            "officer": cookie(OFFICER_COOKIE, "An officer's session."),
            "signIn": cookie(SIGN_IN_COOKIE, "The browser that a bidding system sent here."),
        },
        "responses": { "Refused": refused },
        "schemas": schemas,
    });
    let statuses = ApiErrorCode::ALL.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.status()));
    let statuses: Vec<String> = statuses.collect();
    components["schemas"]["ApiErrorCode"]["description"] =
        format!("Why a request was refused, with the answer's status:\n\n{}", statuses.join("\n")).into();
    tidy(&mut components);
    let document = Document {
        openapi: "3.1.0",
        info: json!({ "title": "Touroku", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT,
                      "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } }),
        tags: json!([
            { "name": "contractors", "description": "受注者" },
            { "name": "officers", "description": "発注機関" },
        ]),
        paths,
        components,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

struct Calls {
    generator: SchemaGenerator,
    paths: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

impl Visitor for Calls {
    fn visit<E: Endpoint>(&mut self) {
        let officers = matches!(E::WHO, Who::Officer(_)) || E::PATH.starts_with("/api/officer/");
        let doc: Vec<&str> = E::DOC.iter().map(|line| line.trim()).collect();
        let mut operation = json!({
            "operationId": operation_id(E::NAME, officers),
            "tags": [if officers { "officers" } else { "contractors" }],
            "description": format!("{}\n\n{}", doc.join("\n"), notes::<E>()),
            "responses": responses::<E>(&mut self.generator),
        });
        let parameters = parameters::<E>(&mut self.generator);
        if !parameters.is_empty() {
            operation["parameters"] = Value::Array(parameters);
        }
        if let Some(content) = content::<E::Request>(&mut self.generator) {
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        operation["security"] = match E::WHO {
            Who::Anybody | Who::Link => json!([]),
            Who::SignIn => json!([{ "signIn": [] }]),
            Who::Session | Who::Proved => json!([{ "session": [] }]),
            Who::Officer(_) => json!([{ "officer": [] }]),
        };
        tidy(&mut operation);
        self.paths.entry(E::PATH).or_default().insert(E::METHOD.as_str().to_lowercase(), operation);
    }
}

/// Who may call, and what else a caller should know.
fn notes<E: Endpoint>() -> String {
    let mut notes = match E::WHO {
        Who::Anybody => "For everybody.".to_owned(),
        Who::Link => "For whoever has the secret of a mailed link.".to_owned(),
        Who::SignIn => "For the browser that a bidding system sent here.".to_owned(),
        Who::Session => "For anybody with a session.".to_owned(),
        Who::Proved => {
            "For a session in which a company's card or ID, a link or a password has proved something."
                .to_owned()
        }
        Who::Officer(Role::View) => "For officers.".to_owned(),
        Who::Officer(role) => {
            format!("For officers whose role is at least `{}` ({}).", role.as_str(), role.name())
        }
    };
    if E::IS_REPEATABLE && E::METHOD != Method::GET {
        notes.push_str(" May be sent again when no answer came.");
    }
    if matches!(E::Request::MEDIA, Media::Json | Media::Octets) {
        notes.push_str(&format!(" The body has at most {} bytes.", E::MAX_BODY));
    }
    notes
}

/// Both audiences log in, have a session, look at companies.
fn operation_id(name: &str, is_officers: bool) -> String {
    let name = match is_officers && !name.starts_with("Officer") {
        true => format!("Officer{name}"),
        false => name.to_owned(),
    };
    name[..1].to_lowercase() + &name[1..]
}

fn responses<E: Endpoint>(generator: &mut SchemaGenerator) -> Value {
    let refused = json!({ "$ref": "#/components/responses/Refused" });
    match content::<E::Response>(generator) {
        Some(content) => json!({ "200": { "description": "Done.", "content": content }, "default": refused }),
        None => json!({ "204": { "description": "Done." }, "default": refused }),
    }
}

fn content<C: Content>(generator: &mut SchemaGenerator) -> Option<Value> {
    match C::MEDIA {
        Media::None => None,
        Media::Json => Some(json!({ "application/json": { "schema": generator.subschema_for::<C>() } })),
        Media::Octets => Some(json!({ "application/octet-stream": {} })),
        Media::File(types) => Some(types.iter().map(|name| ((*name).to_owned(), json!({}))).collect()),
    }
}

fn parameters<E: Endpoint>(generator: &mut SchemaGenerator) -> Vec<Value> {
    let names = E::PATH.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let parts: Vec<Schema> = E::part_schemas(generator);
    let path = names
        .zip(parts)
        .map(|(name, schema)| json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    let query = E::Query::json_schema(generator).to_value();
    let required = query["required"].as_array().cloned().unwrap_or_default();
    let pairs = query["properties"].as_object().cloned().unwrap_or_default();
    let query = pairs.into_iter().map(|(name, mut schema)| {
        let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let is_required = required.iter().any(|other| *other == name);
        json!({ "name": name, "in": "query", "required": is_required, "description": about, "schema": schema })
    });
    path.chain(query).collect()
}

/// Leaves out what is read from profiles and sent to nobody, which the generator marks.
fn without_unsent(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|_, property| property["writeOnly"] != true);
        let kept: BTreeSet<String> = properties.keys().cloned().collect();
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_some_and(|name| kept.contains(name)));
        }
    }
}

/// Keeps the schemas that the calls lead to, directly or by another schema.
fn keep_used(schemas: &mut Map<String, Value>, paths: &Value) {
    let mut used = BTreeSet::new();
    references(paths, &mut used);
    // Of the refusal, which every call may answer.
    let mut waiting: Vec<String> =
        used.iter().map(|path| (*path).to_owned()).chain([schema_path("ApiError")]).collect();
    let mut known = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if let Some(schema) =
            schemas.iter().find_map(|(name, schema)| (schema_path(name) == path).then_some(schema))
        {
            let mut found = BTreeSet::new();
            references(schema, &mut found);
            waiting.extend(found.into_iter().filter(|path| !known.contains(*path)).map(str::to_owned));
        }
        known.insert(path);
    }
    schemas.retain(|name, _| known.contains(&schema_path(name)));
}

fn schema_path(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// Every `$ref` in a value.
fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// Keys in alphabetical order, however serde_json was built, and descriptions without rustdoc's links.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> = std::mem::take(object).into_iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (name, value) in &mut entries {
                match value {
                    Value::String(text) if name == "description" => *text = without_links(text),
                    other => tidy(other),
                }
            }
            *object = Map::from_iter(entries);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Turns rustdoc's [`path::Name`] and [`Name`](path) into `Name`.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else { break };
        let after = match after.strip_prefix('(') {
            Some(target) => target.split_once(')').map_or("", |(_, after)| after),
            None => after,
        };
        let name = name.rsplit("::").next().unwrap_or(name);
        plain.push_str(&format!("{before}`{name}`"));
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_used() {
        let document: Value = serde_json::from_str(&document().unwrap()).unwrap();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(found.contains(schema_path(name).as_str()), "{name}");
        }
    }

    #[test]
    fn every_call_is_there_with_its_parts_and_its_callers_under_a_name_of_its_own() {
        struct Each<'d>(&'d Value, BTreeSet<String>);

        impl Visitor for Each<'_> {
            fn visit<E: Endpoint>(&mut self) {
                let operation = &self.0["paths"][E::PATH][E::METHOD.as_str().to_lowercase()];
                let id =
                    operation["operationId"].as_str().unwrap_or_else(|| panic!("{} is missing", E::NAME));
                assert!(self.1.insert(id.to_owned()), "{id} occurs twice");
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let parts = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
                assert_eq!(parts, E::PATH.matches('{').count(), "{id}");
                let is_open = operation["security"] == json!([]);
                assert_eq!(is_open, matches!(E::WHO, Who::Anybody | Who::Link), "{id}");
            }
        }

        let document: Value = serde_json::from_str(&document().unwrap()).unwrap();
        visit(&mut Each(&document, BTreeSet::new()));
    }

    #[test]
    fn links_of_the_source_become_names() {
        assert_eq!(without_links("a [`crate::x::Y`], [`Z`](w::Z) b"), "a `Y`, `Z` b");
    }
}

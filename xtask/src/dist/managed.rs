//! The extension's managed settings: what Chromium requires of their schema, and this deployment's values.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::deployment::Deployment;

/// Checks the extension's schema by Chromium's rules (developer.chrome.com, "Manifest for storage areas"): with a
/// single mistake in it the browser does not load the extension.
pub(crate) fn check(files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let schema = files.get("managed_schema.json").context("the extension has no managed_schema.json")?;
    let schema: Value = serde_json::from_slice(schema).context("managed_schema.json is not JSON")?;
    if schema["type"] != "object" || schema.get("additionalProperties").is_some() {
        bail!("managed_schema.json: the whole must be an object without additionalProperties");
    }
    check_node("", &schema)
}

fn check_node(path: &str, node: &Value) -> Result<()> {
    match node["type"].as_str() {
        Some("object") => {
            let properties = node["properties"].as_object();
            for (name, property) in
                properties.with_context(|| format!("managed_schema.json: {path}: no properties"))?
            {
                check_node(&format!("{path}/{name}"), property)?;
            }
            Ok(())
        }
        Some("array") => check_node(&format!("{path}/*"), &node["items"]),
        Some("string" | "integer" | "number" | "boolean") => Ok(()),
        _ => bail!("managed_schema.json: {path} must have exactly one type"),
    }
}

pub(crate) fn values(deployment: &Deployment) -> Value {
    let origins: Vec<_> = deployment.sites.iter().map(|site| site.origin.as_str()).collect();
    let agencies: Vec<Value> = deployment
        .sites
        .iter()
        .flat_map(|site| site.agencies.iter().map(|name| json!({ "origin": site.origin, "name": name })))
        .collect();
    json!({
        "allowed_origins": origins,
        "agencies": agencies,
        "pin_entry": deployment.pin.entry,
        "pin_last_try": deployment.pin.last_try,
        "pin_idle_minutes": deployment.pin.idle_minutes,
        "host_log_level": deployment.log_level,
        "help_desk": {
            "name": deployment.help_desk.name,
            "phone": deployment.help_desk.phone,
            "hours": deployment.help_desk.hours,
            "note": deployment.help_desk.note,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::deployment::tests::sample;

    fn checked(schema: &Value) -> Result<()> {
        check(&BTreeMap::from([("managed_schema.json".to_owned(), schema.to_string().into_bytes())]))
    }

    fn schema() -> Value {
        let file = crate::workspace_root().join("extension/managed_schema.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    #[test]
    fn our_schema_is_one_that_browsers_take_and_knows_every_setting() {
        checked(&schema()).unwrap();
        let values = values(&sample());
        for (name, value) in values.as_object().unwrap() {
            let kind = match value {
                Value::Array(_) => "array",
                Value::String(_) => "string",
                Value::Number(_) => "integer",
                _ => "object",
            };
            assert_eq!(schema()["properties"][name]["type"], kind, "{name}");
        }
    }

    #[test]
    fn a_schema_that_keeps_the_extension_from_loading_is_refused() {
        for (pointer, value) in [
            ("/type", json!("array")),
            ("/properties/help_desk/type", json!(["object", "null"])),
            ("/properties/agencies/items", json!({})),
        ] {
            let mut schema = schema();
            *schema.pointer_mut(pointer).unwrap() = value;
            assert!(checked(&schema).is_err(), "{pointer}");
        }
        let mut open = schema();
        open["additionalProperties"] = json!(true);
        assert!(checked(&open).is_err());
    }
}

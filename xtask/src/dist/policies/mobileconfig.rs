//! macOS: a configuration profile for an MDM. Extension settings have their own preference domains.

use anyhow::{Context as _, Result};
use plist::{Dictionary, Value};
use touroku_proto::HOST_NAME;

use super::{BROWSERS, Policies, USER_LEVEL, uuid};

/// The profile, XML.
pub(crate) fn profile(policies: &Policies) -> Result<Vec<u8>> {
    let mut contents = Vec::new();
    for browser in BROWSERS {
        let mut payload = Dictionary::new();
        payload.insert("ExtensionInstallForcelist".into(), texts([policies.force.as_str()]));
        payload.insert("NativeMessagingAllowlist".into(), texts([HOST_NAME]));
        payload.insert(USER_LEVEL.into(), false.into());
        contents.push(described(policies, payload, browser.domain, browser.name));
        let payload =
            from_json(&policies.settings).into_dictionary().context("managed settings are an object")?;
        let domain = format!("{}.extensions.{}", browser.domain, policies.id);
        contents.push(described(policies, payload, &domain, &format!("Touroku, {}", browser.name)));
    }
    let mut profile = Dictionary::new();
    profile.insert("PayloadContent".into(), Value::Array(contents));
    profile.insert("PayloadOrganization".into(), policies.publisher.clone().into());
    profile.insert("PayloadScope".into(), "System".into());
    let Value::Dictionary(mut profile) = described(policies, profile, "Configuration", "Touroku") else {
        unreachable!("a described payload is a dictionary")
    };
    profile.insert("PayloadIdentifier".into(), format!("jp.touroku.policies.{}", policies.name).into());
    let mut bytes = Vec::new();
    Value::Dictionary(profile).to_writer_xml(&mut bytes)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Adds what every payload must declare.
fn described(policies: &Policies, mut payload: Dictionary, kind: &str, name: &str) -> Value {
    payload.insert("PayloadType".into(), kind.into());
    payload.insert("PayloadDisplayName".into(), name.into());
    payload
        .insert("PayloadIdentifier".into(), format!("jp.touroku.policies.{}.{kind}", policies.name).into());
    payload.insert("PayloadUUID".into(), uuid(&policies.id, kind).into());
    payload.insert("PayloadVersion".into(), 1.into());
    Value::Dictionary(payload)
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Array(texts.into_iter().map(Value::from).collect())
}

fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Object(object) => {
            Value::Dictionary(object.iter().map(|(key, value)| (key.clone(), from_json(value))).collect())
        }
        serde_json::Value::Array(items) => Value::Array(items.iter().map(from_json).collect()),
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Number(number) => number.as_i64().unwrap_or_default().into(),
        other => unreachable!("managed settings are texts, numbers, lists and objects, not {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::policies::tests::{ID, policies};

    #[test]
    fn the_profile_read_back_has_a_payload_for_each_browser_and_each_extension() {
        let profile = Value::from_reader_xml(profile(&policies()).unwrap().as_slice()).unwrap();
        let profile = profile.as_dictionary().unwrap();
        let payloads = profile["PayloadContent"].as_array().unwrap();
        let find = |kind: &str| {
            let found = payloads.iter().filter_map(Value::as_dictionary);
            found.clone().find(|payload| payload["PayloadType"].as_string() == Some(kind)).unwrap()
        };
        assert_eq!(payloads.len(), 4);
        let force = find("com.google.Chrome")["ExtensionInstallForcelist"].as_array().unwrap();
        assert!(force[0].as_string().unwrap().starts_with(ID));
        let user_level = &find("com.google.Chrome")["NativeMessagingUserLevelHosts"];
        assert_eq!(user_level.as_boolean(), Some(false));
        let settings = find(&format!("com.microsoft.Edge.extensions.{ID}"));
        let desk = settings["help_desk"].as_dictionary().unwrap();
        assert_eq!(desk["name"].as_string(), Some("窓口 <\"1\" & \\2>"));
        let mut uuids: Vec<_> = payloads
            .iter()
            .filter_map(|payload| payload.as_dictionary()?["PayloadUUID"].as_string())
            .collect();
        uuids.sort_unstable();
        uuids.dedup();
        assert_eq!(uuids.len(), 4);
    }
}

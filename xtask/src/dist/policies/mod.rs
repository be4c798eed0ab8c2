//! Group policy, filled in: for Windows (registry, ADMX, Intune), Linux and macOS.
//!
//! Three policies are needed, and a fourth closes a door, each in each browser; docs/administrators.md says why:
//! - `ExtensionInstallForcelist` installs the extension and keeps it installed;
//! - `NativeMessagingAllowlist` lets it reach the host where a blocklist stands;
//! - the extension's managed settings, which policy files call `3rdparty`;
//! - `NativeMessagingUserLevelHosts`, off: only a program that an administrator registered is started.

mod admx;
mod intune;
mod mobileconfig;
mod registry;

use anyhow::Result;
pub(crate) use registry::values as registry_values;
use serde_json::{Value, json};
use touroku_proto::HOST_NAME;

use super::{Build, deployment::Deployment, folder::Folder, managed};

/// Without this policy, a program that a person registered for themselves under the host's name, which takes no
/// rights of an administrator, would be started in the host's place and asked for PINs.
const USER_LEVEL: &str = "NativeMessagingUserLevelHosts";

/// What policies say.
pub(crate) struct Policies {
    /// The deployment's name, so that policies of several deployments can coexist.
    name: String,
    /// The name of our values in registry lists, a number nobody else uses. Administrators count theirs from 1;
    /// browsers read all.
    value: String,
    /// The self-hosted extension's id, the only one that our settings are for: the published one is every agency's, and
    /// whoever wrote its settings last would shut the others out. What differs by site it has from drop-ins.
    id: String,
    /// `id;update_url`.
    force: String,
    settings: Value,
    publisher: String,
}

/// A browser that policies manage.
#[derive(Clone, Copy)]
pub(crate) struct Browser {
    /// Used in file names and identifiers.
    key: &'static str,
    name: &'static str,
    /// Below `HKEY_LOCAL_MACHINE`.
    registry: &'static str,
    /// macOS's preference domain.
    domain: &'static str,
}

const CHROME: Browser = Browser {
    key: "Chrome",
    name: "Google Chrome",
    registry: r"SOFTWARE\Policies\Google\Chrome",
    domain: "com.google.Chrome",
};
const EDGE: Browser = Browser {
    key: "Edge",
    name: "Microsoft Edge",
    registry: r"SOFTWARE\Policies\Microsoft\Edge",
    domain: "com.microsoft.Edge",
};
/// On Windows and macOS; distributions' Chromium reads only Linux's JSON.
pub(crate) const BROWSERS: [Browser; 2] = [CHROME, EDGE];

impl Browser {
    /// `Chrome` or `Edge`, in our names.
    pub(crate) fn key(self) -> &'static str {
        self.key
    }
}

/// Makes `policies/`.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    println!("── policies");
    Policies::new(&build.deployment, build.key.extension_id()).write(&build.output.fresh("policies")?)
}

impl Policies {
    pub(crate) fn new(deployment: &Deployment, id: String) -> Self {
        Self {
            name: deployment.name.clone(),
            value: value_name(&deployment.name),
            force: format!("{id};{}", deployment.update_url.as_str()),
            id,
            settings: managed::values(deployment),
            publisher: deployment.publisher.name.clone(),
        }
    }

    /// A stable UUID of what this deployment has on a computer. By its name, as the files and keys there: with another key it
    /// is the same deployment.
    pub(crate) fn uuid(&self, name: &str) -> String {
        uuid(&format!("jp.touroku/{}", self.name), name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name of our values in lists of the registry.
    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    fn write(&self, output: &Folder) -> Result<()> {
        let ours = format!("touroku-{}", self.name);
        for browser in BROWSERS {
            let name = format!("{ours}-{}", browser.key.to_lowercase());
            output.write(&format!("windows/{name}.reg"), registry::add(self, browser))?;
            output.write(&format!("windows/{name}-remove.reg"), registry::remove(self, browser))?;
            output
                .write(&format!("windows/PolicyDefinitions/{name}.admx"), admx::definitions(self, browser))?;
            for language in [admx::Language::English, admx::Language::Japanese] {
                let file = format!("windows/PolicyDefinitions/{}/{name}.adml", language.tag());
                output.write(&file, admx::resources(self, browser, language))?;
            }
        }
        output.write("intune/custom-configuration.json", pretty(&intune::custom_configuration(self)))?;
        output.write("intune/settings-catalog.json", pretty(&intune::settings_catalog(self)))?;
        for folder in ["etc/opt/chrome", "etc/chromium", "etc/opt/edge"] {
            output.write(&format!("linux/{folder}/policies/managed/{ours}.json"), pretty(&self.linux()))?;
        }
        output.write(&format!("macos/{ours}.mobileconfig"), mobileconfig::profile(self)?)?;
        output.write("extension-settings.json", pretty(&self.extension_settings()))?;
        Ok(())
    }

    /// Linux's file, the same for all browsers.
    fn linux(&self) -> Value {
        json!({
            "ExtensionInstallForcelist": [self.force],
            "NativeMessagingAllowlist": [HOST_NAME],
            USER_LEVEL: false,
            // Several agencies' files have the same lists, and without this only the last one would count.
            "PolicyListMultipleSourceMergeList": ["ExtensionInstallForcelist", "NativeMessagingAllowlist"],
            "3rdparty": { "extensions": { self.id.as_str(): self.settings } },
        })
    }

    /// The entry for administrators who keep a single `ExtensionSettings`, which overrides the forcelist.
    fn extension_settings(&self) -> Value {
        let url = self.force.split_once(';').map(|(_, url)| url);
        json!({ self.id.as_str(): { "installation_mode": "force_installed", "update_url": url } })
    }
}

/// Nine digits derived from a deployment's name.
fn value_name(name: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(name);
    let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    (100_000_000 + number % 900_000_000).to_string()
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A stable UUID (version 8, RFC 9562, 5.8) for a name within something.
pub(crate) fn uuid(within: &str, name: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(format!("{within}/{name}"));
    let mut bytes: [u8; 16] = hash[..16].try_into().expect("a SHA-256 has 32 bytes");
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode_upper(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dist::deployment::tests::sample;

    /// An id in the format that keys produce.
    pub(crate) const ID: &str = "abcdefghijklmnopabcdefghijklmnop";

    /// The sample's policies, with a store's id.
    pub(crate) fn policies() -> Policies {
        let mut deployment = sample();
        deployment.store_ids = vec!["ponmlkjihgfedcbaponmlkjihgfedcba".to_owned()];
        deployment.help_desk.name = "窓口 <\"1\" & \\2>".to_owned();
        Policies::new(&deployment, ID.to_owned())
    }

    #[test]
    fn linux_installs_from_our_address_lets_the_host_through_and_sets_our_extension() {
        let linux = policies().linux();
        let force = format!("{ID};https://ebid.example.jp/extension/update.xml");
        assert_eq!(linux["ExtensionInstallForcelist"], json!([force]));
        assert_eq!(linux["NativeMessagingAllowlist"], json!(["jp.touroku.host"]));
        assert_eq!(linux["NativeMessagingUserLevelHosts"], false);
        let settings = &linux["3rdparty"]["extensions"][ID];
        assert_eq!(settings["allowed_origins"], json!(["https://ebid.example.jp"]));
        assert_eq!(settings["agencies"][1]["name"], "下関市（見本）");
    }

    /// The names of all settings in the extension's own schema, with those inside `help_desk`.
    fn schema_keys() -> Vec<String> {
        let file = crate::workspace_root().join("extension/managed_schema.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let mut keys = Vec::new();
        for (name, property) in schema["properties"].as_object().unwrap() {
            match property["properties"].as_object() {
                Some(inner) => keys.extend(inner.keys().map(|key| format!("{name}/{key}"))),
                None => keys.push(name.clone()),
            }
        }
        assert!(keys.len() >= 10, "{keys:?}");
        keys
    }

    #[test]
    fn every_setting_of_the_extension_is_in_every_template() {
        let policies = policies();
        let admx = BROWSERS.map(|browser| admx::definitions(&policies, browser));
        let admx = admx.each_ref().map(|text| roxmltree::Document::parse(text).unwrap());
        let registry: Vec<(String, String)> = BROWSERS
            .iter()
            .flat_map(|browser| registry_values(&policies, *browser))
            .map(|(key, name, _)| (key, name))
            .collect();
        let custom = intune::custom_configuration(&policies);
        let rows: Vec<&str> = custom["omaSettings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["value"].as_str().unwrap())
            .collect();
        let linux = policies.linux();
        let profile = mobileconfig::profile(&policies).unwrap();
        let profile = plist::Value::from_reader_xml(profile.as_slice()).unwrap();
        let payloads = profile.as_dictionary().unwrap()["PayloadContent"].as_array().unwrap();
        let keys = schema_keys();
        for browser in BROWSERS {
            let id = &policies.id;
            let settings = format!(r"{}\{}", browser.registry, registry::settings_key(id));
            let domain = format!("{}.extensions.{id}", browser.domain);
            let payload = payloads.iter().filter_map(plist::Value::as_dictionary);
            let payload =
                payload.clone().find(|payload| payload["PayloadType"].as_string() == Some(&domain)).unwrap();
            for key in &keys {
                let (group, name) =
                    key.split_once('/').map_or(("", key.as_str()), |(group, name)| (group, name));
                // Where a value goes: beside the others, in its group's key, or, for a list, in its own key.
                let places =
                    [settings.clone(), format!(r"{settings}\{group}"), format!(r"{settings}\{name}")];
                let is_set = |found: &str, value: Option<&str>| {
                    places.iter().any(|place| place == found)
                        && (value == Some(name) || found.ends_with(&format!(r"\{name}")))
                };
                assert!(
                    registry.iter().any(|(found, value)| is_set(found, Some(value))),
                    "registry: {settings} {key}"
                );
                let element = admx.iter().flat_map(roxmltree::Document::descendants).find(|node| {
                    node.parent_element()
                        .is_some_and(|parent| parent.has_tag_name((ADMX_NAMESPACE, "elements")))
                        && node
                            .attribute("key")
                            .is_some_and(|found| is_set(found, node.attribute("valueName")))
                });
                let element = element.unwrap_or_else(|| panic!("ADMX: {settings} {key}"));
                let data = format!("<data id=\"{}\"", element.attribute("id").unwrap());
                assert!(rows.iter().any(|row| row.contains(&data)), "Intune: {data}");
                let pointer = format!("/3rdparty/extensions/{id}/{key}");
                assert!(linux.pointer(&pointer).is_some(), "Linux: {pointer}");
                let holder = if group.is_empty() { payload } else { payload[group].as_dictionary().unwrap() };
                assert!(holder.contains_key(name), "macOS: {domain} {key}");
            }
        }
    }

    #[test]
    fn a_number_is_a_number_in_every_template() {
        let policies = policies();
        let admx = admx::definitions(&policies, CHROME);
        let admx = roxmltree::Document::parse(&admx).unwrap();
        let minutes =
            admx.descendants().find(|node| node.attribute("valueName") == Some("pin_idle_minutes")).unwrap();
        assert_eq!(minutes.tag_name().name(), "decimal");
        assert_eq!((minutes.attribute("minValue"), minutes.attribute("maxValue")), (Some("1"), Some("30")));
        assert_eq!(policies.linux()["3rdparty"]["extensions"][ID]["pin_idle_minutes"], 5);
        let adml = admx::resources(&policies, CHROME, admx::Language::Japanese);
        let adml = roxmltree::Document::parse(&adml).unwrap();
        let field =
            adml.descendants().find(|node| node.attribute("refId") == minutes.attribute("id")).unwrap();
        assert_eq!((field.tag_name().name(), field.attribute("defaultValue")), ("decimalTextBox", Some("5")));
    }

    #[test]
    fn two_deployments_values_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> =
            ["aomori", "kagoshima", "shimonoseki", "yamaguchi"].map(value_name).into();
        assert_eq!(names.len(), 4);
        assert!(names.iter().all(|name| name.len() == 9 && name.parse::<i32>().is_ok()), "{names:?}");
    }

    #[test]
    fn two_agencies_on_one_published_extension_set_nothing_differently() {
        let agency = |name: &str, id: char, origin: &str| {
            let mut deployment = sample();
            deployment.name = name.to_owned();
            deployment.store_ids = vec!["ponmlkjihgfedcbaponmlkjihgfedcba".to_owned()];
            deployment.sites[0].origin = touroku_proto::origin::Origin::parse(origin).unwrap();
            Policies::new(&deployment, id.to_string().repeat(32))
        };
        let agencies = [agency("a", 'a', "https://a.example.jp"), agency("b", 'b', "https://b.example.jp")];
        for browser in BROWSERS {
            let [first, second] = agencies.each_ref().map(|agency| registry_values(agency, browser));
            for (key, name, value) in &first {
                let other = second.iter().find(|(other, named, _)| (other, named) == (key, name));
                assert!(other.is_none_or(|(_, _, other)| other == value), r"{key}\{name}");
            }
        }
        let [first, second] = agencies.map(|agency| agency.linux()["3rdparty"]["extensions"].clone());
        let ids = |extensions: &Value| extensions.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!((ids(&first), ids(&second)), (vec!["a".repeat(32)], vec!["b".repeat(32)]));
    }

    const ADMX_NAMESPACE: &str = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";

    #[test]
    fn every_file_is_written_once_more_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str| {
            let output = Folder::new(&folder.path().join(name)).unwrap();
            policies().write(&output).unwrap();
            let mut files = Vec::new();
            collect(output.path(), &mut files);
            files.iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
        };
        let first = written("a");
        assert_eq!(first.len(), 17);
        assert_eq!(first, written("b"));
    }

    fn collect(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }

    #[test]
    fn a_uuid_is_stable_and_differs_by_name_and_deployment() {
        assert_eq!(uuid(ID, "a"), uuid(ID, "a"));
        assert_ne!(uuid(ID, "a"), uuid(ID, "b"));
        assert_ne!(uuid(ID, "a"), uuid("b", "a"));
        assert_eq!(uuid(ID, "a").len(), 36);
    }
}

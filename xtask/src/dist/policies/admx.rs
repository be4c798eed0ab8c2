//! ADMX and ADML: our policies in the Group Policy editor, in Japanese and English, with this deployment's values
//! as what the editor proposes.

mod words;

use std::{fmt::Write as _, ops::RangeInclusive};

use quick_xml::escape::escape;
use touroku_proto::HOST_NAME;

use self::words::Kind;
pub(crate) use self::words::Language;
use super::{BROWSERS, Policies, VALUE, registry::settings_key};

/// One policy of the editor.
pub(crate) struct Policy {
    /// Unique; also its name in an OMA-URI.
    pub(crate) name: String,
    /// `Chrome` or `Edge`.
    pub(crate) category: &'static str,
    kind: Kind,
    key: String,
    /// What enabling writes by itself.
    item: Option<String>,
    /// What the administrator fills in.
    pub(crate) elements: Vec<Element>,
    id: String,
}

/// A field of a policy.
pub(crate) struct Element {
    pub(crate) id: String,
    key: String,
    value_name: &'static str,
    pub(crate) default: Default,
}

/// What the editor proposes.
pub(crate) enum Default {
    Text(String),
    /// A text that may be left empty.
    Remark(String),
    /// From the first to the last number.
    Number(u32, RangeInclusive<u32>),
    List(Vec<String>),
}

impl Default {
    /// As the editor's explanation writes it.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Remark(text) => text.clone(),
            Self::Number(number, _) => number.to_string(),
            Self::List(texts) => texts.join("\n"),
        }
    }
}

/// All policies: those of a browser once, the settings for each id of the extension.
pub(crate) fn policies(policies: &Policies) -> Vec<Policy> {
    let mut all = Vec::new();
    for browser in BROWSERS {
        let id = &policies.id;
        let own = |kind: Kind, list: &str, name: &str, item: &str| Policy {
            name: format!("{name}{}", browser.key),
            category: browser.key,
            kind,
            key: format!(r"{}\{list}", browser.registry),
            item: Some(item.to_owned()),
            elements: Vec::new(),
            id: id.clone(),
        };
        all.push(own(
            Kind::InstallExtension,
            "ExtensionInstallForcelist",
            "InstallExtension",
            &policies.force,
        ));
        all.push(own(Kind::AllowHost, "NativeMessagingAllowlist", "AllowHost", HOST_NAME));
        for id in &policies.ids {
            let key = format!(r"{}\{}", browser.registry, settings_key(id));
            all.extend(settings(policies, browser.key, id, &key));
        }
    }
    all
}

fn settings(policies: &Policies, category: &'static str, id: &str, key: &str) -> Vec<Policy> {
    // A store's extension has settings of its own, told apart by the first letters of its id.
    let suffix = if id == policies.id { category.to_owned() } else { format!("{category}_{}", &id[..8]) };
    let policy = |kind: Kind, name: &str, elements: Vec<(&'static str, String, Default)>| {
        let name = format!("{name}{suffix}");
        let elements = elements
            .into_iter()
            .map(|(value_name, key, default)| Element {
                id: format!("{name}_{value_name}"),
                key,
                value_name,
                default,
            })
            .collect();
        Policy { name, category, kind, key: key.to_owned(), item: None, elements, id: id.to_owned() }
    };
    let values = &policies.settings;
    let found = |pointer: &str| {
        let found = values.pointer(pointer).and_then(serde_json::Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let text = |pointer: &str| Default::Text(found(pointer));
    let remark = |pointer: &str| Default::Remark(found(pointer));
    let minutes = values["pin_idle_minutes"].as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    let minutes = minutes.expect("a deployment's minutes are few");
    let origins: Vec<String> = values["allowed_origins"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|origin| origin.as_str().map(str::to_owned))
        .collect();
    let below = |name: &str| format!(r"{key}\{name}");
    vec![
        policy(
            Kind::AllowedOrigins,
            "AllowedOrigins",
            vec![("allowed_origins", below("allowed_origins"), Default::List(origins))],
        ),
        policy(
            Kind::Agencies,
            "Agencies",
            vec![("agencies", key.to_owned(), Default::Text(values["agencies"].to_string()))],
        ),
        policy(
            Kind::HelpDesk,
            "HelpDesk",
            vec![
                ("name", below("help_desk"), text("/help_desk/name")),
                ("phone", below("help_desk"), text("/help_desk/phone")),
                ("hours", below("help_desk"), remark("/help_desk/hours")),
                ("note", below("help_desk"), remark("/help_desk/note")),
            ],
        ),
        policy(
            Kind::Pin,
            "Pin",
            vec![
                ("pin_entry", key.to_owned(), text("/pin_entry")),
                ("pin_last_try", key.to_owned(), text("/pin_last_try")),
                ("pin_idle_minutes", key.to_owned(), Default::Number(minutes, 1..=30)),
            ],
        ),
        policy(Kind::Log, "Log", vec![("host_log_level", key.to_owned(), text("/host_log_level"))]),
    ]
}

/// `touroku.admx`.
pub(crate) fn definitions(source: &Policies) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="touroku" namespace="Touroku.Policies"/>
  </policyNamespaces>
  <resources minRequiredRevision="1.0"/>
  <supportedOn>
    <definitions>
      <definition name="Supported" displayName="$(string.Supported)"/>
    </definitions>
  </supportedOn>
  <categories>
    <category name="Touroku" displayName="$(string.Touroku)"/>
"#,
    );
    for browser in BROWSERS {
        let _ = writeln!(
            xml,
            "    <category name=\"{0}\" displayName=\"$(string.{0})\">\n      <parentCategory ref=\"Touroku\"/>\n    </category>",
            browser.key
        );
    }
    xml.push_str("  </categories>\n  <policies>\n");
    for policy in policies(source) {
        definition(&mut xml, &policy);
    }
    xml.push_str("  </policies>\n</policyDefinitions>\n");
    xml
}

fn definition(xml: &mut String, policy: &Policy) {
    let Policy { name, category, key, .. } = policy;
    let presentation = if policy.elements.is_empty() {
        String::new()
    } else {
        format!(" presentation=\"$(presentation.{name})\"")
    };
    let _ = writeln!(
        xml,
        "    <policy name=\"{name}\" class=\"Machine\" displayName=\"$(string.{name})\" explainText=\"$(string.{name}_Explain)\"{presentation} key=\"{}\">",
        escape(key)
    );
    let _ =
        writeln!(xml, "      <parentCategory ref=\"{category}\"/>\n      <supportedOn ref=\"Supported\"/>");
    if let Some(item) = &policy.item {
        let _ = writeln!(
            xml,
            "      <enabledList>\n        <item key=\"{0}\" valueName=\"{VALUE}\">\n          <value><string>{1}</string></value>\n        </item>\n      </enabledList>\n      <disabledList>\n        <item key=\"{0}\" valueName=\"{VALUE}\">\n          <value><delete/></value>\n        </item>\n      </disabledList>",
            escape(key),
            escape(item)
        );
    }
    if !policy.elements.is_empty() {
        xml.push_str("      <elements>\n");
        for element in &policy.elements {
            let (id, key) = (&element.id, escape(&element.key));
            let _ = match &element.default {
                // Values are counted from 1, as the browsers' loader wants lists.
                Default::List(_) => {
                    writeln!(xml, "        <list id=\"{id}\" key=\"{key}\" valuePrefix=\"\"/>")
                }
                Default::Text(_) => writeln!(
                    xml,
                    "        <text id=\"{id}\" key=\"{key}\" valueName=\"{}\" required=\"true\" maxLength=\"16384\"/>",
                    element.value_name
                ),
                Default::Remark(_) => writeln!(
                    xml,
                    "        <text id=\"{id}\" key=\"{key}\" valueName=\"{}\" maxLength=\"16384\"/>",
                    element.value_name
                ),
                Default::Number(_, range) => writeln!(
                    xml,
                    "        <decimal id=\"{id}\" key=\"{key}\" valueName=\"{}\" required=\"true\" minValue=\"{}\" maxValue=\"{}\"/>",
                    element.value_name,
                    range.start(),
                    range.end()
                ),
            };
        }
        xml.push_str("      </elements>\n");
    }
    xml.push_str("    </policy>\n");
}

/// `touroku.adml`.
pub(crate) fn resources(source: &Policies, language: Language) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitionResources xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <displayName>Touroku</displayName>
  <description>Touroku</description>
  <resources>
    <stringTable>
"#,
    );
    let mut string = |id: &str, text: &str| {
        let _ = writeln!(xml, "      <string id=\"{id}\">{}</string>", escape(text));
    };
    string("Touroku", language.pick("Touroku (card sign-in)", "登録（Touroku）ICカード連携"));
    string("Supported", language.pick("Windows 10 or later", "Windows 10 以降"));
    for browser in BROWSERS {
        string(browser.key, browser.name);
    }
    let all = policies(source);
    for policy in &all {
        let title = policy.kind.title(language);
        let title =
            if policy.id == source.id { title.to_owned() } else { format!("{title} ({})", policy.id) };
        string(&policy.name, &title);
        let mut explanation = policy.kind.explanation(language).to_owned();
        if !policy.elements.is_empty() {
            explanation.push_str(language.pick("\n\nThis deployment's values:", "\n\nこの配布での値："));
        }
        for element in &policy.elements {
            let _ = write!(explanation, "\n{}", element.default.shown());
        }
        string(&format!("{}_Explain", policy.name), &explanation);
    }
    xml.push_str("    </stringTable>\n    <presentationTable>\n");
    for policy in all.iter().filter(|policy| !policy.elements.is_empty()) {
        let _ = writeln!(xml, "      <presentation id=\"{}\">", policy.name);
        for element in &policy.elements {
            let label = policy.kind.label(element.value_name, language);
            let _ = match &element.default {
                Default::List(_) => {
                    writeln!(xml, "        <listBox refId=\"{}\">{label}</listBox>", element.id)
                }
                Default::Number(number, _) => writeln!(
                    xml,
                    "        <decimalTextBox refId=\"{}\" defaultValue=\"{number}\">{label}</decimalTextBox>",
                    element.id
                ),
                Default::Text(text) | Default::Remark(text) => writeln!(
                    xml,
                    "        <textBox refId=\"{}\">\n          <label>{label}</label>\n          <defaultValue>{}</defaultValue>\n        </textBox>",
                    element.id,
                    escape(text)
                ),
            };
        }
        xml.push_str("      </presentation>\n");
    }
    xml.push_str("    </presentationTable>\n  </resources>\n</policyDefinitionResources>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::policies::tests::{ID, policies as sample};

    fn references(text: &str, kind: &str) -> Vec<String> {
        let start = format!("$({kind}.");
        text.split(&start).skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_reference_of_the_definitions_is_there_in_both_languages() {
        let definitions = definitions(&sample());
        let document = roxmltree::Document::parse(&definitions).unwrap();
        for language in [Language::English, Language::Japanese] {
            let resources = resources(&sample(), language);
            let resources = roxmltree::Document::parse(&resources).unwrap();
            for kind in ["string", "presentation"] {
                for id in references(&definitions, kind) {
                    let found = resources
                        .descendants()
                        .any(|node| node.tag_name().name() == kind && node.attribute("id") == Some(&id));
                    assert!(found, "{kind} {id} in {}", language.tag());
                }
            }
            for node in resources.descendants().filter(|node| node.has_attribute("refId")) {
                let id = node.attribute("refId");
                assert!(document.descendants().any(|element| element.attribute("id") == id), "{id:?}");
            }
        }
    }

    #[test]
    fn enabling_writes_the_same_values_as_the_registry_file() {
        let definitions = definitions(&sample());
        let document = roxmltree::Document::parse(&definitions).unwrap();
        let mut names = Vec::new();
        for policy in document.descendants().filter(|node| node.tag_name().name() == "policy") {
            names.push(policy.attribute("name").unwrap());
        }
        assert_eq!(names.len(), 2 * (2 + 2 * 5));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 24);
        for item in document.descendants().filter(|node| node.tag_name().name() == "item") {
            assert_eq!(item.attribute("valueName"), Some(VALUE));
        }
        let text = document.descendants().find(|node| {
            node.tag_name().name() == "string" && node.text().is_some_and(|text| text.starts_with(ID))
        });
        assert!(text.unwrap().text().unwrap().ends_with("/update.xml"));
        let written: Vec<String> = super::super::registry::values(&sample(), super::super::CHROME)
            .into_iter()
            .map(|(key, ..)| key)
            .collect();
        for element in document.descendants().filter_map(|node| node.attribute("key")) {
            let chrome = element.replace(r"Microsoft\Edge", r"Google\Chrome");
            assert!(written.iter().any(|key| key.starts_with(&chrome)), "{element}");
        }
    }

    #[test]
    fn the_japanese_editor_speaks_japanese() {
        let text = resources(&sample(), Language::Japanese);
        assert!(text.contains("カードの利用を許すサイト") && !text.contains("Sites that may use cards"));
        assert!(resources(&sample(), Language::English).contains("Sites that may use cards"));
    }
}

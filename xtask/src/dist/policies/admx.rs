//! ADMX and ADML: our policies in the Group Policy editor, in Japanese and English, with this deployment's values
//! as the editor's suggestions.

mod words;

use std::{fmt::Write as _, ops::RangeInclusive};

use quick_xml::escape::escape;
use touroku_proto::HOST_NAME;

use self::words::Kind;
pub(crate) use self::words::Language;
use super::{Browser, Policies, USER_LEVEL, registry::settings_key};

/// One policy in the editor.
pub(crate) struct Policy {
    /// Unique; also its name in an OMA-URI.
    pub(crate) name: String,
    /// The browser's, the only one in its file.
    pub(crate) category: String,
    kind: Kind,
    key: String,
    writes: Writes,
    /// What the administrator fills in.
    pub(crate) elements: Vec<Element>,
    id: String,
}

/// What enabling a policy writes.
enum Writes {
    /// Only what the administrator fills in.
    Elements,
    /// An entry of a list.
    Item(String),
    /// 0 under this name; disabling it writes 1.
    Off(&'static str),
}

/// A field of a policy.
pub(crate) struct Element {
    pub(crate) id: String,
    key: String,
    value_name: &'static str,
    pub(crate) default: Default,
}

/// What the editor suggests.
pub(crate) enum Default {
    Text(String),
    /// A text that may be left empty.
    Remark(String),
    /// One of these words.
    Choice(String, &'static [&'static str]),
    /// From the first to the last number.
    Number(u32, RangeInclusive<u32>),
    List(Vec<String>),
}

impl Default {
    /// As the editor's explanation shows it.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Remark(text) | Self::Choice(text, _) => text.clone(),
            Self::Number(number, _) => number.to_string(),
            Self::List(texts) => texts.join("\n"),
        }
    }
}

/// A browser's policies: its own, and our extension's settings.
pub(crate) fn policies(policies: &Policies, browser: Browser) -> Vec<Policy> {
    let own = |kind: Kind, name: &str, key: String, writes: Writes| Policy {
        name: format!("{name}{}", browser.key),
        category: category(browser),
        kind,
        key,
        writes,
        elements: Vec::new(),
        id: policies.id.clone(),
    };
    let list = |list: &str| format!(r"{}\{list}", browser.registry);
    let force = Writes::Item(policies.force.clone());
    let host = Writes::Item(HOST_NAME.to_owned());
    let mut all = vec![
        own(Kind::InstallExtension, "InstallExtension", list("ExtensionInstallForcelist"), force),
        own(Kind::AllowHost, "AllowHost", list("NativeMessagingAllowlist"), host),
        own(Kind::MachineOnly, "MachineOnly", browser.registry.to_owned(), Writes::Off(USER_LEVEL)),
    ];
    let key = format!(r"{}\{}", browser.registry, settings_key(&policies.id));
    all.extend(settings(policies, browser, &key));
    all
}

fn category(browser: Browser) -> String {
    format!("Touroku{}", browser.key)
}

const PIN_ENTRIES: &[&str] = &["window", "host"];
const LAST_TRIES: &[&str] = &["ask", "refuse"];
const LOG_LEVELS: &[&str] = &["off", "error", "warn", "info", "debug"];

fn settings(policies: &Policies, browser: Browser, key: &str) -> Vec<Policy> {
    let policy = |kind: Kind, name: &str, elements: Vec<(&'static str, String, Default)>| {
        let name = format!("{name}{}", browser.key);
        let elements = elements
            .into_iter()
            .map(|(value_name, key, default)| Element {
                id: format!("{name}_{value_name}"),
                key,
                value_name,
                default,
            })
            .collect();
        Policy {
            name,
            category: category(browser),
            kind,
            key: key.to_owned(),
            writes: Writes::Elements,
            elements,
            id: policies.id.clone(),
        }
    };
    let values = &policies.settings;
    let found = |pointer: &str| {
        let found = values.pointer(pointer).and_then(serde_json::Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let text = |pointer: &str| Default::Text(found(pointer));
    let choice = |pointer: &str, of: &'static [&'static str]| Default::Choice(found(pointer), of);
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
                ("pin_entry", key.to_owned(), choice("/pin_entry", PIN_ENTRIES)),
                ("pin_last_try", key.to_owned(), choice("/pin_last_try", LAST_TRIES)),
                ("pin_idle_minutes", key.to_owned(), Default::Number(minutes, 1..=30)),
            ],
        ),
        policy(
            Kind::Log,
            "Log",
            vec![("host_log_level", key.to_owned(), choice("/host_log_level", LOG_LEVELS))],
        ),
    ]
}

/// A browser's `.admx`. Each has its own namespace, so that those of several deployments can coexist.
pub(crate) fn definitions(source: &Policies, browser: Browser) -> String {
    let mut xml = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="touroku" namespace="Touroku.{0}.{1}"/>
  </policyNamespaces>
  <resources minRequiredRevision="1.0"/>
  <supportedOn>
    <definitions>
      <definition name="Supported" displayName="$(string.Supported)"/>
    </definitions>
  </supportedOn>
  <categories>
    <category name="{2}" displayName="$(string.{2})"/>
  </categories>
  <policies>
"#,
        source.name,
        browser.key,
        category(browser),
    );
    for policy in policies(source, browser) {
        definition(&mut xml, &policy, &source.value);
    }
    xml.push_str("  </policies>\n</policyDefinitions>\n");
    xml
}

fn definition(xml: &mut String, policy: &Policy, value: &str) {
    let Policy { name, category, key, .. } = policy;
    let presentation = if policy.elements.is_empty() {
        String::new()
    } else {
        format!(" presentation=\"$(presentation.{name})\"")
    };
    let value_name = match policy.writes {
        Writes::Off(name) => format!(" valueName=\"{name}\""),
        Writes::Item(_) | Writes::Elements => String::new(),
    };
    let _ = writeln!(
        xml,
        "    <policy name=\"{name}\" class=\"Machine\" displayName=\"$(string.{name})\" explainText=\"$(string.{name}_Explain)\"{presentation} key=\"{}\"{value_name}>",
        escape(key)
    );
    let _ =
        writeln!(xml, "      <parentCategory ref=\"{category}\"/>\n      <supportedOn ref=\"Supported\"/>");
    match &policy.writes {
        Writes::Elements => {}
        Writes::Off(_) => xml.push_str(
            "      <enabledValue><decimal value=\"0\"/></enabledValue>\n      <disabledValue><decimal value=\"1\"/></disabledValue>\n",
        ),
        Writes::Item(item) => { let _ = writeln!(
            xml,
            "      <enabledList>\n        <item key=\"{0}\" valueName=\"{value}\">\n          <value><string>{1}</string></value>\n        </item>\n      </enabledList>\n      <disabledList>\n        <item key=\"{0}\" valueName=\"{value}\">\n          <value><delete/></value>\n        </item>\n      </disabledList>",
            escape(key),
            escape(item)
        ); }
    }
    if !policy.elements.is_empty() {
        xml.push_str("      <elements>\n");
        for element in &policy.elements {
            let (id, key) = (&element.id, escape(&element.key));
            let _ = match &element.default {
                // Values are counted from 1, as the browsers' loader expects of lists.
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
                Default::Choice(_, words) => {
                    let item = |word: &&str| {
                        format!(
                            "          <item displayName=\"$(string.{})\">\n            <value><string>{word}</string></value>\n          </item>\n",
                            choice_id(element, word)
                        )
                    };
                    writeln!(
                        xml,
                        "        <enum id=\"{id}\" key=\"{key}\" valueName=\"{}\" required=\"true\">\n{}        </enum>",
                        element.value_name,
                        words.iter().map(item).collect::<String>()
                    )
                }
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

/// The name of a choice's text.
fn choice_id(element: &Element, word: &str) -> String {
    format!("{}_{word}", element.id)
}

/// A browser's `.adml`.
pub(crate) fn resources(source: &Policies, browser: Browser, language: Language) -> String {
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
    let title = language.pick("Touroku (card sign-in)", "登録（Touroku）ICカード連携");
    string(&category(browser), &format!("{title}: {} ({})", browser.name, source.name));
    string("Supported", language.pick("Windows 10 or later", "Windows 10 以降"));
    let all = policies(source, browser);
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
            if let Default::Choice(_, choices) = &element.default {
                for word in *choices {
                    string(&choice_id(element, word), words::choice(word, language));
                }
            }
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
                Default::Choice(chosen, words) => writeln!(
                    xml,
                    "        <dropdownList refId=\"{}\" noSort=\"true\" defaultItem=\"{}\">{label}</dropdownList>",
                    element.id,
                    words.iter().position(|word| word == chosen).unwrap_or_default()
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
    use crate::dist::policies::{
        CHROME, EDGE,
        tests::{ID, policies as sample},
    };

    fn references(text: &str, kind: &str) -> Vec<String> {
        let start = format!("$({kind}.");
        text.split(&start).skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_reference_of_the_definitions_is_there_in_both_languages() {
        let definitions = definitions(&sample(), EDGE);
        let document = roxmltree::Document::parse(&definitions).unwrap();
        for language in [Language::English, Language::Japanese] {
            let resources = resources(&sample(), EDGE, language);
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
        let definitions = definitions(&sample(), EDGE);
        let document = roxmltree::Document::parse(&definitions).unwrap();
        let mut names = Vec::new();
        for policy in document.descendants().filter(|node| node.tag_name().name() == "policy") {
            names.push(policy.attribute("name").unwrap());
        }
        assert_eq!(names.len(), 3 + 5);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 8);
        for item in document.descendants().filter(|node| node.tag_name().name() == "item") {
            let browsers = item.parent().unwrap().tag_name().name() != "enum";
            assert_eq!(item.attribute("valueName"), browsers.then_some(sample().value()));
        }
        let text = document.descendants().find(|node| {
            node.tag_name().name() == "string" && node.text().is_some_and(|text| text.starts_with(ID))
        });
        assert!(text.unwrap().text().unwrap().ends_with("/update.xml"));
        let written: Vec<String> =
            super::super::registry::values(&sample(), CHROME).into_iter().map(|(key, ..)| key).collect();
        for element in document.descendants().filter_map(|node| node.attribute("key")) {
            let chrome = element.replace(r"Microsoft\Edge", r"Google\Chrome");
            assert!(written.iter().any(|key| key.starts_with(&chrome)), "{element}");
        }
    }

    #[test]
    fn the_japanese_editor_speaks_japanese() {
        let text = resources(&sample(), CHROME, Language::Japanese);
        assert!(text.contains("カードの利用を許すサイト") && !text.contains("Sites that may use cards"));
        assert!(resources(&sample(), CHROME, Language::English).contains("Sites that may use cards"));
    }
}

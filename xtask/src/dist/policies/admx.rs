//! ADMX and ADML: our policies in the Group Policy editor, in Japanese and English, with this deployment's values
//! as what the editor proposes.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use touroku_proto::HOST_NAME;

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
    List(Vec<String>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    InstallExtension,
    AllowHost,
    AllowedOrigins,
    Agencies,
    HelpDesk,
    Pin,
}

/// A language of the editor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

impl Language {
    /// The folder's name.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::Japanese => "ja-JP",
        }
    }

    fn pick<'a>(self, english: &'a str, japanese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Japanese => japanese,
        }
    }
}

impl Kind {
    fn title(self, language: Language) -> &'static str {
        let (english, japanese) = match self {
            Self::InstallExtension => ("Install the extension", "拡張機能をインストールする"),
            Self::AllowHost => (
                "Let the extension reach the card program",
                "拡張機能からカード接続プログラムを使えるようにする",
            ),
            Self::AllowedOrigins => ("Sites that may use cards", "カードの利用を許すサイト"),
            Self::Agencies => ("Agencies' names for each site", "サイトごとの発注機関名"),
            Self::HelpDesk => ("Help desk", "問い合わせ先"),
            Self::Pin => ("Entering PINs", "PIN番号の入力"),
        };
        language.pick(english, japanese)
    }

    fn explanation(self, language: Language) -> &'static str {
        let (english, japanese) = match self {
            Self::InstallExtension => (
                "Adds Touroku to ExtensionInstallForcelist: the browser installs it without asking, updates it, and people cannot remove it. If a list of the browser's own template is set in the same computer's policies, add the entry there instead: that list replaces this one. Not configured: the extension is removed.",
                "ExtensionInstallForcelist に Touroku を加えます。確認なしでインストールされ、自動で更新され、利用者は削除できません。ブラウザー自身のテンプレートの一覧を同じパソコンに設定している場合は、その一覧に加えてください（この値は置き換えられます）。未構成にすると拡張機能は削除されます。",
            ),
            Self::AllowHost => (
                "Adds the card program to NativeMessagingAllowlist. Needed where NativeMessagingBlocklist holds *; harmless elsewhere.",
                "NativeMessagingAllowlist にカード接続プログラムを加えます。NativeMessagingBlocklist に * がある場合に必要です。ほかの場合も害はありません。",
            ),
            Self::AllowedOrigins => (
                "Only these sites may ask for a card, such as https://ebid.example.jp. The list narrows what the extension was built for, and cannot widen it. Enabled and empty: no site may. Not configured: all sites that the extension was built for.",
                "ここに書いたサイトだけが、カードの利用を求められます（例：https://ebid.example.jp）。拡張機能に組み込まれた範囲を狭めるもので、広げることはできません。空にするとどのサイトも使えません。未構成の場合は、組み込まれたすべてのサイトが使えます。",
            ),
            Self::Agencies => (
                "Names that the card window shows beside a site's address, as JSON: [{\"origin\": \"https://ebid.example.jp\", \"name\": \"...\"}]. Not configured: the names that the extension was built with.",
                "カードの画面でサイトのアドレスと並べて表示する発注機関名を、JSONで書きます：[{\"origin\": \"https://ebid.example.jp\", \"name\": \"…\"}]。未構成の場合は、拡張機能に組み込まれた名前を表示します。",
            ),
            Self::HelpDesk => (
                "Whom people are told to call when something is wrong on their computer. Not configured: the desk that the extension was built with.",
                "利用者のパソコンで問題が起きたときに案内する問い合わせ先です。未構成の場合は、拡張機能に組み込まれた問い合わせ先を案内します。",
            ),
            Self::Pin => (
                "Where PINs are entered (window or host; host.toml must say the same) and what becomes of a card's last try (ask or refuse). Not configured: window and ask.",
                "PIN番号を入力する場所（window または host。host.toml と同じにします）と、カードの最後の1回の扱い（ask または refuse）です。未構成の場合は window と ask です。",
            ),
        };
        language.pick(english, japanese)
    }

    fn label(self, value_name: &str, language: Language) -> &'static str {
        let (english, japanese) = match (self, value_name) {
            (Self::AllowedOrigins, _) => ("Sites", "サイト"),
            (Self::Agencies, _) => ("Names (JSON)", "発注機関名（JSON）"),
            (_, "name") => ("Name", "名称"),
            (Self::Pin, "pin_entry") => ("Where (window, host)", "場所（window、host）"),
            (Self::Pin, _) => ("Last try (ask, refuse)", "最後の1回（ask、refuse）"),
            _ => ("Telephone", "電話番号"),
        };
        language.pick(english, japanese)
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
    let text = |pointer: &str| {
        let found = values.pointer(pointer).and_then(serde_json::Value::as_str);
        Default::Text(found.unwrap_or_default().to_owned())
    };
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
            ],
        ),
        policy(
            Kind::Pin,
            "Pin",
            vec![
                ("pin_entry", key.to_owned(), text("/pin_entry")),
                ("pin_last_try", key.to_owned(), text("/pin_last_try")),
            ],
        ),
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
            let value = match &element.default {
                Default::Text(text) => text.clone(),
                Default::List(texts) => texts.join("\n"),
            };
            let _ = write!(explanation, "\n{value}");
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
                Default::Text(text) => writeln!(
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
        assert_eq!(names.len(), 2 * (2 + 2 * 4));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 20);
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

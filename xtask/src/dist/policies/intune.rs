//! Intune: custom settings (OMA-URI) over our own ADMX, and a Settings Catalog policy to import.

use serde_json::{Value, json};

use super::{BROWSERS, Browser, Policies, admx};

/// Where an MDM installs an ADMX (learn.microsoft.com, "Win32 and Desktop Bridge app ADMX policy ingestion").
const INGEST: &str = "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall";
/// Separates the texts of a list in a policy's data.
const SEPARATOR: char = '\u{f000}';

/// A custom profile in the form of Microsoft Graph (`POST deviceManagement/deviceConfigurations`): first our ADMX
/// for each browser, then its settings.
pub(crate) fn custom_configuration(policies: &Policies) -> Value {
    let row = |name: &str, uri: &str, value: &str| {
        json!({
            "@odata.type": "#microsoft.graph.omaSettingString",
            "displayName": name,
            "description": Value::Null,
            "omaUri": uri,
            "value": value,
        })
    };
    let rows: Vec<Value> = BROWSERS.iter().flat_map(|browser| rows(policies, *browser, &row)).collect();
    json!({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "displayName": format!("Touroku ({})", policies.name),
        "description": "Touroku's extension in Chrome and Edge, and its settings.",
        "roleScopeTagIds": ["0"],
        "omaSettings": rows,
    })
}

fn rows(policies: &Policies, browser: Browser, row: &impl Fn(&str, &str, &str) -> Value) -> Vec<Value> {
    let app = format!("Touroku-{}-{}", policies.name, browser.key);
    let ingest = format!("{INGEST}/{app}/Policy/Touroku");
    let mut rows = vec![row(&format!("ADMX {app}"), &ingest, &admx::definitions(policies, browser))];
    for policy in admx::policies(policies, browser) {
        let uri =
            format!("./Device/Vendor/MSFT/Policy/Config/{app}~Policy~{}/{}", policy.category, policy.name);
        let data: String = policy
            .elements
            .iter()
            // An empty one is not sent.
            .filter(|element| !matches!(&element.default, admx::Default::Remark(text) if text.is_empty()))
            .map(|element| {
                let value = match &element.default {
                    admx::Default::Text(text) | admx::Default::Remark(text) => text.clone(),
                    admx::Default::Choice(chosen, _) => chosen.clone(),
                    admx::Default::Number(number, _) => number.to_string(),
                    admx::Default::List(texts) => texts
                        .iter()
                        .enumerate()
                        .map(|(index, text)| format!("{}{SEPARATOR}{text}", index + 1))
                        .collect::<Vec<_>>()
                        .join(&SEPARATOR.to_string()),
                };
                format!("<data id=\"{}\" value=\"{}\"/>", element.id, quick_xml::escape::escape(&value))
            })
            .collect();
        rows.push(row(&policy.name, &uri, &format!("<enabled/>{data}")));
    }
    rows
}

/// Microsoft's identifiers of both browsers' forcelists, as seen in tenants. The other policies go by OMA-URI.
const FORCELISTS: [&str; 2] = [
    "device_vendor_msft_policy_config_chromeintunev1~policy~googlechrome~extensions_extensioninstallforcelist",
    "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge~extensions_extensioninstallforcelist",
];

/// A Settings Catalog policy in the form that the portal exports and imports, and that Graph takes (`POST
/// deviceManagement/configurationPolicies`).
pub(crate) fn settings_catalog(policies: &Policies) -> Value {
    let graph = |name: &str| format!("#microsoft.graph.deviceManagementConfiguration{name}");
    let settings: Vec<Value> = (0..)
        .zip(FORCELISTS)
        .map(|(number, forcelist): (u32, _)| {
            json!({
                "id": number.to_string(),
                "settingInstance": {
                    "@odata.type": graph("ChoiceSettingInstance"),
                    "settingDefinitionId": forcelist,
                    "settingInstanceTemplateReference": Value::Null,
                    "choiceSettingValue": {
                        "@odata.type": graph("ChoiceSettingValue"),
                        "settingValueTemplateReference": Value::Null,
                        "value": format!("{forcelist}_1"),
                        "children": [{
                            "@odata.type": graph("SimpleSettingCollectionInstance"),
                            "settingDefinitionId": format!("{forcelist}_extensioninstallforcelistdesc"),
                            "settingInstanceTemplateReference": Value::Null,
                            "simpleSettingCollectionValue": [{
                                "@odata.type": graph("StringSettingValue"),
                                "settingValueTemplateReference": Value::Null,
                                "value": policies.force,
                            }],
                        }],
                    },
                },
            })
        })
        .collect();
    json!({
        "name": format!("Touroku ({})", policies.name),
        "description": "Installs Touroku's extension in Chrome and Edge.",
        "platforms": "windows10",
        "technologies": "mdm",
        "roleScopeTagIds": ["0"],
        "templateReference": { "templateId": "", "templateFamily": "none" },
        "settings": settings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::policies::tests::policies;

    #[test]
    fn each_setting_of_the_admx_has_its_row_with_well_formed_data() {
        let custom = custom_configuration(&policies());
        let rows = custom["omaSettings"].as_array().unwrap();
        let wanted = BROWSERS.map(|browser| 1 + admx::policies(&policies(), browser).len());
        assert_eq!(rows.len(), wanted.iter().sum::<usize>());
        for row in rows.iter().filter(|row| !row["omaUri"].as_str().unwrap().contains("ADMXInstall")) {
            let value = row["value"].as_str().unwrap();
            let text = format!("<x>{value}</x>");
            let document = roxmltree::Document::parse(&text).unwrap();
            assert!(document.descendants().any(|node| node.has_tag_name("enabled")), "{value}");
            assert!(
                row["omaUri"]
                    .as_str()
                    .unwrap()
                    .starts_with("./Device/Vendor/MSFT/Policy/Config/Touroku-aomori-")
            );
        }
        let origins = rows
            .iter()
            .find(|row| row["displayName"].as_str().unwrap().starts_with("AllowedOrigins"))
            .unwrap();
        assert!(origins["value"].as_str().unwrap().contains("1\u{f000}https://ebid.example.jp"), "{origins}");
    }

    #[test]
    fn the_catalogs_policy_installs_in_both_browsers() {
        let catalog = settings_catalog(&policies());
        let settings = catalog["settings"].as_array().unwrap();
        assert_eq!(settings.len(), 2);
        for setting in settings {
            let child = &setting["settingInstance"]["choiceSettingValue"]["children"][0];
            assert_eq!(child["simpleSettingCollectionValue"][0]["value"], policies().force);
        }
    }
}

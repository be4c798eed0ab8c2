//! Intune: custom settings (OMA-URI) over our own ADMX, and a Settings Catalog policy to import.

use serde_json::{Value, json};

use super::{Policies, admx};

/// Where an MDM puts an ADMX (learn.microsoft.com, "Win32 and Desktop Bridge app ADMX policy ingestion").
const INGEST: &str = "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/Touroku/Policy/Touroku";
/// Between the texts of a list in a policy's data.
const SEPARATOR: char = '\u{f000}';

/// One row for each custom setting: name, OMA-URI, data type and value, as Intune's form asks for them.
pub(crate) fn oma_uri(policies: &Policies) -> Value {
    let row = |name: &str, uri: &str, value: &str| json!({ "name": name, "omaUri": uri, "dataType": "String", "value": value });
    let mut rows = vec![row("Touroku ADMX", INGEST, &admx::definitions(policies))];
    for policy in admx::policies(policies) {
        let uri = format!(
            "./Device/Vendor/MSFT/Policy/Config/Touroku~Policy~Touroku~{}/{}",
            policy.category, policy.name
        );
        let data: String = policy
            .elements
            .iter()
            // One that is left empty is not sent.
            .filter(|element| !matches!(&element.default, admx::Default::Remark(text) if text.is_empty()))
            .map(|element| {
                let value = match &element.default {
                    admx::Default::Text(text) | admx::Default::Remark(text) => text.clone(),
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
    Value::Array(rows)
}

/// Microsoft's identifiers of both browsers' forcelists, as tenants list them. The other policies go by OMA-URI.
const FORCELISTS: [&str; 2] = [
    "device_vendor_msft_policy_config_chromeintunev1~policy~googlechrome~extensions_extensioninstallforcelist",
    "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge~extensions_extensioninstallforcelist",
];

/// A policy for "Import policy" in the Settings Catalog.
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
                    "choiceSettingValue": {
                        "@odata.type": graph("ChoiceSettingValue"),
                        "value": format!("{forcelist}_1"),
                        "children": [{
                            "@odata.type": graph("SimpleSettingCollectionInstance"),
                            "settingDefinitionId": format!("{forcelist}_extensioninstallforcelistdesc"),
                            "simpleSettingCollectionValue": [{
                                "@odata.type": graph("StringSettingValue"),
                                "value": policies.force,
                            }],
                        }],
                    },
                },
            })
        })
        .collect();
    json!({
        "name": "Touroku",
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
        let rows = oma_uri(&policies());
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), 1 + admx::policies(&policies()).len());
        for row in &rows[1..] {
            let value = row["value"].as_str().unwrap();
            let text = format!("<x>{value}</x>");
            let document = roxmltree::Document::parse(&text).unwrap();
            assert!(document.descendants().any(|node| node.has_tag_name("enabled")), "{value}");
            assert!(
                row["omaUri"]
                    .as_str()
                    .unwrap()
                    .starts_with("./Device/Vendor/MSFT/Policy/Config/Touroku~Policy~")
            );
        }
        let origins =
            rows.iter().find(|row| row["name"].as_str().unwrap().starts_with("AllowedOrigins")).unwrap();
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

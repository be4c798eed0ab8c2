//! The extension: a CRX of this deployment for policies, its update manifest, and the published build, a zip for
//! the stores that is the same for all deployments (docs/decisions/001.md).

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use quick_xml::escape::escape;
use serde_json::{Map, Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Build, crx, deployment::Deployment, key::SigningKey, managed};

/// Files of the folder that browsers do not need.
const NOT_SHIPPED: [&str; 5] = ["README.md", "package.json", "tsconfig.json", "types.d.ts", "internal.d.ts"];

/// What only the published build has: it asks the person for its sites, and relays for those.
const ASKS_FOR_SITES: [&str; 4] = ["relay.js", "sites.css", "sites.html", "sites.js"];

/// Sites that it may ask for, one by one. All agencies of Japan are below `.jp`.
const MAY_ASK_FOR: &str = "https://*.jp/*";

/// Files by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// Makes `extension/`.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    let Build { root, deployment, key, .. } = build;
    println!("── extension");
    let sources = sources(root)?;
    managed::check(&sources)?;
    let output = build.output.fresh("extension")?;
    let crx_name = crx_name(deployment);
    let zipped = zip(&own(&sources, deployment, key)?)?;
    let signature = format!("{crx_name}.sig");
    match build.signed(&signature) {
        Some(file) => {
            let crx = crx::pack_signed(root, &zipped, key, &fs::read(file)?)?;
            drop(output.write(&crx_name, crx)?);
        }
        None if key.is_here() => drop(output.write(&crx_name, crx::pack(root, &zipped, key)?)?),
        None => {
            let name = format!("{crx_name}.to-be-signed");
            output.write(&name, crx::to_be_signed(&zipped, key))?;
            println!(
                "   NOT SIGNED: sign {name} (RSASSA-PKCS1-v1_5, SHA-256), put the signature as {signature} into a \
                      folder, and run this again with --signed FOLDER"
            );
        }
    }
    output.write(deployment.update_url.file_name(), update_manifest(deployment, &key.extension_id()))?;
    let published = zip(&published(&sources, &deployment.product_version)?)?;
    output.write(&format!("touroku-{}-published.zip", deployment.product_version), published)?;
    Ok(())
}

fn crx_name(deployment: &Deployment) -> String {
    format!("touroku-{}.crx", deployment.version)
}

/// What a browser fetches from `update_url` (protocol 2.0; developer.chrome.com, "Self-hosting").
fn update_manifest(deployment: &Deployment, id: &str) -> String {
    let codebase = deployment.update_url.beside(&crx_name(deployment));
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n\
         <gupdate xmlns='http://www.google.com/update2/response' protocol='2.0'>\n  \
           <app appid='{id}'>\n    \
             <updatecheck codebase='{}' version='{}'/>\n  \
           </app>\n\
         </gupdate>\n",
        escape(&codebase),
        deployment.version,
    )
}

/// The extension's own files.
fn sources(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(root.join("extension"))? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("the extension's file names are ASCII")?;
        if entry.file_type()?.is_file() && !NOT_SHIPPED.contains(&name.as_str()) {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// The files with this deployment filled in.
fn own(sources: &Files, deployment: &Deployment, key: &SigningKey) -> Result<Files> {
    let mut files = sources.clone();
    files.retain(|name, _| !ASKS_FOR_SITES.contains(&name.as_str()));
    let mut manifest = manifest(sources)?;
    let matches: Vec<String> =
        deployment.sites.iter().map(|site| format!("{}/*", site.origin.as_str())).collect();
    manifest.insert("version".to_owned(), json!(deployment.version));
    manifest.insert("externally_connectable".to_owned(), json!({ "matches": matches }));
    manifest.insert("key".to_owned(), json!(BASE64.encode(key.public())));
    manifest.insert("update_url".to_owned(), json!(deployment.update_url.as_str()));
    files.insert("manifest.json".to_owned(), text(&Value::Object(manifest)));
    let origins: Vec<Value> = deployment
        .sites
        .iter()
        .map(|site| json!({ "origin": site.origin, "agencies": site.agencies }))
        .collect();
    let desk = &deployment.help_desk;
    let own = json!({
        "origins": origins,
        "help_desk": { "name": desk.name, "phone": desk.phone, "hours": desk.hours, "note": desk.note },
    });
    files.insert("deployment.json".to_owned(), text(&own));
    Ok(files)
}

/// The files for the stores: no site, no deployment. The stores add key and update address themselves, and refuse others.
fn published(sources: &Files, version: &str) -> Result<Files> {
    let mut files = sources.clone();
    let mut manifest = manifest(sources)?;
    manifest.remove("key");
    for (name, value) in [
        ("version", json!(version)),
        // Nobody connects by the browser's own mechanism: neither a page nor another extension.
        ("externally_connectable", json!({ "ids": [] })),
        ("permissions", json!(["nativeMessaging", "scripting", "storage"])),
        ("optional_host_permissions", json!([MAY_ASK_FOR])),
        ("options_page", json!("sites.html")),
        ("action", json!({ "default_title": "ICカードを使うサイト" })),
    ] {
        manifest.insert(name.to_owned(), value);
    }
    files.insert("manifest.json".to_owned(), text(&Value::Object(manifest)));
    let own = json!({ "origins": [], "help_desk": { "name": "発注機関の窓口", "phone": "" } });
    files.insert("deployment.json".to_owned(), text(&own));
    Ok(files)
}

fn manifest(sources: &Files) -> Result<Map<String, Value>> {
    let manifest = sources.get("manifest.json").context("the extension has no manifest.json")?;
    match serde_json::from_slice(manifest)? {
        Value::Object(manifest) => Ok(manifest),
        _ => bail!("the extension's manifest.json is no object"),
    }
}

fn text(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// Stored, not deflated: the bytes do not depend on a compressor's version, and all is some tens of kilobytes.
fn zip(files: &Files) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // The format's earliest time, since file times mean nothing here.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in files {
        zip.start_file(name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::dist::{deployment::tests::sample, key::tests::new_key};

    fn json(files: &Files, name: &str) -> Value {
        serde_json::from_slice(&files[name]).unwrap()
    }

    #[test]
    fn the_package_says_what_the_deployment_says() {
        let folder = tempfile::tempdir().unwrap();
        let key = new_key(folder.path());
        let sources = sources(&crate::workspace_root()).unwrap();
        let files = own(&sources, &sample(), &key).unwrap();
        let manifest = json(&files, "manifest.json");
        assert_eq!(manifest["version"], "1.2.3");
        assert_eq!(manifest["externally_connectable"]["matches"], json!(["https://ebid.example.jp/*"]));
        assert_eq!(manifest["update_url"], "https://ebid.example.jp/extension/update.xml");
        assert_eq!(manifest["key"], BASE64.encode(key.public()));
        assert_eq!(json(&files, "deployment.json")["origins"][0]["agencies"][1], "下関市（見本）");
        for needed in ["worker.js", "card.html", "card.css", "managed_schema.json", "icon-128.png"] {
            assert!(files.contains_key(needed), "{needed}");
        }
        assert!(!files.contains_key("package.json") && !files.contains_key("relay.js"));
        assert_eq!(manifest.get("optional_host_permissions"), None);
    }

    #[test]
    fn the_published_build_names_no_site_no_key_and_no_update_address_and_asks_for_each_site() {
        let sources = sources(&crate::workspace_root()).unwrap();
        let files = published(&sources, "1.2.3").unwrap();
        let manifest = json(&files, "manifest.json");
        assert_eq!((manifest.get("key"), manifest.get("update_url")), (None, None));
        assert_eq!(manifest["externally_connectable"], json!({ "ids": [] }));
        assert_eq!(manifest.get("host_permissions"), None);
        assert_eq!(manifest["optional_host_permissions"], json!([MAY_ASK_FOR]));
        for name in ASKS_FOR_SITES {
            assert!(files.contains_key(name), "{name}");
        }
        let text: String = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
        assert!(!text.contains("ebid.example.jp/*") && !text.contains("<all_urls>"));
    }

    #[test]
    fn a_zip_is_read_back_file_by_file_and_made_twice_it_is_the_same() {
        let files = Files::from([("b.js".into(), b"b".to_vec()), ("a.js".into(), "登録".into())]);
        let bytes = zip(&files).unwrap();
        assert_eq!(bytes, zip(&files).unwrap());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 2);
        let mut text = String::new();
        archive.by_name("a.js").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "登録");
    }

    #[test]
    fn the_update_manifest_names_id_address_and_version() {
        let id = "a".repeat(32);
        let text = update_manifest(&sample(), &id);
        let document = roxmltree::Document::parse(&text).unwrap();
        let find = |name: &str| document.descendants().find(|node| node.tag_name().name() == name).unwrap();
        assert_eq!(
            document.root_element().tag_name().namespace(),
            Some("http://www.google.com/update2/response")
        );
        assert_eq!(find("app").attribute("appid"), Some(id.as_str()));
        let check = find("updatecheck");
        assert_eq!(check.attribute("codebase"), Some("https://ebid.example.jp/extension/touroku-1.2.3.crx"));
        assert_eq!(check.attribute("version"), Some("1.2.3"));
    }
}

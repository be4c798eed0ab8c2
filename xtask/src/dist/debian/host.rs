//! The host for Linux: program, manifests of all three browsers, who may use it.

use anyhow::Result;
use serde_json::json;
use touroku_proto::HOST_NAME;

use super::{File, Package, copyright};
use crate::dist::{Build, deployment::Deployment, programs};

/// Where the program lies.
const PROGRAM: &str = "/usr/bin/touroku-host";

/// Where Chrome, Chromium and Edge look for manifests for everybody.
const MANIFEST_FOLDERS: [&str; 3] = [
    "/etc/opt/chrome/native-messaging-hosts",
    "/etc/chromium/native-messaging-hosts",
    "/etc/opt/edge/native-messaging-hosts",
];

/// Builds the package.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    let root = build.root;
    let program = programs::build(root, "touroku-host", programs::LINUX, build.epoch)?;
    let glibc = programs::glibc(root, &program)?;
    let ids = extension_ids(&build.deployment, &build.key.extension_id());
    let mut files = vec![
        File::program(PROGRAM, &program)?,
        File::configuration("/etc/touroku/host.toml", configuration(&build.deployment, &ids)),
        copyright(root, "touroku-host")?,
    ];
    // No conffiles: a registration without its program would only mislead, so that removal takes them away, too.
    files.extend(
        MANIFEST_FOLDERS
            .map(|folder| File::new(format!("{folder}/{HOST_NAME}.json"), manifest(PROGRAM, &ids))),
    );
    let package = Package {
        name: "touroku-host",
        section: "web",
        depends: format!("libc6 (>= {glibc}), libgcc-s1, libpcsclite1"),
        recommends: "pcscd",
        summary: "IC cards for public e-bidding, in the browser",
        description: "Connects the browser's Touroku extension with the IC card in a reader.\n\
                      Registers itself with Chrome, Chromium and Edge for everybody on this computer.",
        files,
        scripts: Vec::new(),
    };
    package.build(build).map(drop)
}

/// All ids under which the extension may call.
pub(crate) fn extension_ids(deployment: &Deployment, own: &str) -> Vec<String> {
    let stores = deployment.store_ids.iter().filter(|id| *id != own).cloned();
    std::iter::once(own.to_owned()).chain(stores).collect()
}

/// `host.toml`.
pub(crate) fn configuration(deployment: &Deployment, ids: &[String]) -> String {
    let list = |texts: &[&str]| {
        texts.iter().map(|text| format!("    {},\n", toml::Value::from(*text))).collect::<String>()
    };
    let origins: Vec<&str> = deployment.sites.iter().map(|site| site.origin.as_str()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    format!(
        "# Sites for which the card may sign.\nallowed_origins = [\n{}]\n\
         # Browser extensions that may call: ours, and ours under the stores' ids.\nallowed_extensions = [\n{}]\n",
        list(&origins),
        list(&ids)
    )
}

/// The native-messaging manifest.
pub(crate) fn manifest(program: &str, ids: &[String]) -> String {
    let origins: Vec<String> = ids.iter().map(|id| format!("chrome-extension://{id}/")).collect();
    let manifest = json!({
        "name": HOST_NAME,
        "description": "登録（Touroku）ICカード連携",
        "path": program,
        "type": "stdio",
        "allowed_origins": origins,
    });
    format!("{manifest:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{deployment::tests::sample, policies::tests::ID};

    #[test]
    fn the_hosts_configuration_names_the_sites_and_every_id() {
        let mut deployment = sample();
        deployment.store_ids = vec!["ponmlkjihgfedcbaponmlkjihgfedcba".to_owned(), ID.to_owned()];
        let ids = extension_ids(&deployment, ID);
        let file: toml::Table = configuration(&deployment, &ids).parse().unwrap();
        assert_eq!(file["allowed_origins"].as_array().unwrap()[0].as_str(), Some("https://ebid.example.jp"));
        assert_eq!(file["allowed_extensions"].as_array().unwrap().len(), 2);
        let manifest: serde_json::Value = serde_json::from_str(&manifest(PROGRAM, &ids)).unwrap();
        assert_eq!(manifest["allowed_origins"][0], format!("chrome-extension://{ID}/"));
    }
}

//! What this deployment adds to the one card program on a computer: `host.d/NAME.toml`.

use std::fmt::Write as _;

use super::deployment::Deployment;

pub(crate) fn file_name(deployment: &Deployment) -> String {
    format!("{}.toml", deployment.name)
}

/// All extension ids that may call.
pub(crate) fn extension_ids(deployment: &Deployment, own: &str) -> Vec<String> {
    let stores = deployment.store_ids.iter().filter(|id| *id != own).cloned();
    std::iter::once(own.to_owned()).chain(stores).collect()
}

/// `modules`: the paths of PKCS#11 modules on the system that it is for.
pub(crate) fn text(deployment: &Deployment, own: &str, modules: &[String]) -> String {
    let mut text = format!(
        "# Installed with Touroku: every update replaces this file. Settings of your own belong into host.toml.\n\
         # Browser extensions that may call for these sites: ours, and the stores'.\nallowed_extensions = [\n{}]\n\
         # Where PINs are entered, as the extension's managed settings say, too.\npin_entry = {}\n",
        extension_ids(deployment, own).iter().map(|id| format!("    {},\n", quoted(id))).collect::<String>(),
        serde_json::json!(deployment.pin.entry),
    );
    if !modules.is_empty() {
        let modules: String = modules.iter().map(|path| format!("    {},\n", quoted(path))).collect();
        let _ =
            write!(text, "# Modules of the cards that are taken there.\npkcs11_modules = [\n{modules}]\n");
    }
    for site in &deployment.sites {
        let agencies: Vec<String> = site.agencies.iter().map(|name| quoted(name)).collect();
        let origin = quoted(site.origin.as_str());
        let _ = write!(text, "\n[[site]]\norigin = {origin}\nagencies = [{}]\n", agencies.join(", "));
    }
    let desk = &deployment.help_desk;
    let _ = write!(text, "\n[help_desk]\n");
    for (key, value) in
        [("name", &desk.name), ("phone", &desk.phone), ("hours", &desk.hours), ("note", &desk.note)]
    {
        let _ = writeln!(text, "{key} = {}", quoted(value));
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{deployment::tests::sample, policies::tests::ID};

    #[test]
    fn it_names_every_site_and_id_the_agencies_and_whom_to_call() {
        let mut deployment = sample();
        deployment.store_ids = vec!["ponmlkjihgfedcbaponmlkjihgfedcba".to_owned(), ID.to_owned()];
        deployment.help_desk.note = "\"外\" \\ 内".to_owned();
        let modules = [r"C:\Program Files\認証局\x.dll".to_owned()];
        let file: toml::Table = text(&deployment, ID, &modules).parse().unwrap();
        assert_eq!(file["pkcs11_modules"][0].as_str(), Some(&*modules[0]));
        assert!(!text(&deployment, ID, &[]).contains("pkcs11"));
        assert_eq!(file["allowed_extensions"].as_array().unwrap().len(), 2);
        assert_eq!(file["pin_entry"].as_str(), Some("window"));
        assert_eq!(file["site"][0]["origin"].as_str(), Some("https://ebid.example.jp"));
        assert_eq!(file["site"][0]["agencies"][1].as_str(), Some("下関市（見本）"));
        assert_eq!(file["help_desk"]["note"].as_str(), Some("\"外\" \\ 内"));
    }
}

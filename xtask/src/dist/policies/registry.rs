//! `.reg` files: UTF-16 with byte order mark, as regedit writes them.

use std::fmt::Write as _;

use serde_json::Value;
use touroku_proto::HOST_NAME;

use super::{Browser, Policies, USER_LEVEL};

/// A value: key below `HKEY_LOCAL_MACHINE`, name, data.
type Entry = (String, String, Data);

/// What a value holds.
enum Data {
    Text(String),
    Number(u32),
}

/// The values that belong to this deployment alone, which its package may write and remove: key below
/// `HKEY_LOCAL_MACHINE`, name, text. Browsers accept a number as text.
pub(crate) fn values(policies: &Policies, browser: Browser) -> Vec<(String, String, String)> {
    let text = |data| match data {
        Data::Text(text) => text,
        Data::Number(number) => number.to_string(),
    };
    entries(policies, browser).into_iter().map(|(key, name, data)| (key, name, text(data))).collect()
}

fn entries(policies: &Policies, browser: Browser) -> Vec<Entry> {
    let key = |below: &str| format!(r"{}\{below}", browser.registry);
    let text = |text: &str| Data::Text(text.to_owned());
    let mut values = vec![
        (key("ExtensionInstallForcelist"), policies.value.clone(), text(&policies.force)),
        (key("NativeMessagingAllowlist"), policies.value.clone(), text(HOST_NAME)),
    ];
    values.extend(settings(&key(&settings_key(&policies.id)), &policies.settings));
    values
}

/// The key of an extension's managed settings, below the browser's own.
pub(crate) fn settings_key(id: &str) -> String {
    format!(r"3rdparty\extensions\{id}\policy")
}

/// Managed settings in the form that the browsers' loader reads: an object is a key, a list of texts a key with
/// values counted from 1, any other list JSON text, and an integer a DWORD (Chromium's `registry_dict.cc`).
fn settings(key: &str, settings: &Value) -> Vec<Entry> {
    let mut values = Vec::new();
    for (name, value) in settings.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => values.extend(self::settings(&format!(r"{key}\{name}"), value)),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let texts = items.iter().filter_map(Value::as_str);
                values.extend((1..).zip(texts).map(|(number, text): (u32, _)| {
                    (format!(r"{key}\{name}"), number.to_string(), Data::Text(text.to_owned()))
                }));
            }
            Value::String(text) => values.push((key.to_owned(), name.clone(), Data::Text(text.clone()))),
            other => {
                let number = other.as_u64().and_then(|number| u32::try_from(number).ok());
                let data = number.map_or_else(|| Data::Text(other.to_string()), Data::Number);
                values.push((key.to_owned(), name.clone(), data));
            }
        }
    }
    values
}

/// The file that sets the policies.
pub(crate) fn add(policies: &Policies, browser: Browser) -> Vec<u8> {
    let mut text = head(browser, "sets");
    text.push_str(
        "; ExtensionInstallForcelist: installs the extension and keeps people from removing it.\n\
         ; NativeMessagingAllowlist: lets it start the card program where NativeMessagingBlocklist holds *.\n\
         ; 3rdparty: the extension's own settings: sites, agencies, help desk.\n\
         ; NativeMessagingUserLevelHosts: no program that a person registered is started in its place. This is\n\
         ; about all products: take the line out if another one of yours registers its program for each person.\n",
    );
    // Several deployments set it to the same value, so the file that removes one of them leaves it.
    let machine_only = (browser.registry.to_owned(), USER_LEVEL.to_owned(), Data::Number(0));
    let mut last = String::new();
    for (key, name, data) in entries(policies, browser).into_iter().chain([machine_only]) {
        if key != last {
            let _ = write!(text, "\n[HKEY_LOCAL_MACHINE\\{key}]\n");
            last = key;
        }
        let _ = match data {
            Data::Text(value) => writeln!(text, "\"{}\"=\"{}\"", quoted(&name), quoted(&value)),
            Data::Number(number) => writeln!(text, "\"{}\"=dword:{number:08x}", quoted(&name)),
        };
    }
    encode(&text)
}

/// The file that removes them, and nothing else.
pub(crate) fn remove(policies: &Policies, browser: Browser) -> Vec<u8> {
    let mut text = head(browser, "takes back");
    let value = &policies.value;
    for list in ["ExtensionInstallForcelist", "NativeMessagingAllowlist"] {
        let _ = write!(text, "\n[HKEY_LOCAL_MACHINE\\{}\\{list}]\n\"{value}\"=-\n", browser.registry);
    }
    let id = &policies.id;
    let _ = write!(text, "\n[-HKEY_LOCAL_MACHINE\\{}\\3rdparty\\extensions\\{id}]\n", browser.registry);
    encode(&text)
}

fn head(browser: Browser, does: &str) -> String {
    format!("Windows Registry Editor Version 5.00\n\n; Touroku: {does} the policies of {}.\n", browser.name)
}

fn quoted(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"")
}

fn encode(text: &str) -> Vec<u8> {
    let lines = text.replace('\n', "\r\n");
    std::iter::once(0xfeff).chain(lines.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::policies::{
        CHROME, EDGE,
        tests::{ID, policies},
    };

    /// What regedit would set: key, name and value; fails on a line that it would not understand.
    fn read(bytes: &[u8]) -> Vec<(String, String, String)> {
        let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let text = String::from_utf16(&units).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap();
        assert!(text.starts_with("Windows Registry Editor Version 5.00\r\n\r\n"));
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        let mut key = String::new();
        let mut values = Vec::new();
        for line in text.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with(';')) {
            if let Some(inner) = line.strip_prefix('[') {
                key = inner.strip_suffix(']').unwrap().to_owned();
                continue;
            }
            let (name, value) = line.split_once("\"=").unwrap();
            let value = value.strip_prefix('"').map_or(value, |inner| inner.strip_suffix('"').unwrap());
            let value = value.replace("\\\"", "\"").replace(r"\\", r"\");
            values.push((key.clone(), name[1..].to_owned(), value));
        }
        values
    }

    #[test]
    fn the_file_read_back_holds_the_policies_with_japanese_quotes_and_backslashes() {
        let values = read(&add(&policies(), CHROME));
        let find = |key: &str, name: &str| {
            let key = format!(r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Google\Chrome\{key}");
            let found = values.iter().find(|value| value.0 == key && value.1 == name);
            found.unwrap_or_else(|| panic!("{key} {name}: {values:#?}")).2.clone()
        };
        assert!(find("ExtensionInstallForcelist", policies().value()).starts_with(&format!("{ID};https://")));
        assert_eq!(find("NativeMessagingAllowlist", policies().value()), "jp.touroku.host");
        let policy = format!(r"3rdparty\extensions\{ID}\policy");
        assert_eq!(find(&format!(r"{policy}\allowed_origins"), "1"), "https://ebid.example.jp");
        assert_eq!(find(&format!(r"{policy}\help_desk"), "name"), "窓口 <\"1\" & \\2>");
        assert_eq!(find(&policy, "pin_idle_minutes"), "dword:00000005");
        assert!(values.iter().any(|(key, name, value)| key.ends_with(r"\Google\Chrome")
            && name == "NativeMessagingUserLevelHosts"
            && value == "dword:00000000"));
        let agencies: Value = serde_json::from_str(&find(&policy, "agencies")).unwrap();
        assert_eq!(agencies[0]["name"], "青森市（見本）");
    }

    #[test]
    fn what_is_taken_back_is_our_value_of_the_lists_and_our_extensions_settings() {
        let bytes = remove(&policies(), EDGE);
        let values = read(&bytes);
        assert_eq!(values.len(), 2);
        assert!(values.iter().all(|(key, name, value)| {
            key.contains(r"Policies\Microsoft\Edge\") && name == policies().value() && value == "-"
        }));
    }
}

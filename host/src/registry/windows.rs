//! The registry of this computer.

use std::io;

use winreg::{
    RegKey,
    enums::{
        HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_32KEY, KEY_WOW64_64KEY, KEY_WRITE, RegType,
    },
};

use super::{Data, Hive, Key, Registry};

/// The registry of this computer.
#[derive(Clone, Copy, Debug)]
pub struct Windows;

impl Windows {
    fn open(key: &Key) -> Option<RegKey> {
        let (root, view) = root(key.hive);
        root.open_subkey_with_flags(&key.path, KEY_READ | view).ok()
    }
}

/// A hive, and its view flag.
fn root(hive: Hive) -> (RegKey, u32) {
    match hive {
        Hive::CurrentUser => (RegKey::predef(HKEY_CURRENT_USER), KEY_WOW64_64KEY),
        Hive::LocalMachine32 => (RegKey::predef(HKEY_LOCAL_MACHINE), KEY_WOW64_32KEY),
        Hive::LocalMachine64 => (RegKey::predef(HKEY_LOCAL_MACHINE), KEY_WOW64_64KEY),
    }
}

impl Registry for Windows {
    fn values(&self, key: &Key) -> Vec<(String, Data)> {
        let Some(open) = Self::open(key) else { return Vec::new() };
        let values = open.enum_values().filter_map(Result::ok);
        values
            .filter_map(|(name, value)| match value.vtype {
                RegType::REG_SZ => open.get_value(&name).ok().map(|text| (name, Data::Text(text))),
                // Browsers expand these as well (`base::win::RegKey::ReadValue`).
                RegType::REG_EXPAND_SZ => {
                    open.get_value(&name).ok().map(|text: String| (name, Data::Text(expanded(&text))))
                }
                RegType::REG_DWORD => open.get_value(&name).ok().map(|number| (name, Data::Number(number))),
                _ => None,
            })
            .collect()
    }

    fn keys_below(&self, key: &Key) -> Vec<String> {
        Self::open(key).map_or_else(Vec::new, |open| open.enum_keys().filter_map(Result::ok).collect())
    }

    fn set_default(&self, key: &Key, text: &str) -> io::Result<()> {
        let (root, view) = root(key.hive);
        let (made, _) = root.create_subkey_with_flags(&key.path, KEY_WRITE | view)?;
        made.set_value("", &text)
    }

    fn remove(&self, key: &Key) -> io::Result<()> {
        let (root, view) = root(key.hive);
        root.delete_subkey_with_flags(&key.path, view)
    }

    fn is_writable_for_everybody(&self) -> bool {
        RegKey::predef(HKEY_LOCAL_MACHINE).open_subkey_with_flags("SOFTWARE", KEY_WRITE).is_ok()
    }
}

/// Expands `%NAME%` from the environment; unknown names stay.
fn expanded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    let mut parts = parts.peekable();
    while let Some(name) = parts.next() {
        // A name is followed by a %.
        match (parts.peek(), std::env::var(name)) {
            (Some(_), Ok(value)) => {
                expanded.push_str(&value);
                expanded.push_str(parts.next().unwrap_or_default());
            }
            _ => {
                expanded.push('%');
                expanded.push_str(name);
            }
        }
    }
    expanded
}

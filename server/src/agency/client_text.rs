//! Edits `[[clients]]` in a profile's text: adds one, removes one, or changes its secret, leaving everything else
//! as written.

use serde::Serialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, TomlError, value};
use touroku_proto::sign_in::Client;

use super::{
    layers::{mistake, no_toml},
    mistake::Mistake,
};

#[derive(Serialize)]
struct Clients<'a> {
    clients: [&'a Client; 1],
}

/// The text with one more client at its end. `None`: it can't be written.
pub fn with_client(text: &str, client: &Client) -> Option<String> {
    let written = toml::to_string(&Clients { clients: [client] }).ok()?;
    Some(format!("{}\n\n{written}", text.trim_end()))
}

/// A text with an entry that somebody wrote.
pub struct WithEntry {
    pub text: String,
    /// The entry's `client_id`.
    pub code: String,
    /// How many lines of the text are before the entry's first.
    pub lines_before: usize,
    /// The entry has no keys of its own, so the secrets are in it.
    pub takes_secrets: bool,
}

/// SHA-256 in hex of a client's secrets.
pub enum Secrets {
    /// Those that it has already. It keeps them even if it has keys as well.
    Kept(Vec<String>),
    /// A new one, for a client without keys.
    New(String),
}

/// The text with one more client, as described by the keys in `entry`, or with that one in place of the client that it
/// replaces. Where the entry names no secrets, these are added to it.
///
/// # Errors
/// Where the entry is no list of keys.
pub fn with_entry(text: &str, entry: &str, replaces: &str, secrets: Secrets) -> Result<WithEntry, Mistake> {
    let unread = |error: TomlError| no_toml(entry, error.span(), error.message());
    let mut document: DocumentMut = entry.parse().map_err(unread)?;
    if document.iter().any(|(_, item)| !item.is_value()) {
        return Err(mistake(entry, None, "一つのシステムの項目だけを書きます。[ ]の見出しは書きません"));
    }
    let has =
        |key: &str| document.get(key).and_then(|keys| keys.as_array()).is_some_and(|keys| !keys.is_empty());
    let secrets = match secrets {
        Secrets::Kept(hashes) => hashes,
        Secrets::New(_) if has("public_keys") => Vec::new(),
        Secrets::New(hash) => vec![hash],
    };
    let takes_secrets = !has("secret_sha256") && !secrets.is_empty();
    if takes_secrets {
        document["secret_sha256"] = value(secrets.into_iter().collect::<Array>());
    }
    let code = document.get("code").and_then(|code| code.as_str()).unwrap_or_default().to_owned();
    let rest = if replaces.is_empty() { None } else { without_client(text, replaces) };
    let rest = rest.as_deref().unwrap_or(text).trim_end();
    let lines_before = rest.lines().count() + 2;
    Ok(WithEntry { text: format!("{rest}\n\n[[clients]]\n{document}"), code, lines_before, takes_secrets })
}

/// The keys of that client as they are written, without its secrets. `None`: it has no such client.
pub fn entry_of(text: &str, code: &str) -> Option<String> {
    let document: DocumentMut = text.parse().ok()?;
    let clients = document.get("clients")?.as_array_of_tables()?;
    let mut client = clients.get(find(clients, code)?)?.clone();
    client.remove("secret_sha256");
    Some(client.to_string().trim().to_owned())
}

/// The text without that client. `None`: it has no such client.
pub fn without_client(text: &str, code: &str) -> Option<String> {
    edit(text, |clients| {
        let index = find(clients, code)?;
        clients.remove(index);
        Some(())
    })
}

/// The text in which that client may present this secret (SHA-256, hex), and the previous one too if `beside`.
/// `None`: it has no such client.
pub fn with_secret(text: &str, code: &str, hash: &str, beside: bool) -> Option<String> {
    edit(text, |clients| {
        let index = find(clients, code)?;
        let client = clients.get_mut(index)?;
        let former = client.get("secret_sha256").and_then(|hashes| hashes.as_array()?.get(0)?.as_str());
        let hashes: Array = [Some(hash), former.filter(|_| beside)].into_iter().flatten().collect();
        client["secret_sha256"] = value(hashes);
        Some(())
    })
}

fn edit(text: &str, change: impl FnOnce(&mut ArrayOfTables) -> Option<()>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let clients = document.get_mut("clients")?.as_array_of_tables_mut()?;
    change(clients)?;
    if clients.is_empty() {
        document.remove("clients");
    }
    Some(document.to_string())
}

fn find(clients: &ArrayOfTables, code: &str) -> Option<usize> {
    clients.iter().position(|client| client.get("code").and_then(|found| found.as_str()) == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(code: &str) -> Client {
        toml::from_str(&format!(
            "code = \"{code}\"\nname = \"入札\"\nredirect_uris = [\"https://bid.example.jp/cb\"]\n\
             secret_sha256 = [\"aa\"]\nscopes = [\"company\"]\n"
        ))
        .unwrap()
    }

    #[test]
    fn an_entry_is_taken_as_written_and_keeps_the_secrets_of_the_one_that_it_replaces() {
        let text = with_client("name = \"市\"\n", &client("one")).unwrap();
        let entry = "code = \"two\" # 注\nname = \"物品\"\n";
        let new = with_entry(&text, entry, "", Secrets::New("bb".to_owned())).unwrap();
        assert!(new.text.contains(&format!("{entry}secret_sha256 = [\"bb\"]")), "{}", new.text);
        assert_eq!(new.text.lines().nth(new.lines_before), Some("code = \"two\" # 注"));
        assert_eq!(entry_of(&new.text, "two").as_deref(), Some(entry.trim()));
        let keys = "code = \"one\"\npublic_keys = [\"k\"]";
        let kept = with_entry(&new.text, keys, "one", Secrets::Kept(vec!["aa".to_owned()])).unwrap();
        assert!(kept.text.contains("secret_sha256 = [\"aa\"]"), "{}", kept.text);
        let other =
            with_entry(&new.text, &keys.replace("one", "three"), "", Secrets::New("cc".to_owned())).unwrap();
        assert!(!other.takes_secrets && !other.text.contains("\"cc\""), "{}", other.text);
        let replaced =
            with_entry(&new.text, "code = \"one\"\npublic_keys = []", "one", Secrets::Kept(Vec::new()))
                .unwrap();
        assert_eq!(replaced.text.matches("[[clients]]").count(), 2, "{}", replaced.text);
        assert_eq!(entry_of(&replaced.text, "one").as_deref(), Some("code = \"one\"\npublic_keys = []"));
        for (wrong, line) in [("code = \"a\"\nname = ", 2), ("[[clients]]\ncode = \"a\"", 1)] {
            assert_eq!(
                with_entry(&text, wrong, "", Secrets::Kept(Vec::new())).err().unwrap().line,
                line,
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_client_comes_and_goes_and_what_else_stands_there_stays() {
        let before = "# 見出し\nname = \"市\" # 注\n\n[search]\na = 1\n";
        let one = with_client(before, &client("one")).unwrap();
        let two = with_client(&one, &client("two")).unwrap();
        assert!(two.starts_with(before.trim_end()) && two.matches("[[clients]]").count() == 2, "{two}");
        let changed = with_secret(&two, "two", "bb", true).unwrap();
        assert!(changed.contains("secret_sha256 = [\"bb\", \"aa\"]"), "{changed}");
        let changed = with_secret(&changed, "two", "cc", false).unwrap();
        assert!(changed.contains("secret_sha256 = [\"cc\"]"), "{changed}");
        let without = without_client(&changed, "one").unwrap();
        assert!(!without.contains("\"one\"") && without.contains("\"two\""), "{without}");
        assert_eq!(without_client(&without, "one"), None);
        assert_eq!(without_client(&without, "two").unwrap().trim_end(), before.trim_end());
    }
}

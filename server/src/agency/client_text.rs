//! Edits `[[clients]]` in a profile's text: adds one, removes one, or changes its secret, leaving everything else
//! as written.

use serde::Serialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, value};
use touroku_proto::sign_in::Client;

#[derive(Serialize)]
struct Clients<'a> {
    clients: [&'a Client; 1],
}

/// The text with one more client at its end. `None`: it can't be written.
pub fn with_client(text: &str, client: &Client) -> Option<String> {
    let written = toml::to_string(&Clients { clients: [client] }).ok()?;
    Some(format!("{}\n\n{written}", text.trim_end()))
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

//! An officer who takes rosters over.

use serde_json::{Value, json};
use touroku_server::store::RosterRow;

use super::client::{Client, ORIGIN, Reply, TestServer};

/// The audit chain of an agency, oldest first: who did what.
pub fn deeds(server: &TestServer, agency: &str) -> Vec<(String, String)> {
    server.audit(agency).into_iter().map(|(actor, action, _)| (actor, action)).collect()
}

/// What the dry run counted: added, changed, unchanged, missing, wrong, doubtful.
pub fn counts(import: &Value) -> [u64; 6] {
    ["added", "changed", "unchanged", "missing", "wrong", "doubtful"]
        .map(|name| import["found"][name].as_u64().unwrap_or(u64::MAX))
}

/// The whole roster, by number.
pub fn roster(server: &TestServer, agency: &str) -> Vec<String> {
    // All columns but who added the row.
    server.rows(&format!(
        "SELECT number, name, kana, corporate_number, postal_code, address, representative_name, representative_title, \
         phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id, \
         CAST(information_password AS INTEGER), listing_row, listing_kana, listing_name, more, kept \
         FROM roster WHERE agency = '{agency}' ORDER BY number"
    ))
    .into_iter()
    .map(|values| values.join(" | "))
    .collect()
}

pub async fn row(server: &TestServer, number: &str) -> Option<RosterRow> {
    let number = number.to_owned();
    server.app.store.read(move |reader| reader.roster_row("aomori", &number)).await.unwrap()
}

impl Client {
    pub async fn begin_import(&mut self, name: &str, size: usize) -> Reply {
        self.post("/api/officer/imports", json!({"file_name": name, "size": size})).await
    }

    pub async fn piece(&mut self, id: &Value, offset: usize, bytes: &[u8]) -> Reply {
        let headers = [("origin", ORIGIN), ("content-type", "application/octet-stream")];
        let path = format!("/api/officer/imports/{id}/bytes?offset={offset}");
        self.raw("PUT", &path, &headers, bytes.to_vec()).await
    }

    /// Uploads a file in pieces and waits for the result of the dry run.
    pub async fn upload(&mut self, server: &TestServer, bytes: &[u8]) -> Value {
        let begun = self.begin_import("名簿.csv", bytes.len()).await;
        assert_eq!(begun.code(), "", "{begun:?}");
        let id = begun.json()["id"].clone();
        for (index, piece) in bytes.chunks(1 << 20).enumerate() {
            let reply = self.piece(&id, index << 20, piece).await;
            assert_eq!(reply.code(), "", "{reply:?}");
        }
        self.import_after(server, &id).await
    }

    /// The import, when nothing is running any more.
    pub async fn import_after(&mut self, server: &TestServer, id: &Value) -> Value {
        server.app.imports.wait();
        self.get(&format!("/api/officer/imports/{id}")).await.json()
    }

    pub async fn take(&mut self, id: &Value, request: Value) -> Reply {
        self.post(&format!("/api/officer/imports/{id}/take"), request).await
    }

    /// Takes an import over and waits for its end.
    pub async fn taken(&mut self, server: &TestServer, id: &Value, request: Value) -> Value {
        let reply = self.take(id, request).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        self.import_after(server, id).await
    }

    pub async fn undo(&mut self, id: &Value) -> Reply {
        self.post(&format!("/api/officer/imports/{id}/undo"), json!({})).await
    }

    pub async fn import_rows(&mut self, id: &Value, kind: &str) -> Vec<Value> {
        let reply = self.get(&format!("/api/officer/imports/{id}/rows?kind={kind}")).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        reply.json()["rows"].as_array().unwrap().clone()
    }
}

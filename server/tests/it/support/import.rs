//! An officer who takes rosters over.

use rusqlite::Connection;
use serde_json::{Value, json};
use touroku_server::store::RosterRow;

use super::client::{Client, ORIGIN, Reply, TestServer};

/// The database, for what no API does: inspecting it, or leaving it as a crash does.
pub fn open(server: &TestServer) -> Connection {
    let connection = Connection::open(server.folder.path().join("touroku.db")).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    connection
}

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
    let database = open(server);
    let mut statement = database.prepare("SELECT * FROM roster WHERE agency = ? ORDER BY number").unwrap();
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let rows = statement
        .query_map([agency], |row| {
            let values = names.iter().enumerate().filter(|(_, name)| *name != "added_by");
            let values: Vec<String> =
                values.map(|(index, _)| format!("{:?}", row.get_ref(index).unwrap())).collect();
            Ok(values.join(" | "))
        })
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
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

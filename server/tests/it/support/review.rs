//! Officers who are signed in.

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use touroku_proto::officer::OFFICER_COOKIE;

use super::client::{Client, Reply, TestServer};

impl TestServer {
    /// A browser in which that officer is signed in.
    pub fn officer(&self, agency: &str, login_id: &str, role: &str) -> Client {
        let database = Connection::open(self.folder.path().join("touroku.db")).unwrap();
        let key: [u8; 32] = Sha256::digest(format!("{agency}/{login_id}")).into();
        let id: [u8; 32] = Sha256::digest(key).into();
        database
            .execute(
                "INSERT INTO officer (agency, login_id, name, role, created_at) VALUES (?, ?, '職員', ?, 0)",
                params![agency, login_id, role],
            )
            .unwrap();
        database
            .execute(
                "INSERT INTO officer_session (id, public_id, officer, address, began_at, seen_at, expires_at) \
                 VALUES (?, ?, last_insert_rowid(), '', 0, 0, ?)",
                params![id, hex::encode(id), i64::MAX],
            )
            .unwrap();
        let mut client = self.client();
        client.cookie = Some(format!("{OFFICER_COOKIE}={}", hex::encode(key)));
        client
    }

    /// The audit chain of an agency, oldest first: actor, action, subject.
    pub fn audit(&self, agency: &str) -> Vec<(String, String, String)> {
        let database = Connection::open(self.folder.path().join("touroku.db")).unwrap();
        let mut statement = database
            .prepare("SELECT actor, action, subject FROM audit WHERE agency = ? ORDER BY sequence")
            .unwrap();
        let rows = statement.query_map([agency], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

impl Client {
    pub async fn queue(&mut self, state: &str) -> Value {
        let reply = self.get(&format!("/api/officer/applications?state={state}")).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        reply.json()
    }

    pub async fn look(&mut self, kind: &str, id: &Value) -> Reply {
        self.get(&format!("/api/officer/applications/{kind}/{id}")).await
    }

    pub async fn decide(&mut self, kind: &str, id: &Value, revision: &Value, reason: Option<&str>) -> Reply {
        let mut body = json!({"revision": revision, "approve": reason.is_none()});
        if let Some(reason) = reason {
            body["reason"] = reason.into();
        }
        self.post(&format!("/api/officer/applications/{kind}/{id}/decision"), body).await
    }

    /// Views the application and decides.
    pub async fn look_and_decide(&mut self, kind: &str, id: &Value, reason: Option<&str>) -> Reply {
        let seen = self.look(kind, id).await.json();
        self.decide(kind, id, &seen["revision"], reason).await
    }
}

pub fn row<'v>(detail: &'v Value, label: &str) -> &'v Value {
    let rows = detail["rows"].as_array().unwrap();
    rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("{label} is not in {detail:#}"))
}

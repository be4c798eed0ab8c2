//! Officers who are signed in.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use touroku_proto::officer::OFFICER_COOKIE;

use super::{
    client::{Client, Reply, TestServer},
    engine::blob,
};

impl TestServer {
    /// A browser in which that officer is signed in.
    pub fn officer(&self, agency: &str, login_id: &str, role: &str) -> Client {
        let key: [u8; 32] = Sha256::digest(format!("{agency}/{login_id}")).into();
        let id: [u8; 32] = Sha256::digest(key).into();
        self.by_hand(&format!(
            "INSERT INTO officer (agency, login_id, name, role, created_at) \
             VALUES ('{agency}', '{login_id}', '職員', '{role}', 0); \
             INSERT INTO officer_session (id, public_id, officer, address, began_at, seen_at, expires_at) \
             SELECT {}, '{}', max(id), '', 0, 0, {} FROM officer",
            blob(&id),
            hex::encode(id),
            i64::MAX
        ));
        let mut client = self.client();
        client.cookie = Some(format!("{OFFICER_COOKIE}={}", hex::encode(key)));
        client
    }

    /// The audit chain of an agency, oldest first: actor, action, subject.
    pub fn audit(&self, agency: &str) -> Vec<(String, String, String)> {
        let entries =
            format!("SELECT actor, action, subject FROM audit WHERE agency = '{agency}' ORDER BY sequence");
        let entry = |row: Vec<String>| <[String; 3]>::try_from(row).unwrap().into();
        self.rows(&entries).into_iter().map(entry).collect()
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

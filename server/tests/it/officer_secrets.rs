//! What neither the database nor the log may reveal.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use data_encoding::BASE32_NOPAD;
use serde_json::json;
use touroku_proto::officer::Role;
use tracing_subscriber::filter::LevelFilter;

use crate::support::{
    client::TestServer,
    engine::is_sqlite,
    officer::{Officer, PASSWORD, add, token_of},
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_database_nor_log_holds_a_password_a_secret_a_link_or_a_cookie() {
    if !is_sqlite() {
        return;
    }
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();

    let server = TestServer::start();
    let open_link = add(&server, "aomori", "suzuki", Role::View).await;
    let mut officer = Officer::new(&server, "aomori", Role::Manage).await;
    assert_eq!(officer.log_in(&server).await.code(), "");
    let mistyped = json!({"agency": "aomori", "login_id": "my secret in the wrong field", "password": "a wrong password", "code": "123456"});
    let mut stranger = server.client();
    stranger.post("/api/officer/login", mistyped).await;
    stranger.post("/api/officer/setup/begin", json!({"token": token_of(&open_link)})).await;
    // One whose mail still waits.
    let new = json!({"login_id": "waiting", "name": "職員", "role": "view", "email": "waiting@officers.example.jp"});
    assert_eq!(officer.post("/api/officer/officers", new).await.code(), "");
    let code = officer.authenticator.code(&server);
    server.app.store.close();

    let mut kept = Vec::new();
    for file in ["touroku.db", "touroku.db-wal"] {
        kept.extend(std::fs::read(server.folder.path().join(file)).unwrap_or_default());
    }
    let said = log.0.lock().unwrap().clone();
    assert!(
        holds(&kept, b"officer_added")
            && holds(&kept, officer.login_id.as_bytes())
            && holds(&kept, b"waiting@officers.example.jp"),
        "what is looked through"
    );
    assert!(holds(&said, b"/officer/login"), "{}", String::from_utf8_lossy(&said));

    let secret = &officer.authenticator.0;
    let cookie = officer.client.cookie.clone().unwrap();
    let key = cookie.split_once('=').unwrap().1;
    let token = token_of(&open_link);
    for (what, bytes) in [
        ("password", PASSWORD.as_bytes().to_vec()),
        ("a wrong password", b"a wrong password".to_vec()),
        ("what was typed as an ID", b"my secret in the wrong field".to_vec()),
        ("secret", secret.clone()),
        ("secret in Base32", BASE32_NOPAD.encode(secret).into_bytes()),
        ("secret in hex", hex::encode(secret).into_bytes()),
        ("link", token.as_bytes().to_vec()),
        ("beginning of a link", b"#setup=".to_vec()),
        ("link's bytes", hex::decode(token).unwrap()),
        ("cookie", key.as_bytes().to_vec()),
        ("cookie's bytes", hex::decode(key).unwrap()),
        ("the server's key", vec![7; 32]),
    ] {
        assert!(!holds(&kept, &bytes), "the database holds the {what}");
        assert!(!holds(&said, &bytes), "the log holds the {what}");
    }
    let line = String::from_utf8_lossy(&said);
    assert!(!line.lines().any(|line| line.contains(&format!(" {code} "))), "the log holds a code");
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

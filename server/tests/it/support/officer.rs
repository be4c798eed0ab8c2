//! An officer at their browser, with their authenticator.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};
use serde_json::{Value, json};
use touroku_proto::officer::{AddOfficer, Role};
use touroku_server::{
    mail::open_body,
    officer::account::{self, By, Handed, Links},
};

use super::client::{Client, Reply, TestServer};

pub const PASSWORD: &str = "correct horse battery staple";

/// How long an authenticator's code stays the same, in milliseconds.
pub const STEP: i64 = 30_000;

static NEXT: AtomicUsize = AtomicUsize::new(1);

/// An officer who is signed in.
pub struct Officer {
    pub client: Client,
    pub agency: String,
    pub login_id: String,
    pub authenticator: Authenticator,
}

/// The secret in an officer's phone.
#[derive(Clone)]
pub struct Authenticator(pub Vec<u8>);

impl Officer {
    /// A new account of that agency, set up through its link, and so signed in.
    pub async fn new(server: &TestServer, agency: &str, role: Role) -> Self {
        let login_id = format!("officer-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let link = add(server, agency, &login_id, role).await;
        let mut client = server.client();
        let token = token_of(&link);
        let setup = client.post("/api/officer/setup/begin", json!({"token": token})).await;
        let authenticator = Authenticator::of(&setup);
        let code = authenticator.code(server);
        let finish = json!({"token": token, "password": PASSWORD, "code": code});
        let reply = client.post("/api/officer/setup", finish).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        Self { client, agency: agency.to_owned(), login_id, authenticator }
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.client.get(path).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.client.post(path, body).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Reply {
        self.client.send("PUT", path, body).await
    }

    pub async fn delete(&mut self, path: &str) -> Reply {
        self.client.send("DELETE", path, Value::Null).await
    }

    /// Signs in again, half a minute later: a code works once.
    pub async fn log_in(&mut self, server: &TestServer) -> Reply {
        server.wait(STEP);
        let code = self.authenticator.code(server);
        self.try_to_log_in(PASSWORD, &code).await
    }

    pub async fn try_to_log_in(&mut self, password: &str, code: &str) -> Reply {
        let login =
            json!({"agency": self.agency, "login_id": self.login_id, "password": password, "code": code});
        self.client.post("/api/officer/login", login).await
    }
}

impl Authenticator {
    /// Reads the secret from an answer to `setup/begin`, as typed into a phone.
    pub fn of(setup: &Reply) -> Self {
        let typed = setup.json()["secret"].as_str().unwrap_or_else(|| panic!("{setup:?}")).replace(' ', "");
        let mut bits = 0_u64;
        let mut secret = Vec::new();
        for (index, c) in typed.bytes().enumerate() {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            bits = bits << 5 | u64::try_from(alphabet.iter().position(|&a| a == c).unwrap()).unwrap();
            if index % 8 == 7 {
                secret.extend_from_slice(&bits.to_be_bytes()[3..]);
            }
        }
        Self(secret)
    }

    /// Its code at the server's time (RFC 6238).
    pub fn code(&self, server: &TestServer) -> String {
        let step = server.now.load(Ordering::SeqCst) / STEP;
        let key = PKey::hmac(&self.0).unwrap();
        let mut signer = Signer::new(MessageDigest::sha1(), &key).unwrap();
        let hash = signer.sign_oneshot_to_vec(&step.to_be_bytes()).unwrap();
        let at = usize::from(hash[19] & 15);
        let bits = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", bits % 1_000_000)
    }
}

/// Creates an account as the command line does; returns the link in the officer's mail.
pub async fn add(server: &TestServer, agency: &str, login_id: &str, role: Role) -> String {
    let email = format!("{login_id}@officers.example.jp");
    let request =
        AddOfficer {
            login_id: login_id.to_owned(), name: "試験職員".to_owned(), role, email: email.clone()
        };
    let (app, agency) = (Arc::clone(&server.app), agency.to_owned());
    let made = server.app.store.write(move |writer| {
        let profile = app.agencies.profile(&agency)?;
        let links = Links { key: &app.key, outside: &app.outside, origin: &app.settings.origin, profile };
        account::add(writer, &links, &By::Command(&agency), &request)
    });
    assert!(matches!(made.await.unwrap(), Handed::Mailed(_)));
    mailed_link(server, &email).await
}

/// The link in the only mail waiting for that address. All its other notices to officers are gone with it.
pub async fn mailed_link(server: &TestServer, email: &str) -> String {
    let mails = server.app.store.read(|reader| reader.due_mails(i64::MAX, 1000)).await.unwrap();
    let mut links = Vec::new();
    for queued in mails.into_iter().filter(|queued| queued.mail.recipient.ends_with("@officers.example.jp")) {
        let (id, mail) = (queued.id, queued.mail);
        if mail.recipient == email {
            let body = open_body(&mail, &server.app.key).unwrap();
            links.extend(body.split_whitespace().find(|word| word.contains("#setup=")).map(str::to_owned));
        }
        server.app.store.write(move |writer| writer.mail_sent(id, 0)).await.unwrap();
    }
    links.pop().unwrap_or_else(|| panic!("no link for {email}"))
}

/// What a link holds.
pub fn token_of(url: &str) -> &str {
    url.split_once("/officer.html#setup=").unwrap_or_else(|| panic!("{url}")).1
}

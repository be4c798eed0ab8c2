//! A contractor without a browser: a session, and a card that signs.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    sign::Signer,
};
use reqwest::{StatusCode, Url, cookie::CookieStore, header::HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use touroku_proto::{
    api::{Challenge, SessionView},
    token::Token,
};

use crate::{
    ca::IssuedCard,
    harness::{roster, walk},
};

pub struct Person {
    client: reqwest::Client,
    origin: String,
}

/// What the server said, whatever it was.
pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

impl Answer {
    /// The error's code, if it is one of the API's.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Person {
    /// Somebody with a browser that has been nowhere yet.
    pub fn new(origin: &str) -> Result<Self> {
        // The cookie is Secure; over plain HTTP a cookie jar would withhold it, so `Jar` carries it by hand, as
        // browsers do for localhost.
        let client = reqwest::Client::builder().cookie_provider(Arc::new(Jar::default())).build()?;
        Ok(Self { client, origin: origin.to_owned() })
    }

    /// … who has chosen 物品、役務 of `aomori`.
    pub async fn arrive(origin: &str) -> Result<Self> {
        let person = Self::new(origin)?;
        let _: SessionView = person.post("/api/session", &entry()).await?;
        Ok(person)
    }

    pub async fn log_in(&self, card: &IssuedCard, purpose: &str) -> Result<()> {
        let challenge: Challenge = self.post("/api/challenge", &json!({ "purpose": purpose })).await?;
        let _: SessionView = self.post("/api/login", &self.proof(card, &challenge, purpose)?).await?;
        Ok(())
    }

    /// From the login to 完了, as the roster's company at that position. Returns 企業ID.
    pub async fn register(&self, card: &IssuedCard, index: usize) -> Result<String> {
        self.log_in(card, "register").await?;
        let company = roster::company(index);
        let search = json!({ "number": company.number, "name": company.name });
        let _: SessionView = self.post("/api/company/search", &search).await?;
        let view: SessionView = self.post("/api/registration", &registration(index)).await?;
        Ok(view.completed.context("登録 without 完了")?.company_id)
    }

    /// The body of a login.
    pub fn proof(&self, card: &IssuedCard, challenge: &Challenge, purpose: &str) -> Result<Value> {
        let token = sign(card, &self.origin, challenge.nonce.as_str())?;
        Ok(json!({ "token": token, "purpose": purpose }))
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let answer = self.send(path, body).await?;
        let said = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status.is_success(), "{path}: {} {said}", answer.status);
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// An error only where no whole answer came.
    pub async fn send(&self, path: &str, body: &impl Serialize) -> reqwest::Result<Answer> {
        let url = format!("{}{path}", self.origin);
        let response = self.client.post(url).header("Origin", &self.origin).json(body).send().await?;
        Ok(Answer { status: response.status(), body: response.bytes().await?.to_vec() })
    }
}

/// The body of a new session.
pub fn entry() -> Value {
    json!({ "agency": "aomori", "category": "goods" })
}

/// The body of 登録, the same whenever the roster's company at that position sends it.
pub fn registration(index: usize) -> Value {
    let typed = walk::REPRESENTATIVE.into_iter().chain(walk::CARD);
    let values: Map<String, Value> =
        typed.map(|(field, value)| (field.as_str().to_owned(), value.into())).collect();
    json!({ "submission": format!("00000000-0000-4000-8000-{index:012}"), "values": values })
}

/// What a card signs the hash of: Web eID's hashes of origin and nonce.
fn signed(origin: &str, nonce: &str) -> Result<Vec<u8>> {
    let digest = |text: &str| hash(MessageDigest::sha256(), text.as_bytes());
    Ok([digest(origin)?.as_ref(), digest(nonce)?.as_ref()].concat())
}

/// That hash.
pub fn signed_digest(origin: &str, nonce: &str) -> Result<Vec<u8>> {
    Ok(hash(MessageDigest::sha256(), &signed(origin, nonce)?)?.to_vec())
}

fn sign(card: &IssuedCard, origin: &str, nonce: &str) -> Result<Token> {
    let mut signature =
        Signer::new(MessageDigest::sha256(), &card.key)?.sign_oneshot_to_vec(&signed(origin, nonce)?)?;
    let mut algorithm = "RS256";
    if card.key.ec_key().is_ok() {
        let numbers = EcdsaSig::from_der(&signature)?;
        signature = [numbers.r().to_vec_padded(32)?, numbers.s().to_vec_padded(32)?].concat();
        algorithm = "ES256";
    }
    Ok(Token {
        unverified_certificate: STANDARD.encode(&card.certificate),
        algorithm: algorithm.into(),
        signature: STANDARD.encode(signature),
        format: "web-eid:1.0".into(),
        app_version: String::new(),
    })
}

/// The one cookie that the server sets.
#[derive(Default)]
struct Jar(Mutex<Option<HeaderValue>>);

impl CookieStore for Jar {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, _: &Url) {
        for header in headers {
            let pair = header.to_str().ok().and_then(|text| text.split(';').next());
            let pair = pair.and_then(|pair| HeaderValue::from_str(pair).ok());
            *self.0.lock().expect("no thread panics while it holds the cookie") = pair;
        }
    }

    fn cookies(&self, _: &Url) -> Option<HeaderValue> {
        self.0.lock().expect("no thread panics while it holds the cookie").clone()
    }
}

//! A bidding system as seen by the server: an OpenID Connect client, and browsers that it sends.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openidconnect::url::{Url, form_urlencoded};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use touroku_proto::sign_in::Client as Registered;
use touroku_server::agency::with_client;

use super::{
    authority::Card,
    client::{Client, ORIGIN, Reply, TestServer},
};

pub const AGENCY: &str = "aomori";
pub const CALLBACK: &str = "https://bid.example.jp/callback?lane=1";
pub const SECRET: &str = "a secret & long: 0123456789";
/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client as a profile has it; `more` overrides.
pub fn registered(more: Value) -> Registered {
    let mut client = json!({
        "code": "bidding",
        "name": "電子入札システム",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": ["https://bid.example.jp/bye"],
        "secret_sha256": [hex::encode(Sha256::digest(SECRET))],
        "scopes": ["company", "card", "contacts"],
    });
    for (key, value) in more.as_object().unwrap() {
        client[key] = value.clone();
    }
    serde_json::from_value(client).unwrap()
}

impl TestServer {
    /// The same with these clients.
    pub fn with_clients(self, agency: &str, clients: &[Registered]) -> Self {
        let path = self.folder.path().join(format!("agencies/{agency}.toml"));
        let mut text = std::fs::read_to_string(&path).unwrap();
        for client in clients {
            text = with_client(&text, client).unwrap();
        }
        std::fs::write(&path, text).unwrap();
        self.restart()
    }

    /// A server with one client.
    pub fn with_client(more: Value) -> Self {
        Self::start().with_clients(AGENCY, &[registered(more)])
    }
}

/// Parameters added to those of a valid request; an empty value removes one.
pub fn query(over: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("client_id", "bidding"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid company card contacts certificate unknown"),
        ("state", "its state"),
        ("nonce", "its nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    put(&mut all, over);
    form(&all)
}

fn put<'a>(all: &mut Vec<(&'a str, &'a str)>, over: &[(&'a str, &'a str)]) {
    for &(name, value) in over {
        all.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            all.push((name, value));
        }
    }
}

pub fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The parameters of a URL.
pub fn answered(location: &str) -> Vec<(String, String)> {
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

pub fn parameter(location: &str, name: &str) -> String {
    answered(location)
        .into_iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
        .unwrap_or_default()
}

pub fn basic(code: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(code), encode(secret))))
}

impl Client {
    /// The bidding system sends the browser here.
    pub async fn authorize(&mut self, query: &str) -> Reply {
        self.raw("GET", &format!("/oidc/{AGENCY}/authorize?{query}"), &[], "").await
    }

    /// The same; returns the sign-in's id.
    pub async fn begin_sign_in(&mut self, query: &str) -> String {
        let reply = self.authorize(query).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        let id = reply.header("location").strip_prefix("/aomori#sign-in=");
        id.unwrap_or_else(|| panic!("{reply:?}")).to_owned()
    }

    /// The page finishes a sign-in; returns where the browser goes.
    pub async fn finish(&mut self, id: &str) -> String {
        let reply = self.post("/api/sign-in", json!({"id": id})).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        reply.json()["location"].as_str().unwrap().to_owned()
    }

    /// From the bidding system through the login and back to it, with a registered card.
    pub async fn sign_in(&mut self, card: &Card, query: &str) -> String {
        let id = self.begin_sign_in(query).await;
        self.log_in(card, "bid").await;
        self.finish(&id).await
    }

    /// A request that a client's server sends.
    pub async fn call(&mut self, path: &str, authorization: &str, body: String) -> Reply {
        self.call_at(AGENCY, path, authorization, body).await
    }

    /// The same at that agency.
    pub async fn call_at(&mut self, agency: &str, path: &str, authorization: &str, body: String) -> Reply {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        if !authorization.is_empty() {
            headers.push(("authorization", authorization));
        }
        self.raw("POST", &format!("/oidc/{agency}/{path}"), &headers, body).await
    }

    /// The client redeems a code; `over` as for [`query`].
    pub async fn redeem(&mut self, code: &str, over: &[(&str, &str)]) -> Reply {
        self.redeem_by(AGENCY, &basic("bidding", SECRET), code, over).await
    }

    /// The same at that agency, with that proof.
    pub async fn redeem_by(
        &mut self,
        agency: &str,
        authorization: &str,
        code: &str,
        over: &[(&str, &str)],
    ) -> Reply {
        let mut all = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        put(&mut all, over);
        self.call_at(agency, "token", authorization, form(&all)).await
    }

    pub async fn user_info(&mut self, token: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        self.raw("GET", &format!("/oidc/{AGENCY}/userinfo"), &[("authorization", &bearer)], "").await
    }
}

/// The error code that a refused client receives.
pub fn error(reply: &Reply) -> String {
    reply.json()["error"].as_str().unwrap_or_default().to_owned()
}

/// The claims of an ID token, unverified.
pub fn claims(tokens: &Reply) -> Value {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let token = tokens.json()["id_token"].as_str().unwrap_or_else(|| panic!("{tokens:?}")).to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// The origin's issuer.
pub fn issuer() -> String {
    format!("{ORIGIN}/oidc/{AGENCY}")
}

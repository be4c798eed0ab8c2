//! Every route of the server and who may call it. A new route gets a row here, or in the officers' table.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};
use touroku_server::http::limits::Limits;

use crate::{
    officer_routes,
    support::client::{Client, TestServer},
};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Everybody.
    Anybody,
    /// Anybody with a session, which everybody may begin.
    Session,
    /// A session in which a company's card or ID, a link or a password has proved something; with the refusal for
    /// a session that has proved nothing.
    Proved(&'static str),
    /// Without a session, with the secret of a mailed link.
    Link,
}
use Who::{Anybody, Link, Proved, Session};

/// Method and path under `/api`; a body as its page sends it.
fn routes() -> Vec<(&'static str, &'static str, Who, Value)> {
    let submission = "6a0c0c3a-31f1-4ad7-9b61-0d3d6fb7a0f1";
    let change = json!({"submission": submission, "revision": 0, "values": {}});
    let values = json!({"submission": submission, "values": {}});
    let login = json!({"token": {}, "purpose": "bid"});
    let change_account =
        json!({"submission": submission, "revision": 0, "current_password": "x", "values": {}});
    let link = json!({"token": "00"});
    let forgotten = json!({"agency": "aomori", "login_id": "x", "email": "x@example.jp"});
    vec![
        ("GET", "/portal", Anybody, Value::Null),
        ("GET", "/clock", Anybody, Value::Null),
        ("GET", "/agencies/{code}", Anybody, Value::Null),
        ("GET", "/portals/{code}", Anybody, Value::Null),
        ("GET", "/agencies/{code}/hours", Anybody, Value::Null),
        ("GET", "/agencies/{code}/companies", Anybody, Value::Null),
        ("GET", "/postal/{code}", Anybody, Value::Null),
        ("POST", "/session", Anybody, json!({"agency": "aomori", "category": "goods"})),
        ("POST", "/account/forgotten", Anybody, forgotten),
        ("POST", "/account/result", Link, link.clone()),
        ("POST", "/account/password", Link, json!({"token": "00", "password": "ne7u4k1z"})),
        ("POST", "/mail/confirmation", Link, link),
        ("GET", "/session", Session, Value::Null),
        ("POST", "/challenge", Session, json!({"purpose": "bid"})),
        ("POST", "/login", Proved("token_malformed"), login),
        ("POST", "/company/search", Proved("card_not_presented"), json!({"number": "1", "name": "x"})),
        ("PUT", "/draft", Proved("card_not_presented"), json!({"values": {}})),
        ("POST", "/registration", Proved("card_not_presented"), values.clone()),
        ("POST", "/registration/signature", Proved("card_not_presented"), values.clone()),
        ("POST", "/change", Proved("card_not_presented"), change.clone()),
        ("POST", "/change/signature", Proved("card_not_presented"), change),
        ("POST", "/renewal", Proved("card_not_presented"), json!({"submission": submission})),
        ("POST", "/renewal/signature", Proved("card_not_presented"), json!({"submission": submission})),
        ("GET", "/receipt/{file}", Proved("not_found"), Value::Null),
        ("GET", "/status", Proved("card_not_presented"), Value::Null),
        ("POST", "/status/stop", Proved("card_not_presented"), json!({"card": 1})),
        ("POST", "/mail/question", Proved("not_found"), Value::Null),
        ("POST", "/application/withdrawal", Proved("card_not_presented"), json!({})),
        ("POST", "/account/application", Proved("way_not_allowed"), values),
        ("POST", "/account/proof", Proved("way_not_allowed"), json!({"login_id": "x", "password": "x"})),
        (
            "POST",
            "/account/login",
            Proved("way_not_allowed"),
            json!({"login_id": "x", "password": "x", "purpose": "bid"}),
        ),
        ("POST", "/account/change", Proved("session_missing"), change_account),
        // Last: it ends what the others need.
        ("DELETE", "/session", Session, Value::Null),
    ]
}

/// What bidding systems and the browsers they send request: each proves itself by OpenID Connect's own means, see
/// its tests.
const SIGN_IN: [&str; 12] = [
    "GET /oidc/{agency}/.well-known/openid-configuration",
    "GET /oidc/{agency}/jwks",
    "GET /oidc/{agency}/authorize",
    "POST /oidc/{agency}/authorize",
    "POST /oidc/{agency}/par",
    "POST /oidc/{agency}/token",
    "GET /oidc/{agency}/userinfo",
    "POST /oidc/{agency}/userinfo",
    "GET /oidc/{agency}/logout",
    "POST /oidc/{agency}/logout",
    "GET /api/sign-in",
    "POST /api/sign-in",
];

async fn ask(client: &mut Client, method: &str, path: &str, body: &Value) -> String {
    let path = path
        .replace("/postal/{code}", "/postal/0300801")
        .replace("{code}", "aomori")
        .replace("{file}", "document");
    client.send(method, &format!("/api{path}"), body.clone()).await.code()
}

#[tokio::test]
async fn every_route_is_open_to_those_that_the_table_names_and_to_nobody_else() {
    let server = TestServer::start_with(Limits::default(), "");
    let mut begun = server.client();
    begun.begin().await;
    for (method, path, who, body) in routes() {
        // A made-up cookie is not a session.
        for cookie in [None, Some(format!("__Host-touroku={}", "0".repeat(64)))] {
            let mut nobody = Client { cookie, ..server.client() };
            let code = ask(&mut nobody, method, path, &body).await;
            match who {
                Anybody => assert_ne!(code, "session_missing", "{method} {path}"),
                Link => assert_eq!(code, "link_invalid", "{method} {path}"),
                Session | Proved(_) => assert_eq!(code, "session_missing", "{method} {path}"),
            }
        }
        let code = ask(&mut begun, method, path, &body).await;
        match who {
            Anybody | Session => assert!(code.is_empty() || code == "not_found", "{method} {path}: {code}"),
            Link => assert_eq!(code, "link_invalid", "{method} {path}"),
            Proved(refusal) => assert_eq!(code, refusal, "{method} {path}"),
        }
    }
}

#[test]
fn every_route_of_the_source_stands_in_a_table_with_its_methods() {
    let public = routes().into_iter().map(|(method, path, ..)| format!("{method} /api{path}"));
    let officers =
        officer_routes::ROUTES.iter().map(|(method, path, _)| format!("{method} /api/officer{path}"));
    // What load balancers and monitoring request: no personal data, and metrics on a separate listener.
    let machines = ["GET /healthz", "GET /readyz", "GET /metrics"].map(str::to_owned);
    let known: BTreeSet<String> =
        public.chain(officers).chain(machines).chain(SIGN_IN.map(str::to_owned)).collect();
    assert_eq!(in_source(), known);
}

fn in_source() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut found = BTreeSet::new();
    for (folder, prefix) in [(folder.clone(), "/api"), (folder.join("officer"), "/api/officer")] {
        for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if file.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(file).unwrap();
            // Not what tests in the source build.
            let text = text.split("#[cfg(test)]").next().unwrap();
            for route in text.split(".route(").skip(1) {
                let (path, rest) = route.split_once("\",").unwrap();
                let path = path.rsplit('"').next().unwrap();
                let methods = rest.split("\n}").next().unwrap();
                let prefix = match path {
                    "/healthz" | "/readyz" | "/metrics" => "",
                    path if path.starts_with("/{agency}/") => "/oidc",
                    _ => prefix,
                };
                for (call, method) in [
                    ("get(", "GET"),
                    ("post(", "POST"),
                    ("put(", "PUT"),
                    ("delete(", "DELETE"),
                    ("any(", "ANY"),
                ] {
                    let begins = |(at, _): (usize, &str)| {
                        !methods[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                    };
                    if methods.match_indices(call).any(begins) {
                        found.insert(format!("{method} {prefix}{path}"));
                    }
                }
            }
        }
    }
    found
}

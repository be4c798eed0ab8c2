//! Every route of the server and who may call it. What the pages call is declared in proto with its callers; here
//! each of them tries.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use touroku_proto::endpoint::{Method, Who};
use touroku_server::http::limits::Limits;

use crate::support::{
    calls::{self, Known},
    client::{Client, TestServer},
};

/// The body of a contractor's call, as its page sends it.
fn body(call: &Known) -> Value {
    let submission = "6a0c0c3a-31f1-4ad7-9b61-0d3d6fb7a0f1";
    match call.name {
        "StartSession" => json!({"agency": "aomori", "category": "goods"}),
        "Challenge" => json!({"purpose": "bid"}),
        "Login" => json!({"token": {}, "purpose": "bid"}),
        "SearchCompany" => json!({"number": "1", "name": "x"}),
        "SaveDraft" => json!({"values": {}}),
        "Register" | "PrepareRegistration" | "Apply" => json!({"submission": submission, "values": {}}),
        "Change" | "PrepareChange" => json!({"submission": submission, "revision": 0, "values": {}}),
        "Renew" | "PrepareRenewal" => json!({"submission": submission}),
        "Withdraw" | "InformationPassword" => json!({}),
        "StopOther" => json!({"card": 1}),
        "AccountLogin" => json!({"login_id": "x", "password": "x", "purpose": "bid"}),
        "ProveApplication" => json!({"login_id": "x", "password": "x"}),
        "ChangeAccount" => {
            json!({"submission": submission, "revision": 0, "current_password": "x", "values": {}})
        }
        "ForgottenPassword" => json!({"agency": "aomori", "login_id": "x", "email": "x@example.jp"}),
        "OpenApplication" | "ConfirmAddress" => json!({"token": "00"}),
        "ResetPassword" => json!({"token": "00", "password": "ne7u4k1z"}),
        "EndSignIn" => json!({"id": "0"}),
        name => {
            assert!(matches!(call.method, Method::GET | Method::DELETE) || name == "AskAgain", "{name}");
            Value::Null
        }
    }
}

/// The refusal for a session that has proved nothing.
fn refusal(call: &Known) -> &'static str {
    match call.name {
        "Login" => "token_malformed",
        "ReceiptOfSession" | "AskAgain" => "not_found",
        "Apply" | "ProveApplication" | "AccountLogin" => "way_not_allowed",
        "ChangeAccount" => "session_missing",
        _ => "card_not_presented",
    }
}

async fn ask(client: &mut Client, call: &Known) -> String {
    let path =
        call.path.replace("{digits}", "0300801").replace("{code}", "aomori").replace("{file}", "document");
    let query = if call.name == "SignIn" { "?id=0" } else { "" };
    client.send(call.method.as_str(), &format!("{path}{query}"), body(call)).await.code()
}

#[tokio::test]
async fn every_call_is_open_to_those_that_it_names_and_to_nobody_else() {
    let server = TestServer::start_with(Limits::default(), "");
    let mut begun = server.client();
    begun.begin().await;
    for call in calls::all().iter().filter(|call| !call.is_officers()) {
        let name = call.name;
        // A made-up cookie is not a session.
        for cookie in [None, Some(format!("__Host-touroku={}", "0".repeat(64)))] {
            let mut nobody = Client { cookie, ..server.client() };
            let code = ask(&mut nobody, call).await;
            match call.who {
                Who::Anybody => assert_ne!(code, "session_missing", "{name}"),
                Who::Link => assert_eq!(code, "link_invalid", "{name}"),
                Who::SignIn => assert_eq!(code, "not_found", "{name}"),
                Who::Session | Who::Proved => assert_eq!(code, "session_missing", "{name}"),
                Who::Officer(_) => panic!("{name} is an officer's"),
            }
        }
        let code = ask(&mut begun, call).await;
        match call.who {
            Who::Anybody | Who::Session => {
                assert!(code.is_empty() || code == "not_found", "{name}: {code}");
            }
            Who::Proved => assert_eq!(code, refusal(call), "{name}"),
            _ => assert!(!code.is_empty(), "{name}"),
        }
    }
}

/// What bidding systems and the browsers they send request: each proves itself by OpenID Connect's own means, see
/// its tests; the feed likewise. And what load balancers and monitoring request: no personal data, and metrics on a separate listener.
const OTHERS: [&str; 11] = [
    "/{agency}/.well-known/openid-configuration",
    "/{agency}/jwks",
    "/{agency}/authorize",
    "/{agency}/par",
    "/{agency}/token",
    "/{agency}/userinfo",
    "/{agency}/logout",
    "/healthz",
    "/readyz",
    "/metrics",
    "/v1/events",
];

#[test]
fn every_call_that_is_declared_is_served_and_there_is_no_other_route() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let (mut served, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (folder, is_officers) in [(folder.clone(), false), (folder.join("officer"), true)] {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        for file in files.filter(|file| file.is_file()) {
            let text = fs::read_to_string(file).unwrap();
            // Not what tests in the source build.
            let text = text.split("#[cfg(test)]").next().unwrap();
            for call in text.split(".call::<calls::").skip(1) {
                assert!(served.insert((is_officers, call.split_once('>').unwrap().0.to_owned())));
            }
            for route in text.split(".route(\"").skip(1) {
                others.insert(route.split_once('"').unwrap().0.to_owned());
            }
        }
    }
    let declared = calls::all().iter().map(|call| (call.is_officers(), call.name.to_owned())).collect();
    assert_eq!(served, declared);
    assert_eq!(others, BTreeSet::from(OTHERS.map(str::to_owned)));
}

//! Every route of the officers' API: who may use it, and that nobody reaches another agency's data.
//!
//! The roles are declared in proto. A call that names something gets a row in the other agency's table.

use serde_json::{Value, json};
use touroku_proto::{endpoint::Who, officer::Role};
use touroku_server::http::limits::{Limits, Rate};

use crate::support::{
    authority::NOW,
    calls::{self, Known},
    client::{ORIGIN, TestServer, account_form, no_limits},
    officer::{Officer, PASSWORD, STEP},
    relying::registered,
};

/// What another agency's officer tries with this agency's ids: method, path, body.
fn reaching_over(theirs: &Theirs) -> Vec<(&'static str, String, Value)> {
    let Theirs { officer, session, application, revision, card, import } = theirs;
    let officer = format!("/officers/{}", officer.login_id);
    let application = format!("/applications/account/{application}");
    let import = format!("/imports/{import}");
    // In the test's roster, which they have and we don't.
    let company = "/companies/990000001";
    let reason = json!({"reason": "理由"});
    vec![
        ("PUT", officer.clone(), json!({"name": "名", "role": "view", "stopped": true})),
        ("POST", format!("{officer}/setup"), json!({})),
        ("DELETE", format!("/sessions/{session}"), Value::Null),
        ("GET", application.clone(), Value::Null),
        ("POST", format!("{application}/decision"), json!({"revision": revision, "approve": true})),
        ("POST", format!("{application}/notes"), json!({"text": "覚え書き"})),
        ("GET", company.to_owned(), Value::Null),
        ("GET", format!("{company}/timeline"), Value::Null),
        ("GET", format!("{company}/receipts/20261118-33333-33333/document"), Value::Null),
        ("GET", "/roster?number=990000001".to_owned(), Value::Null),
        (
            "POST",
            "/roster".to_owned(),
            json!({"number": "990000001", "revision": "", "values": {}, "keep": true}),
        ),
        ("POST", format!("{company}/suspend"), reason.clone()),
        ("POST", format!("{company}/suspension"), json!({"seen_unix_ms": 0, "suspend": reason})),
        ("POST", format!("{company}/permit"), json!({"seen": null, "state": "received"})),
        ("POST", format!("{company}/mails/1/send"), json!({})),
        ("POST", format!("{company}/mails/1/give-up"), json!({})),
        ("POST", format!("{company}/lift"), reason.clone()),
        (
            "POST",
            format!("/accounts/{application}/suspend").replace("/applications/account/", ""),
            reason.clone(),
        ),
        (
            "POST",
            format!("/accounts/{application}/lift").replace("/applications/account/", ""),
            reason.clone(),
        ),
        ("POST", format!("/cards/{card}/suspend"), reason.clone()),
        ("POST", format!("/cards/{card}/lift"), reason.clone()),
        // A card that waits.
        ("POST", format!("/cards/-{card}/suspend"), reason.clone()),
        ("POST", format!("/cards/-{card}/lift"), reason),
        ("GET", import.clone(), Value::Null),
        ("DELETE", import.clone(), Value::Null),
        ("PUT", format!("{import}/bytes?offset=0"), json!(1)),
        ("GET", format!("{import}/fields"), Value::Null),
        ("POST", format!("{import}/columns"), json!({"fields": []})),
        ("GET", format!("{import}/rows?kind=added"), Value::Null),
        ("GET", format!("{import}/problems/csv"), Value::Null),
        ("POST", format!("{import}/take"), json!({})),
        ("POST", format!("{import}/undo"), json!({})),
        ("POST", "/clients/theirs/secret".to_owned(), json!({})),
        ("DELETE", "/clients/theirs".to_owned(), Value::Null),
        ("POST", "/clients/theirs/webhook-secret".to_owned(), json!({})),
        ("POST", "/clients/theirs/webhook-test".to_owned(), json!({})),
        ("POST", "/clients".to_owned(), json!({"text": "code = \"a\"", "replaces": "theirs"})),
    ]
}

/// What exists at the other agency.
struct Theirs {
    officer: Officer,
    session: String,
    application: Value,
    revision: Value,
    card: i64,
    import: Value,
}

async fn theirs(server: &TestServer) -> Theirs {
    let mut applicant = server.client();
    applicant.reach_application().await;
    assert_eq!(applicant.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut officer = Officer::new(server, "shimonoseki", Role::Manage).await;
    let session = officer.get("/api/officer/sessions").await.json()[0]["id"].as_str().unwrap().to_owned();
    let queue = officer.get("/api/officer/applications").await.json();
    let application = queue["applications"][0]["id"].clone();
    let detail = officer.get(&format!("/api/officer/applications/account/{application}")).await.json();
    let begun = officer.post("/api/officer/imports", json!({"file_name": "名簿.csv", "size": 1})).await;
    let import = begun.json()["id"].clone();
    let card = 77;
    server.by_hand(
        "INSERT INTO company (agency, number, company_id, fields, registered_at) \
         VALUES ('shimonoseki', '990000001', 'S-1', '{}', 0)",
    );
    server.by_hand(&format!(
        "INSERT INTO card (id, agency, number, issuer, serial, certificate, person_in_charge, fields, registered_at) \
         SELECT {card}, 'shimonoseki', '990000001', id, '1', id, '', '{{}}', 0 FROM officer_session LIMIT 1"
    ));
    server.by_hand(&format!(
        "INSERT INTO card_application (id, agency, category, number, issuer, serial, certificate, person_in_charge, \
         fields, applied_at) \
         SELECT {card}, 'shimonoseki', 'small', '990000001', id, '2', id, '', '{{}}', 0 FROM officer_session LIMIT 1"
    ));
    Theirs { officer, session, application, revision: detail["revision"].clone(), card, import }
}

/// Whether that path is one of a call's.
fn is_of(call: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (call, path): (Vec<_>, Vec<_>) = (call.split('/').collect(), path.split('/').collect());
    call.len() == path.len() && call.iter().zip(path).all(|(one, part)| one.starts_with('{') || *one == part)
}

#[tokio::test]
async fn every_route_asks_for_its_role() {
    let server = TestServer::start();
    for role in [Role::View, Role::Review, Role::Manage] {
        let mut officer = Officer::new(&server, "aomori", role).await;
        for call in calls::all().into_iter().filter(Known::is_officers) {
            let path = call
                .path
                .replace("{kind}", "account")
                .replace("{id}", "0")
                .replace("{format}", "csv")
                .replace("{number}", "0")
                .replace("{receipt}", "0")
                .replace("{file}", "document")
                .replace("{code}", "nobody")
                .replace("{login_id}", "nobody");
            let method = call.method.as_str();
            let Who::Officer(least) = call.who else { continue };
            let code = officer.client.send(method, &path, Value::Null).await.code();
            if role < least {
                assert_eq!(code, "forbidden", "{role:?} {method} {path}");
            } else {
                assert!(code != "forbidden" && code != "session_missing", "{role:?} {method} {path}: {code}");
                // An id refers to nothing here; anything else exists.
                let names_nothing = path.contains("/0") || path.contains("/nobody");
                assert!(code != "not_found" || names_nothing, "{path}");
            }
            let code = server.client().send(method, &path, Value::Null).await.code();
            assert_eq!(code, "session_missing", "nobody {method} {path}");
        }
    }
}

#[tokio::test]
async fn what_another_agency_has_is_not_there() {
    let client = registered(
        json!({"code": "theirs", "scopes": ["feed"], "webhook_uri": "https://bid.example.jp/hook"}),
    );
    let server = TestServer::start_at("shimonoseki", no_limits(), "")
        .with_agency("aomori")
        .with_clients("shimonoseki", &[client]);
    let theirs = theirs(&server).await;
    let mut ours = Officer::new(&server, "aomori", Role::Manage).await;
    let tried = reaching_over(&theirs);
    for call in calls::all().into_iter().filter(|call| call.is_officers() && call.path.contains('{')) {
        let is_tried = tried.iter().any(|(method, path, _)| {
            *method == call.method.as_str() && is_of(call.path, &format!("/api/officer{path}"))
        });
        // These have no row here; the second is read below.
        let is_read = ["{format}", "/profile/versions/"].iter().any(|part| call.path.contains(part));
        assert!(is_tried || is_read, "{:?} {}: nobody tries it from another agency", call.method, call.path);
    }
    for (method, path, body) in tried {
        let kind = if path.contains("/bytes") { "application/octet-stream" } else { "application/json" };
        let headers = [("origin", ORIGIN), ("content-type", kind)];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = ours.client.raw(method, &format!("/api/officer{path}"), &headers, body).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("not_found", 404), "{method} {path}");
    }
    let Theirs { officer: mut their, import, .. } = theirs;
    let import = their.get(&format!("/api/officer/imports/{import}")).await.json();
    assert_eq!((&import["state"], &import["received"]), (&json!("uploading"), &json!(0)));
    assert_eq!(their.get("/api/officer/session").await.json()["agency"], "shimonoseki");

    for path in [
        "/officers",
        "/audit",
        "/audit/export",
        "/sessions",
        "/profile",
        "/profile/versions/1",
        "/clients",
        "/applications",
        "/companies",
        "/export",
        "/imports",
    ] {
        let seen = String::from_utf8(ours.get(&format!("/api/officer{path}")).await.body).unwrap();
        assert!(
            !seen.contains(&their.login_id) && !seen.contains("shimonoseki") && !seen.contains("990000001"),
            "{path}: {seen}"
        );
    }
    // The same ログインID may exist at both; each password opens its own.
    server.wait(STEP);
    let code = ours.authenticator.code(&server);
    let login =
        json!({"agency": "shimonoseki", "login_id": ours.login_id, "password": PASSWORD, "code": code});
    assert_eq!(server.client().post("/api/officer/login", login).await.code(), "credentials_wrong");
}

#[tokio::test]
async fn an_officers_requests_count_for_the_officers_session() {
    let limits = Limits { session: Rate { count: 4, seconds: 60 }, ..no_limits() };
    let server = TestServer::start_with(limits, "");
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    for _ in 0..4 {
        assert_eq!(officer.get("/api/officer/session").await.code(), "");
    }
    assert_eq!(officer.get("/api/officer/session").await.code(), "rate_limited");
    server.wait(60_000);
    assert_eq!(officer.get("/api/officer/session").await.code(), "");
}

#[tokio::test]
async fn one_address_tries_only_so_many_passwords_and_links() {
    let limits = Limits { login_address: Rate { count: 4, seconds: 600 }, ..no_limits() };
    let server = TestServer::start_with(limits, "");
    let mut client = server.client();
    for number in 0..4 {
        let login =
            json!({"agency": "aomori", "login_id": format!("guess-{number}"), "password": "x", "code": "0"});
        assert_eq!(client.post("/api/officer/login", login).await.code(), "credentials_wrong");
    }
    let login = json!({"agency": "aomori", "login_id": "guess-5", "password": "x", "code": "0"});
    assert_eq!(client.post("/api/officer/login", login.clone()).await.code(), "rate_limited");
    assert_eq!(client.post("/api/officer/setup/begin", json!({"token": "00"})).await.code(), "rate_limited");
    let mut other = server.client();
    other.peer = ([198, 51, 100, 7], 9).into();
    assert_eq!(other.post("/api/officer/login", login).await.code(), "credentials_wrong");
}

#[tokio::test]
async fn a_restart_loses_nothing_and_ended_sessions_are_removed() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    officer.client.post("/api/officer/challenge", json!({"agency": "aomori"})).await;
    let mut stranger = server.client();
    stranger.post("/api/officer/challenge", json!({"agency": "aomori"})).await;
    officer.try_to_log_in("x", "0").await;
    let server = server.restart();
    officer.client.router = server.client().router;
    assert_eq!(officer.get("/api/officer/session").await.json()["login_id"], officer.login_id.as_str());
    assert_eq!(officer.log_in(&server).await.code(), "");
    officer.try_to_log_in("x", "0").await;

    let retention = touroku_server::store::Retention::all_but_ended_after(0);
    let tidy = |at| server.app.store.write(move |writer| writer.tidy(at, retention));
    assert_eq!(tidy(NOW * 1000).await.unwrap(), 0);
    let hour = 3_600_000;
    assert_eq!(tidy(NOW * 1000 + hour).await.unwrap(), 2, "the stranger's session and the officer's");
    assert_eq!(tidy(NOW * 1000 + 25 * hour).await.unwrap(), 1, "what was tried in vain");
}

#[tokio::test]
async fn officers_with_a_listener_of_their_own_are_not_found_at_everybodys() {
    let server = TestServer::start();
    let apart = server.with_officers_at("https://staff.example.jp");
    let login = json!({"agency": "aomori", "login_id": "x", "password": "x", "code": "0"}).to_string();
    let json = ("content-type", "application/json");
    let mut everybody = apart.client();
    let mut officers = apart.client();
    officers.router = touroku_server::http::officers_router(apart.app.clone());
    for (origin, public, own) in
        [(ORIGIN, "not_found", "cross_site"), ("https://staff.example.jp", "not_found", "credentials_wrong")]
    {
        let headers = [json, ("origin", origin)];
        let reply = everybody.raw("POST", "/api/officer/login", &headers, login.clone()).await;
        assert_eq!(reply.code(), public, "{origin}");
        let reply = officers.raw("POST", "/api/officer/login", &headers, login.clone()).await;
        assert_eq!(reply.code(), own, "{origin}");
    }
    assert_eq!(everybody.get("/officer.html").await.code(), "not_found");
    assert_eq!(everybody.begin().await.code(), "");
}

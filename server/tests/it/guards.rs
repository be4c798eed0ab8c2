//! What applies to all API requests: other sites, wrong bodies, too many requests, headers, files.

use serde_json::{Value, json};
use touroku_japanese::postal::PostalAddress;
use touroku_proto::api::SESSION_COOKIE;
use touroku_server::http::limits::{Limits, Rate};

use crate::support::{
    authority::Spec,
    client::{ORIGIN, TestServer, no_limits},
};

#[tokio::test]
async fn requests_from_other_sites_are_refused() {
    let server = TestServer::start();
    let mut client = server.client();
    let body = json!({"agency": "aomori", "category": "goods"}).to_string();
    let json = ("content-type", "application/json");
    for headers in [
        vec![json],
        vec![json, ("origin", "https://evil.example")],
        vec![json, ("origin", "null")],
        vec![json, ("origin", ORIGIN), ("origin", ORIGIN)],
        vec![json, ("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
        vec![json, ("origin", ORIGIN), ("sec-fetch-site", "same-site")],
    ] {
        let reply = client.raw("POST", "/api/session", &headers, body.clone()).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("cross_site", 403), "{headers:?}");
    }
    let ours = [json, ("origin", ORIGIN), ("sec-fetch-site", "same-origin")];
    assert_eq!(client.raw("POST", "/api/session", &ours, body).await.status, 200);
}

#[tokio::test]
async fn bodies_must_be_json_of_the_right_shape_and_size() {
    let server = TestServer::start();
    let mut client = server.client();
    let origin = ("origin", ORIGIN);
    for (kind, body, code) in [
        ("text/plain", "{}".to_owned(), "unsupported_media_type"),
        ("application/json", "{".to_owned(), "bad_request"),
        ("application/json", "{\"agency\": \"a\"}".to_owned(), "bad_request"),
        (
            "application/json",
            "{\"agency\": \"a\", \"category\": \"b\", \"more\": 1}".to_owned(),
            "bad_request",
        ),
        ("application/json; charset=utf-8", format!("\"{}\"", "x".repeat(65 * 1024)), "payload_too_large"),
    ] {
        let reply = client.raw("POST", "/api/session", &[origin, ("content-type", kind)], body).await;
        assert_eq!(reply.code(), code, "{kind}");
        assert_eq!(reply.json()["request_id"].as_str().unwrap().len(), 16);
    }
    for (method, path) in [("GET", "/api/nothing"), ("POST", "/api/portal"), ("GET", "/api/challenge")] {
        let reply = client.send(method, path, Value::Null).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("not_found", 404), "{path}");
    }
}

#[tokio::test]
async fn a_draft_beyond_all_forms_is_refused() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let values = json!({"card_contact_person": "あ".repeat(6000)});
    let reply = client.send("PUT", "/api/draft", json!({"values": values})).await;
    assert_eq!(reply.code(), "payload_too_large");
}

#[tokio::test]
async fn too_many_requests_wait_as_long_as_they_are_told() {
    let limits = Limits { address: Rate { count: 5, seconds: 60 }, ..no_limits() };
    let server = TestServer::start_with(limits, "");
    let mut client = server.client();
    for _ in 0..5 {
        assert_eq!(client.get("/api/clock").await.status, 200);
    }
    let refused = client.get("/api/clock").await;
    assert_eq!((refused.code().as_str(), refused.status.as_u16()), ("rate_limited", 429));
    let seconds = refused.json()["retry_after"].as_i64().unwrap();
    assert_eq!(refused.header("retry-after"), seconds.to_string());
    let mut neighbour = server.client();
    neighbour.peer = ([192, 0, 2, 2], 50000).into();
    assert_eq!(neighbour.get("/api/clock").await.status, 200);
    // Only a trusted proxy is trusted, and only for what it added itself.
    let spoofed = neighbour.raw("GET", "/api/clock", &[("x-forwarded-for", "192.0.2.1")], "").await;
    assert_eq!(spoofed.status, 200);
    let mut proxy = server.client();
    proxy.peer = ([127, 0, 0, 1], 50000).into();
    let forwarded = [("x-forwarded-for", "198.51.100.9, 192.0.2.1")];
    assert_eq!(proxy.raw("GET", "/api/clock", &forwarded, "").await.code(), "rate_limited");
    server.wait(seconds * 1000);
    assert_eq!(client.get("/api/clock").await.status, 200);
}

#[tokio::test]
async fn guessing_a_company_is_slowed_down_for_its_number_whoever_asks() {
    let limits = Limits { search_number: Rate { count: 2, seconds: 600 }, ..no_limits() };
    let server = TestServer::start_with(limits, "");
    let card = |serial, name| server.root.issue(Spec { serial, name, ..Spec::card() });
    let mut codes = Vec::new();
    for serial in 7..10 {
        let mut client = server.client();
        client.peer = ([192, 0, 2, serial as u8], 50000).into();
        client.begin().await;
        client.login(&card(serial, "C=JP,O=株式会社悪徳商事,CN=悪田徳子"), "register").await;
        codes.push(client.search("990000001", "（株）あてずっぽう").await.code());
    }
    assert_eq!(codes, ["name_mismatch", "name_mismatch", "rate_limited"]);
    // The company itself is not kept from searching, whether its card can be compared or not, nor by others that can't.
    let stranger = card(20, "Akuda Noriko");
    for (card, searches) in [
        (&stranger, ["", "", "rate_limited"].as_slice()),
        (&card(21, "C=JP,O=株式会社テスト商会０１,CN=試験太郎"), &[""]),
        (&card(22, "Taro Test"), &[""]),
    ] {
        for code in searches {
            let mut client = server.client();
            client.begin().await;
            client.login(card, "register").await;
            assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), *code);
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = TestServer::start();
    let mut client = server.client();
    for path in ["/api/portal", "/api/nothing", "/healthz", "/nothing"] {
        let reply = client.get(path).await;
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(reply.header(name), value, "{path} {name}");
        }
        let kept = match path {
            "/nothing" => continue,
            // Asked for again each time, and answered with 304 where it is the same.
            "/api/portal" => "no-cache",
            _ => "no-store",
        };
        assert_eq!(reply.header("cache-control"), kept, "{path}");
    }
    assert_eq!(client.get("/healthz").await.json()["status"], "ok");
}

#[tokio::test]
async fn a_closed_database_is_told_and_not_hidden() {
    let server = TestServer::start();
    let mut client = server.client();
    server.app.store.close();
    assert_eq!(client.get("/healthz").await.status, 200, "it is alive");
    assert_eq!(client.get("/readyz").await.status, 503, "and of no use");
    assert_eq!(client.begin().await.code(), "unavailable");
}

#[tokio::test]
async fn the_app_is_served_with_its_compressed_files_and_its_own_addresses() {
    let server = TestServer::start();
    let site = server.folder.path().join("site");
    std::fs::create_dir(&site).unwrap();
    std::fs::write(site.join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(site.join("app-0a1b2c3d4e5f6a7b.js"), "plain").unwrap();
    std::fs::write(site.join("app-0a1b2c3d4e5f6a7b.js.br"), "brotli").unwrap();
    let server = server.restart();
    let mut client = server.client();
    for path in ["/", "/register", "/a/b/c"] {
        let reply = client.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.header("cache-control")), (200, "no-cache"), "{path}");
        assert_eq!(reply.body, b"<!doctype html>", "{path}");
    }
    let script = "/app-0a1b2c3d4e5f6a7b.js";
    let reply = client.raw("GET", script, &[("accept-encoding", "br")], "").await;
    assert_eq!((reply.body.as_slice(), reply.header("content-encoding")), (&b"brotli"[..], "br"));
    assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(client.get(script).await.body, b"plain");
    for path in ["/app-ffffffff00000000.js", "/..%2f..%2ftouroku.db", "/api/nothing"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_postal_code_answers_all_its_addresses() {
    let server = TestServer::start();
    let one = |code: &str, address: &str| PostalAddress { code: code.into(), address: address.into() };
    let table = [
        one("0300801", "青森県青森市新町"),
        one("7530000", "山口県山口市乙"),
        one("7530000", "山口県山口市甲"),
    ];
    server.app.store.write(move |writer| writer.replace_postal(&table)).await.unwrap();
    let mut client = server.client();
    for (code, expected) in [
        ("0300801", json!(["青森県青森市新町"])),
        ("030-0801", json!(["青森県青森市新町"])),
        ("7530000", json!(["山口県山口市乙", "山口県山口市甲"])),
        ("9999999", json!([])),
    ] {
        let reply = client.get(&format!("/api/postal/{code}")).await;
        assert_eq!(reply.json(), json!({ "addresses": expected }), "{code}");
    }
    for code in ["030080", "03008011", "0300-801", "abcdefg", "0300801'"] {
        assert_eq!(client.get(&format!("/api/postal/{code}")).await.code(), "bad_request", "{code}");
    }
}

#[tokio::test]
async fn made_up_sessions_are_never_counted_and_an_address_is_refused_before_its_session() {
    let limits = Limits {
        session: Rate { count: 3, seconds: 60 },
        address: Rate { count: 8, seconds: 60 },
        ..no_limits()
    };
    let server = TestServer::start_with(limits, "");
    let mut stranger = server.client();
    stranger.peer = ([192, 0, 2, 2], 50000).into();
    for _ in 0..8 {
        stranger.cookie = Some(format!("{SESSION_COOKIE}={}", "ab".repeat(32)));
        assert_eq!(stranger.get("/api/session").await.code(), "session_missing");
    }
    let mut client = server.client();
    client.begin().await;
    assert_eq!(client.get("/api/session").await.code(), "");
    assert_eq!(client.get("/api/session").await.code(), "");
    let refused = client.get("/api/session").await;
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("rate_limited", "21"));
    for _ in 0..4 {
        client.get("/api/clock").await;
    }
    let refused = client.get("/api/session").await;
    assert_eq!(
        (refused.code().as_str(), refused.header("retry-after")),
        ("rate_limited", "8"),
        "the address"
    );
}

#[tokio::test]
async fn a_clock_that_is_set_back_locks_nobody_out() {
    let limits = Limits { address: Rate { count: 1, seconds: 60 }, ..no_limits() };
    let server = TestServer::start_with(limits, "");
    let mut client = server.client();
    assert_eq!(client.get("/api/clock").await.status, 200);
    server.now.fetch_sub(3_600_000, std::sync::atomic::Ordering::SeqCst);
    server.steady.fetch_add(60_000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(client.get("/api/clock").await.status, 200);
    assert_eq!(client.get("/api/clock").await.code(), "rate_limited");
}

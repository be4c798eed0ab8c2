//! What a stranger might try at the server's edges: headers, paths, bodies, cookies.

use serde_json::{Value, json};
use touroku_proto::{api::SESSION_COOKIE, officer::OFFICER_COOKIE, officer::Role};
use touroku_server::http::limits::{Limits, Rate};

use crate::support::{
    client::{Client, ORIGIN, TestServer, form, no_limits},
    officer::Officer,
};

const JSON: (&str, &str) = ("content-type", "application/json");
const OURS: (&str, &str) = ("origin", ORIGIN);

#[tokio::test]
async fn every_cookie_is_bound_to_this_host_and_out_of_reach_of_scripts_and_other_sites() {
    let server = TestServer::start();
    let mut client = server.client();
    let begun = client.begin().await;
    let left = client.send("DELETE", "/api/session", Value::Null).await;
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let signed_in = officer.log_in(&server).await;
    let mut seen = 0;
    for reply in [begun, left, signed_in] {
        for cookie in reply.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            seen += 1;
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            for flag in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
                assert!(cookie.contains(flag), "{flag} in {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }
    assert!(seen >= 3, "{seen}");
}

#[tokio::test]
async fn a_session_that_was_planted_before_the_login_is_worth_nothing_after_it() {
    let server = TestServer::start();
    let mut attacker = server.client();
    attacker.begin().await;
    let planted = attacker.cookie.clone();
    let mut victim = Client { cookie: planted.clone(), ..server.client() };
    assert_eq!(victim.login(&server.card(7), "register").await.code(), "");
    assert_ne!(victim.cookie, planted);
    assert_eq!(attacker.get("/api/session").await.code(), "session_missing");
    // Nor does the server accept a key of somebody's choice.
    let chosen = Some(format!("{SESSION_COOKIE}={}", "ab".repeat(32)));
    let mut victim = Client { cookie: chosen.clone(), ..server.client() };
    victim.begin().await;
    assert_ne!(victim.cookie, chosen);
}

#[tokio::test]
async fn the_key_of_one_half_of_the_server_opens_nothing_in_the_other() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Manage).await;
    let mut bidder = server.client();
    let card = server.card(7);
    bidder.registered(&card).await;
    bidder.log_in(&card, "bid").await;
    let (of_officer, of_bidder) = (officer.client.cookie.clone().unwrap(), bidder.cookie.clone().unwrap());
    let swapped = |cookie: &str, name: &str| Some(format!("{name}={}", cookie.split_once('=').unwrap().1));
    bidder.cookie = swapped(&of_officer, SESSION_COOKIE);
    officer.client.cookie = swapped(&of_bidder, OFFICER_COOKIE);
    assert_eq!(bidder.get("/api/session").await.code(), "session_missing");
    assert_eq!(bidder.get("/api/status").await.code(), "session_missing");
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing");
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_around_what_stands_before_it() {
    let server = TestServer::start();
    std::fs::create_dir(server.folder.path().join("site")).unwrap();
    for name in ["index.html", "officer.html"] {
        std::fs::write(server.folder.path().join("site").join(name), name).unwrap();
    }
    std::fs::write(server.folder.path().join("secret.txt"), "secret").unwrap();
    let apart = server.with_officers_at("https://staff.example.jp");
    let mut client = apart.client();
    let login = json!({"agency": "aomori", "login_id": "x", "password": "x", "code": "0"}).to_string();
    for path in [
        "/api/officer/login",
        "/api/%6fficer/login",
        "/api//officer/login",
        "/api/./officer/login",
        "/api/x/../officer/login",
        "/api/officer%2flogin",
        "/API/officer/login",
        "/api/officer/login/",
        "/api/officer;/login",
    ] {
        for origin in [ORIGIN, "https://staff.example.jp"] {
            let reply = client.raw("POST", path, &[JSON, ("origin", origin)], login.clone()).await;
            assert!(["not_found", "cross_site"].contains(&reply.code().as_str()), "{path}: {reply:?}");
        }
    }
    for path in ["/officer.html", "/%6fficer.html", "//officer.html", "/./officer.html", "/x/../officer.html"]
    {
        let page = client.get(path).await;
        assert!(!page.body.starts_with(b"officer"), "{path}: {page:?}");
    }
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/a/..%2f..%2fsecret.txt",
        "/%00",
        "/secret.txt%00.html",
    ] {
        let page = client.get(path).await;
        assert!(!page.body.starts_with(b"secret") && page.status.as_u16() < 500, "{path}: {page:?}");
    }
}

#[tokio::test]
async fn what_changes_something_comes_from_our_own_page_whatever_the_route() {
    let server = TestServer::start();
    let mut client = server.client();
    client.begin().await;
    for (method, path) in [
        ("POST", "/api/challenge"),
        ("POST", "/api/login"),
        ("POST", "/api/registration"),
        ("POST", "/api/status/stop"),
        ("POST", "/api/mail/question"),
        ("POST", "/api/mail/confirmation"),
        ("POST", "/api/account/forgotten"),
        ("PUT", "/api/draft"),
        ("DELETE", "/api/session"),
        ("POST", "/api/officer/login"),
    ] {
        for foreign in [
            vec![],
            vec![("origin", "null")],
            vec![("origin", "https://ebid.example.jp.evil.example")],
            vec![("origin", "http://ebid.example.jp")],
            vec![("origin", "https://ebid.example.jp:8443")],
            vec![("origin", "https://evil.example"), ("host", "ebid.example.jp")],
            vec![OURS, ("sec-fetch-site", "cross-site")],
        ] {
            let headers = [vec![JSON], foreign].concat();
            assert_eq!(client.raw(method, path, &headers, "{}").await.code(), "cross_site", "{path}");
        }
        // A simple form on another page does not reach the handler either.
        for override_ in ["x-http-method-override", "x-method-override"] {
            let reply = client.raw("GET", path, &[(override_, method)], "").await;
            assert!(["not_found", "session_missing"].contains(&reply.code().as_str()) || method == "DELETE");
        }
    }
    assert_eq!(client.get("/api/session").await.code(), "", "nothing ended the session");
}

#[tokio::test]
async fn bodies_that_are_too_deep_too_large_or_no_text_are_refused_and_nothing_breaks() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(15_000), close.repeat(15_000));
    let keys: Vec<String> = (0..4000).map(|n| format!("\"k{n}\":\"v\"")).collect();
    for (body, codes) in [
        (deep("[", "]").into_bytes(), &["bad_request"][..]),
        (deep("{\"a\":", "}").into_bytes(), &["bad_request", "payload_too_large"]),
        (format!("{{\"submission\":\"x\",\"values\":{}}}", deep("[", "]")).into_bytes(), &["bad_request"]),
        (
            format!("{{\"submission\":\"x\",\"values\":{{{}}}}}", keys.join(",")).into_bytes(),
            &["bad_request"],
        ),
        (vec![b' '; 70_000], &["payload_too_large"]),
        (b"\xff\xfe\x00{".to_vec(), &["bad_request"]),
        (b"{\"submission\":\"x\",\"submission\":\"y\",\"values\":{}}".to_vec(), &["bad_request"]),
        (b"{\"submission\":\"x\",\"values\":{}} trailing".to_vec(), &["bad_request"]),
        (b"1e999999".to_vec(), &["bad_request"]),
        (b"".to_vec(), &["bad_request"]),
    ] {
        let reply = client.raw("POST", "/api/registration", &[OURS, JSON], body).await;
        assert!(codes.contains(&reply.code().as_str()), "{codes:?}: {reply:?}");
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/jsonp",
    ] {
        let reply = client.raw("POST", "/api/registration", &[OURS, ("content-type", kind)], "{}").await;
        assert_eq!(reply.code(), "unsupported_media_type", "{kind}");
    }
    assert_eq!(client.register("s-1", form()).await.code(), "", "the session goes on");
}

#[tokio::test]
async fn characters_that_nobody_sees_or_that_turn_the_line_around_are_in_no_field() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    for bad in [
        "\0",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{1b}[31m",
        "\u{feff}",
        "\r\nBcc: x@example.jp",
        "\u{e0041}",
    ] {
        for field in ["representative_contact_person", "card_contact_name", "representative_contact_address"]
        {
            let mut values = form();
            values[field] = format!("連絡{bad}花子").into();
            assert_eq!(client.register("s-1", values).await.code(), "fields_invalid", "{field} {bad:?}");
        }
        let found = client.search(&format!("99000{bad}0001"), &format!("（株）テスト{bad}商会０１")).await;
        assert!(found.status.as_u16() < 500, "{bad:?}: {found:?}");
        let login = json!({"agency": format!("aomori{bad}"), "login_id": bad, "password": bad, "code": bad});
        assert!(client.post("/api/officer/login", login).await.status.as_u16() < 500);
    }
}

#[tokio::test]
async fn whatever_is_too_long_is_refused_without_work() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let long = "あ".repeat(20_000);
    let mut values = form();
    values["representative_contact_address"] = long.clone().into();
    assert_eq!(client.register("s-1", values).await.code(), "fields_invalid");
    assert_ne!(client.register(&long, form()).await.code(), "");
    assert_ne!(client.search(&long, &long).await.code(), "");
    for (path, body) in [
        ("/api/session", json!({"agency": long, "category": long})),
        ("/api/account/forgotten", json!({"agency": "aomori", "login_id": long, "email": long})),
        ("/api/account/password", json!({"token": long, "password": long})),
        ("/api/account/result", json!({"token": long})),
        ("/api/mail/confirmation", json!({"token": long})),
        ("/api/officer/login", json!({"agency": "aomori", "login_id": long, "password": long, "code": long})),
        ("/api/officer/setup", json!({"token": long, "password": long, "code": long})),
    ] {
        let reply = client.post(path, body).await;
        assert!(reply.status.as_u16() < 500, "{path}: {reply:?}");
        assert!(reply.body.len() < 1000, "{path}: nothing is echoed");
    }
    let query =
        format!("/api/agencies/aomori/companies?query={}&row={}", "a".repeat(50_000), "b".repeat(9_000));
    assert!(client.get(&query).await.status.as_u16() < 500);
    let mut odd =
        Client { cookie: Some(format!("{SESSION_COOKIE}={}", "f".repeat(30_000))), ..server.client() };
    assert_eq!(odd.get("/api/session").await.code(), "session_missing");
    odd.cookie = Some(format!("{SESSION_COOKIE}=zz; {SESSION_COOKIE}=; ={}", ";".repeat(2000)));
    assert_eq!(odd.get("/api/session").await.code(), "session_missing");
    let known = Some(format!("__Host-touroku-known={}", "ab.".repeat(10_000)));
    let mut known = Client { known, ..server.client() };
    let login = json!({"agency": "aomori", "login_id": "x", "password": "x", "code": "0"});
    assert_eq!(known.post("/api/officer/login", login).await.code(), "credentials_wrong");
}

#[tokio::test]
async fn an_address_that_a_stranger_writes_into_a_header_is_not_believed() {
    let limits = Limits { address: Rate { count: 3, seconds: 60 }, ..no_limits() };
    let server = TestServer::start_with(limits, "");
    let mut client = server.client();
    for round in 0..4 {
        let forwarded = format!("198.51.100.{round}");
        let headers = [
            ("x-forwarded-for", forwarded.as_str()),
            ("x-real-ip", &forwarded),
            ("forwarded", "for=1.2.3.4"),
        ];
        let code = client.raw("GET", "/api/portal", &headers, "").await.code();
        assert_eq!(code, if round < 3 { "" } else { "rate_limited" }, "{round}");
    }
    // Behind the proxy only what the proxy itself added last counts.
    let mut proxied = Client { peer: ([127, 0, 0, 1], 9).into(), ..server.client() };
    for round in 0..4 {
        let forwarded = format!("203.0.113.{round}, 198.51.100.77");
        let code = proxied.raw("GET", "/api/portal", &[("x-forwarded-for", &forwarded)], "").await.code();
        assert_eq!(code, if round < 3 { "" } else { "rate_limited" }, "{round}");
    }
}

#[tokio::test]
async fn an_odd_host_changes_no_answer() {
    let server = TestServer::start();
    let mut client = server.client();
    let plain = client.get("/api/portal").await.body;
    for host in ["evil.example", "localhost:1", "ebid.example.jp@evil.example", ""] {
        for header in ["host", "x-forwarded-host", "x-original-url", "x-rewrite-url"] {
            let reply = client.raw("GET", "/api/portal", &[(header, host)], "").await;
            assert_eq!(reply.body, plain, "{header}: {host}");
        }
    }
}

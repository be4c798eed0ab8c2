//! What somebody with their own client, somebody else's code, or a position in between might try (RFC 9700).

use openssl::pkey::PKey;
use serde_json::{Value, json};

use crate::support::{
    authority::{Card, NOW},
    client::{Client, TestServer},
    relying::{
        AGENCY, CALLBACK, CHALLENGE, SECRET, VERIFIER, basic, claims, error, form, issuer, parameter, query,
        registered,
    },
};

/// A server with one client, and a card that is registered.
async fn server_with(more: Value) -> (TestServer, Card) {
    let server = TestServer::with_client(more);
    let card = server.card(7);
    server.client().registered(&card).await;
    (server, card)
}

async fn code(browser: &mut Client, card: &Card) -> String {
    parameter(&browser.sign_in(card, &query(&[])).await, "code")
}

#[tokio::test]
async fn a_browser_is_sent_nowhere_before_its_client_and_address_are_known() {
    let (server, _) = server_with(json!({})).await;
    let mut browser = server.client();
    for over in [
        ("client_id", "stranger"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "https://attacker.example/callback"),
        ("redirect_uri", "https://bid.example.jp/callback"),
        ("redirect_uri", "https://bid.example.jp/callback?lane=1&lane=2"),
        ("redirect_uri", "https://bid.example.jp/callback?lane=1#x"),
        ("redirect_uri", "https://bid.example.jp/callback/../callback?lane=1"),
        ("redirect_uri", "https://bid.example.jp.attacker.example/callback?lane=1"),
        ("redirect_uri", "HTTPS://bid.example.jp/callback?lane=1"),
        ("request_uri", "https://attacker.example/request.jwt"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:invented"),
    ] {
        let reply = browser.authorize(&query(&[over])).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (400, ""), "{over:?}");
        let page = String::from_utf8(reply.body).unwrap();
        assert!(page.contains("電子入札システム") && !page.contains("attacker"), "{page}");
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fattacker.example%2F", query(&[]));
    assert_eq!(browser.authorize(&twice).await.status, 400);
}

#[tokio::test]
async fn nothing_is_weaker_than_s256() {
    let (server, card) = server_with(json!({})).await;
    for over in [
        &[("code_challenge", ""), ("code_challenge_method", "")][..],
        &[("code_challenge_method", "")],
        &[("code_challenge_method", "plain")],
        &[("code_challenge_method", "plain"), ("code_challenge", VERIFIER)],
        &[("code_challenge", "short")],
    ] {
        let reply = server.client().authorize(&query(over)).await;
        assert_eq!(parameter(reply.header("location"), "error"), "invalid_request", "{over:?}");
    }
    let other = "a-verifier-that-somebody-else-has-made-up-0123456789";
    for verifier in ["", "short", CHALLENGE, other] {
        let code = code(&mut server.client(), &card).await;
        let reply = server.client().redeem(&code, &[("code_verifier", verifier)]).await;
        assert_eq!((reply.status.as_u16(), error(&reply).as_str()), (400, "invalid_grant"), "{verifier}");
        // What has been tried once is worthless.
        assert_eq!(error(&server.client().redeem(&code, &[]).await), "invalid_grant");
    }
}

#[tokio::test]
async fn a_code_is_of_no_use_to_anybody_but_its_client() {
    let other =
        registered(json!({"code": "other", "redirect_uris": [CALLBACK, "https://other.example.jp/"]}));
    let server = TestServer::start().with_clients(AGENCY, &[registered(json!({})), other]);
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut thief = server.client();
    let stolen = code(&mut server.client(), &card).await;
    let reply = thief.redeem_by(AGENCY, &basic("other", SECRET), &stolen, &[]).await;
    assert_eq!(error(&reply), "invalid_grant");
    for (proof, expected) in [
        (basic("bidding", "wrong"), "invalid_client"),
        (basic("bidding", ""), "invalid_client"),
        (basic("nobody", SECRET), "invalid_client"),
        (String::new(), "invalid_client"),
        ("Bearer x".to_owned(), "invalid_client"),
    ] {
        let reply = thief.redeem_by(AGENCY, &proof, &stolen, &[]).await;
        assert_eq!((reply.status.as_u16(), error(&reply).as_str()), (401, expected), "{proof}");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    // In the body, even a secret proves nothing: bodies are logged.
    let body = [("client_id", "bidding"), ("client_secret", SECRET)];
    assert_eq!(error(&thief.redeem_by(AGENCY, "", &stolen, &body).await), "invalid_client");
    // None of them has used the code up.
    assert_eq!(server.client().redeem(&stolen, &[]).await.status, 200);

    let stolen = code(&mut server.client(), &card).await;
    let elsewhere = [("redirect_uri", "https://other.example.jp/")];
    assert_eq!(error(&thief.redeem(&stolen, &elsewhere).await), "invalid_grant");
    let old = code(&mut server.client(), &card).await;
    server.wait(60_000);
    assert_eq!(error(&server.client().redeem(&old, &[]).await), "invalid_grant", "a minute is over");
    assert_eq!(error(&thief.redeem("made-up", &[]).await), "invalid_grant");
    assert_eq!(error(&thief.redeem("x", &[("grant_type", "password")]).await), "unsupported_grant_type");
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_back_what_it_gave() {
    let (server, card) = server_with(json!({})).await;
    let code = code(&mut server.client(), &card).await;
    let tokens = server.client().redeem(&code, &[]).await;
    let access = tokens.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(server.client().user_info(&access).await.status, 200);
    assert_eq!(error(&server.client().redeem(&code, &[]).await), "invalid_grant");
    let reply = server.client().user_info(&access).await;
    assert_eq!((reply.status.as_u16(), error(&reply).as_str()), (401, "invalid_token"));
}

#[tokio::test]
async fn a_sign_in_belongs_to_the_browser_that_was_sent() {
    let (server, card) = server_with(json!({})).await;
    // The attacker's sign-in in the victim's browser: the victim would end up in the attacker's session.
    let id = server.client().begin_sign_in(&query(&[])).await;
    let mut victim = server.client();
    victim.log_in(&card, "bid").await;
    assert_eq!(victim.get(&format!("/api/sign-in?id={id}")).await.code(), "not_found");
    assert_eq!(victim.post("/api/sign-in", json!({"id": id})).await.code(), "not_found");
    victim.begin_sign_in(&query(&[])).await;
    assert_eq!(victim.post("/api/sign-in", json!({"id": id})).await.code(), "not_found");
}

#[tokio::test]
async fn an_earlier_login_does_not_answer_a_later_question() {
    let (server, card) = server_with(json!({})).await;
    let mut browser = server.client();
    browser.log_in(&card, "bid").await;
    server.wait(1);
    let id = browser.begin_sign_in(&query(&[])).await;
    assert_eq!(browser.post("/api/sign-in", json!({"id": id})).await.code(), "card_not_presented");
    for purpose in ["check", "change"] {
        browser.log_in(&card, purpose).await;
        let reply = browser.post("/api/sign-in", json!({"id": id})).await;
        assert_eq!(reply.code(), "card_not_presented", "{purpose}");
    }
    let elsewhere = [("origin", "https://attacker.example"), ("content-type", "application/json")];
    let body = json!({"id": id, "give_up": true}).to_string();
    assert_eq!(browser.raw("POST", "/api/sign-in", &elsewhere, body).await.code(), "cross_site");
}

#[tokio::test]
async fn one_agencys_client_is_nobody_at_another_one() {
    let (server, card) = server_with(json!({})).await;
    let server = server.with_agency("shimonoseki");
    let mut browser = server.client();
    let reply = browser.raw("GET", &format!("/oidc/shimonoseki/authorize?{}", query(&[])), &[], "").await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (400, ""));
    let stolen = code(&mut browser, &card).await;
    let proof = basic("bidding", SECRET);
    for path in ["token", "par"] {
        let reply = server.client().call_at("shimonoseki", path, &proof, query(&[("code", &stolen)])).await;
        assert_eq!(error(&reply), "invalid_client", "{path}");
    }
    let same = registered(json!({"code": "bidding"}));
    let server = server.with_clients("shimonoseki", &[same]);
    let reply = server.client().redeem_by("shimonoseki", &proof, &stolen, &[]).await;
    assert_eq!(error(&reply), "invalid_grant", "mixed-up issuers");
    let tokens = server.client().redeem(&stolen, &[]).await;
    assert_eq!(claims(&tokens)["iss"], issuer());
    let bearer = format!("Bearer {}", tokens.json()["access_token"].as_str().unwrap());
    let reply =
        server.client().raw("GET", "/oidc/shimonoseki/userinfo", &[("authorization", &bearer)], "").await;
    assert_eq!(error(&reply), "invalid_token");
    let mut officer_side = server.client();
    let uri = server.client().call("par", &proof, query(&[])).await.json()["request_uri"].clone();
    let by = form(&[("client_id", "bidding"), ("request_uri", uri.as_str().unwrap())]);
    let reply = officer_side.raw("GET", &format!("/oidc/shimonoseki/authorize?{by}"), &[], "").await;
    assert_eq!(reply.status, 400, "a request that was pushed to another issuer");
}

#[tokio::test]
async fn a_pushed_request_is_its_own_clients() {
    let other = registered(json!({"code": "other"}));
    let server = TestServer::start().with_clients(AGENCY, &[registered(json!({})), other]);
    let push = server.client().call("par", &basic("bidding", SECRET), query(&[])).await;
    let uri = push.json()["request_uri"].as_str().unwrap().to_owned();
    let by = |client: &str| form(&[("client_id", client), ("request_uri", &uri)]);
    assert_eq!(server.client().authorize(&by("other")).await.status, 400);
    server.client().begin_sign_in(&by("bidding")).await;
    let stranger = server.client().call("par", &basic("other", SECRET), query(&[])).await;
    assert_eq!(error(&stranger), "invalid_client", "in another client's name");
    let nested = query(&[("request_uri", &uri)]);
    assert_eq!(
        error(&server.client().call("par", &basic("bidding", SECRET), nested).await),
        "invalid_request"
    );
    let wrong = query(&[("redirect_uri", "https://attacker.example/")]);
    assert_eq!(
        error(&server.client().call("par", &basic("bidding", SECRET), wrong).await),
        "invalid_request"
    );
    let weak = query(&[("code_challenge_method", "plain")]);
    assert_eq!(error(&server.client().call("par", &basic("bidding", SECRET), weak).await), "invalid_request");
}

/// A client's key and what it signs with it.
struct Key(PKey<openssl::pkey::Private>);

impl Key {
    fn fresh() -> Self {
        let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        Self(PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap())
    }

    fn public(&self) -> String {
        String::from_utf8(self.0.public_key_to_pem().unwrap()).unwrap()
    }

    fn assertion(&self, header: Value, claims: &Value) -> String {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};

        let signed = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &self.0).unwrap();
        let der = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
        let signature = openssl::ecdsa::EcdsaSig::from_der(&der).unwrap();
        let parts = [signature.r(), signature.s()].map(|part| part.to_vec_padded(32).unwrap());
        format!("{signed}.{}", B64.encode(parts.concat()))
    }
}

#[tokio::test]
async fn a_clients_key_proves_it_once_to_this_issuer_only() {
    let key = Key::fresh();
    let (server, _) = server_with(json!({"secret_sha256": [], "public_keys": [key.public()]})).await;
    let mut system = server.client();
    let es256 = json!({"alg": "ES256"});
    let good = json!({
        "iss": "bidding", "sub": "bidding", "aud": issuer(), "jti": "1", "exp": NOW + 60, "iat": NOW,
    });
    let changed = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims[key] = value;
        claims["jti"] = json!(format!("{key} {}", claims[key]));
        claims
    };
    let body = |token: &str| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        format!("{}&{}", query(&[]), form(&[("client_assertion", token), ("client_assertion_type", kind)]))
    };
    let token = key.assertion(es256.clone(), &good);
    assert_eq!(system.call("par", "", body(&token)).await.status, 201);
    assert_eq!(error(&system.call("par", "", body(&token)).await), "invalid_client", "it came twice");
    for audience in
        [json!([issuer()]), json!(format!("{}/token", issuer())), json!(format!("{}/par", issuer()))]
    {
        let token = key.assertion(es256.clone(), &changed("aud", audience.clone()));
        assert_eq!(system.call("par", "", body(&token)).await.status, 201, "{audience}");
    }
    for (name, value) in [
        ("aud", json!("https://other.example.jp")),
        ("aud", json!([issuer(), "https://other.example.jp"])),
        ("aud", json!([])),
        ("aud", json!(issuer().replace(AGENCY, "shimonoseki"))),
        ("iss", json!("other")),
        ("sub", json!("other")),
        ("exp", json!(NOW - 61)),
        ("exp", json!(NOW + 86_400)),
        ("nbf", json!(NOW + 600)),
        ("exp", Value::Null),
    ] {
        let token = key.assertion(es256.clone(), &changed(name, value.clone()));
        assert_eq!(error(&system.call("par", "", body(&token)).await), "invalid_client", "{name} {value}");
    }
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("jti");
    let forged = Key::fresh().assertion(es256.clone(), &changed("iat", json!(NOW - 1)));
    let none = key.assertion(json!({"alg": "none"}), &changed("iat", json!(NOW - 2)));
    let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
    let mixed = key.assertion(json!({"alg": "RS256"}), &changed("iat", json!(NOW - 3)));
    let secret = key.assertion(json!({"alg": "HS256"}), &changed("iat", json!(NOW - 4)));
    let critical = key.assertion(json!({"alg": "ES256", "crit": ["x"]}), &changed("iat", json!(NOW - 5)));
    for token in [key.assertion(es256.clone(), &without), forged, none, unsigned, mixed, secret, critical] {
        assert_eq!(error(&system.call("par", "", body(&token)).await), "invalid_client", "{token}");
    }
    let two = system
        .call("par", &basic("bidding", SECRET), body(&key.assertion(es256, &changed("iat", json!(NOW - 6)))))
        .await;
    assert_eq!(error(&two), "invalid_client", "two proofs are none");
}

#[tokio::test]
async fn forms_that_are_none_or_too_large_are_refused() {
    let (server, _) = server_with(json!({})).await;
    let mut system = server.client();
    let proof = basic("bidding", SECRET);
    let json_body = [("authorization", proof.as_str()), ("content-type", "application/json")];
    let reply = system.raw("POST", "/oidc/aomori/token", &json_body, "{}").await;
    assert_eq!((reply.status.as_u16(), error(&reply).as_str()), (400, "invalid_request"));
    let twice = "grant_type=authorization_code&code=a&code=b".to_owned();
    assert_eq!(error(&system.call("token", &proof, twice).await), "invalid_request");
    let large = format!("code={}", "x".repeat(40 * 1024));
    assert_eq!(system.call("token", &proof, large).await.status, 413);
    assert_eq!(system.raw("GET", "/oidc/aomori/token", &[], "").await.status, 404);
    assert_eq!(error(&system.user_info("made-up").await), "invalid_token");
}

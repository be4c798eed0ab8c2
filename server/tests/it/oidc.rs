//! Sign-in for bidding systems end to end: with the client half of the `openidconnect` crate, as Rust clients use
//! it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreUserInfoClaims,
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use touroku_proto::officer::Role;

use crate::support::{
    authority::{NOW, Spec},
    client::{Client, TestServer, account_form, form, no_limits},
    officer::Officer,
    relying::{
        AGENCY, CALLBACK, SECRET, answered, basic, claims, error, form as form_of, issuer, parameter, query,
        registered,
    },
};

/// How the crate sends requests: through the server's public router.
async fn asked(browser: Client, request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let (parts, body) = request.into_parts();
    let headers: Vec<(&str, &str)> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let reply = browser.clone().raw(parts.method.as_str(), path, &headers, body).await;
    let mut response = openidconnect::http::Response::new(reply.body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Ok(response)
}

#[tokio::test]
async fn a_contractor_signs_in_to_a_bidding_system_by_card() {
    for algorithm in ["RS256", "ES256"] {
        let server = TestServer::with_client(json!({"algorithm": algorithm}));
        let card = server.card(7);
        server.client().registered(&card).await;
        let system = server.client();
        let http = |request| asked(system.clone(), request);

        let at = IssuerUrl::new(issuer()).unwrap();
        let metadata = CoreProviderMetadata::discover_async(at, &http).await.unwrap();
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new("bidding".to_owned()),
            Some(ClientSecret::new(SECRET.to_owned())),
        )
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("company".to_owned()))
            .set_pkce_challenge(challenge)
            .url();

        let mut browser = server.client();
        let location = browser.sign_in(&card, address.query().unwrap()).await;
        assert!(location.starts_with("https://bid.example.jp/callback?lane=1&code="), "{location}");
        assert_eq!(parameter(&location, "state"), *state.secret());
        assert_eq!(parameter(&location, "iss"), issuer());

        let code = AuthorizationCode::new(parameter(&location, "code"));
        let tokens = client
            .exchange_code(code)
            .unwrap()
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await
            .unwrap();
        let now = || openidconnect_time(NOW);
        let proof = client.id_token_verifier().set_time_fn(now).set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        ]);
        let token = tokens.id_token().unwrap();
        let proved = token.claims(&proof, &nonce).unwrap();
        let hash = AccessTokenHash::from_token(
            tokens.access_token(),
            token.signing_alg().unwrap(),
            token.signing_key(&proof).unwrap(),
        );
        assert_eq!(proved.access_token_hash(), Some(&hash.unwrap()));
        assert_eq!(proved.auth_context_ref().unwrap().as_str(), "urn:touroku:acr:card");
        assert_eq!(proved.auth_time().unwrap().timestamp(), NOW);
        let more = client.user_info(tokens.access_token().clone(), Some(proved.subject().clone()));
        let _: CoreUserInfoClaims = more.unwrap().request_async(&http).await.unwrap();
        // Nobody stays logged in on a shared computer.
        assert_eq!(browser.get("/api/session").await.code(), "session_missing");
    }
}

fn openidconnect_time(unix: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(unix, 0).unwrap()
}

#[tokio::test]
async fn what_a_client_hears_is_what_it_may_ask_for() {
    let scopes = json!(["company", "card", "contacts", "certificate"]);
    let mut other = registered(json!({"code": "small", "scopes": ["company"], "pushed_only": false}));
    other.name = "別のシステム".into();
    let server = TestServer::start().with_clients(AGENCY, &[registered(json!({"scopes": scopes})), other]);
    let card = server.card(255);
    let done = server.client().registered(&card).await;
    let mut browser = server.client();
    let location = browser.sign_in(&card, &query(&[])).await;
    let tokens = server.client().redeem(&parameter(&location, "code"), &[]).await;
    assert_eq!((tokens.header("cache-control"), tokens.status.as_u16()), ("no-store", 200));
    assert_eq!(tokens.json()["scope"], "openid company card certificate contacts");
    let told = claims(&tokens);
    assert_eq!(told["claims_version"], 1);
    assert_eq!((&told["agency"], &told["category"]), (&json!("aomori"), &json!("goods")));
    assert_eq!((&told["nonce"], &told["amr"]), (&json!("its nonce"), &json!(["sc", "pin", "mfa"])));
    assert_eq!(told["company"]["number"], "990000001");
    assert_eq!(told["company"]["id"], done["completed"]["company_id"]);
    assert_eq!(told["company"]["name"], "（株）テスト商会０１");
    assert_eq!(told["company"]["qualifications"], json!({"物品の販売": "A"}));
    assert_eq!((&told["card"]["serial"], &told["card"]["serial_hex"]), (&json!("255"), &json!("FF")));
    assert!(told["card"]["certificate"].is_null(), "a session needs no certificate");
    assert_eq!(told["contacts"]["representative"]["email"], "representative@example.jp");
    assert_eq!(told["contacts"]["card"]["person"], "連絡花子");

    let access = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let more = server.client().user_info(&access).await.json();
    assert_eq!(more["sub"], told["sub"]);
    let der = more["card"]["certificate"].as_str().unwrap();
    let der = STANDARD.decode(der).unwrap();
    assert_eq!(more["card"]["sha256"], hex::encode(Sha256::digest(der)));
    server.wait(10 * 60_000);
    assert_eq!(error(&server.client().user_info(&access).await), "invalid_token");

    let location = browser.sign_in(&card, &query(&[("client_id", "small")])).await;
    let proof = basic("small", SECRET);
    let small = claims(&server.client().redeem_by(AGENCY, &proof, &parameter(&location, "code"), &[]).await);
    assert!(small["card"].is_null() && small["contacts"].is_null(), "{small}");
    assert_ne!(small["sub"], told["sub"], "two systems can't find out that it is the same company");
}

async fn subject(server: &TestServer, card: &crate::support::authority::Card) -> Value {
    let location = server.client().sign_in(card, &query(&[])).await;
    claims(&server.client().redeem(&parameter(&location, "code"), &[]).await)["sub"].clone()
}

#[tokio::test]
async fn a_registration_keeps_its_name_through_a_renewal_and_another_card_has_another() {
    let server = TestServer::with_client(json!({}));
    let old = server.card(7);
    server.client().registered(&old).await;
    let first = subject(&server, &old).await;
    assert_eq!(subject(&server, &old).await, first);
    let second = server.card(9);
    server.client().registered(&second).await;
    assert_ne!(subject(&server, &second).await, first);

    let not_after = Spec::card().not_after + 86_400;
    let new = server.root.issue(Spec { serial: 8, not_after, ..Spec::card() });
    let mut browser = server.client();
    browser.begin().await;
    assert_eq!(browser.login(&old, "renew_old").await.code(), "");
    assert_eq!(browser.login(&new, "renew_new").await.code(), "");
    assert_eq!(browser.post("/api/renewal", json!({"submission": "r"})).await.code(), "");
    assert_eq!(subject(&server, &new).await, first);
}

#[tokio::test]
async fn clients_of_one_sector_know_a_registration_by_one_name() {
    let clients = ["one", "two"].map(|code| registered(json!({"code": code, "sector": "city"})));
    let server = TestServer::start().with_clients(AGENCY, &clients);
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut subjects = Vec::new();
    for code in ["one", "two"] {
        let location = server.client().sign_in(&card, &query(&[("client_id", code)])).await;
        let (proof, code) = (basic(code, SECRET), parameter(&location, "code"));
        subjects.push(claims(&server.client().redeem_by(AGENCY, &proof, &code, &[]).await)["sub"].clone());
    }
    assert_eq!(subjects[0], subjects[1]);
}

#[tokio::test]
async fn whoever_is_not_registered_registers_and_goes_on_in_the_same_sign_in() {
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    let mut browser = server.client();
    let id = browser.begin_sign_in(&query(&[("ui_locales", "fr en-US")])).await;
    let waits = browser.get(&format!("/api/sign-in?id={id}")).await.json();
    assert_eq!((&waits["client"], &waits["language"]), (&json!("電子入札システム"), &json!("en")));
    assert_eq!(waits["ways"], json!(["card"]));
    browser.begin().await;
    assert_eq!(browser.login(&card, "bid").await.code(), "card_not_registered");
    assert_eq!(browser.login(&card, "register").await.code(), "");
    browser.search("990000001", "（株）テスト商会０１").await;
    assert_eq!(browser.register("first", form()).await.code(), "");
    // Registration alone is not a login for bidding.
    let reply = browser.post("/api/sign-in", json!({"id": id})).await;
    assert_eq!(reply.code(), "card_not_presented");
    assert_eq!(browser.login(&card, "bid").await.code(), "");
    let location = browser.finish(&id).await;
    assert_eq!(server.client().redeem(&parameter(&location, "code"), &[]).await.status, 200);
}

#[tokio::test]
async fn an_id_with_its_password_signs_in_where_the_client_takes_it() {
    let clients = [registered(json!({"categories": ["small"]}))];
    let server = TestServer::start_at("shimonoseki", no_limits(), "review = true => review = false")
        .with_clients("shimonoseki", &clients);
    let mut browser = server.client();
    browser.reach_application().await;
    let applied = browser.apply("first", account_form("test01", "wakaba7kingyo3")).await;
    assert_eq!(applied.code(), "", "{applied:?}");
    let begin = |over: &[(&str, &str)]| format!("/oidc/shimonoseki/authorize?{}", query(over));
    let hint = [("login_hint", "test01")];
    let reply = browser.raw("GET", &begin(&hint), &[], "").await;
    let id = reply.header("location").split_once('=').unwrap().1.to_owned();
    let waits = browser.get(&format!("/api/sign-in?id={id}")).await.json();
    assert_eq!((&waits["login_hint"], &waits["categories"]), (&json!("test01"), &json!(["small"])));
    assert_eq!(browser.log_in_by_id("test01", "wakaba7kingyo3", "bid").await.code(), "");
    let location = browser.finish(&id).await;
    let (proof, code) = (basic("bidding", SECRET), parameter(&location, "code"));
    let told = claims(&server.client().redeem_by("shimonoseki", &proof, &code, &[]).await);
    assert_eq!((&told["acr"], &told["amr"]), (&json!("urn:touroku:acr:password"), &json!(["pwd"])));
    assert_eq!(told["contacts"]["applicant"]["email"], "applicant@example.jp");

    // A client that asks for a card gets nobody with a password.
    let reply = browser.raw("GET", &begin(&[("acr_values", "urn:touroku:acr:card")]), &[], "").await;
    let id = reply.header("location").split_once('=').unwrap().1.to_owned();
    browser.log_in_by_id("test01", "wakaba7kingyo3", "bid").await;
    assert_eq!(browser.post("/api/sign-in", json!({"id": id})).await.code(), "way_not_allowed");
}

#[tokio::test]
async fn a_refusal_reaches_the_client_in_its_own_words() {
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut browser = server.client();
    for (over, expected) in [
        (&[("prompt", "none")][..], "login_required"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("nonce", &*"n".repeat(1025))], "invalid_request"),
        (&[("response_type", "id_token")], "unsupported_response_type"),
        (&[("response_mode", "form_post")], "invalid_request"),
        (&[("scope", "company")], "invalid_scope"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
    ] {
        let reply = browser.authorize(&query(over)).await;
        let location = reply.header("location");
        assert!(location.starts_with("https://bid.example.jp/callback?lane=1&error="), "{reply:?}");
        assert_eq!(parameter(location, "error"), expected);
        assert_eq!(
            (parameter(location, "iss"), parameter(location, "state")),
            (issuer(), "its state".into())
        );
    }
    for over in [&[("prompt", "login")][..], &[("prompt", "consent select_account")], &[("max_age", "0")]] {
        browser.begin_sign_in(&query(over)).await;
    }

    let id = browser.begin_sign_in(&query(&[])).await;
    let left = browser.post("/api/sign-in", json!({"id": id, "give_up": true})).await.json();
    assert_eq!(parameter(left["location"].as_str().unwrap(), "error"), "access_denied");
    assert_eq!(browser.post("/api/sign-in", json!({"id": id, "give_up": true})).await.code(), "not_found");
    let id = browser.begin_sign_in(&query(&[])).await;
    server.wait(3_600_000);
    assert_eq!(browser.get(&format!("/api/sign-in?id={id}")).await.code(), "not_found", "it waits an hour");
}

#[tokio::test]
async fn a_login_that_is_older_than_the_client_wants_is_asked_for_again() {
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    for (over, seconds, code) in [
        (&[("max_age", "120")][..], 119, ""),
        (&[("max_age", "120")], 121, "card_not_presented"),
        (&[("max_age", "0")], 59, ""),
        (&[], 121, ""),
    ] {
        let mut browser = server.client();
        let id = browser.begin_sign_in(&query(over)).await;
        browser.log_in(&card, "bid").await;
        server.wait(seconds * 1000);
        let ended = browser.post("/api/sign-in", json!({"id": id})).await;
        assert_eq!(ended.code(), code, "{over:?} {seconds}: {ended:?}");
    }
}

#[tokio::test]
async fn outside_the_hours_a_client_hears_to_try_again_later() {
    let closed = "[company_id] => [hours]\u{1}open = \"08:30\"\u{1}close = \"08:31\"\u{1}\u{1}[company_id]";
    let server = TestServer::start_with(no_limits(), closed).with_clients(AGENCY, &[registered(json!({}))]);
    let mut browser = server.client();
    let id = browser.begin_sign_in(&query(&[])).await;
    assert_eq!(browser.begin().await.code(), "outside_hours");
    let left = browser.post("/api/sign-in", json!({"id": id, "give_up": true})).await.json();
    assert_eq!(parameter(left["location"].as_str().unwrap(), "error"), "temporarily_unavailable");
}

#[tokio::test]
async fn a_company_that_was_stopped_hears_it_here_and_may_go_back() {
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    let reason = json!({"reason": "指名停止"});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", reason).await.code(), "");
    let mut browser = server.client();
    let id = browser.begin_sign_in(&query(&[])).await;
    browser.begin().await;
    assert_eq!(browser.login(&card, "bid").await.code(), "company_suspended");
    let left = browser.post("/api/sign-in", json!({"id": id, "give_up": true})).await.json();
    assert_eq!(parameter(left["location"].as_str().unwrap(), "error"), "access_denied");
}

#[tokio::test]
async fn discovery_says_what_there_is() {
    let server = TestServer::with_client(json!({}));
    let reply = server.client().get("/oidc/aomori/.well-known/openid-configuration").await;
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    let told = reply.json();
    for (key, expected) in [
        ("issuer", json!(issuer())),
        ("pushed_authorization_request_endpoint", json!(format!("{}/par", issuer()))),
        ("end_session_endpoint", json!(format!("{}/logout", issuer()))),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("response_types_supported", json!(["code"])),
        ("subject_types_supported", json!(["pairwise"])),
        ("id_token_signing_alg_values_supported", json!(["RS256", "ES256"])),
        ("token_endpoint_auth_methods_supported", json!(["client_secret_basic", "private_key_jwt"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("backchannel_logout_supported", json!(true)),
        ("request_uri_parameter_supported", json!(false)),
    ] {
        assert_eq!(told[key], expected, "{key}");
    }
    assert_eq!(server.client().get("/oidc/nowhere/.well-known/openid-configuration").await.status, 404);
    assert_eq!(server.client().get("/oidc/nowhere/jwks").await.status, 404);
    let keys = server.client().get("/oidc/aomori/jwks").await.json();
    let kinds: Vec<&str> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["kty"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["RSA", "RSA", "EC", "EC"]);
    assert!(!keys.to_string().contains("\"d\""), "no private half");
    assert_eq!(server.client().get("/oidc/aomori/jwks").await.json(), keys);
    let restarted = server.restart();
    assert_eq!(restarted.client().get("/oidc/aomori/jwks").await.json(), keys);
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_for_a_minute() {
    let server = TestServer::with_client(json!({"pushed_only": true}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let push = || async {
        let reply = server.client().call("par", &basic("bidding", SECRET), query(&[])).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        assert_eq!(reply.json()["expires_in"], 60);
        reply.json()["request_uri"].as_str().unwrap().to_owned()
    };
    let by = |uri: &str| form_of(&[("client_id", "bidding"), ("request_uri", uri)]);
    let uri = push().await;
    let mut browser = server.client();
    let location = browser.sign_in(&card, &by(&uri)).await;
    assert_eq!(server.client().redeem(&parameter(&location, "code"), &[]).await.status, 200);
    assert_eq!(browser.authorize(&by(&uri)).await.status, 400, "used");
    let uri = push().await;
    server.wait(60_000);
    assert_eq!(browser.authorize(&by(&uri)).await.status, 400, "over");
    let direct = browser.authorize(&query(&[])).await;
    assert_eq!(parameter(direct.header("location"), "error"), "invalid_request", "only pushed ones");
    assert!(answered(direct.header("location")).iter().all(|(name, _)| name != "code"));
}

#[tokio::test]
async fn two_tabs_of_one_browser_are_two_sign_ins() {
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut browser = server.client();
    let one = browser.begin_sign_in(&query(&[("state", "one")])).await;
    let two = browser.begin_sign_in(&query(&[("state", "two")])).await;
    browser.log_in(&card, "bid").await;
    assert_eq!(parameter(&browser.finish(&one).await, "state"), "one");
    browser.log_in(&card, "bid").await;
    assert_eq!(parameter(&browser.finish(&two).await, "state"), "two");
}

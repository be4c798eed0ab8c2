//! PKCS#11 modules, good and odd ones, behind the real program at the command line. SoftHSM does the work.

use std::path::Path;

use crate::token::{Certificate, PIN, Tokens, is_valid, p256, rsa};

fn rsa_token(tokens: Tokens) -> (Tokens, Vec<u8>) {
    let key = rsa();
    let certificate = Certificate::default().der(&key);
    (tokens.with("Card", &key, &certificate), certificate)
}

#[test]
fn an_rsa_token_is_shown_and_signs() {
    let (tokens, certificate) = rsa_token(Tokens::none());
    let status = tokens.status();
    let card = &status["readers"][0]["card"];
    assert_eq!(
        (card["family"].as_str(), card["holder"].as_str()),
        (Some("pkcs11"), Some("Taro")),
        "{status}"
    );
    assert_eq!((card["tries_left"].is_null(), card["problem"].is_null()), (true, true));
    assert_eq!((card["pin"]["min"].as_u64(), card["pin"]["letters"].as_bool()), (Some(4), Some(true)));
    assert_eq!(status["modules"][0]["tokens"], 1);
    let token = tokens.authenticate(PIN, &[]).unwrap();
    assert_eq!(token["algorithm"], "RS256");
    assert!(is_valid(&token, &certificate));
}

#[test]
fn a_p256_token_signs() {
    let key = p256();
    let certificate = Certificate::default().der(&key);
    let tokens = Tokens::none().with("Card", &key, &certificate);
    let token = tokens.authenticate(PIN, &[]).unwrap();
    assert_eq!(token["algorithm"], "ES256");
    assert!(is_valid(&token, &certificate));
}

#[test]
fn a_wrong_pin_is_tried_once_and_remembered_by_the_token() {
    let (tokens, _) = rsa_token(Tokens::odd(""));
    let error = tokens.authenticate("999999", &[]).unwrap_err();
    assert!(error.contains("[pin_wrong]"), "{error}");
    assert_eq!(tokens.logins(), "u");
    let status = tokens.status();
    let card = &status["readers"][0]["card"];
    assert_eq!((card["tries_low"].as_bool(), card["tries_left"].as_u64()), (Some(true), None), "{status}");
    assert!(tokens.authenticate(PIN, &[]).is_ok());
}

#[test]
fn a_pin_that_no_token_could_take_is_not_sent() {
    let (tokens, _) = rsa_token(Tokens::odd(""));
    assert!(tokens.authenticate("123", &[]).unwrap_err().contains("[pin_format]"));
    assert_eq!(tokens.logins(), "");
}

#[test]
fn what_a_token_says_of_its_pin_is_heeded_before_any_login() {
    for (odd, code) in
        [("final_try", "[pin_last_try]"), ("locked", "[pin_locked]"), ("to_be_changed", "[pin_expired]")]
    {
        let (tokens, _) = rsa_token(Tokens::odd(odd));
        let error = tokens.authenticate(PIN, &[]).unwrap_err();
        assert!(error.contains(code), "{odd}: {error}");
        assert_eq!(tokens.logins(), "", "{odd}");
    }
    let (tokens, _) = rsa_token(Tokens::odd("final_try"));
    assert_eq!(tokens.status()["readers"][0]["card"]["tries_left"], 1);
    assert!(tokens.authenticate(PIN, &["--accept-last-try"]).is_ok());
}

#[test]
fn a_refused_login_is_told_by_its_cause() {
    for (odd, code) in [
        ("answers_0xA3", "[pin_expired]"),
        ("answers_0xA2", "[pin_format]"),
        ("answers_0xA4", "[pin_locked]"),
        ("answers_0x32", "[card_removed]"),
    ] {
        let (tokens, _) = rsa_token(Tokens::odd(odd));
        let error = tokens.authenticate(PIN, &[]).unwrap_err();
        assert!(error.contains(code), "{odd}: {error}");
        assert_eq!(tokens.logins(), "u", "{odd}");
    }
    let (tokens, _) = rsa_token(Tokens::odd("final_try"));
    let error = tokens.authenticate("999999", &["--accept-last-try"]).unwrap_err();
    assert!(error.contains("（残り1回）") && error.contains("[pin_wrong]"), "{error}");
}

#[test]
fn a_pin_that_is_entered_at_the_reader_is_never_sent() {
    let (tokens, certificate) = rsa_token(Tokens::odd("pin_pad"));
    assert_eq!(tokens.status()["readers"][0]["card"]["pin_pad"], true);
    for typed in ["", "typed anyway"] {
        let token = tokens.authenticate(typed, &[]).unwrap();
        assert!(is_valid(&token, &certificate));
    }
}

#[test]
fn a_key_that_wants_its_pin_for_each_signature_gets_it_between_beginning_and_end() {
    let (tokens, certificate) = rsa_token(Tokens::odd("always_authenticate"));
    let token = tokens.authenticate(PIN, &[]).unwrap();
    assert!(is_valid(&token, &certificate));
    assert_eq!(tokens.logins(), "uc");
}

#[test]
fn a_token_that_hashes_itself_signs_the_same() {
    let (tokens, certificate) = rsa_token(Tokens::odd("hashes_itself"));
    assert!(is_valid(&tokens.authenticate(PIN, &[]).unwrap(), &certificate));
}

#[test]
fn a_module_that_crashes_or_ends_the_process_is_named_and_takes_nothing_with_it() {
    for (odd, told) in [
        ("crash_in_initialize", "signal 6"),
        ("crash_in_slots", "signal 6"),
        ("exit_in_slots", "status 3"),
        ("crash_in_login", "signal 6"),
        ("exit_in_sign", "status 3"),
    ] {
        let (tokens, _) = rsa_token(Tokens::odd(odd));
        let error = tokens.authenticate(PIN, &[]).unwrap_err();
        assert!(error.contains("[module_failed]") && error.contains("odd-module.so"), "{odd}: {error}");
        assert!(error.contains(told), "{odd}: {error}");
    }
}

#[test]
fn what_a_module_prints_does_not_get_between_the_answers() {
    let (tokens, certificate) = rsa_token(Tokens::odd("print"));
    assert!(is_valid(&tokens.authenticate(PIN, &[]).unwrap(), &certificate));
}

#[test]
fn a_file_that_is_no_module_is_named() {
    for file in ["/nonexistent/module.so", "/etc/hostname"] {
        let tokens = Tokens::listing(Path::new(file), "");
        let status = tokens.status();
        assert_eq!(status["modules"][0]["error"]["code"], "module_failed", "{status}");
        assert!(tokens.authenticate(PIN, &[]).unwrap_err().contains(file));
    }
}

#[test]
fn certificates_that_are_not_for_authentication_are_not_offered() {
    let key = rsa();
    let good = Certificate::default().der(&key);
    let mut tokens = Tokens::none().with("Card", &key, &good);
    for (id, certificate) in [
        ("B1", Certificate { name: "CA", authority: true, ..Certificate::default() }),
        ("B2", Certificate { name: "Mail", client: false, ..Certificate::default() }),
        ("B3", Certificate { name: "Old", first_day: -30, last_day: -1, ..Certificate::default() }),
    ] {
        tokens = tokens.with_certificate("Card", id, &certificate.der(&rsa()));
    }
    let status = tokens.status();
    assert_eq!(status["readers"].as_array().unwrap().len(), 1, "{status}");
    assert!(is_valid(&tokens.authenticate(PIN, &[]).unwrap(), &good));
}

#[test]
fn of_two_usable_certificates_none_is_guessed() {
    let (first, second) = (rsa(), p256());
    let (one, two) = (
        Certificate::default().der(&first),
        Certificate { name: "Jiro", ..Certificate::default() }.der(&second),
    );
    let tokens = Tokens::odd("").with("Card one", &first, &one).with("Card two", &second, &two);
    assert_eq!(tokens.status()["readers"].as_array().unwrap().len(), 2);
    let error = tokens.authenticate(PIN, &[]).unwrap_err();
    assert!(error.contains("[bad_request] reader") && error.contains("Jiro"), "{error}");
    assert_eq!(tokens.logins(), "");
    assert!(is_valid(&tokens.authenticate(PIN, &["--reader", "Card two"]).unwrap(), &two));
}

#[test]
fn doctor_names_each_module_counts_its_tokens_and_says_what_is_wrong_with_it() {
    let report = |tokens: &Tokens| -> serde_json::Value {
        let output = tokens.host().args(["doctor", "--json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let codes = |report: &serde_json::Value| -> Vec<String> {
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    let (good, _) = rsa_token(Tokens::none());
    let report_of_good = report(&good);
    assert_eq!(report_of_good["card"]["modules"][0]["tokens"], 1, "{report_of_good}");
    assert!(!codes(&report_of_good).iter().any(|code| code.starts_with("module_")));
    assert!(codes(&report(&Tokens::odd("crash_in_slots"))).contains(&"module_failed".to_owned()));
    let missing = Tokens::listing(Path::new("/nonexistent/module.so"), "");
    assert!(codes(&report(&missing)).contains(&"module_missing".to_owned()));
}

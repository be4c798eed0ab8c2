//! What the real host logs, and what it never does.

use serde_json::{Value, json};

use crate::{
    conversation::{Conversation, NONCE, ORIGIN},
    token::{Certificate, PIN, Tokens, rsa},
};

/// The owner's name, which the card window shows.
const OWNER: &str = "Hanako-Marked";
/// The token's label chosen by its owner, standing in for a reader's name.
const LABEL: &str = "Label-Marked";

fn tokens(odd: Option<&str>) -> Tokens {
    let key = rsa();
    let certificate = Certificate { name: OWNER, ..Certificate::default() }.der(&key);
    odd.map_or_else(Tokens::none, Tokens::odd).with(LABEL, &key, &certificate)
}

fn watch(browser: &mut Conversation, level: &str) {
    browser.send(&json!({"command": "watch", "id": 50, "origin": ORIGIN, "log_level": level}));
    browser.wait_for(|message| message["id"] == 50);
}

/// A wrong PIN, the right one, one of a wrong format, and something that is not a command although it contains a
/// PIN.
fn everything_that_holds_a_pin(browser: &mut Conversation) -> Vec<Value> {
    let card = browser.card();
    let mut outcomes = Vec::new();
    for (id, pin) in [(2, "Wrong-135791113"), (3, PIN), (4, "x")] {
        browser.authenticate(id, &card, pin);
        outcomes.push(browser.outcome(id));
    }
    browser.send(&json!({"command": "authenticate", "id": 5, "origin": ORIGIN, "nonce": 1, "pin": PIN}));
    outcomes.push(browser.outcome(5));
    browser.settle();
    outcomes.push(card);
    outcomes
}

#[test]
fn the_fullest_log_holds_no_pin_no_nonce_no_signature_no_certificate_and_no_name() {
    for odd in [None, Some("crash_in_login"), Some("print")] {
        let tokens = tokens(odd);
        tokens.configure("log_level = \"debug\"");
        let mut browser = Conversation::begin(tokens.host());
        let outcomes = everything_that_holds_a_pin(&mut browser);
        let log = tokens.log().unwrap();
        assert!(log.contains(" watch for https://ebid.example.jp") && log.contains(" pkcs11 card"), "{log}");
        assert!(
            log.contains(if odd == Some("crash_in_login") { " module_failed: " } else { ": signed" }),
            "{log}"
        );
        assert!(log.contains(" error [") && log.contains(" 5: bad_request: nonce"), "{log}");
        let token = &outcomes[1]["token"];
        let secrets = [PIN, "Wrong-135791113", "135791113", NONCE, OWNER, LABEL, "Example Construction"];
        let said = [&token["signature"], &token["unverifiedCertificate"], &outcomes[4]["id"]];
        for secret in secrets.into_iter().chain(said.into_iter().filter_map(Value::as_str)) {
            let start: String = secret.chars().take(40).collect();
            assert!(!log.contains(&start), "{start}: {log}");
        }
    }
}

#[test]
fn without_an_administrators_word_only_what_an_administrator_must_mend_is_logged() {
    let tokens = tokens(None);
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    browser.authenticate(2, &card, PIN);
    browser.outcome(2);
    assert_eq!(tokens.log(), None, "there is no file while there is nothing to say");
    let elsewhere = json!({"command": "watch", "id": 3, "origin": "https://evil.example.jp"});
    browser.send(&elsewhere);
    browser.outcome(3);
    let log = tokens.log().unwrap();
    assert!(log.contains("origin_not_allowed") && log.lines().count() == 1, "{log}");
}

#[test]
fn the_extensions_managed_setting_counts_where_the_configuration_is_silent() {
    let tokens = tokens(None);
    let mut browser = Conversation::begin(tokens.host());
    watch(&mut browser, "info");
    assert!(tokens.log().unwrap().contains("50: watch"));
    watch(&mut browser, "off");
    let before = tokens.log();
    browser.send(&json!({"command": "watch", "id": 3, "origin": "https://evil.example.jp"}));
    browser.outcome(3);
    assert_eq!(tokens.log(), before);
}

#[test]
fn the_configuration_goes_before_the_extensions_managed_setting() {
    let tokens = tokens(None);
    tokens.configure("log_level = \"off\"");
    let mut browser = Conversation::begin(tokens.host());
    watch(&mut browser, "debug");
    browser.settle();
    assert_eq!(tokens.log(), None);
}

#[test]
fn a_caller_that_is_not_on_the_list_cannot_make_the_log_talk() {
    let tokens = Tokens::none();
    tokens.configure("# nobody below");
    let mut host = tokens.host();
    host.arg(format!("chrome-extension://{}/", "p".repeat(32)));
    let mut browser = Conversation::begin(host);
    browser.wait_for(|message| message["id"] == 1);
    watch(&mut browser, "debug");
    let log = tokens.log().unwrap();
    assert!(log.lines().count() == 2 && log.lines().all(|line| line.contains("caller_not_allowed")), "{log}");
}

//! A module's process that hangs or is no longer wanted, and a conversation with a browser about tokens.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use openssl::cms::{CMSOptions, CmsContentInfo};
use serde_json::json;
use touroku_host::{
    card::{
        Control,
        pkcs11::{
            process::{Process, READ_LIMIT},
            wire::{self, Answer, Ask},
        },
    },
    error::{Error, ModuleTrouble},
};
use touroku_proto::{cms::SignedDocument, document::DocumentSignature, token::Algorithm};

use crate::{
    conversation::{Conversation, ORIGIN},
    token::{Certificate, PIN, Tokens, is_valid, rsa},
};

/// Never cancels.
struct Patient;

impl Control for Patient {
    fn proceed(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Has cancelled.
struct Impatient;

impl Control for Impatient {
    fn proceed(&mut self) -> Result<(), Error> {
        Err(Error::Cancelled)
    }
}

fn with_token(tokens: Tokens) -> (Tokens, Vec<u8>) {
    let key = rsa();
    let certificate = Certificate::default().der(&key);
    (tokens.with("Card", &key, &certificate), certificate)
}

#[test]
fn a_module_that_hangs_is_given_up_after_its_time_and_named() {
    for odd in ["hang_in_initialize", "hang_in_slots"] {
        let tokens = Tokens::odd(odd);
        let mut process =
            Process::start(&tokens.program(), Some(&tokens.config()), &tokens.module(), || ()).unwrap();
        let error = process.ask(&Ask::Tokens, Duration::from_millis(300), &mut Patient).unwrap_err();
        let module = tokens.module().display().to_string();
        assert_eq!(error, Error::Module { module, trouble: ModuleTrouble::Silent { seconds: 0 } }, "{odd}");
    }
}

#[test]
fn a_module_that_the_configuration_does_not_list_is_not_loaded() {
    let (tokens, stranger) = (Tokens::none(), Tokens::odd(""));
    for config in [Some(tokens.config()), Some(tokens.config().with_file_name("missing.toml")), None] {
        let config = config.as_deref();
        let mut process = Process::start(&tokens.program(), config, &stranger.module(), || ()).unwrap();
        let refused = process.ask(&Ask::Tokens, READ_LIMIT, &mut Patient);
        let trouble = ModuleTrouble::Load("not listed in the configuration".to_owned());
        let module = stranger.module().display().to_string();
        assert_eq!(refused, Err(Error::Module { module, trouble }), "{config:?}");
    }
}

#[test]
fn nobody_waits_for_a_module_who_has_given_up() {
    let tokens = Tokens::odd("hang_in_slots");
    let mut process =
        Process::start(&tokens.program(), Some(&tokens.config()), &tokens.module(), || ()).unwrap();
    assert_eq!(process.ask(&Ask::Tokens, READ_LIMIT, &mut Impatient), Err(Error::Cancelled));
}

#[test]
fn a_module_that_hangs_does_not_outlive_the_host() {
    let tokens = Tokens::odd("hang_in_slots");
    let mut process = Command::new(tokens.program());
    process
        .arg("--module-worker")
        .arg(tokens.module())
        .arg(tokens.config())
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut process = process.spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    wire::write(&mut input, &Ask::Tokens).unwrap();
    drop(input);
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_pin_is_good_for_one_signature_only() {
    let (tokens, certificate) = with_token(Tokens::odd(""));
    let mut process =
        Process::start(&tokens.program(), Some(&tokens.config()), &tokens.module(), || ()).unwrap();
    let id = openssl::sha::sha256(&certificate).map(|byte| format!("{byte:02x}")).concat();
    let ready = process.ask(&Ask::Prepare { certificate: id }, READ_LIMIT, &mut Patient).unwrap();
    assert!(matches!(ready, Answer::Ready { .. }));
    let sign = || Ask::Sign {
        pin: Some(touroku_proto::card::Pin::new("999999".to_owned())),
        key: touroku_host::card::certificate::Key::Rsa { bytes: 256 },
        message: b"message".to_vec(),
    };
    let wrong = process.ask(&sign(), READ_LIMIT, &mut Patient);
    assert_eq!(wrong, Err(Error::PinWrong { tries: None }));
    assert!(matches!(process.ask(&sign(), READ_LIMIT, &mut Patient), Err(Error::Module { .. })));
    assert_eq!(tokens.logins(), "u");
}

#[test]
fn a_browser_sees_a_token_and_signs_with_it() {
    let (tokens, certificate) = with_token(Tokens::odd(""));
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    assert_eq!((card["family"].as_str(), card["tries_low"].is_null()), (Some("pkcs11"), true));
    browser.authenticate(2, &card, "999999");
    assert_eq!(browser.outcome(2)["error"]["code"], "pin_wrong");
    // The token remembers, and the window is told without asking.
    let again = browser.card();
    assert_eq!(again["tries_low"], true, "{again}");
    browser.authenticate(3, &card, PIN);
    assert!(is_valid(&browser.outcome(3)["token"], &certificate));
    assert_eq!(tokens.logins(), "uu");
}

#[test]
fn a_person_can_give_up_a_module_that_hangs_with_the_pin() {
    let (tokens, _) = with_token(Tokens::odd("hang_in_login"));
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    browser.authenticate(2, &card, PIN);
    // Loaded and prepared: the PIN is on its way.
    browser.wait_for(|message| message["type"] == "progress" && message["done"] == 2);
    browser.send(&json!({"command": "cancel", "id": 3}));
    assert_eq!(browser.outcome(2)["error"]["code"], "cancelled");
}

#[test]
fn a_module_that_crashes_is_shown_and_the_conversation_goes_on() {
    let tokens = Tokens::odd("crash_in_slots");
    let mut browser = Conversation::begin(tokens.host());
    let shown = browser.wait_for(|message| message["readers"][0]["state"] == "unusable");
    let error = &shown["readers"][0]["error"];
    assert_eq!(
        (error["code"].as_str(), &shown["readers"][0]["name"]),
        (Some("module_failed"), &json!("odd-module.so"))
    );
    browser.send(&json!({"command": "status", "id": 2}));
    assert_eq!(browser.wait_for(|message| message["type"] == "status")["id"], 2);
}

#[test]
fn a_browser_is_told_how_long_the_reader_waits_for_the_pin_and_that_it_has_it() {
    let (tokens, certificate) = with_token(Tokens::odd("pin_pad"));
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    assert_eq!(card["pin_pad"], true);
    browser.authenticate(2, &card, "");
    let asked = browser.wait_for(|message| message["pad_seconds"].is_u64());
    assert_eq!((asked["type"].as_str(), asked["pad_seconds"].as_u64()), (Some("progress"), Some(90)));
    let after = browser.wait_for(|message| message["type"] == "progress");
    assert!(after["pad_seconds"].is_null(), "{after}");
    assert!(is_valid(&browser.outcome(2)["token"], &certificate));
}

#[test]
fn without_pcsc_a_modules_tokens_are_counted_shown_as_they_come_and_go_and_sign() {
    // No slot events, or an error instead.
    for odd in ["print", "wait_fails"] {
        let (tokens, certificate) = with_token(Tokens::odd(odd));
        let mut browser = Conversation::begin(tokens.host());
        let card = browser.card();
        browser.send(&json!({"command": "status", "id": 2}));
        let status = browser.wait_for(|message| message["type"] == "status");
        assert_eq!(status, json!({"type": "status", "id": 2, "service": "off", "readers": 1, "cards": 1}));

        std::fs::write(tokens.absent(), "").unwrap();
        browser.wait_for(|message| message["readers"] == json!([]));
        std::fs::remove_file(tokens.absent()).unwrap();
        assert_eq!(browser.card()["id"], card["id"]);
        browser.authenticate(3, &card, PIN);
        assert!(is_valid(&browser.outcome(3)["token"], &certificate));
    }
}

#[test]
fn without_pcsc_a_module_that_does_not_work_counts_as_none() {
    let tokens = Tokens::odd("crash_in_slots");
    let mut browser = Conversation::begin(tokens.host());
    browser.send(&json!({"command": "status", "id": 2}));
    let status = browser.wait_for(|message| message["type"] == "status");
    assert_eq!((status["readers"].as_u64(), status["cards"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn a_token_or_module_that_goes_at_any_moment_ends_the_request_once_and_costs_no_try() {
    // Gone before it is looked for.
    let (tokens, _) = with_token(Tokens::odd(""));
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    std::fs::write(tokens.absent(), "").unwrap();
    browser.authenticate(2, &card, PIN);
    assert_eq!(browser.outcome(2)["error"]["code"], "card_changed");
    assert_eq!((tokens.logins().as_str(), answers(&mut browser, 2)), ("", 1));

    // At the login, after it, and where the module ends instead.
    for (odd, code, logins) in [
        ("answers_0x32", "card_removed", "u"),
        ("crash_in_login", "module_failed", "u"),
        ("exit_in_sign", "module_failed", "u"),
        ("crash_in_sign", "module_failed", "u"),
    ] {
        let (tokens, _) = with_token(Tokens::odd(odd));
        let mut browser = Conversation::begin(tokens.host());
        let card = browser.card();
        browser.authenticate(2, &card, PIN);
        assert_eq!(browser.outcome(2)["error"]["code"], code, "{odd}");
        assert_eq!((tokens.logins().as_str(), answers(&mut browser, 2)), (logins, 1), "{odd}");
    }
}

/// How many answers a request got, once the host has processed everything it was sent.
fn answers(browser: &mut Conversation, id: u32) -> usize {
    browser.settle();
    let is_answer =
        |kind: &str| browser.said().matches(&format!("{{\"type\":\"{kind}\",\"id\":{id},")).count();
    is_answer("token") + is_answer("error")
}

#[test]
fn an_application_is_signed_so_that_openssl_verifies_it() {
    let key = rsa();
    let certificate = Certificate::default().der(&key);
    let tokens = Tokens::none().with("Card", &key, &certificate);
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    let text = format!(
        "利用者登録の申請\n書式\n　touroku-application:1\nサイト\n　{ORIGIN}\n受付番号\n　R-1\n■企業情報\n企業名称\n　甲\n"
    );
    browser.send(&json!({
        "command": "sign", "id": 7, "origin": ORIGIN, "document": text, "card": card["id"], "pin": PIN,
    }));
    let answer = browser.outcome(7);
    assert_eq!(answer["type"], "signature", "{answer}");
    let signature: DocumentSignature = serde_json::from_value(answer["signature"].clone()).unwrap();
    let bytes = |text: &str| openssl::base64::decode_block(text).unwrap();
    assert_eq!(bytes(&signature.certificate), certificate);
    let signed = SignedDocument {
        document: &text,
        certificate: &certificate,
        signed_at: signature.signed_at,
        algorithm: Algorithm::from_name(&signature.algorithm).unwrap(),
        signature: &bytes(&signature.signature),
    };
    let mut cms = CmsContentInfo::from_der(&signed.to_cms(&[]).unwrap()).unwrap();
    let options = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
    cms.verify(None, None, Some(text.as_bytes()), None, options).unwrap();
    assert!(cms.verify(None, None, Some(text.replace('甲', "乙").as_bytes()), None, options).is_err());
}

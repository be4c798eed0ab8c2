//! A module's process that hangs or is no longer wanted, and a conversation with a browser about tokens.

// Helpers of tests are tests too; clippy.toml's exception sees only `#[test]` functions.
#![allow(clippy::unwrap_used)]
// Computers, programs and modules are staged with what Unix has.
#![cfg(unix)]

mod conversation;
mod token;

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use conversation::{Conversation, ORIGIN};
use openssl::cms::{CMSOptions, CmsContentInfo};
use serde_json::json;
use token::{Certificate, PIN, Tokens, is_valid, rsa};
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

/// Lets everything go on.
struct Patient;

impl Control for Patient {
    fn proceed(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Has given up.
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
        let mut process = Process::start(&tokens.program(), &tokens.module(), || ()).unwrap();
        let error = process.ask(&Ask::Tokens, Duration::from_millis(300), &mut Patient).unwrap_err();
        let module = tokens.module().display().to_string();
        assert_eq!(error, Error::Module { module, trouble: ModuleTrouble::Silent { seconds: 0 } }, "{odd}");
    }
}

#[test]
fn nobody_waits_for_a_module_who_has_given_up() {
    let tokens = Tokens::odd("hang_in_slots");
    let mut process = Process::start(&tokens.program(), &tokens.module(), || ()).unwrap();
    assert_eq!(process.ask(&Ask::Tokens, READ_LIMIT, &mut Impatient), Err(Error::Cancelled));
}

#[test]
fn a_module_that_hangs_does_not_outlive_the_host() {
    let tokens = Tokens::odd("hang_in_slots");
    let mut process = Command::new(tokens.program());
    process.arg("--module-worker").arg(tokens.module()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut process = process.spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    wire::write(&mut input, &Ask::Tokens).unwrap();
    drop(input);
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_pin_is_good_for_one_signature_only() {
    let (tokens, certificate) = with_token(Tokens::odd(""));
    let mut process = Process::start(&tokens.program(), &tokens.module(), || ()).unwrap();
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

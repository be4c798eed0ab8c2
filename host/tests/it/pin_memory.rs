//! After an authentication no copy of the PIN is left in the host's memory or in what it wrote.

use std::{fs::File, path::Path};

use serde_json::json;
use touroku_host::{
    card::{
        Control,
        certificate::Key,
        pkcs11::{
            process::{Process, READ_LIMIT},
            wire::{Answer, Ask},
        },
    },
    error::Error,
};
use touroku_proto::card::Pin;

use crate::{
    conversation::{Conversation, NONCE, ORIGIN, regions_with},
    token::{Certificate, PIN, Tokens, is_valid, rsa},
};

#[test]
fn a_pin_is_not_found_in_the_running_host_after_it_was_used() {
    let key = rsa();
    let certificate = Certificate::default().der(&key);
    let tokens = Tokens::none().with("Card", &key, &certificate);
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    browser.authenticate(2, &card, PIN);
    assert!(is_valid(&browser.outcome(2)["token"], &certificate));
    browser.settle();
    assert_eq!(regions_with(browser.process(), PIN), Vec::<String>::new());
    assert!(!browser.said().contains(PIN));
    // The search itself works.
    assert!(!regions_with(browser.process(), "chrome-extension://").is_empty());
}

#[test]
fn a_wrong_pin_whose_characters_json_escapes_is_not_found_either() {
    let key = rsa();
    let tokens = Tokens::none().with("Card", &key, &Certificate::default().der(&key));
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    browser.authenticate(2, &card, "\"a\\917283645091827");
    assert_eq!(browser.outcome(2)["error"]["code"], "pin_wrong");
    browser.settle();
    assert_eq!(regions_with(browser.process(), "917283645091827"), Vec::<String>::new());
}

#[test]
fn a_pin_that_waits_for_a_card_is_not_swapped_out() {
    let key = rsa();
    let tokens = Tokens::odd("hang_in_login").with("Card", &key, &Certificate::default().der(&key));
    let mut browser = Conversation::begin(tokens.host());
    let card = browser.card();
    let locked = |browser: &Conversation| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", browser.process())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u32>().unwrap()
    };
    browser.authenticate(2, &card, PIN);
    browser.wait_for(|message| message["type"] == "progress" && message["done"] == 2);
    assert!(locked(&browser) > 0);
}

#[test]
fn a_pin_from_the_hosts_own_dialog_is_found_neither_in_its_memory_nor_in_what_it_wrote() {
    let key = rsa();
    let certificate = Certificate::default().der(&key);
    let tokens = Tokens::odd("").with("Card", &key, &certificate).with_dialog(PIN);
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut host = tokens.host();
    host.stderr(File::create(log.path()).unwrap());
    let mut browser = Conversation::begin(host);
    let card = browser.card();
    browser.send(&json!({
        "command": "authenticate", "id": 2, "origin": ORIGIN, "nonce": NONCE, "card": card["id"],
    }));
    assert!(is_valid(&browser.outcome(2)["token"], &certificate));
    browser.settle();
    assert_eq!(regions_with(browser.process(), PIN), Vec::<String>::new());
    assert!(!browser.said().contains(PIN));
    assert!(!std::fs::read_to_string(log.path()).unwrap().contains(PIN));
    for worker in workers(&tokens) {
        assert_eq!(regions_with(worker, PIN), Vec::<String>::new(), "the one that watches never had it");
    }
}

#[test]
fn a_pin_is_not_found_in_a_modules_process_after_it_was_used() {
    struct Patient;
    impl Control for Patient {
        fn proceed(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }
    let key = rsa();
    let certificate = Certificate::default().der(&key);
    let tokens = Tokens::odd("").with("Card", &key, &certificate);
    let id = openssl::sha::sha256(&certificate).map(|byte| format!("{byte:02x}")).concat();
    for (pin, is_right) in [(PIN, true), ("Wrong-864209753", false)] {
        let mut process =
            Process::start(&tokens.program(), Some(&tokens.config()), &tokens.module(), || ()).unwrap();
        process.ask(&Ask::Prepare { certificate: id.clone() }, READ_LIMIT, &mut Patient).unwrap();
        let (pin_sent, key) = (Some(Pin::new(pin.to_owned())), Key::Rsa { bytes: 256 });
        let sign = Ask::Sign { pin: pin_sent, key, message: b"message".to_vec() };
        let signed = process.ask(&sign, READ_LIMIT, &mut Patient);
        assert_eq!(matches!(signed, Ok(Answer::Signature { .. })), is_right, "{signed:?}");
        // It has answered; ask again, so that it has processed everything before.
        process.ask(&Ask::Tokens, READ_LIMIT, &mut Patient).unwrap();
        let [worker] = workers(&tokens)[..] else { panic!("one process") };
        assert_eq!(regions_with(worker, pin), Vec::<String>::new());
        assert!(!regions_with(worker, "SOFTHSM2_CONF").is_empty(), "the search finds what is there");
    }
}

/// The processes of these tokens' module.
fn workers(tokens: &Tokens) -> Vec<u32> {
    let is_worker = |process: &Path| {
        let arguments = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let has = |text: &str| arguments.windows(text.len()).any(|part| part == text.as_bytes());
        has("--module-worker") && has(&tokens.module().display().to_string())
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let processes = entries.filter(|entry| is_worker(&entry.path()));
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

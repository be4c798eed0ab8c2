//! After an authentication no copy of the PIN is left in the host's memory or in what it wrote.

// Helpers of tests are tests too; clippy.toml's exception sees only `#[test]` functions.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod conversation;
mod token;

use conversation::{Conversation, regions_with};
use token::{Certificate, PIN, Tokens, is_valid, rsa};

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
    // The search itself finds what is there.
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

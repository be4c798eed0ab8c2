//! The golden files in `fixtures`, which hold Rust and the extension's JavaScript to the same words: each message
//! is parsed as its type and serialised back to the same JSON, and none is missing.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use std::{collections::BTreeSet, fs, path::Path};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use touroku_proto::card::{
    CardErrorCode, Fit, HostCommand, HostMessage, PageReply, PageRequest, Part, Purpose, Spoken,
};

#[test]
fn the_requests_of_a_page_are_the_golden_ones() {
    let requests = golden::<PageRequest>("page_requests");
    let tags = requests.iter().map(|request| match request {
        PageRequest::Status => 0,
        PageRequest::Authenticate { .. } => 1,
        PageRequest::Cancel => 2,
        PageRequest::CheckUp => 3,
        PageRequest::Sign { .. } => 4,
    });
    assert_all(tags, 5);
    let purposes = requests.iter().filter_map(|request| match request {
        PageRequest::Authenticate { purpose, .. } => Some(match purpose {
            Purpose::Register => 0,
            Purpose::Change => 1,
            Purpose::RenewOld => 2,
            Purpose::RenewNew => 3,
            Purpose::Bid => 4,
            Purpose::Check => 5,
            Purpose::Officer => 6,
        }),
        _ => None,
    });
    assert_all(purposes, 7);
}

#[test]
fn the_replies_to_a_page_are_the_golden_ones() {
    let replies = golden::<PageReply>("page_replies");
    let tags = replies.iter().map(|reply| match reply {
        PageReply::Status(_) => 0,
        PageReply::Opened => 1,
        PageReply::Token { .. } => 2,
        PageReply::Error { .. } => 3,
        PageReply::Findings { .. } => 4,
        PageReply::Signature { .. } => 5,
    });
    assert_all(tags, 6);
}

#[test]
fn the_commands_to_the_host_are_the_golden_ones() {
    let commands = golden::<HostCommand>("host_commands");
    let tags = commands.iter().map(|command| match command {
        HostCommand::Status { .. } => 0,
        HostCommand::Watch { .. } => 1,
        HostCommand::Authenticate { .. } => 2,
        HostCommand::Cancel { .. } => 3,
        HostCommand::CheckUp { .. } => 4,
        HostCommand::Sign { .. } => 5,
    });
    assert_all(tags, 6);
}

#[test]
fn the_messages_of_the_host_are_the_golden_ones() {
    let messages = golden::<HostMessage>("host_messages");
    let tags = messages.iter().map(|message| match message {
        HostMessage::Hello { .. } => 0,
        HostMessage::Status { .. } => 1,
        HostMessage::Readers { .. } => 2,
        HostMessage::Progress { .. } => 3,
        HostMessage::Token { .. } => 4,
        HostMessage::Done { .. } => 5,
        HostMessage::Error { .. } => 6,
        HostMessage::Findings { .. } => 7,
        HostMessage::Signature { .. } => 8,
    });
    assert_all(tags, 9);
}

#[test]
fn the_error_codes_are_the_golden_ones_and_all_of_them() {
    assert_eq!(golden::<CardErrorCode>("card_error_codes"), CardErrorCode::ALL);
}

/// A part of one protocol beside a part of another.
#[derive(Serialize, serde::Deserialize)]
struct Pair {
    name: String,
    ours: Spoken,
    theirs: Part,
    fit: Fit,
}

#[test]
fn neighbouring_versions_work_together_and_others_say_which_part_to_update() {
    for pair in golden::<Pair>("version_pairs") {
        assert_eq!(pair.ours.fit(&pair.theirs), pair.fit, "{}", pair.name);
    }
}

/// Parses a golden file, and checks that it serialises back to the same JSON.
fn golden<T: DeserializeOwned + Serialize>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("{name}.json"));
    let values: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let read = |value: Value| {
        let message: T =
            serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(serde_json::to_value(&message).unwrap(), value);
        message
    };
    values.into_iter().map(read).collect()
}

/// Every variant from 0 to `count` occurs. A new variant does not compile until it has a number here.
fn assert_all(tags: impl Iterator<Item = usize>, count: usize) {
    assert_eq!(tags.collect::<BTreeSet<_>>(), (0..count).collect());
}

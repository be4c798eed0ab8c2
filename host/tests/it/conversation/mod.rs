//! A conversation with the host like a browser's.

#![allow(dead_code, reason = "the journeys use a part of it")]
#![allow(clippy::unwrap_used)]

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// The site that asks.
pub(crate) const ORIGIN: &str = "https://ebid.example.jp";

pub(crate) const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The extension that calls.
pub(crate) const EXTENSION: &str = "abcdefghijklmnopabcdefghijklmnop";

/// A conversation like a browser's.
pub(crate) struct Conversation {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
    said: String,
}

impl Conversation {
    /// Starts the host, whose configuration allows [`EXTENSION`] and [`ORIGIN`], and has it watch.
    pub(crate) fn begin(mut host: Command) -> Self {
        host.arg(format!("chrome-extension://{EXTENSION}/"));
        let mut process = host.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut conversation = Self { process, input, output, said: String::new() };
        conversation.send(&json!({"command": "watch", "id": 1, "origin": ORIGIN}));
        conversation
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.input.write_all(&u32::try_from(text.len()).unwrap().to_ne_bytes()).unwrap();
        self.input.write_all(text.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    pub(crate) fn receive(&mut self) -> Value {
        let mut length = [0; 4];
        self.output.read_exact(&mut length).unwrap();
        let mut body = vec![0; u32::from_ne_bytes(length) as usize];
        self.output.read_exact(&mut body).unwrap();
        let text = String::from_utf8(body).unwrap();
        self.said.push_str(&text);
        serde_json::from_str(&text).unwrap()
    }

    /// The next message that matches; earlier ones are skipped.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.receive();
            if wanted(&message) {
                return message;
            }
        }
    }

    /// The first card, when it is shown.
    pub(crate) fn card(&mut self) -> Value {
        loop {
            let message = self.wait_for(|message| message["type"] == "readers");
            let mut readers = message["readers"].as_array().unwrap().iter();
            if let Some(reader) = readers.find(|reader| reader["state"] == "card") {
                return reader["card"].clone();
            }
        }
    }

    pub(crate) fn authenticate(&mut self, id: u32, card: &Value, pin: &str) {
        self.send(&json!({
            "command": "authenticate", "id": id, "origin": ORIGIN, "nonce": NONCE, "card": card["id"], "pin": pin,
        }));
    }

    pub(crate) fn outcome(&mut self, id: u32) -> Value {
        self.wait_for(|message| {
            message["id"] == id && message["type"] != "progress" && message["type"] != "done"
        })
    }

    /// Waits until the host has processed everything sent so far.
    pub(crate) fn settle(&mut self) {
        self.send(&json!({"command": "cancel", "id": 99}));
        self.wait_for(|message| message["id"] == 99);
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// All messages so far.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where a text occurs in a process's writable memory: the kernel's lines on those regions.
pub(crate) fn regions_with(process: u32, text: &str) -> Vec<String> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut found = Vec::new();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        if !rest.starts_with("rw") {
            continue;
        }
        let mut content = vec![0; usize::try_from(number(end) - number(start)).unwrap()];
        // A thread's stack may disappear meanwhile.
        let read = memory.seek(SeekFrom::Start(number(start))).and_then(|_| memory.read_exact(&mut content));
        if read.is_ok() {
            let here = content.windows(text.len()).filter(|part| *part == text.as_bytes());
            found.extend(here.map(|_| line.to_owned()));
        }
    }
    found
}

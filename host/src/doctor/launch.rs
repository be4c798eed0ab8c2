//! Starts a registered program as a browser does and has a short conversation with it.

use std::{
    io::{Read, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use touroku_proto::{
    MAX_HOST_OUTPUT, OLDEST_PROTOCOL, PROTOCOL,
    card::{CardErrorCode, HostMessage, Part},
};

use super::{code::Code, finding::Finding};
use crate::{config::CALLER_SCHEME, frame, journal};

/// How much of what a program wrote is shown, in bytes.
const EXCERPT: usize = 200;

/// How often a program that should end is checked.
const GLANCE: Duration = Duration::from_millis(10);

/// Starts `program` for the extension `id`; returns how it introduced itself, and what was wrong. An answer may
/// take as long as `patience`, the end as long as browsers wait before they kill a host: about two seconds.
pub(super) fn try_out(program: &Path, id: &str, patience: Duration) -> (Option<Part>, Vec<Finding>) {
    let mut command = Command::new(program);
    command.arg(format!("{CALLER_SCHEME}{id}/"));
    if cfg!(windows) {
        command.arg("--parent-window=0");
    }
    command.env(journal::SILENCE, "");
    command.current_dir(program.parent().unwrap_or(Path::new("/")));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let finding = Finding::new(Code::HostNotStartable).in_file(program).because(error.to_string());
            return (None, vec![finding]);
        }
    };
    let (part, findings) = converse(child, patience);
    (part, findings.into_iter().map(|finding| finding.in_file(program)).collect())
}

fn converse(mut child: Child, patience: Duration) -> (Option<Part>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut output = Stream::of(child.stdout.take().expect("standard output is piped"));
    let mut errors = Stream::of(child.stderr.take().expect("standard error is piped"));
    let mut input = child.stdin.take();
    let mut part = None;
    match output.frame(patience) {
        Incoming::Frame(body) => match serde_json::from_slice(&body) {
            Ok(HostMessage::Hello { part: said, .. }) => part = Some(said),
            _ => findings.push(Finding::new(Code::HostHello).because(excerpt(&body))),
        },
        Incoming::End => {
            errors.wait_for_end(patience);
            let status = wait(&mut child, patience).unwrap_or_default();
            let said = excerpt(&errors.buffer);
            findings
                .push(Finding::new(Code::HostExits).because(format!("{status} {said}").trim().to_owned()));
        }
        Incoming::Broken => {
            findings.push(Finding::new(Code::StdoutPolluted).because(excerpt(&output.buffer)));
        }
        Incoming::Silence => findings.push(Finding::new(Code::HostSilent).because("hello")),
    }
    if let Some(part) = &part {
        if part.protocol < OLDEST_PROTOCOL || part.oldest_protocol > PROTOCOL {
            let versions = format!("{} / {}", part.version, env!("CARGO_PKG_VERSION"));
            findings.push(Finding::new(Code::HostVersion).because(versions));
        } else if let Some(input) = &mut input {
            let question = json!({"command": "status", "id": 1}).to_string();
            // A program that is gone shows as an end of its output.
            let _ = frame::write(input, question.as_bytes()).and_then(|()| Ok(input.flush()?));
            findings.extend(answer(&mut output, patience));
        }
    }
    drop(input);
    output.wait_for_end(Duration::from_secs(2));
    if part.is_some() && findings.is_empty() && !output.buffer.is_empty() {
        findings.push(Finding::new(Code::StdoutExtra).because(excerpt(&output.buffer)));
    }
    if wait(&mut child, Duration::from_secs(2)).is_none() {
        findings.push(Finding::new(Code::HostLingers));
        // It may have ended just now.
        let _ = child.kill();
        let _ = child.wait();
    }
    (part, findings)
}

/// What is wrong with the answer to our question.
fn answer(output: &mut Stream, patience: Duration) -> Option<Finding> {
    match output.frame(patience) {
        Incoming::Frame(body) => match serde_json::from_slice(&body) {
            Ok(HostMessage::Error { error, .. })
                if matches!(
                    error.code,
                    CardErrorCode::CallerNotAllowed | CardErrorCode::HostMisconfigured
                ) =>
            {
                Some(Finding::new(Code::HostRefusesCaller).because(error.detail.unwrap_or_default()))
            }
            Ok(HostMessage::Status { .. } | HostMessage::Error { .. }) => None,
            _ => Some(Finding::new(Code::StdoutPolluted).because(excerpt(&body))),
        },
        Incoming::End => Some(Finding::new(Code::HostExits).because("status")),
        Incoming::Broken => Some(Finding::new(Code::StdoutPolluted).because(excerpt(&output.buffer))),
        Incoming::Silence => Some(Finding::new(Code::HostSilent).because("status")),
    }
}

/// The exit status in words, once the program has ended. Polled: std can only wait for a child without limit, and
/// nobody could kill it from another thread meanwhile.
fn wait(child: &mut Child, patience: Duration) -> Option<String> {
    let deadline = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.to_string()),
            Ok(None) if Instant::now() < deadline => thread::sleep(GLANCE),
            _ => return None,
        }
    }
}

enum Incoming {
    Frame(Vec<u8>),
    /// Nothing more, and nothing begun.
    End,
    /// What arrived is not a frame; it stays in the buffer.
    Broken,
    Silence,
}

/// What a program writes, as it comes.
struct Stream {
    chunks: Receiver<Vec<u8>>,
    buffer: Vec<u8>,
}

impl Stream {
    fn of(mut source: impl Read + Send + 'static) -> Self {
        // Bounded: a program that writes endlessly must not fill our memory.
        let (sender, chunks) = mpsc::sync_channel(16);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = source.read(&mut chunk) {
                if sender.send(chunk[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { chunks, buffer: Vec::new() }
    }

    fn frame(&mut self, patience: Duration) -> Incoming {
        let deadline = Instant::now() + patience;
        loop {
            if let Some((head, rest)) = self.buffer.split_first_chunk::<4>() {
                let length = usize::try_from(u32::from_ne_bytes(*head)).unwrap_or(usize::MAX);
                if length > MAX_HOST_OUTPUT {
                    return Incoming::Broken;
                }
                if rest.len() >= length {
                    let body = rest[..length].to_vec();
                    self.buffer.drain(..4 + length);
                    return Incoming::Frame(body);
                }
            }
            match self.chunks.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(chunk) => self.buffer.extend(chunk),
                Err(_) if !self.buffer.is_empty() => return Incoming::Broken,
                Err(RecvTimeoutError::Disconnected) => return Incoming::End,
                Err(RecvTimeoutError::Timeout) => return Incoming::Silence,
            }
        }
    }

    /// Collects what still arrives, up to the length of one message.
    fn wait_for_end(&mut self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while self.buffer.len() <= MAX_HOST_OUTPUT
            && let Ok(chunk) = self.chunks.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.buffer.extend(chunk);
        }
    }
}

/// The beginning, without characters that would disturb a terminal.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(EXCERPT)]);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

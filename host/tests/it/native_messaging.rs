//! The real program, addressed like a browser does: frames over standard input and output.

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use touroku_proto::{OLDEST_PROTOCOL, PROTOCOL};

const ID: &str = "abcdefghijklmnopabcdefghijklmnop";
const ORIGIN: &str = "https://ebid.example.jp";

/// A host with a configuration that allows [`ID`] and [`ORIGIN`], and a PC/SC service that is off.
struct Host {
    process: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    folder: TempDir,
}

impl Host {
    fn start() -> Self {
        Self::called_by(&format!("chrome-extension://{ID}/"))
    }

    fn called_by(caller: &str) -> Self {
        let config = format!("allowed_origins = [\"{ORIGIN}\"]\nallowed_extensions = [\"{ID}\"]\n");
        Self::with_config(caller, Some(&config))
    }

    fn with_config(caller: &str, config: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host.toml");
        if let Some(config) = config {
            std::fs::write(&file, config).unwrap();
        }
        let mut process = Command::new(env!("CARGO_BIN_EXE_touroku-host"))
            .arg("--config")
            .arg(&file)
            .args([caller, "--parent-window=0", "--some-future-argument"])
            .env("PCSCLITE_CSOCK_NAME", folder.path().join("no-such-socket"))
            .env("HOME", folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take(), process.stdout.take().unwrap());
        Self { process, input, output, folder }
    }

    fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    fn send_text(&mut self, text: &str) {
        let length = u32::try_from(text.len()).unwrap().to_ne_bytes();
        self.send_bytes(&[&length, text.as_bytes()].concat());
    }

    fn receive(&mut self) -> Value {
        let mut length = [0; 4];
        self.output.read_exact(&mut length).unwrap();
        let mut body = vec![0; u32::from_ne_bytes(length) as usize];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn after_hello(mut self) -> Self {
        assert_eq!(self.receive()["type"], "hello");
        self
    }

    /// Ends the input; returns what is still written, and how the process ends.
    fn end(mut self) -> (Vec<u8>, ExitStatus) {
        drop(self.input.take());
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).unwrap();
        (rest, self.process.wait().unwrap())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Usually already gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn authenticate(id: u32) -> Value {
    json!({
        "command": "authenticate", "id": id, "origin": ORIGIN, "nonce": "A".repeat(44),
        "card": "00".repeat(32), "pin": "918273",
    })
}

#[test]
fn hello_comes_unasked_and_an_end_of_input_ends_the_process() {
    let mut host = Host::start();
    let hello = host.receive();
    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&hello["protocol"], &hello["oldest_protocol"]), (&json!(PROTOCOL), &json!(OLDEST_PROTOCOL)));
    assert_eq!(hello["capabilities"], json!(["piv", "jpki", "pkcs11"]));
    let (rest, status) = host.end();
    assert!(rest.is_empty() && status.success());
}

#[test]
fn what_is_no_command_is_refused_and_the_conversation_goes_on() {
    let mut host = Host::start().after_hello();
    for (text, id, field) in [
        ("{", Value::Null, Value::Null),
        ("\"status\"", Value::Null, Value::Null),
        ("", Value::Null, Value::Null),
        (r#"{"command":"format_disk","id":5}"#, json!(5), json!("command")),
        (r#"{"command":"watch","id":6}"#, json!(6), json!("origin")),
        (r#"{"command":"watch","id":7,"origin":"https://ebid.example.jp/path"}"#, json!(7), json!("origin")),
    ] {
        host.send_text(text);
        let answer = host.receive();
        assert_eq!((&answer["type"], &answer["id"]), (&json!("error"), &id), "{text}");
        assert_eq!((&answer["error"]["code"], &answer["error"]["field"]), (&json!("bad_request"), &field));
    }
    // An application for another site.
    let document = "利用者登録の申請\n書式\n　touroku-application:1\nサイト\n　https://other.example.jp\n受付番号\n　R-1\n";
    host.send(&json!({
        "command": "sign", "id": 9, "origin": ORIGIN, "document": document, "card": "00".repeat(32), "pin": "918273",
    }));
    let answer = host.receive();
    assert_eq!((&answer["id"], &answer["error"]["field"]), (&json!(9), &json!("document")));
    host.send(&json!({"command": "cancel", "id": 8}));
    assert_eq!(host.receive(), json!({"type": "done", "id": 8}));
    assert!(host.end().1.success());
}

#[test]
fn a_message_beyond_the_limit_is_answered_and_ends_the_conversation() {
    let mut host = Host::start().after_hello();
    // The length alone: nobody waits for the four gigabytes.
    host.send_bytes(&[0xFF; 4]);
    let answer = host.receive();
    assert_eq!((&answer["type"], &answer["error"]["code"]), (&json!("error"), &json!("bad_request")));
    let mut rest = Vec::new();
    host.output.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
    assert_eq!(host.process.wait().unwrap().code(), Some(1));
}

#[test]
fn an_input_that_ends_inside_a_frame_is_an_error() {
    for cut in [&[2][..], &[2, 0, 0, 0], &[2, 0, 0, 0, b'{']] {
        let mut host = Host::start().after_hello();
        host.send_bytes(cut);
        let (rest, status) = host.end();
        assert!(rest.is_empty());
        assert_eq!(status.code(), Some(1));
    }
}

#[test]
fn a_caller_that_is_not_on_the_list_is_greeted_and_refused() {
    let commands = [
        json!({"command": "status", "id": 1}),
        json!({"command": "watch", "id": 2, "origin": ORIGIN}),
        authenticate(3),
    ];
    for caller in [
        format!("chrome-extension://{}/", "p".repeat(32)),
        "chrome-extension://x/".into(),
        "chrome-extension://".into(),
    ] {
        let mut host = Host::called_by(&caller).after_hello();
        for command in &commands {
            host.send(command);
            let answer = host.receive();
            assert_eq!((&answer["type"], &answer["id"]), (&json!("error"), &command["id"]));
            assert_eq!(answer["error"]["code"], "caller_not_allowed");
            assert!(answer["error"]["detail"].as_str().unwrap().contains("host.toml"));
        }
        assert!(host.end().1.success());
    }
}

#[test]
fn without_a_valid_configuration_nobody_is_allowed() {
    for (config, code, why) in [
        (None, "caller_not_allowed", "host.toml"),
        (Some("allowed_extensions = [\"*\"]"), "host_misconfigured", "1行目の23文字目"),
        (Some("allowed_extension = []"), "host_misconfigured", "1行目の1文字目"),
        (Some(""), "caller_not_allowed", "not on the list"),
    ] {
        let mut host = Host::with_config(&format!("chrome-extension://{ID}/"), config).after_hello();
        host.send(&json!({"command": "status", "id": 1}));
        let answer = host.receive();
        assert_eq!(answer["error"]["code"], code);
        assert!(answer["error"]["detail"].as_str().unwrap().contains(why), "{answer}");
    }
}

#[test]
fn a_site_that_is_not_on_the_list_is_refused_when_watching_and_when_signing() {
    let mut host = Host::start().after_hello();
    for origin in ["https://evil.example.jp", "https://ebid.example.jp:8443", "http://localhost:8080"] {
        let mut signing = authenticate(2);
        signing["origin"] = json!(origin);
        for command in [json!({"command": "watch", "id": 2, "origin": origin}), signing] {
            host.send(&command);
            let answer = host.receive();
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(2), &json!("origin_not_allowed")));
        }
    }
}

#[test]
fn one_window_asks_for_my_number_cards_or_not_and_does_not_change_its_mind() {
    let mut host = Host::start().after_hello();
    let watch =
        |id: u32, my_number| json!({"command": "watch", "id": id, "origin": ORIGIN, "my_number": my_number});
    host.send(&watch(1, json!("yes")));
    let answer = host.receive();
    assert_eq!((&answer["id"], &answer["error"]["field"]), (&json!(1), &json!("my_number")));
    host.send(&watch(2, json!(true)));
    assert_eq!(host.receive(), json!({"type": "done", "id": 2}));
    assert_eq!(host.receive()["type"], "readers");
    host.send(&watch(3, json!(false)));
    let answer = host.receive();
    assert_eq!((&answer["id"], &answer["error"]["field"]), (&json!(3), &json!("my_number")));
    host.send(&watch(4, json!(true)));
    assert_eq!(host.receive(), json!({"type": "done", "id": 4}));
}

#[test]
fn a_service_that_is_off_is_reported_and_its_watcher_ends_with_the_input() {
    let mut host = Host::start().after_hello();
    host.send(&json!({"command": "status", "id": 1}));
    assert_eq!(
        host.receive(),
        json!({"type": "status", "id": 1, "service": "off", "readers": 0, "cards": 0})
    );
    for id in [2, 3] {
        host.send(&json!({"command": "watch", "id": id, "origin": ORIGIN}));
        assert_eq!(host.receive(), json!({"type": "done", "id": id}));
        assert_eq!(host.receive(), json!({"type": "readers", "service": "off", "readers": []}));
    }
    host.send(&authenticate(4));
    let answer = host.receive();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(4), &json!("service_off")));
    let (rest, status) = host.end();
    assert!(rest.is_empty() && status.success());
}

/// The command line, with a PC/SC service that is off.
#[test]
fn where_the_pin_is_entered_is_the_administrators_word_and_a_pin_from_elsewhere_is_refused() {
    let caller = format!("chrome-extension://{ID}/");
    let config = |entry: &str| {
        format!(
            "allowed_origins = [\"{ORIGIN}\"]\nallowed_extensions = [\"{ID}\"]\npin_entry = \"{entry}\"\n\
             pin_entry_program = \"/nonexistent/pinentry\"\n"
        )
    };
    let with_pin = authenticate(1);
    let mut without_pin = authenticate(2);
    without_pin.as_object_mut().unwrap().remove("pin");
    let code = |entry: &str, command: &Value| {
        let mut host = Host::with_config(&caller, Some(&config(entry))).after_hello();
        host.send(command);
        host.receive()["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("host", &with_pin), "pin_entry_unavailable");
    assert_eq!(code("window", &without_pin), "pin_entry_unavailable");
    assert_eq!(code("host", &without_pin), "card_removed", "no card was shown to anybody");
    assert_ne!(code("window", &with_pin), "pin_entry_unavailable");
}

#[test]
fn a_check_up_tells_what_the_doctor_finds_once_and_names_no_path() {
    let mut host = Host::start().after_hello();
    host.send(&json!({"command": "check_up", "id": 1, "browser": "chrome"}));
    host.send(&json!({"command": "check_up", "id": 2, "browser": "chrome"}));
    let mut answers = [host.receive(), host.receive()];
    answers.sort_by_key(|answer| answer["id"].as_u64());
    let [found, refused] = answers;
    assert_eq!((&found["type"], &found["id"]), (&json!("findings"), &json!(1)));
    let codes: Vec<_> = found["findings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("service_off")), "{found}");
    assert!(!codes.contains(&&json!("manifest_missing")), "the browser found us: {found}");
    let home = host.folder.path().to_string_lossy().into_owned();
    assert!(!found.to_string().contains(&home), "{found}");
    assert_eq!(refused["error"]["code"], "busy");
    assert!(host.end().1.success());
}

#[test]
fn a_check_up_is_for_callers_on_the_list_only() {
    let mut host = Host::called_by(&format!("chrome-extension://{}/", "p".repeat(32))).after_hello();
    host.send(&json!({"command": "check_up", "id": 1}));
    assert_eq!(host.receive()["error"]["code"], "caller_not_allowed");
    assert!(host.end().1.success());
}

fn call(arguments: &[&str], input: &str) -> (String, String, Option<i32>) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_touroku-host"))
        .args(arguments)
        .env("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A call that fails at once may not read it.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    let output = process.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn status_tells_administrators_and_programs_that_the_service_is_off() {
    let (text, error, code) = call(&["status"], "");
    assert!(text.contains("停止") && error.contains("[service_off]"));
    assert_eq!(code, Some(10));
    let (json, _, _) = call(&["status", "--json"], "");
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["service"], &report["readers"]), (&json!("off"), &json!([])));
}

#[test]
fn authenticate_prints_nothing_but_a_token_and_refuses_what_is_no_origin_or_nonce() {
    let nonce = "A".repeat(44);
    let (text, error, code) = call(&["authenticate", "--origin", ORIGIN, "--nonce", &nonce], "918273\n");
    assert_eq!((text.as_str(), code), ("", Some(10)));
    assert!(error.contains("[service_off]") && !error.contains("918273"));
    for arguments in [
        ["authenticate", "--origin", "https://ebid.example.jp/", "--nonce", &nonce],
        ["authenticate", "--origin", ORIGIN, "--nonce", "short"],
    ] {
        let (text, _, code) = call(&arguments, "918273\n");
        assert_eq!((text.as_str(), code), ("", Some(2)));
    }
}

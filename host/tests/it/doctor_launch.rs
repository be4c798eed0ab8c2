//! `doctor` with registered programs that do not behave like a host.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::computer::{
    Computer, ID,
    staged::{assert_finds, codes, finding, healthy, report},
};

/// A program that writes these bytes first and then runs `then`.
fn saying(bytes: &[u8], then: &str) -> impl FnOnce(&Computer) {
    let (bytes, then) = (bytes.to_owned(), then.to_owned());
    move |computer| {
        let file = computer.path("said");
        fs::write(&file, bytes).unwrap();
        computer.script("usr/bin/touroku-host", &format!("cat '{}'\n{then}", file.display()));
    }
}

fn frame(message: &Value) -> Vec<u8> {
    let text = message.to_string();
    [&u32::try_from(text.len()).unwrap().to_ne_bytes()[..], text.as_bytes()].concat()
}

fn hello(protocol: u32) -> Vec<u8> {
    frame(&json!({
        "type": "hello", "version": "9.9.9", "protocol": protocol, "oldest_protocol": protocol, "capabilities": [],
    }))
}

#[test]
fn programs_that_do_not_behave_as_a_host_are_named() {
    let status = frame(&json!({"type": "status", "id": 1, "service": "off", "readers": 0, "cards": 0}));
    let good = [hello(1), status].concat();
    let until_end = "exec cat >/dev/null";
    assert_finds(saying(&good, until_end), &[]);
    for (bytes, then, code) in [
        (&b""[..], "echo 'no such library' >&2; exit 3", "host_exits"),
        (b"Starting...\n", until_end, "stdout_polluted"),
        (&[b"\n", &good[..]].concat(), until_end, "stdout_polluted"),
        (&frame(&json!({"type": "pong"})), until_end, "host_hello"),
        (&frame(&json!("hello")), until_end, "host_hello"),
        (&hello(7), until_end, "host_version"),
        (&hello(1), "exit 0", "host_exits"),
        (&[&good[..], b"bye"].concat(), until_end, "stdout_extra"),
        (&good, "exec sleep 60", "host_lingers"),
    ] {
        let report = assert_finds(saying(bytes, then), &[code]);
        if code == "host_exits" && bytes.is_empty() {
            assert!(finding(&report, code)["detail"].as_str().unwrap().contains("no such library"));
        }
    }
    let bad_interpreter = |computer: &Computer| {
        fs::write(computer.path("usr/bin/touroku-host"), "#!/nonexistent/interpreter\n").unwrap();
    };
    assert_finds(bad_interpreter, &["host_not_startable"]);
}

#[test]
fn a_program_that_says_nothing_is_named_and_not_left_behind() {
    let silent = |computer: &Computer| {
        computer.script("usr/bin/touroku-host", "echo $$ > pid; exec sleep 60");
    };
    let computer = healthy();
    silent(&computer);
    let report = report(&computer, &[]);
    assert_eq!(codes(&report), ["host_silent", "host_lingers"]);
    // The working directory is the program's, as with a browser; so the file is beside it.
    let pid = fs::read_to_string(computer.path("usr/bin/pid")).unwrap();
    assert!(!Path::new(&format!("/proc/{}", pid.trim())).exists());
}

#[test]
fn the_program_is_called_as_a_browser_calls_it() {
    let computer = healthy();
    computer.script("usr/bin/touroku-host", "echo \"$#:$1\" > arguments; exec cat >/dev/null");
    report(&computer, &[]);
    let arguments = fs::read_to_string(computer.path("usr/bin/arguments")).unwrap();
    assert_eq!(arguments.trim(), format!("1:chrome-extension://{ID}/"));
}

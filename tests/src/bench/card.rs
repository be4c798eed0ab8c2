//! The host: start to first message, and a whole authentication beside its bare card commands.

use std::{
    ffi::CString,
    fs,
    io::{Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use touroku_proto::token::Nonce;

use super::{Figure, median};
use crate::{
    ca::{CardRequest, KeyKind, TestCa},
    harness::{host::EXTENSION_ID, programs, world::now},
    pcscd,
    tlv::tlv,
    virtual_card::{self, CardConfig, first_port, reader_name},
};

const ORIGIN: &str = "https://ebid.example.jp";
const PIN: &str = "123456";
const ROUNDS: usize = 15;

/// All figures of the host.
pub fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let mut figures = vec![first_message(folder)?];
    pcscd::ensure()?;
    let _lock = virtual_card::reader_lock(first_port())?;
    for (name, key) in [("RSA-2048", KeyKind::Rsa2048), ("P-256", KeyKind::P256)] {
        figures.extend(authentication(folder, name, key, Duration::ZERO, "≤ 1.15")?);
    }
    // What a person waits for: real cards think. Of the virtual one's commands only our own work remains.
    let slow = "P-256, 10 ms a command";
    let waited_for = authentication(folder, slow, KeyKind::P256, Duration::from_millis(10), "≤ 1.05")?;
    figures.extend(waited_for.into_iter().take(1));
    Ok(figures)
}

fn first_message(folder: &Path) -> Result<Figure> {
    let host = (0..ROUNDS).map(|_| Ok(Host::start(folder)?.hello_after)).collect::<Result<Vec<_>>>()?;
    Ok(Figure::duration(
        "host: start to first message",
        median(host),
        Duration::from_millis(10),
        "wanted",
        "≤ 1",
    ))
}

fn authentication(
    folder: &Path,
    name: &str,
    key: KeyKind,
    delay: Duration,
    aim: &'static str,
) -> Result<Vec<Figure>> {
    let now = now()?;
    let issued =
        TestCa::new("Bench", now)?.issue(&CardRequest { key, ..CardRequest::new(now, "計測　太郎") })?;
    let reader = reader_name(first_port()).context("the first reader has a name")?;
    pcscd::wait_for_card(reader, false)?;
    let mut config = CardConfig::new(issued.key, issued.certificate, PIN);
    config.faults.delay = delay;
    let card = virtual_card::insert(first_port(), config)?;
    pcscd::wait_for_card(reader, true)?;

    let mut host = Host::start(folder)?;
    let id = host.watch()?;
    let before = card.log().len();
    let mut ours = vec![host.authenticate(&id)?];
    let used = card.log()[before..]
        .iter()
        .take_while(|entry| entry.instruction != "SELECT" || entry.sent != 0)
        .count();
    let reading = card.log()[before..][..used]
        .iter()
        .filter(|e| matches!(e.instruction, "GET DATA" | "GET RESPONSE"))
        .count();
    for _ in 1..ROUNDS {
        ours.push(host.authenticate(&id)?);
    }
    drop(host);
    let raw = (0..ROUNDS).map(|_| raw_commands(reader, key)).collect::<Result<Vec<_>>>()?;
    let by_hand = (0..5).map(|_| host_program()).collect::<Result<Vec<_>>>()?;
    let opensc = (0..5).map(|_| opensc(folder, key)).collect::<Result<Vec<_>>>()?;

    let raw = median(raw);
    Ok(vec![
        Figure::duration(
            &format!("host: authenticate, {name}, command to token"),
            median(ours),
            raw,
            "its bare commands",
            aim,
        ),
        Figure::count(
            &format!("host: commands beside certificate reading, {name}"),
            (used - reading) as u64 + 1,
            8,
            "commands",
            "≤ 1",
        ),
        Figure::duration(
            &format!("touroku-host authenticate, {name}, whole process"),
            median(by_hand),
            median(opensc),
            "pkcs11-tool --sign",
            "≤ 1",
        ),
    ])
}

/// The commands of an authentication, sent with nothing around them: a lower bound for any host.
fn raw_commands(reader: &str, key: KeyKind) -> Result<Duration> {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let names = context.list_readers_owned()?;
    let reader = names.iter().find(|name| name.to_string_lossy().contains(reader)).context("the reader")?;
    let mut card =
        context.connect(&CString::from(reader.as_c_str()), pcsc::ShareMode::Shared, pcsc::Protocols::ANY)?;
    let transaction = card.transaction()?;
    let mut answer = vec![0; 70_000];
    let mut spent = Duration::ZERO;
    let mut send = |command: &[u8]| -> Result<()> {
        let started = Instant::now();
        let reply = transaction.transmit(command, &mut answer)?;
        spent += started.elapsed();
        ensure!(
            reply.ends_with(&[0x90, 0x00]) || reply.get(reply.len() - 2) == Some(&0x63),
            "the card refuses"
        );
        Ok(())
    };
    send(&[0x00, 0xA4, 0x04, 0x00, 0x0B, 0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0, 0])?;
    send(&[0x00, 0xCB, 0x3F, 0xFF, 0, 0, 5, 0x5C, 3, 0x5F, 0xC1, 5, 0, 0])?;
    send(&[0x00, 0x20, 0x00, 0x80])?;
    let mut verify = vec![0x00, 0x20, 0x00, 0x80, 0x08];
    verify.extend(PIN.bytes().chain([0xFF; 2]));
    send(&verify)?;
    send(&sign_command(key))?;
    send(&[0x00, 0xA4, 0x04, 0x00, 0x00])?;
    Ok(spent)
}

fn sign_command(key: KeyKind) -> Vec<u8> {
    let (algorithm, challenge) = match key {
        KeyKind::P256 => (0x11, vec![0x5A; 32]),
        _ => {
            // The beginning of a PKCS #1 v1.5 padded block; its contents do not matter to the card.
            let mut block = vec![0xFF; 256];
            (block[0], block[1]) = (0x00, 0x01);
            (0x07, block)
        }
    };
    let data = tlv(&[0x7C], &[tlv(&[0x82], &[]), tlv(&[0x81], &challenge)].concat());
    let mut command = vec![0x00, 0x87, algorithm, 0x9A, 0x00, (data.len() >> 8) as u8, data.len() as u8];
    command.extend(data);
    command.extend([0, 0]);
    command
}

fn host_program() -> Result<Duration> {
    let started = Instant::now();
    let mut child = Command::new(programs::program("touroku-host")?)
        .args(["authenticate", "--origin", ORIGIN, "--nonce", Nonce::from_bytes(&[7; 32]).as_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    writeln!(child.stdin.take().context("standard input")?, "{PIN}")?;
    ensure!(child.wait()?.success(), "touroku-host authenticate failed");
    Ok(started.elapsed())
}

fn opensc(folder: &Path, key: KeyKind) -> Result<Duration> {
    let (input, output) = (folder.join("to-sign"), folder.join("signed"));
    fs::write(&input, [7; 32])?;
    let mechanism = if key == KeyKind::P256 { "ECDSA" } else { "SHA256-RSA-PKCS" };
    let started = Instant::now();
    let status = Command::new("pkcs11-tool")
        .args(["--login", "--pin", PIN, "--sign", "--id", "01", "--mechanism", mechanism, "--input-file"])
        .arg(&input)
        .arg("--output-file")
        .arg(&output)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.success(), "pkcs11-tool --sign failed");
    Ok(started.elapsed())
}

/// A host as a browser starts it.
struct Host {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    hello_after: Duration,
    last: u32,
}

impl Host {
    fn start(folder: &Path) -> Result<Self> {
        let configuration = folder.join("host.toml");
        fs::write(
            &configuration,
            format!("allowed_origins = [\"{ORIGIN}\"]\nallowed_extensions = [\"{EXTENSION_ID}\"]\n"),
        )?;
        let started = Instant::now();
        let mut child = Command::new(programs::program("touroku-host")?)
            .arg("--config")
            .arg(configuration)
            .arg(format!("chrome-extension://{EXTENSION_ID}/"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("standard output")?;
        let mut host = Self { child, input, output, hello_after: Duration::ZERO, last: 0 };
        ensure!(host.receive()?["type"] == "hello", "the host's first message is hello");
        host.hello_after = started.elapsed();
        Ok(host)
    }

    /// Waits for a card and returns its id.
    fn watch(&mut self) -> Result<String> {
        self.send(json!({ "command": "watch", "id": 1, "origin": ORIGIN }))?;
        loop {
            let message = self.receive()?;
            for reader in message["readers"].as_array().into_iter().flatten() {
                if let Some(id) = reader["card"]["id"].as_str() {
                    return Ok(id.to_owned());
                }
            }
        }
    }

    fn authenticate(&mut self, card: &str) -> Result<Duration> {
        self.last += 2;
        let nonce = Nonce::from_bytes(&[7; 32]);
        let started = Instant::now();
        self.send(json!({ "command": "authenticate", "id": self.last, "origin": ORIGIN, "nonce": nonce, "card": card, "pin": PIN }))?;
        loop {
            let message = self.receive()?;
            match message["type"].as_str() {
                Some("token") => return Ok(started.elapsed()),
                Some("error") => bail!("{message}"),
                _ => {}
            }
        }
    }

    fn send(&mut self, message: Value) -> Result<()> {
        let text = message.to_string();
        let input = self.input.as_mut().context("open until the host is dropped")?;
        input.write_all(&u32::try_from(text.len())?.to_ne_bytes())?;
        input.write_all(text.as_bytes())?;
        Ok(input.flush()?)
    }

    fn receive(&mut self) -> Result<Value> {
        let mut length = [0; 4];
        self.output.read_exact(&mut length)?;
        let mut body = vec![0; usize::try_from(u32::from_ne_bytes(length))?];
        self.output.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // A host ends with its input.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

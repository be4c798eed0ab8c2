//! A PIV card in a virtual reader: `virtual-card --key K.pem --certificate C.pem --pin 123456`.
//!
//! Runs until it is told to stop (SIGTERM, SIGINT) or a fault takes the card out; status 0 either way.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use openssl::{pkey::PKey, x509::X509};
use touroku_tests::{
    pcscd,
    virtual_card::{self, CardConfig, Faults, Trigger},
};

/// A PIV card on a port of vpcd.
#[derive(Parser)]
#[command(name = "virtual-card", version)]
struct Arguments {
    /// 35963 is the reader "Virtual PCD 00 00", 35964 "Virtual PCD 00 01".
    #[arg(long, default_value_t = virtual_card::FIRST_PORT)]
    port: u16,
    /// Private key, PEM.
    #[arg(long)]
    key: PathBuf,
    /// Certificate, PEM or DER; left out: the card has none.
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// 6 to 8 digits.
    #[arg(long, default_value = "123456")]
    pin: String,
    /// Tries left.
    #[arg(long, default_value_t = 3)]
    tries: u8,
    /// No tries left.
    #[arg(long)]
    locked: bool,
    /// Store the certificate compressed.
    #[arg(long)]
    gzip: bool,
    /// No discovery object.
    #[arg(long)]
    no_discovery: bool,
    /// No extended lengths.
    #[arg(long)]
    no_extended: bool,
    /// No chained commands.
    #[arg(long)]
    no_chaining: bool,
    /// Answer 6CXX to a Le that is too large.
    #[arg(long)]
    exact_length: bool,
    /// Do not tell the tries left.
    #[arg(long)]
    hide_tries: bool,
    /// Some other card: SELECT fails.
    #[arg(long)]
    not_piv: bool,
    /// Leave the reader at the Nth command, or at `verify` or `sign`.
    #[arg(long, value_parser = trigger, value_name = "N|verify|sign")]
    remove_at: Option<Trigger>,
    /// Milliseconds before each answer.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Milliseconds more for GENERAL AUTHENTICATE.
    #[arg(long, default_value_t = 0)]
    sign_delay_ms: u64,
    /// Cut answers to half.
    #[arg(long)]
    short_replies: bool,
    /// At the end, print what was asked: instruction, lengths, status, time. Never data.
    #[arg(long)]
    log: bool,
}

fn trigger(text: &str) -> Result<Trigger> {
    Ok(match text {
        "verify" => Trigger::Verify,
        "sign" => Trigger::Sign,
        number => Trigger::Command(number.parse().context("a number, `verify` or `sign`")?),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if !(6..=8).contains(&arguments.pin.len()) || !arguments.pin.bytes().all(|b| b.is_ascii_digit()) {
        bail!("a PIV PIN has 6 to 8 digits (SP 800-73-4 part 2, 2.4.3)");
    }
    let key = PKey::private_key_from_pem(&fs::read(&arguments.key)?)?;
    let mut config = CardConfig::new(key, Vec::new(), &arguments.pin);
    config.certificate = arguments.certificate.as_ref().map(certificate).transpose()?;
    config.tries = if arguments.locked { 0 } else { arguments.tries };
    config.most_tries = arguments.tries.max(1);
    config.gzip = arguments.gzip;
    config.discovery = !arguments.no_discovery;
    config.extended_length = !arguments.no_extended;
    config.chaining = !arguments.no_chaining;
    config.exact_length = arguments.exact_length;
    config.hides_tries = arguments.hide_tries;
    config.faults = Faults {
        not_piv: arguments.not_piv,
        remove_at: arguments.remove_at,
        delay: Duration::from_millis(arguments.delay_ms),
        sign_delay: Duration::from_millis(arguments.sign_delay_ms),
        short_replies: arguments.short_replies,
    };
    pcscd::ensure()?;
    let card = virtual_card::insert(arguments.port, config).context("vpcd does not take the card")?;
    println!("inserted on port {}", arguments.port);

    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut look = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => break,
            _ = terminated.recv() => break,
            _ = look.tick() => if card.is_removed() { println!("removed"); break },
        }
    }
    if arguments.log {
        for entry in card.log() {
            let (micros, status) = (entry.took.as_micros(), entry.status);
            println!(
                "{:<22} {:>5} → {:>5} bytes  {status:04X}  {micros} µs",
                entry.instruction, entry.sent, entry.answered
            );
        }
    }
    Ok(())
}

fn certificate(path: &PathBuf) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if bytes.starts_with(b"-----") { Ok(X509::from_pem(&bytes)?.to_der()?) } else { Ok(bytes) }
}

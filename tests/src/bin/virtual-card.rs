//! A PIV card, or a My Number Card, in a virtual reader: `virtual-card --key K.pem --certificate C.pem --pin
//! 123456`.
//!
//! Prints one line when the reader has detected the card, and runs until told to stop (SIGTERM, SIGINT, or
//! the end of its input with `--until-eof`) or the card is out for another reason. Exit status: 0 told to
//! stop, 1 not inserted, 2 wrong arguments, 3 a fault removed the card, 4 the reader is gone.
//!
//! It takes no reader lock (`touroku_tests::virtual_card::reader_lock`): its caller may hold it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use openssl::{pkey::PKey, x509::X509};
use tokio::signal::unix::{SignalKind, signal};
use touroku_tests::{
    pcscd,
    virtual_card::{self, Application, CardConfig, Faults, InsertedCard, Removal, Trigger},
};

/// A PIV card, or a My Number Card, on a port of vpcd.
#[derive(Parser)]
#[command(name = "virtual-card", version)]
struct Arguments {
    /// 35963 is the reader "Virtual PCD 00 00", 35964 "Virtual PCD 00 01".
    #[arg(long, default_value_t = virtual_card::first_port())]
    port: u16,
    /// Private key, PEM: RSA of 2048, 3072 or 4096 bits, P-256 or P-384.
    #[arg(long)]
    key: PathBuf,
    /// Certificate of slot 9A, PEM or DER.
    #[arg(long, required_unless_present = "no_certificate", conflicts_with = "no_certificate")]
    certificate: Option<PathBuf>,
    /// The card has no certificate.
    #[arg(long)]
    no_certificate: bool,
    /// Certificate of slot 9C, PEM or DER.
    #[arg(long)]
    signature_certificate: Option<PathBuf>,
    /// A My Number Card, with its authority's certificate (PEM or DER). Of the other arguments it heeds key,
    /// certificate, PIN (four digits), tries, exact length and faults.
    #[arg(long, value_name = "AUTHORITY")]
    my_number: Option<PathBuf>,
    /// 6 to 8 digits; a My Number Card's has four.
    #[arg(long, default_value = "123456", value_parser = pin)]
    pin: String,
    /// Tries left.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=15))]
    tries: u8,
    /// No tries left.
    #[arg(long)]
    locked: bool,
    /// Store the certificates compressed.
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
    /// The empty VERIFY does not tell the tries left.
    #[arg(long)]
    no_tries_in_query: bool,
    /// Some other card: each SELECT answers 6A82.
    #[arg(long)]
    not_piv: bool,
    /// Leave the reader at the Nth command, or at the first PIN or signature, before answering.
    #[arg(long, value_parser = trigger, value_name = "N|verify|sign")]
    remove_at: Option<Trigger>,
    /// Answer nonsense to the Nth command, or to PINs or signatures.
    #[arg(long, value_parser = trigger, value_name = "N|verify|sign")]
    garbage_at: Option<Trigger>,
    /// Milliseconds before each answer.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Milliseconds more for GENERAL AUTHENTICATE.
    #[arg(long, default_value_t = 0)]
    sign_delay_ms: u64,
    /// Cut answers to half.
    #[arg(long)]
    short_replies: bool,
    /// Write a line for each command, tabs between: instruction, bytes sent, bytes answered, status word,
    /// microseconds. Never data.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Take the card out at the end of standard input.
    #[arg(long)]
    until_eof: bool,
}

fn pin(text: &str) -> Result<String> {
    let fits = matches!(text.len(), 4 | 6..=8) && text.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(fits, "a PIV PIN has 6 to 8 digits (SP 800-73-4 part 2, 2.4.3), a My Number Card's four");
    Ok(text.to_owned())
}

fn trigger(text: &str) -> Result<Trigger> {
    Ok(match text {
        "verify" => Trigger::Verify,
        "sign" => Trigger::Sign,
        number => Trigger::Command(number.parse().context("a number, `verify` or `sign`")?),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let log = arguments.log.as_deref().map(create).transpose()?;
    // Before the card is inserted: the caller may stop us at any moment after that.
    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let card = Arc::new(insert(&arguments)?);

    let watched = Arc::clone(&card);
    let mut out = tokio::task::spawn_blocking(move || follow(&watched, log));
    if arguments.until_eof {
        let held = Arc::clone(&card);
        thread::spawn(move || {
            // An unreadable input has ended too.
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            held.take_out();
        });
    }
    let removal = tokio::select! {
        _ = terminated.recv() => None,
        _ = interrupted.recv() => None,
        removal = &mut out => Some(removal),
    };
    let removal = match removal {
        Some(removal) => removal,
        None => {
            card.take_out();
            out.await
        }
    };
    Ok(match removal?? {
        Removal::Asked => ExitCode::SUCCESS,
        Removal::Fault => {
            eprintln!("virtual-card: a fault took the card out");
            ExitCode::from(3)
        }
        Removal::ReaderGone => {
            eprintln!("virtual-card: the reader closed the connection");
            ExitCode::from(4)
        }
    })
}

fn insert(arguments: &Arguments) -> Result<InsertedCard> {
    let config = config(arguments)?;
    pcscd::ensure()?;
    let reader = virtual_card::reader_name(arguments.port);
    if let Some(reader) = reader {
        // A card just removed may still be visible for a moment.
        pcscd::wait_for_card(reader, false).context("another card is in the reader")?;
    }
    let card = virtual_card::insert(arguments.port, config).context("vpcd does not take the card")?;
    if let Some(reader) = reader {
        pcscd::wait_for_card(reader, true)?;
    }
    println!("inserted: {} (port {})", reader.unwrap_or("a reader of another vpcd"), arguments.port);
    Ok(card)
}

fn config(arguments: &Arguments) -> Result<CardConfig> {
    let path = &arguments.key;
    let key = PKey::private_key_from_pem(&read(path)?)
        .with_context(|| format!("{} is no private key in PEM", path.display()))?;
    let mut config = CardConfig::new(key, Vec::new(), &arguments.pin);
    if let Some(authority) = &arguments.my_number {
        config.application = Application::MyNumber { authority: certificate(authority)? };
    }
    let four = arguments.pin.len() == 4;
    ensure!(four == arguments.my_number.is_some(), "a PIN of four digits is a My Number Card's");
    config.certificate = arguments.certificate.as_deref().map(certificate).transpose()?;
    config.signature_certificate = arguments.signature_certificate.as_deref().map(certificate).transpose()?;
    config.tries = if arguments.locked { 0 } else { arguments.tries };
    config.most_tries = arguments.tries.max(1);
    config.gzip = arguments.gzip;
    config.discovery = !arguments.no_discovery;
    config.extended_length = !arguments.no_extended;
    config.chaining = !arguments.no_chaining;
    config.exact_length = arguments.exact_length;
    config.hides_tries = arguments.no_tries_in_query;
    config.faults = Faults {
        not_piv: arguments.not_piv,
        remove_at: arguments.remove_at,
        garbage_at: arguments.garbage_at,
        delay: Duration::from_millis(arguments.delay_ms),
        sign_delay: Duration::from_millis(arguments.sign_delay_ms),
        short_replies: arguments.short_replies,
    };
    Ok(config)
}

/// Writes the log until the card is out.
fn follow(card: &InsertedCard, mut log: Option<File>) -> io::Result<Removal> {
    card.follow(|entry| log.as_mut().map_or(Ok(()), |file| writeln!(file, "{entry}")))
}

fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn certificate(path: &Path) -> Result<Vec<u8>> {
    let bytes = read(path)?;
    let parsed = if bytes.starts_with(b"-----") { X509::from_pem(&bytes) } else { X509::from_der(&bytes) };
    let parsed = parsed.with_context(|| format!("{} is no certificate", path.display()))?;
    Ok(parsed.to_der()?)
}

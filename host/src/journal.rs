//! Everything that goes into the log, in this one file: those parts of each command and message that help to find
//! a fault, and never a PIN, a nonce, a signature, a certificate, a card's id or a name.

use std::path::Path;

use log::{LevelFilter, debug, error, info, log};
use touroku_proto::card::{
    CardError, CardErrorCode, HostCommand, HostMessage, LogLevel, Reader, ReaderState, ServiceState,
};

use crate::{
    card::Clock,
    config::ExtensionId,
    frame::FrameError,
    log_file::LogFile,
    part,
    system::{Environment, System},
};

/// The environment variable with which the doctor starts a host: trying it out changes nothing on the computer,
/// not even its log.
pub const SILENCE: &str = "TOUROKU_NO_LOG";

/// Starts writing to the person's log; to be called once. Without a home nothing is written.
pub fn begin(environment: &Environment, clock: Clock) {
    let Some(file) = System::new(Path::new("/"), environment).log_file() else { return };
    if log::set_boxed_logger(Box::new(LogFile::new(file, clock))).is_ok() {
        set_level(LogLevel::default());
        note_panics();
    }
}

/// Sets the level from now on.
pub fn set_level(level: LogLevel) {
    log::set_max_level(match level {
        LogLevel::Off => LevelFilter::Off,
        LogLevel::Error => LevelFilter::Error,
        LogLevel::Warn => LevelFilter::Warn,
        LogLevel::Info => LevelFilter::Info,
        LogLevel::Debug => LevelFilter::Debug,
    });
}

/// The first command arrived.
pub fn greet(caller: Option<&ExtensionId>) {
    let part = part::ours();
    let caller = caller.map_or_else(|| "nobody known".to_owned(), ToString::to_string);
    info!("touroku-host {} (protocol {}), called by {caller}", part.version, part.protocol);
}

/// A command that is carried out.
pub fn command(command: &HostCommand) {
    match command {
        HostCommand::Status { id, .. } => info!("{id}: status"),
        HostCommand::CheckUp { id, .. } => info!("{id}: check-up"),
        HostCommand::Watch { id, origin, .. } => info!("{id}: watch for {}", origin.as_str()),
        HostCommand::Authenticate { id, origin, pin, accept_last_try, .. }
        | HostCommand::Sign { id, origin, pin, accept_last_try, .. } => {
            let what = if matches!(command, HostCommand::Sign { .. }) { "sign" } else { "authenticate" };
            let asked = if pin.is_some() { "in the window" } else { "by us" };
            let last = if *accept_last_try { ", last try accepted" } else { "" };
            info!("{id}: {what} for {}, PIN asked {asked}{last}", origin.as_str());
        }
        HostCommand::Cancel { id } => info!("{id}: cancel"),
    }
}

/// A message that goes out.
pub fn message(message: &HostMessage) {
    match message {
        HostMessage::Hello { .. } | HostMessage::Progress { .. } => {}
        HostMessage::Status { id, service, readers, cards, .. } => {
            info!("{id}: PC/SC {}, {readers} readers, {cards} cards", word(*service));
        }
        HostMessage::Findings { id, findings } => {
            let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
            info!("{id}: found: {}", codes.join(" "));
        }
        HostMessage::Readers { service, readers } => {
            let states: Vec<String> = readers.iter().map(state).collect();
            debug!("PC/SC {}, readers: {}", word(*service), states.join(", "));
        }
        HostMessage::Token { id, .. } | HostMessage::Signature { id, .. } => info!("{id}: signed"),
        HostMessage::Done { id } => debug!("{id}: done"),
        HostMessage::Error { id, error } => {
            let id = id.map_or_else(String::new, |id| format!("{id}: "));
            log!(gravity(error.code), "{id}{}", described(error));
        }
    }
}

/// The conversation ended abnormally.
pub fn broken(error: &FrameError) {
    error!("{error}");
}

fn word(service: ServiceState) -> &'static str {
    match service {
        ServiceState::Running => "running",
        ServiceState::Off => "off",
    }
}

/// Without the reader's name: a PKCS#11 token's was chosen by its owner.
fn state(reader: &Reader) -> String {
    match &reader.state {
        ReaderState::Empty => "empty".to_owned(),
        ReaderState::Reading => "reading".to_owned(),
        ReaderState::Unusable { error } => described(error),
        ReaderState::Card { card } => match &card.problem {
            Some(problem) => format!("{} card, {}", card.family, described(problem)),
            None => format!("{} card", card.family),
        },
    }
}

fn described(error: &CardError) -> String {
    let CardError { code, tries_left, pin_sent, field, detail } = error;
    let mut text = code.as_str().to_owned();
    if let Some(tries) = tries_left {
        text.push_str(&format!(", tries left: {tries}"));
    }
    if *pin_sent {
        text.push_str(", PIN sent");
    }
    for more in [field, detail].into_iter().flatten() {
        text.push_str(": ");
        text.push_str(more);
    }
    text
}

/// Whether an administrator, the person, or nobody has to do something.
fn gravity(code: CardErrorCode) -> log::Level {
    match code {
        CardErrorCode::Cancelled | CardErrorCode::TimedOut => log::Level::Info,
        CardErrorCode::Busy
        | CardErrorCode::NoReader
        | CardErrorCode::NoCard
        | CardErrorCode::CardRemoved
        | CardErrorCode::CardChanged
        | CardErrorCode::CardBusy
        | CardErrorCode::PinWrong
        | CardErrorCode::PinLastTry
        | CardErrorCode::PinLocked
        | CardErrorCode::PinNotSet
        | CardErrorCode::PinExpired
        | CardErrorCode::PinFormat
        | CardErrorCode::CertificateMissing
        | CardErrorCode::CertificateExpired
        | CardErrorCode::CertificateNotYetValid => log::Level::Warn,
        _ => log::Level::Error,
    }
}

/// Where it happened, not what was said: that may quote a value.
fn note_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(place) = panic.location() {
            error!("a defect at {}:{}", place.file(), place.line());
        }
        before(panic);
    }));
}

//! A PIV card in a virtual reader of vpcd, with faults to order.
//!
//! vpcd listens on one TCP port for each of its readers: connecting inserts the card, closing takes it out.
//! 35963 is "Virtual PCD 00 00", 35964 is "Virtual PCD 00 01".

mod apdu;
mod applet;

use std::{
    fs,
    io::{self, ErrorKind},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use openssl::pkey::{PKey, Private};
use rustix::{
    fs::{FlockOperation, flock},
    net::sockopt::set_tcp_quickack,
};

use self::{apdu::Command, applet::Applet};

/// The first virtual reader's port; its name is "Virtual PCD 00 00".
pub const FIRST_PORT: u16 = 35963;

/// The second virtual reader's port; its name is "Virtual PCD 00 01".
pub const SECOND_PORT: u16 = 35964;

/// What a card holds and how it behaves.
#[derive(Clone)]
pub struct CardConfig {
    /// PIV Authentication key (slot 9A).
    pub key: PKey<Private>,
    /// Its certificate, DER; `None`: the card has none.
    pub certificate: Option<Vec<u8>>,
    /// 6 to 8 digits.
    pub pin: String,
    /// Tries left now; 0: locked.
    pub tries: u8,
    /// Tries after a right PIN.
    pub most_tries: u8,
    /// The certificate is stored compressed.
    pub gzip: bool,
    /// The card has a discovery object.
    pub discovery: bool,
    /// The card takes extended lengths, and its ATR says so.
    pub extended_length: bool,
    /// The card takes chained commands, and its ATR says so.
    pub chaining: bool,
    /// The card answers 6CXX to a Le that is more than there is.
    pub exact_length: bool,
    /// The empty VERIFY does not tell the tries left.
    pub hides_tries: bool,
    /// Bad luck.
    pub faults: Faults,
}

/// Bad luck, to order.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Every SELECT of PIV fails: some other card.
    pub not_piv: bool,
    /// The card leaves the reader when this happens, without an answer.
    pub remove_at: Option<Trigger>,
    /// Every answer is late by this much.
    pub delay: Duration,
    /// GENERAL AUTHENTICATE takes this much longer.
    pub sign_delay: Duration,
    /// Answer data is cut to half, with status 9000.
    pub short_replies: bool,
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At this command, counted from 1 since the card was inserted.
    Command(usize),
    /// At the first VERIFY with a PIN.
    Verify,
    /// At the first GENERAL AUTHENTICATE.
    Sign,
}

impl CardConfig {
    /// A healthy card with three tries.
    pub fn new(key: PKey<Private>, certificate: Vec<u8>, pin: &str) -> Self {
        Self {
            key,
            certificate: Some(certificate),
            pin: pin.to_owned(),
            tries: 3,
            most_tries: 3,
            gzip: false,
            discovery: true,
            extended_length: true,
            chaining: true,
            exact_length: false,
            hides_tries: false,
            faults: Faults::default(),
        }
    }
}

/// What a card's log tells of a command: never its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The instruction's name.
    pub instruction: &'static str,
    /// Bytes of command data.
    pub sent: usize,
    /// Bytes of answer data.
    pub answered: usize,
    /// Status word.
    pub status: u16,
    /// Time inside the card.
    pub took: Duration,
}

/// A card in a reader; dropping it takes it out.
pub struct InsertedCard {
    shared: Arc<Mutex<Shared>>,
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    applet: Applet,
    faults: Faults,
    log: Vec<Entry>,
    removed: bool,
}

/// Puts a card into the reader of that port.
pub fn insert(port: u16, config: CardConfig) -> io::Result<InsertedCard> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let atr = answer_to_reset(&config);
    let faults = config.faults.clone();
    let shared = Shared { applet: Applet::new(config), faults, log: Vec::new(), removed: false };
    let shared = Arc::new(Mutex::new(shared));
    let card = Card { shared: Arc::clone(&shared), stream: stream.try_clone()?, atr };
    let thread = std::thread::Builder::new().name("virtual card".into()).spawn(move || card.run())?;
    Ok(InsertedCard { shared, stream, thread: Some(thread) })
}

impl InsertedCard {
    /// Tries left before the PIN locks.
    pub fn tries_left(&self) -> u8 {
        lock(&self.shared).applet.tries()
    }

    /// Everything the card was asked since it was inserted.
    pub fn log(&self) -> Vec<Entry> {
        lock(&self.shared).log.clone()
    }

    /// Orders other faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        lock(&self.shared).faults = faults;
    }

    /// Whether a fault has taken the card out.
    pub fn is_removed(&self) -> bool {
        lock(&self.shared).removed
    }

    /// Takes the card out.
    pub fn remove(self) {
        drop(self);
    }

    /// Waits until the connection to the reader has ended, for whatever reason.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic of the card has been printed already.
            let _ = thread.join();
        }
    }
}

impl Drop for InsertedCard {
    fn drop(&mut self) {
        // Fails only when the card is out already.
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Card {
    shared: Arc<Mutex<Shared>>,
    stream: TcpStream,
    atr: Vec<u8>,
}

impl Card {
    fn run(mut self) {
        let Ok(stream) = self.stream.try_clone() else { return };
        let mut connection = vpicc::Connection::from(stream);
        loop {
            // vpcd sends length and payload in two writes: with delayed acknowledgement each command would
            // cost 40 ms, and every measurement would be one of that.
            if set_tcp_quickack(&self.stream, true).is_err() || connection.poll(&mut self).is_err() {
                break;
            }
        }
        lock(&self.shared).removed = true;
    }
}

impl vpicc::VSmartCard for Card {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn power_off(&mut self) {
        lock(&self.shared).applet.reset();
    }

    fn power_on(&mut self) {
        lock(&self.shared).applet.reset();
    }

    fn reset(&mut self) {
        lock(&self.shared).applet.reset();
    }

    fn execute(&mut self, bytes: &[u8]) -> Vec<u8> {
        let started = Instant::now();
        let mut shared = lock(&self.shared);
        let command = Command::parse(bytes).ok();
        let name = command.as_ref().map_or("malformed", Command::name);
        let count = shared.log.len() + 1;
        let strikes = match shared.faults.remove_at {
            Some(Trigger::Command(at)) => count == at,
            Some(Trigger::Verify) => name == "VERIFY" && command.as_ref().is_some_and(|c| !c.data.is_empty()),
            Some(Trigger::Sign) => name == "GENERAL AUTHENTICATE",
            None => false,
        };
        if strikes {
            // The card is gone before it could answer; the loop ends at its next read.
            let _ = self.stream.shutdown(Shutdown::Both);
            return Vec::new();
        }
        let (mut data, status) = shared.applet.execute(bytes);
        let sign_delay =
            if name == "GENERAL AUTHENTICATE" { shared.faults.sign_delay } else { Duration::ZERO };
        let delay = shared.faults.delay + sign_delay;
        if shared.faults.short_replies && status == 0x9000 {
            data.truncate(data.len() / 2);
        }
        if !delay.is_zero() {
            // A slow card, as ordered: this is the card's own time, not a test that waits.
            std::thread::sleep(delay);
        }
        let sent = command.map_or(0, |command| command.data.len());
        let entry = Entry { instruction: name, sent, answered: data.len(), status, took: started.elapsed() };
        shared.log.push(entry);
        data.extend(status.to_be_bytes());
        data
    }
}

/// `3B 85 80 01`, five historical bytes, check byte: T=0 and T=1 offered, card capabilities in compact TLV
/// (ISO 7816-4, 12.1.1.9): chaining and extended lengths as the card really has them.
fn answer_to_reset(config: &CardConfig) -> Vec<u8> {
    let third = u8::from(config.chaining) << 7 | u8::from(config.extended_length) << 6;
    let mut atr = vec![0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, third];
    atr.push(atr[1..].iter().fold(0, |sum, byte| sum ^ byte));
    atr
}

/// A card that panicked has still a log to show.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to use a virtual reader: one user at a time over all processes of this machine.
pub struct ReaderLock {
    _file: fs::File,
}

/// Waits for the reader of that port to be free and takes it until the lock is dropped.
pub fn reader_lock(port: u16) -> io::Result<ReaderLock> {
    let path = std::env::temp_dir().join(format!("touroku-reader-{port}.lock"));
    let file = fs::File::create(path)?;
    flock(&file, FlockOperation::LockExclusive).map_err(|error| io::Error::new(ErrorKind::Other, error))?;
    Ok(ReaderLock { _file: file })
}

//! The card on vpcd's port: a thread that answers, and the handle that watches it.

use std::{
    fmt, io,
    net::{Shutdown, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::net::sockopt::set_tcp_quickack;

use super::{
    Application, CardConfig,
    apdu::Command,
    applet::{self, Applet},
    faults::{Faults, Outcome},
    my_number::MyNumber,
};

/// What a card's log reveals of a command: never its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub instruction: &'static str,
    /// Bytes of command data.
    pub sent: usize,
    /// Bytes of response data.
    pub answered: usize,
    pub status: u16,
    /// Time inside the card, including requested delays.
    pub took: Duration,
}

/// One line: instruction, bytes of command data, bytes of response data, status word, microseconds; separated by
/// tabs.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instruction, sent, answered, status, took } = self;
        write!(f, "{instruction}\t{sent}\t{answered}\t{status:04X}\t{}", took.as_micros())
    }
}

/// Why a card is no longer in its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Its holder removed it.
    Asked,
    /// A fault removed it.
    Fault,
    /// The reader closed the connection: the PC/SC service has ended.
    ReaderGone,
}

/// A card in a reader; dropping it removes it.
pub struct InsertedCard {
    shared: Arc<Shared>,
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
}

/// Inserts a card into the reader on that port. The PC/SC service notices it a moment later
/// ([`crate::pcscd::wait_for_card`]).
///
/// # Errors
/// Nothing listens on the port: the PC/SC service does not run, or has no vpcd. [`io::ErrorKind::InvalidInput`]:
/// cards do not support keys like the one given.
pub fn insert(port: u16, config: CardConfig) -> io::Result<InsertedCard> {
    let (fits, message) = match config.application {
        Application::Piv => (
            applet::algorithm(&config.key).is_some(),
            "a PIV key is RSA of 2048, 3072 or 4096 bits, P-256 or P-384",
        ),
        Application::MyNumber { .. } => {
            (applet::algorithm(&config.key) == Some(0x07), "a My Number Card's key is RSA of 2048 bits")
        }
    };
    if !fits {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let atr = answer_to_reset(&config);
    let faults = config.faults.clone();
    let state = State { content: Content::new(config), faults, log: Vec::new(), removed: None };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
    let card = Card { shared: Arc::clone(&shared), stream: stream.try_clone()?, atr };
    let connection = vpicc::Connection::from(stream.try_clone()?);
    let thread =
        std::thread::Builder::new().name("virtual card".into()).spawn(move || card.run(connection))?;
    Ok(InsertedCard { shared, stream, thread: Some(thread) })
}

impl InsertedCard {
    /// Tries left before the PIN locks.
    pub fn tries_left(&self) -> u8 {
        self.shared.state().content.tries()
    }

    /// Everything the card was asked since it was inserted.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.state().log.clone()
    }

    /// Shows each log entry as it is added, the past ones first; returns when the card is out.
    pub fn follow<E>(&self, mut show: impl FnMut(&Entry) -> Result<(), E>) -> Result<Removal, E> {
        let mut shown = 0;
        loop {
            let mut state = self.shared.state();
            while state.log.len() == shown && state.removed.is_none() {
                state = self.shared.wait(state);
            }
            let (fresh, removed) = (state.log[shown..].to_vec(), state.removed);
            drop(state);
            shown += fresh.len();
            fresh.iter().try_for_each(&mut show)?;
            if let (Some(removal), true) = (removed, fresh.is_empty()) {
                return Ok(removal);
            }
        }
    }

    /// Sets other faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.state().faults = faults;
    }

    /// Whether the card is out, for whatever reason.
    pub fn is_removed(&self) -> bool {
        self.shared.state().removed.is_some()
    }

    /// Removes the card, even in the middle of a command.
    pub fn take_out(&self) {
        self.shared.end(Removal::Asked);
        // Fails only when the connection has already ended.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Removes the card and waits until it is out.
    pub fn remove(self) {
        drop(self);
    }
}

impl Drop for InsertedCard {
    fn drop(&mut self) {
        self.take_out();
        if let Some(thread) = self.thread.take() {
            // A panic of the card has already been printed.
            let _ = thread.join();
        }
    }
}

struct Shared {
    state: Mutex<State>,
    /// The log has grown, or the card is out.
    changed: Condvar,
}

struct State {
    content: Content,
    faults: Faults,
    log: Vec<Entry>,
    removed: Option<Removal>,
}

/// Whichever application the card has.
enum Content {
    Piv(Box<Applet>),
    MyNumber(Box<MyNumber>),
}

impl Content {
    fn new(config: CardConfig) -> Self {
        match config.application.clone() {
            Application::Piv => Self::Piv(Box::new(Applet::new(config))),
            Application::MyNumber { authority } => Self::MyNumber(Box::new(MyNumber::new(config, authority))),
        }
    }

    fn tries(&self) -> u8 {
        match self {
            Self::Piv(applet) => applet.tries(),
            Self::MyNumber(card) => card.tries(),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Piv(applet) => applet.reset(),
            Self::MyNumber(card) => card.reset(),
        }
    }

    fn execute(&mut self, bytes: &[u8]) -> (Vec<u8>, u16) {
        match self {
            Self::Piv(applet) => applet.execute(bytes),
            Self::MyNumber(card) => card.execute(bytes),
        }
    }
}

impl Shared {
    /// A card that panicked still has a log to show, so a poisoned lock is used as is.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// A slow card, as requested. Removing the card cuts the delay short.
    fn delay(&self, by: Duration) {
        if !by.is_zero() {
            let waited = self.changed.wait_timeout_while(self.state(), by, |state| state.removed.is_none());
            drop(waited);
        }
    }

    /// The first reason stays.
    fn end(&self, removal: Removal) {
        self.state().removed.get_or_insert(removal);
        self.changed.notify_all();
    }
}

struct Card {
    shared: Arc<Shared>,
    stream: TcpStream,
    atr: Vec<u8>,
}

impl Card {
    fn run(mut self, mut connection: vpicc::Connection) {
        // vpcd sends length and payload in two writes: with delayed acknowledgement each command would cost 40 ms,
        // and measurements would measure only that.
        while set_tcp_quickack(&self.stream, true).is_ok() && connection.poll(&mut self).is_ok() {}
        self.shared.end(Removal::ReaderGone);
    }
}

impl Drop for Card {
    /// Whatever ended the thread, even a panic: the card is out.
    fn drop(&mut self) {
        self.shared.end(Removal::ReaderGone);
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl vpicc::VSmartCard for Card {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn power_off(&mut self) {
        self.shared.state().content.reset();
    }

    fn power_on(&mut self) {
        self.shared.state().content.reset();
    }

    fn reset(&mut self) {
        self.shared.state().content.reset();
    }

    fn execute(&mut self, bytes: &[u8]) -> Vec<u8> {
        let started = Instant::now();
        let command = Command::parse(bytes).ok();
        let mut state = self.shared.state();
        let State { content, faults, log, .. } = &mut *state;
        let delay = faults.delay(command.as_ref());
        let outcome = faults.apply(log.len() + 1, command.as_ref(), || content.execute(bytes));
        drop(state);
        let Outcome::Answer(mut data, status) = outcome else {
            self.shared.end(Removal::Fault);
            // What is returned goes nowhere, and the loop ends at its next read.
            let _ = self.stream.shutdown(Shutdown::Both);
            return Vec::new();
        };
        self.shared.delay(delay);
        let entry = Entry {
            instruction: command.as_ref().map_or("malformed", Command::name),
            sent: command.as_ref().map_or(0, |command| command.data.len()),
            answered: data.len(),
            status,
            took: started.elapsed(),
        };
        self.shared.state().log.push(entry);
        self.shared.changed.notify_all();
        data.extend(status.to_be_bytes());
        data
    }
}

/// `3B 85 80 01`, five historical bytes, check byte: T=0 and T=1 offered, card capabilities in compact TLV (ISO
/// 7816-4, 12.1.1.9): chaining and extended lengths as configured. A My Number Card has the one that OpenSC
/// recognises.
fn answer_to_reset(config: &CardConfig) -> Vec<u8> {
    if let Application::MyNumber { .. } = config.application {
        return vec![0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14];
    }
    let third = u8::from(config.chaining) << 7 | u8::from(config.extended_length) << 6;
    let mut atr = vec![0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, third];
    atr.push(atr[1..].iter().fold(0, |sum, byte| sum ^ byte));
    atr
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, io::Write as _, net::TcpListener};

    use crate::ca::KeyKind;

    use super::*;

    /// vpcd's side of the connection (vsmartcard, "Virtual PCD protocol"): two bytes of length, then a
    /// one-byte control command or an APDU.
    struct Reader(TcpStream);

    impl Reader {
        fn send(&mut self, message: &[u8]) {
            let length = u16::try_from(message.len()).unwrap();
            self.0.write_all(&[&length.to_be_bytes(), message].concat()).unwrap();
        }

        fn receive(&mut self) -> io::Result<Vec<u8>> {
            let mut length = [0; 2];
            self.0.read_exact(&mut length)?;
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            self.0.read_exact(&mut message)?;
            Ok(message)
        }

        fn ask(&mut self, message: &[u8]) -> Vec<u8> {
            self.send(message);
            self.receive().unwrap()
        }
    }

    fn inserted(change: impl FnOnce(&mut CardConfig)) -> (Reader, InsertedCard) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = CardConfig::new(KeyKind::P256.generate().unwrap(), vec![0x30, 0x00], "123456");
        change(&mut config);
        let card = insert(listener.local_addr().unwrap().port(), config).unwrap();
        (Reader(listener.accept().unwrap().0), card)
    }

    const SELECT: &[u8] = &[0, 0xA4, 4, 0, 5, 0xA0, 0, 0, 3, 8, 0];
    const QUERY: &[u8] = &[0, 0x20, 0, 0x80];
    const WRONG_PIN: &[u8] = &[0, 0x20, 0, 0x80, 8, b'0', b'0', b'0', b'0', b'0', b'0', 0xFF, 0xFF];
    const RIGHT_PIN: &[u8] = &[0, 0x20, 0, 0x80, 8, b'1', b'2', b'3', b'4', b'5', b'6', 0xFF, 0xFF];
    const RESET: &[u8] = &[2];
    const ATR: &[u8] = &[4];

    #[test]
    fn the_answer_to_reset_tells_what_the_card_can_do() {
        let third = |extended, chaining| {
            let (mut reader, _card) = inserted(|config| {
                config.extended_length = extended;
                config.chaining = chaining;
            });
            let atr = reader.ask(ATR);
            assert_eq!(atr[1..].iter().fold(0, |sum, byte| sum ^ byte), 0, "ISO 7816-3, 8.2.5");
            atr[8]
        };
        assert_eq!([third(true, true), third(true, false), third(false, true)], [0xC0, 0x40, 0x80]);
    }

    #[test]
    fn a_reset_forgets_the_pin_but_not_the_spent_tries() {
        let (mut reader, card) = inserted(|_| ());
        reader.ask(SELECT);
        assert_eq!(reader.ask(RIGHT_PIN), [0x90, 0x00]);
        assert_eq!(reader.ask(QUERY), [0x90, 0x00]);
        reader.send(RESET);
        assert_eq!(reader.ask(QUERY), [0x6D, 0x00], "PIV is no longer selected");
        reader.ask(SELECT);
        assert_eq!(reader.ask(QUERY), [0x63, 0xC3]);
        assert_eq!(reader.ask(WRONG_PIN), [0x63, 0xC2]);
        reader.send(RESET);
        reader.ask(SELECT);
        assert_eq!(reader.ask(QUERY), [0x63, 0xC2]);
        assert_eq!(card.tries_left(), 2);
    }

    #[test]
    fn a_fault_takes_the_card_out_before_it_answers() {
        let (mut reader, card) =
            inserted(|config| config.faults.remove_at = Some(super::super::Trigger::Verify));
        reader.ask(SELECT);
        assert_eq!(reader.ask(QUERY), [0x63, 0xC3]);
        reader.send(RIGHT_PIN);
        assert!(reader.receive().is_err());
        let mut seen = Vec::new();
        let removal = card.follow(|entry| {
            seen.push(entry.instruction);
            Ok::<_, ()>(())
        });
        assert_eq!((removal, seen), (Ok(Removal::Fault), vec!["SELECT", "VERIFY"]));
    }

    #[test]
    fn faults_change_while_the_card_is_in_and_a_slow_card_can_be_pulled() {
        let (mut reader, card) = inserted(|_| ());
        assert_eq!(reader.ask(SELECT).last_chunk(), Some(&[0x90, 0x00]));
        card.set_faults(Faults { not_piv: true, ..Faults::default() });
        assert_eq!(reader.ask(SELECT), [0x6A, 0x82]);
        // An hour: if the delay were not cut short, this test would not end.
        card.set_faults(Faults { delay: Duration::from_secs(3600), ..Faults::default() });
        reader.send(SELECT);
        card.take_out();
        // Whether the card's last response still gets out before the connection is cut is up to the machine.
        let _ = reader.receive();
        assert_eq!(card.follow(|_| Ok::<_, ()>(())), Ok(Removal::Asked));
    }

    #[test]
    fn a_reader_that_closes_the_connection_is_told_from_a_card_that_was_pulled() {
        let (reader, card) = inserted(|_| ());
        drop(reader);
        assert_eq!(card.follow(|_| Ok::<_, ()>(())), Ok(Removal::ReaderGone));
        assert!(card.is_removed());
    }

    #[test]
    fn a_log_line_has_lengths_and_status_and_no_data() {
        let (mut reader, card) = inserted(|_| ());
        reader.ask(SELECT);
        reader.ask(RIGHT_PIN);
        let line = card.log()[1].to_string();
        assert!(line.starts_with("VERIFY\t8\t0\t9000\t"), "{line}");
        assert!(!line.contains("123456"));
    }
}

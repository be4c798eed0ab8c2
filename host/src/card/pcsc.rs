//! PC/SC: the service, its readers, connections and transactions. Nothing else in this crate uses `pcsc`.

use std::{
    ffi::CString,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use pcsc::{Context, Disposition, PNP_NOTIFICATION, Protocols, Scope, ShareMode, State, ffi::DWORD};

use super::{
    Card, Protocol, Release,
    pin_pad::{ControlCode, FEATURE_REQUEST},
};
use crate::error::Error;

/// How long after a failed command the service may take to notice that the card is gone. pcsc-lite polls readers
/// without interrupts every 400 ms.
const REMOVAL_NOTICE: Duration = Duration::from_millis(800);

/// macOS's service has no pseudo-reader that announces new readers: there, and only there, the list is polled.
const TELLS_OF_READERS: bool = !cfg!(target_os = "macos");
const LIST_PAUSE: Duration = Duration::from_secs(1);

/// The longest answer of a reader's driver: a list of features, or a status word.
const MAX_ANSWER: usize = 264;

/// Whether readers are asked for a keypad.
static PIN_PADS: AtomicBool = AtomicBool::new(true);

/// Enables or disables readers' keypads from now on in this whole process; called once by whoever reads the
/// configuration, before the first card.
pub fn use_pin_pads(used: bool) {
    PIN_PADS.store(used, Ordering::Relaxed);
}

/// A connection to the PC/SC service. One per thread: waiting in it blocks everything else it could do.
#[derive(Clone)]
pub struct Service(Context);

/// A reader's name in the service: bytes that need not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderName(CString);

/// What the service says about a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Empty,
    /// A card. `insertion` counts insertions and removals, where the service does.
    Card {
        /// Increases with every card.
        insertion: u32,
    },
    /// A card that does not respond.
    Mute,
    /// The reader itself can't be used.
    Unavailable,
}

/// A card that this process is connected to.
pub struct Connection {
    card: pcsc::Card,
    service: Service,
    reader: ReaderName,
    atr: Vec<u8>,
    protocol: Protocol,
    buffer: Vec<u8>,
}

/// Waits for changes of readers and cards.
pub struct Watcher {
    service: Service,
    states: Vec<pcsc::ReaderState>,
}

impl Service {
    /// Connects to the service.
    pub fn establish() -> Result<Self, Error> {
        Context::establish(Scope::User).map(Self).map_err(|error| absence(error, starts_with_a_reader()))
    }

    /// The readers with what they currently hold, in the service's order.
    pub fn snapshot(&self) -> Result<Vec<(ReaderName, Presence)>, Error> {
        let mut states = self.readers()?.into_iter().map(unaware).collect::<Vec<_>>();
        self.status_change(Duration::ZERO, &mut states)?;
        Ok(states.iter().map(|state| (ReaderName(state.name().to_owned()), presence(state))).collect())
    }

    /// Begins to wait for changes.
    pub fn watch(&self) -> Watcher {
        Watcher { service: self.clone(), states: vec![unaware(PNP_NOTIFICATION().to_owned())] }
    }

    /// Ends a [`Watcher::wait`] in another thread.
    pub fn cancel(&self) {
        // Nothing is waiting, or nothing is there any more: either is fine.
        let _ = self.0.cancel();
    }

    /// Connects to the card in a reader.
    pub fn connect(&self, reader: &ReaderName) -> Result<Connection, Error> {
        let card = self.0.connect(&reader.0, ShareMode::Shared, Protocols::ANY).map_err(failure)?;
        let (atr, protocol) = learn(&card)?;
        let buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
        Ok(Connection { card, service: self.clone(), reader: reader.clone(), atr, protocol, buffer })
    }

    fn readers(&self) -> Result<Vec<CString>, Error> {
        match self.0.list_readers_owned() {
            Err(pcsc::Error::NoReadersAvailable) => Ok(Vec::new()),
            other => other.map_err(failure),
        }
    }

    fn status_change(&self, limit: Duration, states: &mut [pcsc::ReaderState]) -> Result<(), Error> {
        if states.is_empty() {
            return Ok(());
        }
        match self.0.get_status_change(limit, states) {
            Err(pcsc::Error::Timeout) => Ok(()),
            other => other.map_err(failure),
        }
    }
}

impl Presence {
    /// Whether any card is there, responding or not.
    pub fn has_card(self) -> bool {
        matches!(self, Self::Card { .. } | Self::Mute)
    }
}

impl ReaderName {
    /// The name for a person; bytes that are not UTF-8 are replaced.
    pub fn display(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl fmt::Display for ReaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

impl Watcher {
    /// The current readers, in the service's order. Does not wait.
    pub fn now(&mut self) -> Result<Vec<(ReaderName, Presence)>, Error> {
        let names = self.service.readers()?;
        // The upper half of the notification's state is the number of known readers (MSDN, SCardGetStatusChange),
        // so that a reader attached before we wait is not overlooked.
        let count = u16::try_from(names.len()).unwrap_or(u16::MAX);
        let count = State::from_bits_retain(DWORD::from(count) << 16);
        let mut states = vec![pcsc::ReaderState::new(PNP_NOTIFICATION(), count)];
        states.extend(names.into_iter().map(unaware));
        self.states = states;
        self.service.status_change(Duration::ZERO, &mut self.states[1..])?;
        let readers = self.states[1..].iter();
        Ok(readers.map(|state| (ReaderName(state.name().to_owned()), presence(state))).collect())
    }

    /// Waits until anything differs from what [`Self::now`] returned. `false` after [`Service::cancel`].
    pub fn wait(&mut self) -> Result<bool, Error> {
        for state in &mut self.states[1..] {
            state.sync_current_state();
        }
        let changed = if TELLS_OF_READERS {
            self.service.0.get_status_change(None, &mut self.states)
        } else if self.states.len() > 1 {
            self.service.0.get_status_change(LIST_PAUSE, &mut self.states[1..])
        } else {
            // Not a single reader whose changes could be waited for: polling is the only way.
            std::thread::sleep(LIST_PAUSE);
            Ok(())
        };
        match changed {
            Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::UnknownReader) => Ok(true),
            Err(pcsc::Error::Cancelled) => Ok(false),
            Err(error) => Err(failure(error)),
        }
    }
}

impl Connection {
    /// Works with the card exclusively, then leaves it as `work` says. Waits while another program is in a
    /// transaction. A card reset by another program is reconnected first.
    pub fn transaction<T>(mut self, work: impl FnOnce(&mut dyn Card) -> (T, Release)) -> Result<T, Error> {
        let transaction = match self.card.transaction2() {
            Ok(transaction) => transaction,
            Err((card, error @ (pcsc::Error::ResetCard | pcsc::Error::UnpoweredCard))) => {
                // After the computer slept a card may be without power, and starts afresh.
                let begin = match error {
                    pcsc::Error::UnpoweredCard => Disposition::UnpowerCard,
                    _ => Disposition::LeaveCard,
                };
                card.reconnect(ShareMode::Shared, Protocols::ANY, begin).map_err(failure)?;
                (self.atr, self.protocol) = learn(card)?;
                card.transaction().map_err(failure)?
            }
            Err((_, error)) => return Err(failure(error)),
        };
        let mut card = InTransaction {
            transaction: &transaction,
            service: &self.service,
            reader: &self.reader,
            name: self.reader.display(),
            atr: &self.atr,
            protocol: self.protocol,
            buffer: &mut self.buffer,
        };
        // If `work` panics, dropping the connection resets the card. If the process is killed, the service does
        // (pcsc-lite: MSGRemoveContext for a client that holds a transaction; Windows alike).
        let (value, release) = work(&mut card);
        let disposition = match release {
            Release::Leave => Disposition::LeaveCard,
            Release::Reset => Disposition::ResetCard,
        };
        // Within the transaction, so that nobody comes between the signature and the reset. A card that is gone
        // has no state to end.
        if let Err((transaction, _)) = transaction.end(disposition) {
            drop(transaction);
        }
        // Not by `Drop`, which would reset the card under other programs.
        let _ = self.card.disconnect(Disposition::LeaveCard);
        Ok(value)
    }
}

struct InTransaction<'a, 'card> {
    transaction: &'a pcsc::Transaction<'card>,
    service: &'a Service,
    reader: &'a ReaderName,
    name: String,
    atr: &'a [u8],
    protocol: Protocol,
    buffer: &'a mut [u8],
}

impl Card for InTransaction<'_, '_> {
    fn atr(&self) -> &[u8] {
        self.atr
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn reader(&self) -> &str {
        &self.name
    }

    fn control(&mut self, code: ControlCode, input: &[u8]) -> Result<Vec<u8>, Error> {
        if !PIN_PADS.load(Ordering::Relaxed) {
            return Err(Error::Line("not used".to_owned()));
        }
        let mut answer = [0; MAX_ANSWER];
        let mut ask = |code| self.transaction.control(code, input, &mut answer).map(<[u8]>::to_vec);
        match code {
            // Readers without this command say so; nobody waits for a card that may be on its way out.
            ControlCode::Features => ask(pcsc::ctl_code(number(FEATURE_REQUEST))).map_err(failure),
            ControlCode::Of(code) => {
                let answered = ask(number(code));
                self.unless_removed(answered)
            }
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let reply = self.transaction.transmit(command, self.buffer).map(<[u8]>::to_vec);
        self.unless_removed(reply)
    }
}

impl InTransaction<'_, '_> {
    fn unless_removed(&self, reply: Result<Vec<u8>, pcsc::Error>) -> Result<Vec<u8>, Error> {
        // A card on its way out shows as a communication error, as a lost connection or, with some drivers, as an
        // empty reply.
        let doubtful = match &reply {
            Ok(bytes) => bytes.len() < 2,
            Err(error) => *error == pcsc::Error::InvalidHandle || matches!(failure(*error), Error::Line(_)),
        };
        if doubtful && self.is_removed() { Err(Error::CardRemoved) } else { reply.map_err(failure) }
    }

    /// Whether communication failed because the card is on its way out. The service may not know yet, so this
    /// waits for its notice for a limited time.
    fn is_removed(&self) -> bool {
        let mut states = [unaware(self.reader.0.clone())];
        // The first answer comes at once; a second and third allow for changes other than removal.
        for limit in [Duration::ZERO, REMOVAL_NOTICE, REMOVAL_NOTICE] {
            if self.service.status_change(limit, &mut states).is_err() {
                return true;
            }
            let [state] = &mut states;
            if !state.event_state().contains(State::PRESENT) {
                return true;
            }
            if !limit.is_zero() && !state.event_state().contains(State::CHANGED) {
                return false;
            }
            state.sync_current_state();
        }
        false
    }
}

#[allow(clippy::useless_conversion, reason = "PC/SC's numbers are longer on Linux than elsewhere")]
fn number(number: u32) -> DWORD {
    number.into()
}

/// Answer to reset and protocol.
fn learn(card: &pcsc::Card) -> Result<(Vec<u8>, Protocol), Error> {
    let status = card.status2_owned().map_err(failure)?;
    let protocol = match status.protocol2() {
        Some(pcsc::Protocol::T0) => Protocol::T0,
        _ => Protocol::T1,
    };
    Ok((status.atr().to_vec(), protocol))
}

fn unaware(name: CString) -> pcsc::ReaderState {
    pcsc::ReaderState::new(name, State::UNAWARE)
}

fn presence(state: &pcsc::ReaderState) -> Presence {
    let flags = state.event_state();
    if flags.contains(State::MUTE) {
        Presence::Mute
    } else if flags.contains(State::PRESENT) {
        Presence::Card { insertion: state.event_count() }
    } else if flags.intersects(State::UNAVAILABLE | State::UNKNOWN | State::IGNORE) {
        Presence::Unavailable
    } else {
        Presence::Empty
    }
}

/// Whether this computer's service starts and stops with the readers.
#[cfg(windows)]
fn starts_with_a_reader() -> bool {
    crate::registry::smart_card_service_starts(&crate::registry::Windows)
}

#[cfg(not(windows))]
fn starts_with_a_reader() -> bool {
    false
}

/// Why there is no service. Since version 8, Windows runs it only while a reader is attached ("What's New in Smart
/// Cards"); to a person that means a missing reader, not a missing service.
fn absence(error: pcsc::Error, starts_with_a_reader: bool) -> Error {
    match error {
        pcsc::Error::NoMemory => line(error),
        pcsc::Error::NoService | pcsc::Error::ServiceStopped if starts_with_a_reader => Error::NoReader,
        // Whatever the reason, to a person it is a service that does not answer.
        _ => Error::ServiceOff,
    }
}

fn failure(error: pcsc::Error) -> Error {
    match error {
        // The last three: a session that Windows ends or detaches, and handles from before the service was
        // restarted.
        pcsc::Error::NoService
        | pcsc::Error::ServiceStopped
        | pcsc::Error::Shutdown
        | pcsc::Error::SystemCancelled
        | pcsc::Error::InvalidHandle => Error::ServiceOff,
        pcsc::Error::NoReadersAvailable => Error::NoReader,
        pcsc::Error::NoSmartcard
        | pcsc::Error::RemovedCard
        | pcsc::Error::UnknownReader
        | pcsc::Error::ReaderUnavailable => Error::CardRemoved,
        pcsc::Error::SharingViolation => Error::CardBusy,
        other => line(other),
    }
}

/// PC/SC's own name, e.g. `UnresponsiveCard`.
fn line(error: pcsc::Error) -> Error {
    Error::Line(format!("{error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_windows_stopped_with_its_last_reader_is_a_missing_reader() {
        for error in [pcsc::Error::NoService, pcsc::Error::ServiceStopped] {
            assert_eq!(absence(error, true), Error::NoReader);
            assert_eq!(absence(error, false), Error::ServiceOff);
        }
        for error in [pcsc::Error::NoAccess, pcsc::Error::InternalError, pcsc::Error::UnknownError] {
            assert_eq!(absence(error, true), Error::ServiceOff, "{error:?}");
        }
    }

    #[test]
    fn what_a_stopped_service_sleep_and_the_end_of_a_session_leave_behind_is_told_as_the_service() {
        use pcsc::Error::{InvalidHandle, NoService, ServiceStopped, Shutdown, SystemCancelled};
        for error in [NoService, ServiceStopped, Shutdown, SystemCancelled, InvalidHandle] {
            assert_eq!(failure(error), Error::ServiceOff, "{error:?}");
        }
    }

    #[test]
    fn what_is_the_readers_or_the_cards_is_not_told_as_the_service() {
        use pcsc::Error as E;
        for (error, expected) in [
            (E::NoReadersAvailable, Error::NoReader),
            (E::ReaderUnavailable, Error::CardRemoved),
            (E::RemovedCard, Error::CardRemoved),
            (E::SharingViolation, Error::CardBusy),
            (E::CommError, Error::Line("CommError".to_owned())),
            (E::UnpoweredCard, Error::Line("UnpoweredCard".to_owned())),
        ] {
            assert_eq!(failure(error), expected);
        }
    }
}

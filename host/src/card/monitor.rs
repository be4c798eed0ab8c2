//! Readers and cards as they come and go: one thread waits for PC/SC events, and each inserted card is read in a
//! separate thread, so that a slow card holds up nobody.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use touroku_proto::card::{CardError, CardErrorCode, HostMessage, Reader, ReaderState, ServiceState};

use super::{
    Accepted, Clock, Control, Known,
    attended::{LONGEST_WAIT, SILENCE},
    certificate::CardCertificate,
    driver::Reading,
    pcsc::{Presence, ReaderName, Service},
    pkcs11::{
        merge::{merge, wants_modules},
        modules::{Module, Modules, Report},
        watch::{self, Bell},
    },
    readers::{self, unusable},
    until_halt::UntilHalt,
};
use crate::{error::Error, halt::Halt};

/// The pauses between attempts to reach a service that is off. PC/SC does not announce that it has started, so
/// polling is the only way; a local connect costs microseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// How often a card held by another program is retried. Windows signals its release; pcsc-lite (tried with 1.9.9)
/// does not, so while a card is busy, and only then, polling is the only way.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// How often the service is asked whether it still answers.
const PULSE: Duration = Duration::from_secs(3);

/// How often to retry reading a card whose communication fails: contacts may still be moving while it is being
/// inserted.
const ATTEMPTS: u32 = 3;

/// Watches readers and cards and reports every change. Clones share the work; it ends with the host.
#[derive(Clone)]
pub struct Monitor(Arc<Shared>);

struct Shared {
    modules: Modules,
    board: Mutex<Board>,
    accepted: Accepted,
    halt: Halt,
    clock: Clock,
    publish: Box<dyn Fn(HostMessage) + Send + Sync>,
}

#[derive(Default)]
struct Board {
    /// The connection that the monitor waits in.
    waiting: Option<Service>,
    /// `None` until the service was first asked.
    state: Option<ServiceState>,
    slots: Vec<Slot>,
    /// The modules that are being watched.
    watched: Vec<Watched>,
    /// A context that nobody waits in.
    spare: Option<Service>,
    /// The service is there but does not answer.
    silent: bool,
    /// Where each card of this session was last seen, and what was learnt there.
    seen: Vec<(String, ReaderName, Known)>,
    /// Which module last showed each token of this session.
    seen_by_modules: Vec<(String, PathBuf)>,
    published: Option<HostMessage>,
}

struct Slot {
    reader: ReaderName,
    presence: Presence,
    state: ReaderState,
    /// Counts the readings of this reader's cards; the results of older ones are stale.
    reading: u64,
}

/// A watched module, and what it last reported.
struct Watched {
    file: PathBuf,
    bell: Bell,
    report: Option<Report>,
}

impl Monitor {
    /// Starts watching; `publish` is called with every new state, one call at a time.
    pub fn start(
        modules: Modules,
        accepted: Accepted,
        halt: Halt,
        clock: Clock,
        publish: Box<dyn Fn(HostMessage) + Send + Sync>,
    ) -> Self {
        let monitor =
            Self(Arc::new(Shared { modules, board: Mutex::default(), accepted, halt, clock, publish }));
        monitor.watch_modules(&mut monitor.board(), |module| module.listed);
        let watching = monitor.clone();
        thread::spawn(move || watching.run());
        let listening = monitor.clone();
        thread::spawn(move || listening.listen());
        monitor
    }

    /// Which cards are read and shown.
    pub fn accepted(&self) -> Accepted {
        self.0.accepted
    }

    /// Publishes the state again, changed or not.
    pub fn publish_again(&self) {
        let mut board = self.board();
        board.published = None;
        self.publish(&mut board);
    }

    /// Stops waiting for events when the host ends.
    pub fn stop(&self) {
        self.board().watched.iter().for_each(|module| module.bell.ring());
        if let Some(service) = self.board().waiting.take() {
            service.cancel();
        }
    }

    /// The reader in which a card was last seen, and what was learnt there; `None` for a card that was never
    /// shown.
    pub fn reader_of(&self, card: &str) -> Option<(ReaderName, Known)> {
        let board = self.board();
        let found = board.seen.iter().find(|(id, ..)| id == card);
        found.map(|(_, reader, known)| (reader.clone(), *known))
    }

    /// A context to work in: the spare one, or a new one.
    pub fn service(&self) -> Result<Service, Error> {
        let spare = self.board().spare.take();
        spare.map_or_else(Service::establish, Ok)
    }

    /// Keeps a context for whoever needs one next.
    pub fn keep(&self, service: Service) {
        self.board().spare = Some(service);
    }

    /// The module that last showed a token; `None` for one that was never shown.
    pub fn module_of(&self, card: &str) -> Option<PathBuf> {
        self.board().seen_by_modules.iter().find(|(id, _)| id == card).map(|(_, file)| file.clone())
    }

    /// Reads a card again, e.g. after its tries may have changed.
    pub fn refresh(&self, card: &str) {
        if let Some(file) = self.module_of(card) {
            self.board()
                .watched
                .iter()
                .filter(|module| module.file == file)
                .for_each(|module| module.bell.ring());
        }
        let shows =
            |slot: &&mut Slot| matches!(&slot.state, ReaderState::Card { card: shown } if shown.id == card);
        if let Some(slot) = self.board().slots.iter_mut().find(shows) {
            self.read_in_background(slot);
        }
    }

    fn run(&self) {
        let mut pause = FIRST_PAUSE;
        while !self.0.halt.is_ending() {
            match Service::establish() {
                Ok(service) => {
                    // Ends with the service, whose context is then permanently dead, or with the host.
                    let _ = self.watch(&service);
                    pause = FIRST_PAUSE;
                    // Insertion counters restart with the service; what is there must be read again.
                    let mut board = self.board();
                    board.slots.clear();
                    board.spare = None;
                }
                Err(error) => {
                    let mut board = self.board();
                    board.waiting = None;
                    board.state = Some(match error {
                        // It starts when one comes.
                        Error::NoReader => ServiceState::Running,
                        _ => ServiceState::Off,
                    });
                    board.slots.clear();
                    self.publish(&mut board);
                }
            }
            if !self.0.halt.pause(pause) {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reports when the service stops and resumes answering. A service that hangs announces nothing, and waiting
    /// for its events would take forever; so it is polled, which costs microseconds.
    fn listen(&self) {
        let (sender, answers) = mpsc::channel();
        let halt = self.0.halt.clone();
        thread::spawn(move || {
            while !halt.is_ending() {
                let answer = Service::establish().map(drop);
                if sender.send(answer).is_err() || !halt.pause(PULSE) {
                    return;
                }
            }
        });
        loop {
            let silent = match answers.recv_timeout(PULSE + SILENCE) {
                Ok(_) => false,
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut board = self.board();
            if board.silent != silent {
                board.silent = silent;
                self.publish(&mut board);
            }
        }
    }

    fn watch(&self, service: &Service) -> Result<(), Error> {
        let mut watcher = service.watch();
        self.board().waiting = Some(service.clone());
        loop {
            let readers = watcher.now()?;
            self.update(readers);
            if self.0.halt.is_ending() || !watcher.wait()? {
                return Ok(());
            }
        }
    }

    fn update(&self, readers: Vec<(ReaderName, Presence)>) {
        let mut board = self.board();
        board.state = Some(ServiceState::Running);
        let mut old = std::mem::take(&mut board.slots);
        let mut changed = readers.len() != old.len();
        for (reader, presence) in readers {
            let known = old.iter().position(|slot| slot.reader == reader).map(|at| old.swap_remove(at));
            let mut slot = known.unwrap_or(Slot {
                reader,
                presence: Presence::Empty,
                state: ReaderState::Empty,
                reading: 0,
            });
            let before = std::mem::replace(&mut slot.presence, presence);
            changed |= before != presence;
            match presence {
                Presence::Empty => slot.state = ReaderState::Empty,
                Presence::Mute => slot.state = unusable(&Error::Line("mute card".to_owned())),
                Presence::Unavailable => slot.state = unusable(&Error::Line("reader unavailable".to_owned())),
                Presence::Card { insertion } => {
                    let same = matches!(before, Presence::Card { insertion: last } if last == insertion);
                    if !same {
                        slot.state = ReaderState::Reading;
                    }
                    // On Windows another program's disconnect is an event: a busy card may be free now.
                    if !same || is_busy(&slot.state) {
                        self.read_in_background(&mut slot);
                    }
                }
            }
            board.slots.push(slot);
        }
        if changed {
            board.watched.iter().for_each(|module| module.bell.ring());
        }
        self.publish(&mut board);
    }

    /// Starts watching those modules that are not watched yet.
    fn watch_modules(&self, board: &mut Board, wanted: impl Fn(&Module) -> bool) {
        for module in self.0.modules.iter().filter(|module| wanted(module)) {
            if board.watched.iter().any(|watched| watched.file == module.file) {
                continue;
            }
            let monitor = self.clone();
            let tell = move |report| monitor.take_report(report);
            let bell = watch::start(self.0.modules.clone(), module.clone(), self.0.halt.clone(), tell);
            board.watched.push(Watched { file: module.file.clone(), bell, report: None });
        }
    }

    fn take_report(&self, report: Report) {
        let mut board = self.board();
        let tokens = report.outcome.iter().flat_map(|(_, tokens)| tokens);
        for der in tokens.flat_map(|token| &token.certificates) {
            if let Ok(certificate) = CardCertificate::parse(der.0.clone()) {
                let id = certificate.id();
                board.seen_by_modules.retain(|(seen, _)| *seen != id);
                board.seen_by_modules.push((id, report.file.clone()));
            }
        }
        if let Some(watched) = board.watched.iter_mut().find(|watched| watched.file == report.file) {
            watched.report = Some(report);
        }
        self.publish(&mut board);
    }

    fn read_in_background(&self, slot: &mut Slot) {
        slot.reading += 1;
        let (monitor, reader, reading) = (self.clone(), slot.reader.clone(), slot.reading);
        thread::spawn(move || {
            let mut failures = 0;
            loop {
                let begun = Arc::new(AtomicBool::new(false));
                monitor.tell_when_busy(&reader, reading, &begun);
                let read = catch_unwind(AssertUnwindSafe(|| monitor.read(&reader, &begun)));
                begun.store(true, Ordering::Relaxed);
                let read = read.unwrap_or(Err(Error::Internal));
                let again = match &read {
                    Err(Error::CardBusy) => true,
                    Err(Error::Line(_) | Error::Malformed(_)) => {
                        failures += 1;
                        failures < ATTEMPTS
                    }
                    _ => false,
                };
                if !monitor.take(&reader, reading, read) || !again || !monitor.0.halt.pause(RETRY_PAUSE) {
                    return;
                }
            }
        });
    }

    /// Shows a card as busy if its reading has not even begun after a while. The reading continues when it can.
    fn tell_when_busy(&self, reader: &ReaderName, reading: u64, begun: &Arc<AtomicBool>) {
        let (monitor, reader, begun) = (self.clone(), reader.clone(), begun.clone());
        thread::spawn(move || {
            if monitor.0.halt.pause(LONGEST_WAIT) && !begun.load(Ordering::Relaxed) {
                monitor.take(&reader, reading, Err(Error::CardBusy));
            }
        });
    }

    fn read(&self, reader: &ReaderName, begun: &AtomicBool) -> Result<Reading, Error> {
        let _work = self.0.halt.begin().ok_or(Error::Cancelled)?;
        let now = (self.0.clock)();
        let mut control = Beginning { control: UntilHalt(self.0.halt.clone()), begun };
        let service = self.service()?;
        let read = readers::read(&service, reader, &mut control, self.0.accepted, now);
        if !matches!(read, Err(Error::ServiceOff)) {
            self.keep(service);
        }
        read
    }

    /// Accepts a reading; `false` if it is no longer of interest.
    fn take(&self, reader: &ReaderName, reading: u64, read: Result<Reading, Error>) -> bool {
        let mut board = self.board();
        let Some(slot) = board.slots.iter_mut().find(|slot| slot.reader == *reader) else { return false };
        // A newer reading is on its way, or the card has gone meanwhile.
        if slot.reading != reading || !matches!(slot.presence, Presence::Card { .. }) {
            return false;
        }
        let mut known = Known::default();
        slot.state = match read {
            Ok(reading) => {
                known = reading.known;
                ReaderState::Card { card: reading.summary }
            }
            // The event announcing it is on its way.
            Err(Error::CardRemoved | Error::ServiceOff | Error::Cancelled) => return false,
            Err(error) => unusable(&error),
        };
        if let ReaderState::Card { card } = &slot.state {
            let id = card.id.clone();
            board.seen.retain(|(seen, ..)| *seen != id);
            board.seen.push((id, reader.clone(), known));
        }
        self.publish(&mut board);
        true
    }

    fn publish(&self, board: &mut Board) {
        let state = if board.silent { Some(ServiceState::Off) } else { board.state };
        let Some(service) = state else { return };
        // What an unresponsive service last said is no longer true.
        let readers = board.slots.iter().filter(|_| !board.silent);
        let readers = readers.map(|slot| Reader { name: slot.reader.display(), state: slot.state.clone() });
        let readers: Vec<_> = readers.collect();
        if wants_modules(service, &readers) {
            self.watch_modules(board, |_| true);
        }
        let pending = board.watched.iter().any(|module| module.report.is_none());
        let reports: Vec<_> = board.watched.iter().filter_map(|module| module.report.clone()).collect();
        let readers = merge(readers, &reports, pending, (self.0.clock)());
        let message = HostMessage::Readers { service, readers };
        if board.published.as_ref() != Some(&message) {
            board.published = Some(message.clone());
            (self.0.publish)(message);
        }
    }

    // A thread that panicked leaves a state that the next event corrects.
    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that work has begun: the card is ours.
struct Beginning<'a> {
    control: UntilHalt,
    begun: &'a AtomicBool,
}

impl Control for Beginning<'_> {
    fn proceed(&mut self) -> Result<(), Error> {
        self.begun.store(true, Ordering::Relaxed);
        self.control.proceed()
    }
}

fn is_busy(state: &ReaderState) -> bool {
    matches!(state, ReaderState::Unusable { error: CardError { code: CardErrorCode::CardBusy, .. } })
}

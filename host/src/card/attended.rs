//! Work with a card that another program may hold, or a service that may not answer. PC/SC offers no way to stop
//! waiting for either, so the wait has its own thread, and its caller is told in time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Control, pcsc};
use crate::error::Error;

/// How long to wait for a card that another program is using. Whole dialogues take two or three seconds on slow
/// cards.
pub const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long the service may take to answer a request that needs no card. It is on this computer.
pub const SILENCE: Duration = Duration::from_secs(2);

/// Work in progress.
pub struct Attended<T> {
    since: Instant,
    flags: Flags,
    outcome: Receiver<Result<T, Error>>,
}

/// What the work and its waiters share.
#[derive(Clone, Default)]
struct Flags(Arc<(AtomicBool, AtomicBool)>);

struct Watched<C> {
    control: C,
    flags: Flags,
}

/// Starts work under that control, in a separate thread.
pub fn begin<T: Send + 'static>(
    control: impl Control + Send + 'static,
    work: impl FnOnce(&mut dyn Control) -> Result<T, Error> + Send + 'static,
) -> Attended<T> {
    let (sender, outcome) = mpsc::channel();
    let flags = Flags::default();
    let mut watched = Watched { control, flags: flags.clone() };
    thread::spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(work(&mut watched));
    });
    Attended { since: Instant::now(), flags, outcome }
}

/// The result of `work`, which asks only the service, not a card.
///
/// # Errors
/// [`Error::ServiceSilent`] when the service does not answer in time.
pub fn ask_service<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let _ = sender.send(work());
    });
    match receiver.recv_timeout(SILENCE) {
        Ok(said) => said,
        Err(RecvTimeoutError::Timeout) => Err(Error::ServiceSilent),
        Err(RecvTimeoutError::Disconnected) => Err(Error::Internal),
    }
}

/// Why a card is still unavailable after waiting for it.
pub fn why_waiting() -> Error {
    match ask_service(|| pcsc::Service::establish().map(drop)) {
        Err(error @ (Error::ServiceSilent | Error::ServiceOff)) => error,
        _ => Error::CardBusy,
    }
}

impl<T> Attended<T> {
    /// The result; an error when the card is not available within [`LONGEST_WAIT`] from the start. Then nothing is
    /// done with it later either.
    pub fn wait(self) -> Result<T, Error> {
        let left = LONGEST_WAIT.saturating_sub(self.since.elapsed());
        match self.outcome.recv_timeout(left) {
            Err(RecvTimeoutError::Timeout) if self.flags.give_up() => Err(why_waiting()),
            // In progress: a slow card is no reason to stop.
            Err(RecvTimeoutError::Timeout) => self.outcome.recv().unwrap_or(Err(Error::Internal)),
            said => said.unwrap_or(Err(Error::Internal)),
        }
    }
}

impl Flags {
    /// Cancels work that has not begun; returns whether it had not.
    fn give_up(&self) -> bool {
        let Self(flags) = self;
        flags.1.store(true, Ordering::SeqCst);
        let begun = flags.0.load(Ordering::SeqCst);
        if begun {
            flags.1.store(false, Ordering::SeqCst);
        }
        !begun
    }

    /// Marks the work as begun, or ends it.
    fn proceed(&self) -> Result<(), Error> {
        let Self(flags) = self;
        flags.0.store(true, Ordering::SeqCst);
        if flags.1.load(Ordering::SeqCst) { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl<C: Control> Control for Watched<C> {
    fn proceed(&mut self) -> Result<(), Error> {
        self.flags.proceed()?;
        self.control.proceed()
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.flags.proceed()?;
        self.control.commit()
    }

    fn at_reader(&mut self, time: Duration, done: u32, total: u32) -> Result<(), Error> {
        self.control.at_reader(time, done, total)
    }

    fn finished(&mut self, done: u32, total: u32) {
        self.control.finished(done, total);
    }
}

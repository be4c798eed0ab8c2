//! One module's tokens as they come and go: a thread that keeps the module's process and reports what it shows.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use super::{
    modules::{Module, Modules, Report, tokens},
    process::READ_LIMIT,
    wire::{Answer, Ask},
};
use crate::{card::until_halt::UntilHalt, error::Error, halt::Halt};

/// How often a module that cannot wait for events is polled (C_WaitForSlotEvent is optional, and on Windows even
/// OpenSC's module lacks it). Nothing else would announce a token outside of PC/SC's readers; a card in a reader
/// is noticed at once, by PC/SC's own event.
const POLL: Duration = Duration::from_secs(2);

/// The shortest time between two polls, for modules whose wait ends at once for no reason.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);

/// The pauses before a failed module is restarted. A card that comes or goes ends them.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Wakes a watching thread. Clones are the same bell.
#[derive(Clone, Default)]
pub struct Bell(Arc<(Mutex<Rung>, Condvar)>);

#[derive(Default)]
struct Rung {
    /// A card came or went, or the host is ending.
    changed: bool,
    /// The module's process answered or ended.
    answered: bool,
}

/// Watches a module until the host ends; `tell` is called with each of its reports. The bell makes it look again.
pub fn start(modules: Modules, module: Module, halt: Halt, tell: impl Fn(Report) + Send + 'static) -> Bell {
    let bell = Bell::default();
    let watching = bell.clone();
    thread::spawn(move || {
        let report = |outcome| tell(Report { file: module.file.clone(), outcome });
        let mut pause = FIRST_PAUSE;
        while !halt.is_ending() {
            match watch(&modules, &module, &halt, &watching, &report) {
                Ok(()) => pause = FIRST_PAUSE,
                Err(error) => {
                    report(Err(error));
                    if watching.wait_for_change(pause) {
                        pause = FIRST_PAUSE;
                    } else {
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            }
        }
    });
    bell
}

/// Starts the module and reports its tokens until it has to be restarted.
fn watch(
    modules: &Modules,
    module: &Module,
    halt: &Halt,
    bell: &Bell,
    report: &impl Fn(Result<(String, Vec<super::wire::Token>), Error>),
) -> Result<(), Error> {
    let ring = bell.clone();
    let mut process = modules.start(&module.file, move || ring.answered())?;
    let mut can_wait = true;
    while !halt.is_ending() {
        bell.clear();
        report(Ok(tokens(&mut process, READ_LIMIT, &mut UntilHalt(halt.clone()))?));
        if !can_wait {
            bell.wait_for_change(POLL);
            continue;
        }
        // A ring for the tokens' own answer is no longer of interest; a change still is.
        bell.forget_answer();
        process.send(&Ask::Wait)?;
        // Nobody can end a wait inside the module. So a card that came meanwhile, which not every module reports,
        // means a new process; this one is killed.
        let answer = loop {
            if !bell.wait_for_answer() {
                return Ok(());
            }
            // The ring may still be the previous answer's: the reader rings after handing it over.
            bell.forget_answer();
            if let Some(answer) = process.answer()? {
                break answer;
            }
        };
        match answer {
            Answer::Changed => drop(bell.wait_for_change(SHORTEST_PAUSE)),
            Answer::CannotWait => {
                can_wait = false;
                bell.wait_for_change(POLL);
            }
            _ => return Err(process.confused()),
        }
    }
    Ok(())
}

impl Bell {
    /// A card came or went, or the host is ending.
    pub fn ring(&self) {
        self.rung().changed = true;
        self.0.1.notify_all();
    }

    fn answered(&self) {
        self.rung().answered = true;
        self.0.1.notify_all();
    }

    fn clear(&self) {
        *self.rung() = Rung::default();
    }

    fn forget_answer(&self) {
        self.rung().answered = false;
    }

    /// Waits for a ring, at most `limit`; returns whether it came.
    fn wait_for_change(&self, limit: Duration) -> bool {
        let waited = self.0.1.wait_timeout_while(self.rung(), limit, |rung| !rung.changed);
        waited.unwrap_or_else(PoisonError::into_inner).0.changed
    }

    /// Waits for the module's answer; `false` when a ring came first.
    fn wait_for_answer(&self) -> bool {
        let waited = self.0.1.wait_while(self.rung(), |rung| !rung.changed && !rung.answered);
        waited.unwrap_or_else(PoisonError::into_inner).answered
    }

    // Two flags stay consistent even after a panic.
    fn rung(&self) -> MutexGuard<'_, Rung> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

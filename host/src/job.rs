//! One `authenticate` or `sign` command: answered exactly once, by whoever comes first.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use touroku_proto::{card::HostMessage, token::Token};

use crate::{
    card::{
        Clock, Control, Proof, Request,
        attended::{self, LONGEST_WAIT},
        driver::Reading,
        monitor::Monitor,
        pcsc::Service,
        pkcs11::modules::Modules,
        readers,
        until_halt::UntilHalt,
    },
    error::Error,
    halt::Halt,
    locked,
    output::Output,
};

/// How much longer than told a reader may wait at its keypad.
const PAD_GRACE: Duration = Duration::from_secs(15);

/// A running or finished request. Clones share it.
#[derive(Clone)]
pub struct Job(Arc<Inner>);

struct Inner {
    id: u32,
    output: Output,
    halt: Halt,
    phase: Mutex<Phase>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not yet in a transaction with the card, perhaps because another program is.
    Waiting,
    /// The PIN has not been sent; the request can be cancelled at once.
    Preparing,
    /// The PIN was sent; cancelling waits for the next safe point.
    Signing { cancelled: bool },
    /// The reader is asking for the PIN on its keypad, and cannot be stopped; the request can.
    AtReader,
    /// The answer has been sent.
    Answered,
}

impl Job {
    /// A request to be answered on `output`.
    pub fn new(id: u32, output: Output, halt: Halt) -> Self {
        Self(Arc::new(Inner { id, output, halt, phase: Mutex::new(Phase::Waiting) }))
    }

    /// Whether the answer has been sent.
    pub fn is_answered(&self) -> bool {
        *self.phase() == Phase::Answered
    }

    /// Answers that the request failed before any card work, unless it was cancelled meanwhile.
    pub fn fail(&self, error: Error) {
        let mut phase = self.phase();
        if *phase != Phase::Answered {
            self.answer(&mut phase, Err(error));
        }
    }

    /// Cancels the request: at once before the PIN was sent, even while another program holds the card; afterwards
    /// at the next safe point. While a person is at the reader's keypad it ends at once, too: a PIN entered there
    /// nevertheless signs nothing.
    pub fn cancel(&self) {
        let mut phase = self.phase();
        match *phase {
            Phase::Waiting | Phase::Preparing | Phase::AtReader => {
                self.answer(&mut phase, Err(Error::Cancelled));
            }
            Phase::Signing { .. } => *phase = Phase::Signing { cancelled: true },
            Phase::Answered => {}
        }
    }

    /// Carries the request out and answers it.
    pub fn run(&self, request: Request, monitor: Option<&Monitor>, modules: &Modules, clock: Clock) {
        let waiting = self.clone();
        thread::spawn(move || waiting.limit_waiting(LONGEST_WAIT, attended::why_waiting));
        let locked = locked::lock(request.pin.expose());
        let (mut signed, card) = (false, request.card.clone());
        let halt = self.0.halt.clone();
        self.run_with(|control| {
            let mut request = request;
            let token = authenticate(control, &mut request, monitor, modules, &halt, clock);
            let proof = token.map(|token| request.proof(token));
            // Before the answer: once it has been sent, no PIN is left here.
            drop((locked, request));
            signed = proof.is_ok();
            proof
        });
        // Tries may have been lost. After a signature nobody asks for them, and the next request, which may follow
        // at once, would have to wait for the card.
        if let (false, Some(monitor), Some(card)) = (signed, monitor, &card) {
            monitor.refresh(card);
        }
    }

    /// Answers with the reason when the card is not available within `limit`. PC/SC offers no way to stop waiting
    /// for another program's transaction; so the request ends here, and its thread when it gets the card.
    fn limit_waiting(&self, limit: Duration, why: impl FnOnce() -> Error) {
        if self.0.halt.pause(limit) && *self.phase() == Phase::Waiting {
            let why = why();
            let mut phase = self.phase();
            if *phase == Phase::Waiting {
                self.answer(&mut phase, Err(why));
            }
        }
    }

    /// Answers `timed_out` when a reader that was told to give up after some time has not done so within `limit`.
    fn limit_reader(&self, limit: Duration) {
        if self.0.halt.pause(limit) {
            let mut phase = self.phase();
            if *phase == Phase::AtReader {
                self.answer(&mut phase, Err(Error::TimedOut));
            }
        }
    }

    /// Works under watch and answers with the result.
    pub(crate) fn run_with(&self, work: impl FnOnce(&mut dyn Control) -> Result<Proof, Error>) {
        let Some(_work) = self.0.halt.begin() else { return self.cancel() };
        // A panic must not leave the page waiting.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut Watched(self))));
        let mut phase = self.phase();
        match *phase {
            Phase::Answered => {}
            Phase::Signing { cancelled: true } => self.answer(&mut phase, Err(Error::Cancelled)),
            _ => self.answer(&mut phase, outcome.unwrap_or(Err(Error::Internal))),
        }
    }

    fn answer(&self, phase: &mut Phase, outcome: Result<Proof, Error>) {
        *phase = Phase::Answered;
        let id = self.0.id;
        self.0.output.send(&match outcome {
            Ok(Proof::Token(token)) => HostMessage::Token { id, token },
            Ok(Proof::Signature(signature)) => HostMessage::Signature { id, signature },
            Err(error) => HostMessage::Error { id: Some(id), error: error.to_card_error() },
        });
    }

    // The phase stays consistent even after a panic elsewhere.
    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.0.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn authenticate(
    control: &mut dyn Control,
    request: &mut Request,
    monitor: Option<&Monitor>,
    modules: &Modules,
    halt: &Halt,
    clock: Clock,
) -> Result<Token, Error> {
    // Where the person saw the card. A caller that did not watch gets whichever reader holds it.
    let shown = request.card.clone().zip(monitor);
    if let Some((card, monitor)) = &shown
        && let Some((reader, known)) = monitor.reader_of(card)
    {
        request.known = Some(known);
        let service = monitor.service()?;
        let signed = readers::authenticate(&service, &reader, control, request, clock);
        let signed = signed.map_err(|error| {
            let now = || {
                let mut control = UntilHalt(halt.clone());
                readers::read(&service, &reader, &mut control, request.accepted, clock())
            };
            in_view_of(error, card, now)
        });
        if !matches!(signed, Err(Error::ServiceOff)) {
            monitor.keep(service);
        }
        return signed;
    }
    if let Some(module) = shown.and_then(|(card, monitor)| monitor.module_of(&card)) {
        return modules.authenticate(&module, control, request, clock);
    }
    readers::authenticate_anywhere(&Service::establish()?, modules, halt, control, request, clock)
}

/// A card swapped in the middle responds like a broken one; only a look at what is there `now` can tell which of
/// the two it was.
fn in_view_of(error: Error, card: &str, now: impl FnOnce() -> Result<Reading, Error>) -> Error {
    let seen = |was: &Error| match was {
        Error::Line(_)
        | Error::Status { .. }
        | Error::Malformed(_)
        | Error::CardRemoved
        | Error::UnsupportedCard
        | Error::MyNumberNotAccepted
        | Error::CertificateMissing
        | Error::CertificateUnreadable(_) => match now() {
            Ok(reading) if reading.summary.id != card => Some(Error::CardChanged),
            Err(
                Error::UnsupportedCard
                | Error::MyNumberNotAccepted
                | Error::CertificateMissing
                | Error::CertificateUnreadable(_),
            ) => Some(Error::CardChanged),
            Err(Error::CardRemoved) => Some(Error::CardRemoved),
            _ => None,
        },
        _ => None,
    };
    match error {
        Error::PinUnanswered(inner) => {
            let inner = seen(&inner).map_or(inner, Box::new);
            Error::PinUnanswered(inner)
        }
        error => seen(&error).unwrap_or(error),
    }
}

/// Watches over card work on behalf of a job.
struct Watched<'a>(&'a Job);

impl Control for Watched<'_> {
    fn proceed(&mut self) -> Result<(), Error> {
        let mut phase = self.0.phase();
        let given_up = match *phase {
            Phase::Waiting => {
                *phase = Phase::Preparing;
                self.0.0.halt.is_ending()
            }
            Phase::Preparing | Phase::Signing { cancelled: false } | Phase::AtReader => {
                self.0.0.halt.is_ending()
            }
            Phase::Signing { cancelled: true } | Phase::Answered => true,
        };
        if given_up { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Error> {
        let mut phase = self.0.phase();
        if !matches!(*phase, Phase::Waiting | Phase::Preparing) || self.0.0.halt.is_ending() {
            return Err(Error::Cancelled);
        }
        *phase = Phase::Signing { cancelled: false };
        Ok(())
    }

    fn at_reader(&mut self, time: Duration, done: u32, total: u32) -> Result<(), Error> {
        let mut phase = self.0.phase();
        if *phase != (Phase::Signing { cancelled: false }) || self.0.0.halt.is_ending() {
            return Err(Error::Cancelled);
        }
        *phase = Phase::AtReader;
        let pad_seconds = u32::try_from(time.as_secs()).ok();
        self.0.0.output.send(&HostMessage::Progress { id: self.0.0.id, done, total, pad_seconds });
        let watching = self.0.clone();
        // Some readers restart their timer at the first key.
        thread::spawn(move || watching.limit_reader(2 * time + PAD_GRACE));
        Ok(())
    }

    fn finished(&mut self, done: u32, total: u32) {
        // Nothing follows the answer, hence the lock while sending.
        let mut phase = self.0.phase();
        if *phase == Phase::AtReader {
            *phase = Phase::Signing { cancelled: false };
        }
        if *phase != Phase::Answered {
            let pad_seconds = None;
            self.0.0.output.send(&HostMessage::Progress { id: self.0.0.id, done, total, pad_seconds });
        }
    }
}

#[cfg(test)]
mod tests {
    use touroku_proto::card::CardErrorCode;

    use super::*;
    use crate::recorder::Recorder;

    /// The error, which must be the only message.
    fn only_error(output: &Recorder) -> CardErrorCode {
        match output.messages().as_slice() {
            [HostMessage::Error { id: Some(7), error }] => error.code,
            other => panic!("{other:?}"),
        }
    }

    fn job() -> (Job, Recorder, Halt) {
        let (output, halt) = (Recorder::default(), Halt::default());
        (Job::new(7, Output::to(output.clone()), halt.clone()), output, halt)
    }

    #[test]
    fn a_request_given_up_before_the_pin_is_answered_at_once_and_never_sends_it() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.proceed()?;
            job.cancel();
            assert_eq!(only_error(&output), CardErrorCode::Cancelled);
            assert_eq!(control.commit(), Err(Error::Cancelled));
            Err(Error::CardRemoved)
        });
        assert_eq!(only_error(&output), CardErrorCode::Cancelled);
    }

    #[test]
    fn a_request_given_up_while_signing_ends_at_the_next_safe_point() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.commit()?;
            job.cancel();
            assert!(!job.is_answered());
            assert_eq!(control.proceed(), Err(Error::Cancelled));
            Err(Error::Internal)
        });
        assert_eq!(only_error(&output), CardErrorCode::Cancelled);
    }

    #[test]
    fn a_card_that_another_program_keeps_is_busy_and_gets_no_pin_when_it_comes_free() {
        let (job, output, _) = job();
        job.run_with(|control| {
            job.limit_waiting(Duration::ZERO, || Error::CardBusy);
            assert_eq!(only_error(&output), CardErrorCode::CardBusy);
            assert_eq!(control.proceed(), Err(Error::Cancelled));
            assert_eq!(control.commit(), Err(Error::Cancelled));
            Err(Error::Cancelled)
        });
        assert_eq!(only_error(&output), CardErrorCode::CardBusy);
    }

    #[test]
    fn a_request_that_is_speaking_to_its_card_is_not_called_busy() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.proceed()?;
            job.limit_waiting(Duration::ZERO, || Error::CardBusy);
            Err(Error::PinLocked)
        });
        assert_eq!(only_error(&output), CardErrorCode::PinLocked);
    }

    #[test]
    fn a_person_at_the_readers_keys_can_give_up_at_the_computer_and_nothing_is_signed() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.commit()?;
            control.at_reader(Duration::from_secs(60), 8, 14)?;
            assert_eq!(output.messages().len(), 1);
            job.cancel();
            // The PIN was entered after that; the reader and the card cannot know.
            control.finished(9, 14);
            assert_eq!(control.proceed(), Err(Error::Cancelled));
            Err(Error::Internal)
        });
        let [progress, end] = output.messages().try_into().unwrap();
        let shown = HostMessage::Progress { id: 7, done: 8, total: 14, pad_seconds: Some(60) };
        assert_eq!(progress, shown);
        assert!(matches!(end, HostMessage::Error { error, .. } if error.code == CardErrorCode::Cancelled));
    }

    #[test]
    fn a_reader_that_never_gives_up_ends_as_timed_out_and_its_pin_signs_nothing() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.commit()?;
            control.at_reader(Duration::from_secs(60), 8, 14)?;
            job.limit_reader(Duration::ZERO);
            assert_eq!(control.proceed(), Err(Error::Cancelled));
            Err(Error::Internal)
        });
        assert!(
            matches!(&output.messages()[1..], [HostMessage::Error { error, .. }] if error.code == CardErrorCode::TimedOut)
        );
    }

    #[test]
    fn a_pin_that_was_entered_at_the_reader_in_time_goes_on_like_any_other() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.commit()?;
            control.at_reader(Duration::from_secs(60), 8, 14)?;
            control.finished(9, 14);
            job.limit_reader(Duration::ZERO);
            control.proceed()?;
            Err(Error::CardRemoved)
        });
        assert!(
            matches!(output.messages().last(), Some(HostMessage::Error { error, .. }) if error.code == CardErrorCode::CardRemoved)
        );
    }

    #[test]
    fn the_reader_is_not_asked_for_a_pin_that_nobody_waits_for() {
        let (job, output, _) = job();
        job.run_with(|control| {
            control.commit()?;
            job.cancel();
            assert_eq!(control.at_reader(Duration::from_secs(60), 8, 14), Err(Error::Cancelled));
            Err(Error::Cancelled)
        });
        assert_eq!(only_error(&output), CardErrorCode::Cancelled);
    }

    #[test]
    fn a_panic_is_answered_as_an_internal_error() {
        let (job, output, _) = job();
        job.run_with(|_| panic!("on purpose"));
        assert_eq!(only_error(&output), CardErrorCode::Internal);
    }

    #[test]
    fn no_pin_is_sent_once_the_host_is_ending() {
        let (job, output, halt) = job();
        job.run_with(|control| {
            halt.end(Duration::ZERO);
            control.commit()?;
            Err(Error::Internal)
        });
        assert_eq!(only_error(&output), CardErrorCode::Cancelled);
    }
}

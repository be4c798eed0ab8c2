//! A module's process, seen from the host: started, asked, and killed when it does not answer in time.

use std::{
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use super::wire::{self, Answer, Ask, Fault, FaultKind};
use crate::{
    card::Control,
    error::{Error, ModuleTrouble},
};

/// For loading and for whatever needs no PIN. Slow cards take some seconds to be read in full.
pub const READ_LIMIT: Duration = Duration::from_secs(15);

/// For login and signature: RSA-4096 takes slow cards several seconds.
pub const SIGN_LIMIT: Duration = Duration::from_secs(30);

/// For a login at the reader's own keypad. Readers themselves give up after some 30 to 60 seconds.
pub const PAD_LIMIT: Duration = Duration::from_secs(90);

/// How often somebody waiting for a module is asked whether they still want to. Cancelling may come from a person,
/// a page, the host's end or the clock, each in its own way, so it is polled; nobody notices a tenth of a second.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A running module's process. Dropped, it is killed.
pub struct Process {
    module: PathBuf,
    child: Child,
    input: ChildStdin,
    answers: Receiver<Answer>,
}

impl Process {
    /// Starts `program` for the module in that file, which the configuration lists; `wake` is called at each
    /// answer and at the end.
    pub fn start(
        program: &Path,
        config: Option<&Path>,
        module: &Path,
        wake: impl Fn() + Send + 'static,
    ) -> Result<Self, Error> {
        let started = Command::new(program)
            .arg(wire::ARGUMENT)
            .arg(module)
            .args(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Not ours, which browsers write to their logs: nobody knows what a module prints there.
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.map_err(|error| trouble(module, ModuleTrouble::Start(error.to_string())))?;
        let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Internal);
        };
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(Some(answer)) = wire::read(&mut output) {
                if sender.send(answer).is_err() {
                    return;
                }
                wake();
            }
            drop(sender);
            wake();
        });
        Ok(Self { module: module.to_owned(), child, input, answers })
    }

    /// Asks and waits for the answer, at most `limit` and as long as `control` allows. After an error the process
    /// is unusable.
    pub fn ask(&mut self, ask: &Ask, limit: Duration, control: &mut dyn Control) -> Result<Answer, Error> {
        self.send(ask)?;
        let since = Instant::now();
        loop {
            match self.answers.recv_timeout(BETWEEN_LOOKS.min(limit)) {
                Ok(Answer::Failed { fault }) => return Err(self.failure(fault)),
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if since.elapsed() >= limit {
                let seconds = limit.as_secs();
                return Err(trouble(&self.module, ModuleTrouble::Silent { seconds }));
            }
            control.proceed()?;
        }
    }

    /// Asks without waiting for the answer.
    pub fn send(&mut self, ask: &Ask) -> Result<(), Error> {
        wire::write(&mut self.input, ask).map_err(|_| self.ended())
    }

    /// The answer to [`Self::send`], if it has arrived.
    pub fn answer(&mut self) -> Result<Option<Answer>, Error> {
        match self.answers.try_recv() {
            Ok(Answer::Failed { fault }) => Err(self.failure(fault)),
            Ok(answer) => Ok(Some(answer)),
            Err(mpsc::TryRecvError::Empty) => Ok(None),
            Err(mpsc::TryRecvError::Disconnected) => Err(self.ended()),
        }
    }

    /// An answer that does not belong to the question.
    pub fn confused(&self) -> Error {
        trouble(&self.module, ModuleTrouble::Failed("unexpected answer".to_owned()))
    }

    fn failure(&self, fault: Fault) -> Error {
        let Fault { kind, detail } = fault;
        match kind {
            FaultKind::Load => trouble(&self.module, ModuleTrouble::Load(detail)),
            FaultKind::Failed => trouble(&self.module, ModuleTrouble::Failed(detail)),
            FaultKind::PinWrong => Error::PinWrong { tries: None },
            FaultKind::PinWrongOneLeft => Error::PinWrong { tries: Some(1) },
            FaultKind::PinLocked => Error::PinLocked,
            FaultKind::PinFormat => Error::PinFormat,
            FaultKind::PinExpired => Error::PinExpired,
            FaultKind::PinNotSet => Error::PinNotSet,
            FaultKind::Cancelled => Error::Cancelled,
            FaultKind::Removed => Error::CardRemoved,
            // The token that was shown is gone, or another one has taken its place.
            FaultKind::CertificateMissing => Error::CardChanged,
            FaultKind::KeyUnsupported => Error::KeyUnsupported(detail),
        }
    }

    /// Its output has ended: it has crashed, or its module ended it.
    fn ended(&mut self) -> Error {
        // A process on its way out may have closed its output without having ended yet. Killing does not change
        // its exit status, and one that merely closed its output is unusable anyway.
        let _ = self.child.kill();
        let status = self.child.wait().ok();
        trouble(&self.module, ModuleTrouble::Ended(status.map_or_else(String::new, describe)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ends it wherever it is. The service resets a card it left in the middle of something.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn trouble(module: &Path, trouble: ModuleTrouble) -> Error {
    Error::Module { module: module.display().to_string(), trouble }
}

/// `signal 11` or `status 3`.
fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    status.code().map_or_else(String::new, |code| format!("status {code}"))
}

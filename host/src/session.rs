//! A conversation with an extension over standard input and output.

use std::{
    io::{Read, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use touroku_proto::{
    OLDEST_PROTOCOL, PROTOCOL,
    card::{CardError, CardErrorCode, HostCommand, HostMessage, Part, ServiceState},
    origin::Origin,
};

use crate::{
    card::{
        Clock, Request,
        monitor::Monitor,
        pcsc::Service,
        piv,
        pkcs11::{self, modules::Modules},
    },
    command,
    config::{ExtensionId, Permissions},
    frame::{self, FrameError},
    halt::Halt,
    job::Job,
};

/// How long card work may take to reach a safe point after the input's end. Browsers kill a host about two
/// seconds after they closed its input.
const GRACE: Duration = Duration::from_secs(1);

/// Where messages go; one at a time, each flushed. Clones share it.
#[derive(Clone)]
pub struct Output(Arc<Mutex<dyn Write + Send>>);

struct Session {
    output: Output,
    permissions: Permissions,
    modules: Modules,
    caller: Option<ExtensionId>,
    clock: Clock,
    halt: Halt,
    monitor: Option<Monitor>,
    job: Option<Job>,
}

/// Speaks with the extension `caller` until the input ends. `Ok` for an end between two frames. `program` is
/// this program's own file, for the processes of PKCS#11 modules.
pub fn run(
    input: &mut impl Read,
    output: &Output,
    caller: Option<ExtensionId>,
    config: PathBuf,
    program: Option<PathBuf>,
    clock: Clock,
) -> Result<(), FrameError> {
    // Before anything that could take time: the extension judges by this whether we are there at all.
    let families = [piv::FAMILY, pkcs11::FAMILY].map(str::to_owned);
    output.send(&HostMessage::Hello { part: part(), capabilities: families.into() });
    let permissions = Permissions::read(config);
    let mut session = Session {
        output: output.clone(),
        modules: Modules::new(program, &permissions.config()),
        permissions,
        caller,
        clock,
        halt: Halt::default(),
        monitor: None,
        job: None,
    };
    let end = session.serve(input);
    if let Err(FrameError::TooLong(_)) = end {
        session.refuse(None, CardError::new(CardErrorCode::BadRequest).with_detail("message too long"));
    }
    session.halt.end(GRACE);
    if let Some(monitor) = session.monitor {
        monitor.stop();
    }
    end
}

/// This host's version and protocol.
pub fn part() -> Part {
    Part {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        oldest_protocol: OLDEST_PROTOCOL,
    }
}

impl Output {
    /// Writes to `sink`.
    pub fn to(sink: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(sink)))
    }

    /// Sends a message.
    pub fn send(&self, message: &HostMessage) {
        // All our messages are plain data with string keys.
        let body = serde_json::to_vec(message).expect("a message of ours is JSON");
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody listens any more: the end of the input follows, and with it the end of the process.
        let _ = frame::write(&mut *sink, &body);
    }
}

impl Session {
    fn serve(&mut self, input: &mut impl Read) -> Result<(), FrameError> {
        while let Some(body) = frame::read(input)? {
            match command::parse(&body) {
                Ok(command) => self.carry_out(command),
                Err((id, error)) => self.refuse(id, error),
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, command: HostCommand) {
        let (HostCommand::Status { id }
        | HostCommand::Watch { id, .. }
        | HostCommand::Authenticate { id, .. }
        | HostCommand::Cancel { id }) = command;
        if let Err(error) = self.permissions.check_caller(self.caller.as_ref()) {
            return self.refuse(Some(id), error);
        }
        match command {
            HostCommand::Status { .. } => self.status(id),
            HostCommand::Watch { origin, .. } => self.watch(id, &origin),
            HostCommand::Authenticate { origin, nonce, card, pin, accept_last_try, .. } => {
                self.authenticate(id, Request { origin, nonce, card: Some(card), pin, accept_last_try });
            }
            HostCommand::Cancel { .. } => {
                if let Some(job) = &self.job {
                    job.cancel();
                }
                self.output.send(&HostMessage::Done { id });
            }
        }
    }

    fn status(&self, id: u32) {
        let output = self.output.clone();
        // In a thread, because a service that hangs must not keep us from seeing the input's end.
        thread::spawn(move || {
            let readers = Service::establish().and_then(|service| service.snapshot());
            let service = if readers.is_ok() { ServiceState::Running } else { ServiceState::Off };
            let readers = readers.unwrap_or_default();
            let cards = readers.iter().filter(|(_, presence)| presence.has_card()).count();
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            output.send(&HostMessage::Status {
                id,
                service,
                readers: count(readers.len()),
                cards: count(cards),
            });
        });
    }

    fn watch(&mut self, id: u32, origin: &Origin) {
        if let Err(error) = self.permissions.check_origin(origin) {
            return self.refuse(Some(id), error);
        }
        self.output.send(&HostMessage::Done { id });
        match &self.monitor {
            Some(monitor) => monitor.publish_again(),
            None => {
                let output = self.output.clone();
                let publish = Box::new(move |message: HostMessage| output.send(&message));
                let (modules, halt) = (self.modules.clone(), self.halt.clone());
                self.monitor = Some(Monitor::start(modules, halt, self.clock, publish));
            }
        }
    }

    fn authenticate(&mut self, id: u32, request: Request) {
        if let Err(error) = self.permissions.check_origin(&request.origin) {
            return self.refuse(Some(id), error);
        }
        if self.job.as_ref().is_some_and(|job| !job.is_answered()) {
            return self.refuse(Some(id), CardError::new(CardErrorCode::Busy));
        }
        let job = Job::new(id, self.output.clone(), self.halt.clone());
        self.job = Some(job.clone());
        let (monitor, modules, clock) = (self.monitor.clone(), self.modules.clone(), self.clock);
        thread::spawn(move || job.run(&request, monitor.as_ref(), &modules, clock));
    }

    fn refuse(&self, id: Option<u32>, error: CardError) {
        self.output.send(&HostMessage::Error { id, error });
    }
}

//! A conversation with an extension over standard input and output.

use std::{
    io::Read,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use touroku_proto::{
    card::{
        Browser, CardError, CardErrorCode, HostCommand, HostMessage, KnownSite, LogLevel, Pin, Reader,
        ReaderState, ServiceState,
    },
    origin::Origin,
};

use crate::{
    card::{
        Accepted, Clock, Request, Subject, attended,
        families::DRIVERS,
        monitor::Monitor,
        pcsc::{self, Service},
        pkcs11::{self, modules::Modules},
        until_halt::UntilHalt,
    },
    check_up::CheckUp,
    command,
    config::{ExtensionId, Permissions},
    error::Error,
    frame::{self, FrameError},
    halt::Halt,
    job::Job,
    journal,
    output::Output,
    part,
    pin_entry::{self, PinEntry},
    system::Environment,
};

/// How long card work may take to reach a safe point after the end of input. Browsers kill a host about two
/// seconds after closing its input.
const GRACE: Duration = Duration::from_secs(1);

/// Who calls, and where.
pub struct Caller {
    /// The extension, as the browser named it.
    pub extension: Option<ExtensionId>,
    /// The machine-wide configuration.
    pub config: PathBuf,
    /// The person's environment, for the doctor.
    pub environment: Environment,
    /// The browser's window, if the browser named one: on Windows, and not from a background page.
    pub window: Option<NonZeroUsize>,
}

struct Session {
    output: Output,
    permissions: Permissions,
    config: PathBuf,
    environment: Environment,
    modules: Modules,
    caller: Option<ExtensionId>,
    window: Option<NonZeroUsize>,
    clock: Clock,
    halt: Halt,
    monitor: Option<Monitor>,
    job: Option<Job>,
    /// The readers as last reported to the card window.
    shown: Arc<Mutex<Vec<Reader>>>,
    /// A check-up was requested; one process does one.
    checked_up: bool,
    /// A command of an allowed caller has arrived.
    greeted: bool,
}

/// Talks to the caller until the input ends. `Ok` for an end between two frames.
pub fn run(input: &mut impl Read, output: &Output, caller: Caller, clock: Clock) -> Result<(), FrameError> {
    // Before anything that could take time: the extension judges by this whether we exist at all.
    let families = DRIVERS.iter().map(|driver| driver.family()).chain([pkcs11::FAMILY]);
    let capabilities = families.map(str::to_owned).collect();
    output.send(&HostMessage::Hello { part: part::ours(), capabilities });
    let permissions = Permissions::read(caller.config.clone());
    let config = permissions.config();
    journal::set_level(config.log_level.unwrap_or_default());
    pcsc::use_pin_pads(config.use_pin_pads);
    let mut session = Session {
        output: output.clone(),
        modules: Modules::new(caller.environment.program.clone(), &config)
            .configured_by(caller.config.clone()),
        permissions,
        config: caller.config,
        environment: caller.environment,
        caller: caller.extension,
        window: caller.window,
        clock,
        halt: Halt::default(),
        monitor: None,
        job: None,
        shown: Arc::default(),
        checked_up: false,
        greeted: false,
    };
    let end = session.serve(input);
    if let Err(error) = &end {
        journal::broken(error);
    }
    if let Err(FrameError::TooLong(_)) = end {
        session.refuse(None, CardError::new(CardErrorCode::BadRequest).with_detail("message too long"));
    }
    session.halt.end(GRACE);
    if let Some(monitor) = session.monitor {
        monitor.stop();
    }
    end
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
        let (HostCommand::Status { id, .. }
        | HostCommand::CheckUp { id, .. }
        | HostCommand::Watch { id, .. }
        | HostCommand::Authenticate { id, .. }
        | HostCommand::Sign { id, .. }
        | HostCommand::Cancel { id }) = command;
        if let Err(error) = self.permissions.check_caller(self.caller.as_ref()) {
            return self.refuse(Some(id), error);
        }
        self.heed(&command);
        journal::command(&command);
        match command {
            HostCommand::Status { .. } => self.status(id),
            HostCommand::CheckUp { browser, .. } => self.check_up(id, browser),
            HostCommand::Watch { origin, my_number, .. } => {
                self.watch(id, &origin, Accepted { my_number });
            }
            HostCommand::Authenticate { origin, nonce, card, pin, accept_last_try, my_number, .. } => {
                let (subject, accepted) = (Subject::Login(nonce), Accepted { my_number });
                self.authenticate(id, Wanted { origin, subject, card, accept_last_try, accepted }, pin);
            }
            HostCommand::Sign { origin, document, card, pin, accept_last_try, .. } => {
                if document.origin() != origin.as_str() {
                    let error = CardError::new(CardErrorCode::BadRequest).with_field("document");
                    return self.refuse(Some(id), error);
                }
                let subject = Subject::Document(document, (self.clock)());
                // A My Number Card's key for authentication signs no documents.
                let accepted = Accepted { my_number: false };
                self.authenticate(id, Wanted { origin, subject, card, accept_last_try, accepted }, pin);
            }
            HostCommand::Cancel { .. } => {
                if let Some(job) = &self.job {
                    job.cancel();
                }
                self.output.send(&HostMessage::Done { id });
            }
        }
    }

    /// Applies the administrator's managed log level, unless our own configuration sets one.
    fn heed(&mut self, command: &HostCommand) {
        let level: Option<LogLevel> = match command {
            HostCommand::Status { log_level, .. }
            | HostCommand::CheckUp { log_level, .. }
            | HostCommand::Watch { log_level, .. } => *log_level,
            HostCommand::Authenticate { .. } | HostCommand::Sign { .. } | HostCommand::Cancel { .. } => None,
        };
        if let (Some(level), None) = (level, self.permissions.config().log_level) {
            journal::set_level(level);
        }
        if !std::mem::replace(&mut self.greeted, true) {
            journal::greet(self.caller.as_ref());
        }
    }

    fn status(&self, id: u32) {
        let (output, modules, halt) = (self.output.clone(), self.modules.clone(), self.halt.clone());
        let sites = self.sites();
        // In a thread, because a hanging service must not keep us from noticing the end of input.
        thread::spawn(move || {
            let readers = attended::ask_service(|| Service::establish()?.snapshot());
            let (service, readers, cards) = match readers {
                Ok(readers) => {
                    let cards = readers.iter().filter(|(_, presence)| presence.has_card()).count();
                    (ServiceState::Running, readers.len(), cards)
                }
                // Some services report this instead of an empty list.
                Err(Error::NoReader) => (ServiceState::Running, 0, 0),
                Err(_) => {
                    let (modules, tokens) = without_service(&modules, &halt);
                    (ServiceState::Off, modules, tokens)
                }
            };
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let (readers, cards) = (count(readers), count(cards));
            output.send(&HostMessage::Status { id, service, readers, cards, sites });
        });
    }

    /// The sites that the caller may call for, as described by agencies' packages.
    fn sites(&self) -> Vec<KnownSite> {
        let config = self.permissions.config();
        let Some(caller) = &self.caller else { return Vec::new() };
        let sites = config.sites(caller);
        sites
            .into_iter()
            .map(|(site, drop_in)| KnownSite {
                origin: site.origin.clone(),
                agencies: site.agencies.clone(),
                help_desk: drop_in.help_desk.clone(),
                asks_pin: config.pin_entry(caller, &site.origin) == PinEntry::Host,
            })
            .collect()
    }

    fn check_up(&mut self, id: u32, browser: Option<Browser>) {
        // An unknown caller has been refused before.
        let Some(caller) = self.caller.clone().filter(|_| !self.checked_up) else {
            return self.refuse(Some(id), CardError::new(CardErrorCode::Busy));
        };
        self.checked_up = true;
        let (config, environment) = (self.config.clone(), self.environment.clone());
        let check_up = CheckUp { caller, browser, config, environment, clock: self.clock };
        let output = self.output.clone();
        thread::spawn(move || check_up.run(id, &output));
    }

    fn watch(&mut self, id: u32, origin: &Origin, accepted: Accepted) {
        if let Err(error) = self.permissions.check_origin(self.caller.as_ref(), origin) {
            return self.refuse(Some(id), error);
        }
        // One process serves one card window, and a window asks for one site.
        if self.monitor.as_ref().is_some_and(|monitor| monitor.accepted() != accepted) {
            return self.refuse(Some(id), CardError::new(CardErrorCode::BadRequest).with_field("my_number"));
        }
        self.output.send(&HostMessage::Done { id });
        match &self.monitor {
            Some(monitor) => monitor.publish_again(),
            None => {
                let output = self.output.clone();
                let shown = self.shown.clone();
                let publish = Box::new(move |message: HostMessage| {
                    if let HostMessage::Readers { readers, .. } = &message {
                        shown.lock().unwrap_or_else(PoisonError::into_inner).clone_from(readers);
                    }
                    output.send(&message);
                });
                let (modules, halt) = (self.modules.clone(), self.halt.clone());
                self.monitor = Some(Monitor::start(modules, accepted, halt, self.clock, publish));
            }
        }
    }

    fn authenticate(&mut self, id: u32, wanted: Wanted, pin: Option<Pin>) {
        // An unknown caller has been refused before.
        let Some(caller) = &self.caller else { return };
        if let Err(error) = self.permissions.check_origin(Some(caller), &wanted.origin) {
            return self.refuse(Some(id), error);
        }
        let config = self.permissions.config();
        let pin_entry = config.pin_entry(caller, &wanted.origin);
        if (pin_entry == PinEntry::Host) == pin.is_some() {
            let why = format!("pin_entry = {pin_entry:?}").to_lowercase();
            return self.refuse(Some(id), Error::PinEntry(why).to_card_error());
        }
        if self.job.as_ref().is_some_and(|job| !job.is_answered()) {
            return self.refuse(Some(id), CardError::new(CardErrorCode::Busy));
        }
        let job = Job::new(id, self.output.clone(), self.halt.clone());
        self.job = Some(job.clone());
        let (monitor, modules, clock) = (self.monitor.clone(), self.modules.clone(), self.clock);
        let Some(pin) = pin else {
            let (shown, halt) = (self.shown.clone(), self.halt.clone());
            let dialog = (config.pin_entry_program, self.window);
            thread::spawn(move || match ask(&wanted, dialog, &shown, &job, &halt) {
                Ok(pin) => job.run(wanted.with(pin), monitor.as_ref(), &modules, clock),
                Err(error) => job.fail(error),
            });
            return;
        };
        let request = wanted.with(pin);
        thread::spawn(move || job.run(request, monitor.as_ref(), &modules, clock));
    }

    fn refuse(&self, id: Option<u32>, error: CardError) {
        self.output.send(&HostMessage::Error { id, error });
    }
}

/// How many listed modules work although PC/SC does not, and how many tokens they show.
fn without_service(modules: &Modules, halt: &Halt) -> (usize, usize) {
    let Some(_work) = halt.begin() else { return (0, 0) };
    let reports = modules.survey(false, attended::SILENCE, &mut UntilHalt(halt.clone()));
    let outcomes: Vec<_> = reports.iter().filter_map(|report| report.outcome.as_ref().ok()).collect();
    (outcomes.len(), outcomes.iter().map(|(_, tokens)| tokens.len()).sum())
}

/// An `authenticate` or a `sign` whose PIN may still have to be asked for.
struct Wanted {
    origin: Origin,
    subject: Subject,
    card: String,
    accept_last_try: bool,
    accepted: Accepted,
}

impl Wanted {
    fn with(self, pin: Pin) -> Request {
        let Self { origin, subject, card, accept_last_try, accepted } = self;
        Request { origin, subject, card: Some(card), pin, accept_last_try, accepted, known: None }
    }
}

/// Asks for a card's PIN in our own dialog, with that program and in front of that window.
fn ask(
    wanted: &Wanted,
    (program, window): (Option<pin_entry::Program>, Option<NonZeroUsize>),
    shown: &Mutex<Vec<Reader>>,
    job: &Job,
    halt: &Halt,
) -> Result<Pin, Error> {
    let readers = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let card = readers.into_iter().find_map(|reader| match reader.state {
        ReaderState::Card { card } if card.id == wanted.card => Some(card),
        _ => None,
    });
    let card = card.ok_or(Error::CardRemoved)?;
    if card.tries_left == Some(1) && !wanted.accept_last_try {
        return Err(Error::PinLastTry);
    }
    if card.pin_pad {
        // Entered at the reader.
        return Ok(Pin::new(String::new()));
    }
    // Held, so that shutdown waits until the dialog is closed.
    let _work = halt.begin().ok_or(Error::Cancelled)?;
    let (job, halt) = (job.clone(), halt.clone());
    let is_awaited = move || !job.is_answered() && !halt.is_ending();
    let said = pin_entry::description(&wanted.origin, &wanted.subject, &card);
    pin_entry::ask(program, window, said, &card, is_awaited)
}

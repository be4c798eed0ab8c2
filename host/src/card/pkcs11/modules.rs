//! The modules of this computer: which there are, what tokens they show, and signing with one.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use touroku_proto::{
    card::CardError,
    token::{FORMAT, Token as SignedToken},
};

use super::{
    places,
    process::{PAD_LIMIT, Process, READ_LIMIT, SIGN_LIMIT},
    view,
    wire::{Answer, Ask, Token},
};
use crate::{
    card::{Clock, Control, Request, certificate::CardCertificate},
    config::Config,
    error::Error,
    locked, token,
};

/// The steps of an authentication, for the progress bar: load, find, log in and sign.
const STEPS: u32 = 3;

/// Which modules there are, and the program that loads them.
#[derive(Clone, Debug, Default)]
pub struct Modules {
    program: Option<PathBuf>,
    config: Option<PathBuf>,
    modules: Vec<Module>,
}

/// A module's file and how this host knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    pub file: PathBuf,
    /// Listed in the configuration, and so always asked. One that was merely found is asked only when there is a
    /// card that this host does not support.
    pub listed: bool,
}

/// What a module reported.
#[derive(Clone, Debug)]
pub struct Report {
    pub file: PathBuf,
    /// Its own description, and its tokens.
    pub outcome: Result<(String, Vec<Token>), Error>,
}

impl Modules {
    /// Those listed in the configuration, then those found in the usual places. `program` is this program's own
    /// file; without it no module can be loaded.
    pub fn new(program: Option<PathBuf>, config: &Config) -> Self {
        let listed = config.modules().into_iter().map(|module| module.as_path().to_owned());
        let mut modules: Vec<_> = listed.map(|file| Module { file, listed: true }).collect();
        if config.discover_pkcs11_modules {
            for file in places::discover() {
                if modules.iter().all(|module| module.file != file) {
                    modules.push(Module { file, listed: false });
                }
            }
        }
        Self { program, config: None, modules }
    }

    /// The same, for that configuration file: a module's process looks there whether it may load its module.
    /// Without one it uses the machine-wide one.
    #[must_use]
    pub fn configured_by(self, file: PathBuf) -> Self {
        Self { config: Some(file), ..self }
    }

    /// Whether a module may be loaded: it is listed, or was found where the configuration allows looking for
    /// modules.
    pub fn holds(&self, file: &Path) -> bool {
        self.modules.iter().any(|module| module.file == file)
    }

    /// All of them, listed ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Module> {
        self.modules.iter()
    }

    /// Only the listed ones: what is found on this computer says nothing about another one's files.
    #[must_use]
    pub fn listed(mut self) -> Self {
        self.modules.retain(|module| module.listed);
        self
    }

    /// How many they are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.modules.len()).unwrap_or(u32::MAX)
    }

    pub fn start(&self, file: &Path, wake: impl Fn() + Send + 'static) -> Result<Process, Error> {
        let program = self.program.as_deref().ok_or(Error::Internal)?;
        Process::start(program, self.config.as_deref(), file, wake)
    }

    /// Asks one module, in a process that ends afterwards.
    pub fn ask(&self, file: &Path, limit: Duration, control: &mut dyn Control) -> Report {
        let outcome = self.start(file, || ()).and_then(|mut process| tokens(&mut process, limit, control));
        Report { file: file.to_owned(), outcome }
    }

    /// Asks the listed ones and, with `all`, those that were found. One after another: they may want the same
    /// reader. Each has that long to answer.
    pub fn survey(&self, all: bool, limit: Duration, control: &mut dyn Control) -> Vec<Report> {
        let asked = self.modules.iter().filter(|module| module.listed || all);
        asked.map(|module| self.ask(&module.file, limit, control)).collect()
    }

    /// Signs with the token of that module that holds the request's certificate. In a separate process, so that
    /// PIN and login last no longer than this.
    pub fn authenticate(
        &self,
        file: &Path,
        control: &mut dyn Control,
        request: &Request,
        clock: Clock,
    ) -> Result<SignedToken, Error> {
        let id = request.card.clone().ok_or(Error::CardChanged)?;
        control.proceed()?;
        let mut process = self.start(file, || ())?;
        control.finished(1, STEPS);
        let prepared = process.ask(&Ask::Prepare { certificate: id.clone() }, READ_LIMIT, control)?;
        let Answer::Ready { token, certificate } = prepared else { return Err(process.confused()) };
        control.finished(2, STEPS);
        let certificate = CardCertificate::parse(certificate.0)?;
        if certificate.id() != id {
            return Err(process.confused());
        }
        certificate.check(clock())?;
        let key = certificate.key()?;
        view::check_pin(&token, &request.pin, request.accept_last_try)?;
        let message = request.message(key.algorithm(), certificate.der());
        let (pin, limit) =
            if token.pin.pad { (None, PAD_LIMIT) } else { (Some(request.pin.clone()), SIGN_LIMIT) };
        let ask = Ask::Sign { pin, key, message };
        let _locked = match &ask {
            Ask::Sign { pin: Some(pin), .. } => locked::lock(pin.expose()),
            _ => None,
        };
        control.commit()?;
        if token.pin.pad {
            control.at_reader(PAD_LIMIT, 2, STEPS)?;
        }
        let signed = process.ask(&ask, limit, control)?;
        let Answer::Signature { signature } = signed else { return Err(process.confused()) };
        control.finished(STEPS, STEPS);
        Ok(SignedToken {
            unverified_certificate: STANDARD.encode(certificate.der()),
            algorithm: key.algorithm().name().to_owned(),
            signature: STANDARD.encode(signature),
            format: FORMAT.to_owned(),
            app_version: token::app_version(),
        })
    }
}

impl Report {
    /// Whether one of its tokens holds the certificate with that [`CardCertificate::id`].
    pub fn holds(&self, card: &str) -> bool {
        let certificates =
            self.outcome.iter().flat_map(|(_, tokens)| tokens).flat_map(|token| &token.certificates);
        certificates
            .filter_map(|der| CardCertificate::parse(der.0.clone()).ok())
            .any(|certificate| certificate.id() == card)
    }
}

/// A module in `status` and `doctor`.
#[derive(Debug, Serialize)]
pub struct ModuleReport {
    pub(crate) file: PathBuf,
    /// The module's own description; empty if it gave none.
    description: String,
    /// How many tokens it shows.
    tokens: usize,
    /// Why it can't be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<CardError>,
}

impl ModuleReport {
    /// Summarises a report.
    pub fn new(report: &Report) -> Self {
        let file = report.file.clone();
        match &report.outcome {
            Ok((description, tokens)) => {
                Self { file, description: description.clone(), tokens: tokens.len(), error: None }
            }
            Err(error) => {
                Self { file, description: String::new(), tokens: 0, error: Some(error.to_card_error()) }
            }
        }
    }

    pub fn line(&self) -> String {
        let state = match &self.error {
            None => format!("{}、カード{}枚", self.description, self.tokens),
            Some(_) => "使えません".to_owned(),
        };
        format!("PKCS#11モジュール: {}（{state}）", self.file.display())
    }
}

/// Asks a running module for its description and tokens.
pub(super) fn tokens(
    process: &mut Process,
    limit: Duration,
    control: &mut dyn Control,
) -> Result<(String, Vec<Token>), Error> {
    match process.ask(&Ask::Tokens, limit, control)? {
        Answer::Tokens { description, tokens } => Ok((description, tokens)),
        _ => Err(process.confused()),
    }
}

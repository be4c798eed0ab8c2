//! Service, readers and cards, without a PIN and without a name: reports get passed around.

#[cfg(target_os = "linux")]
use std::{io, os::unix::net::UnixStream, path::PathBuf};
use std::{
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde::Serialize;
use touroku_proto::card::{CardError, CardErrorCode, Reader, ReaderState, ServiceState};

use super::{code::Code, finding::Finding};
use crate::{
    card::{
        Accepted, Clock,
        pkcs11::modules::{ModuleReport, Modules},
        survey::Survey,
    },
    halt::Halt,
    text,
};

/// What is attached.
#[derive(Debug, Serialize)]
pub struct Cards {
    service: ServiceState,
    readers: Vec<Slot>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    modules: Vec<ModuleReport>,
}

#[derive(Debug, Serialize)]
struct Slot {
    name: String,
    card: bool,
    usable: bool,
}

/// A survey in progress.
pub(super) struct Looking(Receiver<(Cards, Vec<Finding>)>);

impl Looking {
    /// The result, unless it takes longer than `patience`.
    pub(super) fn wait(self, patience: Duration, findings: &mut Vec<Finding>) -> Cards {
        match self.0.recv_timeout(patience) {
            Ok((cards, found)) => {
                findings.extend(found);
                cards
            }
            Err(_) => {
                let silent = Finding::new(Code::ServiceSilent);
                findings.push(silent.because(format!("{}秒", patience.as_secs())));
                Cards { service: ServiceState::Off, readers: Vec::new(), modules: Vec::new() }
            }
        }
    }
}

impl Cards {
    /// Starts surveying all readers and asking all modules.
    pub(super) fn begin(modules: Modules, clock: Clock) -> Looking {
        let (sender, receiver) = mpsc::channel();
        // A hanging service or card must not hold back the rest of the report.
        thread::spawn(move || {
            let mut findings = Vec::new();
            let cards = Self::survey(&modules, clock, &mut findings);
            // Nobody waits any more.
            let _ = sender.send((cards, findings));
        });
        Looking(receiver)
    }

    fn survey(modules: &Modules, clock: Clock, findings: &mut Vec<Finding>) -> Self {
        let halt = Halt::default();
        let Survey { service, silent, readers, reports, .. } =
            match Survey::take(modules, &halt, Accepted::ALL, clock(), true) {
                Ok(survey) => survey,
                Err(error) => {
                    findings.push(Finding::new(Code::ServiceOff).because(error.to_string()));
                    return Self { service: ServiceState::Off, readers: Vec::new(), modules: Vec::new() };
                }
            };
        let modules: Vec<_> = reports.iter().map(ModuleReport::new).collect();
        for module in &modules {
            if let Some(error) = &module.error {
                let code = if module.file.exists() { Code::ModuleFailed } else { Code::ModuleMissing };
                let detail = error.detail.clone().unwrap_or_default();
                findings.push(Finding::new(code).in_file(&module.file).because(detail));
            }
        }
        let mut slots = Vec::new();
        for Reader { name, state } in readers {
            let problem = match &state {
                ReaderState::Unusable { error } => Some(error),
                ReaderState::Card { card } => card.problem.as_ref(),
                ReaderState::Empty | ReaderState::Reading => None,
            };
            // Its module is reported above.
            if problem.is_some_and(|problem| problem.code == CardErrorCode::ModuleFailed) {
                continue;
            }
            if let Some(problem) = problem {
                findings.push(Finding::new(Code::CardUnusable).because(describe(&name, problem)));
            }
            let card = !matches!(state, ReaderState::Empty);
            slots.push(Slot { name, card, usable: card && problem.is_none() });
        }
        if service == ServiceState::Off && slots.iter().any(|slot| slot.usable) {
            // By a module that needs no PC/SC.
        } else if silent {
            findings.push(Finding::new(Code::ServiceSilent));
        } else if service == ServiceState::Off {
            findings.push(match refusal() {
                Some(why) => Finding::new(Code::ServiceForbidden).because(why),
                None => Finding::new(Code::ServiceOff).because("the PC/SC service is not running"),
            });
        } else if slots.is_empty() {
            findings.push(Finding::new(Code::NoReader));
        } else if slots.iter().all(|slot| !slot.card) {
            findings.push(Finding::new(Code::NoCard));
        }
        Self { service, readers: slots, modules }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let service = match self.service {
            ServiceState::Running => "動作中",
            ServiceState::Off => "停止",
        };
        let mut lines = vec![format!("スマートカードサービス: {service}")];
        lines.extend(self.modules.iter().map(ModuleReport::line));
        for slot in &self.readers {
            let card = match (slot.card, slot.usable) {
                (false, _) => "カードなし",
                (true, true) => "使えるカードあり",
                (true, false) => "使えないカードあり",
            };
            lines.push(format!("リーダー: {}（{card}）", slot.name));
        }
        lines
    }
}

/// Why an existing service does not talk to this person: its socket is closed to them, or it hangs up, as pcscd
/// does where polkit says no. `None`: nobody listens.
#[cfg(target_os = "linux")]
fn refusal() -> Option<String> {
    let named = std::env::var_os("PCSCLITE_CSOCK_NAME").filter(|name| !name.is_empty());
    let socket = PathBuf::from(named.unwrap_or_else(|| "/run/pcscd/pcscd.comm".into()));
    match UnixStream::connect(&socket) {
        Ok(_) => Some(format!("{}: 接続しても、すぐに切られます（polkit）", socket.display())),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Some(format!("{}: {error}", socket.display()))
        }
        Err(_) => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn refusal() -> Option<String> {
    None
}

fn describe(reader: &str, problem: &CardError) -> String {
    let explained = text::explain(problem);
    let first = explained.lines().next().unwrap_or_default();
    format!("{reader}: {first} [{}]", problem.code.as_str())
}

//! Service, readers and cards, without a PIN and without a name: reports are sent around.

use std::{sync::mpsc, thread, time::Duration};

use serde::Serialize;
use touroku_proto::card::{CardError, ReaderState, ServiceState};

use super::finding::{Code, Finding};
use crate::{
    card::{Clock, monitor::UntilHalt, pcsc::Service, readers},
    error::Error,
    halt::Halt,
    text,
};

/// What is attached.
#[derive(Debug, Serialize)]
pub struct Cards {
    service: ServiceState,
    readers: Vec<Slot>,
}

/// One reader.
#[derive(Debug, Serialize)]
struct Slot {
    name: String,
    card: bool,
    usable: bool,
}

impl Cards {
    /// Looks at all readers, unless that takes longer than `patience`.
    pub(super) fn examine(clock: Clock, patience: Duration, findings: &mut Vec<Finding>) -> Self {
        let (sender, receiver) = mpsc::channel();
        // A service or a card that hangs must not keep the rest of the report back.
        thread::spawn(move || {
            let mut findings = Vec::new();
            let cards = Self::survey(clock, &mut findings);
            // Nobody waits any more.
            let _ = sender.send((cards, findings));
        });
        match receiver.recv_timeout(patience) {
            Ok((cards, found)) => {
                findings.extend(found);
                cards
            }
            Err(_) => {
                findings.push(Finding::new(Code::ServiceOff).because("no answer"));
                Self { service: ServiceState::Off, readers: Vec::new() }
            }
        }
    }

    fn survey(clock: Clock, findings: &mut Vec<Finding>) -> Self {
        let halt = Halt::default();
        let survey = Service::establish()
            .and_then(|service| readers::survey(&service, &mut UntilHalt(&halt), clock()));
        let readers = match survey {
            Ok(readers) => readers,
            Err(Error::NoReader) => Vec::new(),
            Err(error) => {
                findings.push(Finding::new(Code::ServiceOff).because(error.to_string()));
                return Self { service: ServiceState::Off, readers: Vec::new() };
            }
        };
        let mut slots = Vec::new();
        for (name, state) in readers {
            let problem = match &state {
                ReaderState::Unusable { error } => Some(error),
                ReaderState::Card { card } => card.problem.as_ref(),
                ReaderState::Empty | ReaderState::Reading => None,
            };
            let name = name.display();
            if let Some(problem) = problem {
                findings.push(Finding::new(Code::CardUnusable).because(describe(&name, problem)));
            }
            let card = !matches!(state, ReaderState::Empty);
            slots.push(Slot { name, card, usable: card && problem.is_none() });
        }
        if slots.is_empty() {
            findings.push(Finding::new(Code::NoReader));
        } else if slots.iter().all(|slot| !slot.card) {
            findings.push(Finding::new(Code::NoCard));
        }
        Self { service: ServiceState::Running, readers: slots }
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let service = match self.service {
            ServiceState::Running => "動作中",
            ServiceState::Off => "停止",
        };
        let mut lines = vec![format!("スマートカードサービス: {service}")];
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

fn describe(reader: &str, problem: &CardError) -> String {
    let explained = text::explain(problem);
    let first = explained.lines().next().unwrap_or_default();
    format!("{reader}: {first} [{}]", problem.code.as_str())
}

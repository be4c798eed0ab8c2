//! One look at all readers and tokens, for the command line.

use std::path::PathBuf;

use touroku_proto::{
    card::{CardErrorCode, CardSummary, Reader, ReaderState, ServiceState},
    token::Token,
};

use super::{
    Accepted, Clock, Control, Request,
    attended::SILENCE,
    pcsc::{ReaderName, Service},
    pkcs11::{
        merge::{merge, wants_modules},
        modules::{Modules, Report},
        process::READ_LIMIT,
    },
    readers,
    until_halt::UntilHalt,
};
use crate::{error::Error, halt::Halt};

/// What is there.
pub struct Survey {
    /// PC/SC.
    pub service: ServiceState,
    /// PC/SC is there but does not answer.
    pub silent: bool,
    /// Readers and tokens, each card once.
    pub readers: Vec<Reader>,
    /// What the modules asked have reported.
    pub reports: Vec<Report>,
    cards: Vec<(ReaderName, CardSummary)>,
}

/// Where a card is to be used.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a reader, natively.
    Reader(ReaderName),
    /// By the module in that file.
    Module(PathBuf),
}

impl Survey {
    /// Looks at all readers and asks the listed modules; those that were found only for a card that this host does
    /// not support, or with `all`.
    pub fn take(
        modules: &Modules,
        halt: &Halt,
        accepted: Accepted,
        now: i64,
        all: bool,
    ) -> Result<Self, Error> {
        let survey = readers::survey(halt, accepted, now);
        let silent = matches!(survey, Err(Error::ServiceSilent));
        let (service, found) = match survey {
            Ok(found) => (ServiceState::Running, found),
            Err(Error::NoReader) => (ServiceState::Running, Vec::new()),
            Err(Error::ServiceOff | Error::ServiceSilent) => (ServiceState::Off, Vec::new()),
            Err(error) => return Err(error),
        };
        let cards = found.iter().filter_map(|(name, state)| match state {
            ReaderState::Card { card } => Some((name.clone(), card.clone())),
            _ => None,
        });
        let cards = cards.collect();
        let readers: Vec<_> =
            found.into_iter().map(|(name, state)| Reader { name: name.display(), state }).collect();
        // What keeps this host waiting keeps modules waiting as well.
        let is_held = silent || readers.iter().any(is_busy);
        let limit = if is_held { SILENCE } else { READ_LIMIT };
        let mut control = UntilHalt(halt.clone());
        let reports = modules.survey(all || wants_modules(service, &readers), limit, &mut control);
        let readers = merge(readers, &reports, false, now);
        Ok(Self { service, silent, readers, reports, cards })
    }

    /// Where that card is.
    pub fn place(&self, card: &str) -> Option<Place> {
        let reader = self.cards.iter().find(|(_, found)| found.id == card);
        let reader = reader.map(|(reader, _)| Place::Reader(reader.clone()));
        reader.or_else(|| {
            self.reports
                .iter()
                .find(|report| report.holds(card))
                .map(|report| Place::Module(report.file.clone()))
        })
    }
}

fn is_busy(reader: &Reader) -> bool {
    matches!(&reader.state, ReaderState::Unusable { error } if error.code == CardErrorCode::CardBusy)
}

impl Place {
    /// Signs there.
    pub fn authenticate(
        &self,
        modules: &Modules,
        control: &mut dyn Control,
        request: &Request,
        clock: Clock,
    ) -> Result<Token, Error> {
        match self {
            Self::Reader(reader) => {
                readers::authenticate(&Service::establish()?, reader, control, request, clock)
            }
            Self::Module(file) => modules.authenticate(file, control, request, clock),
        }
    }
}

//! One look at all readers and tokens, for the command line.

use std::path::PathBuf;

use touroku_proto::{
    card::{CardSummary, Reader, ReaderState, ServiceState},
    token::Token,
};

use super::{
    Accepted, Clock, Control, Request,
    pcsc::{ReaderName, Service},
    pkcs11::{
        merge::{merge, wants_modules},
        modules::{Modules, Report},
    },
    readers,
};
use crate::error::Error;

/// What is there.
pub struct Survey {
    /// PC/SC.
    pub service: ServiceState,
    /// Readers and tokens, each card once.
    pub readers: Vec<Reader>,
    /// What the modules said that were asked.
    pub reports: Vec<Report>,
    cards: Vec<(ReaderName, CardSummary)>,
}

/// Where a card is to be used.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a reader, by this host itself.
    Reader(ReaderName),
    /// By the module in that file.
    Module(PathBuf),
}

impl Survey {
    /// Looks at all readers and asks the modules that are listed; those that were found only for a card that
    /// this host can't speak to, or when `all` are wanted.
    pub fn take(
        modules: &Modules,
        control: &mut dyn Control,
        accepted: Accepted,
        now: i64,
        all: bool,
    ) -> Result<Self, Error> {
        let survey =
            Service::establish().and_then(|service| readers::survey(&service, control, accepted, now));
        let (service, found) = match survey {
            Ok(found) => (ServiceState::Running, found),
            Err(Error::NoReader) => (ServiceState::Running, Vec::new()),
            Err(Error::ServiceOff) => (ServiceState::Off, Vec::new()),
            Err(error) => return Err(error),
        };
        let cards = found.iter().filter_map(|(name, state)| match state {
            ReaderState::Card { card } => Some((name.clone(), card.clone())),
            _ => None,
        });
        let cards = cards.collect();
        let readers: Vec<_> =
            found.into_iter().map(|(name, state)| Reader { name: name.display(), state }).collect();
        let reports = modules.survey(all || wants_modules(service, &readers), control);
        let readers = merge(readers, &reports, false, now);
        Ok(Self { service, readers, reports, cards })
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

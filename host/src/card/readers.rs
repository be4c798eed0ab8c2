//! Work with the card in a reader, and with whichever reader holds a card.

use touroku_proto::{
    card::{CardSummary, ReaderState},
    token::Token,
};

use super::{
    Accepted, Clock, Control, Release, Request, driver,
    pcsc::{Presence, ReaderName, Service},
    pkcs11::{merge, modules::Modules},
};
use crate::error::Error;

/// Reads the card in a reader.
pub fn read(
    reader: &ReaderName,
    control: &mut dyn Control,
    accepted: Accepted,
    now: i64,
) -> Result<CardSummary, Error> {
    // A context of its own: waiting for another program's transaction must not hold up anybody else.
    let connection = Service::establish()?.connect(reader)?;
    connection.transaction(|card| {
        let read = driver::read(card, control, accepted, now);
        // What does not answer sensibly gets a fresh start; other programs' work with it is lost already.
        let broken = matches!(read, Err(Error::Line(_) | Error::Malformed(_)));
        (read, if broken { Release::Reset } else { Release::Leave })
    })?
}

/// Reads all readers, one after another.
pub fn survey(
    service: &Service,
    control: &mut dyn Control,
    accepted: Accepted,
    now: i64,
) -> Result<Vec<(ReaderName, ReaderState)>, Error> {
    let readers = service.snapshot()?.into_iter().map(|(reader, presence)| {
        let state = match presence {
            Presence::Empty => ReaderState::Empty,
            Presence::Mute => unusable(&Error::Line("mute card".to_owned())),
            Presence::Unavailable => unusable(&Error::Line("reader unavailable".to_owned())),
            Presence::Card { .. } => match read(&reader, control, accepted, now) {
                Ok(card) => ReaderState::Card { card },
                Err(Error::CardRemoved) => ReaderState::Empty,
                Err(error) => unusable(&error),
            },
        };
        (reader, state)
    });
    Ok(readers.collect())
}

/// Signs with the card in a reader.
pub fn authenticate(
    service: &Service,
    reader: &ReaderName,
    control: &mut dyn Control,
    request: &Request,
    clock: Clock,
) -> Result<Token, Error> {
    let connection = service.connect(reader)?;
    connection.transaction(|card| driver::authenticate(card, control, request, clock()))?
}

/// Signs with the request's card, in whichever reader it is, or with its token, whichever module shows it.
pub fn authenticate_anywhere(
    service: &Service,
    modules: &Modules,
    control: &mut dyn Control,
    request: &Request,
    clock: Clock,
) -> Result<Token, Error> {
    let readers = service.snapshot()?;
    let mut outcome = if readers.is_empty() { Error::NoReader } else { Error::NoCard };
    for (reader, presence) in readers {
        if !matches!(presence, Presence::Card { .. }) {
            continue;
        }
        match authenticate(service, &reader, control, request, clock) {
            Err(
                error @ (Error::CardChanged
                | Error::CardBusy
                | Error::UnsupportedCard
                | Error::CertificateMissing
                | Error::CertificateUnreadable(_)),
            ) => outcome = error,
            other => return other,
        }
    }
    let Some(card) = &request.card else { return Err(outcome) };
    let all = merge::may_be_a_token(outcome.to_card_error().code);
    let holder = modules.survey(all, control).into_iter().find(|report| report.holds(card));
    holder.map_or(Err(outcome), |report| modules.authenticate(&report.file, control, request, clock))
}

/// A reader whose card can't be used.
pub(super) fn unusable(error: &Error) -> ReaderState {
    ReaderState::Unusable { error: error.to_card_error() }
}

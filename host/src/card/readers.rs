//! Work with the card in a reader, or in whichever reader holds a card.

use std::time::Duration;

use touroku_proto::{card::ReaderState, token::Token};

use super::{
    Accepted, Clock, Control, Release, Request,
    attended::{self, Attended},
    driver::Reading,
    families,
    pcsc::{Presence, ReaderName, Service},
    pkcs11::{merge, modules::Modules, process},
    until_halt::UntilHalt,
};
use crate::{error::Error, halt::Halt};

/// Reads the card in a reader. Waits while another program is using it.
pub fn read(
    service: &Service,
    reader: &ReaderName,
    control: &mut dyn Control,
    accepted: Accepted,
    now: i64,
) -> Result<Reading, Error> {
    service.connect(reader)?.transaction(|card| {
        let read = families::read(card, control, accepted, now);
        // What does not respond sensibly gets a reset; other programs' work with it is lost already.
        let broken = matches!(read, Err(Error::Line(_) | Error::Malformed(_)));
        (read, if broken { Release::Reset } else { Release::Leave })
    })?
}

/// Reads all readers at once: one card held by another program keeps nobody waiting for the others.
pub fn survey(halt: &Halt, accepted: Accepted, now: i64) -> Result<Vec<(ReaderName, ReaderState)>, Error> {
    let readers = attended::ask_service(|| Service::establish()?.snapshot())?;
    let begun: Vec<_> = readers
        .into_iter()
        .map(|(reader, presence)| {
            let reading = matches!(presence, Presence::Card { .. }).then(|| {
                let reader = reader.clone();
                // A separate context: waiting for another program's transaction must not hold up anybody else.
                attended::begin(UntilHalt(halt.clone()), move |control| {
                    read(&Service::establish()?, &reader, control, accepted, now)
                })
            });
            (reader, presence, reading)
        })
        .collect();
    let states = begun.into_iter().map(|(reader, presence, reading)| {
        let state = match (presence, reading.map(Attended::wait)) {
            (_, Some(Ok(Reading { summary, .. }))) => ReaderState::Card { card: summary },
            (_, Some(Err(Error::CardRemoved))) => ReaderState::Empty,
            (_, Some(Err(error))) => unusable(&error),
            (Presence::Mute, None) => unusable(&Error::Line("mute card".to_owned())),
            (Presence::Unavailable, None) => unusable(&Error::Line("reader unavailable".to_owned())),
            (_, None) => ReaderState::Empty,
        };
        (reader, state)
    });
    Ok(states.collect())
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
    connection.transaction(|card| families::authenticate(card, control, request, clock()))?
}

/// Signs with the request's card, in whichever reader it is, or with its token, whichever module shows it.
/// Problems with another reader or card prevent nobody from using the right one.
pub fn authenticate_anywhere(
    service: &Service,
    modules: &Modules,
    halt: &Halt,
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
        let mut noting = Noting { control: &mut *control, is_committed: false };
        match authenticate(service, &reader, &mut noting, request, clock) {
            Err(error) if !noting.is_committed && may_be_of_another_card(&error) => {
                // "Another card" is the least informative error.
                if error != Error::CardChanged || matches!(outcome, Error::NoReader | Error::NoCard) {
                    outcome = error;
                }
            }
            other => return other,
        }
    }
    let Some(card) = &request.card else { return Err(outcome) };
    let all = merge::may_be_a_token(outcome.to_card_error().code);
    let holder = modules
        .survey(all, process::READ_LIMIT, &mut UntilHalt(halt.clone()))
        .into_iter()
        .find(|report| report.holds(card));
    holder.map_or(Err(outcome), |report| modules.authenticate(&report.file, control, request, clock))
}

/// Whether this error may be reported for a card not yet known to be the requested one.
fn may_be_of_another_card(error: &Error) -> bool {
    matches!(
        error,
        Error::CardChanged
            | Error::CardBusy
            | Error::CardRemoved
            | Error::Line(_)
            | Error::Status { .. }
            | Error::Malformed(_)
            | Error::UnsupportedCard
            | Error::MyNumberNotAccepted
            | Error::PinFormat
            | Error::CertificateMissing
            | Error::CertificateUnreadable(_)
    )
}

/// Records whether a PIN was about to be sent.
struct Noting<'a> {
    control: &'a mut dyn Control,
    is_committed: bool,
}

impl Control for Noting<'_> {
    fn proceed(&mut self) -> Result<(), Error> {
        self.control.proceed()
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.is_committed = true;
        self.control.commit()
    }

    fn at_reader(&mut self, time: Duration, done: u32, total: u32) -> Result<(), Error> {
        self.control.at_reader(time, done, total)
    }

    fn finished(&mut self, done: u32, total: u32) {
        self.control.finished(done, total);
    }
}

/// A reader whose card can't be used.
pub(super) fn unusable(error: &Error) -> ReaderState {
    ReaderState::Unusable { error: error.to_card_error() }
}

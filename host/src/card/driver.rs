//! A family of cards that this host speaks to itself, and the table of all of them. A new family is a file (or a
//! folder) of its own and a line here.

use touroku_proto::{card::CardSummary, token::Token};

use super::{Accepted, Card, Control, Known, Release, Request, jpki::MyNumber, piv::Piv};
use crate::error::Error;

/// All families, in the order in which a card is asked.
pub const DRIVERS: [&dyn Driver; 2] = [&Piv, &MyNumber];

/// A family of cards.
pub trait Driver: Sync {
    /// Its name in messages.
    fn family(&self) -> &'static str;

    /// Reads a card without a PIN; `None`: it is of another family. Spends no try and changes nothing on the card.
    /// `now` decides whether its certificate is valid.
    fn read(
        &self,
        card: &mut dyn Card,
        control: &mut dyn Control,
        accepted: Accepted,
        now: i64,
    ) -> Result<Option<Reading>, Error>;

    /// Signs the request's token.
    fn authenticate(
        &self,
        card: &mut dyn Card,
        control: &mut dyn Control,
        request: &Request,
        now: i64,
    ) -> Attempt;
}

/// What was read of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// For the card window.
    pub summary: CardSummary,
    /// For the driver, when the card is to sign.
    pub known: Known,
}

/// What came of a driver's attempt to sign.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The card is of this family. Whatever the outcome, it must be left as the second value says.
    Done(Result<Token, Error>, Release),
    /// The card was not asked: no card of this family has such a PIN.
    NoSuchPin,
    /// The card is of another family.
    OtherFamily,
}

/// Reads a card with the driver of its family.
pub fn read(
    card: &mut dyn Card,
    control: &mut dyn Control,
    accepted: Accepted,
    now: i64,
) -> Result<Reading, Error> {
    for driver in DRIVERS {
        if let Some(reading) = driver.read(card, control, accepted, now)? {
            return Ok(reading);
        }
    }
    Err(Error::UnsupportedCard)
}

/// Signs with the driver of the card's family, and says how the card is to be left.
pub fn authenticate(
    card: &mut dyn Card,
    control: &mut dyn Control,
    request: &Request,
    now: i64,
) -> (Result<Token, Error>, Release) {
    let mut refusal = Error::UnsupportedCard;
    for driver in DRIVERS {
        match driver.authenticate(card, control, request, now) {
            Attempt::Done(outcome, release) => return (outcome, release),
            Attempt::NoSuchPin => refusal = Error::PinFormat,
            Attempt::OtherFamily => {}
        }
    }
    (Err(refusal), Release::Leave)
}

//! The table of card families that this host supports natively. A new one is a separate file (or folder) and a
//! line here.

use touroku_proto::token::Token;

use super::{
    Accepted, Card, Control, Release, Request,
    driver::{Attempt, Driver, Reading},
    jpki::MyNumber,
    piv::Piv,
};
use crate::error::Error;

/// All families, in the order in which a card is tried.
pub const DRIVERS: [&dyn Driver; 2] = [&Piv, &MyNumber];

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

/// Signs with the driver of the card's family, and says how to leave the card.
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

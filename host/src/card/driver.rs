//! What a card family that this host supports natively has to implement.

use touroku_proto::{card::CardSummary, token::Token};

use super::{Accepted, Card, Control, Known, Release, Request};
use crate::error::Error;

/// A family of cards.
pub trait Driver: Sync {
    /// Its name in messages.
    fn family(&self) -> &'static str;

    /// Reads a card without a PIN; `None`: another family. Spends no try and changes nothing on the card. `now`
    /// decides whether its certificate is valid.
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

/// The result of a driver's attempt to sign.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The card is of this family. Whatever the result, it must be left as the second value says.
    Done(Result<Token, Error>, Release),
    /// The card was not asked: no card of this family has such a PIN.
    NoSuchPin,
    /// The card is of another family.
    OtherFamily,
}

//! What the targets share: a card that says whatever the input says, and whom to trust.

pub mod mutate;
pub mod tree;
#[cfg(feature = "server")]
pub mod trust;

use touroku_host::{
    card::{Card, Control, Protocol},
    error::Error,
};

/// A moment at which both are valid, Unix seconds.
pub const NOW: i64 = 1_795_300_000;

/// A card whose replies follow one another in the input, each after its length (two bytes, big-endian). When they
/// are used up, the card is gone.
pub struct Replies<'a> {
    atr: &'a [u8],
    protocol: Protocol,
    rest: &'a [u8],
}

impl<'a> Replies<'a> {
    /// The first byte chooses protocol and length of the ATR.
    pub fn new(input: &'a [u8]) -> Option<Self> {
        let (&first, rest) = input.split_first()?;
        let (atr, rest) = rest.split_at_checked(usize::from(first & 0x1F))?;
        let protocol = if first & 0x80 == 0 { Protocol::T1 } else { Protocol::T0 };
        Some(Self { atr, protocol, rest })
    }
}

impl Card for Replies<'_> {
    fn atr(&self) -> &[u8] {
        self.atr
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
        let gone = || Error::Malformed("the input ended");
        let (length, rest) = self.rest.split_at_checked(2).ok_or_else(gone)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(rest.len());
        let (reply, rest) = rest.split_at(length);
        self.rest = rest;
        Ok(reply.to_vec())
    }
}

/// Never cancels.
pub struct Go;

impl Control for Go {
    fn proceed(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

//! Secrets in cookies.

use std::{fmt, marker::PhantomData};

use sha2::{Digest as _, Sha256};

use crate::outside::Outside;

/// The secret in a cookie: 32 random bytes. The store keeps its hash only. `For` tells cookies apart that do not stand
/// for one another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ticket<For>([u8; 32], PhantomData<For>);

impl<For> fmt::Debug for Ticket<For> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

impl<For> Ticket<For> {
    pub(crate) fn fresh(outside: &Outside) -> Self {
        Self(outside.random(), PhantomData)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes, PhantomData))
    }

    pub fn to_text(self) -> String {
        hex::encode(self.0)
    }

    /// Its key in the store.
    pub fn id(self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

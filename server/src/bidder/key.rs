//! The key of a contractor's session.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{app::App, store::SessionId};

/// The secret in a session's cookie: 32 random bytes. The store keeps its hash only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

impl SessionKey {
    pub(super) fn fresh(app: &App) -> Self {
        Self(app.outside.random())
    }

    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    pub fn to_text(self) -> String {
        hex::encode(self.0)
    }

    /// Its key in the store.
    pub fn id(self) -> SessionId {
        Sha256::digest(self.0).into()
    }
}

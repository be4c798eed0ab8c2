//! The keys that tokens are signed with.

use touroku_proto::sign_in::TokenAlgorithm;

use super::{
    Reader, Writer,
    column::{Code, Columns as _},
    db::params,
};
use crate::error::Error;

/// A signing key.
pub struct StoredKey {
    /// Its name in tokens.
    pub kid: String,
    pub algorithm: TokenAlgorithm,
    pub state: KeyState,
    /// PKCS #8, sealed.
    pub private: Vec<u8>,
    /// Since when it has been in that state, Unix milliseconds.
    pub since: i64,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    Current,
    /// It is published and will sign after the next rotation.
    Next,
    /// It verifies what it signed.
    Retired,
}

impl Reader<'_> {
    pub fn signing_keys(&self) -> Result<Vec<StoredKey>, Error> {
        let found = self.db.all(
            "SELECT kid, algorithm, state, private, since FROM oidc_key ORDER BY kid",
            params![],
            |row| {
                // Anything unknown to this version signs nothing.
                let (Ok(algorithm), Ok(state)) = (row.code("algorithm"), row.code("state")) else {
                    return Ok(None);
                };
                let (kid, private, since) = (row.get("kid")?, row.get("private")?, row.get("since")?);
                Ok(Some(StoredKey { kid, algorithm, state, private, since }))
            },
        )?;
        let mut keys: Vec<StoredKey> = found.into_iter().flatten().collect();
        keys.sort_by_key(|key| (key.algorithm, key.state));
        Ok(keys)
    }
}

impl Writer<'_> {
    /// Adds a key, if there is none with its algorithm and state.
    pub fn add_signing_key(&self, key: &StoredKey) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO oidc_key (kid, algorithm, state, private, since) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            params![key.kid, Code(key.algorithm), Code(key.state), key.private, key.since],
        )?;
        Ok(())
    }

    /// Rotates: the next keys become current, and the current ones only verify what they signed.
    pub fn rotate_signing_keys(&self, now: i64) -> Result<(), Error> {
        for (from, to) in [("current", "retired"), ("next", "current")] {
            self.db.execute(
                "UPDATE oidc_key SET state = ?, since = ? WHERE state = ?",
                params![to, now, from],
            )?;
        }
        Ok(())
    }

    /// Removes all keys: none of them signs or verifies anything any more.
    pub fn forget_signing_keys(&self) -> Result<(), Error> {
        self.db.execute("DELETE FROM oidc_key", params![])?;
        Ok(())
    }
}

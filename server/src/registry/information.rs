//! The company's password of the 入札情報公開システム: the roster brings it, the company is shown it once.

use crate::{error::Error, key::ServerKey, outside::Outside};

/// Seals passwords, and marks them, so that equal ones of a company are known without being opened.
#[derive(Clone, Copy)]
pub(crate) struct Vault<'a> {
    pub key: &'a ServerKey,
    pub outside: &'a Outside,
}

impl Vault<'_> {
    pub(crate) fn mark(self, (agency, number): (&str, &str), password: &str) -> Result<String, Error> {
        let mark = self.key.hash(&purpose(agency, number), password.as_bytes())?;
        Ok(hex::encode(&mark[..16]))
    }

    pub(crate) fn seal(self, (agency, number): (&str, &str), password: &str) -> Result<Vec<u8>, Error> {
        self.key.seal(&purpose(agency, number), password.as_bytes(), self.outside)
    }

    /// `None`: it was sealed with another key.
    pub(crate) fn open(self, (agency, number): (&str, &str), sealed: &[u8]) -> Option<String> {
        let password = self.key.unseal(&purpose(agency, number), sealed)?;
        String::from_utf8(password).ok()
    }
}

fn purpose(agency: &str, number: &str) -> String {
    format!("information password {agency} {number}")
}

//! Texts that contain a secret (a link that sets a password, an issued number) are kept in the outbox sealed with
//! the server's key.

use crate::{error::Error, key::ServerKey, outside::Outside, store::NewMail};

const PURPOSE: &str = "mail";

pub(super) fn seal(mail: NewMail, key: &ServerKey, outside: &Outside) -> Result<NewMail, Error> {
    let body = hex::encode(key.seal(PURPOSE, mail.body.as_bytes(), outside)?);
    Ok(NewMail { body, sealed: true, ..mail })
}

/// The text of a queued mail. `None`: it was sealed with another key.
pub fn open_body(mail: &NewMail, key: &ServerKey) -> Option<String> {
    if !mail.sealed {
        return Some(mail.body.clone());
    }
    let body = key.unseal(PURPOSE, &hex::decode(&mail.body).ok()?)?;
    String::from_utf8(body).ok()
}

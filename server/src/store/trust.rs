//! Decisions about cards, and registered cards found to be revoked.

use super::{
    CardIdentity, Reader, Writer,
    column::{Code, Json},
    db::params,
};
use crate::error::Error;
use touroku_pki::Evidence;
use touroku_proto::card::Purpose;

/// A decision about a card at login.
pub struct NewDecision<'a> {
    /// Profile code.
    pub agency: &'a str,
    /// What the card was presented for.
    pub purpose: Purpose,
    /// `ok`, or the code of the refusal.
    pub code: &'static str,
    pub evidence: &'a Evidence,
    /// The card, if its signature and path were valid.
    pub card: Option<&'a CardIdentity>,
}

/// A registered card in use.
pub struct CardInUse {
    pub card: i64,
    pub number: String,
    /// Serial number, decimal.
    pub serial: String,
    /// DER.
    pub certificate: Vec<u8>,
}

impl Reader<'_> {
    /// The agency's cards in use with rows after `after`, in order.
    pub fn cards_in_use(&self, agency: &str, after: i64, most: u32) -> Result<Vec<CardInUse>, Error> {
        self.db.all(
            "SELECT id, number, serial, certificate FROM card \
             WHERE agency = ? AND id > ? AND replaced_by IS NULL ORDER BY id LIMIT ?",
            params![agency, after, most],
            |row| {
                Ok(CardInUse {
                    card: row.get("id")?,
                    number: row.get("number")?,
                    serial: row.get("serial")?,
                    certificate: row.get("certificate")?,
                })
            },
        )
    }

    /// When a registered card last logged in, Unix milliseconds, as far back as decisions are kept.
    pub fn last_login(&self, card: i64) -> Result<Option<i64>, Error> {
        self.db.one("SELECT max(at) FROM decision WHERE card = ? AND code = 'ok'", params![card], |row| {
            row.get(0)
        })
    }

    /// The decisions about cards since that time, oldest first: code and evidence as JSON.
    pub fn decisions(&self, since: i64) -> Result<Vec<(String, String)>, Error> {
        self.db.all("SELECT code, evidence FROM decision WHERE at >= ? ORDER BY id", params![since], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }
}

impl Writer<'_> {
    pub fn record_decision(&self, decision: &NewDecision<'_>, now: i64) -> Result<(), Error> {
        let (issuer, serial) = decision.card.map(|card| (&card.issuer, &card.serial)).unzip();
        self.db.execute(
            "INSERT INTO decision (at, agency, purpose, code, evidence, card) VALUES \
            (?1, ?2, ?3, ?4, ?5, (SELECT id FROM card WHERE agency = ?2 AND issuer = ?6 AND serial = ?7))",
            params![
                now,
                decision.agency,
                Code(decision.purpose),
                decision.code,
                Json(decision.evidence),
                issuer,
                serial
            ],
        )?;
        Ok(())
    }

    /// Records that a registered card was found to be revoked. Returns whether it is the first time.
    pub fn note_revoked(&self, card: i64, now: i64) -> Result<bool, Error> {
        let added = self.db.execute(
            "INSERT INTO revoked_card (card, found_at) VALUES (?, ?) \
             ON CONFLICT DO NOTHING",
            params![card, now],
        )?;
        Ok(added == 1)
    }

    /// Takes the revoked cards in use that the agency's officers have not been notified of. Returns how many.
    pub fn take_untold_revoked(&self, agency: &str, now: i64) -> Result<usize, Error> {
        let told = self.db.execute(
            "UPDATE revoked_card SET officers_told_at = ?2 WHERE officers_told_at IS NULL AND card IN \
            (SELECT id FROM card WHERE card.id = revoked_card.card AND agency = ?1 AND replaced_by IS NULL)",
            params![agency, now],
        )?;
        Ok(told)
    }

    /// Ends the agency's sessions that hold this certificate (DER), as an old card or a new one.
    pub fn end_sessions_with(&self, agency: &str, certificate: &[u8]) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM session WHERE agency = ?1 AND (certificate = ?2 OR new_certificate = ?2)",
            params![agency, certificate],
        )?;
        Ok(())
    }
}

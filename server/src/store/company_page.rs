//! What a company's page shows besides its registration.

use touroku_proto::{
    field::Values,
    officer::company::{CompanyMail, MailState},
};

use super::{Account, Reader, column::Columns as _, db::params, mail_address::NEVER_SENT};
use crate::error::Error;

/// A card that was ever registered.
pub struct CardRecord {
    pub id: i64,
    /// DER.
    pub certificate: Vec<u8>,
    /// 担当者.
    pub person_in_charge: String,
    /// Its own fields.
    pub values: Values,
    pub registered_at: i64,
    /// Whether it was replaced by another card.
    pub is_replaced: bool,
    pub is_revoked: bool,
}

/// `CROSS JOIN`: SQLite would read all cards.
pub(super) const WITHOUT_HOLDER: &str = "SELECT card.agency, card.number, card.id FROM holder_due \
                                         CROSS JOIN card ON card.id = holder_due.card LIMIT ?";

impl Reader<'_> {
    /// When a company first registered.
    pub fn registered_at(&self, agency: &str, number: &str) -> Result<Option<i64>, Error> {
        self.db.optional(
            "SELECT registered_at FROM company WHERE agency = ? AND number = ?",
            params![agency, number],
            |row| row.get(0),
        )
    }

    /// All cards that a company has ever registered: those in use first, then latest first.
    pub fn card_records(&self, agency: &str, number: &str) -> Result<Vec<CardRecord>, Error> {
        self.db.all(
            "SELECT card.id, certificate, person_in_charge, registered_at, fields, \
             replaced_by IS NOT NULL AS is_replaced, revoked_card.card IS NOT NULL AS is_revoked FROM card \
             LEFT JOIN revoked_card ON revoked_card.card = card.id \
             WHERE agency = ? AND number = ? ORDER BY replaced_by IS NOT NULL, id DESC",
            params![agency, number],
            |row| {
                Ok(CardRecord {
                    id: row.get("id")?,
                    certificate: row.get("certificate")?,
                    person_in_charge: row.get("person_in_charge")?,
                    values: row.json("fields")?,
                    registered_at: row.get("registered_at")?,
                    is_replaced: row.get("is_replaced")?,
                    is_revoked: row.get("is_revoked")?,
                })
            },
        )
    }

    /// The company of a registered card, and whether the card was replaced.
    pub fn company_of_card(&self, agency: &str, card: i64) -> Result<Option<(String, bool)>, Error> {
        self.db.optional(
            "SELECT number, replaced_by IS NOT NULL FROM card WHERE agency = ? AND id = ?",
            params![agency, card],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The serial number of a registered card's certificate.
    pub fn serial_of_card(&self, agency: &str, card: i64) -> Result<Option<String>, Error> {
        self.db.optional(
            "SELECT serial FROM card WHERE agency = ? AND id = ?",
            params![agency, card],
            |row| row.get(0),
        )
    }

    /// All IDs of a company and applications for one, latest first.
    pub fn accounts_of(&self, agency: &str, number: &str, most: u32) -> Result<Vec<Account>, Error> {
        let mut ids: Vec<i64> = self.db.all(
            "SELECT id FROM account WHERE agency = ? AND number = ? \
             ORDER BY state = 'rejected', state <> 'approved', id DESC LIMIT ?",
            params![agency, number, most],
            |row| row.get(0),
        )?;
        ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        let mut accounts = Vec::new();
        for id in ids {
            accounts.extend(self.account(agency, id)?);
        }
        Ok(accounts)
    }

    /// Mails about a company since that time, latest first.
    pub fn mails_of(&self, agency: &str, number: &str, since: i64) -> Result<Vec<CompanyMail>, Error> {
        self.db.all("SELECT recipient, subject, created_at, state, id, reason, given_up_at IS NOT NULL AS is_given_up, \
            state <> 'sent' AND body <> '' AND given_up_at IS NULL AS is_sendable FROM outbox \
            WHERE agency = ? AND number = ? AND created_at >= ? ORDER BY created_at DESC, id DESC LIMIT 500", params![agency, number, since], |row| {
            let (state, reason): (String, String) = (row.get("state")?, row.get("reason")?);
            let is_given_up: bool = row.get("is_given_up")?;
            Ok(CompanyMail {
                recipient: row.get("recipient")?,
                subject: row.get("subject")?,
                at_unix_ms: row.get("created_at")?,
                id: row.get("id")?,
                sendable: row.get("is_sendable")?,
                state: match state.as_str() {
                    _ if is_given_up && reason == NEVER_SENT => MailState::NeverSent,
                    _ if is_given_up => MailState::GivenUp,
                    "sent" => MailState::Sent,
                    "refused" => MailState::Refused,
                    _ => MailState::Queued,
                },
                reason: if reason == NEVER_SENT { String::new() } else { reason },
            })
        })
    }

    /// Registered cards whose holder has not been determined yet.
    pub fn cards_without_holder(&self, most: u32) -> Result<Vec<(String, String, i64)>, Error> {
        self.db.all(WITHOUT_HOLDER, params![most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }
}

//! When registered cards expire, and which reminders have been sent.

use super::{Reader, Writer, db::params};
use crate::error::Error;

/// A registered card whose certificate has not been parsed yet.
pub struct UnreadCard {
    pub card: i64,
    /// Serial number, decimal.
    pub serial: String,
    /// DER.
    pub certificate: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct ExpiringCard {
    pub card: i64,
    /// Serial number, decimal.
    pub serial: String,
    /// The last second of its validity, Unix seconds.
    pub expires_at: i64,
    /// The smallest threshold, in days, for which a reminder was sent.
    pub reminded: Option<u16>,
}

impl Reader<'_> {
    /// Cards without a recorded expiry: those registered since the last recorded one.
    pub fn unread_cards(&self, most: u32) -> Result<Vec<UnreadCard>, Error> {
        self.db.all(
            "SELECT id, serial, certificate FROM card \
             WHERE id > (SELECT coalesce(max(card), 0) FROM card_expiry) ORDER BY id LIMIT ?",
            params![most],
            |row| {
                Ok(UnreadCard {
                    card: row.get("id")?,
                    serial: row.get("serial")?,
                    certificate: row.get("certificate")?,
                })
            },
        )
    }

    /// The agency's cards in use that expire between two times, in Unix seconds, both included; soonest first.
    pub fn expiring_cards(&self, agency: &str, from: i64, to: i64) -> Result<Vec<ExpiringCard>, Error> {
        self.db.all("SELECT card.id, card.serial, known.expires_at, (SELECT min(days) FROM expiry_notice AS notice \
            WHERE notice.card = card.id AND notice.serial = card.serial) AS reminded FROM card_expiry AS known \
            CROSS JOIN card ON card.id = known.card AND card.serial = known.serial \
            WHERE known.expires_at BETWEEN ? AND ? AND card.agency = ? AND card.replaced_by IS NULL \
            ORDER BY known.expires_at, card.id", params![from, to, agency], |row| {
            Ok(ExpiringCard {
                card: row.get("id")?,
                serial: row.get("serial")?,
                expires_at: row.get("expires_at")?,
                reminded: row.get("reminded")?,
            })
        })
    }

    /// The certificate of a registered card, DER.
    pub fn certificate_of(&self, card: i64) -> Result<Vec<u8>, Error> {
        self.db.one("SELECT certificate FROM card WHERE id = ?", params![card], |row| row.get(0))
    }
}

impl Writer<'_> {
    /// Records when a card's certificate expires, in Unix seconds.
    pub fn note_expiry(&self, card: i64, serial: &str, expires_at: i64) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO card_expiry (card, serial, expires_at) VALUES (?, ?, ?) \
             ON CONFLICT (card) DO UPDATE SET serial = excluded.serial, expires_at = excluded.expires_at",
            params![card, serial, expires_at],
        )?;
        Ok(())
    }

    /// Forgets reminders of a time that has not come: a clock was ahead, and they are still to be sent.
    pub fn forget_reminders_ahead(&self, now: i64) -> Result<(), Error> {
        self.db.execute("DELETE FROM expiry_notice WHERE sent_at > ?", params![now])?;
        Ok(())
    }

    /// Records a reminder. Returns whether it is the first for that threshold and certificate.
    pub fn note_reminder(&self, card: &ExpiringCard, days: u16, now: i64) -> Result<bool, Error> {
        let added = self.db.execute(
            "INSERT INTO expiry_notice (card, serial, days, sent_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            params![card.card, card.serial, days, now],
        )?;
        Ok(added == 1)
    }
}

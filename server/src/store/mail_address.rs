//! Confirmed and unconfirmed addresses, and the mails waiting for confirmation.

use touroku_proto::officer::company::{CompanyMail, MailState};

use super::{
    Attachment, NewMail, Reader, Writer,
    column::{Code, Columns as _},
    db::{Params, params},
    outbox::CONTENT,
};
use crate::error::Error;

/// Mails that wait for the confirmation of one address. Beyond them those stay that open something, and the latest.
const MOST_HELD: u32 = 10;

/// In `outbox.reason`: it was held back and never left.
pub(super) const NEVER_SENT: &str = "held";

/// Why a mail is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    Address,
    /// There were too many.
    Limit,
}

impl Reader<'_> {
    /// Whether an address typed for that company is confirmed.
    pub fn is_confirmed(&self, (agency, number): (&str, &str), email: &str) -> Result<bool, Error> {
        let found = self.db.optional(
            "SELECT confirmed_at IS NOT NULL FROM mail_address WHERE agency = ? AND number = ? AND email = ?",
            params![agency, number, email],
            |row| row.get(0),
        )?;
        Ok(found.unwrap_or(false))
    }

    /// When the link that confirms an address expires; 0: there is none.
    pub fn confirmation_until(&self, (agency, number): (&str, &str), email: &str) -> Result<i64, Error> {
        let found = self.db.optional(
            "SELECT token_until FROM mail_address WHERE agency = ? AND number = ? AND email = ?",
            params![agency, number, email],
            |row| row.get(0),
        )?;
        Ok(found.unwrap_or(0))
    }

    /// A company's held mails, latest first. They have negative numbers.
    pub fn held_mails(&self, agency: &str, number: &str) -> Result<Vec<CompanyMail>, Error> {
        self.db.all(
            "SELECT id, why, recipient, subject, created_at FROM held_mail WHERE agency = ? AND number = ? \
             ORDER BY id DESC LIMIT 500",
            params![agency, number],
            |row| {
                let is_limit = row.code::<Held>("why")? == Held::Limit;
                Ok(CompanyMail {
                    id: -row.get::<i64>("id")?,
                    recipient: row.get("recipient")?,
                    subject: row.get("subject")?,
                    at_unix_ms: row.get("created_at")?,
                    state: if is_limit { MailState::OverLimit } else { MailState::Unconfirmed },
                    reason: String::new(),
                    sendable: is_limit,
                })
            },
        )
    }
}

impl Writer<'_> {
    /// Stores the link that confirms an address; voids the previous one.
    pub fn issue_confirmation(
        &self,
        (agency, number): (&str, &str),
        email: &str,
        token_hash: &[u8; 32],
        until: i64,
    ) -> Result<(), Error> {
        self.db.execute("INSERT INTO mail_address (agency, number, email, token_hash, token_until) VALUES (?, ?, ?, ?, ?) \
            ON CONFLICT (agency, number, email) DO UPDATE SET token_hash = excluded.token_hash, \
            token_until = excluded.token_until", params![agency, number, email, token_hash, until])?;
        Ok(())
    }

    /// Confirms the address of that link and releases its held mails. Returns agency and number of the company the
    /// first time, and an empty result when it was already confirmed. `None`: no such link.
    pub fn confirm_address(
        &self,
        token_hash: &[u8; 32],
        now: i64,
    ) -> Result<Option<Option<(String, String)>>, Error> {
        let found: Option<(i64, String, String, String, bool)> = self.db.optional(
            "SELECT id, agency, number, email, confirmed_at IS NOT NULL FROM mail_address \
             WHERE token_hash = ? AND token_until > ?",
            params![token_hash, now],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )?;
        let Some((id, agency, number, email, is_confirmed)) = found else { return Ok(None) };
        if is_confirmed {
            return Ok(Some(None));
        }
        self.db.execute("UPDATE mail_address SET confirmed_at = ? WHERE id = ?", params![now, id])?;
        let waiting =
            "FROM held_mail WHERE agency = ?1 AND number = ?2 AND recipient = ?3 AND why = 'address'";
        self.db.execute(
            &format!(
                "INSERT INTO outbox ({CONTENT}, next_attempt_at) SELECT {CONTENT}, 0 {waiting} ORDER BY id"
            ),
            params![agency, number, email],
        )?;
        self.db.execute(&format!("DELETE {waiting}"), params![agency, number, email])?;
        Ok(Some(Some((agency, number))))
    }

    /// Holds a mail back. Of those that wait for one address some are kept, the others are given up.
    pub fn hold_mail(
        &self,
        why: Held,
        (agency, number): (&str, &str),
        mail: &NewMail,
        attachment: Option<&Attachment>,
        now: i64,
    ) -> Result<(), Error> {
        let place = (agency, number);
        self.insert_mail("held_mail (why", &Code(why), place, (mail, attachment), now)?;
        // SQLite takes no OFFSET without a LIMIT, and PostgreSQL none of -1.
        let surplus = "id IN (SELECT id FROM held_mail WHERE agency = ?2 AND number = ?3 AND recipient = ?4 \
            AND why = ?5 ORDER BY sealed DESC, id DESC LIMIT 1000000 OFFSET ?6)";
        self.end_held(surplus, params![now, agency, number, mail.recipient, Code(why), MOST_HELD])?;
        Ok(())
    }

    /// Gives mails up that were held back. Officers still see that there were such, but not what stood in them. Answers how
    /// many. `which`: a condition whose `?1` is the time.
    fn end_held(&self, which: &str, parameters: Params<'_>) -> Result<usize, Error> {
        let of = |statement: &str| format!("{statement} WHERE {which}");
        self.db.execute(&of(&format!(
                "INSERT INTO outbox (agency, number, message_id, sender, recipient, subject, created_at, priority, \
                 state, next_attempt_at, reason, body, settled_at, given_up_at) SELECT agency, number, message_id, \
                 sender, recipient, subject, created_at, priority, 'refused', 0, '{NEVER_SENT}', '', ?1, ?1 \
                 FROM held_mail"
            )), parameters)?;
        self.db.execute(&of("DELETE FROM held_mail"), parameters)
    }

    /// An officer lets a mail leave that was one too many. Answers whether there is one.
    pub fn send_held_mail(&self, agency: &str, number: &str, id: i64) -> Result<bool, Error> {
        let one = "FROM held_mail WHERE agency = ?1 AND number = ?2 AND id = ?3 AND why = 'limit'";
        let sent = self.db.execute(
            &format!("INSERT INTO outbox ({CONTENT}, next_attempt_at) SELECT {CONTENT}, 0 {one}"),
            params![agency, number, id],
        )?;
        self.db.execute(&format!("DELETE {one}"), params![agency, number, id])?;
        Ok(sent == 1)
    }

    /// An officer gives up a held mail. Returns whether there was one.
    pub fn give_held_mail_up(&self, agency: &str, number: &str, id: i64) -> Result<bool, Error> {
        let gone = self.db.execute(
            "DELETE FROM held_mail WHERE agency = ? AND number = ? AND id = ?",
            params![agency, number, id],
        )?;
        Ok(gone == 1)
    }

    /// Gives mails up that nobody confirmed or let go, and forgets and addresses that nobody confirmed. Answers how many.
    pub(super) fn tidy_addresses(&self, now: i64, kept_for: i64) -> Result<usize, Error> {
        let mails = self.end_held("created_at <= ?2", params![now, now - kept_for])?;
        let addresses = self.db.execute(
            "DELETE FROM mail_address WHERE confirmed_at IS NULL AND token_until <= ?",
            params![now - kept_for],
        )?;
        Ok(mails + addresses)
    }
}

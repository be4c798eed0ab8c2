//! Confirmed and unconfirmed addresses, and the mails waiting for confirmation.

use rusqlite::{OptionalExtension as _, ToSql, params};
use touroku_proto::officer::company::{CompanyMail, MailState};

use super::{
    Attachment, NewMail, Reader, Writer,
    column::{Code, Columns as _},
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
        let found = self
            .0
            .prepare_cached(
                "SELECT confirmed_at IS NOT NULL FROM mail_address WHERE agency = ? AND number = ? AND email = ?",
            )?
            .query_row(params![agency, number, email], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(false))
    }

    /// When the link that confirms an address expires; 0: there is none.
    pub fn confirmation_until(&self, (agency, number): (&str, &str), email: &str) -> Result<i64, Error> {
        let found = self
            .0
            .prepare_cached(
                "SELECT token_until FROM mail_address WHERE agency = ? AND number = ? AND email = ?",
            )?
            .query_row(params![agency, number, email], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(0))
    }

    /// A company's held mails, latest first. They have negative numbers.
    pub fn held_mails(&self, agency: &str, number: &str) -> Result<Vec<CompanyMail>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, why, recipient, subject, created_at FROM held_mail WHERE agency = ? AND number = ? \
             ORDER BY id DESC LIMIT 500",
        )?;
        let rows = statement.query_map(params![agency, number], |row| {
            let is_limit = row.code::<Held>("why")? == Held::Limit;
            Ok(CompanyMail {
                id: -row.get::<_, i64>("id")?,
                recipient: row.get("recipient")?,
                subject: row.get("subject")?,
                at_unix_ms: row.get("created_at")?,
                state: if is_limit { MailState::OverLimit } else { MailState::Unconfirmed },
                reason: String::new(),
                sendable: is_limit,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
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
        self.0
            .0
            .prepare_cached(
                "INSERT INTO mail_address (agency, number, email, token_hash, token_until) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT (agency, number, email) DO UPDATE SET token_hash = excluded.token_hash, \
                 token_until = excluded.token_until",
            )?
            .execute(params![agency, number, email, token_hash, until])?;
        Ok(())
    }

    /// Confirms the address of that link and releases its held mails. Returns agency and number of the company the
    /// first time, and an empty result when it was already confirmed. `None`: no such link.
    pub fn confirm_address(
        &self,
        token_hash: &[u8; 32],
        now: i64,
    ) -> Result<Option<Option<(String, String)>>, Error> {
        let connection = self.0.0;
        let found: Option<(i64, String, String, String, bool)> = connection
            .prepare_cached(
                "SELECT id, agency, number, email, confirmed_at IS NOT NULL FROM mail_address \
                 WHERE token_hash = ? AND token_until > ?",
            )?
            .query_row(params![token_hash, now], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        let Some((id, agency, number, email, is_confirmed)) = found else { return Ok(None) };
        if is_confirmed {
            return Ok(Some(None));
        }
        connection
            .prepare_cached("UPDATE mail_address SET confirmed_at = ? WHERE id = ?")?
            .execute(params![now, id])?;
        let waiting =
            "FROM held_mail WHERE agency = ?1 AND number = ?2 AND recipient = ?3 AND why = 'address'";
        connection
            .prepare_cached(&format!(
                "INSERT INTO outbox ({CONTENT}, next_attempt_at) SELECT {CONTENT}, 0 {waiting} ORDER BY id"
            ))?
            .execute(params![agency, number, email])?;
        connection.prepare_cached(&format!("DELETE {waiting}"))?.execute(params![agency, number, email])?;
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
        let surplus = "id IN (SELECT id FROM held_mail WHERE agency = ?2 AND number = ?3 AND recipient = ?4 \
             AND why = ?5 ORDER BY sealed DESC, id DESC LIMIT -1 OFFSET ?6)";
        self.end_held(surplus, params![now, agency, number, mail.recipient, Code(why), MOST_HELD])?;
        Ok(())
    }

    /// Gives mails up that were held back. Officers still see that there were such, but not what stood in them. Answers how
    /// many. `which`: a condition whose `?1` is the time.
    fn end_held(&self, which: &str, parameters: &[&dyn ToSql]) -> Result<usize, Error> {
        let connection = self.0.0;
        // Named so that both statements use all parameters.
        let of = |statement: &str| format!("{statement} WHERE ?1 > 0 AND {which}");
        connection
            .prepare_cached(&of(&format!(
                "INSERT INTO outbox (agency, number, message_id, sender, recipient, subject, created_at, priority, \
                 state, next_attempt_at, reason, body, settled_at, given_up_at) SELECT agency, number, message_id, \
                 sender, recipient, subject, created_at, priority, 'refused', 0, '{NEVER_SENT}', '', ?1, ?1 \
                 FROM held_mail"
            )))?
            .execute(parameters)?;
        Ok(connection.prepare_cached(&of("DELETE FROM held_mail"))?.execute(parameters)?)
    }

    /// An officer lets a mail leave that was one too many. Answers whether there is one.
    pub fn send_held_mail(&self, agency: &str, number: &str, id: i64) -> Result<bool, Error> {
        let one = "FROM held_mail WHERE agency = ?1 AND number = ?2 AND id = ?3 AND why = 'limit'";
        let sent = self
            .0
            .0
            .prepare_cached(&format!(
                "INSERT INTO outbox ({CONTENT}, next_attempt_at) SELECT {CONTENT}, 0 {one}"
            ))?
            .execute(params![agency, number, id])?;
        self.0.0.prepare_cached(&format!("DELETE {one}"))?.execute(params![agency, number, id])?;
        Ok(sent == 1)
    }

    /// An officer gives up a held mail. Returns whether there was one.
    pub fn give_held_mail_up(&self, agency: &str, number: &str, id: i64) -> Result<bool, Error> {
        let gone = self
            .0
            .0
            .prepare_cached("DELETE FROM held_mail WHERE agency = ? AND number = ? AND id = ?")?
            .execute(params![agency, number, id])?;
        Ok(gone == 1)
    }

    /// Gives mails up that nobody confirmed or let go, and forgets and addresses that nobody confirmed. Answers how many.
    pub(super) fn tidy_addresses(&self, now: i64, kept_for: i64) -> Result<usize, Error> {
        let mails = self.end_held("created_at <= ?2", params![now, now - kept_for])?;
        let addresses = self
            .0
            .0
            .prepare_cached("DELETE FROM mail_address WHERE confirmed_at IS NULL AND token_until <= ?")?
            .execute(params![now - kept_for])?;
        Ok(mails + addresses)
    }
}

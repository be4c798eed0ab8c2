//! Mails that wait for their delivery.

use rusqlite::{OptionalExtension as _, named_params, params};

use super::{Reader, Writer};
use crate::error::Error;

/// A mail to be queued.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// `Message-ID`, without angle brackets; the same at every attempt.
    pub message_id: String,
    /// `From`.
    pub sender: String,
    /// `To`.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name, ASCII.
    pub name: String,
    /// Media type with its parameters.
    pub media_type: String,
    /// What is in it.
    pub text: String,
}

/// A queued mail.
#[derive(Clone, Debug)]
pub struct OutboxMail {
    /// Row.
    pub id: i64,
    /// The mail.
    pub mail: NewMail,
    /// What goes with it.
    pub attachment: Option<Attachment>,
    /// When it was queued.
    pub created_at: i64,
    /// How often its delivery failed.
    pub attempts: u32,
}

/// How many mails are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct MailCounts {
    /// Not delivered yet.
    pub queued: u64,
    /// Refused by the mail server for good.
    pub refused: u64,
}

impl Reader<'_> {
    /// The queued mails whose time has come, oldest first.
    pub fn due_mails(&self, now: i64, most: u32) -> Result<Vec<OutboxMail>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, message_id, sender, recipient, subject, body, created_at, attempts, \
             attachment_name, attachment_type, attachment FROM outbox WHERE state = 'queued' AND \
             next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?",
        )?;
        let rows = statement.query_map(params![now, most], |row| {
            let attachment = Attachment { name: row.get(8)?, media_type: row.get(9)?, text: row.get(10)? };
            Ok(OutboxMail {
                attachment: (!attachment.name.is_empty()).then_some(attachment),
                id: row.get(0)?,
                mail: NewMail {
                    message_id: row.get(1)?,
                    sender: row.get(2)?,
                    recipient: row.get(3)?,
                    subject: row.get(4)?,
                    body: row.get(5)?,
                },
                created_at: row.get(6)?,
                attempts: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next queued mail is due.
    pub fn next_mail_at(&self) -> Result<Option<i64>, Error> {
        let next = self
            .0
            .prepare_cached("SELECT min(next_attempt_at) FROM outbox WHERE state = 'queued'")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(next.flatten())
    }

    /// How many mails wait and how many were refused.
    pub fn mail_counts(&self) -> Result<MailCounts, Error> {
        let counts = self
            .0
            .prepare_cached(
                "SELECT (SELECT count(*) FROM outbox INDEXED BY outbox_due WHERE state = 'queued'), \
                 (SELECT count(*) FROM outbox INDEXED BY outbox_refused WHERE state = 'refused')",
            )?
            .query_row([], |row| {
                let (queued, refused): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok(MailCounts { queued: queued.unsigned_abs(), refused: refused.unsigned_abs() })
            })?;
        Ok(counts)
    }
}

impl Writer<'_> {
    /// Queues a mail; it is delivered only if this transaction is kept.
    pub fn queue_mail(&self, agency: &str, mail: &NewMail, now: i64) -> Result<(), Error> {
        self.queue_mail_with(agency, mail, None, now)
    }

    /// Queues a mail with what goes with it.
    pub fn queue_mail_with(
        &self,
        agency: &str,
        mail: &NewMail,
        attachment: Option<&Attachment>,
        now: i64,
    ) -> Result<(), Error> {
        self.queue_mail_about(agency, "", mail, attachment, now)
    }

    /// Queues a mail about the company of that number, for its page.
    pub fn queue_mail_about(
        &self,
        agency: &str,
        number: &str,
        mail: &NewMail,
        attachment: Option<&Attachment>,
        now: i64,
    ) -> Result<(), Error> {
        let part = |of: fn(&Attachment) -> &str| attachment.map_or("", of);
        self.0
            .0
            .prepare_cached(
                "INSERT INTO outbox (agency, number, message_id, sender, recipient, subject, body, \
                 attachment_name, attachment_type, attachment, created_at, next_attempt_at) \
                 VALUES (:agency, :number, :message_id, :sender, :recipient, :subject, :body, :attachment_name, \
                 :attachment_type, :attachment, :now, :now)",
            )?
            .execute(named_params! {
                ":agency": agency,
                ":number": number,
                ":message_id": mail.message_id,
                ":sender": mail.sender,
                ":recipient": mail.recipient,
                ":subject": mail.subject,
                ":body": mail.body,
                ":attachment_name": part(|attachment| &attachment.name),
                ":attachment_type": part(|attachment| &attachment.media_type),
                ":attachment": part(|attachment| &attachment.text),
                ":now": now,
            })?;
        Ok(())
    }

    /// The mail was handed over. Its text is not needed any more.
    pub fn mail_sent(&self, id: i64, now: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "UPDATE outbox SET state = 'sent', body = '', attachment = '', attempts = attempts + 1, \
                 settled_at = ? WHERE id = ?",
            )?
            .execute(params![now, id])?;
        Ok(())
    }

    /// The mail server refused it for good. Who, what about and when stays, for officers; the text, which may
    /// hold a link that sets a password, does not.
    pub fn mail_refused(&self, id: i64, now: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "UPDATE outbox SET state = 'refused', body = '', attachment = '', attempts = attempts + 1, \
                 settled_at = ? WHERE id = ?",
            )?
            .execute(params![now, id])?;
        Ok(())
    }

    /// It stays queued until `next_attempt_at`.
    pub fn mail_deferred(&self, id: i64, next_attempt_at: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ? WHERE id = ?")?
            .execute(params![next_attempt_at, id])?;
        Ok(())
    }
}

//! Mails waiting for delivery.

use touroku_proto::officer::mail::UndeliveredMail;

use super::{
    Attachment, MailCounts, NewMail, OutboxMail, Priority, Reader, Settled, Writer,
    db::{Row, named_params, params},
    value::Parameter,
};
use crate::error::Error;

/// The columns of a mail, queued or held back.
pub(super) const CONTENT: &str = "agency, number, message_id, sender, recipient, subject, body, sealed, priority, \
    attachment_name, attachment_type, attachment, created_at";

/// How many mails one transaction moves: others wait for it.
const AT_ONCE: u32 = 500;

const COLUMNS: &str = "id, message_id, sender, recipient, subject, body, created_at, attempts, attachment_name, \
    attachment_type, attachment, sealed, priority, hold, unknowns, coalesce(tried_since, created_at) AS tried_since, \
    leased_until";

fn outbox_mail(row: &Row<'_>) -> Result<OutboxMail, Error> {
    let attachment = Attachment {
        name: row.get("attachment_name")?,
        media_type: row.get("attachment_type")?,
        text: row.get("attachment")?,
    };
    Ok(OutboxMail {
        attachment: (!attachment.name.is_empty()).then_some(attachment),
        id: row.get("id")?,
        mail: NewMail {
            message_id: row.get("message_id")?,
            sender: row.get("sender")?,
            recipient: row.get("recipient")?,
            subject: row.get("subject")?,
            body: row.get("body")?,
            sealed: row.get("sealed")?,
            priority: row.get("priority")?,
        },
        created_at: row.get("created_at")?,
        attempts: row.get("attempts")?,
        hold: row.get("hold")?,
        unknowns: row.get("unknowns")?,
        tried_since: row.get("tried_since")?,
        leased_until: row.get("leased_until")?,
    })
}

/// An agency's refused mails that nobody has given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedMails {
    pub total: u64,
    /// How many of them can be sent again.
    pub sendable: u64,
    /// Another one when it is about other mails.
    pub revision: String,
}

impl Reader<'_> {
    /// The queued mails that are due, in the order in which they leave. Claims none.
    pub fn due_mails(&self, now: i64, most: u32) -> Result<Vec<OutboxMail>, Error> {
        self.db.all(
            &format!(
                "SELECT {COLUMNS} FROM outbox WHERE state = 'queued' AND next_attempt_at <= ? \
                 ORDER BY priority, next_attempt_at, id LIMIT ?"
            ),
            params![now, most],
            outbox_mail,
        )
    }

    pub fn next_mail_at(&self) -> Result<Option<i64>, Error> {
        let next = self.db.optional(
            "SELECT min(next_attempt_at) FROM outbox WHERE state = 'queued'",
            params![],
            |row| row.get(0),
        )?;
        Ok(next.flatten())
    }

    /// An agency's refused mails that nobody has given up, newest first. Those to officers that were queued before
    /// `fresh` can't be sent again: the links in them live no longer.
    pub fn refused_mails(
        &self,
        agency: &str,
        (before, fresh): (Option<i64>, i64),
        most: u32,
    ) -> Result<Vec<UndeliveredMail>, Error> {
        self.db.all(
            "SELECT outbox.id, outbox.number, coalesce((SELECT name FROM roster \
             WHERE roster.agency = outbox.agency AND roster.number = outbox.number), '') AS name, recipient, subject, \
             created_at, reason, body <> '' AND (outbox.number <> '' OR created_at > ?4) AS sendable FROM outbox \
             WHERE outbox.agency = ?1 AND outbox.state = 'refused' AND outbox.given_up_at IS NULL \
             AND outbox.id < ?2 ORDER BY outbox.id DESC LIMIT ?3",
            params![agency, before.unwrap_or(i64::MAX), most, fresh],
            |row| {
                Ok(UndeliveredMail {
                    id: row.get("id")?,
                    number: row.get("number")?,
                    name: row.get("name")?,
                    recipient: row.get("recipient")?,
                    subject: row.get("subject")?,
                    at_unix_ms: row.get("created_at")?,
                    reason: row.get("reason")?,
                    sendable: row.get("sendable")?,
                })
            },
        )
    }

    /// All of them together.
    pub fn count_refused_mails(&self, agency: &str, fresh: i64) -> Result<RefusedMails, Error> {
        self.db.one(
            "SELECT count(*) AS total, CAST(coalesce(sum(CASE WHEN body <> '' \
             AND (number <> '' OR created_at > ?2) THEN 1 ELSE 0 END), 0) AS BIGINT) AS sendable, \
             CAST(coalesce(sum(id), 0) AS BIGINT) AS ids FROM outbox INDEXED BY outbox_stuck \
             WHERE agency = ?1 AND state = 'refused' AND given_up_at IS NULL",
            params![agency, fresh],
            |row| {
                let (total, sendable): (i64, i64) = (row.get("total")?, row.get("sendable")?);
                let ids: i64 = row.get("ids")?;
                let revision = format!("{total}-{ids}");
                Ok(RefusedMails { total: total.unsigned_abs(), sendable: sendable.unsigned_abs(), revision })
            },
        )
    }

    /// How many mails are waiting, since when, and how many were refused.
    pub fn mail_counts(&self) -> Result<MailCounts, Error> {
        self.db.one(
            "SELECT (SELECT count(*) FROM outbox INDEXED BY outbox_due WHERE state = 'queued'), \
             (SELECT count(*) FROM outbox INDEXED BY outbox_stuck WHERE state = 'refused' \
             AND given_up_at IS NULL), \
             (SELECT min(created_at) FROM outbox WHERE state = 'queued')",
            params![],
            |row| {
                let (queued, refused): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok(MailCounts {
                    queued: queued.unsigned_abs(),
                    refused: refused.unsigned_abs(),
                    oldest: row.get(2)?,
                })
            },
        )
    }
}

impl Writer<'_> {
    /// Queues a mail; it is delivered only if this transaction commits.
    pub fn queue_mail(&self, agency: &str, mail: &NewMail, now: i64) -> Result<(), Error> {
        self.queue_mail_with(agency, mail, None, now)
    }

    /// Queues a mail with an attachment.
    pub fn queue_mail_with(
        &self,
        agency: &str,
        mail: &NewMail,
        attachment: Option<&Attachment>,
        now: i64,
    ) -> Result<(), Error> {
        self.queue_mail_about(agency, "", mail, attachment, now)
    }

    /// Queues a mail about the company with that number, for its page.
    pub fn queue_mail_about(
        &self,
        agency: &str,
        number: &str,
        mail: &NewMail,
        attachment: Option<&Attachment>,
        now: i64,
    ) -> Result<(), Error> {
        // Due at any time, so that setting the clock back delays no untried mail.
        self.insert_mail("outbox (next_attempt_at", &0, (agency, number), (mail, attachment), now)
    }

    /// Inserts a mail. `place`: the table and its column before [`CONTENT`], which gets `first`.
    pub(super) fn insert_mail(
        &self,
        place: &str,
        first: &dyn Parameter,
        (agency, number): (&str, &str),
        (mail, attachment): (&NewMail, Option<&Attachment>),
        now: i64,
    ) -> Result<(), Error> {
        let part = |of: fn(&Attachment) -> &str| attachment.map_or("", of);
        self.db.execute(&format!(
                "INSERT INTO {place}, {CONTENT}) VALUES (:first, :agency, :number, :message_id, :sender, :recipient, \
                 :subject, :body, :sealed, :priority, :attachment_name, :attachment_type, :attachment, :now)"
            ), named_params! {
                ":first": first,
                ":agency": agency,
                ":number": number,
                ":message_id": mail.message_id,
                ":sender": mail.sender,
                ":recipient": mail.recipient,
                ":subject": mail.subject,
                ":body": mail.body,
                ":sealed": mail.sealed,
                ":priority": mail.priority,
                ":attachment_name": part(|attachment| &attachment.name),
                ":attachment_type": part(|attachment| &attachment.media_type),
                ":attachment": part(|attachment| &attachment.text),
                ":now": now,
            })?;
        Ok(())
    }

    /// Claims the next due mail down to that priority: until the lease expires no other server gets it.
    pub fn claim_mail(&self, least: Priority, now: i64, until: i64) -> Result<Option<OutboxMail>, Error> {
        // The outer conditions are for engines on which two may choose the same row: the second finds it taken.
        let sql = format!(
            "UPDATE outbox SET leased_until = :until, next_attempt_at = :until WHERE id = (SELECT id FROM outbox \
             WHERE state = 'queued' AND priority = :priority AND next_attempt_at <= :now \
             ORDER BY next_attempt_at, id LIMIT 1) AND state = 'queued' AND next_attempt_at <= :now \
             RETURNING {COLUMNS}"
        );
        for priority in Priority::ALL.into_iter().filter(|priority| *priority <= least) {
            let claim = named_params! { ":priority": priority, ":now": now, ":until": until };
            if let Some(mail) = self.db.optional(&sql, claim, outbox_mail)? {
                return Ok(Some(mail));
            }
        }
        Ok(None)
    }

    /// Extends a claim. Returns whether it was still held.
    pub fn extend_claim(&self, id: i64, leased_until: i64, until: i64) -> Result<bool, Error> {
        let extended = self.db.execute(
            "UPDATE outbox SET leased_until = ?3, next_attempt_at = ?3 \
             WHERE id = ?1 AND state = 'queued' AND leased_until = ?2",
            params![id, leased_until, until],
        )?;
        Ok(extended == 1)
    }

    /// Records the outcome of a claimed mail. A sent mail is sent even if its claim had expired.
    pub fn settle_mail(&self, mail: &OutboxMail, settled: &Settled, now: i64) -> Result<(), Error> {
        match settled {
            Settled::Sent => {
                self.mail_sent(mail.id, now)?;
                self.release_held(&mail.mail.sender, now)
            }
            Settled::Untried => {
                self.db.execute(
                    "UPDATE outbox SET leased_until = 0, next_attempt_at = ?3 \
                     WHERE id = ?1 AND state = 'queued' AND leased_until = ?2",
                    params![mail.id, mail.leased_until, now],
                )?;
                Ok(())
            }
            Settled::Deferred { until, hold, reason, unknown, whole_sender } => {
                self.db.execute(
                    "UPDATE outbox SET leased_until = 0, next_attempt_at = ?3, attempts = attempts + 1, \
                     hold = ?4, reason = ?5, unknowns = unknowns + ?6 \
                     WHERE id = ?1 AND state = 'queued' AND leased_until = ?2",
                    params![mail.id, mail.leased_until, until, hold, reason, unknown],
                )?;
                if *whole_sender {
                    // The rest, with the next failure.
                    self.db.execute(
                        "UPDATE outbox SET next_attempt_at = ?2, hold = 'relay', reason = ?4 \
                         WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND sender = ?1 \
                         AND next_attempt_at <= ?3 LIMIT ?5)",
                        params![mail.mail.sender, until, now, reason, AT_ONCE],
                    )?;
                }
                Ok(())
            }
            Settled::Refused { reason } => self.mail_refused(mail.id, reason, now),
        }
    }

    /// The mail was handed over. Its text is not needed any more, and the link in it begins to live.
    pub fn mail_sent(&self, id: i64, now: i64) -> Result<(), Error> {
        self.db.execute("UPDATE outbox SET state = 'sent', body = '', attachment = '', attempts = attempts + 1, reason = '', \
            settled_at = ? WHERE id = ?", params![now, id])?;
        self.db.execute(
            "UPDATE password_reset SET expires_at = ?1 + life, mail = '' \
             WHERE mail <> '' AND mail = (SELECT message_id FROM outbox WHERE id = ?2)",
            params![now, id],
        )?;
        Ok(())
    }

    /// It can't be delivered, or not like this. The text stays until an officer resends it or gives it up.
    pub fn mail_refused(&self, id: i64, reason: &str, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE outbox SET state = 'refused', attempts = attempts + 1, reason = ?, settled_at = ?, \
             leased_until = 0 \
             WHERE id = ? AND state = 'queued'",
            params![reason, now, id],
        )?;
        Ok(())
    }

    /// An officer has a waiting or refused mail tried at once, and again for days. Returns whether there is one
    /// with its text that nobody is sending.
    pub fn send_mail_again(&self, agency: &str, number: &str, id: i64, now: i64) -> Result<bool, Error> {
        let changed = self.db.execute("UPDATE outbox SET state = 'queued', next_attempt_at = ?4, tried_since = ?4, hold = '', attempts = 0, \
            unknowns = 0, settled_at = NULL, leased_until = 0 WHERE agency = ?1 AND number = ?2 AND id = ?3 \
            AND state IN ('queued', 'refused') AND given_up_at IS NULL AND body <> '' AND leased_until <= ?4", params![agency, number, id, now])?;
        Ok(changed == 1)
    }

    /// An officer gives up a waiting or refused mail: it is not retried, and its text is erased. Returns whether
    /// there is one that nobody is sending.
    pub fn give_mail_up(&self, agency: &str, number: &str, id: i64, now: i64) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE outbox SET state = 'refused', given_up_at = ?4, settled_at = coalesce(settled_at, ?4), \
             body = '', attachment = '' WHERE agency = ?1 AND number = ?2 AND id = ?3 \
             AND state IN ('queued', 'refused') AND given_up_at IS NULL AND leased_until <= ?4",
            params![agency, number, id, now],
        )?;
        Ok(changed == 1)
    }

    /// The clock was set back: waiting mails would wait that much longer, so they become due. Those that may have
    /// been delivered and claimed ones are left alone. Returns how many; there may be more until there are none.
    pub fn end_mail_waits(&self, now: i64) -> Result<usize, Error> {
        let changed = self.db.execute(
            "UPDATE outbox SET next_attempt_at = ?1 WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' \
             AND next_attempt_at > ?1 AND leased_until = 0 AND unknowns = 0 LIMIT ?2)",
            params![now, AT_ONCE],
        )?;
        Ok(changed)
    }

    /// The mail server accepts this sender's mails: those it held up become due, the rest with its next mail.
    fn release_held(&self, sender: &str, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE outbox SET hold = 'released', next_attempt_at = ?2 WHERE id IN (SELECT id FROM outbox \
             WHERE state = 'queued' AND hold = 'relay' AND sender = ?1 AND leased_until <= ?2 LIMIT ?3)",
            params![sender, now, AT_ONCE],
        )?;
        Ok(())
    }
}

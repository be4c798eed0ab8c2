//! 審査: pending card registrations, the queue of everything pending, and who decided what.

use std::fmt;

use touroku_proto::{
    account::ApplicationState,
    field::Values,
    identity::ReviewCause,
    officer::review::{ReviewDecision, ReviewKind, ReviewNote},
};

use super::{
    CardIdentity, NewCard, Reader, Writer,
    column::{Code, Columns as _, Json},
    db::{Row, named_params, params},
};
use crate::error::Error;

/// 利用者登録 of a card, from its confirmation through its decision and beyond.
#[derive(Clone, PartialEq, Eq)]
pub struct CardApplication {
    pub id: i64,
    /// 受付番号.
    pub receipt: String,
    /// Category code.
    pub category: String,
    pub number: String,
    pub identity: CardIdentity,
    /// DER.
    pub certificate: Vec<u8>,
    /// 担当者.
    pub person_in_charge: String,
    /// What was entered, including the company's rows.
    pub values: Values,
    /// The state of the review.
    pub state: ApplicationState,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
    pub applied_at: i64,
    /// Why officers review it.
    pub causes: Vec<ReviewCause>,
    /// ICカード更新: the row id of the card it would replace.
    pub replaces: Option<i64>,
}

/// Why a card waits, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// Category code.
    pub category: &'a str,
    pub number: &'a str,
    /// Why officers have to review it.
    pub causes: &'a [ReviewCause],
    /// ICカード更新: the row id of the card it would replace.
    pub replaces: Option<i64>,
    /// 受付番号.
    pub receipt: &'a str,
}

/// No personal data.
impl fmt::Debug for CardApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardApplication")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The subject of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: ReviewKind,
    /// Row id in `account` or `card_application`.
    pub id: i64,
}

/// A position in the queue: what follows it is on the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// When it was applied for, or decided.
    pub at: i64,
    pub subject: Subject,
}

/// A review in the queue, as far as it can be searched for.
pub struct QueuedReview {
    pub place: QueuePlace,
    /// 受付番号.
    pub receipt: String,
    pub number: String,
    /// In the roster; empty if it is not there any more.
    pub name: String,
}

/// The columns that [`read`] takes.
macro_rules! columns {
    () => {
        "id, category, number, issuer, serial, certificate, person_in_charge, state, reason, applied_at, replaces, \
         fields, causes, receipt, withdrawn"
    };
}

fn read(row: &Row<'_>) -> Result<CardApplication, Error> {
    Ok(CardApplication {
        id: row.get("id")?,
        receipt: row.get("receipt")?,
        category: row.get("category")?,
        number: row.get("number")?,
        identity: CardIdentity { issuer: row.get("issuer")?, serial: row.get("serial")? },
        certificate: row.get("certificate")?,
        person_in_charge: row.get("person_in_charge")?,
        values: row.json("fields")?,
        state: application_state(row)?,
        reason: row.get("reason")?,
        applied_at: row.get("applied_at")?,
        causes: row.json("causes")?,
        replaces: row.get("replaces")?,
    })
}

impl Reader<'_> {
    pub fn card_application(&self, agency: &str, id: i64) -> Result<Option<CardApplication>, Error> {
        let query = concat!("SELECT ", columns!(), " FROM card_application WHERE agency = ? AND id = ?");
        self.db.optional(query, params![agency, id], read)
    }

    /// The latest registration of that card that was pending, whatever its outcome.
    pub fn latest_card_application(
        &self,
        agency: &str,
        identity: &CardIdentity,
    ) -> Result<Option<CardApplication>, Error> {
        let query = concat!(
            "SELECT ",
            columns!(),
            " FROM card_application WHERE agency = ? AND issuer = ? AND serial = ? ORDER BY id DESC LIMIT 1"
        );
        self.db.optional(query, params![agency, identity.issuer, identity.serial], read)
    }

    /// A company's pending and rejected card registrations, latest first, at most so many.
    pub fn unapproved_cards(
        &self,
        agency: &str,
        number: &str,
        most: u32,
    ) -> Result<Vec<CardApplication>, Error> {
        let query = concat!(
            "SELECT ",
            columns!(),
            " FROM card_application WHERE agency = ? AND number = ? AND state <> 'approved' \
             ORDER BY state = 'rejected', id DESC LIMIT ?"
        );
        self.db.all(query, params![agency, number, most], read)
    }

    /// Pending reviews, oldest first.
    pub fn pending_reviews(
        &self,
        agency: &str,
        after: Option<QueuePlace>,
        most: u32,
    ) -> Result<Vec<QueuedReview>, Error> {
        self.queue(
            "SELECT kind, id, at, receipt, found.number AS number, coalesce((SELECT name FROM roster \
             WHERE roster.agency = ?1 AND roster.number = found.number), '') AS name FROM (\
             SELECT 'account' AS kind, id, applied_at AS at, receipt, number FROM account \
             WHERE agency = ?1 AND state = 'pending' UNION ALL \
             SELECT 'card', id, applied_at, receipt, number FROM card_application \
             WHERE agency = ?1 AND state = 'pending') AS found \
             WHERE CAST(?2 AS BIGINT) IS NULL OR (at, kind, id) > (?2, ?3, ?4) ORDER BY at, kind, id LIMIT ?5",
            (agency, after, most),
        )
    }

    /// Decided reviews, latest first.
    pub fn decided_reviews(
        &self,
        agency: &str,
        after: Option<QueuePlace>,
        most: u32,
    ) -> Result<Vec<QueuedReview>, Error> {
        // Each part reads no more than a page: this list only grows.
        self.queue(
            "SELECT kind, id, at, receipt, found.number AS number, coalesce((SELECT name FROM roster \
             WHERE roster.agency = ?1 AND roster.number = found.number), '') AS name FROM (\
             SELECT * FROM (SELECT 'account' AS kind, id, decided_at AS at, receipt, number FROM account \
             WHERE agency = ?1 \
             AND decided_at IS NOT NULL AND state <> 'pending' AND (CAST(?2 AS BIGINT) IS NULL OR decided_at <= ?2) \
             AND (CAST(?2 AS BIGINT) IS NULL OR (decided_at, 'account', id) < (?2, ?3, ?4)) \
             ORDER BY decided_at DESC, id DESC LIMIT ?5) AS accounts UNION ALL \
             SELECT * FROM (SELECT 'card', id, decided_at, receipt, number FROM card_application WHERE agency = ?1 \
             AND decided_at IS NOT NULL AND state <> 'pending' AND (CAST(?2 AS BIGINT) IS NULL OR decided_at <= ?2) \
             AND (CAST(?2 AS BIGINT) IS NULL OR (decided_at, 'card', id) < (?2, ?3, ?4)) \
             ORDER BY decided_at DESC, id DESC LIMIT ?5) AS cards) AS found \
             ORDER BY at DESC, kind DESC, id DESC LIMIT ?5",
            (agency, after, most),
        )
    }

    fn queue(
        &self,
        sql: &str,
        (agency, after, most): (&str, Option<QueuePlace>, u32),
    ) -> Result<Vec<QueuedReview>, Error> {
        let (at, kind, id) = match after {
            Some(place) => (Some(place.at), Some(Code(place.subject.kind)), place.subject.id),
            None => (None, None, 0),
        };
        self.db.all(sql, params![agency, at, kind, id, most], |row| {
            let place = QueuePlace { at: row.get("at")?, subject: read_subject(row)? };
            Ok(QueuedReview {
                place,
                receipt: row.get("receipt")?,
                number: row.get("number")?,
                name: row.get("name")?,
            })
        })
    }

    /// How many other applications of the company are pending.
    pub fn pending_beside(&self, agency: &str, number: &str, subject: Subject) -> Result<u32, Error> {
        let (account, application) = subject.columns();
        self.db.one(
            "SELECT (SELECT count(*) FROM account WHERE agency = ?1 AND number = ?2 AND state = 'pending' \
            AND id IS DISTINCT FROM ?3) + (SELECT count(*) FROM card_application WHERE agency = ?1 AND number = ?2 \
            AND state = 'pending' AND id IS DISTINCT FROM ?4)",
            params![agency, number, account, application],
            |row| row.get(0),
        )
    }

    /// The company's other pending applications, and its IDs; oldest first.
    pub fn reviews_beside(
        &self,
        agency: &str,
        number: &str,
        subject: Subject,
        most: u32,
    ) -> Result<Vec<Subject>, Error> {
        let (account, application) = subject.columns();
        self.db.all(
            "SELECT 'account' AS kind, id, applied_at AS at FROM account WHERE agency = ?1 AND number = ?2 \
             AND state <> 'rejected' AND id IS DISTINCT FROM ?3 UNION ALL \
             SELECT 'card', id, applied_at FROM card_application WHERE agency = ?1 AND number = ?2 \
             AND state = 'pending' AND id IS DISTINCT FROM ?4 ORDER BY at, kind, id LIMIT ?5",
            params![agency, number, account, application, most],
            read_subject,
        )
    }

    /// How many are pending, and since when the oldest.
    pub fn pending_count(&self, agency: &str) -> Result<(u64, Option<i64>), Error> {
        let found: (i64, Option<i64>) = self.db.one(
            "SELECT count(*), min(at) FROM (SELECT applied_at AS at FROM account WHERE agency = ?1 \
             AND state = 'pending' UNION ALL SELECT applied_at FROM card_application WHERE agency = ?1 \
             AND state = 'pending') AS waiting",
            params![agency],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok((found.0.unsigned_abs(), found.1))
    }

    /// Who decided it, first decision first.
    pub fn review_decisions(&self, subject: Subject) -> Result<Vec<ReviewDecision>, Error> {
        let (account, application) = subject.columns();
        self.db.all(
            "SELECT officer, at, approved FROM review_decision \
             WHERE account = ?1 OR application = ?2 ORDER BY id",
            params![account, application],
            |row| {
                Ok(ReviewDecision {
                    officer: row.get("officer")?,
                    at_unix_ms: row.get("at")?,
                    approved: row.get("approved")?,
                })
            },
        )
    }
}

impl Reader<'_> {
    /// What officers wrote down about it, latest last.
    pub fn review_notes(&self, subject: Subject) -> Result<Vec<ReviewNote>, Error> {
        let (account, application) = subject.columns();
        self.db.all(
            "SELECT officer, at, text FROM review_note WHERE account = ?1 OR application = ?2 ORDER BY id",
            params![account, application],
            |row| {
                Ok(ReviewNote {
                    officer: row.get("officer")?,
                    at_unix_ms: row.get("at")?,
                    text: row.get("text")?,
                })
            },
        )
    }
}

impl Writer<'_> {
    pub fn add_review_note(&self, agency: &str, subject: Subject, note: &ReviewNote) -> Result<(), Error> {
        let (account, application) = subject.columns();
        self.db.execute(
            "INSERT INTO review_note (agency, account, application, officer, text, at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            params![agency, account, application, note.officer, note.text, note.at_unix_ms],
        )?;
        Ok(())
    }
}

impl Subject {
    /// Columns `account` and `application`.
    fn columns(self) -> (Option<i64>, Option<i64>) {
        match self.kind {
            ReviewKind::Account => (Some(self.id), None),
            ReviewKind::Card => (None, Some(self.id)),
        }
    }
}

fn read_subject(row: &Row<'_>) -> Result<Subject, Error> {
    Ok(Subject { kind: row.code("kind")?, id: row.get("id")? })
}

/// An application's state. What was withdrawn is rejected for everything else.
pub(super) fn application_state(row: &Row<'_>) -> Result<ApplicationState, Error> {
    if row.get("withdrawn")? { Ok(ApplicationState::Withdrawn) } else { row.code("state") }
}

impl Writer<'_> {
    /// Adds a pending card registration and returns its row.
    pub fn apply_with_card(
        &self,
        agency: &str,
        waiting: Waiting<'_>,
        card: &NewCard<'_>,
        now: i64,
    ) -> Result<i64, Error> {
        self.want(agency, waiting.number)?;
        self.db.one(
            "INSERT INTO card_application (agency, category, number, issuer, serial, certificate, \
            person_in_charge, fields, applied_at, causes, replaces, receipt) VALUES (:agency, :category, \
            :number, :issuer, :serial, :certificate, :person_in_charge, :fields, :now, :causes, :replaces, \
            :receipt) RETURNING id",
            named_params! {
                ":agency": agency,
                ":category": waiting.category,
                ":number": waiting.number,
                ":causes": Json(waiting.causes),
                ":replaces": waiting.replaces,
                ":receipt": waiting.receipt,
                ":issuer": card.identity.issuer,
                ":serial": card.identity.serial,
                ":certificate": card.certificate,
                ":person_in_charge": card.person_in_charge,
                ":fields": Json(card.values),
                ":now": now,
            },
            |row| row.get(0),
        )
    }

    /// A card registration was approved and became this card, or was rejected for that reason.
    pub fn decide_card(&self, id: i64, card: Option<i64>, reason: &str, now: i64) -> Result<(), Error> {
        let state = if card.is_some() { ApplicationState::Approved } else { ApplicationState::Rejected };
        self.db.execute(
            "UPDATE card_application SET state = ?, reason = ?, decided_at = ?, card = ? WHERE id = ?",
            params![Code(state), reason, now, card, id],
        )?;
        Ok(())
    }

    /// Its applicant withdrew an application.
    pub fn withdraw(&self, subject: Subject, now: i64) -> Result<(), Error> {
        let table = match subject.kind {
            ReviewKind::Account => "account",
            ReviewKind::Card => "card_application",
        };
        self.db.execute(
            &format!("UPDATE {table} SET state = 'rejected', withdrawn = TRUE, decided_at = ? WHERE id = ?"),
            params![now, subject.id],
        )?;
        Ok(())
    }

    /// Records who decided.
    pub fn record_decision_of(
        &self,
        agency: &str,
        subject: Subject,
        officer: &str,
        approved: bool,
        now: i64,
    ) -> Result<(), Error> {
        let (account, application) = subject.columns();
        self.db.execute(
            "INSERT INTO review_decision (agency, account, application, officer, approved, at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            params![agency, account, application, officer, approved, now],
        )?;
        Ok(())
    }
}

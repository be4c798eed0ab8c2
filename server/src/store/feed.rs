//! What systems that keep users of their own are told: an agency's events, and how far each of its webhooks is.

use touroku_proto::{feed::FeedKind, field::Values};

use super::{
    EventKind, Reader, Writer,
    column::{Code, Columns as _},
    db::{Params, params},
    value::Parameter,
};
use crate::error::Error;

/// An event that the feed tells of.
pub struct Happened {
    pub id: i64,
    pub at: i64,
    pub kind: FeedKind,
    pub number: String,
    /// To which card; `None`: to none.
    pub card: Option<i64>,
    /// To which ID; `None`: to none.
    pub account: Option<i64>,
}

/// A card that something happened to.
pub struct CardOfEvent {
    /// DER.
    pub certificate: Vec<u8>,
    /// What was entered for it.
    pub values: Values,
    /// Whether another has its place.
    pub replaced: bool,
    /// Whether it was found to be revoked.
    pub revoked: bool,
}

/// How far a webhook is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookState {
    /// The last event that arrived.
    pub position: i64,
    /// How often the next one was tried in vain.
    pub attempts: u32,
    /// When it is tried next, Unix milliseconds.
    pub next_attempt_at: i64,
    /// When one last arrived; `None`: never.
    pub arrived_at: Option<i64>,
    /// Why the last try failed; empty: it did not.
    pub error: String,
}

/// What the feed tells of, and as what. 審査's own events are left out: what officers approve is registered.
const TOLD: [(EventKind, FeedKind); 23] = [
    (EventKind::CardRegistered, FeedKind::Created),
    (EventKind::Changed, FeedKind::Changed),
    (EventKind::IdChanged, FeedKind::Changed),
    (EventKind::Renamed, FeedKind::Changed),
    (EventKind::RosterAddress, FeedKind::Changed),
    (EventKind::RowCorrected, FeedKind::Changed),
    (EventKind::QualificationBegan, FeedKind::Changed),
    (EventKind::QualificationEnded, FeedKind::Changed),
    (EventKind::SuspensionBegan, FeedKind::Suspended),
    (EventKind::SuspensionEnded, FeedKind::Resumed),
    (EventKind::CardRenewed, FeedKind::Renewed),
    (EventKind::CardReplaced, FeedKind::Replaced),
    (EventKind::CardSuspended, FeedKind::Suspended),
    (EventKind::CardStopped, FeedKind::Suspended),
    (EventKind::CompanySuspended, FeedKind::Suspended),
    (EventKind::CompanySuspensionCorrected, FeedKind::Suspended),
    (EventKind::IdSuspended, FeedKind::Suspended),
    (EventKind::IdStopped, FeedKind::Suspended),
    (EventKind::CardLifted, FeedKind::Resumed),
    (EventKind::CompanyLifted, FeedKind::Resumed),
    (EventKind::IdLifted, FeedKind::Resumed),
    (EventKind::CardRevoked, FeedKind::Revoked),
    (EventKind::IdApproved, FeedKind::IdApproved),
];

impl Reader<'_> {
    /// The agency's next events that the feed tells of, oldest first.
    pub fn feed(&self, agency: &str, after: i64, most: u32) -> Result<Vec<Happened>, Error> {
        let kinds = TOLD.map(|(kind, _)| Code(kind));
        let mut parameters: Vec<&dyn Parameter> = vec![&agency, &after];
        parameters.extend(kinds.iter().map(|kind| kind as &dyn Parameter));
        parameters.push(&most);
        let query = format!(
            "SELECT id, at, kind, number, card, account FROM event WHERE agency = ? AND id > ? \
             AND kind IN ({}) ORDER BY id LIMIT ?",
            vec!["?"; TOLD.len()].join(", ")
        );
        self.db.all(&query, Params::Numbered(&parameters), |row| {
            let kind: EventKind = row.code("kind")?;
            let told = TOLD.iter().find(|(known, _)| *known == kind);
            let &(_, kind) = told.ok_or(Error::Defect("an event of another kind than was asked for"))?;
            Ok(Happened {
                id: row.get("id")?,
                at: row.get("at")?,
                kind,
                number: row.get("number")?,
                card: row.get("card")?,
                account: row.get("account")?,
            })
        })
    }

    /// The last event of an agency; 0: none yet.
    pub fn last_event(&self, agency: &str) -> Result<i64, Error> {
        self.db
            .one("SELECT coalesce(max(id), 0) FROM event WHERE agency = ?", params![agency], |row| row.get(0))
    }

    /// A card, whatever became of it.
    pub fn card_of_event(&self, card: i64) -> Result<Option<CardOfEvent>, Error> {
        self.db.optional(
            "SELECT certificate, fields, replaced_by IS NOT NULL AS replaced, \
             EXISTS (SELECT 1 FROM revoked_card WHERE revoked_card.card = card.id) AS revoked \
             FROM card WHERE id = ?",
            params![card],
            |row| {
                Ok(CardOfEvent {
                    certificate: row.get("certificate")?,
                    values: row.json("fields")?,
                    replaced: row.get("replaced")?,
                    revoked: row.get("revoked")?,
                })
            },
        )
    }

    /// How far a client's webhook is. `None`: it has not begun.
    pub fn webhook(&self, agency: &str, client: &str) -> Result<Option<WebhookState>, Error> {
        self.db.optional(
            "SELECT position, attempts, next_attempt_at, arrived_at, error FROM webhook \
             WHERE agency = ? AND client = ?",
            params![agency, client],
            |row| {
                Ok(WebhookState {
                    position: row.get("position")?,
                    attempts: row.get("attempts")?,
                    next_attempt_at: row.get("next_attempt_at")?,
                    arrived_at: row.get("arrived_at")?,
                    error: row.get("error")?,
                })
            },
        )
    }
}

impl Writer<'_> {
    /// Notes how far a client's webhook is.
    pub fn set_webhook(&self, agency: &str, client: &str, state: &WebhookState) -> Result<(), Error> {
        let WebhookState { position, attempts, next_attempt_at, arrived_at, error } = state;
        self.db.execute(
            "INSERT INTO webhook (agency, client, position, attempts, next_attempt_at, arrived_at, error) \
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (agency, client) DO UPDATE SET \
             position = excluded.position, attempts = excluded.attempts, \
             next_attempt_at = excluded.next_attempt_at, arrived_at = excluded.arrived_at, \
             error = excluded.error",
            params![agency, client, position, attempts, next_attempt_at, arrived_at, error],
        )?;
        Ok(())
    }
}

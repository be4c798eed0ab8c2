//! A company's timeline.

use std::ops::Range;

use serde::{
    Deserialize, Serialize,
    de::{
        IntoDeserializer as _,
        value::{self, StrDeserializer},
    },
};
use touroku_proto::officer::audit::AuditAction;

use super::{
    Holder, Reader, Writer,
    column::{Code, Columns as _},
    db::params,
};
use crate::error::Error;

/// What happens to a company. Codes once written are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    CardRegistered,
    /// A registration waits for 審査.
    CardApplied,
    CardApproved,
    CardRejected,
    /// By another card.
    CardReplaced,
    /// It took the place of another card.
    CardRenewed,
    /// A renewal waits for 審査.
    RenewalApplied,
    CardRevoked,
    /// A different certificate was presented in its place.
    CardForged,
    CardSuspended,
    /// No longer suspended.
    CardLifted,
    /// By another card or ID of its company.
    CardStopped,
    /// By a card that is not registered.
    CompanySearched,
    CompanySuspended,
    CompanySuspensionCorrected,
    CompanyLifted,
    /// The first day of a company's suspension has come.
    SuspensionBegan,
    /// Its last one has passed.
    SuspensionEnded,
    /// 認定日 has come.
    QualificationBegan,
    /// 有効期限 has passed.
    QualificationEnded,
    /// The values of the company or of a card.
    Changed,
    NumberIssued,
    /// 利用申請書.
    PermitReceived,
    PermitGranted,
    PermitWithdrawn,
    /// A card was shown the company's password of the 入札情報公開システム.
    InformationShown,
    /// To the roster, by hand.
    RowAdded,
    RowCorrected,
    /// The roster has another name, 法人番号 or 委任先 for a company.
    Renamed,
    /// The roster has another mail address, and nothing else of that.
    RosterAddress,
    IdApplied,
    IdApproved,
    IdRejected,
    IdChanged,
    IdSuspended,
    IdLifted,
    /// By another card or ID of its company.
    IdStopped,
    PasswordLinkSent,
    PasswordReset,
    Withdrawn,
    AddressConfirmed,
    MailSentAgain,
    MailGivenUp,
}

impl EventKind {
    /// What an officer does to a company has the same code here and in 監査記録.
    pub fn of(action: AuditAction) -> Option<Self> {
        let code: StrDeserializer<'_, value::Error> = action.as_str().into_deserializer();
        Self::deserialize(code).ok()
    }
}

/// Something that happened to a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: i64,
    /// A code that this version does not know is kept as it is.
    pub kind: Result<EventKind, String>,
    /// ログインID of the officer who did it; empty for none.
    pub officer: String,
    /// The reason; empty for none.
    pub reason: String,
    /// Serial number of the affected card's certificate; empty for none.
    pub serial: String,
    /// The affected ユーザーID; empty for none.
    pub login_id: String,
    /// Further details; may be empty.
    pub detail: String,
}

/// An action on a company.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    pub kind: EventKind,
    /// ログインID, or `command`; empty: the company itself, or the server.
    pub officer: &'a str,
    /// The reason; empty for none.
    pub reason: &'a str,
    /// Serial number of the certificate of an unregistered card; empty for none.
    pub serial: &'a str,
    /// Further details; may be empty.
    pub detail: &'a str,
}

impl Act<'_> {
    /// By the company itself, or the server.
    pub fn of(kind: EventKind) -> Self {
        Self { kind, officer: "", reason: "", serial: "", detail: "" }
    }
}

impl Reader<'_> {
    /// How many such events a company has had from `since` to `now`. What is later is from a clock that was ahead.
    pub fn count_events(
        &self,
        (agency, number): (&str, &str),
        kind: EventKind,
        (since, now): (i64, i64),
    ) -> Result<u32, Error> {
        self.db.one(
            "SELECT count(*) FROM event WHERE agency = ? AND number = ? AND kind = ? AND at >= ? AND at <= ?",
            params![agency, number, Code(kind), since, now],
            |row| row.get(0),
        )
    }

    /// Whether that card caused such an event of a company from `since` to `now`.
    pub fn was_recorded(
        &self,
        (agency, number): (&str, &str),
        kind: EventKind,
        (serial, detail): (&str, &str),
        (since, now): (i64, i64),
    ) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 FROM event WHERE agency = ? AND number = ? AND kind = ? AND at >= ? AND at <= ? \
             AND serial = ? AND detail = ?",
            params![agency, number, Code(kind), since, now, serial, detail],
        )
    }

    /// The last of a company's events so far.
    pub fn last_event_of(&self, agency: &str, number: &str) -> Result<Option<i64>, Error> {
        self.db.one(
            "SELECT max(id) FROM event WHERE agency = ? AND number = ?",
            params![agency, number],
            |row| row.get(0),
        )
    }

    /// A company's events up to that one, latest first: of each kind those at these places, counted from its latest.
    /// And whether there are further ones.
    pub fn events_of(
        &self,
        (agency, number): (&str, &str),
        until: i64,
        places: Range<u32>,
    ) -> Result<(Vec<Event>, bool), Error> {
        let found = self.db.all(
            "SELECT event.at, event.kind, event.officer, event.reason, place, \
             coalesce(card.serial, application.serial, event.serial) AS serial, \
             coalesce(account.login_id, '') AS login_id, event.detail \
             FROM (SELECT event.*, row_number() OVER (PARTITION BY kind ORDER BY at DESC, id DESC) - 1 AS place \
             FROM event WHERE agency = ? AND number = ? AND id <= ?) AS event \
             LEFT JOIN card ON card.id = event.card \
             LEFT JOIN card_application AS application ON application.id = event.application \
             LEFT JOIN account ON account.id = event.account \
             WHERE place >= ? AND place <= ? ORDER BY event.at DESC, event.id DESC",
            params![agency, number, until, places.start, places.end],
            |row| {
                let event = Event {
                    at: row.get("at")?,
                    kind: row.code("kind").map(Ok).or_else(|_| row.get("kind").map(Err))?,
                    officer: row.get("officer")?,
                    reason: row.get("reason")?,
                    serial: row.get("serial")?,
                    login_id: row.get("login_id")?,
                    detail: row.get("detail")?,
                };
                Ok((row.get("place")?, event))
            },
        )?;
        let (found, further): (Vec<(u32, Event)>, Vec<_>) =
            found.into_iter().partition(|(place, _)| *place < places.end);
        Ok((found.into_iter().map(|(_, event)| event).collect(), !further.is_empty()))
    }
}

impl Writer<'_> {
    /// Adds to a company's timeline.
    pub fn record_event(
        &self,
        agency: &str,
        number: &str,
        holder: Holder,
        kind: EventKind,
        now: i64,
    ) -> Result<(), Error> {
        self.record_act(agency, number, Some(holder), &Act::of(kind), now)
    }

    /// Adds an officer's action to a company's timeline. No holder: it concerns the company itself.
    pub fn record_act(
        &self,
        agency: &str,
        number: &str,
        holder: Option<Holder>,
        act: &Act<'_>,
        now: i64,
    ) -> Result<(), Error> {
        let [card, account, application] = holder.map_or([None; 3], Holder::columns);
        self.db.execute("INSERT INTO event (agency, number, card, account, application, kind, officer, reason, at, serial, \
            detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", params![
                agency,
                number,
                card,
                account,
                application,
                Code(act.kind),
                act.officer,
                act.reason,
                now,
                act.serial,
                act.detail
            ])?;
        Ok(())
    }
}

//! A day's events that officers should know about.

use touroku_proto::officer::daily::{DailyItem, DailyKind};

use super::{
    EventKind, Reader,
    column::Columns as _,
    db::{Row, params},
};
use crate::error::Error;

/// What happened in a time range that officers may be mailed about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// ID登録申請 that wait.
    pub applications: u32,
    /// Cards that wait.
    pub cards: u32,
    /// Imports that were checked, taken over or failed.
    pub imports: u32,
    /// Forged and revoked cards, and what companies stopped themselves.
    pub incidents: u32,
}

impl Reader<'_> {
    /// What is new in a half-open time range.
    pub fn news(&self, agency: &str, (from, to): (i64, i64)) -> Result<News, Error> {
        self.db.one(
            "SELECT \
             (SELECT count(*) FROM account WHERE agency = ?1 AND state = 'pending' \
             AND applied_at >= ?2 AND applied_at < ?3) AS applications, \
             (SELECT count(*) FROM card_application WHERE agency = ?1 AND state = 'pending' \
             AND applied_at >= ?2 AND applied_at < ?3) AS cards, \
             (SELECT count(*) FROM import WHERE agency = ?1 AND state IN ('checked', 'taken', 'failed') \
             AND touched_at >= ?2 AND touched_at < ?3) AS imports, \
             (SELECT count(*) FROM event WHERE agency = ?1 AND at >= ?2 AND at < ?3 \
             AND kind IN ('card_forged', 'card_stopped', 'id_stopped', 'card_revoked')) AS incidents",
            params![agency, from, to],
            |row| {
                Ok(News {
                    applications: row.get("applications")?,
                    cards: row.get("cards")?,
                    imports: row.get("imports")?,
                    incidents: row.get("incidents")?,
                })
            },
        )
    }

    /// The events in a half-open time range, newest first, and their total number.
    pub fn daily(
        &self,
        agency: &str,
        (from, to): (i64, i64),
        most: u32,
    ) -> Result<(Vec<DailyItem>, u32), Error> {
        let rows: Vec<(DailyItem, u32)> = self.db.all("SELECT event.kind, event.at, event.number, \
            coalesce((SELECT name FROM roster WHERE roster.agency = event.agency AND roster.number = event.number), '') AS name, \
            coalesce(card.serial, application.serial, event.serial) AS serial, coalesce(account.login_id, '') AS login_id, \
            coalesce(holder.is_other, FALSE) AS is_other, \
            EXISTS (SELECT 1 FROM card AS older WHERE older.agency = event.agency AND older.number = event.number \
            AND older.id < event.card) AS has_older, count(*) OVER () AS all_events FROM event \
            LEFT JOIN card ON card.id = event.card \
            LEFT JOIN card_holder AS holder ON holder.card = event.card \
            LEFT JOIN account ON account.id = event.account \
            LEFT JOIN card_application AS application ON application.id = event.application \
            WHERE event.agency = ?1 AND event.at >= ?2 AND event.at < ?3 AND (\
            event.kind IN ('card_registered', 'card_forged', 'card_stopped', 'id_approved', 'id_stopped', 'renamed', \
            'roster_address') \
            OR event.kind = 'card_renewed' AND (holder.is_other OR EXISTS (SELECT 1 FROM card AS old \
            JOIN card_holder AS before ON before.card = old.id WHERE old.agency = event.agency \
            AND old.number = event.number AND old.replaced_by = event.card AND before.holder <> holder.holder))) \
            ORDER BY event.at DESC, event.id DESC LIMIT ?4", params![agency, from, to, most], |row| Ok((item(row)?, row.get("all_events")?)))?;
        let all = rows.first().map_or(0, |(_, all)| *all);
        Ok((rows.into_iter().map(|(item, _)| item).collect(), all))
    }
}

fn item(row: &Row<'_>) -> Result<DailyItem, Error> {
    let has_older: bool = row.get("has_older")?;
    let (kind, is_new) = match row.code("kind")? {
        EventKind::CardForged => (DailyKind::CardForged, false),
        EventKind::CardStopped => (DailyKind::CardStopped, false),
        EventKind::IdApproved => (DailyKind::IdRegistered, false),
        EventKind::IdStopped => (DailyKind::IdStopped, false),
        EventKind::Renamed | EventKind::RosterAddress => (DailyKind::Renamed, false),
        EventKind::CardRenewed => (DailyKind::RenewedToOther, true),
        _ if has_older => (DailyKind::FurtherCard, true),
        _ => (DailyKind::FirstCard, true),
    };
    Ok(DailyItem {
        at_unix_ms: row.get("at")?,
        kind,
        number: row.get("number")?,
        name: row.get("name")?,
        serial: row.get("serial")?,
        login_id: row.get("login_id")?,
        is_other: is_new && row.get("is_other")?,
    })
}

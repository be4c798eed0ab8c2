//! Figures.

use std::collections::BTreeMap;

use rusqlite::params;

use super::Reader;
use crate::{error::Error, japan};

/// What there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockCounts {
    /// Companies of the roster.
    pub roster: u64,
    /// 電子入札業者.
    pub electronic: u64,
    /// Cards in use.
    pub cards: u64,
}

/// What officers act on: few of many, and so soon counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UrgentCounts {
    /// Companies that are suspended.
    pub suspended: u64,
    /// Cards in use whose issuer revoked them.
    pub revoked: u64,
    /// Mails that wait.
    pub mail_queued: u64,
}

/// Mails of an agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailFigures {
    /// Sent since a time.
    pub sent: u64,
    /// Refused since a time.
    pub refused: u64,
}

impl Reader<'_> {
    /// How often each kind of event happened on each day in Japan, since a time.
    pub fn events_by_day(&self, agency: &str, since: i64) -> Result<BTreeMap<(i64, String), u32>, Error> {
        // Read from the index `event_day` alone; the sum of the days groups what the index has in order.
        let mut statement = self.0.prepare_cached(
            "SELECT (at + ?3) / ?4 AS day, kind, count(*) FROM event INDEXED BY event_day \
             WHERE agency = ?1 AND at >= ?2 GROUP BY day, kind",
        )?;
        let rows = statement.query_map(params![agency, since, japan::AHEAD, japan::DAY], |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What an agency has. Looks at all of it.
    pub fn stock_counts(&self, agency: &str) -> Result<StockCounts, Error> {
        let count = |sql| self.count_of(sql, agency);
        Ok(StockCounts {
            roster: count("SELECT count(*) FROM roster INDEXED BY roster_listing WHERE agency = ?")?,
            electronic: count("SELECT count(*) FROM company WHERE agency = ?")?,
            cards: count(
                "SELECT count(*) FROM card INDEXED BY card_in_use WHERE agency = ? AND replaced_by IS NULL",
            )?,
        })
    }

    /// What an agency's officers act on.
    pub fn urgent_counts(&self, agency: &str) -> Result<UrgentCounts, Error> {
        let count = |sql| self.count_of(sql, agency);
        Ok(UrgentCounts {
            suspended: count("SELECT count(*) FROM suspension WHERE agency = ? AND card IS NULL")?,
            revoked: count(
                "SELECT count(*) FROM revoked_card JOIN card ON card.id = revoked_card.card \
                 WHERE card.agency = ? AND card.replaced_by IS NULL",
            )?,
            mail_queued: count(
                "SELECT count(*) FROM outbox INDEXED BY outbox_settled WHERE agency = ? AND state = 'queued'",
            )?,
        })
    }

    fn count_of(&self, sql: &str, agency: &str) -> Result<u64, Error> {
        let count: i64 = self.0.prepare_cached(sql)?.query_row([agency], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many cards in use expire between two times, Unix seconds.
    pub fn count_expiring(&self, agency: &str, from: i64, to: i64) -> Result<u64, Error> {
        let count: i64 = self
            .0
            .prepare_cached(
                "SELECT count(*) FROM card_expiry AS expiry JOIN card ON card.id = expiry.card \
                 AND card.serial = expiry.serial WHERE expiry.expires_at BETWEEN ? AND ? \
                 AND card.agency = ? AND card.replaced_by IS NULL",
            )?
            .query_row(params![from, to, agency], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How long the applications took that officers decided since a time, the shortest first, milliseconds.
    pub fn processing_times(&self, agency: &str, since: i64) -> Result<Vec<i64>, Error> {
        // What nobody reviewed took no time and says nothing about it.
        let mut statement = self.0.prepare_cached(
            "SELECT decided_at - applied_at AS took FROM account WHERE agency = ?1 AND decided_at >= ?2 \
             AND EXISTS (SELECT 1 FROM review_decision WHERE review_decision.account = account.id) \
             UNION ALL SELECT decided_at - applied_at FROM card_application \
             WHERE agency = ?1 AND decided_at >= ?2 ORDER BY took",
        )?;
        let rows = statement.query_map(params![agency, since], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An agency's mails that were settled since a time.
    pub fn mail_figures(&self, agency: &str, since: i64) -> Result<MailFigures, Error> {
        let count = |state: &str| -> Result<u64, Error> {
            let count: i64 = self
                .0
                .prepare_cached(
                    "SELECT count(*) FROM outbox INDEXED BY outbox_settled WHERE agency = ?1 AND state = ?2 \
                     AND settled_at >= ?3",
                )?
                .query_row(params![agency, state, since], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        Ok(MailFigures { sent: count("sent")?, refused: count("refused")? })
    }
}

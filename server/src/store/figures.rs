//! Figures.

use std::collections::BTreeMap;

use super::{EventKind, Reader, column::Columns as _, db::params, listing::ALL_ROWS, suspension::in_force};
use crate::{error::Error, japan};

/// Totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockCounts {
    /// Companies of the roster.
    pub roster: u64,
    /// 電子入札業者.
    pub electronic: u64,
    /// Cards in use.
    pub cards: u64,
}

/// What officers act on: few rows of many, so quickly counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UrgentCounts {
    pub suspended: u64,
    /// Cards in use whose issuer revoked them.
    pub revoked: u64,
    /// Mails not sent yet.
    pub mail_queued: u64,
    /// 利用申請書 that were received and not permitted yet.
    pub permits: u64,
}

/// Mails of an agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailFigures {
    /// Sent since a day.
    pub sent: u64,
    /// Refused since a day.
    pub refused: u64,
}

// The small table first: without `CROSS JOIN`, SQLite reads all cards of the agency.
const REVOKED: &str = "SELECT count(*) FROM revoked_card CROSS JOIN card ON card.id = revoked_card.card \
                       WHERE card.agency = ? AND card.replaced_by IS NULL";
const EXPIRING: &str = "SELECT count(*) FROM card_expiry AS expiry CROSS JOIN card ON card.id = expiry.card \
                        AND card.serial = expiry.serial WHERE expiry.expires_at BETWEEN ? AND ? \
                        AND card.agency = ? AND card.replaced_by IS NULL";

impl Reader<'_> {
    /// How often each kind of event happened on each day in Japan, from that day on.
    pub fn events_by_day(&self, agency: &str, since: i64) -> Result<BTreeMap<(i64, EventKind), u32>, Error> {
        let found = self.db.all(
            "SELECT day, substr(what, 7) AS kind, count FROM day_tally \
             WHERE agency = ? AND day >= ? AND what LIKE 'event.%'",
            params![agency, since],
            |row| {
                // One that this version does not know is not counted.
                let Ok(kind) = row.code("kind") else { return Ok(None) };
                Ok(Some(((row.get("day")?, kind), row.get("count")?)))
            },
        )?;
        Ok(found.into_iter().flatten().collect())
    }

    pub fn stock_counts(&self, agency: &str) -> Result<StockCounts, Error> {
        let count = |sql| self.count_of(sql, agency);
        Ok(StockCounts {
            roster: self.listed_total(agency, ALL_ROWS)?,
            electronic: count(
                "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM tally WHERE agency = ? AND what = 'company'",
            )?,
            cards: count(
                "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM tally WHERE agency = ? AND what = 'card'",
            )?,
        })
    }

    /// What an agency's officers act on.
    pub fn urgent_counts(&self, agency: &str, now: i64) -> Result<UrgentCounts, Error> {
        let count = |sql| self.count_of(sql, agency);
        Ok(UrgentCounts {
            suspended: self.count_suspended(agency, now)?,
            revoked: count(REVOKED)?,
            permits: count(
                "SELECT count(*) FROM permit WHERE agency = ? AND state = 'received' AND EXISTS \
                 (SELECT 1 FROM roster WHERE roster.agency = permit.agency AND roster.number = permit.number)",
            )?,
            mail_queued: count(
                "SELECT count(*) FROM outbox INDEXED BY outbox_settled WHERE agency = ? AND state = 'queued'",
            )?,
        })
    }

    fn count_suspended(&self, agency: &str, now: i64) -> Result<u64, Error> {
        let count: i64 = self.db.one(
            concat!(
                "SELECT count(DISTINCT number) FROM suspension WHERE agency = ?1 AND card IS NULL AND ",
                in_force!("?2")
            ),
            params![agency, japan::day(now)],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }

    fn count_of(&self, sql: &str, agency: &str) -> Result<u64, Error> {
        let count: i64 = self.db.one(sql, params![agency], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many cards in use expire between two times, Unix seconds, both included.
    pub fn count_expiring(&self, agency: &str, from: i64, to: i64) -> Result<u64, Error> {
        let day = |seconds: i64| japan::day(seconds * 1000);
        let beginning = |day: i64| japan::beginning_of(day).div_euclid(1000);
        let (first, last) = (day(from), day(to));
        if first == last {
            return self.count_expiring_one_by_one(agency, from, to);
        }
        // Totals are stored per whole day; only the first and last day are counted card by card.
        let whole: i64 = self.db.one(
            "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM expiry_tally WHERE agency = ? AND day > ? AND day < ?",
            params![agency, first, last],
            |row| row.get(0),
        )?;
        let begun = self.count_expiring_one_by_one(agency, from, beginning(first + 1) - 1)?;
        Ok(whole.unsigned_abs() + begun + self.count_expiring_one_by_one(agency, beginning(last), to)?)
    }

    fn count_expiring_one_by_one(&self, agency: &str, from: i64, to: i64) -> Result<u64, Error> {
        let count: i64 = self.db.one(EXPIRING, params![from, to, agency], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How long the applications took that officers have decided since a time, shortest first, milliseconds.
    pub fn processing_times(&self, agency: &str, since: i64) -> Result<Vec<i64>, Error> {
        // What nobody reviewed took no time and says nothing about it.
        self.db.all(
            "SELECT decided_at - applied_at AS took FROM account WHERE agency = ?1 AND decided_at >= ?2 \
             AND EXISTS (SELECT 1 FROM review_decision WHERE review_decision.account = account.id) \
             UNION ALL SELECT decided_at - applied_at FROM card_application \
             WHERE agency = ?1 AND decided_at >= ?2 ORDER BY took",
            params![agency, since],
            |row| row.get(0),
        )
    }

    /// An agency's mails that were settled from that day in Japan on.
    pub fn mail_figures(&self, agency: &str, since: i64) -> Result<MailFigures, Error> {
        let count = |what: &str| -> Result<u64, Error> {
            let count: i64 = self.db.one(
                "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM day_tally WHERE agency = ? AND day >= ? AND what = ?",
                params![agency, since, what],
                |row| row.get(0),
            )?;
            Ok(count.unsigned_abs())
        };
        Ok(MailFigures { sent: count("mail.sent")?, refused: count("mail.refused")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{company_page::WITHOUT_HOLDER, db::Db};

    /// The query that each table of stored counts must agree with.
    const COUNTED: &[(&str, &str)] = &[
        (
            "SELECT agency, edition || '.' || listing_row, count FROM roster_tally WHERE count <> 0",
            "SELECT agency, edition || '.' || listing_row, sum(count) FROM (\
             SELECT agency, since AS edition, listing_row, 1 AS count FROM roster_row UNION ALL \
             SELECT agency, until, listing_row, -1 FROM roster_row WHERE until < 9223372036854775807) AS all_rows \
             GROUP BY 1, 2 HAVING sum(count) <> 0",
        ),
        (
            "SELECT agency, what, count FROM tally WHERE count <> 0",
            "SELECT agency, 'company', count(*) FROM company GROUP BY 1 UNION ALL \
             SELECT agency, 'card', count(*) FROM card WHERE replaced_by IS NULL GROUP BY 1 UNION ALL \
             SELECT agency, 'account.' || state, count(*) FROM account GROUP BY 1, 2 UNION ALL \
             SELECT agency, 'application.' || state, count(*) FROM card_application GROUP BY 1, 2",
        ),
        (
            "SELECT agency, what || day, count FROM day_tally WHERE count <> 0",
            "SELECT agency, 'event.' || kind || ((at + 32400000) / 86400000), count(*) FROM event \
             GROUP BY 1, 2 UNION ALL \
             SELECT agency, 'mail.' || state || ((settled_at + 32400000) / 86400000), count(*) FROM outbox \
             WHERE state <> 'queued' GROUP BY 1, 2",
        ),
        (
            "SELECT agency, day, count FROM expiry_tally WHERE count <> 0",
            "SELECT agency, (expires_at + 32400) / 86400, count(*) FROM card_expiry \
             JOIN card ON card.id = card_expiry.card WHERE replaced_by IS NULL GROUP BY 1, 2",
        ),
    ];

    fn rows(db: &Db, sql: &str) -> Vec<(String, String, i64)> {
        let sql = format!(
            "SELECT agency, CAST(what AS TEXT), n FROM (WITH all_of(agency, what, n) AS ({sql}) \
             SELECT * FROM all_of) AS counted ORDER BY 1, 2"
        );
        db.all(&sql, params![], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    }

    #[test]
    fn what_is_kept_is_what_a_count_finds_whatever_happens() {
        let db = Db::in_memory();
        for number in ["1", "2", "3"] {
            db.execute(
                "INSERT INTO roster_row (agency, number, name, kana, corporate_number, postal_code, address, \
                 representative_name, representative_title, phone, fax, branch, qualifications, user_id, \
                 password_hash, imported_at, listing_row) \
                 VALUES ('a', ?, '', '', '', '', '', '', '', '', '', '', '{}', '', '', 0, 3)",
                params![number],
            )
            .unwrap();
        }
        for step in [
            "UPDATE roster_row SET listing_row = 4 WHERE number IN ('1', '2')",
            "INSERT INTO roster_row (agency, number, since, name, kana, corporate_number, postal_code, address, \
             representative_name, representative_title, phone, fax, branch, qualifications, user_id, password_hash, \
             imported_at, listing_row) SELECT agency, number, 7, name, kana, corporate_number, postal_code, address, \
             representative_name, representative_title, phone, fax, branch, qualifications, user_id, password_hash, \
             imported_at, 5 FROM roster_row WHERE number = '1'",
            "UPDATE roster_row SET until = 7 WHERE number IN ('1', '3') AND since = 0",
            "UPDATE roster_row SET listing_row = 6 WHERE number = '1'",
            "UPDATE roster_row SET until = 9223372036854775807 WHERE number = '1' AND since = 0",
            "DELETE FROM roster_row WHERE number = '3' OR since = 7",
            "INSERT INTO company (agency, number, company_id, fields, registered_at) VALUES ('a', '1', 'K', '{}', 1)",
            "INSERT INTO card (id, agency, number, issuer, serial, certificate, person_in_charge, fields, \
             registered_at) VALUES (1, 'a', '1', x'30', '7', x'31', '', '{}', 1), \
             (2, 'a', '1', x'30', '8', x'31', '', '{}', 1)",
            "INSERT INTO card_expiry (card, serial, expires_at) VALUES (1, '7', 90000), (2, '8', 90001)",
            "UPDATE card_expiry SET expires_at = 200000 WHERE card = 2",
            "UPDATE card SET replaced_by = 2, replaced_at = 1 WHERE id = 1",
            "INSERT INTO account (agency, category, number, login_id, password_hash, fields, state, applied_at) \
             VALUES ('a', 'x', '1', 'one', '', '{}', 'pending', 1), ('a', 'y', '1', 'two', '', '{}', 'pending', 1)",
            "UPDATE account SET state = 'approved', decided_at = 2 WHERE login_id = 'one'",
            "INSERT INTO card_application (agency, category, number, issuer, serial, certificate, \
             person_in_charge, fields, applied_at) VALUES ('a', 'x', '1', x'30', '9', x'31', '', '{}', 1)",
            "UPDATE card_application SET state = 'rejected', decided_at = 2",
            "INSERT INTO event (agency, number, kind, at) VALUES ('a', '1', 'changed', 5), \
             ('a', '1', 'changed', 86400005)",
            "INSERT INTO outbox (id, agency, message_id, sender, recipient, subject, body, created_at, \
             next_attempt_at) VALUES (1, 'a', '1', '', '', '', '', 1, 1), (2, 'a', '2', '', '', '', '', 1, 1)",
            "UPDATE outbox SET state = 'sent', settled_at = 10 WHERE id = 1",
            "UPDATE outbox SET state = 'refused', settled_at = 20 WHERE id = 2",
            "UPDATE outbox SET state = 'queued', settled_at = NULL WHERE id = 2",
        ] {
            db.batch(step).unwrap_or_else(|error| panic!("{step}: {error}"));
            for (kept, counted) in COUNTED {
                assert_eq!(rows(&db, kept), rows(&db, counted), "{step}");
            }
        }
    }

    #[test]
    fn cards_that_expire_are_counted_to_the_second() {
        let db = Db::in_memory();
        db.batch("PRAGMA foreign_keys = OFF").unwrap();
        // Every six hours from 1970-01-02 on.
        for card in 0..40 {
            db.execute("INSERT INTO card (id, agency, number, issuer, serial, certificate, person_in_charge, fields, \
                registered_at) VALUES (?1 + 1, 'a', '1', x'30', ?1, x'31', '', '{}', 1)", params![card])
                .unwrap();
            let expires_at = 86_400 + card * 21_600;
            db.execute("INSERT INTO card_expiry VALUES (?1 + 1, ?1, ?2)", params![card, expires_at]).unwrap();
        }
        let reader = Reader { db: &db };
        for (from, to) in [(0, i64::from(u32::MAX)), (86_400, 86_400), (86_401, 108_000), (100_000, 600_000)]
        {
            let expected = (0..40).filter(|card| (from..=to).contains(&(86_400 + card * 21_600))).count();
            assert_eq!(reader.count_expiring("a", from, to).unwrap(), expected as u64, "{from} {to}");
        }
    }

    #[test]
    fn what_is_looked_at_often_does_not_read_all_cards() {
        let (db, null): (_, Option<i64>) = (Db::in_memory(), None);
        let plans = [
            db.plan(REVOKED, params![null]),
            db.plan(EXPIRING, params![null, null, null]),
            db.plan(WITHOUT_HOLDER, params![null]),
        ];
        for plan in plans {
            assert!(plan.contains("SEARCH card USING INTEGER PRIMARY KEY"), "{plan}");
            assert!(!plan.contains("SCAN card\n") && !plan.contains("card_person"), "{plan}");
        }
    }
}

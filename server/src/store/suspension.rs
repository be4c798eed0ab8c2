//! Companies and cards that officers suspended.

use touroku_proto::officer::company::{Period, Suspension};

use super::{
    CardIdentity, Reader, Writer,
    db::{Row, params},
    edition::{Edition, list_of},
};
use crate::{error::Error, japan};

/// The days of a company's suspension, counted from 1970-01-01 in Japan, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// `None`: from when it is set.
    pub from: Option<i64>,
    /// `None`: until it is lifted.
    pub until: Option<i64>,
}

/// Whether a row of `suspension` counts: one that a take-over has written does so with its edition.
macro_rules! counts {
    () => {
        "(suspension.edition IS NULL OR suspension.edition <= \
         (SELECT now.edition FROM roster_version AS now WHERE now.agency = suspension.agency))"
    };
}

/// Whether a row of `suspension` is in force on that day. One of a card has no days.
macro_rules! in_force {
    ($day:literal) => {
        concat!(
            $crate::store::suspension::counts!(),
            " AND (suspension.from_day IS NULL OR suspension.from_day <= ",
            $day,
            ") AND (suspension.until_day IS NULL OR suspension.until_day >= ",
            $day,
            ")"
        )
    };
}
pub(super) use {counts, in_force};

/// All applications of that one's company for its card: who withdraws and applies again is still stopped.
macro_rules! same_card {
    () => {
        "SELECT same.id FROM card_application AS same JOIN card_application AS it ON same.agency = it.agency \
         AND same.number = it.number AND same.issuer = it.issuer AND same.serial = it.serial WHERE it.id = ?1"
    };
}

/// All applications of that one's company for its ユーザーID.
macro_rules! same_id {
    () => {
        "SELECT same.id FROM account AS same JOIN account AS it ON same.agency = it.agency \
         AND same.number = it.number AND same.login_id = it.login_id WHERE it.id = ?1"
    };
}

impl Reader<'_> {
    /// The company's suspension in force, the one that lasts longest; or else the next to begin.
    pub fn company_suspension(
        &self,
        agency: &str,
        number: &str,
        now: i64,
    ) -> Result<Option<Suspension>, Error> {
        Ok(self.governing(agency, number, now)?.map(|(_, suspension)| suspension))
    }

    fn governing(&self, agency: &str, number: &str, now: i64) -> Result<Option<(i64, Suspension)>, Error> {
        self.db.optional(
            concat!(
                "SELECT id, reason, officer, at, from_day, until_day, ",
                in_force!("?3"),
                " AS in_force FROM suspension WHERE agency = ?1 AND number = ?2 AND card IS NULL \
                 AND (until_day IS NULL OR until_day >= ?3) AND ",
                counts!(),
                " ORDER BY in_force DESC, CASE WHEN NOT (",
                in_force!("?3"),
                ") THEN from_day END, until_day IS NOT NULL, until_day DESC LIMIT 1"
            ),
            params![agency, number, japan::day(now)],
            |row| {
                let suspension = Suspension {
                    period: Period { from: date(row.get("from_day")?), until: date(row.get("until_day")?) },
                    in_force: row.get("in_force")?,
                    ..read(row)?
                };
                Ok((row.get("id")?, suspension))
            },
        )
    }

    pub fn card_suspension(&self, card: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional("SELECT reason, officer, at FROM suspension WHERE card = ?", params![card], read)
    }

    /// That of a card whose 審査 is pending; an earlier application's for the same card and company counts as well.
    pub fn application_suspension(&self, application: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional(
            concat!(
                "SELECT reason, officer, at FROM application_suspension WHERE application IN (",
                same_card!(),
                ") ORDER BY at LIMIT 1"
            ),
            params![application],
            read,
        )
    }

    /// Whether a card that applied to that company was stopped, and nobody has lifted that: whichever way it comes in
    /// next.
    pub fn was_stopped(&self, agency: &str, number: &str, card: &CardIdentity) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 FROM application_suspension AS stopped JOIN card_application AS it \
             ON it.id = stopped.application WHERE it.agency = ? AND it.number = ? AND it.issuer = ? AND it.serial = ?",
            params![agency, number, card.issuer, card.serial],
        )
    }

    /// That of an ID that is applied for; an earlier application's of the same company for it counts as well.
    pub fn suspension_of_application_for_id(&self, account: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional(
            concat!(
                "SELECT reason, officer, at FROM account_suspension WHERE account IN (",
                same_id!(),
                ") ORDER BY at LIMIT 1"
            ),
            params![account],
            read,
        )
    }

    /// That of the card which an ICカード更新 whose 審査 is pending would replace.
    pub fn suspension_of_replaced(&self, application: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional(
            "SELECT suspension.reason, suspension.officer, suspension.at FROM suspension \
             JOIN card_application ON card_application.replaces = suspension.card \
             WHERE card_application.id = ?",
            params![application],
            read,
        )
    }

    pub fn account_suspension(&self, account: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional(
            "SELECT reason, officer, at FROM account_suspension WHERE account = ?",
            params![account],
            read,
        )
    }
}

fn date(day: Option<i64>) -> Option<String> {
    day.map(|day| japan::date(japan::beginning_of(day)))
}

/// One without days.
fn read(row: &Row<'_>) -> Result<Suspension, Error> {
    Ok(Suspension {
        reason: row.get("reason")?,
        officer: row.get("officer")?,
        at_unix_ms: row.get("at")?,
        period: Period::default(),
        in_force: true,
    })
}

impl Writer<'_> {
    /// Suspends a company. Returns whether it had no suspension that lasts as long; one that has ended is forgotten.
    pub fn suspend_company(
        &self,
        agency: &str,
        number: &str,
        suspension: &Suspension,
        days: Days,
    ) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms: now, .. } = suspension;
        let today = japan::day(*now);
        self.heed(agency, number)?;
        self.db.execute(
            "DELETE FROM suspension WHERE agency = ? AND number = ? AND card IS NULL AND until_day < ?",
            params![agency, number, today],
        )?;
        let added = self.db.execute(
            concat!(
                "INSERT INTO suspension (agency, number, reason, officer, at, from_day, until_day) \
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM suspension WHERE agency = ?1 \
                 AND number = ?2 AND card IS NULL AND until_day IS NULL AND ",
                in_force!("?8"),
                ")"
            ),
            params![agency, number, reason, officer, now, days.from, days.until, today],
        )?;
        Ok(added == 1)
    }

    /// Suspends those companies of the roster from when the edition comes into force, but for whoever is suspended for good. Returns
    /// how many.
    pub(super) fn suspend_with(
        &self,
        Edition { agency, number }: &Edition,
        absent: &[String],
        suspension: &Suspension,
    ) -> Result<u64, Error> {
        let Suspension { reason, officer, at_unix_ms: now, .. } = suspension;
        let sql = format!(
            concat!(
                "INSERT INTO suspension (agency, number, reason, officer, at, edition) SELECT ?1, number, ?3, ?4, ?5, ?2 \
                 FROM roster WHERE agency = ?1 AND number IN {} AND NOT EXISTS (SELECT 1 FROM suspension \
                 WHERE suspension.agency = ?1 AND suspension.number = roster.number AND card IS NULL AND until_day IS NULL \
                 AND ",
                in_force!("?7"),
                ")"
            ),
            self.listed_in(6)
        );
        let params = params![agency, number, reason, officer, now, list_of(absent), japan::day(*now)];
        self.db.execute(&sql, params).map(|added| added as u64)
    }

    /// Ends the suspensions of those companies that come with the edition. Returns how many.
    pub(super) fn lift_with(
        &self,
        Edition { agency, number }: &Edition,
        present: &[String],
    ) -> Result<u64, Error> {
        let sql = format!(
            "DELETE FROM suspension WHERE agency = ?1 AND edition = ?2 AND number IN {}",
            self.listed_in(3)
        );
        self.db.execute(&sql, params![agency, number, list_of(present)]).map(|ended| ended as u64)
    }

    /// Replaces the company's suspension that was set at `seen`, if that is still the one that
    /// [`Reader::company_suspension`] tells of. Returns whether it was.
    pub fn correct_suspension(
        &self,
        (agency, number): (&str, &str),
        seen: i64,
        suspension: &Suspension,
        days: Days,
    ) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms: now, .. } = suspension;
        let Some((id, _)) = self.governing(agency, number, *now)?.filter(|(_, it)| it.at_unix_ms == seen)
        else {
            return Ok(false);
        };
        self.heed(agency, number)?;
        self.db.execute(
            "UPDATE suspension SET reason = ?, officer = ?, at = ?, from_day = ?, until_day = ?, edition = NULL \
             WHERE id = ?",
            params![reason, officer, now, days.from, days.until, id],
        )?;
        Ok(true)
    }

    /// Lifts the company's suspension that [`Reader::company_suspension`] tells of. Returns whether there was one.
    pub fn lift_company(&self, agency: &str, number: &str, now: i64) -> Result<bool, Error> {
        let Some((id, _)) = self.governing(agency, number, now)? else { return Ok(false) };
        self.heed(agency, number)?;
        Ok(self.db.execute("DELETE FROM suspension WHERE id = ?", params![id])? == 1)
    }

    /// Suspends a card. Returns whether it was not suspended before.
    pub fn suspend_card(
        &self,
        agency: &str,
        number: &str,
        card: i64,
        suspension: &Suspension,
    ) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms, .. } = suspension;
        let added = self.db.execute(
            "INSERT INTO suspension (agency, number, card, reason, officer, at) \
             VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            params![agency, number, card, reason, officer, at_unix_ms],
        )?;
        Ok(added == 1)
    }

    /// Lifts the suspension of a card. Returns whether there was one.
    pub fn lift_card(&self, card: i64) -> Result<bool, Error> {
        Ok(self.db.execute("DELETE FROM suspension WHERE card = ?", params![card])? == 1)
    }

    /// Suspends a card whose 審査 is pending. Returns whether it was not suspended before.
    pub fn suspend_application(&self, application: i64, suspension: &Suspension) -> Result<bool, Error> {
        if self.application_suspension(application)?.is_some() {
            return Ok(false);
        }
        let Suspension { reason, officer, at_unix_ms, .. } = suspension;
        let added = self.db.execute(
            "INSERT INTO application_suspension (application, reason, officer, at) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            params![application, reason, officer, at_unix_ms],
        )?;
        Ok(added == 1)
    }

    /// Lifts the suspension of a card whose 審査 is pending. Returns whether there was one.
    pub fn lift_application(&self, application: i64) -> Result<bool, Error> {
        let removed = self.db.execute(
            concat!("DELETE FROM application_suspension WHERE application IN (", same_card!(), ")"),
            params![application],
        )?;
        Ok(removed > 0)
    }

    /// Suspends an ID. Returns whether it was not suspended before.
    pub fn suspend_account(&self, account: i64, suspension: &Suspension) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms, .. } = suspension;
        let added = self.db.execute(
            "INSERT INTO account_suspension (account, reason, officer, at) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            params![account, reason, officer, at_unix_ms],
        )?;
        Ok(added == 1)
    }

    /// Lifts the suspension of an ID. Returns whether there was one.
    pub fn lift_account(&self, account: i64) -> Result<bool, Error> {
        let removed = self.db.execute(
            concat!("DELETE FROM account_suspension WHERE account IN (", same_id!(), ")"),
            params![account],
        )?;
        Ok(removed > 0)
    }
}

//! Whom a roster's edition that has come into force, or is no longer, has to be told of: worked off after that, in turns with others.
//! How far is noted in the turn that tells, so that a stop in between neither forgets anybody nor tells anybody twice.

use std::collections::{HashMap, HashSet};

use super::{
    Actor, Reader, Renaming, Writer,
    db::params,
    edition::{Edition, Moved, list_of},
};
use crate::error::Error;

/// Clocks of several servers may differ by as much, in milliseconds.
const SKEW: i64 = 10_000;

/// What registered so much later than the edition moved did so by a clock that was ahead, in milliseconds.
const AHEAD: i64 = 86_400_000;

/// How many registered companies are looked at together.
const SLICE: u32 = 250;

/// An edition has moved, and companies are being told.
#[derive(Clone, Debug)]
pub struct Telling {
    pub(super) agency: String,
    pub(super) former: i64,
    pub(super) edition: i64,
    moved_at: i64,
    /// Taken over or undone. `None`: the command line's.
    pub import: Option<i64>,
    officer: String,
    address: String,
    number: String,
}

/// What becomes of a registered company.
#[derive(Clone, Debug)]
pub struct Turned {
    /// 業者番号.
    pub number: String,
    pub renaming: Option<Renaming>,
    /// The edition suspends it, or has until now.
    pub is_suspended: bool,
}

impl Telling {
    /// Who has done it.
    pub fn actor(&self) -> Actor<'_> {
        Actor::officer(&self.agency, &self.officer, &self.address)
    }

    /// Whoever registered after the first and up to the second time did so after the edition had moved.
    pub(super) fn later_ones(&self) -> (i64, i64) {
        (self.moved_at + SKEW, self.moved_at + AHEAD)
    }

    /// Whether what happened then was before the edition moved. Who came later may be another company.
    pub fn was_there(&self, at: i64) -> bool {
        let (after, until) = self.later_ones();
        !(after < at && at <= until)
    }

    /// An import was undone.
    pub fn is_undo(&self) -> bool {
        self.edition < self.former
    }

    /// The later one of both editions: the one whose suspensions they are.
    fn later(&self) -> i64 {
        self.edition.max(self.former)
    }
}

impl Reader<'_> {
    /// What companies of the agency are being told, and how far that is.
    pub fn telling(&self, agency: &str) -> Result<Option<Telling>, Error> {
        self.db.optional(
            "SELECT agency, former, edition, moved_at, import, officer, address, number FROM roster_telling \
             WHERE agency = ?",
            params![agency],
            |row| {
                Ok(Telling {
                    agency: row.get("agency")?,
                    former: row.get("former")?,
                    edition: row.get("edition")?,
                    moved_at: row.get("moved_at")?,
                    import: row.get("import")?,
                    officer: row.get("officer")?,
                    address: row.get("address")?,
                    number: row.get("number")?,
                })
            },
        )
    }

    /// The next companies that registered or applied, in order; none: all have been told.
    pub fn turned_companies(&self, telling: &Telling) -> Result<Vec<Turned>, Error> {
        let agency = &telling.agency;
        let numbers = self.in_use_after(agency, &telling.number, SLICE)?;
        let list = list_of(&numbers);
        let renamings = self.renamings(telling, &self.listed_in(6), &list)?;
        let mut renamings: HashMap<_, _> =
            renamings.into_iter().map(|renaming| (renaming.number.clone(), renaming)).collect();
        let sql = format!(
            "SELECT number FROM suspension WHERE agency = ?1 AND edition = ?2 AND number IN {}",
            self.listed_in(3)
        );
        let suspended: Vec<String> =
            self.db.all(&sql, params![agency, telling.later(), list], |row| row.get(0))?;
        let suspended: HashSet<String> = suspended.into_iter().collect();
        let turned = numbers.into_iter().map(|number| Turned {
            renaming: renamings.remove(&number),
            is_suspended: suspended.contains(&number),
            number,
        });
        Ok(turned.collect())
    }

    /// What the company is still to be told of.
    pub fn pending_renaming(&self, agency: &str, number: &str) -> Result<Option<Renaming>, Error> {
        let Some(telling) = self.telling(agency)? else { return Ok(None) };
        let list = list_of(&[number.to_owned()]);
        Ok(self.renamings(&telling, &self.listed_in(6), &list)?.pop())
    }

    /// What is under way, if the company is still to be told of its suspension or that it has ended.
    pub fn pending_suspension(&self, agency: &str, number: &str) -> Result<Option<Telling>, Error> {
        let Some(telling) = self.telling(agency)?.filter(|telling| *telling.number < *number) else {
            return Ok(None);
        };
        let is_pending = self.db.exists(
            "SELECT 1 FROM suspension WHERE agency = ? AND edition = ? AND number = ?",
            params![agency, telling.later(), number],
        )?;
        Ok(is_pending.then_some(telling))
    }

    /// Companies after that number that registered or applied, in order.
    pub(super) fn in_use_after(&self, agency: &str, after: &str, most: u32) -> Result<Vec<String>, Error> {
        let of = |table: &str| {
            format!(
                "SELECT number FROM (SELECT DISTINCT number FROM {table} WHERE agency = ?1 AND number > ?2 \
                 ORDER BY number LIMIT ?3) AS of_{table}"
            )
        };
        let all = ["company", "account", "card_application"].map(of).join(" UNION ");
        let sql = format!("SELECT number FROM ({all}) AS found ORDER BY number LIMIT ?3");
        self.db.all(&sql, params![agency, after, most], |row| row.get(0))
    }
}

impl Writer<'_> {
    /// Companies are to be told that the edition has moved.
    pub(super) fn tell_of(
        &self,
        moved: Moved,
        import: Option<i64>,
        actor: Actor<'_>,
        now: i64,
    ) -> Result<(), Error> {
        let [agency, officer, address] = actor.parts();
        self.db.execute(
            "INSERT INTO roster_telling (agency, former, edition, moved_at, import, officer, address) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![agency, moved.former, moved.edition, now, import, officer, address],
        )?;
        Ok(())
    }

    /// Everybody up to that company has been told.
    pub fn told_up_to(&self, telling: &mut Telling, number: String) -> Result<(), Error> {
        telling.number = number;
        self.db.execute(
            "UPDATE roster_telling SET number = ? WHERE agency = ?",
            params![telling.number, telling.agency],
        )?;
        Ok(())
    }

    /// Everybody has been told.
    pub fn all_told(&self, telling: &Telling) -> Result<(), Error> {
        self.db.execute("DELETE FROM roster_telling WHERE agency = ?", params![telling.agency])?;
        Ok(())
    }

    /// Forgets the suspension that the company had by an edition that was undone.
    pub fn forget_suspension(&self, telling: &Telling, number: &str) -> Result<(), Error> {
        let edition = Edition { agency: telling.agency.clone(), number: telling.later() };
        self.lift_with(&edition, &[number.to_owned()]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::Db;

    #[test]
    fn of_an_editions_many_suspensions_only_those_looked_for_are_read() {
        let (db, null): (_, Option<i64>) = (Db::in_memory(), None);
        let list = Reader { db: &db }.listed_in(3);
        for statement in ["SELECT number", "DELETE"] {
            let sql = format!(
                "{statement} FROM suspension WHERE agency = ?1 AND edition = ?2 AND number IN {list}"
            );
            let plan = db.plan(&sql, params![null, null, null]);
            assert!(plan.contains("suspension_edition (agency=? AND edition=? AND number=?)"), "{plan}");
        }
    }
}

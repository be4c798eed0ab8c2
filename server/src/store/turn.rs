//! What a day brings by itself.

use std::collections::BTreeMap;

use super::{
    EventKind, QUALIFIED_FROM, QUALIFIED_UNTIL, Reader,
    column::Json,
    db::{Params, params},
    suspension::in_force,
};
use crate::{error::Error, japan};

/// Days, counted from 1970-01-01 in Japan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Up to when all is known.
    pub last: i64,
    pub today: i64,
}

/// Milliseconds of the beginning of a day in Japan.
macro_rules! beginning {
    ($day:literal) => {
        concat!("(", $day, " * 86400000 - 32400000)")
    };
}

/// Those who have registered, or have an ID, with the columns that not every roster has.
const REGISTERED: &str = "SELECT r.number, r.more FROM roster AS r WHERE r.agency = ?1 AND r.number > ?2 \
    AND (EXISTS (SELECT 1 FROM company AS c WHERE c.agency = r.agency AND c.number = r.number) \
    OR EXISTS (SELECT 1 FROM account AS a WHERE a.agency = r.agency AND a.number = r.number \
    AND a.state = 'approved')) ORDER BY r.number LIMIT ?3";

/// How many of them are read at once.
const PAGE: usize = 5_000;

impl Reader<'_> {
    /// The companies of which a suspension or the qualification has begun, or ended, since the last day.
    pub fn turned(&self, agency: &str, days: Turn) -> Result<Vec<(String, EventKind)>, Error> {
        let Turn { last, today } = days;
        let mut turned = Vec::new();
        // One that was set on its first day, or later, was told then.
        self.add(
            &mut turned,
            EventKind::SuspensionBegan,
            concat!(
                "SELECT DISTINCT number FROM suspension WHERE agency = ?1 AND card IS NULL AND from_day > ?2 \
                 AND from_day <= ?3 AND at < ",
                beginning!("from_day"),
                " ORDER BY number"
            ),
            params![agency, last, today],
        )?;
        self.add(
            &mut turned,
            EventKind::SuspensionEnded,
            concat!(
                "SELECT DISTINCT ended.number FROM suspension AS ended WHERE ended.agency = ?1 AND ended.card IS NULL \
                 AND ended.until_day >= ?2 AND ended.until_day < ?3 AND NOT EXISTS (SELECT 1 FROM suspension \
                 WHERE suspension.agency = ended.agency AND suspension.number = ended.number \
                 AND suspension.card IS NULL AND ",
                in_force!("?3"),
                ") ORDER BY ended.number"
            ),
            params![agency, last, today],
        )?;
        let [last, today] = [last, today].map(|day| japan::date(japan::beginning_of(day)));
        self.each_registered(agency, |number, more| {
            // As `RosterRow::validity` reads them.
            let day = |name: &str| {
                more.get(name).filter(|date| japan::day_of(date).is_some()).map_or("", String::as_str)
            };
            let (from, until) = (day(QUALIFIED_FROM), day(QUALIFIED_UNTIL));
            if !from.is_empty() && *last < *from && *from <= *today {
                turned.push((number.to_owned(), EventKind::QualificationBegan));
            }
            if !until.is_empty() && *last <= *until && *until < *today {
                turned.push((number.to_owned(), EventKind::QualificationEnded));
            }
        })?;
        Ok(turned)
    }

    fn each_registered(
        &self,
        agency: &str,
        mut look: impl FnMut(&str, &BTreeMap<String, String>),
    ) -> Result<(), Error> {
        let mut after = String::new();
        loop {
            let page: Vec<(String, Json<BTreeMap<String, String>>)> =
                self.db.all(REGISTERED, params![agency, after, PAGE as i64], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            page.iter().for_each(|(number, Json(more))| look(number, more));
            match page.into_iter().nth(PAGE - 1) {
                Some((last, _)) => after = last,
                None => return Ok(()),
            }
        }
    }

    fn add(
        &self,
        turned: &mut Vec<(String, EventKind)>,
        kind: EventKind,
        sql: &str,
        of: Params<'_>,
    ) -> Result<(), Error> {
        let numbers: Vec<String> = self.db.all(sql, of, |row| row.get(0))?;
        turned.extend(numbers.into_iter().map(|number| (number, kind)));
        Ok(())
    }
}

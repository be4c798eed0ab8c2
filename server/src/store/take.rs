//! Turns a [`Stage`] into the roster's next edition, and undoes the agency's last import: in turns with others, and nobody sees
//! any of it before the last one. If anything fails before that, nothing has happened.

use std::collections::HashSet;

use touroku_proto::officer::company::Suspension;

use super::{
    Actor, Reader, Stage, Staged, Turns, Writer,
    db::params,
    edition::{Edition, Pace, begin_edition, forever, in_force_now, list_of, paced},
    hint::Hint,
    roster::roster_columns,
    stage::{StagedRow, StagedSecret},
    value::Value,
};
use crate::error::Error;

/// Called after each turn with how many rows it had. Tells the time, or why to stop.
pub type Step<'s> = &'s mut dyn FnMut(u64) -> Result<i64, Error>;

/// What a take-over did to the 削除候補.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub removed: u64,
    /// Kept because they have registered or applied, and suspended.
    pub suspended: u64,
    /// The roster's version from now on.
    pub version: i64,
}

/// A take-over whose rows are written.
#[derive(Clone, Debug)]
pub struct NextRoster {
    edition: Edition,
    import: Option<i64>,
    /// Added numbers that have a letter or a permit.
    returning: Vec<String>,
    removed: u64,
    /// Those that the file lacks and that are kept, how they are suspended, and how many were not yet.
    kept: Vec<String>,
    absent: Option<Suspension>,
    suspended: u64,
}

/// An undoing for which everything has been looked at.
#[derive(Clone, Debug)]
pub struct FormerRoster {
    edition: Edition,
    import: i64,
}

/// Whether anything depends on a row of `roster_row`.
const IN_USE: &str = "(EXISTS (SELECT 1 FROM company c WHERE c.agency = ?1 AND c.number = roster_row.number) \
     OR EXISTS (SELECT 1 FROM account a WHERE a.agency = ?1 AND a.number = roster_row.number) \
     OR EXISTS (SELECT 1 FROM card_application p WHERE p.agency = ?1 AND p.number = roster_row.number))";

/// Whether the row `s` is of the edition that undoing brings back.
const FORMER: &str = "s.since <= (SELECT former FROM roster_version WHERE agency = ?1) \
                      AND s.until > (SELECT former FROM roster_version WHERE agency = ?1)";

const WANTED: &str = "SELECT number FROM roster_wanted WHERE agency = ?1";

/// Writes the stage's rows. Nobody sees them. `absent`: what comes to companies that registered or applied and that an import's file
/// lacks, whose other missing companies are removed. `None`: they all stay as they are.
///
/// # Errors
/// [`Error::Busy`] when somebody else writes an edition of the agency's all the while; those of `step`.
pub fn write_next(
    mut turns: impl Turns,
    (agency, import): (&str, Option<i64>),
    stage: &Stage,
    absent: Option<Suspension>,
    step: Step<'_>,
) -> Result<NextRoster, Error> {
    let now = step(0)?;
    let edition = begin_edition(&mut turns, agency, import, &mut || step(0))?;
    let mut next = NextRoster {
        edition,
        import,
        returning: Vec::new(),
        removed: 0,
        kept: Vec::new(),
        absent: absent.filter(|_| import.is_some()),
        suspended: 0,
    };
    let written = write(&mut turns, &mut next, stage, (now, step));
    if written.is_err() {
        // Where this fails, too, whoever sweeps finds out that nobody is at work on it any more.
        let edition = next.edition.clone();
        drop(turns.turn(move |writer| writer.give_up(&edition)));
    }
    written.map(|()| next)
}

fn write(
    turns: &mut impl Turns,
    next: &mut NextRoster,
    stage: &Stage,
    (now, step): (i64, Step<'_>),
) -> Result<(), Error> {
    let (mut pace, mut after) = (Pace::begin(), String::new());
    loop {
        let rows = stage.rows_after(&after, pace.rows())?;
        let Some(last) = rows.last() else { break };
        let secrets = stage.secrets(&after, &last.number)?;
        after.clone_from(&last.number);
        let (edition, import, count, at) = (next.edition.clone(), next.import, rows.len() as u64, step(0)?);
        let returning = paced(turns, &mut pace, move |writer| {
            writer.at_work(&edition, import, at)?;
            for StagedSecret { number, mark, sealed } in &secrets {
                writer.keep_information_password((&edition.agency, number), mark, sealed)?;
            }
            writer.write_rows(&edition, rows, now)
        })?;
        next.returning.extend(returning);
        step(count)?;
    }
    for hint in Hint::ALL {
        let mut after = hint.first();
        loop {
            let hints = stage.hints_after(hint, &after, pace.rows())?;
            let Some(last) = hints.last() else { break };
            after.clone_from(last);
            let (edition, import, at) = (next.edition.clone(), next.import, step(0)?);
            paced(turns, &mut pace, move |writer| {
                writer.at_work(&edition, import, at)?;
                writer.add_hints(&edition.agency, hint, &hints)
            })?;
        }
    }
    let Some(absent) = next.absent.clone() else { return Ok(()) };
    after.clear();
    loop {
        let numbers = stage.missing_after(&after, pace.rows())?;
        let Some(last) = numbers.last() else { break };
        after.clone_from(last);
        let (edition, import, count, at) =
            (next.edition.clone(), next.import, numbers.len() as u64, step(0)?);
        let absent = absent.clone();
        let (removed, kept, suspended) = paced(turns, &mut pace, move |writer| {
            writer.at_work(&edition, import, at)?;
            let (removed, kept) = writer.end_rows(&edition, &numbers)?;
            let suspended = writer.suspend_with(&edition, &kept, &absent)?;
            Ok((removed, kept, suspended))
        })?;
        next.removed += removed;
        next.kept.extend(kept);
        next.suspended += suspended;
        step(count)?;
    }
    Ok(())
}

/// Looks, company by company of those that registered or applied, at whether the agency's last import can be undone. `None`: one that the import added has.
///
/// # Errors
/// As [`write_next`]'s.
pub fn look_back(
    mut turns: impl Turns,
    (agency, import): (&str, i64),
    step: Step<'_>,
) -> Result<Option<FormerRoster>, Error> {
    let edition = begin_edition(&mut turns, agency, Some(import), &mut || step(0))?;
    let former = FormerRoster { edition, import };
    let looked = look(&mut turns, &former, step);
    if !matches!(looked, Ok(true)) {
        let edition = former.edition.clone();
        drop(turns.turn(move |writer| writer.give_up(&edition)));
    }
    Ok(looked?.then_some(former))
}

fn look(turns: &mut impl Turns, former: &FormerRoster, step: Step<'_>) -> Result<bool, Error> {
    let (mut pace, mut after) = (Pace::begin(), String::new());
    loop {
        let (edition, from, most) = (former.edition.clone(), after.clone(), pace.rows());
        let at = step(0)?;
        let numbers = paced(turns, &mut pace, move |writer| {
            writer.at_work(&edition, None, at)?;
            let numbers = writer.in_use_after(&edition.agency, &from, most)?;
            let is_new = writer.has_added(&edition.agency, &writer.listed_in(2), &list_of(&numbers))?;
            Ok((!is_new).then_some(numbers))
        })?;
        let Some(numbers) = numbers else { return Ok(false) };
        let Some(last) = numbers.last() else { return Ok(true) };
        after.clone_from(last);
        step(numbers.len() as u64)?;
    }
}

impl Reader<'_> {
    /// Whether the last import added one of those.
    fn has_added(&self, agency: &str, among: &str, list: &str) -> Result<bool, Error> {
        let sql = format!(
            "SELECT 1 FROM roster AS r WHERE r.agency = ?1 AND r.number IN {among} \
             AND NOT EXISTS (SELECT 1 FROM roster_row AS s WHERE s.agency = ?1 AND s.number = r.number AND {FORMER}) \
             LIMIT 1"
        );
        self.db.exists(&sql, params![agency, list])
    }
}

impl Writer<'_> {
    /// Returns which added numbers have a letter or a permit.
    fn write_rows(
        &self,
        Edition { agency, number: since }: &Edition,
        rows: Vec<StagedRow>,
        now: i64,
    ) -> Result<Vec<String>, Error> {
        let numbers = |kind: Staged| {
            let of_kind = rows.iter().filter(move |row| row.kind == kind.code());
            list_of(&of_kind.map(|row| row.number.clone()).collect::<Vec<_>>())
        };
        let (added, changed) = (numbers(Staged::Added), numbers(Staged::Changed));
        let columns: Vec<String> = concat!("agency, number, since, imported_at, ", roster_columns!())
            .split(", ")
            .map(str::to_owned)
            .collect();
        self.db.load("roster_row", &columns, &mut |put| {
            for row in &rows {
                let mut values = vec![
                    Value::Text(agency.into()),
                    Value::Text((&row.number).into()),
                    Value::Integer(*since),
                    Value::Integer(now),
                ];
                values.extend(row.values.iter().cloned());
                put(&values)?;
            }
            Ok(())
        })?;
        let end = format!(
            concat!(
                "UPDATE roster_row SET until = ?2 WHERE agency = ?1 AND number IN {} AND ",
                in_force_now!()
            ),
            self.listed_in(3)
        );
        self.db.execute(&end, params![agency, since, changed])?;
        // A number that comes back may be another company's: an old letter must not open it, nor an old permit hold.
        let listed = self.listed_in(2);
        let returning = format!(
            "SELECT number FROM issued_number WHERE agency = ?1 AND number IN {listed} \
             UNION SELECT number FROM permit WHERE agency = ?1 AND number IN {listed}"
        );
        self.db.all(&returning, params![agency, added], |row| row.get(0))
    }

    /// Ends the rows on which nothing depends. Returns how many, and which not.
    fn end_rows(
        &self,
        Edition { agency, number }: &Edition,
        missing: &[String],
    ) -> Result<(u64, Vec<String>), Error> {
        let (list, listed) = (list_of(missing), self.listed_in(3));
        let end = format!(
            concat!(
                "UPDATE roster_row SET until = ?2 WHERE agency = ?1 AND number IN {} AND ",
                in_force_now!(),
                " AND NOT {}"
            ),
            listed, IN_USE
        );
        let removed = self.db.execute(&end, params![agency, number, list])?;
        let kept = format!(
            concat!(
                "SELECT number FROM roster_row WHERE agency = ?1 AND until <> ?2 AND number IN {} AND ",
                in_force_now!(),
                " ORDER BY number"
            ),
            listed
        );
        Ok((removed as u64, self.db.all(&kept, params![agency, number, list], |row| row.get(0))?))
    }

    /// Puts the next roster in force. Whom it renames or suspends is still to be told.
    ///
    /// # Errors
    /// `wrong_state` when its edition was taken away: others had not seen anybody at work on it for long.
    pub fn take_next(&self, next: &NextRoster, actor: Actor<'_>, now: i64) -> Result<Taken, Error> {
        let Edition { agency, number } = &next.edition;
        // Whoever came meanwhile stays.
        let restored: Vec<String> = self.db.all(
            &format!(
                concat!(
                    "UPDATE roster_row SET until = ",
                    forever!(),
                    " WHERE agency = ?1 AND until = ?2 AND number IN ({}) AND {} AND NOT EXISTS (SELECT 1 \
                     FROM roster_row AS s WHERE s.agency = ?1 AND s.number = roster_row.number AND s.since = ?2) \
                     RETURNING number"
                ),
                WANTED, IN_USE
            ),
            params![agency, number],
            |row| row.get(0),
        )?;
        let removed = next.removed.saturating_sub(restored.len() as u64);
        let suspended = self.suspend_late(next, restored)?;
        for forget in ["issued_number", "permit"] {
            let sql = format!("DELETE FROM {forget} WHERE agency = ?1 AND number IN {}", self.listed_in(2));
            self.db.execute(&sql, params![agency, list_of(&next.returning)])?;
        }
        let moved = self.publish(&next.edition, next.import.is_some())?;
        self.tell_of(moved, next.import, actor, now)?;
        if removed > 0 {
            self.forget_selected(agency)?;
        }
        Ok(Taken { removed, suspended, version: moved.version })
    }

    /// Suspends those that came meanwhile, and looks again at those that an officer has suspended or let go meanwhile. Returns how
    /// many companies the edition suspends.
    fn suspend_late(&self, next: &NextRoster, restored: Vec<String>) -> Result<u64, Error> {
        let Some(absent) = &next.absent else { return Ok(0) };
        let wanted: Vec<String> = self.db.all(WANTED, params![next.edition.agency], |row| row.get(0))?;
        let wanted: HashSet<String> = wanted.into_iter().collect();
        let kept = next.kept.iter().filter(|number| wanted.contains(*number)).cloned();
        let late: Vec<String> = kept.chain(restored).collect();
        let before = self.lift_with(&next.edition, &late)?;
        Ok(next.suspended - before + self.suspend_with(&next.edition, &late, absent)?)
    }

    /// Contractors who had found a company no longer in the roster must search again.
    fn forget_selected(&self, agency: &str) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET number = NULL, occasion = NULL WHERE agency = ?1 AND number IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM roster r WHERE r.agency = ?1 AND r.number = session.number)",
            params![agency],
        )?;
        Ok(())
    }

    /// The import takes effect; the roster has that version from now on.
    pub fn import_taken(&self, import: i64, roster_version: i64, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE import SET state = 'taken', taken_at = ?2, touched_at = ?2, roster_version = ?3, \
             done = size WHERE id = ?1",
            params![import, now, roster_version],
        )?;
        self.clear_import_pieces()
    }

    /// Undoes the import: what it added is removed, what it changed, removed or suspended is restored. Whom that concerns
    /// is still to be told. `false`, and nothing is done: a company it added has registered or applied.
    ///
    /// # Errors
    /// As [`take_next`](Self::take_next)'s.
    pub fn take_former(&self, former: &FormerRoster, actor: Actor<'_>, now: i64) -> Result<bool, Error> {
        let (Edition { agency, .. }, import) = (&former.edition, former.import);
        if self.has_added(agency, &format!("({WANTED})"), "")? {
            return Ok(false);
        }
        let moved = self.bring_back(&former.edition)?;
        self.tell_of(moved, Some(import), actor, now)?;
        self.forget_selected(agency)?;
        self.db.execute("UPDATE import SET state = 'undone' WHERE id = ?", params![import])?;
        Ok(true)
    }
}

impl NextRoster {
    pub fn edition(&self) -> &Edition {
        &self.edition
    }
}

impl FormerRoster {
    pub fn edition(&self) -> &Edition {
        &self.edition
    }
}

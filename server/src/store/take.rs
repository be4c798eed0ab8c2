//! Turns a [`Stage`] into the roster's next edition, and undoes the agency's last import: in turns with others, and nobody sees
//! any of it before the last one. If anything fails before that, nothing has happened.

use super::{
    Reader, Renaming, Stage, Staged, Turns, Writer,
    db::params,
    edition::{Edition, Pace, begin_edition, forever, in_force_now, list_of, paced},
    hint::Hint,
    renaming::{FORMER, NEXT, WANTED},
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
    /// 業者番号 of those kept because they have registered or applied.
    pub kept: Vec<String>,
    /// The roster's version from now on.
    pub version: i64,
}

/// A take-over whose rows are written.
#[derive(Clone, Debug)]
pub struct NextRoster {
    edition: Edition,
    import: Option<i64>,
    found: Findings,
    removed: u64,
    kept: Vec<String>,
}

/// An undoing for which everything has been looked at.
#[derive(Clone, Debug)]
pub struct FormerRoster {
    edition: Edition,
    import: i64,
    found: Findings,
}

/// What the last turn has to know of the rows.
#[derive(Clone, Debug, Default)]
struct Findings {
    renamings: Vec<Renaming>,
    /// Added numbers that have a letter or a permit.
    returning: Vec<String>,
}

/// Whether anything depends on a row of `roster_row`.
const IN_USE: &str = "(EXISTS (SELECT 1 FROM company c WHERE c.agency = ?1 AND c.number = roster_row.number) \
     OR EXISTS (SELECT 1 FROM account a WHERE a.agency = ?1 AND a.number = roster_row.number) \
     OR EXISTS (SELECT 1 FROM card_application p WHERE p.agency = ?1 AND p.number = roster_row.number))";

/// Writes the stage's rows. Nobody sees them.
///
/// # Errors
/// [`Error::Busy`] when somebody else writes an edition of the agency's all the while; those of `step`.
pub fn write_next(
    mut turns: impl Turns,
    (agency, import): (&str, Option<i64>),
    stage: &Stage,
    remove_missing: bool,
    step: Step<'_>,
) -> Result<NextRoster, Error> {
    let now = step(0)?;
    let edition = begin_edition(&mut turns, agency, import, &mut || step(0))?;
    let mut next = NextRoster { edition, import, found: Findings::default(), removed: 0, kept: Vec::new() };
    let written = write(&mut turns, &mut next, stage, remove_missing, (now, step));
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
    remove_missing: bool,
    (now, step): (i64, Step<'_>),
) -> Result<(), Error> {
    let (mut pace, mut after) = (Pace::begin(), String::new());
    loop {
        let rows = stage.rows_after(&after, pace.rows())?;
        let Some(last) = rows.last() else { break };
        let secrets = stage.secrets(&after, &last.number)?;
        after.clone_from(&last.number);
        let (edition, import, count, at) = (next.edition.clone(), next.import, rows.len() as u64, step(0)?);
        let found = paced(turns, &mut pace, move |writer| {
            writer.at_work(&edition, import, at)?;
            for StagedSecret { number, mark, sealed } in &secrets {
                writer.keep_information_password((&edition.agency, number), mark, sealed)?;
            }
            writer.write_rows(&edition, rows, now)
        })?;
        next.found.renamings.extend(found.renamings);
        next.found.returning.extend(found.returning);
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
    if !remove_missing || next.import.is_none() {
        return Ok(());
    }
    after.clear();
    loop {
        let numbers = stage.missing_after(&after, pace.rows())?;
        let Some(last) = numbers.last() else { break };
        after.clone_from(last);
        let (edition, import, count, at) =
            (next.edition.clone(), next.import, numbers.len() as u64, step(0)?);
        let (removed, kept) = paced(turns, &mut pace, move |writer| {
            writer.at_work(&edition, import, at)?;
            writer.end_rows(&edition, &numbers)
        })?;
        next.removed += removed;
        next.kept.extend(kept);
        step(count)?;
    }
    Ok(())
}

/// Looks at everything that undoing the agency's last import depends on, company by company of those that registered or
/// applied. `None`: one that the import added has.
///
/// # Errors
/// As [`write_next`]'s.
pub fn look_back(
    mut turns: impl Turns,
    (agency, import): (&str, i64),
    step: Step<'_>,
) -> Result<Option<FormerRoster>, Error> {
    let edition = begin_edition(&mut turns, agency, Some(import), &mut || step(0))?;
    let mut former = FormerRoster { edition, import, found: Findings::default() };
    let looked = look(&mut turns, &mut former, step);
    if !matches!(looked, Ok(true)) {
        let edition = former.edition.clone();
        drop(turns.turn(move |writer| writer.give_up(&edition)));
    }
    Ok(looked?.then_some(former))
}

fn look(turns: &mut impl Turns, former: &mut FormerRoster, step: Step<'_>) -> Result<bool, Error> {
    let (mut pace, mut after) = (Pace::begin(), String::new());
    loop {
        let (edition, from, most) = (former.edition.clone(), after.clone(), pace.rows());
        let at = step(0)?;
        let (numbers, renamings) = paced(turns, &mut pace, move |writer| {
            writer.at_work(&edition, None, at)?;
            let numbers = writer.in_use_after(&edition.agency, &from, most)?;
            let list = list_of(&numbers);
            if writer.has_added(&edition, &writer.listed_in(3), &list)? {
                return Ok((None, Vec::new()));
            }
            Ok((Some(numbers), writer.renamings(&edition, FORMER, &writer.listed_in(3), &list)?))
        })?;
        let Some(numbers) = numbers else { return Ok(false) };
        former.found.renamings.extend(renamings);
        let Some(last) = numbers.last() else { return Ok(true) };
        after.clone_from(last);
        step(numbers.len() as u64)?;
    }
}

impl Reader<'_> {
    /// Whom the next roster renames.
    pub fn next_renamings(&self, next: &NextRoster) -> Result<Vec<Renaming>, Error> {
        self.all_renamings(&next.edition, &next.found.renamings, NEXT)
    }

    /// Whom undoing renames.
    pub fn former_renamings(&self, former: &FormerRoster) -> Result<Vec<Renaming>, Error> {
        self.all_renamings(&former.edition, &former.found.renamings, FORMER)
    }

    /// Companies after that number that registered or applied, in order.
    fn in_use_after(&self, agency: &str, after: &str, most: u32) -> Result<Vec<String>, Error> {
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

    /// Whether the last import added one of those.
    fn has_added(
        &self,
        Edition { agency, number }: &Edition,
        among: &str,
        list: &str,
    ) -> Result<bool, Error> {
        let sql = format!(
            "SELECT 1 FROM roster AS r WHERE r.agency = ?1 AND r.number IN {among} \
             AND NOT EXISTS (SELECT 1 FROM roster_row AS s WHERE s.agency = ?1 AND s.number = r.number AND {FORMER}) \
             LIMIT 1"
        );
        self.db.exists(&sql, params![agency, number, list])
    }
}

impl Writer<'_> {
    fn write_rows(&self, edition: &Edition, rows: Vec<StagedRow>, now: i64) -> Result<Findings, Error> {
        let Edition { agency, number: since } = edition;
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
        Ok(Findings {
            renamings: self.renamings(edition, NEXT, &self.listed_in(3), &changed)?,
            returning: self.db.all(&returning, params![agency, added], |row| row.get(0))?,
        })
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

    /// Puts the next roster in force.
    ///
    /// # Errors
    /// `wrong_state` when its edition was taken away: others had not seen anybody at work on it for long.
    pub fn take_next(&self, next: &NextRoster) -> Result<Taken, Error> {
        let Edition { agency, number } = &next.edition;
        // Whoever came meanwhile stays.
        let restored: Vec<String> = self.db.all(
            &format!(
                concat!(
                    "UPDATE roster_row SET until = ",
                    forever!(),
                    " WHERE agency = ?1 AND until = ?2 AND number IN {} AND NOT EXISTS (SELECT 1 FROM roster_row AS s \
                     WHERE s.agency = ?1 AND s.number = roster_row.number AND {}) RETURNING number"
                ),
                WANTED, NEXT
            ),
            params![agency, number],
            |row| row.get(0),
        )?;
        for forget in ["issued_number", "permit"] {
            let sql = format!("DELETE FROM {forget} WHERE agency = ?1 AND number IN {}", self.listed_in(2));
            self.db.execute(&sql, params![agency, list_of(&next.found.returning)])?;
        }
        // An older import can no longer be undone.
        self.db.execute(
            "DELETE FROM import_suspended WHERE import IN (SELECT id FROM import WHERE agency = ?)",
            params![agency],
        )?;
        let version = self.publish(&next.edition, next.import.is_some())?;
        let removed = next.removed.saturating_sub(restored.len() as u64);
        if removed > 0 {
            self.forget_selected(agency)?;
        }
        let mut kept = [next.kept.as_slice(), &restored].concat();
        kept.sort();
        Ok(Taken { removed, kept, version })
    }

    /// Records that the import suspended a company, so that undoing it lifts the suspension.
    pub fn note_suspended(&self, import: i64, number: &str) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO import_suspended (import, number) VALUES (?, ?)",
            params![import, number],
        )?;
        Ok(())
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

    /// Undoes the import: what it added is removed, what it changed, removed or suspended is restored. Returns whose suspension
    /// ended. `None`, and nothing is done: a company it added has registered or applied.
    ///
    /// # Errors
    /// As [`take_next`](Self::take_next)'s.
    pub fn take_former(&self, former: &FormerRoster) -> Result<Option<Vec<String>>, Error> {
        let (Edition { agency, .. }, import) = (&former.edition, former.import);
        if self.has_added(&former.edition, WANTED, "")? {
            return Ok(None);
        }
        // A suspension that an officer lifted and set again since belongs to that officer.
        let lifted: Vec<String> = self.db.all(
            "DELETE FROM suspension WHERE agency = ?1 AND card IS NULL AND number IN (SELECT number FROM \
             import_suspended WHERE import = ?2) AND at = (SELECT taken_at FROM import \
             WHERE id = ?2) RETURNING number",
            params![agency, import],
            |row| row.get(0),
        )?;
        self.bring_back(&former.edition)?;
        self.db.execute("DELETE FROM import_suspended WHERE import = ?", params![import])?;
        self.forget_selected(agency)?;
        self.db.execute("UPDATE import SET state = 'undone' WHERE id = ?", params![import])?;
        Ok(Some(lifted))
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

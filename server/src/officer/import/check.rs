//! The dry run of an import in the console.

use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{Found, ImportRow, ImportState, RowKind},
};

use super::{job::Job, shown::Shown};
use crate::{
    error::Error,
    roster::{Choice, Columns, Header, Listener, RosterFile, check, describe, fill_samples, fingerprint},
    store::{Exclusive, Import, RosterSnapshot, clear_import_rows},
};

/// The rating of a header that an officer has mapped before, above all others.
const EXPLAINED: usize = 1_000;

/// Runs it to its end, or until the server stops.
pub(super) fn run(job: &Job) -> Result<(), Error> {
    let mut database = Exclusive::open(&job.database)?;
    let agency = &job.profile.code;
    // Cancelled, or processed by another instance, while this one waited for the file.
    let Some(import) = database
        .read(|reader| reader.import(agency, job.id))?
        .filter(|import| import.state == ImportState::Checking)
    else {
        return Ok(());
    };
    job.spool.remove_stage(job.id);
    clear_import_rows(&mut database, job.id)?;
    let snapshot = RosterSnapshot::open(&job.database)?;
    let version = snapshot.reader().roster_version(agency)?;
    let Opened { mut file, mut found, problem } = open(job, &import, &snapshot)?;
    if let Some(problem) = problem {
        fill_samples(&mut found, &file.first_cells()?);
        let problem = format!(
            "{problem}。見出しの行を選び直すか、それぞれの列を何として読むか、選んでください。見出しの行がないときは、\
             見出しの行を加えたファイルを選び直してください。"
        );
        let now = job.outside.now();
        database.write(|writer| writer.import_checked(job.id, ("", &found), &problem, version, now))?;
        return Ok(());
    }

    let mut heard = Heard { job, size: import.size, shown: Shown::new(&mut database, job.id) };
    let finished =
        check(&mut file, &job.profile, &snapshot, &job.spool.stage(job.id), found, &mut heard, job.vault())
            .and_then(|found| heard.shown.flush().map(|()| found));
    let now = job.outside.now();
    let is_wanted = match finished {
        Ok(found) => {
            let dry_run = hex::encode(job.outside.random::<8>());
            job.imports.set_stage(job.id, &dry_run);
            database.write(|writer| writer.import_checked(job.id, (&dry_run, &found), "", version, now))?
        }
        Err(Error::Refused(ApiErrorCode::WrongState)) => false,
        // The next start begins again.
        Err(Error::Busy) if job.imports.is_stopping() => return Ok(()),
        Err(error) => return Err(error),
    };
    if !is_wanted {
        // Cancelled; or another server was faster, whose rows these are then.
        let state = database.read(|reader| reader.import(agency, job.id))?.map(|import| import.state);
        if !matches!(state, Some(ImportState::Checked | ImportState::Taking | ImportState::Taken)) {
            clear_import_rows(&mut database, job.id)?;
            job.spool.remove(job.id);
        }
    }
    Ok(())
}

/// Makes the stage of a dry run that ended elsewhere.
///
/// # Errors
/// `stale` when it finds anything else than that one did.
pub(super) fn stage(job: &Job) -> Result<(), Error> {
    let agency = &job.profile.code;
    let snapshot = RosterSnapshot::open(&job.database)?;
    let import = snapshot.reader().import(agency, job.id)?.ok_or(ApiErrorCode::NotFound)?;
    job.spool.remove_stage(job.id);
    let Opened { mut file, found, .. } = open(job, &import, &snapshot)?;
    let mut again = Again { job, database: Exclusive::open(&job.database)? };
    let found =
        check(&mut file, &job.profile, &snapshot, &job.spool.stage(job.id), found, &mut again, job.vault())?;
    let is_same = snapshot.reader().roster_version(agency)? == import.roster_version
        && import.found.is_some_and(|before| before == found);
    if is_same { Ok(()) } else { Err(ApiErrorCode::Stale.into()) }
}

/// An upload, as the officer chose to read it.
struct Opened {
    file: RosterFile,
    found: Found,
    /// Why its columns can't be read.
    problem: Option<String>,
}

fn open(job: &Job, import: &Import, snapshot: &RosterSnapshot) -> Result<Opened, Error> {
    let agency = &job.profile.code;
    let explained = |titles: &[String]| {
        let names = snapshot.reader().remembered_columns(agency, &fingerprint(titles))?;
        Ok::<_, Error>(names.and_then(|names| Columns::named(titles, &names, &job.profile)))
    };
    let choice = Choice {
        sheet: import.sheet.clone(),
        row: import.header_row.and_then(|row| usize::try_from(row).ok()),
    };
    let (file, header) = Header::open(&job.spool.upload(job.id), job.spool.folder(), &choice, &|titles| {
        let bonus = if explained(titles)?.is_some() { EXPLAINED } else { 0 };
        Ok(Columns::rate(titles, &job.profile) + bonus)
    })?;
    let columns =
        explained(&header.titles)?.unwrap_or_else(|| Columns::recognise(&header.titles, &job.profile));
    let problem = columns.check().err();
    let found = describe(&header, &columns);
    Ok(Opened { file: RosterFile::with(file, &header, columns), found, problem })
}

/// Shows nothing: the officer has seen the rows.
struct Again<'a> {
    job: &'a Job,
    database: Exclusive,
}

impl Listener for Again<'_> {
    fn is_full(&self, _kind: RowKind) -> bool {
        true
    }

    fn add(&mut self, _kind: RowKind, _row: ImportRow) -> Result<(), Error> {
        Ok(())
    }

    fn at(&mut self, _done: u64, _of: u64) -> Result<(), Error> {
        let Self { job, database } = self;
        if job.imports.is_stopping() {
            return Err(Error::Busy);
        }
        let is_wanted = database.write(|writer| writer.touch_import(job.id, job.outside.now()))?;
        if is_wanted { Ok(()) } else { Err(ApiErrorCode::WrongState.into()) }
    }
}

/// Stores the rows shown, and the dry run's progress.
struct Heard<'a> {
    job: &'a Job,
    /// Of the upload, which progress refers to; a workbook's text is longer.
    size: u64,
    shown: Shown<'a>,
}

impl Listener for Heard<'_> {
    fn is_full(&self, kind: RowKind) -> bool {
        self.shown.is_full(kind)
    }

    fn add(&mut self, kind: RowKind, row: ImportRow) -> Result<(), Error> {
        self.shown.add(kind, row)
    }

    fn at(&mut self, done: u64, of: u64) -> Result<(), Error> {
        if self.job.imports.is_stopping() {
            return Err(Error::Busy);
        }
        let share = u128::from(done) * u128::from(self.size) / u128::from(of.max(1));
        let is_wanted =
            self.shown.report(u64::try_from(share).unwrap_or(self.size), self.job.outside.now())?;
        if is_wanted { Ok(()) } else { Err(ApiErrorCode::WrongState.into()) }
    }
}

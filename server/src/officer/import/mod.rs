//! 業者情報取込. An upload waits in a folder beside the database, is checked in the background, and taken over as
//! a whole.
//!
//! The state of each import is in the database; running work holds a lock on its file. So interrupted work
//! can be told from running work, by another instance too, and [`resume`] continues it.

pub(crate) mod at_work;
mod check;
mod columns;
mod files;
mod job;
mod shown;
mod spool;
mod take;
mod taking;
mod upload;
mod work;

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{ImportRows, ImportState, ImportView, RowKind},
};

use self::spool::Spool;
pub use self::{
    at_work::Imports,
    columns::{fields, map_columns},
    files::{media_type, problems, template},
    take::{sweep_rosters, take, undo},
    upload::{add_piece, begin, cancel},
    work::{resume, resume_abandoned, tidy},
};
use super::Acting;
use crate::{
    app::App,
    error::Error,
    store::{Import, Reader},
};

const MAX_LISTED: u32 = 50;

const PAGE: u32 = 100;

/// Runs a step to its end even if the browser disconnects: an import's state and its worker belong together.
async fn to_its_end(
    step: impl Future<Output = Result<ImportView, Error>> + Send + 'static,
) -> Result<ImportView, Error> {
    tokio::spawn(step).await.unwrap_or(Err(Error::Defect("a step of an import panicked")))
}

/// The agency's latest imports, newest first.
pub async fn list(app: &App, acting: &Acting) -> Result<Vec<ImportView>, Error> {
    let agency = acting.agency().to_owned();
    let imports = Arc::clone(&app.imports);
    app.store
        .read(move |reader| {
            let found = reader.imports(&agency, MAX_LISTED)?;
            found.into_iter().map(|import| show(reader, &imports, import)).collect()
        })
        .await
}

pub async fn view(app: &App, acting: &Acting, id: i64) -> Result<ImportView, Error> {
    let agency = acting.agency().to_owned();
    let imports = Arc::clone(&app.imports);
    app.store
        .read(move |reader| {
            let import = reader.import(&agency, id)?.ok_or(ApiErrorCode::NotFound)?;
            show(reader, &imports, import)
        })
        .await
}

/// The import, in that state, of the roster as it is now: nothing has changed that since its dry run, or since it was taken over.
///
/// # Errors
/// `not_found`; `wrong_state`; `stale`.
fn last_change(reader: &Reader<'_>, acting: &Acting, id: i64, state: ImportState) -> Result<Import, Error> {
    let import = reader.import(acting.agency(), id)?.ok_or(ApiErrorCode::NotFound)?;
    if import.state != state {
        return Err(ApiErrorCode::WrongState.into());
    }
    if reader.roster_version(acting.agency())? != import.roster_version {
        return Err(ApiErrorCode::Stale.into());
    }
    Ok(import)
}

/// A page of the rows that the dry run shows.
pub async fn rows(
    app: &App,
    acting: &Acting,
    id: i64,
    kind: RowKind,
    after: i64,
) -> Result<ImportRows, Error> {
    let agency = acting.agency().to_owned();
    app.store
        .read(move |reader| {
            reader.import(&agency, id)?.ok_or(ApiErrorCode::NotFound)?;
            let mut rows = reader.import_rows(id, kind, after, PAGE + 1)?;
            let more = rows.len() > PAGE as usize;
            rows.truncate(PAGE as usize);
            let next = if more { rows.last().map(|(place, _)| *place) } else { None };
            Ok(ImportRows { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
        })
        .await
}

fn show(reader: &Reader<'_>, imports: &Imports, mut import: Import) -> Result<ImportView, Error> {
    // A settled import can no longer be mapped differently.
    if import.state != ImportState::Checked
        && let Some(found) = &mut import.found
    {
        found.head.clear();
    }
    let can_undo = import.state == ImportState::Taken
        && reader.roster_version(&import.agency)? == import.roster_version
        && !reader.is_taking(&import.agency)?;
    let done = imports.done(import.id).unwrap_or(import.done);
    Ok(ImportView {
        id: import.id,
        file_name: import.file_name,
        size: import.size,
        received: import.received,
        state: import.state,
        done: done.min(import.size),
        problem: import.problem,
        found: import.found,
        officer: import.officer,
        began_unix_ms: import.began_at,
        taken_unix_ms: import.taken_at,
        can_undo,
    })
}

//! From nothing to a complete file in the spool, and cancelling.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, subject_of_import},
        import::{BeginImport, ImportState, ImportView, MAX_FILE},
    },
    text,
};

use super::{Spool, to_its_end, view, work};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{Import, NewImport},
};

/// The longest file name kept, in characters.
const MAX_NAME: usize = 200;

/// Begins an upload.
///
/// # Errors
/// `payload_too_large`, `import_running`.
pub async fn begin(app: &Arc<App>, acting: &Acting, request: BeginImport) -> Result<ImportView, Error> {
    if request.size > MAX_FILE {
        return Err(ApiErrorCode::PayloadTooLarge.into());
    }
    Spool::of(app.store.path()).make()?;
    let new = NewImport {
        file_name: name(&request.file_name),
        size: request.size,
        officer: acting.officer.officer,
    };
    let (who, now) = (acting.clone(), app.outside.now());
    let id = app
        .store
        .write(move |writer| {
            let id = writer.begin_import(who.agency(), &new, now)?.ok_or(ApiErrorCode::ImportRunning)?;
            who.record(
                writer,
                AuditAction::ImportBegun,
                &subject_of_import(id),
                &Detail::Bytes(new.size),
                now,
            )?;
            if new.size == 0 {
                writer.import_failed(id, "ファイルが空です。名簿のファイルを選び直してください。", now)?;
            }
            Ok(id)
        })
        .await?;
    view(app, acting, id).await
}

/// Adds a piece at its offset; one for another offset changes nothing. The last one starts the dry run.
///
/// # Errors
/// `not_found`; `payload_too_large` for more bytes than were announced.
pub async fn add_piece(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    offset: u64,
    piece: Vec<u8>,
) -> Result<ImportView, Error> {
    let (app, acting) = (Arc::clone(app), acting.clone());
    to_its_end(async move { add_whole(&app, &acting, id, offset, piece).await }).await
}

async fn add_whole(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    offset: u64,
    piece: Vec<u8>,
) -> Result<ImportView, Error> {
    let spool = Spool::of(app.store.path());
    let import = find(app, acting, id).await?;
    let is_due = |import: &Import| import.state == ImportState::Uploading && import.received == offset;
    if !is_due(&import) || piece.is_empty() {
        return view(app, acting, id).await;
    }
    let end = offset + piece.len() as u64;
    if end > import.size {
        return Err(ApiErrorCode::PayloadTooLarge.into());
    }
    let Some(mut file) = spool.hold(id)? else {
        // The same piece, sent again while the first is still being written.
        return view(app, acting, id).await;
    };
    // Read again: before the file was locked, somebody else may have written this piece.
    if !is_due(&find(app, acting, id).await?) {
        return view(app, acting, id).await;
    }
    let held = tokio::task::spawn_blocking(move || {
        spool.write(id, &mut file, offset, &piece)?;
        Ok::<_, Error>(file)
    })
    .await
    .map_err(|_| Error::Defect("writing a piece of an upload panicked"))??;
    let now = app.outside.now();
    let whole = end == import.size;
    app.store
        .write(move |writer| {
            if writer.import_received(id, offset, end, now)? && whole {
                writer.move_import(id, ImportState::Uploading, ImportState::Checking, now)?;
            }
            Ok(())
        })
        .await?;
    drop(held);
    if whole {
        work::check(app, acting.agency(), id)?;
    }
    view(app, acting, id).await
}

/// Cancels an import that was not taken over.
///
/// # Errors
/// `not_found`; `wrong_state` when it is settled or being taken over.
pub async fn cancel(app: &Arc<App>, acting: &Acting, id: i64) -> Result<ImportView, Error> {
    find(app, acting, id).await?;
    let (who, now) = (acting.clone(), app.outside.now());
    app.store
        .write(move |writer| {
            let states = [ImportState::Uploading, ImportState::Checking, ImportState::Checked];
            for state in states {
                if writer.move_import(id, state, ImportState::Cancelled, now)? {
                    writer.clear_import_rows(id)?;
                    return who.record(
                        writer,
                        AuditAction::ImportCancelled,
                        &subject_of_import(id),
                        &Detail::None,
                        now,
                    );
                }
            }
            Err(ApiErrorCode::WrongState.into())
        })
        .await?;
    Spool::of(app.store.path()).remove(id);
    view(app, acting, id).await
}

pub(super) async fn find(app: &App, acting: &Acting, id: i64) -> Result<Import, Error> {
    let agency = acting.agency().to_owned();
    let found = app.store.read(move |reader| reader.import(&agency, id)).await?;
    found.ok_or(Error::Refused(ApiErrorCode::NotFound))
}

/// Without the directories that some browsers send, and as one line.
fn name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|&c| !text::is_forbidden(c)).take(MAX_NAME).collect()
}

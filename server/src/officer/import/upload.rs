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

use super::{Spool, to_its_end, view, work, work::clear_old_rows};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{Import, NewImport, Writer},
};

/// What pieces in the database are sealed for: rosters contain issued passwords.
pub(super) const PIECE: &str = "a piece of an upload";

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
    clear_old_rows(app).await;
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
    let import = find(app, acting, id).await?;
    if !is_due(&import, offset) || piece.is_empty() {
        return view(app, acting, id).await;
    }
    let end = offset + piece.len() as u64;
    if end > import.size {
        return Err(ApiErrorCode::PayloadTooLarge.into());
    }
    let is_last = end == import.size;
    let piece = Piece { id, from: offset, bytes: piece, is_last };
    let is_first = if app.store.location().is_server() {
        let now = app.outside.now();
        let sealed = app.key.seal(PIECE, &piece.bytes, &app.outside)?;
        let kept = move |writer: &Writer<'_>| {
            let is_first = piece.arrived(writer, now)?;
            if is_first {
                writer.add_import_piece(id, piece.from, &sealed)?;
            }
            Ok(is_first)
        };
        app.store.write(kept).await?
    } else {
        add_to_file(app, acting, piece).await?
    };
    if is_first && is_last {
        work::check(app, acting.agency(), id)?;
    }
    view(app, acting, id).await
}

/// Of an upload.
struct Piece {
    id: i64,
    /// Where in the file it begins.
    from: u64,
    bytes: Vec<u8>,
    is_last: bool,
}

impl Piece {
    /// Notes that it arrived, and moves on after the last one. `false`: somebody else was faster.
    fn arrived(&self, writer: &Writer<'_>, now: i64) -> Result<bool, Error> {
        let to = self.from + self.bytes.len() as u64;
        let is_first = writer.import_received(self.id, self.from, to, now)?;
        if is_first && self.is_last {
            writer.move_import(self.id, ImportState::Uploading, ImportState::Checking, now)?;
        }
        Ok(is_first)
    }
}

/// Adds a piece to the file beside the database. `false`: somebody else was faster.
async fn add_to_file(app: &App, acting: &Acting, piece: Piece) -> Result<bool, Error> {
    let spool = Spool::of(app.store.path());
    let Some(mut file) = spool.hold(piece.id)? else {
        // The same piece, sent again while the first is still being written.
        return Ok(false);
    };
    // Read again: before the file was locked, somebody else may have written this piece.
    if !is_due(&find(app, acting, piece.id).await?, piece.from) {
        return Ok(false);
    }
    let (held, piece) = tokio::task::spawn_blocking(move || {
        spool.write(piece.id, &mut file, piece.from, &piece.bytes)?;
        Ok::<_, Error>((file, piece))
    })
    .await
    .map_err(|_| Error::Defect("writing a piece of an upload panicked"))??;
    let now = app.outside.now();
    app.store.write(move |writer| piece.arrived(writer, now)).await?;
    drop(held);
    Ok(true)
}

fn is_due(import: &Import, offset: u64) -> bool {
    import.state == ImportState::Uploading && import.received == offset
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
    clear_old_rows(app).await;
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

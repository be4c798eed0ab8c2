//! How the columns of a file are read.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        import::{ImportField, ImportState, ImportView, MapColumns},
    },
};

use super::{Spool, to_its_end, upload::find, view, work};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    roster::{Column, Columns, Header, fingerprint},
};

/// All that a column may be read as.
pub async fn fields(app: &App, acting: &Acting, id: i64) -> Result<Vec<ImportField>, Error> {
    find(app, acting, id).await?;
    let profile = app.agencies.profile(acting.agency())?;
    let field =
        |column: Column| ImportField { name: column.name().to_owned(), required: column.is_required() };
    Ok(Column::all(profile).map(field).collect())
}

/// Reads the columns otherwise, from now on and in every file with this header, and checks again.
///
/// # Errors
/// `not_found`, `wrong_state`, `import_columns`.
pub async fn map_columns(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    request: MapColumns,
) -> Result<ImportView, Error> {
    let (app, acting) = (Arc::clone(app), acting.clone());
    to_its_end(async move { map_whole(&app, &acting, id, request).await }).await
}

async fn map_whole(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    request: MapColumns,
) -> Result<ImportView, Error> {
    let import = find(app, acting, id).await?;
    if import.state != ImportState::Checked {
        return Err(ApiErrorCode::WrongState.into());
    }
    let upload = Spool::of(app.store.path()).upload(id);
    let (_, header) = tokio::task::spawn_blocking(move || Header::open(&upload))
        .await
        .map_err(|_| Error::Defect("reading a header panicked"))??;
    let profile = app.agencies.profile(acting.agency())?;
    let columns = Columns::named(&header.titles, &request.fields, profile);
    if columns.is_none_or(|columns| columns.check().is_err()) {
        return Err(ApiErrorCode::ImportColumns.into());
    }
    let (who, now) = (acting.clone(), app.outside.now());
    app.store
        .write(move |writer| {
            if !writer.move_import(id, ImportState::Checked, ImportState::Checking, now)? {
                return Err(ApiErrorCode::WrongState.into());
            }
            let header = fingerprint(&header.titles);
            writer.remember_columns(who.agency(), &header, &request.fields)?;
            let detail = Detail::Header(hex::encode(header));
            who.record(writer, AuditAction::ImportColumnsSet, &format!("import {id}"), &detail, now)
        })
        .await?;
    work::check(app, acting.agency(), id)?;
    view(app, acting, id).await
}

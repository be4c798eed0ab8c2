//! How a file's columns are mapped.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, subject_of_import},
        import::{ImportField, ImportState, ImportView, MapColumns},
    },
};

use super::{to_its_end, upload::find, view, work};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    roster::{Column, Columns, fingerprint},
};

/// Everything a column may be mapped to.
pub async fn fields(app: &App, acting: &Acting, id: i64) -> Result<Vec<ImportField>, Error> {
    find(app, acting, id).await?;
    let profile = app.agencies.profile(acting.agency())?;
    let field =
        |column: Column| ImportField { name: column.name().to_owned(), required: column.is_required() };
    Ok(Column::all(profile).map(field).collect())
}

/// Maps the columns differently, from now on and in every file with this header, and checks again.
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
    let found = import.found.ok_or(Error::Defect("a checked import has nothing found"))?;
    let titles: Vec<String> = found.columns.iter().map(|column| column.title.clone()).collect();
    let profile = app.agencies.profile(acting.agency())?;
    let is_elsewhere = request.header.is_some_and(|row| row != found.header)
        || request.sheet.as_ref().is_some_and(|sheet| *sheet != found.sheet);
    let is_known_sheet = request.sheet.as_ref().is_none_or(|sheet| found.sheets.contains(sheet));
    let is_read =
        Columns::named(&titles, &request.fields, profile).is_some_and(|columns| columns.check().is_ok());
    let is_known_row = request.header.is_none_or(|row| (1..=found.head.len() as u64).contains(&row));
    if !is_known_sheet || !is_known_row || !(is_elsewhere || is_read) {
        return Err(ApiErrorCode::ImportColumns.into());
    }
    let (who, now) = (acting.clone(), app.outside.now());
    app.store
        .write(move |writer| {
            if !writer.move_import(id, ImportState::Checked, ImportState::Checking, now)? {
                return Err(ApiErrorCode::WrongState.into());
            }
            let header = fingerprint(&titles);
            writer.choose_header(id, request.sheet.as_deref(), request.header)?;
            if !is_elsewhere {
                writer.remember_columns(who.agency(), &header, &request.fields)?;
            }
            let detail = match (is_elsewhere, request.header) {
                (true, row) => Detail::HeaderRow(row.unwrap_or_default()),
                (false, _) => Detail::Header(hex::encode(header)),
            };
            who.record(writer, AuditAction::ImportColumnsSet, &subject_of_import(id), &detail, now)
        })
        .await?;
    work::check(app, acting.agency(), id)?;
    view(app, acting, id).await
}

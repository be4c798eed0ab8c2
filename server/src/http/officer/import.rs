//! 業者情報取込.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::import::{ImportField, ImportRows, ImportView, TableFormat},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _, Download},
    officer::import::{self, media_type},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Imports>(list)
        .call::<calls::Import>(view)
        .call::<calls::BeginImport>(begin)
        .call::<calls::AddPiece>(add_piece)
        .call::<calls::ImportFields>(fields)
        .call::<calls::MapColumns>(map_columns)
        .call::<calls::ImportRows>(rows)
        .call::<calls::Template>(template)
        .call::<calls::Problems>(problems)
        .call::<calls::Take>(take)
        .call::<calls::Undo>(undo)
        .call::<calls::CancelImport>(cancel)
}

async fn list(app: Arc<App>, call: Call<calls::Imports>) -> Result<Answer<Vec<ImportView>>, Error> {
    import::list(&app, &call.who).await.map(Answer)
}

async fn view(app: Arc<App>, call: Call<calls::Import>) -> Result<Answer<ImportView>, Error> {
    let (id,) = call.path;
    import::view(&app, &call.who, id).await.map(Answer)
}

async fn begin(app: Arc<App>, call: Call<calls::BeginImport>) -> Result<Answer<ImportView>, Error> {
    import::begin(&app, &call.who, call.body).await.map(Answer)
}

async fn add_piece(app: Arc<App>, call: Call<calls::AddPiece>) -> Result<Answer<ImportView>, Error> {
    let (id,) = call.path;
    import::add_piece(&app, &call.who, id, call.query.offset, call.body.0).await.map(Answer)
}

async fn fields(app: Arc<App>, call: Call<calls::ImportFields>) -> Result<Answer<Vec<ImportField>>, Error> {
    let (id,) = call.path;
    import::fields(&app, &call.who, id).await.map(Answer)
}

async fn map_columns(app: Arc<App>, call: Call<calls::MapColumns>) -> Result<Answer<ImportView>, Error> {
    let (id,) = call.path;
    import::map_columns(&app, &call.who, id, call.body).await.map(Answer)
}

async fn rows(app: Arc<App>, call: Call<calls::ImportRows>) -> Result<Answer<ImportRows>, Error> {
    let (id,) = call.path;
    let calls::RowQuery { kind, after } = call.query;
    import::rows(&app, &call.who, id, kind, after.unwrap_or_default()).await.map(Answer)
}

async fn template(app: Arc<App>, call: Call<calls::Template>) -> Result<Download<Vec<u8>>, Error> {
    let (format,) = call.path;
    Ok(file("meibo-template", format, import::template(&app, &call.who, format)?))
}

async fn problems(app: Arc<App>, call: Call<calls::Problems>) -> Result<Download<Vec<u8>>, Error> {
    let (id, format) = call.path;
    let content = import::problems(&app, &call.who, id, format).await?;
    Ok(file(&format!("import-{id}-problems"), format, content))
}

fn file(name: &str, format: TableFormat, content: Vec<u8>) -> Download<Vec<u8>> {
    Download { name: format!("{name}.{}", format.as_str()), media_type: media_type(format), content }
}

async fn take(app: Arc<App>, call: Call<calls::Take>) -> Result<Answer<ImportView>, Error> {
    let (id,) = call.path;
    import::take(&app, &call.who, id, call.body).await.map(Answer)
}

async fn undo(app: Arc<App>, call: Call<calls::Undo>) -> Result<Answer<ImportView>, Error> {
    let (id,) = call.path;
    import::undo(&app, &call.who, id).await.map(Answer)
}

async fn cancel(app: Arc<App>, call: Call<calls::CancelImport>) -> Result<Answer<ImportView>, Error> {
    let (id,) = call.path;
    import::cancel(&app, &call.who, id).await.map(Answer)
}

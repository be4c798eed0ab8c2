//! 監査記録 (管理).

use std::sync::Arc;

use axum::{Json as Answer, Router, body::Body};
use futures_util::{StreamExt as _, stream};
use touroku_proto::{
    endpoint::officer as calls,
    officer::audit::{AuditCheck, AuditFound, AuditPage},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _, Download},
    japan,
    officer::audit,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Audit>(page)
        .call::<calls::ListAudit>(list)
        .call::<calls::ExportAudit>(export)
        .call::<calls::AuditProgress>(progress)
        .call::<calls::CheckAudit>(begin_check)
}

async fn page(app: Arc<App>, call: Call<calls::Audit>) -> Result<Answer<AuditPage>, Error> {
    audit::page(&app, call.who, call.query).await.map(Answer)
}

async fn list(app: Arc<App>, call: Call<calls::ListAudit>) -> Result<Answer<AuditFound>, Error> {
    audit::list(&app, call.who, call.query).await.map(Answer)
}

async fn progress(app: Arc<App>, call: Call<calls::AuditProgress>) -> Result<Answer<AuditCheck>, Error> {
    audit::check_state(&app, call.who.agency()).await.map(Answer)
}

async fn begin_check(app: Arc<App>, call: Call<calls::CheckAudit>) -> Result<Answer<AuditCheck>, Error> {
    audit::begin_check(&app, call.who).await.map(Answer)
}

/// Streamed in batches, however long the chain is.
async fn export(app: Arc<App>, call: Call<calls::ExportAudit>) -> Result<Download<Body>, Error> {
    let agency = call.who.agency().to_owned();
    let day = japan::date(app.outside.now()).replace('-', "");
    let name = format!("audit-{agency}-{day}-utf-8.jsonl");
    let last = audit::begin_export(&app, call.who).await?;
    // Its own entry is the last one, so the export ends where the chain is sealed now.
    let head = audit::head(&app, &agency).await?.filter(|head| head.sequence == last);
    let lines = stream::try_unfold((app, agency, 0), move |(app, agency, after)| async move {
        let mut entries = audit::batch(&app, &agency, after).await?;
        entries.retain(|entry| entry.sequence <= last);
        let Some(end) = entries.last().map(|entry| entry.sequence) else { return Ok(None) };
        let lines = audit::to_lines(&entries)?;
        Ok::<_, Error>(Some((lines, (app, agency, end))))
    });
    let end = head.map(|head| Ok(audit::to_last_line(&head)));
    let content = Body::from_stream(lines.chain(stream::iter(end)));
    Ok(Download { name, media_type: "application/jsonl", content })
}

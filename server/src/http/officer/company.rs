//! 照会.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::stream;
use serde::Deserialize;
use touroku_proto::{
    api::ApiErrorCode,
    officer::company::{CompanyDetail, FoundCompanies, Reason},
};

use super::{Reviewer, Viewer};
use crate::{
    app::{App, Live},
    error::Error,
    http::{
        answer::download,
        json::{Json, Nothing},
    },
    officer::company::{self, Encoding, MailAct, Target},
    submission::ReceiptFile,
};

/// The routes under `/api/officer`.
pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/companies", get(companies))
        .route("/companies/{number}", get(detail))
        .route("/companies/{number}/suspend", post(suspend_company))
        .route("/companies/{number}/lift", post(lift_company))
        .route("/companies/{number}/receipts/{receipt}/{file}", get(receipt))
        .route("/companies/{number}/mails/{id}/send", post(send_mail))
        .route("/companies/{number}/mails/{id}/give-up", post(give_mail_up))
        .route("/cards/{id}/suspend", post(suspend_card))
        .route("/cards/{id}/lift", post(lift_card))
        .route("/accounts/{id}/suspend", post(suspend_account))
        .route("/accounts/{id}/lift", post(lift_account))
        .route("/export", get(export))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchRequest {
    query: String,
    filter: String,
    after: String,
}

async fn companies(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    request: Result<Query<SearchRequest>, QueryRejection>,
) -> Result<Answer<FoundCompanies>, Error> {
    let Query(SearchRequest { query, filter, after }) = request.map_err(bad)?;
    let filter = company::filter(&filter)?;
    Ok(Answer(company::companies(&app, acting, &query, filter, &after).await?))
}

async fn detail(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Path(number): Path<String>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::company(&app, acting, number).await?))
}

async fn receipt(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Path((number, receipt, file)): Path<(String, String, String)>,
) -> Result<Response, Error> {
    let file = ReceiptFile::parse(&file)?;
    Ok(download(file.take(company::receipt(&app, acting, number, receipt).await?)))
}

async fn suspend_company(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path(number): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::suspend(&app, acting, Target::Company(number), &reason).await?))
}

async fn lift_company(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path(number): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::lift(&app, acting, Target::Company(number), &reason).await?))
}

async fn send_mail(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path((number, id)): Path<(String, String)>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::mail(&app, acting, (number, row(&id)?), MailAct::Send).await?))
}

async fn give_mail_up(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path((number, id)): Path<(String, String)>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::mail(&app, acting, (number, row(&id)?), MailAct::GiveUp).await?))
}

async fn suspend_card(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path(id): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::suspend(&app, acting, card(&id)?, &reason).await?))
}

async fn lift_card(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path(id): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::lift(&app, acting, card(&id)?, &reason).await?))
}

async fn suspend_account(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path(id): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::suspend(&app, acting, account(&id)?, &reason).await?))
}

async fn lift_account(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path(id): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Answer<CompanyDetail>, Error> {
    Ok(Answer(company::lift(&app, acting, account(&id)?, &reason).await?))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExportRequest {
    filter: String,
    encoding: String,
}

async fn export(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    request: Result<Query<ExportRequest>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(ExportRequest { filter, encoding }) = request.map_err(bad)?;
    let filter = company::filter(&filter)?;
    let encoding = Encoding::parse(&encoding).ok_or(ApiErrorCode::BadRequest)?;
    let export = company::export(&app, acting, filter, encoding).await?;
    let media_type = match encoding {
        Encoding::Utf8 => "text/csv; charset=utf-8",
        Encoding::Cp932 => "text/csv; charset=Shift_JIS",
    };
    let disposition = format!("attachment; filename=\"{}\"", export.file_name());
    // A file that breaks off is recognised by its connection, and not taken for complete.
    let pieces = stream::try_unfold(export, async |mut export| {
        export.next().await.map(|piece| piece.map(|piece| (piece, export)))
    });
    let headers = [(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn card(id: &str) -> Result<Target, Error> {
    Ok(Target::Card(row(id)?))
}

fn row(id: &str) -> Result<i64, Error> {
    Ok(id.parse().map_err(|_| ApiErrorCode::NotFound)?)
}

fn account(id: &str) -> Result<Target, Error> {
    Ok(Target::Account(id.parse().map_err(|_| ApiErrorCode::NotFound)?))
}

fn bad(_: QueryRejection) -> Error {
    ApiErrorCode::BadRequest.into()
}

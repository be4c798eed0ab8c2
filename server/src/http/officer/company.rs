//! 照会, and 番号の通知.

use std::sync::Arc;

use axum::{Json as Answer, Router, body::Body};
use futures_util::stream;
use touroku_proto::{
    api::ApiErrorCode,
    endpoint::officer as calls,
    officer::{
        company::{
            CompanyDetail, ExportPart, FoundCompanies, GrantedPermits, ListFormat, ListingPart, Period,
            Reason, Suspend, Timeline,
        },
        import::TableFormat,
        mail::MailAct,
        number::{IssuedNumbers, LettersWaiting},
    },
};

use crate::{
    app::{App, Live},
    error::Error,
    http::{
        answer::receipt_download,
        call::{Call, Calls as _, Download},
    },
    officer::{
        company::{self, Export, Target},
        import, number,
    },
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Companies>(companies)
        .call::<calls::Company>(detail)
        .call::<calls::CompanyTimeline>(timeline)
        .call::<calls::ReceiptOfCompany>(receipt)
        .call::<calls::SuspendCompany>(suspend_company)
        .call::<calls::CorrectSuspension>(correct_suspension)
        .call::<calls::LiftCompany>(lift_company)
        .call::<calls::SetPermit>(set_permit)
        .call::<calls::GrantPermits>(grant_permits)
        .call::<calls::SuspendCard>(suspend_card)
        .call::<calls::LiftCard>(lift_card)
        .call::<calls::SuspendAccount>(suspend_account)
        .call::<calls::LiftAccount>(lift_account)
        .call::<calls::SendMail>(send_mail)
        .call::<calls::GiveMailUp>(give_mail_up)
        .call::<calls::Export>(export)
        .call::<calls::Listing>(listing)
        .call::<calls::ListingFile>(listing_file)
        .call::<calls::IssueNumbers>(issue)
        .call::<calls::LettersWaiting>(letters_waiting)
        .call::<calls::Letters>(letters)
        .call::<calls::LettersSent>(letters_sent)
}

async fn companies(app: Arc<App>, call: Call<calls::Companies>) -> Result<Answer<FoundCompanies>, Error> {
    let calls::CompanyQuery { query, filter, after } = call.query;
    let (query, after) = (query.unwrap_or_default(), after.unwrap_or_default());
    company::companies(&app, call.who, &query, filter.unwrap_or_default(), &after).await.map(Answer)
}

async fn detail(app: Arc<App>, call: Call<calls::Company>) -> Result<Answer<CompanyDetail>, Error> {
    let (number,) = call.path;
    company::company(&app, call.who, number).await.map(Answer)
}

async fn timeline(app: Arc<App>, call: Call<calls::CompanyTimeline>) -> Result<Answer<Timeline>, Error> {
    let (number,) = call.path;
    company::timeline(&app, call.who, number, call.query.after.as_deref()).await.map(Answer)
}

async fn receipt(app: Arc<App>, call: Call<calls::ReceiptOfCompany>) -> Result<Download<Vec<u8>>, Error> {
    let (number, receipt, file) = call.path;
    Ok(receipt_download(file, company::receipt(&app, call.who, number, receipt).await?))
}

async fn suspend_company(
    app: Arc<App>,
    call: Call<calls::SuspendCompany>,
) -> Result<Answer<CompanyDetail>, Error> {
    let (number,) = call.path;
    company::suspend(&app, call.who, Target::Company(number), call.body).await.map(Answer)
}

async fn correct_suspension(
    app: Arc<App>,
    call: Call<calls::CorrectSuspension>,
) -> Result<Answer<CompanyDetail>, Error> {
    let (number,) = call.path;
    company::correct(&app, call.who, number, call.body).await.map(Answer)
}

/// Only a company's suspension has a period.
fn at_once(Reason { reason }: Reason) -> Suspend {
    Suspend { reason, period: Period::default() }
}

async fn lift_company(app: Arc<App>, call: Call<calls::LiftCompany>) -> Result<Answer<CompanyDetail>, Error> {
    let (number,) = call.path;
    company::lift(&app, call.who, Target::Company(number), &call.body.reason).await.map(Answer)
}

async fn set_permit(app: Arc<App>, call: Call<calls::SetPermit>) -> Result<Answer<CompanyDetail>, Error> {
    let (number,) = call.path;
    company::set_permit(&app, call.who, number, call.body).await.map(Answer)
}

async fn grant_permits(
    app: Arc<App>,
    call: Call<calls::GrantPermits>,
) -> Result<Answer<GrantedPermits>, Error> {
    company::grant_permits(&app, call.who, call.body).await.map(Answer)
}

async fn suspend_card(app: Arc<App>, call: Call<calls::SuspendCard>) -> Result<Answer<CompanyDetail>, Error> {
    let (id,) = call.path;
    company::suspend(&app, call.who, Target::card(id), at_once(call.body)).await.map(Answer)
}

async fn lift_card(app: Arc<App>, call: Call<calls::LiftCard>) -> Result<Answer<CompanyDetail>, Error> {
    let (id,) = call.path;
    company::lift(&app, call.who, Target::card(id), &call.body.reason).await.map(Answer)
}

async fn suspend_account(
    app: Arc<App>,
    call: Call<calls::SuspendAccount>,
) -> Result<Answer<CompanyDetail>, Error> {
    let (id,) = call.path;
    company::suspend(&app, call.who, Target::Account(id), at_once(call.body)).await.map(Answer)
}

async fn lift_account(app: Arc<App>, call: Call<calls::LiftAccount>) -> Result<Answer<CompanyDetail>, Error> {
    let (id,) = call.path;
    company::lift(&app, call.who, Target::Account(id), &call.body.reason).await.map(Answer)
}

async fn send_mail(app: Arc<App>, call: Call<calls::SendMail>) -> Result<Answer<CompanyDetail>, Error> {
    company::mail(&app, call.who, call.path, MailAct::Send).await.map(Answer)
}

async fn give_mail_up(app: Arc<App>, call: Call<calls::GiveMailUp>) -> Result<Answer<CompanyDetail>, Error> {
    company::mail(&app, call.who, call.path, MailAct::GiveUp).await.map(Answer)
}

async fn export(app: Arc<App>, call: Call<calls::Export>) -> Result<Download<Body>, Error> {
    let calls::ExportQuery { query, filter, parts, format, file } = call.query;
    let (query, filter, format, file) = (
        query.unwrap_or_default(),
        filter.unwrap_or_default(),
        format.unwrap_or_default(),
        file.unwrap_or_default(),
    );
    let parts = ExportPart::read_list(&parts.unwrap_or_default()).ok_or(ApiErrorCode::BadRequest)?;
    let wanted = company::Wanted { query: &query, filter, parts, format, file: &file };
    Ok(download(company::export(&app, call.who, wanted).await?))
}

async fn listing(app: Arc<App>, call: Call<calls::Listing>) -> Result<Answer<ListingPart>, Error> {
    company::listing(&app, call.who, call.query.after.unwrap_or_default()).await.map(Answer)
}

async fn listing_file(app: Arc<App>, call: Call<calls::ListingFile>) -> Result<Download<Body>, Error> {
    let format = call.query.format.unwrap_or_default();
    Ok(download(company::export_listing(&app, call.who, format).await?))
}

fn download(export: Export) -> Download<Body> {
    let media_type = match export.format() {
        ListFormat::Utf8 => "text/csv; charset=utf-8",
        ListFormat::Cp932 => "text/csv; charset=Shift_JIS",
        ListFormat::Xlsx => import::media_type(TableFormat::Xlsx),
    };
    let name = export.file_name();
    // A file that breaks off is recognised by its connection, and not taken for complete.
    let pieces = stream::try_unfold(export, async |mut export| {
        export.next().await.map(|piece| piece.map(|piece| (piece, export)))
    });
    Download { name, media_type, content: Body::from_stream(pieces) }
}

async fn issue(app: Arc<App>, call: Call<calls::IssueNumbers>) -> Result<Answer<IssuedNumbers>, Error> {
    number::issue(&app, &call.who, call.body).await.map(Answer)
}

async fn letters_waiting(
    app: Arc<App>,
    call: Call<calls::LettersWaiting>,
) -> Result<Answer<LettersWaiting>, Error> {
    number::waiting(&app, call.who).await.map(Answer)
}

async fn letters(app: Arc<App>, call: Call<calls::Letters>) -> Result<Answer<IssuedNumbers>, Error> {
    number::letters(&app, call.who).await.map(Answer)
}

async fn letters_sent(
    app: Arc<App>,
    call: Call<calls::LettersSent>,
) -> Result<Answer<LettersWaiting>, Error> {
    number::sent(&app, call.who, call.body).await.map(Answer)
}

//! What officers do about undelivered mails.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{audit::AuditAction, company::CompanyDetail, mail::MailAct},
};

use super::{detail::detail, suspend::note};
use crate::{app::App, error::Error, officer::Acting};

/// Does it to the mail with that row id about the company with that number.
///
/// # Errors
/// `not_found`, `stale`.
pub async fn mail(
    app: &Arc<App>,
    acting: Acting,
    (number, id): (String, i64),
    act: MailAct,
) -> Result<CompanyDetail, Error> {
    let shared = Arc::clone(app);
    let detail = app
        .store
        .write(move |writer| {
            let agency = acting.agency();
            let number = writer.roster_row(agency, &number)?.ok_or(ApiErrorCode::NotFound)?.number;
            let now = shared.outside.now();
            let (done, action) = match act {
                // Held mails have negative numbers.
                MailAct::Send if id < 0 => {
                    (writer.send_held_mail(agency, &number, -id)?, AuditAction::MailSentAgain)
                }
                MailAct::GiveUp if id < 0 => {
                    (writer.give_held_mail_up(agency, &number, -id)?, AuditAction::MailGivenUp)
                }
                MailAct::Send => {
                    (writer.send_mail_again(agency, &number, id, now)?, AuditAction::MailSentAgain)
                }
                MailAct::GiveUp => (writer.give_mail_up(agency, &number, id, now)?, AuditAction::MailGivenUp),
            };
            if !done {
                return Err(ApiErrorCode::Stale.into());
            }
            note(writer, &acting, &number, (action, ""), now)?;
            detail(writer, &shared, agency, &number)
        })
        .await?;
    if act == MailAct::Send {
        app.mail_watch.try_now();
    }
    Ok(detail)
}

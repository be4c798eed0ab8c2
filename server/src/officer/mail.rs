//! 届かなかったメール: mails to companies and officers that the mail server refused.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        mail::{ActOnMails, MailAct, Undelivered},
    },
};

use super::{Acting, company};
use crate::{
    app::App,
    error::Error,
    store::{Reader, Writer},
};

/// Mails on a page.
const PAGE: usize = 50;

/// How many mails one transaction changes: others wait for it.
const AT_ONCE: u32 = 100;

/// A page of them, after the mail with that id.
pub async fn undelivered(app: &Arc<App>, acting: Acting, after: Option<i64>) -> Result<Undelivered, Error> {
    app.store.read(move |reader| page(reader, acting.agency(), after)).await
}

fn page(reader: &Reader<'_>, agency: &str, after: Option<i64>) -> Result<Undelivered, Error> {
    let mut mails = reader.refused_mails(agency, after, PAGE as u32 + 1)?;
    let has_more = mails.len() > PAGE;
    mails.truncate(PAGE);
    let next = mails.last().filter(|_| has_more).map(|mail| mail.id);
    Ok(Undelivered { mails, next, total: reader.count_refused_mails(agency)? })
}

/// Resends them or gives them up. Returns the first page of what is left.
///
/// # Errors
/// `stale`: the only one that is named is no longer undelivered.
pub async fn act(app: &Arc<App>, acting: Acting, asked: ActOnMails) -> Result<Undelivered, Error> {
    let acting = Arc::new(acting);
    let mut after = None;
    loop {
        let (shared, acting, asked) = (Arc::clone(app), Arc::clone(&acting), asked.clone());
        let last = app
            .store
            .write(move |writer| {
                let now = shared.outside.now();
                if let Some(id) = asked.only {
                    let is_done = one(writer, &acting, asked.act, id, now)?;
                    return if is_done { Ok(None) } else { Err(ApiErrorCode::Stale.into()) };
                }
                // What has no text any more can't be resent, and stays.
                let mails = writer.refused_mails(acting.agency(), after, AT_ONCE)?;
                for mail in &mails {
                    one(writer, &acting, asked.act, mail.id, now)?;
                }
                Ok(mails.last().map(|mail| mail.id))
            })
            .await?;
        match last {
            Some(id) => after = Some(id),
            None => break,
        }
    }
    if asked.act == MailAct::Send {
        app.mail_watch.try_now();
    }
    app.store.read(move |reader| page(reader, acting.agency(), None)).await
}

fn one(writer: &Writer<'_>, acting: &Acting, act: MailAct, id: i64, now: i64) -> Result<bool, Error> {
    let (changed, action) = match act {
        MailAct::Send => (writer.send_refused(acting.agency(), id, now)?, AuditAction::MailSentAgain),
        MailAct::GiveUp => (writer.give_refused_up(acting.agency(), id, now)?, AuditAction::MailGivenUp),
    };
    let Some(mail) = changed else { return Ok(false) };
    if mail.number.is_empty() {
        acting.record(writer, action, &mail.recipient, &Detail::None, now)?;
    } else {
        company::note(writer, acting, &mail.number, (action, ""), now)?;
    }
    Ok(true)
}

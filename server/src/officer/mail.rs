//! 届かなかったメール: mails to companies and officers that the mail server refused.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        mail::{ActOnMails, MailAct, MailsMeant, Undelivered},
    },
};

use super::{Acting, LINK_LIFE, company};
use crate::{
    app::App,
    error::Error,
    store::{Reader, RefusedMails, Writer},
};

/// Mails on a page.
const PAGE: usize = 50;

/// How many mails one transaction changes: others wait for it.
const AT_ONCE: usize = 100;

/// A page of them, after the mail with that id.
pub async fn undelivered(app: &Arc<App>, acting: Acting, after: Option<i64>) -> Result<Undelivered, Error> {
    let fresh = fresh(app);
    app.store.read(move |reader| page(reader, acting.agency(), (after, fresh))).await
}

/// From when on the links in mails to officers are still good.
fn fresh(app: &App) -> i64 {
    app.outside.now() - LINK_LIFE
}

fn page(reader: &Reader<'_>, agency: &str, (after, fresh): (Option<i64>, i64)) -> Result<Undelivered, Error> {
    let mut mails = reader.refused_mails(agency, (after, fresh), PAGE as u32 + 1)?;
    let has_more = mails.len() > PAGE;
    mails.truncate(PAGE);
    let next = mails.last().filter(|_| has_more).map(|mail| mail.id);
    let RefusedMails { total, sendable, revision } = reader.count_refused_mails(agency, fresh)?;
    Ok(Undelivered { mails, next, total, sendable, revision })
}

/// Resends them or gives them up. Returns the first page of what is left.
///
/// # Errors
/// `stale`: the one that is meant is no longer undelivered, or all are not those that the officer saw.
pub async fn act(app: &Arc<App>, acting: Acting, asked: ActOnMails) -> Result<Undelivered, Error> {
    let (acting, fresh) = (Arc::new(acting), fresh(app));
    let (act, is_one) = (asked.act, matches!(asked.of, MailsMeant::One(_)));
    let ids = match asked.of {
        MailsMeant::One(id) => vec![id],
        MailsMeant::All(seen) => {
            let acting = Arc::clone(&acting);
            let all = app.store.read(move |reader| {
                if reader.count_refused_mails(acting.agency(), fresh)?.revision != seen {
                    return Err(ApiErrorCode::Stale.into());
                }
                reader.refused_mails(acting.agency(), (None, fresh), u32::MAX)
            });
            all.await?.into_iter().map(|mail| mail.id).collect()
        }
    };
    for batch in ids.chunks(AT_ONCE) {
        let (shared, acting, batch) = (Arc::clone(app), Arc::clone(&acting), batch.to_vec());
        app.store
            .write(move |writer| {
                let now = shared.outside.now();
                for id in batch {
                    let is_done = one(writer, &acting, act, id, (fresh, now))?;
                    // Of several, those that can't be sent stay.
                    if !is_done && is_one {
                        return Err(ApiErrorCode::Stale.into());
                    }
                }
                Ok(())
            })
            .await?;
    }
    if act == MailAct::Send {
        app.mail_watch.try_now();
    }
    app.store.read(move |reader| page(reader, acting.agency(), (None, fresh))).await
}

fn one(
    writer: &Writer<'_>,
    acting: &Acting,
    act: MailAct,
    id: i64,
    (fresh, now): (i64, i64),
) -> Result<bool, Error> {
    let agency = acting.agency();
    let found = writer.refused_mails(agency, (Some(id.saturating_add(1)), fresh), 1)?.pop();
    let Some(mail) = found.filter(|mail| mail.id == id) else { return Ok(false) };
    let (is_done, action) = match act {
        MailAct::Send if !mail.sendable => return Ok(false),
        MailAct::Send => (writer.send_mail_again(agency, &mail.number, id, now)?, AuditAction::MailSentAgain),
        MailAct::GiveUp => (writer.give_mail_up(agency, &mail.number, id, now)?, AuditAction::MailGivenUp),
    };
    if is_done && mail.number.is_empty() {
        acting.record(writer, action, &mail.recipient, &Detail::None, now)?;
    } else if is_done {
        company::note(writer, acting, &mail.number, (action, ""), now)?;
    }
    Ok(is_done)
}

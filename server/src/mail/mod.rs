//! The mailer: takes queued mails from the outbox and hands them over, again and again until they are gone.

mod calendar;
mod letter;
mod message;
mod texts;
mod transport;

use std::{sync::Arc, time::Duration};

pub use self::{calendar::DayEvent, letter::Letter, texts::fill_texts, transport::Transport};
use crate::{app::App, error::Error, store::OutboxMail};

/// Mails handed over in one go.
const BATCH: u32 = 20;

/// The first wait after a failure, milliseconds; it doubles with each further one.
const FIRST_RETRY: i64 = 30_000;

/// The longest wait, milliseconds.
const LAST_RETRY: i64 = 60 * 60 * 1000;

/// The longest sleep, so that mails queued by another process (or a clock set forward) are found.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// Delivers until `stop` resolves.
pub async fn run(app: Arc<App>, transport: Transport, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        if let Err(error) = deliver_due(&app, &transport).await {
            tracing::warn!(%error, "the outbox can't be worked on");
        }
        let sleep = until_next(&app).await;
        tokio::select! {
            () = &mut stop => return,
            () = app.mail_queued.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Tries every mail whose time has come once. Answers how many were handed over.
pub async fn deliver_due(app: &Arc<App>, transport: &Transport) -> Result<usize, Error> {
    let began = app.outside.now();
    let mut sent = 0;
    loop {
        let due = app.store.read(move |reader| reader.due_mails(began, BATCH)).await?;
        if due.is_empty() {
            return Ok(sent);
        }
        for mail in due {
            sent += usize::from(deliver(app, transport, &mail).await?);
        }
    }
}

async fn deliver(app: &Arc<App>, transport: &Transport, mail: &OutboxMail) -> Result<bool, Error> {
    let outcome = transport.deliver(mail).await;
    let (id, now) = (mail.id, app.outside.now());
    match outcome {
        Ok(()) => {
            app.store.write(move |writer| writer.mail_sent(id, now)).await?;
            tracing::info!(mail = id, "mail delivered");
            Ok(true)
        }
        Err(Error::MailRefused(reason)) => {
            app.store.write(move |writer| writer.mail_refused(id, now)).await?;
            tracing::error!(mail = id, reason, "mail refused for good");
            Ok(false)
        }
        Err(error) => {
            let wait = FIRST_RETRY.saturating_mul(1 << mail.attempts.min(20)).min(LAST_RETRY);
            app.store.write(move |writer| writer.mail_deferred(id, now + wait)).await?;
            tracing::warn!(mail = id, %error, seconds = wait / 1000, "mail stays queued");
            Ok(false)
        }
    }
}

async fn until_next(app: &Arc<App>) -> Duration {
    match app.store.read(|reader| reader.next_mail_at()).await {
        Ok(Some(at)) => {
            let wait = u64::try_from(at - app.outside.now()).unwrap_or(0);
            Duration::from_millis(wait.max(100)).min(LONGEST_SLEEP)
        }
        _ => LONGEST_SLEEP,
    }
}

//! One connection's work: claim, send, record.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch as signal, time::Instant};

use super::{
    Pace, Transport,
    failure::{About, Failure, Step},
    gate::Gate,
    message::{self, Built, Unbuildable},
    retry::{Outcome, settle},
    seal,
    smtp::Handed,
    transport::Session,
};
use crate::{
    app::App,
    error::Error,
    store::{OutboxMail, Priority, Settled},
};

/// What all connections share.
pub(super) struct Mailer {
    app: Arc<App>,
    transport: Transport,
    pace: Pace,
    gate: Arc<Gate>,
    /// Results that the store could not record yet. Until it can, nothing more is claimed.
    unnoted: AtomicUsize,
}

/// A claimed mail and its result.
type Note = (OutboxMail, Settled);

impl Mailer {
    pub(super) fn new(app: Arc<App>, transport: Transport, pace: Pace) -> Self {
        Self { app, transport, pace, gate: Arc::default(), unnoted: AtomicUsize::new(0) }
    }

    /// Tries the mail server before its pause is over.
    pub(super) fn try_now(&self) {
        self.gate.open_now(self.pace.try_now);
    }

    /// Works until the server stops.
    pub(super) async fn work(
        self: Arc<Self>,
        least: Priority,
        mut work: signal::Receiver<()>,
        mut stop: signal::Receiver<bool>,
    ) {
        let mut session = None;
        let mut note = None;
        loop {
            work.mark_unchanged();
            let pass = if session.is_some() { None } else { self.gate.admit() };
            let may_send = session.is_some() || pass.is_some();
            let claim = (may_send && !*stop.borrow()).then_some(least);
            if let Some(mut mail) = self.turn(note.take(), claim, &mut stop).await {
                let outcome = self.attempt(&mut session, &mut mail, &mut stop).await;
                note = Some(self.noted(mail, &outcome));
                continue;
            }
            drop(pass);
            if *stop.borrow() {
                break;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = self.gate.opened(), if !may_send => {}
                _ = work.changed(), if may_send => {}
                () = tokio::time::sleep(self.pace.keep_alive), if session.is_some() => {
                    close(&mut session).await;
                }
            }
        }
        close(&mut session).await;
    }

    pub(super) async fn deliver_due(&self) -> Result<usize, Error> {
        let (_keep, mut stop) = signal::channel(false);
        let (mut session, mut sent) = (None, 0);
        while let Some(mut mail) = self.write(None, Some(Priority::Bulk)).await? {
            let outcome = self.attempt(&mut session, &mut mail, &mut stop).await;
            let note = self.noted(mail, &outcome);
            let is_untried = note.1 == Settled::Untried;
            self.write(Some(note), None).await?;
            sent += usize::from(outcome == Outcome::Sent);
            if is_untried || matches!(&outcome, Outcome::Failed(failure) if failure.ends_connection()) {
                break;
            }
        }
        close(&mut session).await;
        Ok(sent)
    }

    /// Records results, and claims the next mail. What can't be recorded is retried with pauses, and nothing is
    /// claimed meanwhile.
    async fn turn(
        &self,
        note: Option<Note>,
        claim: Option<Priority>,
        stop: &mut signal::Receiver<bool>,
    ) -> Option<OutboxMail> {
        let mut pause = self.pace.note;
        let mut has_failed = false;
        loop {
            // Others that can't record hold this one up as well: it must not claim what they have sent.
            let others = self.unnoted.load(Ordering::SeqCst) - usize::from(has_failed);
            let claim = claim.filter(|_| others == 0);
            if note.is_none() && claim.is_none() {
                if others > 0 {
                    wait(pause, stop).await;
                }
                return None;
            }
            match self.write(note.clone(), claim).await {
                Ok(claimed) => {
                    if has_failed {
                        self.unnoted.fetch_sub(1, Ordering::SeqCst);
                    }
                    return claimed;
                }
                Err(error) => {
                    tracing::error!(%error, noted = note.is_none(), "the outbox can't be written");
                    if note.is_some() && !has_failed {
                        has_failed = true;
                        self.unnoted.fetch_add(1, Ordering::SeqCst);
                    }
                    if *stop.borrow() {
                        return None;
                    }
                    wait(pause, stop).await;
                    note.as_ref()?;
                    pause = (pause * 2).min(self.pace.longest_pause);
                }
            }
        }
    }

    async fn write(&self, note: Option<Note>, claim: Option<Priority>) -> Result<Option<OutboxMail>, Error> {
        let now = self.app.outside.now();
        let until = now + milliseconds(self.pace.lease);
        self.app
            .store
            .write(move |writer| {
                if let Some((mail, settled)) = &note {
                    writer.settle_mail(mail, settled, now)?;
                }
                claim.map_or(Ok(None), |least| writer.claim_mail(least, now, until))
            })
            .await
    }

    /// Sends a claimed mail, renewing its claim. At shutdown it is dropped unless its end has been sent.
    async fn attempt(
        &self,
        session: &mut Option<Session>,
        mail: &mut OutboxMail,
        stop: &mut signal::Receiver<bool>,
    ) -> Outcome {
        let outcome = match self.build(mail) {
            Ok(built) => self.send_claimed(session, mail, &built, stop).await,
            Err(unbuildable) => Outcome::Broken(unbuildable.to_string()),
        };
        match &outcome {
            Outcome::Sent => self.gate.succeeded(),
            Outcome::Failed(failure) | Outcome::Unknown(failure) if failure.about() == About::Relay => {
                let longest = match failure.step() {
                    // Wrong passwords every minute would lock the account.
                    Step::Auth => self.pace.longest_pause * 5,
                    _ => self.pace.longest_pause,
                };
                self.gate.failed(self.pace.first_pause, longest);
            }
            Outcome::Failed(_) | Outcome::Unknown(_) => self.gate.succeeded(),
            Outcome::Stopped | Outcome::Broken(_) => {}
        }
        self.app.mail_watch.saw(&outcome, self.app.outside.now());
        outcome
    }

    fn build(&self, queued: &OutboxMail) -> Result<Built, Unbuildable> {
        let body = seal::open_body(&queued.mail, &self.app.key).ok_or(Unbuildable::Sealed)?;
        message::build(queued, body)
    }

    async fn send_claimed(
        &self,
        session: &mut Option<Session>,
        mail: &mut OutboxMail,
        built: &Built,
        stop: &mut signal::Receiver<bool>,
    ) -> Outcome {
        let handed = Handed::default();
        let sending = self.send(session, mail.id, built, &handed);
        tokio::pin!(sending);
        let mut given_up_at = None;
        loop {
            let is_stopping = *stop.borrow();
            if is_stopping {
                if !handed.is_possible() {
                    return Outcome::Stopped;
                }
                given_up_at.get_or_insert_with(|| Instant::now() + self.pace.stop);
            }
            let at = given_up_at.unwrap_or_else(|| Instant::now() + self.pace.lease / 3);
            tokio::select! {
                outcome = &mut sending => return outcome,
                _ = stop.changed(), if !is_stopping => {}
                () = tokio::time::sleep_until(at) => {
                    if is_stopping {
                        return Outcome::Unknown(Failure::new(Step::Text, "the server stopped"));
                    }
                    self.extend(mail).await;
                }
            }
        }
    }

    /// On the current connection, or on a new one. It stays in `session` while it is usable.
    async fn send(&self, session: &mut Option<Session>, id: i64, built: &Built, handed: &Handed) -> Outcome {
        loop {
            let mut open = match session.take() {
                Some(open) => open,
                None => match self.transport.open().await {
                    Ok(open) => open,
                    Err(failure) => return Outcome::Failed(failure),
                },
            };
            let may_be_stale = open.may_be_stale();
            match open.send(id, built, handed).await {
                Ok(()) => {
                    *session = Some(open);
                    return Outcome::Sent;
                }
                Err(failure) if may_be_stale && failure.is_stale() => {}
                Err(failure) if failure.is_unanswered() && handed.is_possible() => {
                    return Outcome::Unknown(failure);
                }
                Err(failure) => {
                    if !failure.ends_connection() {
                        *session = Some(open);
                    }
                    return Outcome::Failed(failure);
                }
            }
        }
    }

    async fn extend(&self, mail: &mut OutboxMail) {
        let (id, before) = (mail.id, mail.leased_until);
        let until = self.app.outside.now() + milliseconds(self.pace.lease);
        let extended = self.app.store.write(move |writer| writer.extend_claim(id, before, until)).await;
        match extended {
            Ok(true) => mail.leased_until = until,
            Ok(false) => tracing::warn!(mail = id, "a claim has run out while the mail is being sent"),
            Err(error) => tracing::warn!(mail = id, %error, "a claim can't be renewed"),
        }
    }

    fn noted(&self, mail: OutboxMail, outcome: &Outcome) -> Note {
        let settled = settle(&mail, outcome, self.app.outside.now());
        match &settled {
            Settled::Sent => tracing::info!(mail = mail.id, "mail delivered"),
            Settled::Untried => match outcome {
                Outcome::Failed(failure) => tracing::warn!(%failure, "the mail server can't be used"),
                _ => tracing::info!(mail = mail.id, "mail left for the next start"),
            },
            Settled::Refused { reason } => {
                tracing::error!(mail = mail.id, reason, "mail refused; officers may send it again");
            }
            Settled::Deferred { until, reason, .. } => {
                let seconds = (until - self.app.outside.now()) / 1000;
                tracing::warn!(mail = mail.id, reason, seconds, "mail stays queued");
            }
        }
        (mail, settled)
    }
}

async fn close(session: &mut Option<Session>) {
    if let Some(session) = session.take() {
        session.close().await;
    }
}

/// Waits, or returns at once when the server stops.
async fn wait(pause: Duration, stop: &mut signal::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        _ = stop.wait_for(|&stop| stop) => {}
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

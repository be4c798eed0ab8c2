//! The common part of 登録, 変更 and ICカード更新: a confirmed request of one session is checked or carried out in
//! one transaction, once, and its result is kept with its signature.

use std::sync::Arc;

use touroku_proto::{
    agency::{AgencyProfile, Category},
    api::{ApiErrorCode, Completed, Function, Prepared, SessionView, Signed},
    document::Head,
};

use super::{
    session::SessionKey,
    signature::{Filed, Filing, Stage},
    submission::Submission,
    view,
};
use crate::{
    app::App,
    error::Error,
    store::{Holder, Session, SessionId, Writer},
};

/// A confirmed request in its transaction.
#[derive(Clone, Copy)]
pub(super) struct Confirmation<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) app: &'a App,
    pub(super) id: &'a SessionId,
    pub(super) session: &'a Session,
    /// Unix milliseconds.
    pub(super) now: i64,
    submission: &'a Submission,
    stage: &'a Stage,
}

/// Its result.
pub(super) enum Step {
    /// It was carried out, now or when it was first sent.
    Done,
    /// It was only checked.
    Prepared(Prepared),
    /// The form on the screen is no longer the right one. What was written about that stays.
    Stale,
}

/// Carries a request out.
pub(super) async fn carry_out(
    app: &Arc<App>,
    key: SessionKey,
    (submission, signed): (String, Option<Signed>),
    work: impl FnOnce(&Confirmation<'_>) -> Result<Step, Error> + Send + 'static,
) -> Result<SessionView, Error> {
    let stage = Stage::carry_out(app, key, signed).await?;
    let (step, view) = run(app, key, submission, stage, work).await?;
    if matches!(step, Step::Stale) {
        return Err(ApiErrorCode::Stale.into());
    }
    app.mail_queued.notify_one();
    Ok(view)
}

/// Checks a request that is to be signed.
pub(super) async fn prepare(
    app: &Arc<App>,
    key: SessionKey,
    submission: String,
    work: impl FnOnce(&Confirmation<'_>) -> Result<Step, Error> + Send + 'static,
) -> Result<Prepared, Error> {
    match run(app, key, submission, Stage::prepare(app), work).await? {
        (Step::Prepared(prepared), _) => Ok(prepared),
        (Step::Done | Step::Stale, _) => Err(ApiErrorCode::Stale.into()),
    }
}

async fn run(
    app: &Arc<App>,
    key: SessionKey,
    submission: String,
    stage: Stage,
    work: impl FnOnce(&Confirmation<'_>) -> Result<Step, Error> + Send + 'static,
) -> Result<(Step, SessionView), Error> {
    let submission = Submission::parse(submission)?;
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let step = work(&Confirmation {
                writer,
                app: &shared,
                id: &id,
                session: &session,
                now,
                submission: &submission,
                stage: &stage,
            })?;
            Ok((step, view::after(writer, &shared.agencies, &id, expires_at, now)?))
        })
        .await
}

impl Confirmation<'_> {
    /// Whether this very request was carried out before; then the session shows its result again.
    pub(super) fn was_carried_out(&self, holder: Holder) -> Result<bool, Error> {
        if self.stage.is_preparation() {
            return Ok(false);
        }
        let before = self.writer.completion_of(holder, self.submission.as_str())?;
        if let Some(before) = &before {
            self.writer.complete_session(self.id, before.id)?;
        }
        Ok(before.is_some())
    }

    /// The state of the request when everything else is valid, see [`Stage::file`].
    pub(super) fn file(
        &self,
        (profile, category): (&AgencyProfile, &Category),
        (function, company): (Function, &str),
        certificate: &[u8],
        write: impl FnOnce(&Head<'_>) -> String,
    ) -> Result<Filing, Error> {
        let filed = Filed {
            session: (self.id, self.session),
            place: (profile, category),
            function,
            company,
            certificate,
        };
        self.stage.file(self.writer, self.app, &filed, self.now, write)
    }

    /// Stores the result of the request, and shows it to the session.
    pub(super) fn complete(
        &self,
        holder: Holder,
        filing: Filing,
        completed: Completed,
    ) -> Result<Step, Error> {
        let completed = Completed {
            at_unix_ms: self.now,
            receipt: filing.number().to_owned(),
            signed: filing.is_signed(),
            ..completed
        };
        let agency = self.session.agency.as_str();
        let completion = self.submission.complete(self.writer, agency, self.id, holder, &completed)?;
        filing.keep(self.writer, agency, completion)?;
        Ok(Step::Done)
    }
}

//! What a contractor submits: 登録, 変更 and ICカード更新 with a card, ID登録申請 and 変更 of an ID without one.
//!
//! All go the same way. The session is read, and a submission that is repeated gets its first answer. What was sent
//! is examined; where the agency wants it signed, it comes twice, see [`signature`]. Then, in the same transaction,
//! it is carried out, or waits for officers, and its result is kept. Each file says what differs.

mod account_change;
mod application;
mod change;
mod receipt;
mod registration;
mod renewal;
mod signature;
mod waiting;
mod withdrawal;

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, Completed, Function, Prepared, SessionView, Signed},
    form::Occasion,
};

pub(crate) use self::signature::ANSWER_WITHIN;
pub use self::{
    account_change::change_account,
    application::apply,
    receipt::{receipt_content, receipt_file},
    withdrawal::withdraw,
};
use self::{
    receipt::receipt_number,
    signature::{Filing, Stage, ToSign},
};
use crate::{
    agency::Agencies,
    app::App,
    bidder::{SessionKey, place, view},
    error::Error,
    mail::Desk,
    registry::Place,
    store::{CardIdentity, Holder, Reader, Session, SessionId, Writer},
};

/// The longest name of a submission, in characters: a UUID has 36.
const MAX_NAME: usize = 64;

/// What differs from one way to the next.
pub(crate) trait Submission: Sized + Send + 'static {
    const FUNCTION: Function;

    /// What was sent and found in order, with what it is about.
    type Sound: Send;

    /// A page's random name for it (sent twice, it is carried out once), and a card's signature.
    fn head(&self) -> (&str, Option<&Signed>);

    /// The answer to this very submission, if it was carried out before.
    fn earlier(&self, at: &At<'_>) -> Result<Option<Earlier>, Error>;

    /// Whether it can be carried out.
    fn examine(&self, at: &At<'_>, place: &Place<'_>) -> Result<Examined<Self::Sound>, Error>;

    /// What a card has to sign, where the agency wants it.
    fn to_sign<'a>(&self, _place: &'a Place<'_>, _sound: &'a Self::Sound) -> Option<ToSign<'a>> {
        None
    }

    fn carry_out(&self, turn: &Turn<'_>, sound: Self::Sound) -> Result<Outcome, Error>;

    /// Tells the session that it was carried out, now or before.
    fn settle(&self, _writer: &Writer<'_>, _session: &SessionId, _holder: Holder) -> Result<(), Error> {
        Ok(())
    }
}

/// The session that submits.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    reader: &'a Reader<'a>,
    agencies: &'a Agencies,
    session: &'a Session,
    name: &'a str,
}

/// What was answered before, and who completed it.
pub(crate) struct Earlier {
    holder: Holder,
    completion: i64,
}

pub(crate) enum Examined<T> {
    Sound(T),
    /// The form on the screen is for another occasion than this.
    Outdated(Occasion),
}

/// A submission that is being carried out.
pub(crate) struct Turn<'a> {
    session_id: &'a SessionId,
    session: &'a Session,
    place: Place<'a>,
    desk: Desk<'a>,
    /// 受付番号.
    receipt: &'a str,
}

/// The result. What all have in common is filled in afterwards.
pub(crate) struct Outcome {
    holder: Holder,
    completed: Completed,
}

/// A request in its transaction.
struct Request<'a> {
    writer: &'a Writer<'a>,
    app: &'a App,
    id: &'a SessionId,
    stage: &'a Stage,
    /// Unix milliseconds.
    now: i64,
}

enum Step {
    /// It was carried out, now or when it was first sent.
    Done,
    /// It was only checked.
    Prepared(Prepared),
    /// The form on the screen is no longer the right one. What was written about that stays.
    Stale,
}

/// Carries a submission out.
pub(crate) async fn submit<S: Submission>(
    app: &Arc<App>,
    key: SessionKey,
    submission: S,
) -> Result<SessionView, Error> {
    let stage = Stage::carry_out(app, key, submission.head().1.cloned()).await?;
    let (step, view) = run(app, key, stage, submission).await?;
    if matches!(step, Step::Stale) {
        return Err(ApiErrorCode::Stale.into());
    }
    app.mail_queued.notify_one();
    Ok(view)
}

/// Checks a submission that is to be signed.
pub(crate) async fn prepare<S: Submission>(
    app: &Arc<App>,
    key: SessionKey,
    submission: S,
) -> Result<Prepared, Error> {
    match run(app, key, Stage::prepare(app), submission).await? {
        (Step::Prepared(prepared), _) => Ok(prepared),
        (Step::Done | Step::Stale, _) => Err(ApiErrorCode::Stale.into()),
    }
}

/// Examines a submission before its transaction, where something slow depends on it; answers it with its agency.
/// Nothing sound: it was carried out before.
async fn look<S: Submission>(
    app: &Arc<App>,
    key: SessionKey,
    submission: S,
) -> Result<(S, String, Option<S::Sound>), Error> {
    check_name(submission.head().0)?;
    let (id, now) = (key.id(), app.outside.now());
    let shared = Arc::clone(app);
    app.store
        .read(move |reader| {
            let session = reader.current_session(&id, now)?;
            let at = At { reader, agencies: &shared.agencies, session: &session, name: submission.head().0 };
            if submission.earlier(&at)?.is_some() {
                return Ok((submission, session.agency, None));
            }
            match submission.examine(&at, &place(&shared.agencies, &session)?)? {
                Examined::Sound(sound) => Ok((submission, session.agency, Some(sound))),
                Examined::Outdated(_) => Err(ApiErrorCode::Stale.into()),
            }
        })
        .await
}

async fn run<S: Submission>(
    app: &Arc<App>,
    key: SessionKey,
    stage: Stage,
    submission: S,
) -> Result<(Step, SessionView), Error> {
    check_name(submission.head().0)?;
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let request = Request { writer, app: &shared, id: &id, stage: &stage, now };
            let step = request.take(&submission)?;
            Ok((step, view::after(writer, &shared.agencies, &id, expires_at, now)?))
        })
        .await
}

/// Letters, digits and hyphens.
fn check_name(name: &str) -> Result<(), Error> {
    let is_sound =
        (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_sound { Ok(()) } else { Err(ApiErrorCode::BadRequest.into()) }
}

impl Request<'_> {
    fn take<S: Submission>(&self, submission: &S) -> Result<Step, Error> {
        let &Request { writer, app, id, stage, now } = self;
        let session = &writer.current_session(id, now)?;
        let at = At { reader: writer, agencies: &app.agencies, session, name: submission.head().0 };
        if !stage.is_preparation()
            && let Some(Earlier { holder, completion }) = submission.earlier(&at)?
        {
            writer.complete_session(id, completion)?;
            submission.settle(writer, id, holder)?;
            return Ok(Step::Done);
        }
        let place = place(&app.agencies, session)?;
        let sound = match submission.examine(&at, &place)? {
            Examined::Sound(sound) => sound,
            Examined::Outdated(occasion) => {
                let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
                writer.select_company(id, number, occasion)?;
                return Ok(Step::Stale);
            }
        };
        let filing = match submission.to_sign(&place, &sound) {
            Some(to_sign) => stage.file(self, session, &place, S::FUNCTION, &to_sign)?,
            None => Filing::Filed(receipt_number(&app.outside, now), None),
        };
        let (receipt, signed) = match filing {
            Filing::Prepared(prepared) => return Ok(Step::Prepared(prepared)),
            Filing::Filed(number, signed) => (number, signed),
        };
        let desk = app.desk(writer, place.profile, now);
        let turn = Turn { session_id: id, session, place, desk, receipt: &receipt };
        let Outcome { holder, completed } = submission.carry_out(&turn, sound)?;
        let completed = Completed {
            function: S::FUNCTION,
            at_unix_ms: now,
            receipt: receipt.clone(),
            signed: signed.is_some(),
            ..completed
        };
        let completion = writer.record_completion(desk.agency(), holder, at.name, &completed)?;
        writer.complete_session(id, completion)?;
        submission.settle(writer, id, holder)?;
        if let Some(signed) = signed {
            writer.keep_receipt(desk.agency(), completion, &signed)?;
        }
        Ok(Step::Done)
    }
}

impl<'a> At<'a> {
    fn agency(&self) -> &'a str {
        &self.session.agency
    }

    /// Whether that holder has completed this very submission.
    fn completed_by(&self, holder: Holder) -> Result<Option<Earlier>, Error> {
        let found = self.reader.completion_of(holder, self.name)?;
        Ok(found.map(|found| Earlier { holder, completion: found.id }))
    }

    /// Whether that card has, registered or waiting.
    fn completed_by_card(&self, card: &CardIdentity) -> Result<Option<Earlier>, Error> {
        let waiting = self.reader.latest_card_application(self.agency(), card)?;
        if let Some(waiting) = waiting
            && let Some(earlier) = self.completed_by(Holder::Application(waiting.id))?
        {
            return Ok(Some(earlier));
        }
        match self.reader.card(self.agency(), card)? {
            Some(registered) => self.completed_by(Holder::Card(registered.id)),
            None => Ok(None),
        }
    }
}

//! Suspends a company or a card, and lifts it. Open sessions can do nothing from then on: their requests are
//! refused (`bidder::admission`), and when they ask for their progress, they are back at the beginning
//! (`bidder::current`).

use std::sync::Arc;

use touroku_proto::{
    account::ApplicationState,
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        company::{CompanyCard, CompanyDetail, CorrectSuspension, Period, Suspend, Suspension},
        review::ReviewKind,
    },
};

use super::detail::detail as of_company;
use crate::{
    app::App,
    error::Error,
    japan,
    officer::{Acting, reason::reason},
    registry::{
        card::Card,
        told::{By, Known, Told, by_account, by_card},
    },
    store::{Act, Days, EventKind, Holder, Reader, Writer},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The company with that number, with all its cards and IDs.
    Company(String),
    /// The registered card with that row id.
    Card(i64),
    /// The card whose 審査 is pending, by its application's row id.
    Application(i64),
    /// The ID with that row id.
    Account(i64),
}

impl Target {
    /// By [`CompanyCard::id`].
    pub fn card(id: i64) -> Self {
        CompanyCard::application(id).map_or(Self::Card(id), Self::Application)
    }

    fn holder(&self) -> Option<Holder> {
        match *self {
            Self::Company(_) => None,
            Self::Card(card) => Some(Holder::Card(card)),
            Self::Application(application) => Some(Holder::Application(application)),
            Self::Account(account) => Some(Holder::Account(account)),
        }
    }

    fn detail(&self) -> Detail {
        match *self {
            Self::Company(_) => Detail::None,
            Self::Card(card) => Detail::Card(card),
            Self::Application(application) => Detail::Application(ReviewKind::Card, application),
            Self::Account(account) => Detail::Account(account),
        }
    }

    /// What its company is told when it is suspended, and when that is lifted.
    fn told(&self) -> [Option<Told>; 2] {
        match self {
            Self::Company(_) => [None, None],
            Self::Card(_) | Self::Application(_) => [Some(Told::CardSuspended), Some(Told::CardLifted)],
            Self::Account(_) => [Some(Told::IdSuspended), Some(Told::IdLifted)],
        }
    }

    /// The audit actions for suspending and lifting it.
    fn actions(&self) -> [AuditAction; 2] {
        match self {
            Self::Company(_) => [AuditAction::CompanySuspended, AuditAction::CompanyLifted],
            Self::Card(_) | Self::Application(_) => [AuditAction::CardSuspended, AuditAction::CardLifted],
            Self::Account(_) => [AuditAction::IdSuspended, AuditAction::IdLifted],
        }
    }
}

/// Suspends it; a company for a period.
///
/// # Errors
/// `reason_missing`, `period_invalid`, `not_found`, `stale` when it is already suspended or will be, `wrong_state` for
/// a replaced card.
pub async fn suspend(
    app: &Arc<App>,
    acting: Acting,
    target: Target,
    asked: Suspend,
) -> Result<CompanyDetail, Error> {
    let (suspension, days) = suspension(&acting, asked, app.outside.now())?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let number = find(writer, acting.agency(), &target)?;
            let (agency, now) = (acting.agency(), suspension.at_unix_ms);
            let profile = shared.agencies.profile(agency)?;
            shared.officer_desk(writer, profile, now).tell_suspended_first(&number)?;
            let is_new = match target {
                Target::Company(_) => {
                    writer.company_suspension(agency, &number, now)?.is_none()
                        && writer.suspend_company(agency, &number, &suspension, days)?
                }
                Target::Card(card) => writer.suspend_card(agency, &number, card, &suspension)?,
                Target::Application(application) => {
                    let found = writer.card_application(agency, application)?;
                    if found.is_none_or(|found| found.state != ApplicationState::Pending) {
                        return Err(ApiErrorCode::WrongState.into());
                    }
                    writer.suspend_application(application, &suspension)?
                }
                Target::Account(account) => writer.suspend_account(account, &suspension)?,
            };
            if !is_new {
                return Err(ApiErrorCode::Stale.into());
            }
            let ([action, _], period) = (target.actions(), &suspension.period);
            let detail = match target {
                Target::Company(_) if *period != Period::default() => Detail::Period(period.clone()),
                _ => target.detail(),
            };
            let act = Act { reason: &suspension.reason, detail: &words(period), ..Act::of(kind(action)?) };
            record(writer, &acting, (&number, target.holder()), (act, detail), (action, now))?;
            let [told, _] = target.told();
            tell(writer, &shared, (agency, &number), (&target, told), now)?;
            of_company(writer, &shared, agency, &number)
        })
        .await
}

/// Corrects reason and period of a company's suspension, which may thereby begin or end.
///
/// # Errors
/// Those of [`suspend`]; `stale` when another officer changed it, or it has ended.
pub async fn correct(
    app: &Arc<App>,
    acting: Acting,
    number: String,
    asked: CorrectSuspension,
) -> Result<CompanyDetail, Error> {
    let (suspension, days) = suspension(&acting, asked.suspend, app.outside.now())?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let number = find(writer, acting.agency(), &Target::Company(number))?;
            let (place, now) = ((acting.agency(), number.as_str()), suspension.at_unix_ms);
            let profile = shared.agencies.profile(place.0)?;
            shared.officer_desk(writer, profile, now).tell_suspended_first(&number)?;
            let before = writer.company_suspension(place.0, place.1, now)?.ok_or(ApiErrorCode::Stale)?;
            if !writer.correct_suspension(place, asked.seen_unix_ms, &suspension, days)? {
                return Err(ApiErrorCode::Stale.into());
            }
            let action = AuditAction::CompanySuspensionCorrected;
            let what = words(&suspension.period);
            let act = Act { reason: &suspension.reason, detail: &what, ..Act::of(kind(action)?) };
            let detail = Detail::PeriodCorrected(before.period, suspension.period.clone());
            record(writer, &acting, (&number, None), (act, detail), (action, now))?;
            of_company(writer, &shared, place.0, &number)
        })
        .await
}

/// What an officer entered.
fn suspension(acting: &Acting, asked: Suspend, now: i64) -> Result<(Suspension, Days), Error> {
    let Suspend { reason: typed, period } = asked;
    let reason = reason(&typed)?;
    let day = |date: &Option<String>| match date {
        Some(date) => japan::day_of(date).map(Some).ok_or(ApiErrorCode::PeriodInvalid),
        None => Ok(None),
    };
    let days = Days { from: day(&period.from)?, until: day(&period.until)? };
    let today = japan::day(now);
    if days.until.is_some_and(|until| until < days.from.unwrap_or(today).max(today)) {
        return Err(ApiErrorCode::PeriodInvalid.into());
    }
    let in_force = days.from.is_none_or(|from| from <= today);
    let officer = acting.officer.login_id.clone();
    Ok((Suspension { reason, officer, at_unix_ms: now, period, in_force }, days))
}

/// A period in the timeline; empty: from now until it is lifted.
fn words(period: &Period) -> String {
    let day = |date: &String| date.replace('-', "/");
    match (period.from.as_ref().map(day), period.until.as_ref().map(day)) {
        (None, None) => String::new(),
        (from, until) => format!("期間 {}～{}", from.unwrap_or_default(), until.unwrap_or_default()),
    }
}

/// Lifts its suspension.
///
/// # Errors
/// `reason_missing`, `not_found`, `stale` when it is not suspended.
pub async fn lift(
    app: &Arc<App>,
    acting: Acting,
    target: Target,
    typed: &str,
) -> Result<CompanyDetail, Error> {
    let reason = reason(typed)?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let (number, now) = (find(writer, acting.agency(), &target)?, shared.outside.now());
            let profile = shared.agencies.profile(acting.agency())?;
            shared.officer_desk(writer, profile, now).tell_suspended_first(&number)?;
            let was_suspended = match target {
                Target::Company(_) => writer.lift_company(acting.agency(), &number, now)?,
                Target::Card(card) => writer.lift_card(card)?,
                Target::Application(application) => writer.lift_application(application)?,
                Target::Account(account) => writer.lift_account(account)?,
            };
            if !was_suspended {
                return Err(ApiErrorCode::Stale.into());
            }
            let [_, action] = target.actions();
            let act = Act { reason: &reason, ..Act::of(kind(action)?) };
            record(writer, &acting, (&number, target.holder()), (act, target.detail()), (action, now))?;
            let [_, told] = target.told();
            tell(writer, &shared, (acting.agency(), &number), (&target, told), now)?;
            of_company(writer, &shared, acting.agency(), &number)
        })
        .await
}

/// Tells everybody whom the company has named, also when what the company itself had stopped is lifted. Of a measure against
/// the company itself the agency informs it by its own letter.
fn tell(
    writer: &Writer<'_>,
    app: &App,
    (agency, number): (&str, &str),
    (target, told): (&Target, Option<Told>),
    now: i64,
) -> Result<(), Error> {
    let Some(told) = told else { return Ok(()) };
    let certificate = match *target {
        Target::Card(card) => Some(writer.certificate_of(card)?),
        Target::Application(id) => writer.card_application(agency, id)?.map(|found| found.certificate),
        Target::Company(_) | Target::Account(_) => None,
    };
    let which = match (certificate, target) {
        (Some(certificate), _) => by_card(&Card::read(&app.agencies, &certificate)?),
        (None, Target::Account(id)) => {
            writer.account(agency, *id)?.map(|account| by_account(&account)).unwrap_or_default()
        }
        (None, _) => String::new(),
    };
    let desk = app.desk(writer, app.agencies.profile(agency)?, now);
    let words = format!("調達機関の担当者の画面\n対象 : {which}");
    desk.tell(told, &Known::of(writer, agency, number)?, number, By::Words(&words))?;
    app.mail_queued.notify_one();
    Ok(())
}

fn find(reader: &Reader<'_>, agency: &str, target: &Target) -> Result<String, Error> {
    match target {
        Target::Company(number) => match reader.roster_row(agency, number)? {
            Some(row) => Ok(row.number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
        Target::Card(card) => match reader.company_of_card(agency, *card)? {
            Some((_, true)) => Err(ApiErrorCode::WrongState.into()),
            Some((number, false)) => Ok(number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
        Target::Application(application) => match reader.card_application(agency, *application)? {
            Some(found) => Ok(found.number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
        Target::Account(account) => match reader.account(agency, *account)? {
            Some(account) => Ok(account.number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
    }
}

/// Records what concerns the company itself, in its timeline and in the audit chain. The reason stays out of the chain:
/// it may name a person.
pub(in crate::officer) fn note(
    writer: &Writer<'_>,
    acting: &Acting,
    number: &str,
    (action, reason): (AuditAction, &str),
    now: i64,
) -> Result<(), Error> {
    let act = Act { reason, ..Act::of(kind(action)?) };
    record(writer, acting, (number, None), (act, Detail::None), (action, now))
}

fn kind(action: AuditAction) -> Result<EventKind, Error> {
    EventKind::of(action).ok_or(Error::Defect("an action on a company is no event of it"))
}

pub(in crate::officer) fn record(
    writer: &Writer<'_>,
    acting: &Acting,
    (number, holder): (&str, Option<Holder>),
    (act, detail): (Act<'_>, Detail),
    (action, now): (AuditAction, i64),
) -> Result<(), Error> {
    let act = Act { officer: &acting.officer.login_id, ..act };
    writer.record_act(acting.agency(), number, holder, &act, now)?;
    acting.record(writer, action, number, &detail, now)
}

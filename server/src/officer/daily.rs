//! A day's events that officers should know about: a list on their first screen, and a mail every morning.

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    officer::{
        MailWhen, Notices, OfficerView,
        audit::{AuditAction, Detail},
        daily::{DailyItem, DailyKind, DailyList},
    },
};

use super::{Acting, news, session::view_of};
use crate::{
    app::App,
    error::Error,
    japan,
    mail::notice::Notice,
    store::{Progress, Reader, Writer},
};

/// How many of a day's events are shown.
const SHOWN: u32 = 200;

/// When the mail is written: milliseconds after midnight in Japan.
const AT: i64 = 7 * 3_600_000;

/// The most days covered by the mail after an interruption.
const MOST_DAYS: i64 = 7;

/// Today and yesterday.
pub async fn daily(app: &Arc<App>, acting: Acting) -> Result<Vec<DailyList>, Error> {
    let today = japan::day(app.outside.now());
    let lists = app.store.read(move |reader| {
        [today, today - 1].into_iter().map(|day| list(reader, acting.agency(), day)).collect()
    });
    lists.await
}

fn list(reader: &Reader<'_>, agency: &str, day: i64) -> Result<DailyList, Error> {
    let [from, to] = [day, day + 1].map(japan::beginning_of);
    let (items, all) = reader.daily(agency, (from, to), SHOWN)?;
    let left_out = all - u32::try_from(items.len()).unwrap_or(all);
    Ok(DailyList { day: japan::date(from), items, left_out })
}

/// Mails each agency's officers, once a morning, what has happened since the last time, if anything. Returns how
/// many agencies were notified.
pub async fn send_due(app: &Arc<App>) -> Result<usize, Error> {
    let now = app.outside.now();
    let today = japan::day(now - AT);
    let mut told = 0;
    for profile in app.agencies.all() {
        let name = progress_name(&profile.code);
        if app
            .store
            .read(move |reader| reader.progress(&name))
            .await?
            .is_some_and(|known| known.round == today)
        {
            continue;
        }
        let (shared, code) = (Arc::clone(app), profile.code.clone());
        let sent = app
            .store
            .write(move |writer| tell(writer, &shared, shared.agencies.profile(&code)?, (today, now)));
        told += usize::from(sent.await?);
    }
    if told > 0 {
        app.mail_queued.notify_one();
    }
    Ok(told)
}

fn progress_name(agency: &str) -> String {
    format!("daily {agency}")
}

fn tell(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    (today, now): (i64, i64),
) -> Result<bool, Error> {
    let name = progress_name(&profile.code);
    // A clock that was once ahead must not suspend the morning mails until then.
    let last = writer.progress(&name)?.map(|known| known.round).filter(|&last| last < today);
    let first = last.map_or(today - 1, |last| last.max(today - MOST_DAYS));
    let days = [first, today].map(japan::beginning_of);
    let (items, _) = writer.daily(&profile.code, days.into(), u32::MAX)?;
    let news = writer.news(&profile.code, days.into())?;
    writer.note_progress(&name, &Progress { round: today, finished: true, ..Progress::default() })?;
    let [since, until] = [days[0], days[1] - 1].map(japan::date);
    let days = if since == until { since } else { format!("{since} から {until} まで") };
    let events = counts(&items);
    let desk = app.officer_desk(writer, profile, now);
    let mut told = Vec::new();
    for (address, wanted) in readers(writer, profile)? {
        let own = news::lines(&news::part(&news, wanted, MailWhen::Daily));
        let lines: Vec<&str> =
            [events.as_str(), &own].into_iter().filter(|lines| !lines.is_empty()).collect();
        // Two accounts with one address get what both want, but nothing twice.
        let mail = (address.to_lowercase(), lines.join("\n"));
        if wanted.daily && !lines.is_empty() && !told.contains(&mail) {
            Notice::Daily { days: &days, counts: &mail.1 }.send(&desk, &[address])?;
            told.push(mail);
        }
    }
    Ok(!told.is_empty())
}

/// Officers, and the agency's own addresses, which get the events of the morning only.
fn readers(reader: &Reader<'_>, profile: &AgencyProfile) -> Result<Vec<(String, Notices)>, Error> {
    let mut readers = reader.notice_readers(&profile.code)?;
    let never = MailWhen::Never;
    let events = Notices { daily: true, application: never, card: never, import: never, incident: never };
    for address in &profile.mail.officers {
        if !readers.iter().any(|(known, wanted)| known.eq_ignore_ascii_case(address) && wanted.daily) {
            readers.push((address.clone(), events));
        }
    }
    Ok(readers)
}

/// The number of events of each kind, one per line.
fn counts(items: &[DailyItem]) -> String {
    let line = |kind: &DailyKind| {
        let all = items.iter().filter(|item| item.kind == *kind);
        let others = match all.clone().filter(|item| item.is_other).count() {
            0 => String::new(),
            others => format!("（うち、電子証明書の会社名が名簿と違うもの : {others}件）"),
        };
        let all = all.count();
        (all > 0).then(|| format!("・{} : {all}件{others}", kind.name()))
    };
    DailyKind::ALL.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// Sets what the officer gets mail about.
pub async fn set_notices(app: &Arc<App>, acting: Acting, notices: Notices) -> Result<OfficerView, Error> {
    let now = app.outside.now();
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            writer.set_officer_notices(acting.officer.officer, notices)?;
            let login_id = &acting.officer.login_id;
            acting.record(writer, AuditAction::NoticesChanged, login_id, &Detail::None, now)?;
            view_of(writer, &shared, &acting, now)
        })
        .await
}

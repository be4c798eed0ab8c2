//! What officers want to be told at once: looked for every minute, so that many at a time are one mail.

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    officer::{MailWhen, Notices},
};

use crate::{
    app::App,
    error::Error,
    mail::notice::Notice,
    store::{News, Progress, Writer},
};

/// Without news it is noted this often how far was looked, in milliseconds: not every minute should write.
const NOTE_EVERY: i64 = 3_600_000;

/// What is older is left to the morning's mail, in milliseconds: after an interruption nothing is new any more.
const OLDEST: i64 = 12 * 3_600_000;

/// Mails officers what happened since the last time, as far as they want it at once. Returns how many agencies
/// were told.
pub async fn send_due(app: &Arc<App>) -> Result<usize, Error> {
    let now = app.outside.now();
    let mut told = 0;
    for profile in app.agencies.all() {
        let name = progress_name(&profile.code);
        let code = profile.code.clone();
        let due = app.store.read(move |reader| {
            let mark = reader.progress(&name)?.map(|known| known.round);
            let last = mark.filter(|&last| last <= now);
            let since = last.unwrap_or(now).max(now - OLDEST);
            let is_due = last.is_none_or(|last| now - last >= NOTE_EVERY);
            Ok((is_due || reader.news(&code, (since, now))? != News::default()).then_some((mark, since)))
        });
        let Some((mark, since)) = due.await? else { continue };
        let (shared, code) = (Arc::clone(app), profile.code.clone());
        let sent = app.store.write(move |writer| {
            // Another server took the work over and was faster.
            if writer.progress(&progress_name(&code))?.map(|known| known.round) != mark {
                return Ok(false);
            }
            tell(writer, &shared, shared.agencies.profile(&code)?, (since, now))
        });
        told += usize::from(sent.await?);
    }
    if told > 0 {
        app.mail_queued.notify_one();
    }
    Ok(told)
}

fn progress_name(agency: &str) -> String {
    format!("news {agency}")
}

fn tell(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    (since, now): (i64, i64),
) -> Result<bool, Error> {
    let news = writer.news(&profile.code, (since, now))?;
    writer.note_progress(&progress_name(&profile.code), &Progress { round: now, ..Progress::default() })?;
    let desk = app.officer_desk(writer, profile, now);
    let mut told = Vec::new();
    for (address, wanted) in writer.notice_readers(&profile.code)? {
        let news = part(&news, wanted, MailWhen::AtOnce);
        let mail = (address.to_lowercase(), lines(&news));
        if !mail.1.is_empty() && !told.contains(&mail) {
            Notice::News { lines: &mail.1, fragment: fragment(&news) }.send(&desk, &[address])?;
            told.push(mail);
        }
    }
    Ok(!told.is_empty())
}

/// What an officer wants to be told in that way.
pub(super) fn part(news: &News, wanted: Notices, way: MailWhen) -> News {
    let of = |when: MailWhen, count: u32| if when == way { count } else { 0 };
    News {
        applications: of(wanted.application, news.applications),
        cards: of(wanted.card, news.cards),
        imports: of(wanted.import, news.imports),
        // The morning's mail lists them by kind.
        incidents: if way == MailWhen::Daily { 0 } else { of(wanted.incident, news.incidents) },
    }
}

/// A line for each.
pub(super) fn lines(news: &News) -> String {
    let lines = [
        ("審査を待っているID登録申請", news.applications),
        ("審査を待っているICカードの利用者登録", news.cards),
        ("業者情報取込の終わり（確認済み、取込済み、失敗）", news.imports),
        ("ICカードの失効・偽造のおそれ、会社による自社のICカード・IDの停止", news.incidents),
    ];
    let line = |(name, count): (&str, u32)| (count > 0).then(|| format!("・{name} : {count}件"));
    lines.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// Where to look first.
fn fragment(news: &News) -> &'static str {
    match news {
        News { incidents: 1.., .. } => "#/",
        News { applications: 1.., .. } | News { cards: 1.., .. } => "#/review",
        _ => "#/imports",
    }
}

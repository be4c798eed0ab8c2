//! ホーム: pending work, and how registration is going.

use touroku_html::html;
use touroku_proto::officer::{
    company::CompanyFilter,
    daily::{DailyItem, DailyList},
    figures::{DayFigures, Figures},
    import::{ImportState, ImportView, RowKind},
};
use yew::prelude::*;

use super::{
    chart, imports,
    parts::{Scene, chip, head, heading, link, progress, scroll},
    trouble::messages,
};
use crate::{
    bidder::clock,
    officer::route::{CompanySearch, QueueSearch, Route},
    texts::{
        Text,
        officer::{home as texts, screen},
    },
};

pub(super) fn view(scene: Scene) -> Html {
    let state = scene.state;
    let previous = state.officer().and_then(|officer| officer.previous_login_unix_ms);
    html! {
        <>
            { heading(&screen::heading(&Route::Home)) }
            { messages(scene) }
            if let Some(previous) = previous { <p>{ screen::previous_login(&clock::shown(previous)) }</p> }
            { imports_at_work(scene) }
            if let Some(figures) = &state.figures {
                { drawn(scene, figures) }
            } else if state.banner.is_none() {
                { progress(screen::READING) }
            }
        </>
    }
}

/// Imports that are not settled.
fn imports_at_work(scene: Scene) -> Html {
    let list = scene.state.imports.list.as_deref().unwrap_or_default();
    let settled = |import: &ImportView| {
        matches!(
            import.state,
            ImportState::Taken | ImportState::Undone | ImportState::Failed | ImportState::Cancelled
        )
    };
    let entry = |import: &ImportView| {
        let route = Route::Import { id: import.id, kind: RowKind::default() };
        html! {
            <section class="box" data-import={import.id.to_string()}>
                <p>{ &import.file_name }{ "　" }{ imports::state_chip(import.state) }</p>
                { imports::bar(import) }
                <p>{ link(&route, "", texts::TO_IMPORT.into()) }</p>
            </section>
        }
    };
    html! { <>{ for list.iter().filter(|import| !settled(import)).map(entry) }</> }
}

fn drawn(scene: Scene, figures: &Figures) -> Html {
    let age = figures.oldest_pending_unix_ms.map(|since| scene.state.now_unix_ms() - since);
    let find = |filter| Route::Companies(CompanySearch { query: String::new(), filter });
    let within_90 = figures.expiring_90.saturating_sub(figures.expiring_30);
    let later = figures.cards.saturating_sub(figures.expiring_90);
    html! {
        <>
            <section aria-labelledby="work">
                <h2 id="work">{ texts::WORK }</h2>
                <dl class="figures">{ figure("pending", texts::PENDING, figures.pending, texts::ITEMS) }</dl>
                <p>{ texts::pending(age) }</p>
                if figures.permits > 0 {
                    <dl class="figures">{ figure("permits", texts::PERMITS, figures.permits, texts::COMPANIES) }</dl>
                    <p>{ link(&find(CompanyFilter::PermitReceived), "", texts::TO_PERMITS.into()) }</p>
                }
                if figures.pending > 0 {
                    <p>{ link(&Route::Queue(QueueSearch::default()), "button solid", texts::TO_QUEUE.into()) }</p>
                }
            </section>
            { daily(scene) }
            <section aria-labelledby="figures">
                <h2 id="figures" class="spaced">{ texts::FIGURES }</h2>
                if figures.counted_unix_ms > 0 {
                    <p data-counted={figures.counted_unix_ms.to_string()}>
                        { texts::counted(&clock::shown(figures.counted_unix_ms)) }
                    </p>
                }
                <dl class="figures">
                    { figure("cards", texts::CARDS_IN_USE, figures.cards, texts::CARDS) }
                    { figure("suspended", texts::SUSPENDED, figures.suspended, texts::COMPANIES) }
                    { figure("revoked", texts::REVOKED, figures.revoked, texts::CARDS) }
                    { time("median", texts::MEDIAN, figures.median_processing_ms) }
                    { time("slow", texts::SLOW, figures.slow_processing_ms) }
                </dl>
                if !figures.checks_revocation {
                    <div class="banner warning" data-notice="unchecked"><p>{ texts::UNCHECKED }</p></div>
                }
            </section>
            if let Some(today) = figures.days.last() { { of_today(today) } }
            <section aria-labelledby="days">
                <h2 id="days">{ texts::DAYS }</h2>
                { chart::days(&figures.days) }
            </section>
            <section aria-labelledby="states">
                <h2 id="states">{ texts::STATES }</h2>
                { chart::shares(texts::STATES, texts::COMPANIES, &[
                    (texts::ELECTRONIC, figures.electronic), (texts::PAPER, figures.paper),
                ]) }
            </section>
            <section aria-labelledby="expiring">
                <h2 id="expiring">{ texts::EXPIRING }</h2>
                { chart::shares(texts::EXPIRING, texts::CARDS, &[
                    (texts::WITHIN_30, figures.expiring_30), (texts::WITHIN_90, within_90), (texts::LATER, later),
                ]) }
                <p>{ link(&find(CompanyFilter::Expiring), "", texts::TO_EXPIRING.into()) }</p>
            </section>
            <section aria-labelledby="mails">
                <h2 id="mails">{ texts::MAILS }</h2>
                { chart::shares(texts::MAILS, texts::ITEMS, &[
                    (texts::SENT, figures.mail_sent), (texts::QUEUED, figures.mail_queued),
                    (texts::REFUSED, figures.mail_refused),
                ]) }
                <p>{ link(&Route::Mails, "", texts::TO_MAILS.into()) }</p>
                <p>{ link(&find(CompanyFilter::Bounced), "", texts::TO_BOUNCED.into()) }</p>
            </section>
        </>
    }
}

/// What was completed today.
fn of_today(today: &DayFigures) -> Html {
    let values = [today.registered, today.changed, today.renewed, today.applied].map(u64::from);
    let names = ["today-registered", "today-changed", "today-renewed", "today-applied"];
    let parts = names.into_iter().zip(texts::SERIES).zip(values);
    html! {
        <section aria-labelledby="today">
            <h2 id="today">{ texts::of_today(&texts::date_of(&today.day)) }</h2>
            <dl class="figures">
                { for parts.map(|((name, label), value)| figure(name, label, value, texts::ITEMS)) }
            </dl>
        </section>
    }
}

/// The day's events, whether or not a decision was needed.
fn daily(scene: Scene) -> Html {
    let Some(days) = &scene.state.daily else { return Html::default() };
    html! {
        <section aria-labelledby="daily" data-daily="">
            <h2 id="daily" class="spaced">{ texts::DAILY }</h2>
            { for days.iter().enumerate().map(|(index, list)| day(index == 0, list)) }
        </section>
    }
}

fn day(is_today: bool, list: &DailyList) -> Html {
    let title = texts::day(is_today, &list.day);
    let line = |item: &DailyItem| {
        let company = Route::Company { number: item.number.clone() };
        html! {
            <tr data-kind={item.kind.as_str()}>
                <td><time datetime={clock::machine(item.at_unix_ms)}>{ clock::time_of_day(item.at_unix_ms) }</time></td>
                <td>
                    { item.kind.name() }
                    if item.is_other { { " " }{ chip("bad", texts::IS_OTHER) } }
                </td>
                <td>{ link(&company, "", html! { <>{ &item.number }{ "　" }{ &item.name }</> }) }</td>
                <td>
                    if !item.serial.is_empty() { <span>{ texts::serial(&item.serial) }</span> }
                    if !item.login_id.is_empty() { <span>{ texts::login_id(&item.login_id) }</span> }
                </td>
            </tr>
        }
    };
    html! {
        <div data-day={list.day.clone()}>
            <h3>{ &title }</h3>
            if list.items.is_empty() {
                <p>{ texts::NOTHING }</p>
            } else {
                { scroll(&title, html! {
                    <table class="grid">
                        <caption class="hidden">{ &title }</caption>
                        { head(&texts::DAILY_COLUMNS) }
                        <tbody>{ for list.items.iter().map(line) }</tbody>
                    </table>
                }) }
            }
            if list.left_out > 0 { <p>{ texts::left_out(list.left_out) }</p> }
        </div>
    }
}

fn figure(name: &'static str, label: Text, value: u64, unit: Text) -> Html {
    html! {
        <div class="figure" data-figure={name}>
            <dt>{ label }</dt>
            <dd>{ screen::count(value) }<span class="unit">{ unit }</span></dd>
        </div>
    }
}

fn time(name: &'static str, label: Text, milliseconds: Option<i64>) -> Html {
    let text = milliseconds.map_or_else(|| texts::NO_DECISION.to_string(), screen::duration);
    html! { <div class="figure" data-figure={name}><dt>{ label }</dt><dd>{ text }</dd></div> }
}

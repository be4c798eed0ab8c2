//! 審査: the queue, and what was decided.

use touroku_html::html;
use touroku_proto::officer::review::{ApplicationItem, Differences, ReviewKind, ReviewState};
use yew::prelude::*;

use super::{
    field::{line, select},
    parts::{Scene, Weight, chip, head, heading, link, moment, more, opener, progress, scroll, submit},
    trouble::messages,
};
use crate::{
    officer::{
        action::Action,
        dialog::Dialog,
        input::Input,
        route::{QueueSearch, Route},
        state::Collected,
    },
    texts::{
        Text,
        officer::{review as texts, screen},
    },
};

/// A table, oldest first.
pub(super) fn view(scene: Scene, search: &QueueSearch) -> Html {
    let decided = search.decided;
    let other = |decided| Route::Queue(QueueSearch { decided, ..QueueSearch::default() });
    html! {
        <>
            { heading(&screen::heading(&Route::Queue(search.clone()))) }
            { messages(scene) }
            { together(scene) }
            <nav aria-label={texts::TABS}>
                <ul class="tabs">
                    { tab(&other(false), &texts::PENDING, !decided) }
                    { tab(&other(true), &texts::DECIDED, decided) }
                </ul>
            </nav>
            { filters(scene, search) }
            { list(scene, search) }
        </>
    }
}

/// A tab: a link to another URL of the same screen.
pub(super) fn tab(route: &Route, name: &str, here: bool) -> Html {
    html! {
        <li><a href={route.to_fragment()} aria-current={here.then_some("page")}>{ name.to_owned() }</a></li>
    }
}

/// Words and filters.
fn filters(scene: Scene, search: &QueueSearch) -> Html {
    let options = |any: Text, all: [(&str, Text); 2], chosen: &str| -> Vec<(String, String, bool)> {
        std::iter::once(("", any))
            .chain(all)
            .map(|(code, name)| (code.to_owned(), name.to_string(), code == chosen))
            .collect()
    };
    let kinds = [ReviewKind::Account, ReviewKind::Card].map(|kind| (kind.as_str(), texts::kind(kind)));
    let differences =
        [(Differences::Some.as_str(), texts::FILTER_SOME), (Differences::None.as_str(), texts::FILTER_NONE)];
    let kinds = options(texts::FILTER_ANY_KIND, kinds, search.kind.map_or("", ReviewKind::as_str));
    let differences = options(
        texts::FILTER_ANY_DIFFERENCES,
        differences,
        search.differences.map_or("", Differences::as_str),
    );
    let pick = |change: fn(&mut QueueSearch, &str)| {
        let search = search.clone();
        scene.dispatch.reform(move |code: String| {
            let mut search = search.clone();
            change(&mut search, &code);
            Action::PickQueue(search)
        })
    };
    let on_kind = pick(|search, code| search.kind = ReviewKind::from_text(code));
    let on_differences = pick(|search, code| search.differences = Differences::from_text(code));
    html! {
        <form role="search" novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
            <div class="fields">
                { line(scene, Input::QueueQuery, false) }
                { select("queue_kind", &texts::FILTER_KIND, false, &kinds, on_kind) }
                { select("queue_differences", &texts::FILTER_DIFFERENCES, false, &differences, on_differences) }
            </div>
            <div class="actions">{ submit(texts::SEARCH) }</div>
        </form>
    }
}

/// Those that were looked at one by one and are to be approved together.
fn together(scene: Scene) -> Html {
    let collected = &scene.state.collected;
    if collected.is_empty() {
        return Html::default();
    }
    let entry = |one: &Collected| {
        let (kind, id) = (one.item.kind, one.item.id);
        let name = format!("{}　{}", one.item.receipt, one.item.name);
        html! {
            <li data-collected={format!("{}-{id}", kind.as_str())} data-refused={one.refused.then_some("true")}>
                { link(&Route::Application { kind, id }, "", name.clone().into()) }
                { "　" }{ texts::differences(one.item.differences) }{ "　" }
                <button type="button" class={Weight::Small.class()} data-do="drop"
                    onclick={scene.on(move || Action::Drop(kind, id))}>
                    { texts::UNCOLLECT }<span class="hidden">{ format!("（{name}）") }</span>
                </button>
                if one.refused { <div class="mark">{ texts::TOGETHER_REFUSED }</div> }
            </li>
        }
    };
    let count = collected.len();
    html! {
        <section class="banner info" aria-labelledby="together" data-together={count.to_string()}>
            <h2 id="together" class="banner-what">{ texts::TOGETHER }</h2>
            <p>{ texts::TOGETHER_IS }</p>
            <ul>{ for collected.iter().map(entry) }</ul>
            if let Some(done) = scene.state.approving {
                <p class="progress" role="status">
                    <span class="spinner" aria-hidden="true" />{ texts::approving(done) }
                </p>
            } else {
                <div class="banner-actions">
                    { opener(scene, Dialog::ApproveTogether(count), texts::approve_together(count), Weight::Solid, "") }
                </div>
            }
        </section>
    }
}

fn list(scene: Scene, search: &QueueSearch) -> Html {
    let decided = search.decided;
    let Some(queue) = &scene.state.queue else {
        return if scene.state.banner.is_none() { progress(screen::READING) } else { Html::default() };
    };
    if queue.applications.is_empty() {
        let none = match (search.is_filtered(), decided) {
            (true, _) => texts::NONE_FOUND,
            (false, true) => texts::NONE_DECIDED,
            (false, false) => texts::NONE,
        };
        return html! { <><p class="below" data-empty="">{ none }</p>{ more(scene, queue.next.is_some()) }</> };
    }
    let columns = if decided { texts::DECIDED_COLUMNS } else { texts::COLUMNS };
    html! {
        <>
            if !decided { <p class="below" data-pending={queue.pending.to_string()}>{ texts::waiting(queue.pending) }</p> }
            { scroll(&texts::TABS, html! {
                <table class="grid">
                    <caption class="hidden">{ if decided { texts::DECIDED } else { texts::PENDING } }</caption>
                    { head(&columns) }
                    <tbody>{ for queue.applications.iter().map(|item| entry(scene, item, decided)) }</tbody>
                </table>
            }) }
            { more(scene, queue.next.is_some()) }
        </>
    }
}

fn entry(scene: Scene, item: &ApplicationItem, decided: bool) -> Html {
    let route = Route::Application { kind: item.kind, id: item.id };
    let age = screen::duration(scene.state.now_unix_ms() - item.applied_unix_ms);
    let key = format!("{}-{}", item.kind.as_str(), item.id);
    let name = key.clone();
    html! {
        <tr data-application={name} {key}>
            <th scope="row">{ link(&route, "", html! { &item.receipt }) }</th>
            <td>
                { &item.name }<br />{ &item.number }
                if item.others > 0 {
                    <div data-others={item.others.to_string()}>{ texts::others(item.others as usize) }</div>
                }
            </td>
            <td>{ texts::kind(item.kind) }<br />{ &item.category }</td>
            <td>{ if decided { moment(item.applied_unix_ms) } else { age.into() } }</td>
            <td data-differences={item.differences.to_string()}>
                if item.differences > 0 { <span aria-hidden="true">{ "◆ " }</span> }
                { texts::differences(item.differences) }
            </td>
            <td>
                { state_chip(item.state) }
                if item.state == ReviewState::FirstApproved { <div>{ texts::first(&item.first_approver) }</div> }
            </td>
        </tr>
    }
}

/// A state as a framed word.
pub(super) fn state_chip(state: ReviewState) -> Html {
    let kind = match state {
        ReviewState::Pending => "",
        ReviewState::FirstApproved => "busy",
        ReviewState::Approved => "good",
        ReviewState::Rejected => "bad",
        ReviewState::Withdrawn => "",
    };
    chip(kind, texts::state(state))
}

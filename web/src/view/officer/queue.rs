//! 審査: the queue, and what was decided.

use touroku_proto::officer::review::{ApplicationItem, ReviewState};
use yew::prelude::*;

use super::{
    parts::{Scene, chip, head, heading, link, moment, more, progress, scroll},
    trouble::messages,
};
use crate::{
    officer::route::Route,
    texts::officer::{review as texts, screen},
};

/// A table, oldest first.
pub(super) fn view(scene: Scene, decided: bool) -> Html {
    let route = Route::Queue { decided };
    html! {
        <>
            { heading(&screen::heading(&route)) }
            { messages(scene) }
            <nav aria-label={texts::TABS}>
                <ul class="tabs">
                    { tab(&Route::Queue { decided: false }, &texts::PENDING, !decided) }
                    { tab(&Route::Queue { decided: true }, &texts::DECIDED, decided) }
                </ul>
            </nav>
            { list(scene, decided) }
        </>
    }
}

/// A tab: a link to another URL of the same screen.
pub(super) fn tab(route: &Route, name: &str, here: bool) -> Html {
    html! {
        <li><a href={route.to_fragment()} aria-current={here.then_some("page")}>{ name.to_owned() }</a></li>
    }
}

fn list(scene: Scene, decided: bool) -> Html {
    let Some(queue) = &scene.state.queue else {
        return if scene.state.banner.is_none() { progress(screen::READING) } else { Html::default() };
    };
    if queue.applications.is_empty() {
        return html! { <p data-empty="">{ if decided { texts::NONE_DECIDED } else { texts::NONE } }</p> };
    }
    let columns = if decided { texts::DECIDED_COLUMNS } else { texts::COLUMNS };
    html! {
        <>
            if !decided { <p data-pending={queue.pending.to_string()}>{ texts::waiting(queue.pending) }</p> }
            { scroll(&texts::TABS, html! {
                <table class="grid">
                    <caption class="hidden">{ if decided { texts::DECIDED } else { texts::PENDING } }</caption>
                    { head(&columns) }
                    <tbody>{ for queue.applications.iter().map(|item| line(scene, item, decided)) }</tbody>
                </table>
            }) }
            { more(scene, queue.next.is_some()) }
        </>
    }
}

fn line(scene: Scene, item: &ApplicationItem, decided: bool) -> Html {
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

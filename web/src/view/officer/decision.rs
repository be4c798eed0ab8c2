//! 承認 and 却下 of an application, always in view, and the way to the next one.

use touroku_html::html;
use touroku_proto::officer::{
    Role,
    review::{ApplicationDetail, ReviewNote, ReviewState},
};
use yew::prelude::*;

use super::{
    field::{area, select},
    parts::{Scene, Weight, button, link, moment, opener, progress, value},
};
use crate::{
    officer::{
        action::Action,
        ask::Ask,
        dialog::Dialog,
        input::Input,
        route::{QueueSearch, Route},
        state::NEXT_APPLICATION,
    },
    texts::officer::{company, review as texts, screen},
};

/// What has to be known before deciding, and the reason of a rejection.
pub(super) fn view(scene: Scene, detail: &ApplicationDetail) -> Html {
    if !is_open(detail) {
        return Html::default();
    }
    if !scene.state.may(Role::Review) {
        return html! { <p class="spaced" data-view-only="">{ texts::VIEW_ONLY }</p> };
    }
    let first = &detail.item.first_approver;
    let reason = scene.state.text(Input::Reason);
    let templates: Vec<_> = std::iter::once((String::new(), texts::NO_TEMPLATE.to_string(), false))
        .chain(detail.reject_reasons.iter().map(|text| (text.clone(), text.clone(), text == reason)))
        .collect();
    let on_pick = scene.dispatch.reform(Action::PickReason);
    html! {
        <section aria-labelledby="decision">
            <h2 id="decision" class="spaced">{ texts::DECISION }</h2>
            if detail.approvals > 1 { <p>{ texts::TWO }</p> }
            if !first.is_empty() { <p>{ texts::first(first) }</p> }
            if scene.state.waits(|ask| matches!(ask, Ask::Decide { .. })) { { progress(screen::SENDING) } }
            if let Some(suspension) = &detail.suspension {
                <div class="banner warning" data-suspension="">
                    <p class="banner-what">{ texts::SUSPENDED }</p>
                    <p>{ company::suspension(suspension) }{ "　" }{ company::reason(&suspension.reason) }</p>
                    <p>{ texts::SUSPENDED_NEXT }</p>
                </div>
            } else if detail.login_id_taken {
                <p data-id-taken="">{ texts::ID_TAKEN }</p>
            } else if detail.approved_by_you {
                <p data-approved-by-you="">{ texts::YOU_WERE_FIRST }</p>
            } else if let Some(block) = detail.blocked {
                <p data-approval-blocked="">{ texts::blocked(block) }</p>
            }
            <p class="field-hint">{ texts::KEYS }</p>
            <h3 class="spaced">{ texts::REJECT_HEADING }</h3>
            <div class="fields reasons">
                if !detail.reject_reasons.is_empty() {
                    { select("reason_template", &texts::TEMPLATES, false, &templates, on_pick) }
                }
                { area(scene, Input::Reason, true, 4) }
            </div>
        </section>
    }
}

/// The first stop behind the heading: the buttons are at the screen's end.
pub(super) fn skip(scene: Scene, detail: &ApplicationDetail) -> Html {
    if !is_open(detail) || !scene.state.may(Role::Review) {
        return Html::default();
    }
    let opener = if may_approve(detail) { Dialog::Approve } else { Dialog::Reject }.opener();
    let href = format!("#{opener}");
    let onclick = scene.on_jump(move || Action::Find(opener.clone()));
    html! { <a class="skip" {href} {onclick}>{ texts::SKIP }</a> }
}

/// The buttons. They stay at the window's lower edge, whatever is being read.
pub(super) fn bar(scene: Scene, detail: &ApplicationDetail) -> Html {
    let decides = is_open(detail) && scene.state.may(Role::Review);
    let next = scene.state.next_application();
    html! {
        <div class="decision-bar no-print" data-decision-bar="">
            if decides {
                if may_approve(detail) { { opener(scene, Dialog::Approve, texts::APPROVE, Weight::Solid, "") } }
                { opener(scene, Dialog::Reject, texts::REJECT, Weight::Outline, "") }
                if may_approve(detail) { { collect(scene, detail) } }
            } else if let Some(next) = next {
                <a id={NEXT_APPLICATION} href={next.to_fragment()} class="button solid" data-next="">{ texts::NEXT }</a>
            } else {
                { link(&Route::Queue(QueueSearch::default()), "button outline", texts::TO_QUEUE.into()) }
            }
        </div>
    }
}

/// Adds it to those that are approved together, or takes it out again.
fn collect(scene: Scene, detail: &ApplicationDetail) -> Html {
    let (kind, id) = (detail.item.kind, detail.item.id);
    let is_in = scene.state.collected.iter().any(|one| {
        (one.item.kind, one.item.id) == (kind, id) && one.revision == detail.revision && !one.refused
    });
    match is_in {
        true => button(scene, "drop", texts::UNCOLLECT, Weight::Outline, move || Action::Drop(kind, id)),
        false => button(scene, "collect", texts::COLLECT, Weight::Outline, || Action::Collect),
    }
}

/// What officers wrote down about it for one another.
pub(super) fn notes(scene: Scene, detail: &ApplicationDetail) -> Html {
    let note = |note: &ReviewNote| {
        html! {
            <li><p class="mark">{ &note.officer }{ "　" }{ moment(note.at_unix_ms) }</p>{ value(&note.text) }</li>
        }
    };
    html! {
        <section aria-labelledby="notes" data-notes={detail.notes.len().to_string()}>
            <h2 id="notes" class="spaced">{ texts::NOTES }</h2>
            if detail.notes.is_empty() {
                <p>{ texts::NO_NOTES }</p>
            } else {
                <ul>{ for detail.notes.iter().map(note) }</ul>
            }
            if scene.state.may(Role::Review) {
                <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                    <div class="fields">{ area(scene, Input::Note, false, 3) }</div>
                    <div class="actions">
                        <button type="submit" class={Weight::Outline.class()} data-do="note">{ texts::ADD_NOTE }</button>
                    </div>
                </form>
            }
        </section>
    }
}

fn is_open(detail: &ApplicationDetail) -> bool {
    matches!(detail.item.state, ReviewState::Pending | ReviewState::FirstApproved)
}

fn may_approve(detail: &ApplicationDetail) -> bool {
    let is_held = detail.suspension.is_some() || detail.login_id_taken;
    !is_held && !detail.approved_by_you && detail.blocked.is_none()
}

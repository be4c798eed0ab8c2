//! One application: application, roster and certificate side by side; 承認 and 却下.

use touroku_proto::{
    identity::Verdict,
    officer::{
        Role,
        review::{ApplicationDetail, OtherApplication, ReviewRow, ReviewState},
    },
};
use yew::prelude::*;

use super::{
    field::{area, select, summary},
    parts::{Scene, Weight, heading, link, moment, opener, progress, row, scroll, value},
    queue::state_chip,
    trouble::messages,
};
use crate::{
    officer::{action::Action, ask::Ask, dialog::Dialog, input::Input, route::Route},
    texts::{
        Text, identity,
        officer::{review as texts, screen},
    },
    view::identity::comparison as table_of_identity,
};

/// What is applied for, compared.
pub(super) fn view(scene: Scene) -> Html {
    let Some(route) = &scene.state.route else { return Html::default() };
    let Some(detail) = &scene.state.review.detail else {
        return html! {
            <>
                { heading(&screen::heading(route)) }
                { messages(scene) }
                if scene.state.banner.is_none() { { progress(screen::READING) } }
                <p>{ link(&Route::Queue { decided: false }, "", texts::TO_QUEUE.into()) }</p>
            </>
        };
    };
    let item = &detail.item;
    html! {
        <>
            { heading(&screen::heading(route)) }
            { summary(scene) }
            { messages(scene) }
            <dl class="rows">
                { row(texts::ID, value(&item.receipt)) }
                { row(texts::KIND, html! { format!("{}（{}）", kind(detail), item.category) }) }
                { row(texts::NUMBER, html! { <>
                    { &item.number }{ "　" }
                    { link(&Route::Company { number: item.number.clone() }, "", texts::TO_COMPANY.into()) }
                </> }) }
                { row(texts::NAME, value(&item.name)) }
                { row(texts::APPLIED, moment(item.applied_unix_ms)) }
                <div class="row" data-state={state_name(item.state)}>
                    <dt>{ texts::STATE }</dt><dd>{ state_chip(item.state) }</dd>
                </div>
                if !detail.decisions.is_empty() { { row(texts::DECISIONS, decisions(detail)) } }
                if !detail.causes.is_empty() { { row(identity::CAUSES, causes(detail)) } }
                if !detail.replaces.is_empty() { { row(identity::REPLACES, value(&detail.replaces)) } }
                if !detail.reason.is_empty() {
                    { row(texts::REASON, html! { <span class="reason">{ &detail.reason }</span> }) }
                }
            </dl>
            if let Some(found) = &detail.company_match {
                <section aria-labelledby="identity"
                    data-same-company={(found.verdict() == Verdict::Same).to_string()}>
                    <h2 id="identity" class="spaced">{ identity::COMPARISON }</h2>
                    <p>
                        if found.verdict() != Verdict::Same { <span aria-hidden="true">{ "◆ " }</span> }
                        { identity::finding(found.finding) }
                    </p>
                    { table_of_identity(found) }
                </section>
            }
            if !detail.others.is_empty() { { others(detail) } }
            <section aria-labelledby="compare">
                <h2 id="compare" class="spaced">{ texts::COMPARE }</h2>
                <p>{ texts::summary(item.differences) }</p>
                { comparison(scene, detail) }
            </section>
            { decision(scene, detail) }
            <div class="actions">
                if let Some(next) = scene.state.next_application() {
                    { link(&next, "button outline", texts::NEXT.into()) }
                }
                { link(&Route::Queue { decided: false }, "button outline", texts::TO_QUEUE.into()) }
            </div>
        </>
    }
}

fn state_name(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Pending => "pending",
        ReviewState::FirstApproved => "first_approved",
        ReviewState::Approved => "approved",
        ReviewState::Rejected => "rejected",
        ReviewState::Withdrawn => "withdrawn",
    }
}

fn kind(detail: &ApplicationDetail) -> Text {
    if detail.replaces.is_empty() { texts::kind(detail.item.kind) } else { identity::RENEWAL }
}

fn causes(detail: &ApplicationDetail) -> Html {
    html! { <ul data-causes="">{ for detail.causes.iter().map(|&cause| html! { <li>{ identity::cause(cause) }</li> }) }</ul> }
}

fn decisions(detail: &ApplicationDetail) -> Html {
    let entry = |decision: &touroku_proto::officer::review::ReviewDecision| {
        html! {
            <li>{ texts::decision(&decision.officer, decision.approved) }{ "　" }{ moment(decision.at_unix_ms) }</li>
        }
    };
    html! { <ul>{ for detail.decisions.iter().map(entry) }</ul> }
}

/// The company's other applications, with what was entered differently.
fn others(detail: &ApplicationDetail) -> Html {
    let waiting = detail.others.iter().filter(|other| other.state != ReviewState::Approved).count();
    let heading = if waiting > 0 { texts::others(waiting) } else { texts::HAS_ID.to_string() };
    html! {
        <section aria-labelledby="others" data-others={waiting.to_string()}>
            <h2 id="others" class="spaced">{ heading }</h2>
            <p>{ texts::OTHERS_IS }</p>
            { for detail.others.iter().map(|other| another(detail, other)) }
        </section>
    }
}

fn another(detail: &ApplicationDetail, other: &OtherApplication) -> Html {
    let route = Route::Application { kind: other.kind, id: other.id };
    let name = format!("{} {}　{}", texts::ID, other.receipt, texts::kind(other.kind));
    let [label, here, there] = texts::OTHER_COLUMNS;
    html! {
        <div data-other={other.id.to_string()}>
            <h3 class="spaced">{ link(&route, "", name.clone().into()) }{ "　" }{ state_chip(other.state) }</h3>
            <p>{ texts::APPLIED }{ "：" }{ moment(other.applied_unix_ms) }</p>
            if other.kind != detail.item.kind {
                // Two kinds have nothing to compare.
            } else if other.differences.is_empty() {
                <p>{ texts::OTHER_SAME }</p>
            } else {
                { scroll(&name, html! {
                    <table class="compare">
                        <caption class="hidden">{ &name }</caption>
                        <thead><tr>
                            <th scope="col">{ label }</th>
                            <th scope="col">{ here }</th>
                            <th scope="col">{ there }</th>
                        </tr></thead>
                        <tbody>{ for other.differences.iter().map(|row| html! {
                            <tr data-differs="true">
                                <th scope="row"><span aria-hidden="true">{ "◆ " }</span>{ &row.label }</th>
                                <td>{ value(&row.here) }</td>
                                <td>{ value(&row.there) }</td>
                            </tr>
                        }) }</tbody>
                    </table>
                }) }
            }
        </div>
    }
}

fn comparison(scene: Scene, detail: &ApplicationDetail) -> Html {
    let before = scene.state.review.before.as_ref();
    let [label, applied, roster, certificate] = texts::COMPARE_COLUMNS;
    let sections = detail.rows.chunk_by(|a, b| a.section == b.section);
    let line = |row: &ReviewRow| {
        let old = before.and_then(|before| {
            before.rows.iter().find(|old| (&old.section, &old.label) == (&row.section, &row.label))
        });
        let changed = before.is_some() && old != Some(row);
        html! {
            <tr data-row={row.label.clone()} data-differs={row.differs.then_some("true")}
                data-changed-since={changed.then_some("true")}>
                <th scope="row">
                    { &row.label }
                    if row.differs {
                        <span class="mark differs"><span aria-hidden="true">{ "◆" }</span>{ texts::DIFFERS }</span>
                    }
                    if changed { <span class="mark changed-since">{ texts::CHANGED_SINCE }</span> }
                </th>
                { cell(&row.applied, old.map(|old| &old.applied)) }
                { cell(&row.roster, old.map(|old| &old.roster)) }
                { cell(&row.certificate, old.map(|old| &old.certificate)) }
            </tr>
        }
    };
    let block = |rows: &[ReviewRow]| {
        html! {
            <tbody>
                <tr><th scope="rowgroup" colspan="4" class="section-head">{ &rows[0].section }</th></tr>
                { for rows.iter().map(line) }
            </tbody>
        }
    };
    scroll(
        &texts::COMPARE,
        html! {
            <table class="compare">
                <caption class="hidden">{ texts::COMPARE }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ label }</th>
                        <th scope="col">{ applied }</th>
                        <th scope="col">{ roster }</th>
                        <th scope="col">{ certificate }</th>
                    </tr>
                </thead>
                { for sections.map(block) }
            </table>
        },
    )
}

/// A cell, with its previous value if that was different.
fn cell(now: &Option<String>, before: Option<&Option<String>>) -> Html {
    let text = |text: &Option<String>| match text {
        Some(text) => value(text),
        None => html! { <span class="empty">{ texts::NOT_THERE }</span> },
    };
    html! {
        <td>
            { text(now) }
            if let Some(before) = before.filter(|before| *before != now) {
                <div class="mark">{ texts::BEFORE }<del>{ text(before) }</del></div>
            }
        </td>
    }
}

fn decision(scene: Scene, detail: &ApplicationDetail) -> Html {
    if !matches!(detail.item.state, ReviewState::Pending | ReviewState::FirstApproved) {
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
            if detail.login_id_taken {
                <p data-id-taken="">{ texts::ID_TAKEN }</p>
            } else if detail.approved_by_you {
                <p data-approved-by-you="">{ texts::YOU_WERE_FIRST }</p>
            } else if let Some(block) = detail.blocked {
                <p data-approval-blocked="">{ texts::blocked(block) }</p>
            } else {
                <div class="actions">{ opener(scene, Dialog::Approve, texts::APPROVE, Weight::Solid, "") }</div>
            }
            <h3 class="spaced">{ texts::REJECT_HEADING }</h3>
            <div class="fields">
                if !detail.reject_reasons.is_empty() {
                    { select("reason_template", &texts::TEMPLATES, false, &templates, on_pick) }
                }
                { area(scene, Input::Reason, true, 4) }
            </div>
            <div class="actions">{ opener(scene, Dialog::Reject, texts::REJECT, Weight::Outline, "") }</div>
        </section>
    }
}

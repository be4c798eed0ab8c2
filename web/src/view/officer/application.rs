//! One application: application, roster and certificate side by side; 承認 and 却下.

use touroku_html::html;
use touroku_proto::{
    identity::Verdict,
    officer::review::{ApplicationDetail, OtherApplication, ReviewState},
};
use yew::prelude::*;

use super::{
    comparison, decision,
    field::summary,
    parts::{Scene, heading, link, moment, progress, row, scroll, value},
    queue::state_chip,
    trouble::messages,
};
use crate::{
    officer::route::{QueueSearch, Route},
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
                <p>{ link(&Route::Queue(QueueSearch::default()), "", texts::TO_QUEUE.into()) }</p>
            </>
        };
    };
    let item = &detail.item;
    html! {
        <>
            { heading(&screen::heading(route)) }
            { decision::skip(scene, detail) }
            { summary(scene) }
            { messages(scene) }
            { comparison::differences(detail) }
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
                { comparison::view(scene, detail) }
            </section>
            { decision::notes(scene, detail) }
            { decision::view(scene, detail) }
            <p class="below">{ link(&Route::Queue(QueueSearch::default()), "", texts::TO_QUEUE.into()) }</p>
            { decision::bar(scene, detail) }
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

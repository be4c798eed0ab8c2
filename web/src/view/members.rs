//! 自治体名: the page of a portal (共同利用).

use touroku_html::html;
use touroku_proto::{
    api::{JointPortal, MemberSummary},
    kana,
};
use yew::prelude::*;

use super::{
    parts::{Scene, back, heading, link, notices},
    select::unfinished,
    shared::TextField,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, members::MembersAction, route::Route},
    texts::{listing, members as texts, own, screen},
};

/// The members, by 五十音 or as searched for.
pub(super) fn view(scene: Scene, portal: &JointPortal) -> Html {
    let sought = &scene.state.sought_members;
    let found = sought.in_portal(portal);
    let entry = |member: &&MemberSummary| {
        let route = Route::Categories { agency: member.code.clone() };
        html! { <li key={member.code.clone()}>{ link(scene, &route, "choice", html! { own(&member.name) }) }</li> }
    };
    html! {
        <>
            { heading(&texts::HEADING) }
            { messages(scene) }
            { unfinished(scene) }
            <p class="place"><strong>{ own(&portal.name) }</strong></p>
            <p class="lead">{ texts::LEAD }</p>
            <div class="kana" role="group" aria-label={listing::ROWS}>
                { row_button(scene, None) }
                { for kana::ROWS.iter().map(|&row| row_button(scene, Some(row))) }
            </div>
            <div class="list-search">
                <label for="member_query">{ texts::QUERY }</label>
                <TextField id="member_query" value={sought.typed.clone()} required=false invalid=false
                    described_by={String::new()}
                    on_input={scene.dispatch.reform(|text| Action::Members(MembersAction::Typed(text)))}
                    on_leave={Callback::noop()} />
            </div>
            <div role="status">
                if found.shown.is_empty() {
                    <p>{ texts::NONE }</p>
                } else {
                    <p>{ texts::found(found.shown.len() + found.more) }</p>
                }
                if found.more > 0 {
                    <p>{ texts::more(found.more) }</p>
                }
            </div>
            <ul class="choices" id="members">{ for found.shown.iter().map(entry) }</ul>
            { notices(screen::NOTICES, &portal.notices) }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

fn row_button(scene: Scene, row: Option<&'static str>) -> Html {
    let pressed = scene.state.sought_members.row == row;
    let onclick = scene.on(move || Action::Members(MembersAction::Row(row)));
    let name = row.map_or_else(|| listing::ALL.to_string().to_string(), listing::row);
    html! {
        <button type="button" class="button outline small" aria-pressed={pressed.to_string()}
            data-row-button={row.unwrap_or_default()} {onclick}>{ name }</button>
    }
}

//! 登録完了.

use yew::prelude::*;

use super::{
    parts::{Scene, Weight, button, heading, link, steps},
    trouble::messages,
};
use crate::{
    bidder::{action::Action, clock, route::Route},
    texts::screen::{self, button as label},
};

/// The 企業ID, and where the mail went.
pub(super) fn view(scene: Scene) -> Html {
    let Some(completed) = scene.state.view().and_then(|view| view.completed.as_ref()) else {
        return Html::default();
    };
    html! {
        <>
            { steps(4) }
            { heading(screen::heading(&Route::Done)) }
            { messages(scene) }
            <div class="banner success"><p class="banner-what">{ screen::DONE_LEAD }</p></div>
            <dl class="rows result">
                <div class="row">
                    <dt>{ screen::COMPANY_ID }</dt>
                    <dd class="company-id" data-company-id={completed.company_id.clone()}>
                        { &completed.company_id }
                   </dd>
                </div>
                <div class="row">
                    <dt>{ screen::COMPLETED_AT }</dt>
                    <dd>{ clock::shown(completed.at_unix_ms) }</dd>
                </div>
            </dl>
            <p>{ screen::MAILED }</p>
            <ul class="addresses" data-mailed-to="">
                { for completed.mailed_to.iter().map(|address| html! { <li>{ address.clone() }</li> }) }
            </ul>
            <p>{ screen::MAIL_MISSING }</p>
            <p>{ screen::DONE_PRINT }</p>
            <div class="actions">
                { button(scene, label::PRINT, Weight::Solid, || Action::Follow(Route::Print)) }
                { link(scene, &Route::Agencies, "button outline", label::TOP.into()) }
            </div>
        </>
    }
}

//! 登録内容確認.

use touroku_html::html;
use touroku_proto::api::Function;
use yew::prelude::*;

use super::{
    identity,
    parts::{Scene, Weight, back, button, heading, progress, signed, steps, steps_of},
    rows,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, route::Route},
    texts::{
        change,
        screen::{self, button as label},
    },
};

/// All rows again, and the card's.
pub(super) fn view(scene: Scene) -> Html {
    let Some((form, occasion)) = scene.state.session_form() else { return progress(screen::LOADING) };
    if scene.state.function() == Function::Change {
        return html! {
            <>
                { steps_of(change::STEPS_NAME, &change::STEPS, 2) }
                { heading(&screen::heading_for(&Route::Confirm, Function::Change)) }
                { super::change::confirm(scene) }
            </>
        };
    }
    html! {
        <>
            { steps(3) }
            { heading(&screen::heading_for(&Route::Confirm, scene.state.function())) }
            { messages(scene) }
            <p class="lead">{ screen::CONFIRM_LEAD }</p>
            if let Some(view) = scene.state.view() {
                { identity::view(view, view.card.as_ref(), screen::CONFIRM_NAMES) }
            }
            { rows::confirmation(scene, form, occasion) }
            { signed(scene) }
            if scene.state.registering { { progress(screen::REGISTERING) } }
            <div class="actions">
                { button(scene, label::REGISTER, Weight::Solid, || Action::Register) }
                { back(scene) }
            </div>
        </>
    }
}

//! 利用者登録メニュー.

use touroku_html::html;
use touroku_proto::card::Purpose;
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading},
    trouble::messages,
};
use crate::{
    bidder::{action::Action, route::Route},
    texts::{
        change, renew,
        screen::{self, button as label},
    },
};

/// What can be done with a card.
pub(super) fn view(scene: Scene) -> Html {
    html! {
        <>
            { heading(&screen::heading(&Route::Menu)) }
            { messages(scene) }
            <p class="lead">{ screen::MENU_LEAD }</p>
            <ul class="menu">
                <li>
                    { button(scene, label::REGISTER, Weight::Solid, || Action::ShowCard(Purpose::Register)) }
                    <p>{ screen::REGISTER_IS }</p>
                </li>
                <li>
                    { button(scene, label::CHANGE, Weight::Solid, || Action::ShowCard(Purpose::Change)) }
                    <p>{ change::IS }</p>
                </li>
                <li>
                    { button(scene, label::RENEWAL, Weight::Solid, || Action::Follow(Route::RenewOld)) }
                    <p>{ renew::IS }</p>
                </li>
            </ul>
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

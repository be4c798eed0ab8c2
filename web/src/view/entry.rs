//! 利用者登録／電子入札 selection.

use touroku_html::html;
use yew::prelude::*;

use super::{
    listing,
    parts::{Scene, back, heading, link, notices},
    trouble::messages,
};
use crate::{bidder::route::Route, texts::screen};

/// The two ways on.
pub(super) fn view(scene: Scene, agency: &str, category: &str) -> Html {
    let registration = Route::Client { agency: agency.to_owned(), category: category.to_owned() };
    let bidding = Route::BidClient { agency: agency.to_owned(), category: category.to_owned() };
    let entry = |route: &Route, name: &'static str, is: &'static str| {
        html! {
            <li>
                { link(scene, route, "choice", html! { name }) }
                <p class="choice-note">{ is }</p>
            </li>
        }
    };
    html! {
        <>
            { heading(&screen::ENTRY) }
            { messages(scene) }
            <ul class="choices wide">
                { entry(&registration, &screen::REGISTRATION, &screen::REGISTRATION_IS) }
                { entry(&bidding, &screen::BIDDING, &screen::BIDDING_IS) }
            </ul>
            <p>{ screen::NEEDS_CARD }</p>
            { notices_and_list(scene) }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

/// The category's notices, and a link to the list of numbers if there is one.
pub(super) fn notices_and_list(scene: Scene) -> Html {
    let texts = scene.state.category().map(|category| category.notices.as_slice()).unwrap_or_default();
    html! { <>{ listing::link_to(scene) }{ notices(screen::NOTICES, texts) }</> }
}

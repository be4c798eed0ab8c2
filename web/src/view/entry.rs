//! 利用者登録／電子入札 selection.

use yew::prelude::*;

use super::{
    parts::{Scene, back, heading, link, notices},
    trouble::messages,
};
use crate::{bidder::route::Route, texts::screen};

/// The two ways on.
pub(super) fn view(scene: Scene, agency: &str, category: &str) -> Html {
    let (agency, category) = (agency.to_owned(), category.to_owned());
    let registration = Route::Client { agency: agency.clone(), category: category.clone() };
    let bidding = Route::BidClient { agency: agency.clone(), category: category.clone() };
    let entry = |route: &Route, name: &'static str, is: &'static str| {
        html! {
            <li>
                { link(scene, route, "choice", html! { name }) }
                <p class="choice-note">{ is }</p>
            </li>
        }
    };
    let own_notices = scene.state.category().map(|category| category.notices.as_slice()).unwrap_or_default();
    html! {
        <>
            { heading(screen::heading(&Route::Entry { agency, category })) }
            { messages(scene) }
            <ul class="choices wide">
                { entry(&registration, screen::REGISTRATION, screen::REGISTRATION_IS) }
                { entry(&bidding, screen::BIDDING, screen::BIDDING_IS) }
            </ul>
            <p>{ screen::NEEDS_CARD }</p>
            { notices(screen::NOTICES, own_notices) }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

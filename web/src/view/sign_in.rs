//! A bidding system that waits for the login, above every screen; and the way to the next one.

use touroku_html::html;
use yew::prelude::*;

use super::parts::{Scene, Weight, button, heading, link, progress};
use crate::{
    bidder::{action::Action, route::Route, sign_in::SignInAction},
    texts::{
        own,
        screen::{self, button as label},
        sign_in as texts,
    },
};

/// Which system waits, and the way back to it.
pub(super) fn banner(scene: Scene) -> Html {
    let Some(sign_in) = &scene.state.sign_in else { return Html::default() };
    let client = own(&sign_in.client).to_string();
    html! {
        <section class="banner info" data-sign-in={sign_in.client.to_string()} aria-labelledby="sign-in">
            <p class="banner-what" id="sign-in">{ texts::waits(&client) }</p>
            if scene.state.answers_sign_in() {
                { progress(texts::GOING_ON) }
            } else {
                <p>{ texts::WAITS_NEXT }</p>
                <div class="banner-actions">
                    { to_bidding(scene) }
                    { button(scene, texts::GIVE_UP, Weight::Small, || Action::SignIn(SignInAction::GiveUp)) }
                </div>
            }
        </section>
    }
}

/// After a registration that lets its card in at once.
fn to_bidding(scene: Scene) -> Html {
    let view = scene.state.view().filter(|view| view.completed.as_ref().is_some_and(|done| !done.pending));
    let Some(view) = view.filter(|_| scene.state.route == Some(Route::Done)) else { return Html::default() };
    let route = Route::BidClient { agency: view.agency.clone(), category: view.category.clone() };
    link(scene, &route, "button solid", label::TO_BIDDING.into())
}

/// The browser is on its way to the bidding system.
pub(super) fn leaving(scene: Scene) -> Option<Html> {
    let client = own(&scene.state.leaving.as_ref()?.client).to_string();
    Some(html! {
        <div class="screen" data-screen="leaving" key="leaving">
            { heading(&texts::leaving(&client)) }
            { progress(texts::GOING_ON) }
            <div class="actions">{ link(scene, &Route::Agencies, "button outline", label::TOP.into()) }</div>
        </div>
    })
}

/// After a login that no system asked for: where the agency's bidding system is.
pub(super) fn next(scene: Scene) -> Html {
    let bidding = scene.state.session_profile().and_then(|profile| profile.bidding.as_ref());
    html! {
        <>
            <p>{ screen::BID_NEXT }</p>
            if let Some(bidding) = bidding {
                <p>
                    <a class="button solid" href={bidding.url.clone()} data-bidding="">
                        { texts::to_bidding(&own(&bidding.name).to_string()) }
                    </a>
                </p>
            }
        </>
    }
}

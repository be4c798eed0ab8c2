//! 調達機関・区分 selection.

use touroku_html::html;
use yew::prelude::*;

use super::{
    guide, listing, members,
    parts::{Scene, heading, link, notices},
    trouble::messages,
};
use crate::{
    bidder::{form::has_draft, route::Route},
    texts::{
        own,
        screen::{self, button as label},
    },
};

/// All agencies of this server.
pub(super) fn agencies(scene: Scene) -> Html {
    let portal = scene.state.portal.as_ref();
    let agencies = portal.into_iter().flat_map(|portal| portal.portals.iter().chain(&portal.agencies));
    let agencies: Vec<_> = agencies.collect();
    let entry = |agency: &touroku_proto::api::AgencySummary| {
        let route = Route::Categories { agency: agency.code.clone() };
        html! { <li>{ link(scene, &route, "choice", html! { own(&agency.name) }) }</li> }
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Agencies)) }
            { messages(scene) }
            { unfinished(scene) }
            if agencies.is_empty() {
                <p>{ screen::NO_AGENCY }</p>
            } else {
                <p class="lead">{ screen::CHOOSE_AGENCY }</p>
                <ul class="choices">{ for agencies.into_iter().map(entry) }</ul>
            }
        </>
    }
}

pub(super) fn categories(scene: Scene, agency: &str) -> Html {
    if let Some(portal) = scene.state.joint_here() {
        return members::view(scene, portal);
    }
    let Some(profile) = scene.state.profile() else { return Html::default() };
    // Where a bidding system waits, those that it is for.
    let waits = scene.state.sign_in.as_ref().filter(|sign_in| sign_in.agency == agency);
    let is_offered = |category: &&touroku_proto::agency::Category| {
        waits.is_none_or(|sign_in| sign_in.categories.contains(&category.code))
    };
    let entry = |category: &touroku_proto::agency::Category| {
        let route = Route::Entry { agency: agency.to_owned(), category: category.code.clone() };
        html! { <li>{ link(scene, &route, "choice", html! { own(&category.name) }) }</li> }
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Categories { agency: String::new() })) }
            { messages(scene) }
            { unfinished(scene) }
            <p class="place">{ screen::AGENCY }{ screen::COLON }<strong>{ own(&profile.name) }</strong></p>
            <p class="lead">{ screen::CHOOSE_CATEGORY }</p>
            <ul class="choices">{ for profile.categories.iter().filter(is_offered).map(entry) }</ul>
            { listing::link_to(scene) }
            { notices(screen::NOTICES, &profile.notices) }
            { guide::entry(scene) }
            <div class="actions">{ super::parts::back(scene) }</div>
        </>
    }
}

pub(super) fn unfinished(scene: Scene) -> Html {
    let waits = scene.state.view().is_some_and(|view| view.company.is_some() && has_draft(view));
    if !waits {
        return Html::default();
    }
    html! {
        <div class="banner info">
            <p>{ screen::unfinished(scene.state.function()) }</p>
            <div class="banner-actions">
                { link(scene, &Route::Form, "button outline small", label::CONTINUE.into()) }
            </div>
        </div>
    }
}

//! What surrounds every screen: header, main, the panel while the card is requested.

use touroku_html::html;
use touroku_proto::{api::Function, localized::Localized};
use yew::prelude::*;

use super::{
    account, bid, checkup, client, confirm, done, entry, form, guide, listing, menu,
    parts::{Scene, Weight, button, heading, link, progress},
    print, renew, search, select, shared, sign_in, status,
    trouble::messages,
};
use crate::{
    bidder::{
        action::Action,
        clock,
        ending::REGION,
        language::Language,
        route::Route,
        state::{CardStep, State},
    },
    texts::{
        self, Own, own,
        screen::{self, button as label},
    },
};

pub(super) fn view(state: &State, dispatch: &Callback<Action>) -> Html {
    let scene = Scene { state, dispatch };
    let asking =
        state.card.step != CardStep::Idle && (state.card.purpose.is_some() || state.card.signing.is_some());
    // Nothing behind the panel is reachable, by mouse or keyboard.

    html! {
        <>
            <div inert={asking}>
                { shared::skip(scene, || Action::FindField("main")) }
                { header(scene) }
            </div>
            <main id="main" tabindex="-1">
                <div inert={asking}>
                    { ending(scene) }
                    { main(scene) }
                </div>
                if asking { { card_panel(scene) } }
            </main>
            <div inert={asking}>{ guide::foot(scene) }</div>
        </>
    }
}

/// The window's title: screen, agency, system.
pub(super) fn title(state: &State) -> String {
    let system = system_name(state);
    match (&state.route, agency_name(state)) {
        (Some(route), Some(agency)) => {
            format!("{}｜{}｜{system}", name(state, route), own(agency))
        }
        (Some(route), None) => format!("{}｜{system}", name(state, route)),
        _ => system.to_string(),
    }
}

/// Whose screen it is: an agency's or a portal's.
fn agency_name(state: &State) -> Option<&Localized> {
    let portal = state.joint_here().map(|portal| &portal.name);
    portal.or_else(|| state.profile().map(|profile| &profile.name))
}

/// The system's name, as its agency writes it.
fn system_name(state: &State) -> Own<'_> {
    state.profile().map_or(screen::SYSTEM.into(), |profile| own(&profile.system_name))
}

/// The screen's name, as in its heading.
fn name(state: &State, route: &Route) -> String {
    if state.joint_here().is_some() {
        return texts::members::HEADING.to_string().to_string();
    }
    match (route, state.profile()) {
        (Route::Companies { .. }, Some(profile)) => texts::listing::link(&listing::number(&profile.search)),
        _ => texts::account::heading(state)
            .unwrap_or_else(|| match (route, state.view().and_then(|view| view.completed.as_ref())) {
                (Route::Done, Some(completed)) => screen::done(completed.function, completed.pending),
                _ => screen::heading_for(route, state.function()),
            })
            .to_string(),
    }
}

fn header(scene: Scene) -> Html {
    let state = scene.state;
    let system = system_name(state);
    let on_client = state.route.as_ref().is_some_and(Route::is_client);
    html! {
        <header class="header">
            <div class="header-names">
                <p class="header-system">
                    { link(scene, &Route::Agencies, "", html! { system }) }
                    <span class="header-side">{ screen::SIDE }</span>
                </p>
                if let Some(agency) = agency_name(state) {
                    <p class="header-agency">
                        { own(agency) }
                        if let Some(category) = state.category() {
                            <span class="header-category">{ own(&category.name) }</span>
                        }
                    </p>
                }
            </div>
            <div class="header-tools">
                { languages(scene) }
                // On 受注者クライアント the clock is in the middle, and only when everything is ready.
                if !on_client && state.place().is_some() { { clock_view(state, "header-clock") } }
                if state.view().is_some() {
                    { button(scene, label::LOG_OUT, Weight::Small, || Action::LogOut) }
                }
            </div>
        </header>
    }
}

/// The language switch; each language is named in itself.
fn languages(scene: Scene) -> Html {
    let languages = &scene.state.languages;
    let choice = |&language: &Language| {
        let current = (language == languages.spoken).then_some("true");
        html! {
            <li>
                <button type="button" lang={language.tag()} aria-current={current} data-language={language.code()}
                    onclick={scene.on(move || Action::ChooseLanguage(language))}>{ language.name() }</button>
            </li>
        }
    };
    html! {
        if languages.offered.len() > 1 {
            <nav class="languages" aria-label={screen::LANGUAGES}>
                <ul>{ for languages.offered.iter().map(choice) }</ul>
            </nav>
        }
    }
}

/// The server's clock, as text that is not announced automatically.
pub(super) fn clock_view(state: &State, class: &'static str) -> Html {
    match state.clock {
        Some(clock) => html! {
            <p {class}>
                <span class="hidden">{ screen::CLOCK }{ screen::COLON }</span>
                <time data-clock="" datetime={clock::machine(clock.now_ms)}>{ clock::shown(clock.now_ms) }</time>
            </p>
        },
        None => Html::default(),
    }
}

fn main(scene: Scene) -> Html {
    if let Some(leaving) = sign_in::leaving(scene) {
        return leaving;
    }
    let Some(route) = &scene.state.route else { return loading(scene) };
    let content = account::view(scene, route).unwrap_or_else(|| match route {
        Route::Agencies => select::agencies(scene),
        Route::Categories { agency } => select::categories(scene, agency),
        Route::Entry { agency, category } => entry::view(scene, agency, category),
        Route::Client { .. } | Route::BidClient { .. } => client::view(scene, route),
        Route::Menu => menu::view(scene),
        Route::Search => search::view(scene),
        Route::Form => form::view(scene),
        Route::Confirm => confirm::view(scene),
        Route::Done => done::view(scene),
        Route::Print => print::view(scene),
        Route::Bid => bid::view(scene),
        Route::Status => status::view(scene),
        Route::Companies { .. } => listing::view(scene),
        Route::Check | Route::CheckOf { .. } => checkup::view(scene, route),
        Route::AccountClient { .. } | Route::AccountBidClient { .. } => client::view(scene, route),
        // Drawn by 簡易認証 above.
        Route::Application
        | Route::Result
        | Route::Mail
        | Route::Login
        | Route::ChangeLogin
        | Route::Forgotten { .. }
        | Route::Reset => Html::default(),
        Route::RenewOld => renew::old_card(scene),
        Route::RenewNew => renew::new_card(scene),
        Route::RenewConfirm => renew::confirm(scene),
        Route::NotFound => not_found(scene),
    });
    // The key creates a new element for each screen, so that no field inherits another's text.
    html! {
        <div class="screen" data-screen={route.screen()} data-function={function(scene.state)}
            key={route.to_path()}>
            { sign_in::banner(scene) }
            { content }
        </div>
    }
}

/// What the session does, for tests: several functions share a screen.
fn function(state: &State) -> Option<&'static str> {
    let function = state.view().map(|_| state.function())?;
    Some(match function {
        Function::Register => "register",
        Function::Change => "change",
        Function::Renew => "renew",
        Function::Apply => "apply",
        Function::ChangeAccount => "change_account",
    })
}

/// Announces on every screen that the session is about to end. The region always exists: it announces what is put
/// into it.
fn ending(scene: Scene) -> Html {
    let words = match (scene.state.ending.put_off, scene.state.minutes_left()) {
        (true, _) => Some(screen::ENDING_PUT_OFF.to_string()),
        (false, Some(minutes)) => Some(screen::ending_soon(minutes)),
        (false, None) => None,
    };
    let sign_in = scene.state.sign_in_minutes_left().map(texts::sign_in::ending_soon);
    let is_near = words.is_some() || sign_in.is_some();
    html! {
        <div id={REGION} class={is_near.then_some("session-end banner warning no-print")} tabindex="-1" role="status"
            data-session-end={scene.state.minutes_left().map(|minutes| minutes.to_string())}>
            if let Some(words) = words {
                <p>{ words }</p>
                if !scene.state.ending.put_off {
                    <div class="banner-actions">
                        { button(scene, label::EXTEND, Weight::Small, || Action::Extend) }
                    </div>
                }
            }
            if let Some(words) = sign_in { <p data-sign-in-end="">{ words }</p> }
        </div>
    }
}

fn loading(scene: Scene) -> Html {
    html! {
        <div class="screen" data-screen="loading" key="loading">
            if scene.state.banner.is_some() {
                { heading(&screen::LOADING_FAILED) }
                { messages(scene) }
            } else {
                { heading(&screen::SYSTEM) }
                { progress(screen::LOADING) }
            }
        </div>
    }
}

fn not_found(scene: Scene) -> Html {
    html! {
        <>
            { heading(&screen::heading(&Route::NotFound)) }
            { messages(scene) }
            <div class="actions">
                { link(scene, &Route::Agencies, "button outline", label::TOP.into()) }
            </div>
        </>
    }
}

fn card_panel(scene: Scene) -> Html {
    let card = &scene.state.card;
    let signing = card.signing.is_some();
    let step = screen::card_step(card.step, card.purpose.filter(|_| !signing));
    let cancel = (card.step != CardStep::Checking)
        .then(|| button(scene, label::CANCEL, Weight::Outline, || Action::CancelCard));
    shared::panel::card(screen::card_panel(signing), step, cancel)
}

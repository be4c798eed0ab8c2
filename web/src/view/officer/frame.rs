//! What surrounds every screen: header, navigation, main, dialogs.

use touroku_html::html;
use touroku_proto::officer::Role;
use yew::prelude::*;

use super::{
    super::shared,
    account, application, audit, clients, companies, company, dialog, home, import, imports, listing, mails,
    numbers, officers, part,
    parts::{Scene, Weight, button, heading, link},
    preview, queue, roster, settings, setup, sign_in,
    trouble::messages,
};
use crate::{
    bidder::clock,
    officer::{
        action::Action,
        route::{AuditSearch, CompanySearch, QueueSearch, Route},
        state::{CardStep, Console},
    },
    texts::{
        officer::{screen, sign_in as sign_in_texts},
        screen::SYSTEM,
    },
};

pub(super) fn view(state: &Console, dispatch: &Callback<Action>) -> Html {
    let scene = Scene { state, dispatch };
    let asking_card = state.card.step != CardStep::Idle;
    // Nothing behind a panel is reachable, by mouse or keyboard.
    let inert = asking_card || state.dialog.is_some();
    html! {
        <div class="console">
            <div {inert}>
                { shared::skip(scene, || Action::Find("main".to_owned())) }
                { header(scene) }
                { navigation(scene) }
            </div>
            <main id="main" tabindex="-1">
                { print_head(scene) }
                <div {inert}>{ main(scene) }</div>
                if asking_card {
                    { dialog::card(scene) }
                } else if let Some(question) = &state.dialog {
                    { dialog::view(scene, question) }
                }
            </main>
        </div>
    }
}

/// The window's title: screen, agency, system.
pub(super) fn title(state: &Console) -> String {
    let name = match &state.route {
        Some(route @ Route::SetUp { .. }) => screen::heading(route),
        Some(route) if state.is_signed_in() => screen::heading(route),
        _ => sign_in_texts::HEADING,
    };
    match state.officer() {
        Some(officer) => format!("{name}｜{}｜{SYSTEM}（{}）", officer.agency_name, screen::SIDE),
        None => format!("{name}｜{SYSTEM}（{}）", screen::SIDE),
    }
}

fn header(scene: Scene) -> Html {
    let officer = scene.state.officer().filter(|_| scene.state.is_signed_in());
    html! {
        <header class="header no-print">
            <div class="header-names">
                <p class="header-system">
                    { link(&Route::Home, "", SYSTEM.into()) }
                    <span class="header-side">{ screen::SIDE }</span>
                </p>
                if let Some(officer) = officer { <p class="header-agency">{ &officer.agency_name }</p> }
            </div>
            if let Some(officer) = officer {
                <div class="header-tools">
                    <p data-officer={officer.login_id.clone()} data-role={officer.role.as_str()}>
                        { &officer.name }<span class="header-category">{ officer.role.name() }</span>
                    </p>
                    { button(scene, "sign-out", screen::SIGN_OUT, Weight::Small, || Action::SignOut) }
                </div>
            }
        </header>
    }
}

/// On paper: the agency, and when it was. Letters are the agency's own sheets.
fn print_head(scene: Scene) -> Html {
    let state = scene.state;
    let officer = state.officer().filter(|_| state.is_signed_in());
    let letters = state.route == Some(Route::Numbers) && state.numbers.issued.is_some();
    html! {
        if let Some(officer) = officer.filter(|_| !letters) {
            <p class="print-head" data-print-head="">
                <span>{ &officer.agency_name }</span><span>{ clock::shown(state.now_unix_ms()) }</span>
            </p>
        }
    }
}

/// The screens available to the role.
fn navigation(scene: Scene) -> Html {
    let state = scene.state;
    let here = match &state.route {
        Some(route) if state.is_signed_in() && !matches!(route, Route::SetUp { .. }) => route.section(),
        _ => return Html::default(),
    };
    let routes = [
        Route::Home,
        Route::Queue(QueueSearch::default()),
        Route::Companies(CompanySearch::default()),
        Route::Imports,
        Route::Numbers,
        Route::Officers,
        Route::Audit(AuditSearch::default()),
        Route::Settings,
        Route::Account,
    ];
    let entry = |route: Route| {
        let current = (route == here).then_some("page");
        html! {
            <li>
                <a href={route.to_fragment()} aria-current={current} data-nav={route.screen()}>
                    { screen::heading(&route) }
                </a>
            </li>
        }
    };
    html! {
        <nav class="navigation no-print" aria-label={screen::NAVIGATION}>
            <ul>{ for routes.into_iter().filter(|route| state.may(route.least_role())).map(entry) }</ul>
        </nav>
    }
}

fn main(scene: Scene) -> Html {
    let state = scene.state;
    let (name, key, content) = match &state.route {
        Some(route @ Route::SetUp { .. }) => (route.screen(), "setup".to_owned(), setup::view(scene, route)),
        Some(route) if state.is_signed_in() => {
            // Tabs of an import and words of 照会 are the same screen.
            let key = match route {
                Route::Import { id, .. } => format!("import-{id}"),
                Route::Companies(_) => "companies".to_owned(),
                Route::Queue(search) => format!("review-{}", search.decided),
                route => route.to_fragment(),
            };
            (route.screen(), key, screen_of(scene, route))
        }
        _ => ("sign-in", "sign-in".to_owned(), sign_in::view(scene)),
    };
    html! {
        <div class="screen" data-screen={name} data-lost={state.lost.then_some("")} {key}>{ content }</div>
    }
}

fn screen_of(scene: Scene, route: &Route) -> Html {
    if !scene.state.may(route.least_role()) {
        return not_allowed(scene, route);
    }
    match route {
        Route::Home => home::view(scene),
        Route::Mails => mails::view(scene),
        Route::Queue(search) => queue::view(scene, search),
        Route::Application { .. } => application::view(scene),
        Route::Imports => imports::view(scene),
        Route::Import { id, kind } => import::view(scene, *id, *kind),
        Route::Companies(search) => companies::view(scene, search),
        Route::Company { number } => company::view(scene, number),
        Route::Row { number } => roster::view(scene, number),
        Route::Listing => listing::view(scene),
        Route::Numbers => numbers::view(scene),
        Route::Officers => officers::view(scene),
        Route::Account => account::view(scene),
        Route::Audit(search) => audit::view(scene, search),
        Route::Settings => settings::view(scene),
        Route::Part(part) => part::view(scene, *part),
        Route::Preview => preview::view(scene),
        Route::Clients => clients::view(scene),
        Route::NotFound | Route::SetUp { .. } => html! {
            <>
                { heading(&screen::heading(&Route::NotFound)) }
                { messages(scene) }
                <p>{ screen::NOT_FOUND }</p>
            </>
        },
    }
}

fn not_allowed(scene: Scene, route: &Route) -> Html {
    let own = scene.state.officer().map_or(Role::View, |officer| officer.role);
    html! {
        <>
            { heading(&screen::heading(route)) }
            { messages(scene) }
            <section class="banner warning" data-error="forbidden">
                <p class="banner-what">{ screen::not_allowed(route.least_role().name(), own.name()) }</p>
                <p>{ screen::NOT_ALLOWED_NEXT }</p>
            </section>
        </>
    }
}

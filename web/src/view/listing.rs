//! 業者番号一覧.

use touroku_html::html;
use touroku_proto::{agency::Search, api::ListedCompany, field::FieldId, kana};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading, link, progress, submit},
    shared::TextField,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, clock, listing::ListingAction, route::Route},
    texts::{
        Own, label_of, listing as texts, own,
        screen::{self, button as label},
    },
};

/// The list, page by page.
pub(super) fn view(scene: Scene) -> Html {
    let Some(profile) = scene.state.profile() else { return progress(screen::LOADING) };
    let search = &profile.search;
    let listing = &scene.state.listing;
    html! {
        <>
            { heading(&texts::link(&number(search))) }
            { messages(scene) }
            <p class="print-head">
                <span>{ own(&profile.name) }</span>
                if let Some(clock) = scene.state.clock { <span>{ clock::shown(clock.now_ms) }</span> }
            </p>
            <p class="lead no-print">{ texts::lead(&number(search)) }</p>
            <div class="kana no-print" role="group" aria-label={texts::ROWS}>
                { row_button(scene, None) }
                { for kana::ROWS.iter().map(|&row| row_button(scene, Some(row))) }
            </div>
            <form class="list-search no-print" novalidate=true role="search"
                onsubmit={scene.on_submit(|| Action::Listing(ListingAction::Search))}>
                <label for="list_query">{ texts::query(&number(search), &label_of(FieldId::CompanyName, &search.name_label)) }</label>
                <div class="list-search-line">
                    <TextField id="list_query" value={listing.typed.clone()} required=false invalid=false
                        described_by={String::new()}
                        on_input={scene.dispatch.reform(|text| Action::Listing(ListingAction::Typed(text)))}
                        on_leave={Callback::noop()} />
                    { submit(label::SEARCH) }
                </div>
            </form>
            <div role="status" data-list-state={state(scene)}>
                if listing.busy {
                    // Not `progress`: this is already announced, being in here.
                    <p class="progress"><span class="spinner" aria-hidden="true" />{ texts::READING }</p>
                } else if listing.read && listing.companies.is_empty() {
                    <p>{ texts::NONE }</p>
                } else if listing.read {
                    <p data-total={listing.total.map(|total| total.to_string())}>
                        { texts::range(listing.before(), listing.companies.len(), listing.total) }
                    </p>
                }
            </div>
            { table(scene) }
            <div class="actions no-print">
                if listing.has_previous() {
                    { button(scene, texts::PREVIOUS, Weight::Outline, || {
                        Action::Listing(ListingAction::Previous)
                    }) }
                }
                if listing.has_next() {
                    { button(scene, texts::NEXT, Weight::Outline, || Action::Listing(ListingAction::Next)) }
                }
                { back(scene) }
            </div>
        </>
    }
}

/// What the number is called.
pub(super) fn number(search: &Search) -> Own<'_> {
    label_of(FieldId::CompanyNumber, &search.number_label)
}

/// The link to the list, where the agency publishes one.
pub(super) fn link_to(scene: Scene) -> Html {
    match scene.state.profile() {
        Some(profile) if profile.search.number_list => {
            let route = Route::Companies { agency: profile.code.clone() };
            let name = texts::link(&number(&profile.search));
            html! { <p class="list-link">{ link(scene, &route, "", html! { name }) }</p> }
        }
        _ => Html::default(),
    }
}

fn state(scene: Scene) -> &'static str {
    if scene.state.listing.busy { "waiting" } else { "ready" }
}

fn row_button(scene: Scene, row: Option<&'static str>) -> Html {
    let pressed = scene.state.listing.row == row;
    let onclick = scene.on(move || Action::Listing(ListingAction::Row(row)));
    let name = row.map_or_else(|| texts::ALL.to_string().to_string(), texts::row);
    html! {
        <button type="button" class="button outline small" aria-pressed={pressed.to_string()}
            data-row-button={row.unwrap_or_default()} {onclick}>{ name }</button>
    }
}

fn table(scene: Scene) -> Html {
    let (listing, Some(profile)) = (&scene.state.listing, scene.state.profile()) else {
        return Html::default();
    };
    if listing.companies.is_empty() {
        return Html::default();
    }
    let may_pick = scene.state.may_pick();
    html! {
        <table class="companies" id="companies" tabindex="-1" aria-busy={listing.busy.to_string()}>
            <caption class="hidden">{ texts::link(&number(&profile.search)) }</caption>
            <thead>
                <tr>
                    <th scope="col">{ label_of(FieldId::CompanyNumber, &profile.search.number_label) }</th>
                    <th scope="col">{ label_of(FieldId::CompanyName, &profile.search.name_label) }</th>
                    <th scope="col" class="no-print">{ texts::USE }</th>
                </tr>
            </thead>
            <tbody>{ for listing.companies.iter().map(|company| line(scene, company, may_pick)) }</tbody>
        </table>
    }
}

fn line(scene: Scene, company: &ListedCompany, may_pick: bool) -> Html {
    let not_found = company.not_found.as_ref().filter(|_| may_pick);
    let picked = company.clone();
    let onclick = scene.on(move || {
        let company = picked.clone();
        Action::Listing(match may_pick {
            true => ListingAction::Pick(company),
            false => ListingAction::Copy(company.number),
        })
    });
    html! {
        <tr data-number={company.number.clone()} key={company.number.clone()}>
            <th scope="row">{ &company.number }</th>
            <td>{ &company.name }</td>
            <td class="no-print">
                if let Some(why) = not_found {
                    <span data-not-found="">{ texts::not_found(why) }</span>
                } else {
                <button type="button" class="button outline small" {onclick}>
                    { if may_pick { texts::PICK } else { texts::COPY } }
                    <span class="hidden">{ screen::of_what(&company.name) }</span>
                </button>
                }
            </td>
        </tr>
    }
}

//! 業者番号一覧 as a whole, to be printed.

use touroku_html::html;
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, button, heading, link, progress, scroll},
    trouble::messages,
};
use crate::{
    officer::{
        action::Action,
        ask::Ask,
        route::{CompanySearch, Route},
    },
    texts::officer::{company as texts, screen},
};

pub(super) fn view(scene: Scene) -> Html {
    let waits = scene.state.waits(|ask| matches!(ask, Ask::Listing { .. }));
    let listing = scene.state.listing.as_ref();
    let title = screen::heading(&Route::Listing);
    html! {
        <>
            { heading(&title) }
            <div class="no-print">
                { messages(scene) }
                <p>{ link(&Route::Companies(CompanySearch::default()), "", texts::LISTING_BACK.into()) }</p>
            </div>
            if waits {
                { progress(screen::READING) }
            } else if let Some(listing) = listing {
                // On paper, too: a list that is not whole must not look so.
                <div role="status" data-listed={listing.rows.len().to_string()}>
                    <p>{ texts::listed(listing.rows.len()) }</p>
                    if listing.next.is_some() {
                        <div class="banner warning" data-rest=""><p>{ texts::LISTING_REST }</p></div>
                    }
                </div>
                <div class="actions">
                    { button(scene, "print", screen::PRINT, Weight::Solid, || Action::Print) }
                </div>
                { scroll(&title, html! {
                    <table class="grid">
                        <caption class="hidden">{ title }</caption>
                        <thead>
                            <tr>{ for listing.columns.iter().map(|name| html! { <th scope="col">{ name }</th> }) }</tr>
                        </thead>
                        <tbody>{ for listing.rows.iter().map(|cells| company(cells)) }</tbody>
                    </table>
                }) }
            }
        </>
    }
}

fn company(cells: &[String]) -> Html {
    html! { <tr>{ for cells.iter().map(|cell| html! { <td>{ cell }</td> }) }</tr> }
}

//! 印刷: 利用者情報 on A4 paper.

use touroku_html::html;
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading},
    rows,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, clock, route::Route},
    texts::{
        own,
        screen::{self, button as label},
    },
};

/// The rows that the profile prints, in order.
pub(super) fn view(scene: Scene) -> Html {
    let state = scene.state;
    let completed = state.view().and_then(|view| view.completed.as_ref());
    let (Some(completed), Some(profile), Some(category)) = (completed, state.profile(), state.category())
    else {
        return Html::default();
    };
    let Some(form) = state.view().and_then(|view| profile.form_for(category, view.way)) else {
        return Html::default();
    };
    let section = |(section, rows): (&touroku_proto::form::Section, Vec<_>)| {
        html! {
            <section class="form-section">
                <h2>{ own(&section.title) }</h2>
                { rows::list(&rows, &completed.values) }
            </section>
        }
    };
    html! {
        <>
            <div class="no-print">
                { messages(scene) }
                <p>{ screen::PRINT_LEAD }</p>
                <div class="actions">
                    { button(scene, label::PRINT, Weight::Solid, || Action::Print) }
                    { back(scene) }
                </div>
            </div>
            <article class="sheet">
                { heading(&screen::heading(&Route::Print)) }
                <p class="sheet-place">
                    { own(&profile.system_name) }{ "　" }{ own(&profile.name) }{ "　" }{ own(&category.name) }
                    <br />
                    { screen::completed_at(completed.function, completed.pending) }{ screen::COLON }{ clock::shown(completed.at_unix_ms) }
                    if !completed.receipt.is_empty() {
                        <br />
                        { screen::RECEIPT }{ screen::COLON }
                        <span data-receipt={completed.receipt.clone()}>{ &completed.receipt }</span>
                    }
                </p>
                <dl class="rows">{ rows::company(scene) }</dl>
                { for rows::printed(form).into_iter().map(section) }
            </article>
        </>
    }
}

//! ログイン.

use touroku_html::html;
use yew::prelude::*;

use super::{
    field::{line, select, summary},
    parts::{Scene, Weight, button, heading, progress, submit},
    trouble::messages,
};
use crate::{
    officer::{action::Action, ask::Ask, input::SIGN_IN, state::Session},
    texts::officer::{screen, sign_in as texts},
};

/// By password and authenticator, or by card.
pub(super) fn view(scene: Scene) -> Html {
    let state = scene.state;
    if matches!(state.session, Session::Unknown) && state.banner.is_none() {
        return html! { <>{ heading(&texts::HEADING) }{ progress(screen::READING) }</> };
    }
    let agencies = state.portal.as_ref().map(|portal| portal.agencies.as_slice()).unwrap_or_default();
    let options: Vec<_> = agencies
        .iter()
        .map(|agency| (agency.code.clone(), agency.name.to_string(), agency.code == state.agency))
        .collect();
    html! {
        <>
            { heading(&texts::HEADING) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            // Whoever was signed in stays at their agency: what they typed is there.
            if !state.lost && !options.is_empty() {
                { select("agency", &texts::AGENCY, false, &options, scene.dispatch.reform(Action::PickAgency)) }
            }
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)} aria-labelledby="by-password">
                <h2 id="by-password" class="spaced">{ texts::PASSWORD_HEADING }</h2>
                <div class="fields">{ for SIGN_IN.iter().map(|&input| line(scene, input, true)) }</div>
                if state.waits(|ask| matches!(ask, Ask::Login(_))) { { progress(texts::SIGNING_IN) } }
                <div class="actions">{ submit(texts::SIGN_IN) }</div>
            </form>
            <section aria-labelledby="by-card">
                <h2 id="by-card" class="spaced">{ texts::CARD_HEADING }</h2>
                <p>{ texts::CARD_LEAD }</p>
                { button(scene, "card", texts::BY_CARD, Weight::Outline, || Action::UseCard) }
            </section>
            <p class="below">{ texts::HELP }</p>
        </>
    }
}

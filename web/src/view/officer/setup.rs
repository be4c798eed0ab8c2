//! The link of a new account: authenticator and password.

use touroku_html::html;
use yew::prelude::*;

use super::{
    field::{line, summary},
    parts::{Scene, heading, link, progress, submit},
    qr,
    trouble::messages,
};
use crate::{
    officer::{action::Action, ask::Ask, input::SET_UP, route::Route},
    texts::officer::{screen, sign_in as texts},
};

/// QR code, secret, password twice, code.
pub(super) fn view(scene: Scene, route: &Route) -> Html {
    let Some(setup) = &scene.state.setup else {
        return html! {
            <>
                { heading(&screen::heading(route)) }
                { messages(scene) }
                if scene.state.waits(|ask| matches!(ask, Ask::BeginSetup(_))) {
                    { progress(texts::OPENING) }
                } else {
                    <p>{ link(&Route::Home, "", texts::TO_SIGN_IN.into()) }</p>
                }
            </>
        };
    };
    html! {
        <>
            { heading(&screen::heading(route)) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ texts::set_up_lead(&setup.name, &setup.login_id, &setup.agency_name) }</p>
            <section aria-labelledby="step-app">
                <h2 id="step-app">{ texts::STEP_APP }</h2>
                <p>{ texts::STEP_APP_LEAD }</p>
                { qr::view(&setup.qr) }
                <p>{ texts::SECRET }</p>
                <p><code class="secret-text" data-secret="">{ &setup.secret }</code></p>
            </section>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)} aria-labelledby="step-password">
                <h2 id="step-password" class="spaced">{ texts::STEP_PASSWORD }</h2>
                // A password manager stores the password with this.
                <input type="text" class="hidden" name="username" autocomplete="username" tabindex="-1"
                    aria-hidden="true" readonly=true value={setup.login_id.clone()} />
                <div class="fields">{ for SET_UP.iter().map(|&input| line(scene, input, true)) }</div>
                if scene.state.waits(|ask| matches!(ask, Ask::FinishSetup(_))) { { progress(screen::SENDING) } }
                <div class="actions">{ submit(texts::FINISH) }</div>
            </form>
        </>
    }
}

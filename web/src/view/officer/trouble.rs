//! What went wrong and what to do next; notices; the session's end.

use touroku_html::html;
use touroku_proto::api::ApiErrorCode;
use yew::prelude::*;

use super::{
    super::shared::{install, panel::Panel},
    parts::{Scene, Weight, button},
};
use crate::{
    officer::{action::Action, state::Banner},
    texts::{
        self,
        officer::{screen, sign_in, trouble::advice},
    },
};

/// Banner, notice and the session's end, at the top of every screen.
pub(super) fn messages(scene: Scene) -> Html {
    html! {
        <>
            { session_end(scene) }
            if let Some(banner) = &scene.state.banner { { view(scene, banner) } }
            // Rendered even when empty: a live region announces only changes within it.
            <div role="status" class={scene.state.notice.map(|_| "banner info")}
                data-notice={scene.state.notice.map(|notice| format!("{notice:?}"))}>
                if let Some(notice) = scene.state.notice { <p>{ screen::notice(notice) }</p> }
            </div>
        </>
    }
}

fn view(scene: Scene, banner: &Banner) -> Html {
    let Banner { trouble, retry, .. } = banner;
    let waits = scene.state.seconds_to_wait() > 0;
    // Counted below, second by second.
    let counted = trouble.is(ApiErrorCode::RateLimited) && waits;
    let again = html! {
        if retry.is_some() && !waits { { button(scene, "retry", screen::AGAIN, Weight::Small, || Action::Retry) } }
    };
    let panel = Panel {
        trouble,
        advice: advice(trouble),
        addition: texts::addition(trouble).filter(|_| !counted),
        more: install(trouble, &scene.state.install()),
        contact: Html::default(),
        actions: again,
    };
    html! { <div id="banner" tabindex="-1">{ panel.view() }{ countdown(scene) }</div> }
}

/// How long until another attempt is allowed. Read when reached, not announced each second.
pub(super) fn countdown(scene: Scene) -> Html {
    let seconds = scene.state.seconds_to_wait();
    html! {
        if seconds > 0 {
            <p class="countdown" role="timer" aria-live="off" data-wait={seconds.to_string()}>
                { sign_in::wait(seconds) }
            </p>
        }
    }
}

fn session_end(scene: Scene) -> Html {
    let (minutes, for_good) = (scene.state.minutes_left(), scene.state.ends_for_good());
    let label = if for_good { screen::SIGN_IN_AGAIN } else { screen::STAY };
    html! {
        <div role="status" class={minutes.map(|_| "banner warning")}
            data-session-end={minutes.map(|minutes| minutes.to_string())}>
            if let Some(minutes) = minutes {
                <p>{ screen::minutes_left(minutes, for_good) }</p>
                <div class="banner-actions">
                    { button(scene, "stay", label, Weight::Small, || Action::StaySignedIn) }
                </div>
            }
        </div>
    }
}

//! What went wrong and what to do next; notices; the session's end.

use touroku_proto::{api::ApiErrorCode, card::CardErrorCode};
use yew::prelude::*;

use super::parts::{Scene, Weight, button};
use crate::{
    bidder::trouble::Trouble,
    officer::{action::Action, state::Banner},
    texts::{
        self,
        officer::{screen, sign_in, trouble},
        screen::REFERENCE,
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
    let advice = trouble::advice(&banner.trouble);
    // Cancelling is not an error.
    let calm = matches!(&banner.trouble, Trouble::Card(error) if error.code == CardErrorCode::Cancelled);
    // Counted below, second by second.
    let counted = banner.trouble.is(ApiErrorCode::RateLimited) && scene.state.seconds_to_wait() > 0;
    html! {
        <div id="banner" tabindex="-1">
            <section class={if calm { "banner info" } else { "banner error" }}
                data-error={banner.trouble.code()} role="alert">
                <p class="banner-what">{ advice.what }</p>
                <p>{ advice.next }</p>
                if let Some(addition) = texts::addition(&banner.trouble).filter(|_| !counted) { <p>{ addition }</p> }
                if !calm {
                    <p class="reference">{ REFERENCE }{ "：" }<code>{ texts::reference(&banner.trouble) }</code></p>
                }
                <div class="banner-actions">
                    if banner.retry.is_some() && scene.state.seconds_to_wait() == 0 {
                        { button(scene, "retry", screen::AGAIN, Weight::Small, || Action::Retry) }
                    }
                </div>
            </section>
            { countdown(scene) }
        </div>
    }
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
    let minutes = scene.state.minutes_left();
    html! {
        <div role="status" class={minutes.map(|_| "banner warning")}
            data-session-end={minutes.map(|minutes| minutes.to_string())}>
            if let Some(minutes) = minutes {
                <p>{ screen::minutes_left(minutes) }</p>
                <div class="banner-actions">
                    { button(scene, "stay", screen::STAY, Weight::Small, || Action::StaySignedIn) }
                </div>
            }
        </div>
    }
}

//! 機関設定: the text, its mistakes, taking it into force.

use touroku_proto::officer::profile::{ProfileCheck, ProfileMistake};
use yew::prelude::*;

use super::{
    field::{area, summary},
    parts::{Scene, Weight, button, heading, link, opener, progress, submit},
    trouble::messages,
};
use crate::{
    officer::{action::Action, ask::Ask, dialog::Dialog, input::Input, route::Route},
    texts::officer::{screen, settings as texts},
};

/// The editor.
pub(super) fn view(scene: Scene) -> Html {
    let settings = &scene.state.settings;
    let content = match &settings.in_force {
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
        Some(in_force) => html! {
            <>
                if !in_force.writable {
                    <div class="banner warning" data-not-writable=""><p>{ texts::NOT_WRITABLE }</p></div>
                }
                if scene.state.profile_was_stale() { { stale(scene) } }
                <form novalidate=true onsubmit={scene.on_submit()} data-hash={in_force.hash.clone()}>
                    { area(scene, Input::Profile, true, 24) }
                    if scene.state.waits(|ask| matches!(ask, Ask::CheckProfile(_))) { { progress(texts::CHECKING) } }
                    if scene.state.waits(|ask| matches!(ask, Ask::TakeProfile(_))) { { progress(screen::SENDING) } }
                    <div class="actions">{ submit(texts::CHECK) }</div>
                </form>
                if let Some(check) = &settings.check { { checked(scene, check) } }
                <p class="below">{ link(&Route::Preview, "", texts::PREVIEW.into()) }</p>
            </>
        },
    };
    html! {
        <>
            { heading(screen::heading(&Route::Settings)) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            { content }
        </>
    }
}

/// Somebody else was faster: what one wrote stays on the screen.
fn stale(scene: Scene) -> Html {
    let text = scene.state.text(Input::Profile).to_owned();
    html! {
        <div class="banner warning" data-stale="">
            <p>{ texts::STALE }</p>
            <div class="banner-actions">
                { button(scene, "copy-profile", texts::COPY, Weight::Small, move || Action::Copy(text.clone())) }
                { button(scene, "reload-profile", texts::RELOAD, Weight::Small, || Action::ReloadProfile) }
            </div>
        </div>
    }
}

fn checked(scene: Scene, check: &ProfileCheck) -> Html {
    let settings = &scene.state.settings;
    let changed = settings.checked != scene.state.text(Input::Profile);
    let same = settings.in_force.as_ref().is_some_and(|in_force| in_force.text == settings.checked);
    let mistake = |mistake: &ProfileMistake| {
        let (line, column) = (mistake.line, mistake.column);
        html! {
            <li data-line={line.to_string()} data-column={column.to_string()}>
                <button type="button" onclick={scene.on(move || Action::FindMistake { line, column })}>
                    { texts::place(line, column) }
                </button>
                { "：" }{ &mistake.message }
            </li>
        }
    };
    html! {
        <section id="check" tabindex="-1" role="status" data-mistakes={check.mistakes.len().to_string()}
            class={if check.mistakes.is_empty() { "banner success" } else { "banner error" }}>
            if check.mistakes.is_empty() {
                <p class="banner-what">{ texts::SOUND }</p>
            } else {
                <p class="banner-what">{ texts::mistakes(check.mistakes.len()) }</p>
                <ol class="mistakes">{ for check.mistakes.iter().map(mistake) }</ol>
            }
            if changed {
                <p data-changed-since="">{ texts::CHANGED_SINCE }</p>
            } else if same {
                <p>{ texts::SAME }</p>
            }
            if scene.state.may_take_profile() {
                <div class="actions">{ opener(scene, Dialog::TakeProfile, texts::TAKE, Weight::Solid, "") }</div>
            }
        </section>
    }
}

//! Small pieces that every screen uses.

use touroku_html::html;
use touroku_proto::localized::Localized;
use yew::prelude::*;

use super::shared;
pub(super) use super::shared::{Weight, heading, progress, submit};
use crate::{
    bidder::{account::AccountAction, action::Action, route::Route, state::State},
    texts::{
        Text, own,
        screen::{self, button},
    },
};

/// What a contractor's screen is drawn from.
pub(super) type Scene<'a> = shared::Scene<'a, State, Action>;

/// A button that dispatches.
pub(super) fn button(
    scene: Scene,
    label: Text,
    weight: Weight,
    action: impl Fn() -> Action + 'static,
) -> Html {
    html! { <button type="button" class={weight.class()} onclick={scene.on(action)}>{ label }</button> }
}

/// 戻る.
pub(super) fn back(scene: Scene) -> Html {
    button(scene, button::BACK, Weight::Outline, || Action::Back)
}

/// A real link to another screen: it can be opened in another tab.
pub(super) fn link(scene: Scene, route: &Route, class: &'static str, content: Html) -> Html {
    let (dispatch, target) = (scene.dispatch.clone(), route.clone());
    let onclick = Callback::from(move |event: MouseEvent| {
        let plain = !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if plain && event.button() == 0 {
            event.prevent_default();
            dispatch.emit(Action::Follow(target.clone()));
        }
    });
    html! { <a href={route.to_path()} {class} {onclick}>{ content }</a> }
}

/// On a confirmation: says that the card signs it, where the agency wants that.
pub(super) fn signed(scene: Scene) -> Html {
    let wanted = scene.state.session_profile().is_some_and(|profile| profile.signed_applications);
    html! { if wanted { <div class="banner info" data-signed=""><p>{ screen::SIGNED }</p></div> } }
}

/// The steps of 利用者登録, with the present one (counted from 0).
pub(super) fn steps(present: usize) -> Html {
    steps_of(screen::STEPS_NAME, &screen::STEPS, present)
}

/// The steps of a function, with the present one (counted from 0).
pub(super) fn steps_of(name: Text, steps: &[Text], present: usize) -> Html {
    let step = |(index, name): (usize, &Text)| {
        let (class, current) = match index.cmp(&present) {
            std::cmp::Ordering::Less => ("step completed", None),
            std::cmp::Ordering::Equal => ("step current", Some("step")),
            std::cmp::Ordering::Greater => ("step", None),
        };
        html! {
            <li {class} aria-current={current}>
                <span class="step-number" aria-hidden="true">
                    if index < present { <span class="step-check" /> } else { { index + 1 } }
                </span>
                <span class="step-name">
                    { *name }
                    if index < present { <span class="hidden">{ screen::STEP_DONE }</span> }
                </span>
            </li>
        }
    };
    html! {
        <nav class="steps" aria-label={name}>
            <p class="hidden">{ screen::steps_reached(steps.len(), present + 1) }</p>
            <ol>{ for steps.iter().enumerate().map(step) }</ol>
        </nav>
    }
}

/// An agency's notices under a heading.
pub(super) fn notices(title: Text, texts: &[Localized]) -> Html {
    if texts.is_empty() {
        return Html::default();
    }
    html! {
        <section class="notices" aria-labelledby="notices">
            <h2 id="notices">{ title }</h2>
            <ul>{ for texts.iter().map(|text| html! { <li>{ own(text) }</li> }) }</ul>
        </section>
    }
}

/// Unconfirmed addresses, with the consequences.
pub(super) fn unconfirmed(scene: Scene, addresses: &[String]) -> Html {
    if addresses.is_empty() {
        return Html::default();
    }
    html! {
        <div class="banner info" data-unconfirmed="">
            <p>{ screen::UNCONFIRMED }</p>
            <ul class="addresses">{ for addresses.iter().map(|address| html! { <li>{ address.clone() }</li> }) }</ul>
            <p>{ screen::ASK_AGAIN_IS }</p>
            <div class="banner-actions no-print">
                { button(scene, screen::ASK_AGAIN, Weight::Small, || Action::Account(AccountAction::AskAgain)) }
            </div>
            if scene.state.account.asked_again {
                <p role="status" data-asked-again="">{ screen::ASKED_AGAIN }</p>
            }
        </div>
    }
}

//! Small pieces that every screen uses.

use touroku_proto::localized::Localized;
use yew::prelude::*;

use crate::{
    bidder::{account::AccountAction, action::Action, route::Route, state::State},
    texts::{
        Text, own,
        screen::{self, button},
    },
};

/// What a screen is drawn from.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) state: &'a State,
    pub(super) dispatch: &'a Callback<Action>,
}

impl Scene<'_> {
    /// A callback that dispatches a new action for each event.
    pub(super) fn on<E>(self, action: impl Fn() -> Action + 'static) -> Callback<E> {
        self.dispatch.reform(move |_: E| action())
    }

    /// A `submit` handler: the browser itself sends nothing.
    pub(super) fn on_submit(self, action: impl Fn() -> Action + 'static) -> Callback<SubmitEvent> {
        let dispatch = self.dispatch.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            dispatch.emit(action());
        })
    }
}

/// How much a button stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The main action; one per screen.
    Solid,
    /// Beside the main action.
    Outline,
    /// Within a text.
    Small,
}

impl Weight {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Solid => "button solid",
            Self::Outline => "button outline",
            Self::Small => "button outline small",
        }
    }
}

/// A button that dispatches.
pub(super) fn button(
    scene: Scene,
    label: Text,
    weight: Weight,
    action: impl Fn() -> Action + 'static,
) -> Html {
    html! { <button type="button" class={weight.class()} onclick={scene.on(action)}>{ label }</button> }
}

pub(super) fn submit(label: Text) -> Html {
    html! { <button type="submit" class={Weight::Solid.class()}>{ label }</button> }
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

/// The screen's h1.
pub(super) fn heading(text: &str) -> Html {
    html! { <h1 id="heading" tabindex="-1">{ text.to_owned() }</h1> }
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

/// A progress indicator. The text is announced when it appears.
pub(super) fn progress(text: Text) -> Html {
    html! {
        <p class="progress" role="status">
            <span class="spinner" aria-hidden="true" />
            { text }
        </p>
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

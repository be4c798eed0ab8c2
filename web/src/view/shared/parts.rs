//! Small pieces that every screen uses.

use touroku_html::html;
use yew::{html::BaseComponent, prelude::*};

use crate::{
    bidder::language::Language,
    ports,
    ports::page,
    texts,
    texts::{Text, screen::SKIP},
};

/// What a screen is drawn from: a page's state, and where its actions go.
pub(in crate::view) struct Scene<'a, S, A> {
    pub(in crate::view) state: &'a S,
    pub(in crate::view) dispatch: &'a Callback<A>,
}

// By hand: a derive would ask for states and actions that can be copied.
impl<S, A> Clone for Scene<'_, S, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, A> Copy for Scene<'_, S, A> {}

impl<S, A: 'static> Scene<'_, S, A> {
    /// A callback that dispatches a new action for each event.
    pub(in crate::view) fn on<E>(self, action: impl Fn() -> A + 'static) -> Callback<E> {
        self.dispatch.reform(move |_: E| action())
    }

    /// A `submit` handler: the browser itself sends nothing.
    pub(in crate::view) fn on_submit(self, action: impl Fn() -> A + 'static) -> Callback<SubmitEvent> {
        let dispatch = self.dispatch.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            dispatch.emit(action());
        })
    }

    /// A link's handler that stays where the page is: its address belongs to the screens, and a `#main` in it would
    /// be a step in the browser's history.
    pub(in crate::view) fn on_jump(self, action: impl Fn() -> A + 'static) -> Callback<MouseEvent> {
        let dispatch = self.dispatch.clone();
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            dispatch.emit(action());
        })
    }
}

/// How much a button stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::view) enum Weight {
    /// The main action; one per screen.
    Solid,
    /// Beside the main action.
    Outline,
    /// Within a text.
    Small,
}

impl Weight {
    pub(in crate::view) fn class(self) -> &'static str {
        match self {
            Self::Solid => "button solid",
            Self::Outline => "button outline",
            Self::Small => "button outline small",
        }
    }
}

pub(in crate::view) fn submit(label: Text) -> Html {
    html! { <button type="submit" class={Weight::Solid.class()} data-do="submit">{ label }</button> }
}

/// The screen's h1.
pub(in crate::view) fn heading(text: &str) -> Html {
    html! { <h1 id="heading" tabindex="-1">{ text.to_owned() }</h1> }
}

/// A progress indicator. The text is announced when it appears.
pub(in crate::view) fn progress(text: Text) -> Html {
    html! {
        <p class="progress" role="status">
            <span class="spinner" aria-hidden="true" />
            { text }
        </p>
    }
}

/// 本文へ移動: `find_main` sets the focus.
pub(in crate::view) fn skip<S, A: 'static>(scene: Scene<S, A>, find_main: impl Fn() -> A + 'static) -> Html {
    html! { <a class="skip" href="#main" onclick={scene.on_jump(find_main)}>{ SKIP }</a> }
}

/// Speaks the language whose texts are loaded, and puts a page into the document.
pub(in crate::view) fn mount<C: BaseComponent>(
    language: &str,
    lines: String,
    props: impl FnOnce(Language) -> C::Properties,
) {
    let language = Language::of(language).unwrap_or_default();
    texts::speak(language, lines);
    ports::language::mark(language);
    if let Some(root) = page::document().and_then(|document| document.get_element_by_id("app")) {
        // The text for browsers that cannot run the page.
        root.set_inner_html("");
        yew::Renderer::<C>::with_root_and_props(root, props(language)).render();
    }
}

//! Small pieces that every screen uses.

use touroku_html::html;
use yew::prelude::*;

use super::super::shared;
pub(super) use super::super::shared::{Weight, heading, progress, submit};
use crate::{
    bidder::clock,
    call::Request,
    officer::{action::Action, ask::Ask, dialog::Dialog, route::Route, state::Console},
    texts::{Text, officer::screen},
};

/// What an officer's screen is drawn from.
pub(super) type Scene<'a> = shared::Scene<'a, Console, Action>;

/// A button that dispatches; `name` is its `data-do`.
pub(super) fn button(
    scene: Scene,
    name: &'static str,
    label: impl Into<AttrValue>,
    weight: Weight,
    action: impl Fn() -> Action + 'static,
) -> Html {
    let label = label.into();
    html! {
        <button type="button" class={weight.class()} data-do={name} onclick={scene.on(action)}>{ label }</button>
    }
}

/// A button that opens a dialog, and gets the focus back from it. `about` says which row it is, for screen readers
/// only.
pub(super) fn opener(
    scene: Scene,
    dialog: Dialog,
    label: impl Into<AttrValue>,
    weight: Weight,
    about: &str,
) -> Html {
    let (id, name, label) = (dialog.opener(), dialog.name(), label.into());
    html! {
        <button type="button" class={weight.class()} {id} data-do={name} aria-haspopup="dialog"
            onclick={scene.on(move || Action::Offer(dialog.clone()))}>
            { label }
            if !about.is_empty() { <span class="hidden">{ format!("（{about}）") }</span> }
        </button>
    }
}

/// A button that saves a file. Not a link: a refused link would be a download that fails silently.
pub(super) fn exporter(scene: Scene, name: &str, label: impl Into<Html>, file: Request) -> Html {
    let label: Html = label.into();
    html! {
        <button type="button" class={Weight::Small.class()} data-export={name.to_owned()}
            onclick={scene.on(move || Action::Export(file.clone()))}>{ label }</button>
    }
}

/// Shown while a file is being downloaded.
pub(super) fn exporting(scene: Scene) -> Html {
    if !scene.state.waits(|ask| matches!(ask, Ask::Export(_) | Ask::ListAudit { .. })) {
        return Html::default();
    }
    progress(screen::EXPORTING)
}

/// A real link to another screen; the URL follows it.
pub(super) fn link(route: &Route, class: &'static str, content: Html) -> Html {
    html! { <a href={route.to_fragment()} {class}>{ content }</a> }
}

/// さらに表示.
pub(super) fn more(scene: Scene, there_is: bool) -> Html {
    html! {
        if there_is {
            <div class="actions centred">{ button(scene, "more", screen::MORE, Weight::Outline, || Action::More) }</div>
        }
    }
}

/// A moment, Japan time.
pub(super) fn moment(unix_ms: i64) -> Html {
    html! { <time datetime={clock::machine(unix_ms)}>{ clock::shown(unix_ms) }</time> }
}

/// A moment, or （なし）.
pub(super) fn moment_or_none(unix_ms: Option<i64>) -> Html {
    unix_ms.map_or_else(|| html! { <span class="empty">{ screen::EMPTY }</span> }, moment)
}

/// A value with its lines, or （なし）.
pub(super) fn value(text: &str) -> Html {
    if text.is_empty() {
        return html! { <span class="empty">{ screen::EMPTY }</span> };
    }
    html! { <>{ for text.lines().map(|line| html! { <div>{ line.to_owned() }</div> }) }</> }
}

/// Label and value.
pub(super) fn row(label: impl Into<AttrValue>, content: Html) -> Html {
    html! { <div class="row"><dt>{ label.into() }</dt><dd>{ content }</dd></div> }
}

/// A framed word: a state, never shown by colour alone.
pub(super) fn chip(kind: &'static str, text: impl Into<AttrValue>) -> Html {
    html! { <span class={classes!("chip", kind)}>{ text.into() }</span> }
}

pub(super) fn head(columns: &[Text]) -> Html {
    let cell = |&name: &Text| html! { <th scope="col">{ name }</th> };
    html! { <thead><tr>{ for columns.iter().map(cell) }</tr></thead> }
}

/// A table that may be wider than the screen: it has its own scroll bar, usable by keyboard.
pub(super) fn scroll(label: &str, table: Html) -> Html {
    // A separate landmark, beside the surrounding section that has the plain name.
    html! { <div class="scroll" role="region" aria-label={screen::table_of(label)} tabindex="0">{ table }</div> }
}

//! What surrounds a field, and the list of mistakes at the top.

use std::fmt::Display;

use touroku_html::html;
use yew::prelude::*;

use super::Scene;
use crate::texts::screen::{COLON, OPTIONAL, REQUIRED, summary as summary_title};

/// Label, requirement, support text and mistake around a field.
pub(in crate::view) struct Frame {
    pub(in crate::view) id: AttrValue,
    pub(in crate::view) label: Html,
    pub(in crate::view) required: bool,
    /// The support text.
    pub(in crate::view) hint: Option<Html>,
    pub(in crate::view) mistake: Option<AttrValue>,
    /// Something else is wrong with it, which is said elsewhere.
    pub(in crate::view) accused: bool,
    /// The field.
    pub(in crate::view) field: Html,
    /// What follows the mistake.
    pub(in crate::view) after: Html,
}

impl Frame {
    pub(in crate::view) fn view(self) -> Html {
        let Self { id, label, required, hint, mistake, accused, field, after } = self;
        let invalid = mistake.is_some() || accused;
        html! {
            <div class={if invalid { "field invalid" } else { "field" }} data-field={id.clone()}>
                <div class="field-head">
                    <label for={id.clone()} id={format!("{id}-label")}>{ label }</label>
                    if required {
                        <span class="requirement" data-required="true">{ REQUIRED }</span>
                    } else {
                        <span class="requirement">{ OPTIONAL }</span>
                    }
                </div>
                if let Some(hint) = hint { <p class="field-hint" id={format!("{id}-hint")}>{ hint }</p> }
                { field }
                if let Some(mistake) = mistake {
                    <p class="field-error" id={format!("{id}-error")}>{ "＊" }{ mistake }</p>
                }
                { after }
            </div>
        }
    }
}

/// The ids of the texts that describe a field.
pub(in crate::view) fn described_by<const N: usize>(ids: [Option<String>; N]) -> String {
    ids.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// One mistake in the list.
pub(in crate::view) struct Mistake<I = &'static str> {
    /// The field's `id`.
    pub(in crate::view) id: I,
    /// The field's name.
    pub(in crate::view) name: String,
    /// What is wrong.
    pub(in crate::view) text: AttrValue,
}

/// The list of mistakes at the top, with links that set the focus.
pub(in crate::view) fn summary<S, A: 'static, I: Clone + Display + 'static>(
    scene: Scene<S, A>,
    mistakes: Vec<Mistake<I>>,
    find: fn(I) -> A,
) -> Html {
    if mistakes.is_empty() {
        return Html::default();
    }
    let count = mistakes.len();
    let entry = |Mistake { id, name, text }: Mistake<I>| {
        let href = format!("#{id}");
        let onclick = scene.on_jump(move || find(id.clone()));
        html! { <li><a {href} {onclick}>{ name }</a>{ COLON }{ text }</li> }
    };
    html! {
        <section class="banner error" id="summary" tabindex="-1" role="alert" data-error="fields_invalid"
            aria-labelledby="summary-title">
            <h2 id="summary-title" class="banner-what">{ summary_title(count) }</h2>
            <ul>{ for mistakes.into_iter().map(entry) }</ul>
        </section>
    }
}

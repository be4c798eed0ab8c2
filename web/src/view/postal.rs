//! 住所を検索: the button beside a 郵便番号, and the addresses to choose from.

use touroku_html::html;
use touroku_proto::form::Row;
use yew::prelude::*;

use super::parts::{Scene, Weight, button};
use crate::{
    bidder::{
        action::Action,
        postal::{PostalFound, PostalSearch, PostalStep, address_of},
    },
    texts::{
        label as own_label, postal,
        screen::{self, button as label},
    },
};

/// Below the input of a row, if it has an address row.
pub(super) fn view(scene: Scene, row: &Row) -> Html {
    let field = row.field;
    let address = scene.state.session_form().and_then(|(form, occasion)| address_of(form, occasion, field));
    if address.is_none() {
        return Html::default();
    }
    let search = scene.state.form.postal.as_ref().filter(|search| search.field == field);
    let found = search.map(|search| &search.found);
    let said = match found {
        Some(PostalFound::Waiting) => postal::WAITING.to_string(),
        Some(PostalFound::Nothing) => postal::NOTHING.to_string(),
        Some(PostalFound::Failed) => postal::FAILED.to_string(),
        Some(PostalFound::Filled) => postal::FILLED.to_string(),
        Some(PostalFound::Choices { addresses, .. }) => postal::choose(addresses.len()),
        None => String::new(),
    };
    html! {
        <div class="postal">
            <button type="button" class={Weight::Small.class()} data-postal-search={field.as_str()}
                onclick={scene.on(move || Action::FindAddress(field))}>
                { label::FIND_ADDRESS }<span class="hidden">{ screen::of_what(&own_label(row)) }</span>
            </button>
            <p class="postal-said" role="status" data-postal={found.map_or("none", PostalFound::as_str)}>
                { said }
            </p>
            if let Some(search) = search { { choices(scene, search) } }
        </div>
    }
}

/// A list in which the arrow keys move and Enter chooses.
fn choices(scene: Scene, search: &PostalSearch) -> Html {
    let PostalFound::Choices { addresses, active } = &search.found else { return Html::default() };
    let option = |(index, address): (usize, &String)| {
        html! {
            <li id={option_id(index)} role="option" aria-selected={(index == *active).to_string()}
                class={if index == *active { "address active" } else { "address" }}
                data-postal-choice={index.to_string()}
                onclick={scene.on(move || Action::ChooseAddress(index))}>
                { address.clone() }
            </li>
        }
    };
    let typed = scene.state.form.values.text(search.address).trim();
    html! {
        <div class="addresses-found">
            if !typed.is_empty() { <p>{ postal::replaces(typed) }</p> }
            <ul role="listbox" id="addresses-found" tabindex="0" aria-label={postal::LIST}
                aria-activedescendant={option_id(*active)} data-postal-choices={addresses.len().to_string()}
                onkeydown={keys(scene, *active)}>
                { for addresses.iter().enumerate().map(option) }
            </ul>
            { button(scene, label::KEEP_ADDRESS, Weight::Small, || Action::CloseAddresses) }
        </div>
    }
}

fn option_id(index: usize) -> String {
    format!("address-found-{index}")
}

fn keys(scene: Scene, active: usize) -> Callback<KeyboardEvent> {
    let dispatch = scene.dispatch.clone();
    Callback::from(move |event: KeyboardEvent| {
        let action = match event.key().as_str() {
            "ArrowUp" => Action::StepAddress(PostalStep::Previous),
            "ArrowDown" => Action::StepAddress(PostalStep::Next),
            "Home" => Action::StepAddress(PostalStep::First),
            "End" => Action::StepAddress(PostalStep::Last),
            "Enter" | " " => Action::ChooseAddress(active),
            "Escape" => Action::CloseAddresses,
            _ => return,
        };
        // The page must not scroll, nor the form be submitted.
        event.prevent_default();
        dispatch.emit(action);
    })
}

impl PostalFound {
    /// For tests (`data-postal`).
    fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Nothing => "nothing",
            Self::Failed => "failed",
            Self::Choices { .. } => "choices",
            Self::Filled => "filled",
        }
    }
}

//! A field with label, support text and mistake.

use touroku_html::html;
use yew::prelude::*;

use super::{
    super::shared::{
        self, TextArea, TextField,
        field::{Frame, Mistake, described_by},
    },
    parts::Scene,
};
use crate::{
    officer::{action::Action, input::Input},
    texts::{Text, officer::field as texts},
};

pub(super) fn line(scene: Scene, input: Input, required: bool) -> Html {
    let (value, fault, described_by) = parts(scene, input);
    let (autocomplete, inputmode, width) = match input {
        Input::LoginId => ("username", "text", "medium"),
        Input::Password | Input::CurrentPassword | Input::CardPassword => {
            ("current-password", "text", "medium")
        }
        Input::NewPassword | Input::NewPasswordAgain => ("new-password", "text", "medium"),
        Input::Code | Input::CardCode => ("one-time-code", "numeric", "short"),
        Input::OfficerLoginId => ("off", "text", "medium"),
        Input::OfficerName | Input::AuditActor => ("off", "text", "medium"),
        _ if input.is_day() => ("off", "text", "medium"),
        _ => ("off", "text", "wide"),
    };
    let kind = match input {
        _ if input.is_password() => "password",
        _ if input.is_day() => "date",
        _ => "text",
    };
    let field = html! {
        <TextField id={input.id()} {value} {kind} {autocomplete} {inputmode} {width} {required}
            invalid={fault.is_some()} {described_by}
            on_input={scene.dispatch.reform(move |text| Action::Typed(input, text))} on_leave={Callback::noop()} />
    };
    framed(input, required, fault, field)
}

pub(super) fn area(scene: Scene, input: Input, required: bool, rows: u32) -> Html {
    let (value, fault, described_by) = parts(scene, input);
    let field = html! {
        <TextArea id={input.id()} {value} {rows} {required} invalid={fault.is_some()} {described_by}
            on_input={scene.dispatch.reform(move |text| Action::Typed(input, text))} />
    };
    framed(input, required, fault, field)
}

fn parts(scene: Scene, input: Input) -> (AttrValue, Option<AttrValue>, String) {
    let fault = scene.state.faults.get(&input).map(|&fault| texts::fault(input, fault));
    let id = input.id();
    let described_by = described_by([
        (!texts::hint(input).is_empty()).then(|| format!("{id}-hint")),
        fault.as_ref().map(|_| format!("{id}-error")),
    ]);
    (scene.state.text(input).to_owned().into(), fault, described_by)
}

fn framed(input: Input, required: bool, mistake: Option<AttrValue>, field: Html) -> Html {
    Frame {
        id: input.id().into(),
        label: texts::label(input).into(),
        required,
        hint: texts::hint(input).said().map(Html::from),
        mistake,
        accused: false,
        field,
        after: Html::default(),
    }
    .view()
}

/// The list of mistakes at the top, with links to the fields.
pub(super) fn summary(scene: Scene) -> Html {
    let mistake = |(&input, &fault): (&Input, &_)| Mistake {
        id: input.id(),
        name: texts::label(input).to_string(),
        text: texts::fault(input, fault),
    };
    let mistakes = scene.state.faults.iter().filter(|_| scene.state.summary).map(mistake).collect();
    shared::field::summary(scene, mistakes, |id| Action::Find(id.to_string()))
}

/// A list of options: value, name, selected.
pub(super) fn select(
    id: &str,
    label: &str,
    hidden_label: bool,
    options: &[(String, String, bool)],
    on_pick: Callback<String>,
) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<web_sys::HtmlSelectElement>() {
            on_pick.emit(select.value());
        }
    });
    // By default a browser shows the option that was drawn first, which need not be the first one.
    let none = !options.iter().any(|(_, _, chosen)| *chosen);
    let option = |(index, (value, name, chosen)): (usize, &(String, String, bool))| {
        let selected = *chosen || none && index == 0;
        html! { <option value={value.clone()} {selected}>{ name }</option> }
    };
    let class = if hidden_label { "hidden" } else { "select-label" };
    html! {
        <div class="field" data-field={id.to_owned()}>
            <label for={id.to_owned()} {class}>{ label.to_owned() }</label>
            <select id={id.to_owned()} name={id.to_owned()} class="input" {onchange}>
                { for options.iter().enumerate().map(option) }
            </select>
        </div>
    }
}

pub(super) fn tick(
    id: &'static str,
    label: Text,
    hint: impl Into<Option<Text>>,
    on: bool,
    on_change: Callback<bool>,
) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
            on_change.emit(input.checked());
        }
    });
    let hint = hint.into();
    let described_by = hint.map(|_| format!("{id}-hint"));
    html! {
        <div class="tick">
            <input type="checkbox" {id} name={id} checked={on} {onchange} aria-describedby={described_by} />
            <label for={id}>{ label }</label>
            if let Some(hint) = hint { <p class="field-hint" id={format!("{id}-hint")}>{ hint }</p> }
        </div>
    }
}

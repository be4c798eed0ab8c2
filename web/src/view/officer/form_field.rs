//! A field of a form of 機関設定.

use touroku_html::html;
use yew::prelude::*;

use super::{
    super::shared::{
        TextArea, TextField,
        field::{Frame, described_by},
    },
    parts::Scene,
};
use crate::{
    officer::{action::Action, part::Edit},
    texts::Text,
};

/// A text of a key was typed: of which entry, at what.
pub(super) fn on_typed(scene: Scene, key: &str, index: usize, at: &'static str) -> Callback<String> {
    let key = key.to_owned();
    scene.dispatch.reform(move |text| Action::Edit(key.clone(), Edit::Text(index, at, text)))
}

/// A field of a form, named by the path of its value: what the server finds wrong there is shown there.
pub(super) struct Field<'a> {
    scene: Scene<'a>,
    id: String,
    label: String,
    required: bool,
    hint: Option<Text>,
}

impl<'a> Field<'a> {
    pub(super) fn new(scene: Scene<'a>, id: String, label: Text) -> Self {
        Self::named(scene, id, label.to_string())
    }

    pub(super) fn named(scene: Scene<'a>, id: String, label: String) -> Self {
        Self { scene, id, label, required: true, hint: None }
    }

    pub(super) fn required(self, required: bool) -> Self {
        Self { required, ..self }
    }

    pub(super) fn optional(self, hint: Text) -> Self {
        Self { required: false, hint: Some(hint), ..self }
    }

    pub(super) fn line(self, value: &str, kind: &'static str, on_input: Callback<String>) -> Html {
        let (mistake, described_by) = self.mistake();
        let width = if matches!(kind, "date" | "tel" | "time") { "medium" } else { "wide" };
        // A browser's own check of addresses would say its own words.
        let (kind, inputmode) = match kind {
            "date" => ("date", "text"),
            "url" | "tel" | "email" => ("text", kind),
            _ => ("text", "text"),
        };
        let field = html! {
            <TextField id={self.id.clone()} value={value.to_owned()} {kind} {inputmode} {width}
                required={self.required} invalid={mistake.is_some()} {described_by}
                {on_input} on_leave={Callback::noop()} />
        };
        self.framed(mistake, field)
    }

    pub(super) fn area(self, value: &str, rows: u32, on_input: Callback<String>) -> Html {
        let (mistake, described_by) = self.mistake();
        let field = html! {
            <TextArea id={self.id.clone()} value={value.to_owned()} {rows} required={self.required}
                invalid={mistake.is_some()} {described_by} {on_input} />
        };
        self.framed(mistake, field)
    }

    fn mistake(&self) -> (Option<AttrValue>, String) {
        let check = self.scene.state.settings.check.as_ref();
        let found = check.and_then(|check| check.mistakes.iter().find(|mistake| mistake.key == self.id));
        let mistake = found.map(|found| AttrValue::from(found.message.clone()));
        let ids = described_by([
            self.hint.map(|_| format!("{}-hint", self.id)),
            mistake.as_ref().map(|_| format!("{}-error", self.id)),
        ]);
        (mistake, ids)
    }

    fn framed(self, mistake: Option<AttrValue>, field: Html) -> Html {
        Frame {
            id: self.id.into(),
            label: self.label.into(),
            required: self.required,
            hint: self.hint.map(Html::from),
            mistake,
            accused: false,
            field,
            after: Html::default(),
        }
        .view()
    }
}

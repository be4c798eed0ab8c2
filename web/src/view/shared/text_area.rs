//! A text area that never disturbs an IME.

use gloo::events::EventListener;
use touroku_html::html;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(in crate::view) struct TextAreaProps {
    /// `id` and `name`.
    pub(in crate::view) id: AttrValue,
    pub(in crate::view) value: AttrValue,
    /// Its height, in lines.
    pub(in crate::view) rows: u32,
    /// Announced as required.
    pub(in crate::view) required: bool,
    /// Announced as wrong.
    pub(in crate::view) invalid: bool,
    /// Ids of the texts that describe it; empty for none.
    pub(in crate::view) described_by: String,
    pub(in crate::view) on_input: Callback<String>,
}

/// The text area. We set its text only when the state holds another one, and never while an IME is composing.
pub(in crate::view) struct TextArea {
    area: NodeRef,
    composing: bool,
    /// Yew has no attributes for these events.
    _composition: [Option<EventListener>; 2],
}

/// What the browser reports.
pub(in crate::view) enum Message {
    Input,
    Composing(bool),
}

impl Component for TextArea {
    type Message = Message;
    type Properties = TextAreaProps;

    fn create(_ctx: &Context<Self>) -> Self {
        Self { area: NodeRef::default(), composing: false, _composition: [None, None] }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        if let Message::Composing(composing) = message {
            self.composing = composing;
        }
        if !self.composing
            && let Some(area) = self.element()
        {
            ctx.props().on_input.emit(area.value());
        }
        false
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let link = ctx.link();
        html! {
            <textarea ref={self.area.clone()} id={props.id.clone()} name={props.id.clone()} class="input area"
                rows={props.rows.to_string()} spellcheck="false" autocomplete="off" autocapitalize="off"
                aria-required={props.required.then_some("true")}
                aria-invalid={props.invalid.then_some("true")}
                aria-describedby={Some(props.described_by.clone()).filter(|ids| !ids.is_empty())}
                oninput={link.callback(|_: InputEvent| Message::Input)}
                onchange={link.callback(|_: Event| Message::Input)}
                // A composition ended by a click elsewhere.
                onblur={link.callback(|_: FocusEvent| Message::Composing(false))} />
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        let Some(area) = self.element() else { return };
        if first {
            let (start, end) = (ctx.link().clone(), ctx.link().clone());
            self._composition = [
                Some(EventListener::new(&area, "compositionstart", move |_| {
                    start.send_message(Message::Composing(true));
                })),
                Some(EventListener::new(&area, "compositionend", move |_| {
                    end.send_message(Message::Composing(false));
                })),
            ];
        }
        // A text area turns every line ending into \n; a file's \r\n is the same text.
        if !self.composing && area.value() != ctx.props().value.replace("\r\n", "\n") {
            area.set_value(&ctx.props().value);
        }
    }
}

impl TextArea {
    fn element(&self) -> Option<HtmlTextAreaElement> {
        self.area.cast()
    }
}

//! An input that never disturbs an IME.

use gloo::events::EventListener;
use touroku_html::html;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::texts::account::button as label;

#[derive(Clone, PartialEq, Properties)]
pub(in crate::view) struct TextFieldProps {
    /// `id` and `name`.
    pub(in crate::view) id: AttrValue,
    pub(in crate::view) value: AttrValue,
    /// `text`, `password` or `date`.
    #[prop_or("text")]
    pub(in crate::view) kind: &'static str,
    /// `autocomplete`.
    #[prop_or("off")]
    pub(in crate::view) autocomplete: &'static str,
    /// `inputmode`.
    #[prop_or("text")]
    pub(in crate::view) inputmode: &'static str,
    /// Its width, as a class of the style sheet.
    #[prop_or("wide")]
    pub(in crate::view) width: &'static str,
    /// Announced as required.
    pub(in crate::view) required: bool,
    /// Announced as wrong.
    pub(in crate::view) invalid: bool,
    /// Ids of the texts that describe it; empty for none.
    pub(in crate::view) described_by: String,
    pub(in crate::view) on_input: Callback<String>,
    /// The field was left.
    pub(in crate::view) on_leave: Callback<()>,
}

/// The input. We set its text only when the state holds another one, and never while an IME is composing: that
/// would break the composition.
pub(in crate::view) struct TextField {
    input: NodeRef,
    composing: bool,
    /// The password is shown in clear.
    revealed: bool,
    /// Yew has no attributes for these events.
    _composition: [Option<EventListener>; 2],
    /// The focus went to a button; what ends its press.
    leaving: Vec<EventListener>,
}

/// What the browser reports.
pub(in crate::view) enum Message {
    Input,
    CompositionStart,
    CompositionEnd,
    /// 表示 or 隠す for a password.
    Reveal,
    /// The focus left; `to_button`: for a button or link.
    Blur {
        to_button: bool,
    },
    /// That button was pressed, or reached by keyboard.
    Left,
}

impl Component for TextField {
    type Message = Message;
    type Properties = TextFieldProps;

    fn create(_ctx: &Context<Self>) -> Self {
        Self {
            input: NodeRef::default(),
            composing: false,
            revealed: false,
            _composition: [None, None],
            leaving: Vec::new(),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        let props = ctx.props();
        match message {
            Message::Input if self.composing => {}
            Message::Input => self.report(props),
            Message::Reveal => {
                self.revealed = !self.revealed;
                return true;
            }
            Message::CompositionStart => self.composing = true,
            Message::CompositionEnd => {
                self.composing = false;
                self.report(props);
            }
            Message::Blur { to_button } => {
                // A composition ended by a click elsewhere.
                if std::mem::take(&mut self.composing) {
                    self.report(props);
                }
                // An error appearing now would move the button away from under the mouse before the click is
                // complete.
                match self.element().and_then(|input| input.owner_document()).filter(|_| to_button) {
                    Some(document) => {
                        let once = |event: &'static str| {
                            let link = ctx.link().clone();
                            EventListener::once(&document, event, move |_| link.send_message(Message::Left))
                        };
                        self.leaving = vec![once("click"), once("keyup")];
                    }
                    None => props.on_leave.emit(()),
                }
            }
            Message::Left => {
                self.leaving.clear();
                props.on_leave.emit(());
            }
        }
        false
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let link = ctx.link();
        let described_by = Some(props.described_by.clone()).filter(|ids| !ids.is_empty());
        let secret = props.kind == "password";
        let input = html! {
            <input
                ref={self.input.clone()}
                id={props.id.clone()}
                name={props.id.clone()}
                class={classes!("input", props.width)}
                type={if self.revealed { "text" } else { props.kind }}
                autocomplete={props.autocomplete}
                inputmode={props.inputmode}
                autocapitalize="off"
                spellcheck="false"
                aria-required={props.required.then_some("true")}
                aria-invalid={props.invalid.then_some("true")}
                aria-describedby={described_by}
                oninput={link.callback(|_: InputEvent| Message::Input)}
                // Some form fillers report no input event, only the change.
                onchange={link.callback(|_: Event| Message::Input)}
                onblur={link.callback(|event: FocusEvent| Message::Blur { to_button: goes_to_button(&event) })}
                onkeydown={Callback::from(keep_enter_from_submitting)}
            />
        };
        if !secret {
            return input;
        }
        html! {
            <div class="secret">
                { input }
                // Two passwords on one screen: each button has its field's name, too.
                <button type="button" class="button outline small" id={format!("{}-reveal", props.id)}
                    aria-labelledby={format!("{0}-reveal {0}-label", props.id)} aria-controls={props.id.clone()}
                    data-reveal={props.id.clone()} onclick={link.callback(|_: MouseEvent| Message::Reveal)}>
                    { if self.revealed { label::CONCEAL } else { label::REVEAL } }
                </button>
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first && let Some(input) = self.element() {
            let (start, end) = (ctx.link().clone(), ctx.link().clone());
            self._composition = [
                Some(EventListener::new(&input, "compositionstart", move |_| {
                    start.send_message(Message::CompositionStart);
                })),
                Some(EventListener::new(&input, "compositionend", move |_| {
                    end.send_message(Message::CompositionEnd);
                })),
            ];
        }
        if let Some(input) = self.element()
            && !self.composing
            && input.value() != *ctx.props().value
        {
            input.set_value(&ctx.props().value);
        }
    }
}

impl TextField {
    fn element(&self) -> Option<HtmlInputElement> {
        self.input.get()?.dyn_into().ok()
    }

    fn report(&self, props: &TextFieldProps) {
        if let Some(input) = self.element() {
            props.on_input.emit(input.value());
        }
    }
}

fn goes_to_button(event: &FocusEvent) -> bool {
    let target = event.related_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| matches!(element.tag_name().as_str(), "BUTTON" | "A"))
}

/// The Enter that ends a composition must not submit the form. Some browsers report it after the composition has
/// ended, recognisable only by its key code.
fn keep_enter_from_submitting(event: KeyboardEvent) {
    if event.key() == "Enter" && (event.is_composing() || event.key_code() == 229) {
        event.prevent_default();
    }
}

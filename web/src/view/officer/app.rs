//! The component that holds the state and carries out the effects.

use gloo::events::EventListener;
use touroku_proto::card::{CardError, CardErrorCode, PageReply, PageRequest, Purpose};
use yew::prelude::*;

use super::{super::shared::mount, frame};
use crate::{
    officer::{
        action::Action,
        effect::{Effect, Timer},
        input::Input,
        route::Route,
        state::Console,
    },
    ports::{
        extension::{self, Running},
        officer as port,
        page::{self, Timers},
        store,
    },
};

pub fn start(language: &str, lines: String) {
    mount::<Officer>(language, lines, |_| ());
}

/// Holds the state; everything below is drawn from it.
struct Officer {
    state: Console,
    dispatch: Callback<Action>,
    timers: Timers<Timer>,
    running: Running,
    /// Done after the next rendering, when the element exists.
    after_drawing: Vec<Effect>,
    /// Something had the focus before the state changed.
    had_focus: bool,
    _address: Option<EventListener>,
    _visibility: Option<EventListener>,
}

impl Component for Officer {
    type Message = Action;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let dispatch = ctx.link().callback(|action| action);
        let arrived = dispatch.reform(|()| Action::Arrived(here()));
        // Fired for links within the page, too.
        let address = page::on_back_or_forward(move || arrived.emit(()));
        let visibility = page::document().map(|document| {
            let dispatch = dispatch.clone();
            EventListener::new(&document, "visibilitychange", move |_| {
                if page::is_visible() {
                    dispatch.emit(Action::Awoke);
                }
            })
        });
        ctx.link().send_message(Action::Started { route: here(), remembered: port::remembered_agency() });
        Self {
            state: Console::default(),
            dispatch,
            timers: Timers::default(),
            running: Running::default(),
            after_drawing: Vec::new(),
            had_focus: false,
            _address: address,
            _visibility: visibility,
        }
    }

    fn update(&mut self, _ctx: &Context<Self>, action: Action) -> bool {
        self.had_focus |= page::has_focus();
        for effect in self.state.apply(action, page::steady_ms()) {
            self.carry_out(effect);
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        frame::view(&self.state, &self.dispatch)
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        page::set_title(&frame::title(&self.state));
        for effect in std::mem::take(&mut self.after_drawing) {
            match effect {
                Effect::Focus(id) => page::focus_id(&id),
                Effect::Insert { id, text } => port::insert(&id, &text),
                Effect::Select { line, column } => port::select(Input::Profile.id(), line, column),
                _ => {}
            }
        }
        // What had the focus is gone: whoever works with the keyboard or a screen reader goes on at the heading.
        if std::mem::take(&mut self.had_focus) && !page::has_focus() {
            page::focus_id("heading");
        }
    }
}

impl Officer {
    fn carry_out(&mut self, effect: Effect) {
        let dispatch = self.dispatch.clone();
        match effect {
            Effect::Ask(ask) => wasm_bindgen_futures::spawn_local(async move {
                let answer = port::ask(&ask).await;
                dispatch.emit(Action::Answered(Box::new(ask), Box::new(answer)));
            }),
            Effect::Authenticate { ids, attempt, nonce, agency } => {
                let running = self.running.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let (purpose, my_number) = (Purpose::Officer, false);
                    let request = PageRequest::Authenticate { nonce, purpose, agency, my_number };
                    let opened = dispatch.reform(move |()| Action::CardWindowOpened { attempt });
                    let answer = extension::request(&ids, &request, &running, move || opened.emit(())).await;
                    let answer = answer.and_then(|(_, reply)| match reply {
                        PageReply::Token { token, .. } => Ok(token),
                        PageReply::Error { error } => Err(error),
                        _ => Err(CardError::new(CardErrorCode::HostProtocol)
                            .with_detail("reply to another request")),
                    });
                    dispatch.emit(Action::CardAnswered { attempt, answer: Box::new(answer) });
                });
            }
            Effect::CancelCard => self.running.cancel(),
            Effect::SendPiece { import, offset, end } => wasm_bindgen_futures::spawn_local(async move {
                let answer = Box::new(port::send_piece(import, offset, end).await);
                dispatch.emit(Action::PieceSent { import, answer });
            }),
            Effect::ForgetFile => port::forget_file(),
            Effect::Go { route, replace } => {
                page::go(&route.to_fragment(), replace);
                dispatch.emit(Action::Arrived(route));
            }
            Effect::Focus(_) | Effect::Select { .. } | Effect::Insert { .. } => {
                self.after_drawing.push(effect);
            }
            Effect::Wait { timer, milliseconds } => {
                self.timers.start(timer, milliseconds, move || dispatch.emit(Action::TimeUp(timer)));
            }
            Effect::Remember(agency) => port::remember_agency(&agency),
            Effect::Copy(text) => wasm_bindgen_futures::spawn_local(async move {
                dispatch.emit(Action::Copied(store::copy(&text).await));
            }),
            Effect::Print => page::print(),
            Effect::Save { name, content } => page::save_text(&content, &name),
        }
    }
}

/// The screen of the current URL.
fn here() -> Route {
    Route::recognize(&page::fragment())
}

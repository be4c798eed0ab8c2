//! The component that holds the state and carries out the effects.

use gloo::events::EventListener;
use touroku_proto::card::{CardError, CardErrorCode, PageReply, PageRequest};
use yew::prelude::*;

use super::{frame, shared::mount};
use crate::{
    bidder::{
        account::AccountAction,
        action::Action,
        checkup::CheckupAction,
        draft::DraftOrder,
        effect::{Effect, Focus, Timer},
        language::{Language, Languages},
        route::Route,
        sign_in::SignInAction,
        state::State,
    },
    ports::{
        bidder as port,
        extension::{self, Running},
        language,
        page::{self, Timers},
        store,
    },
    texts,
};

/// Puts the wizard into the document.
pub fn start(language: &str, lines: String) {
    mount::<Bidder>(language, lines, |language| Start { language });
}

/// How the page starts.
#[derive(PartialEq, Properties)]
struct Start {
    /// The language whose texts are loaded.
    language: Language,
}

/// Holds the state; everything below is drawn from it.
struct Bidder {
    state: State,
    dispatch: Callback<Action>,
    timers: Timers<Timer>,
    running: Running,
    /// Done after the next rendering, when the element exists.
    focus: Option<Focus>,
    _history: Option<EventListener>,
    _visibility: Option<EventListener>,
}

impl Component for Bidder {
    type Message = Action;
    type Properties = Start;

    fn create(ctx: &Context<Self>) -> Self {
        let dispatch = ctx.link().callback(|action| action);
        let arrived = dispatch.reform(|()| Action::Arrived(here()));
        let history = page::on_back_or_forward(move || arrived.emit(()));
        let visibility = page::document().map(|document| {
            let dispatch = dispatch.clone();
            EventListener::new(&document, "visibilitychange", move |_| {
                dispatch.emit(if page::is_visible() { Action::Awoke } else { Action::Hidden });
            })
        });
        store::sweep();
        let spoken = ctx.props().language;
        let languages = Languages { spoken, offered: language::offered() };
        ctx.link().send_message(Action::Started(here()));
        find_sign_in(&dispatch);
        Self {
            state: State::read_in(languages),
            dispatch,
            timers: Timers::default(),
            running: Running::default(),
            focus: None,
            _history: history,
            _visibility: visibility,
        }
    }

    fn update(&mut self, _ctx: &Context<Self>, action: Action) -> bool {
        for effect in self.state.apply(action) {
            self.carry_out(effect);
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        frame::view(&self.state, &self.dispatch)
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        page::set_title(&frame::title(&self.state));
        if let Some(focus) = self.focus.take() {
            page::focus(focus);
        }
    }
}

impl Bidder {
    fn carry_out(&mut self, effect: Effect) {
        let dispatch = self.dispatch.clone();
        match effect {
            Effect::Ask(ask) => {
                wasm_bindgen_futures::spawn_local(async move { dispatch.emit(port::ask(ask).await) });
            }
            Effect::CheckExtension { ids, attempt } => wasm_bindgen_futures::spawn_local(async move {
                let running = Running::default();
                let answer = extension::request(&ids, &PageRequest::Status, &running, || {}).await;
                let answer = answer.and_then(|(id, reply)| match reply {
                    PageReply::Status(status) => Ok((id, status)),
                    other => Err(unexpected(other)),
                });
                dispatch.emit(Action::ExtensionChecked { attempt, answer });
            }),
            Effect::CheckUp { id, attempt } => wasm_bindgen_futures::spawn_local(async move {
                let running = Running::default();
                let answer = extension::request(&[id], &PageRequest::CheckUp, &running, || {}).await;
                let answer = answer.and_then(|(_, reply)| match reply {
                    PageReply::Findings { findings } => Ok(findings),
                    other => Err(unexpected(other)),
                });
                dispatch.emit(Action::Checkup(CheckupAction::Examined { attempt, answer }));
            }),
            Effect::Authenticate { ids, attempt, nonce, purpose, agency, my_number } => {
                let running = self.running.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let request = PageRequest::Authenticate { nonce, purpose, agency, my_number };
                    let opened = dispatch.reform(move |()| Action::CardWindowOpened { attempt });
                    let answer = extension::request(&ids, &request, &running, move || opened.emit(())).await;
                    dispatch.emit(match answer {
                        Ok((_, PageReply::Token { token, person_in_charge })) => {
                            Action::CardSigned { attempt, token, person_in_charge }
                        }
                        Ok((_, other)) => Action::CardFailed { attempt, error: unexpected(other) },
                        Err(error) => Action::CardFailed { attempt, error },
                    });
                });
            }
            Effect::Sign { ids, attempt, document, card } => {
                let running = self.running.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let request = PageRequest::Sign { document, card };
                    let opened = dispatch.reform(move |()| Action::CardWindowOpened { attempt });
                    let answer = extension::request(&ids, &request, &running, move || opened.emit(())).await;
                    dispatch.emit(match answer {
                        Ok((_, PageReply::Signature { signature })) => {
                            Action::DocumentSigned { attempt, signature }
                        }
                        Ok((_, other)) => Action::CardFailed { attempt, error: unexpected(other) },
                        Err(error) => Action::CardFailed { attempt, error },
                    });
                });
            }
            Effect::CancelCard => self.running.cancel(),
            Effect::Go { route, replace } => {
                page::go(&route.to_path(), replace);
                dispatch.emit(Action::Arrived(route));
            }
            Effect::Focus(focus) => self.focus = Some(focus),
            Effect::Wait { timer, milliseconds } => self.timers.start(timer, milliseconds, move || {
                dispatch.emit(Action::TimeUp { timer, at_ms: page::steady_ms() });
            }),
            Effect::MakeSubmission => {
                if let Some(submission) = page::random_uuid() {
                    dispatch.emit(Action::SubmissionMade(submission));
                }
            }
            Effect::Print => page::print(),
            Effect::Draft(DraftOrder::Keep { key, values }) => {
                dispatch.emit(Action::Account(AccountAction::DraftKept(store::keep(&key, values))));
            }
            Effect::Draft(DraftOrder::Read { key }) => {
                let values = store::read(&key);
                dispatch.emit(Action::Account(AccountAction::DraftRead { key, values }));
            }
            Effect::Draft(DraftOrder::Drop { key }) => store::forget(&key),
            Effect::TakeFragment => {
                dispatch.emit(Action::Account(AccountAction::FragmentTaken(page::take_fragment())));
            }
            Effect::ReadBrowser => {
                dispatch.emit(Action::Checkup(CheckupAction::BrowserRead(page::browser())));
            }
            Effect::Speak(language) => wasm_bindgen_futures::spawn_local(async move {
                let spoken = speak(language).await;
                if spoken {
                    language::keep(language);
                }
                dispatch.emit(Action::LanguageChosen { language, spoken });
            }),
            Effect::Suggest(language) => wasm_bindgen_futures::spawn_local(async move {
                if !language::is_chosen() && speak(language).await {
                    dispatch.emit(Action::LanguageChosen { language, spoken: true });
                }
            }),
            Effect::FindSignIn => find_sign_in(&dispatch),
            Effect::ForgetSignIn => store::forget_sign_in(),
            Effect::Leave(location) => page::leave(&location),
            Effect::Copy(text) => wasm_bindgen_futures::spawn_local(async move {
                dispatch.emit(Action::Checkup(CheckupAction::Copied(store::copy(&text).await)));
            }),
        }
    }
}

fn find_sign_in(dispatch: &Callback<Action>) {
    if let Some((id, fresh)) = store::sign_in() {
        dispatch.emit(Action::SignIn(SignInAction::Found { id, fresh }));
    }
}

/// Fetches the texts of a language and speaks it. Whether they came.
async fn speak(language: Language) -> bool {
    let lines = language::fetch(language).await;
    let spoken = lines.is_some();
    if let Some(lines) = lines {
        texts::speak(language, lines);
        language::mark(language);
    }
    spoken
}

/// The screen of the current URL.
fn here() -> Route {
    let (path, query) = page::address();
    // `/check?agency=…`, which manuals and help desks may link to.
    let agency = query.trim_start_matches('?').split('&').find_map(|part| part.strip_prefix("agency="));
    match (Route::recognize(&path), agency) {
        (Route::Check, Some(agency)) if !agency.is_empty() => Route::CheckOf { agency: agency.to_owned() },
        (route, _) => route,
    }
}

/// A final reply that does not match the request.
fn unexpected(reply: PageReply) -> CardError {
    match reply {
        PageReply::Error { error } => error,
        _ => CardError::new(CardErrorCode::HostProtocol).with_detail("reply to another request"),
    }
}

//! The extension: one request, one port.
//!
//! An agency's own build names our site in its manifest and is reached by `chrome.runtime.connect`. The published build
//! names no site; where the person has allowed ours, its relay in our page takes a channel from us. Either way it is the
//! browser that tells the extension who we are.

use std::{cell::RefCell, rc::Rc};

use gloo::timers::callback::Timeout;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use touroku_proto::card::{CardError, CardErrorCode, PageReply, PageRequest};
use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessageEvent, MessagePort};

/// The port's name, by which the extension knows our requests.
const PORT_NAME: &str = "touroku";

/// What the relay listens for, and how long it may take to answer: it is there before our page's own code.
const RELAY_CALL: &str = "touroku:connect";
const RELAY_SILENCE_MS: u32 = 1000;

/// How long the first answer may take. The extension answers a missing or silent host sooner by itself.
const SILENCE_MS: u32 = 20_000;

/// … and a check-up's, for which the host takes 25 seconds at most and the extension waits 30.
const CHECK_UP_SILENCE_MS: u32 = 35_000;

/// The request that is running, so that it can be given up.
#[derive(Clone, Default)]
pub struct Running(Rc<RefCell<Option<Port>>>);

impl Running {
    /// Sends `cancel` and closes the port.
    pub fn cancel(&self) {
        if let Some(port) = self.0.borrow_mut().take() {
            port.post(&PageRequest::Cancel);
            port.end(End::Cancelled);
        }
    }
}

/// Sends a request under each id in turn, then to the relay, until an extension answers. Gives its id and the final
/// reply; `opened` is called when the card window is on the screen.
pub async fn request(
    ids: &[String],
    request: &PageRequest,
    running: &Running,
    opened: impl Fn() + 'static,
) -> Result<(String, PageReply), CardError> {
    let opened: Rc<dyn Fn()> = Rc::new(opened);
    for way in ids.iter().map(|id| Way::Named(id)).chain([Way::Relay]) {
        match talk(way, request, running, opened.clone()).await {
            End::Reply(id, reply) => return Ok((id, *reply)),
            // Not installed under this id.
            End::Unanswered => {}
            End::Broken => return Err(CardError::new(CardErrorCode::HostExited)),
            End::Cancelled => return Err(CardError::new(CardErrorCode::Cancelled)),
            End::Garbled => {
                return Err(CardError::new(CardErrorCode::HostProtocol).with_detail("unreadable reply"));
            }
            End::Silent => return Err(CardError::new(CardErrorCode::HostProtocol).with_detail("no reply")),
        }
    }
    Err(CardError::new(CardErrorCode::ExtensionMissing))
}

/// How to reach an extension.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// By its id.
    Named(&'a str),
    /// By the relay in our page, if one is there.
    Relay,
}

/// How a conversation on one port ended.
enum End {
    /// With `status`, `token` or `error`, from the extension of that id.
    Reply(String, Box<PageReply>),
    /// The port closed before anything came.
    Unanswered,
    /// The port closed after `opened`.
    Broken,
    /// We gave up.
    Cancelled,
    /// With something that is no reply.
    Garbled,
    /// Nothing came for too long.
    Silent,
}

/// One open port. Clones speak on the same one.
#[derive(Clone)]
struct Port {
    wire: Wire,
    /// The extension's id; the relay tells it.
    id: Rc<RefCell<String>>,
    end: Rc<RefCell<Option<End>>>,
    wake: Function,
}

/// What a port is to the browser.
#[derive(Clone)]
enum Wire {
    /// `chrome.runtime.Port`.
    Runtime(JsValue),
    /// Our end of a channel; messages are wrapped, so that the relay's own words are none of the extension's.
    Relay(MessagePort),
}

impl Port {
    fn post(&self, request: &PageRequest) -> bool {
        let text = serde_json::to_string(request).expect("our own types have text keys only");
        let Ok(message) = JSON::parse(&text) else { return false };
        match &self.wire {
            Wire::Runtime(port) => call(port, "postMessage", &[message]),
            Wire::Relay(port) => say(port, "message", &message),
        }
    }

    fn disconnect(&self) {
        match &self.wire {
            Wire::Runtime(port) => drop(call(port, "disconnect", &[])),
            Wire::Relay(port) => {
                say(port, "close", &JsValue::TRUE);
                port.close();
            }
        }
    }

    /// Ends the conversation, once: later ends change nothing.
    fn end(&self, end: End) {
        let mut slot = self.end.borrow_mut();
        if slot.is_none() {
            *slot = Some(end);
            drop(slot);
            self.disconnect();
            // Wakes the waiting future; a promise takes a second call calmly.
            let _ = self.wake.call0(&JsValue::UNDEFINED);
        }
    }
}

fn call(port: &JsValue, name: &str, arguments: &[JsValue]) -> bool {
    let function = Reflect::get(port, &name.into()).and_then(JsValue::dyn_into::<Function>);
    function
        .is_ok_and(|function| Reflect::apply(&function, port, &arguments.iter().cloned().collect()).is_ok())
}

fn say(port: &MessagePort, key: &str, value: &JsValue) -> bool {
    let wrapped = Object::new();
    Reflect::set(&wrapped, &key.into(), value).is_ok() && port.post_message(&wrapped).is_ok()
}

fn listen(port: &JsValue, event: &str, listener: &JsValue) -> bool {
    let add = || -> Result<(), JsValue> {
        let event = Reflect::get(port, &event.into())?;
        let function: Function = Reflect::get(&event, &"addListener".into())?.dyn_into()?;
        function.call1(&event, listener).map(|_| ())
    };
    add().is_ok()
}

async fn talk(way: Way<'_>, request: &PageRequest, running: &Running, opened: Rc<dyn Fn()>) -> End {
    let (wire, id) = match way {
        Way::Named(id) => (connect(id).map(Wire::Runtime), id),
        Way::Relay => (call_relay().map(Wire::Relay), ""),
    };
    let Some(wire) = wire else { return End::Unanswered };
    let mut wake = None;
    let ended = Promise::new(&mut |resolve, _| wake = Some(resolve));
    let wake = wake.expect("Promise runs its function at once");
    let port = Port { wire, id: Rc::new(RefCell::new(id.to_owned())), end: Rc::default(), wake };

    let heard = Rc::new(RefCell::new(false));
    let silence = {
        let port = port.clone();
        let limit = if matches!(request, PageRequest::CheckUp) { CHECK_UP_SILENCE_MS } else { SILENCE_MS };
        Timeout::new(limit, move || port.end(End::Silent))
    };
    let silence = RefCell::new(Some(silence));
    let hear: Rc<dyn Fn(&JsValue)> = {
        let (port, heard) = (port.clone(), heard.clone());
        Rc::new(move |message: &JsValue| {
            *heard.borrow_mut() = true;
            silence.borrow_mut().take();
            let text = JSON::stringify(message).ok().and_then(|text| text.as_string());
            match text.and_then(|text| serde_json::from_str(&text).ok()) {
                Some(PageReply::Opened) => opened(),
                Some(reply) => port.end(End::Reply(port.id.borrow().clone(), Box::new(reply))),
                None => port.end(End::Garbled),
            }
        })
    };
    let part: Rc<dyn Fn()> = {
        let (port, heard) = (port.clone(), heard.clone());
        Rc::new(move || {
            // Reading the reason keeps the browser from writing it to the console.
            let _ = runtime().and_then(|runtime| Reflect::get(&runtime, &"lastError".into()).ok());
            port.end(if *heard.borrow() { End::Broken } else { End::Unanswered });
        })
    };
    // They live as long as the conversation.
    let (on_message, on_disconnect);
    let on_relayed;
    let listening = match &port.wire {
        Wire::Runtime(js_port) => {
            on_message = Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| hear(&message));
            on_disconnect = Closure::<dyn FnMut()>::new(move || part());
            listen(js_port, "onMessage", on_message.as_ref())
                && listen(js_port, "onDisconnect", on_disconnect.as_ref())
        }
        Wire::Relay(channel) => {
            let missing = {
                let port = port.clone();
                Timeout::new(RELAY_SILENCE_MS, move || port.end(End::Unanswered))
            };
            let (id, mut missing) = (port.id.clone(), Some(missing));
            on_relayed = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                missing.take();
                let word = |key: &str| {
                    Reflect::get(&event.data(), &key.into()).ok().filter(|value| !value.is_undefined())
                };
                if let Some(message) = word("message") {
                    hear(&message);
                } else if word("closed").is_some() {
                    part();
                } else if let Some(own) = word("open").and_then(|own| own.as_string()) {
                    *id.borrow_mut() = own;
                }
            });
            channel.set_onmessage(Some(on_relayed.as_ref().unchecked_ref()));
            true
        }
    };
    if !listening || !port.post(request) {
        return End::Unanswered;
    }
    if matches!(request, PageRequest::Authenticate { .. } | PageRequest::Sign { .. }) {
        *running.0.borrow_mut() = Some(port.clone());
    }
    // The promise is never rejected.
    let _ = JsFuture::from(ended).await;
    running.0.borrow_mut().take_if(|other| Rc::ptr_eq(&other.end, &port.end));
    let end = port.end.borrow_mut().take();
    end.unwrap_or(End::Unanswered)
}

/// Hands the relay one end of a channel, for it alone; gives the other. Whether anybody took it is heard later.
fn call_relay() -> Option<MessagePort> {
    let channel = MessageChannel::new().ok()?;
    let window = web_sys::window()?;
    let origin = window.location().origin().ok()?;
    let transfer = [channel.port2()].iter().collect::<js_sys::Array>();
    window.post_message_with_transfer(&RELAY_CALL.into(), &origin, &transfer).ok()?;
    Some(channel.port1())
}

fn connect(id: &str) -> Option<JsValue> {
    let runtime = runtime()?;
    let connect: Function = Reflect::get(&runtime, &"connect".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"name".into(), &PORT_NAME.into()).ok()?;
    connect.call2(&runtime, &id.into(), &options).ok()
}

/// `chrome.runtime`: there only if an extension allows this site to connect.
fn runtime() -> Option<JsValue> {
    let chrome = Reflect::get(&js_sys::global(), &"chrome".into()).ok().filter(JsValue::is_object)?;
    Reflect::get(&chrome, &"runtime".into()).ok().filter(JsValue::is_object)
}

//! The two ways to an extension behind one interface: send, receive and close.

use std::{rc::Rc, slice};

use gloo::events::EventListener;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};
use web_sys::{MessageChannel, MessageEvent};

/// The port's name, by which the extension knows our requests.
const PORT_NAME: &str = "touroku";

/// The event that the relay listens for.
const RELAY_CALL: &str = "touroku:connect";

/// The browser's port.
#[derive(Clone)]
pub(super) enum Wire {
    /// `chrome.runtime.Port`.
    Runtime(JsValue),
    /// A channel, one end of which belongs to the relay. Messages are wrapped, so that the relay's own can be told
    /// from the extension's.
    Relay(MessageChannel),
}

/// What arrives on it.
pub(super) enum Heard {
    /// The extension's id, from the relay, before anything else.
    Id(String),
    Message(JsValue),
    /// The other side closed it, or nobody is there.
    Closed,
}

/// Listens for as long as it lives.
#[expect(dead_code, reason = "held for its listeners")]
pub(super) enum Listening {
    Runtime(Closure<dyn FnMut(JsValue)>, Closure<dyn FnMut()>),
    Relay([EventListener; 2]),
}

impl Wire {
    /// Connects to the extension with that id, if its manifest names our site.
    pub(super) fn named(id: &str) -> Option<Self> {
        let options = Object::new();
        Reflect::set(&options, &"name".into(), &PORT_NAME.into()).ok()?;
        call(&runtime()?, "connect", &[id.into(), options.into()]).map(Self::Runtime)
    }

    /// Connects to the relay in our page, if there is one.
    pub(super) fn relay() -> Option<Self> {
        MessageChannel::new().ok().map(Self::Relay)
    }

    /// To be called once, before anything is posted.
    pub(super) fn listen(&self, hear: impl Fn(Heard) + 'static) -> Option<Listening> {
        let hear = Rc::new(hear);
        match self {
            Self::Runtime(port) => listen_to_port(port, hear),
            Self::Relay(channel) => call_relay(channel, hear),
        }
    }

    pub(super) fn post(&self, message: &JsValue) -> bool {
        match self {
            Self::Runtime(port) => call(port, "postMessage", slice::from_ref(message)).is_some(),
            Self::Relay(channel) => say(channel, "message", message),
        }
    }

    pub(super) fn close(&self) {
        match self {
            Self::Runtime(port) => drop(call(port, "disconnect", &[])),
            Self::Relay(channel) => {
                say(channel, "close", &JsValue::TRUE);
                channel.port1().close();
            }
        }
    }
}

fn listen_to_port(port: &JsValue, hear: Rc<impl Fn(Heard) + 'static>) -> Option<Listening> {
    let message = {
        let hear = hear.clone();
        Closure::<dyn FnMut(JsValue)>::new(move |message| hear(Heard::Message(message)))
    };
    let disconnect = Closure::<dyn FnMut()>::new(move || {
        // Reading the error keeps the browser from writing it to the console.
        let _ = runtime().and_then(|runtime| Reflect::get(&runtime, &"lastError".into()).ok());
        hear(Heard::Closed);
    });
    for (event, listener) in [("onMessage", message.as_ref()), ("onDisconnect", disconnect.as_ref())] {
        call(&Reflect::get(port, &event.into()).ok()?, "addListener", slice::from_ref(listener))?;
    }
    Some(Listening::Runtime(message, disconnect))
}

/// Hands the relay its end of the channel, exclusively.
fn call_relay(channel: &MessageChannel, hear: Rc<impl Fn(Heard) + 'static>) -> Option<Listening> {
    let window = web_sys::window()?;
    let origin = window.location().origin().ok()?;
    let untaken = {
        let hear = hear.clone();
        // A relay has been listening since before us, and stops the event from reaching us.
        EventListener::new(&window, "message", move |event| {
            if event.unchecked_ref::<MessageEvent>().data() == RELAY_CALL {
                hear(Heard::Closed);
            }
        })
    };
    let ours = channel.port1();
    let message = EventListener::new(&ours, "message", move |event| {
        let data = event.unchecked_ref::<MessageEvent>().data();
        let word = |key: &str| Reflect::get(&data, &key.into()).ok().filter(|value| !value.is_undefined());
        if let Some(message) = word("message") {
            hear(Heard::Message(message));
        } else if word("closed").is_some() {
            hear(Heard::Closed);
        } else if let Some(id) = word("open").and_then(|id| id.as_string()) {
            hear(Heard::Id(id));
        }
    });
    ours.start();
    let transfer = Array::of1(&channel.port2());
    window.post_message_with_transfer(&RELAY_CALL.into(), &origin, &transfer).ok()?;
    Some(Listening::Relay([untaken, message]))
}

fn say(channel: &MessageChannel, key: &str, value: &JsValue) -> bool {
    let wrapped = Object::new();
    Reflect::set(&wrapped, &key.into(), value).is_ok() && channel.port1().post_message(&wrapped).is_ok()
}

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = Reflect::get(object, &name.into()).ok()?.dyn_into().ok()?;
    Reflect::apply(&function, object, &arguments.iter().cloned().collect()).ok()
}

/// `chrome.runtime`: present only if an extension allows this site to connect.
fn runtime() -> Option<JsValue> {
    let chrome = Reflect::get(&js_sys::global(), &"chrome".into()).ok().filter(JsValue::is_object)?;
    Reflect::get(&chrome, &"runtime".into()).ok().filter(JsValue::is_object)
}

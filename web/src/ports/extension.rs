//! The extension, over `chrome.runtime.connect`: one request, one port.

use std::{cell::RefCell, rc::Rc};

use gloo::timers::callback::Timeout;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use touroku_proto::card::{CardError, CardErrorCode, PageReply, PageRequest};
use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

/// The port's name, by which the extension knows our requests.
const PORT_NAME: &str = "touroku";

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

/// Sends a request under each id in turn until an extension answers. Gives the id and the final reply;
/// `opened` is called when the card window is on the screen.
pub async fn request(
    ids: &[String],
    request: &PageRequest,
    running: &Running,
    opened: impl Fn() + 'static,
) -> Result<(String, PageReply), CardError> {
    let opened: Rc<dyn Fn()> = Rc::new(opened);
    for id in ids {
        match talk(id, request, running, opened.clone()).await {
            End::Reply(reply) => return Ok((id.clone(), *reply)),
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

/// How a conversation on one port ended.
enum End {
    /// With `status`, `token` or `error`.
    Reply(Box<PageReply>),
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
    port: JsValue,
    end: Rc<RefCell<Option<End>>>,
    wake: Function,
}

impl Port {
    fn post(&self, request: &PageRequest) -> bool {
        let text = serde_json::to_string(request).expect("our own types have text keys only");
        let Ok(message) = JSON::parse(&text) else { return false };
        self.call("postMessage", &[message])
    }

    /// Ends the conversation, once: later ends change nothing.
    fn end(&self, end: End) {
        let mut slot = self.end.borrow_mut();
        if slot.is_none() {
            *slot = Some(end);
            drop(slot);
            self.call("disconnect", &[]);
            // Wakes the waiting future; a promise takes a second call calmly.
            let _ = self.wake.call0(&JsValue::UNDEFINED);
        }
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> bool {
        let function = Reflect::get(&self.port, &name.into()).and_then(JsValue::dyn_into::<Function>);
        function.is_ok_and(|function| {
            Reflect::apply(&function, &self.port, &arguments.iter().cloned().collect()).is_ok()
        })
    }

    fn listen(&self, event: &str, listener: &JsValue) -> bool {
        let add = || -> Result<(), JsValue> {
            let event = Reflect::get(&self.port, &event.into())?;
            let function: Function = Reflect::get(&event, &"addListener".into())?.dyn_into()?;
            function.call1(&event, listener).map(|_| ())
        };
        add().is_ok()
    }
}

async fn talk(id: &str, request: &PageRequest, running: &Running, opened: Rc<dyn Fn()>) -> End {
    let Some(js_port) = connect(id) else { return End::Unanswered };
    let mut wake = None;
    let ended = Promise::new(&mut |resolve, _| wake = Some(resolve));
    let port =
        Port { port: js_port, end: Rc::default(), wake: wake.expect("Promise runs its function at once") };

    let heard = Rc::new(RefCell::new(false));
    let silence = {
        let port = port.clone();
        let limit = if matches!(request, PageRequest::CheckUp) { CHECK_UP_SILENCE_MS } else { SILENCE_MS };
        Timeout::new(limit, move || port.end(End::Silent))
    };
    let silence = RefCell::new(Some(silence));
    let on_message = {
        let (port, heard) = (port.clone(), heard.clone());
        Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
            *heard.borrow_mut() = true;
            silence.borrow_mut().take();
            let text = JSON::stringify(&message).ok().and_then(|text| text.as_string());
            match text.and_then(|text| serde_json::from_str(&text).ok()) {
                Some(PageReply::Opened) => opened(),
                Some(reply) => port.end(End::Reply(Box::new(reply))),
                None => port.end(End::Garbled),
            }
        })
    };
    let on_disconnect = {
        let (port, heard) = (port.clone(), heard.clone());
        Closure::<dyn FnMut()>::new(move || {
            // Reading the reason keeps the browser from writing it to the console.
            let _ = runtime().and_then(|runtime| Reflect::get(&runtime, &"lastError".into()).ok());
            port.end(if *heard.borrow() { End::Broken } else { End::Unanswered });
        })
    };
    let listening =
        port.listen("onMessage", on_message.as_ref()) && port.listen("onDisconnect", on_disconnect.as_ref());
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

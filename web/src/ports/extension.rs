//! The extension: one request, one port.
//!
//! An agency's own build names our site in its manifest and is reached by `chrome.runtime.connect`. The
//! published build names no site; where the person has allowed ours, its relay in our page accepts a channel
//! from us. Either way the browser tells the extension who we are.

mod wire;

use std::{cell::RefCell, rc::Rc};

use gloo::timers::callback::Timeout;
use js_sys::{Function, JSON, Promise};
use touroku_proto::card::{CardError, CardErrorCode, PageReply, PageRequest};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use wire::{Heard, Wire};

/// How long the first answer may take. The extension itself reports a missing or silent host sooner.
const SILENCE_MS: u32 = 20_000;

/// … and a check-up's, for which the host takes 25 seconds at most and the extension waits 30.
const CHECK_UP_SILENCE_MS: u32 = 35_000;

/// The running request, so that it can be cancelled.
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

/// Sends a request under each id in turn, then to the relay, until an extension answers. Returns its id and the
/// final reply; `opened` is called when the card window is open.
pub async fn request(
    ids: &[String],
    request: &PageRequest,
    running: &Running,
    opened: impl Fn() + 'static,
) -> Result<(String, PageReply), CardError> {
    let opened: Rc<dyn Fn()> = Rc::new(opened);
    for id in ids.iter().map(Some).chain([None]) {
        match talk(id, request, running, opened.clone()).await {
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

/// How a conversation on one port ended.
enum End {
    /// With `status`, `token` or `error`, from the extension with that id.
    Reply(String, Box<PageReply>),
    /// The port closed before anything came.
    Unanswered,
    /// The port closed after `opened`.
    Broken,
    /// Cancelled by us.
    Cancelled,
    /// With something that is not a reply.
    Garbled,
    /// Nothing arrived for too long.
    Silent,
}

/// One open port. Clones share it.
#[derive(Clone)]
struct Port {
    wire: Wire,
    end: Rc<RefCell<Option<End>>>,
    wake: Function,
}

impl Port {
    fn post(&self, request: &PageRequest) -> bool {
        let text = touroku_json::to_string(request);
        JSON::parse(&text).is_ok_and(|message| self.wire.post(&message))
    }

    /// Ends the conversation, once: later ends change nothing.
    fn end(&self, end: End) {
        let mut slot = self.end.borrow_mut();
        if slot.is_none() {
            *slot = Some(end);
            drop(slot);
            self.wire.close();
            // Wakes the waiting future; resolving a promise twice is harmless.
            let _ = self.wake.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Talks to the extension with that id, or with the relay's.
async fn talk(id: Option<&String>, request: &PageRequest, running: &Running, opened: Rc<dyn Fn()>) -> End {
    let Some(wire) = id.map_or_else(Wire::relay, |id| Wire::named(id)) else { return End::Unanswered };
    let mut wake = None;
    let ended = Promise::new(&mut |resolve, _| wake = Some(resolve));
    let port = Port { wire, end: Rc::default(), wake: wake.expect("Promise runs its function at once") };

    let silence = {
        let port = port.clone();
        let limit = if matches!(request, PageRequest::CheckUp) { CHECK_UP_SILENCE_MS } else { SILENCE_MS };
        RefCell::new(Some(Timeout::new(limit, move || port.end(End::Silent))))
    };
    let hear = {
        let (port, id) = (port.clone(), RefCell::new(id.cloned().unwrap_or_default()));
        move |heard| match heard {
            Heard::Id(own) => drop(id.replace(own)),
            Heard::Message(message) => {
                silence.borrow_mut().take();
                let text = JSON::stringify(&message).ok().and_then(|text| text.as_string());
                match text.and_then(|text| touroku_json::from_str(&text).ok()) {
                    Some(PageReply::Opened) => opened(),
                    Some(reply) => port.end(End::Reply(id.borrow().clone(), Box::new(reply))),
                    None => port.end(End::Garbled),
                }
            }
            // Whoever answered anything was there.
            Heard::Closed if silence.borrow().is_none() => port.end(End::Broken),
            Heard::Closed => port.end(End::Unanswered),
        }
    };
    let Some(_listening) = port.wire.listen(hear) else { return End::Unanswered };
    if !port.post(request) {
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

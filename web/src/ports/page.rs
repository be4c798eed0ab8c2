//! The page itself: focus, title, printing, timers, randomness and the steady clock.

use std::collections::HashMap;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use web_sys::{Document, HtmlElement};

use crate::bidder::effect::{Focus, Timer};

/// Milliseconds since the page was opened. Unlike the computer's clock it never jumps.
pub fn steady_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Moves the keyboard focus, if that element is on the screen.
pub fn focus(focus: Focus) {
    let id = match focus {
        Focus::Heading => "heading",
        Focus::Summary => "summary",
        Focus::Banner => "banner",
        Focus::Addresses => "addresses-found",
        Focus::Hours => "hours",
        Focus::CardPanel => "card-panel",
        Focus::Field(id) => id,
    };
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        if focus == Focus::Heading
            && let Some(window) = web_sys::window()
        {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
        // A failure to focus leaves the focus where it was; nothing else depends on it.
        let _ = element.focus();
    }
}

/// Sets the window's title.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Opens the browser's print dialog.
pub fn print() {
    if let Some(window) = web_sys::window() {
        // Refused only where printing is switched off, which the browser itself says.
        let _ = window.print();
    }
}

/// A random UUID (version 4). `None` outside a secure context, where no part of the page works.
pub fn random_uuid() -> Option<String> {
    Some(web_sys::window()?.crypto().ok()?.random_uuid())
}

/// Whether the tab is in front.
pub fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == web_sys::VisibilityState::Visible)
}

/// The document.
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The running timers, one of each kind.
#[derive(Default)]
pub struct Timers(HashMap<Timer, Timeout>);

impl Timers {
    /// Starts a timer; one of the same kind that is running is stopped.
    pub fn start(&mut self, timer: Timer, milliseconds: u32, then: impl FnOnce() + 'static) {
        self.0.insert(timer, Timeout::new(milliseconds, then));
    }
}

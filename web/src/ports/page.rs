//! The page itself: focus, title, printing, timers, randomness and the monotonic clock.

use gloo::{events::EventListener, timers::callback::Timeout};
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, Document, HtmlAnchorElement, HtmlElement, Url};

use crate::bidder::{checkup::Browser, effect::Focus};

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
    focus_id(id);
}

/// Moves the keyboard focus to the element of this `id`, if it is on the screen.
pub fn focus_id(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        if id == "heading"
            && let Some(window) = web_sys::window()
        {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
        // A failure to focus leaves the focus where it was; nothing else depends on it.
        let _ = element.focus();
    }
}

/// Whether an element has the keyboard focus; otherwise the document as a whole has it, and the next Tab begins at its
/// top.
pub fn has_focus() -> bool {
    let document = document();
    let active = document.as_ref().and_then(Document::active_element);
    active.is_some_and(|element| element.tag_name() != "BODY")
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
        // Refused only where printing is disabled, which the browser itself reports.
        let _ = window.print();
    }
}

/// Lets the browser save a file with its downloads.
pub fn save(file: &Blob, name: &str) -> Result<(), JsValue> {
    let document = document().ok_or(JsValue::UNDEFINED)?;
    let url = Url::create_object_url_with_blob(file)?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser has taken the file by then; otherwise its memory would be kept as long as the page.
    Timeout::new(60_000, move || drop(Url::revoke_object_url(&url))).forget();
    Ok(())
}

/// The same for a text. A browser refuses neither to make nor to save it.
pub fn save_text(content: &str, name: &str) {
    let parts = Array::of1(&content.into());
    let _ = Blob::new_with_str_sequence(&parts).and_then(|file| save(&file, name));
}

/// A random UUID (version 4). `None` outside a secure context, where no part of the page works.
pub fn random_uuid() -> Option<String> {
    Some(web_sys::window()?.crypto().ok()?.random_uuid())
}

/// Takes the URL's fragment (after `#`), removing it from the URL and from the browser's history.
pub fn take_fragment() -> Option<String> {
    let window = web_sys::window()?;
    let location = window.location();
    let fragment = location.hash().ok()?.trim_start_matches('#').to_owned();
    let (history, path) = (window.history().ok()?, location.pathname().ok()?);
    let state = history.state().unwrap_or(JsValue::NULL);
    // Browsers refuse this only after a hundred calls in a few seconds.
    let _ = history.replace_state_with_url(&state, "", Some(&path));
    Some(fragment).filter(|fragment| !fragment.is_empty())
}

/// What the browser reports about itself: the user agent client hints, or the old string.
pub fn browser() -> Browser {
    let read =
        |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let navigator = read(&js_sys::global(), "navigator");
    let hints = read(&navigator, "userAgentData");
    let brands = if hints.is_object() { read(&hints, "brands") } else { JsValue::UNDEFINED };
    let text = |object: &JsValue, name: &str| read(object, name).as_string().unwrap_or_default();
    let brands: Vec<_> = match brands.dyn_ref::<Array>() {
        Some(brands) => brands.iter().map(|entry| (text(&entry, "brand"), text(&entry, "version"))).collect(),
        None => Vec::new(),
    };
    Browser::of(&brands, &text(&navigator, "userAgent"))
}

/// Whether the tab is in the foreground.
pub fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == web_sys::VisibilityState::Visible)
}

/// This site's origin, as browsers and servers write it.
pub fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// The URL's path and query, unchanged.
pub fn address() -> (String, String) {
    let location = web_sys::window().map(|window| window.location());
    let read = |part: Option<Result<String, JsValue>>| part.and_then(Result::ok).unwrap_or_default();
    (
        read(location.as_ref().map(web_sys::Location::pathname)),
        read(location.as_ref().map(web_sys::Location::search)),
    )
}

/// The URL's fragment (after `#`), unchanged.
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Changes the URL without loading anything.
pub fn go(path: &str, replace: bool) {
    let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else { return };
    // Browsers refuse this only after a hundred calls in a few seconds; the screen changes all the same.
    let _ = if replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(path))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(path))
    };
}

/// Leaves for another site.
pub fn leave(location: &str) {
    if let Some(window) = web_sys::window() {
        // Refused only for what is no address; the server writes it.
        let _ = window.location().assign(location);
    }
}

/// Calls back whenever the browser's back or forward button has changed the URL.
pub fn on_back_or_forward(then: impl Fn() + 'static) -> Option<EventListener> {
    let window = web_sys::window()?;
    Some(EventListener::new(&window, "popstate", move |_| then()))
}

pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The running timers, one of each kind.
pub struct Timers<K>(Vec<(K, Timeout)>);

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq> Timers<K> {
    /// Starts a timer, stopping a running one of the same kind.
    pub fn start(&mut self, timer: K, milliseconds: u32, then: impl FnOnce() + 'static) {
        self.0.retain(|(kind, _)| *kind != timer);
        self.0.push((timer, Timeout::new(milliseconds, then)));
    }
}

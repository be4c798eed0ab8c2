//! The browser's storage for this site on this computer, and its clipboard.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

use super::page;
use crate::bidder::draft::{self, DraftKey};
use touroku_proto::{field::Values, sign_in};

const SIGN_IN_KEPT_AS: &str = "touroku.sign-in";

/// Stores a draft. Returns whether the browser did.
pub fn keep(key: &DraftKey, values: Values) -> bool {
    storage().is_some_and(|storage| storage.set_item(&key.name(), &draft::write(values, now_ms())).is_ok())
}

pub fn read(key: &DraftKey) -> Option<Values> {
    draft::read(&storage()?.get_item(&key.name()).ok()??, now_ms())
}

/// Removes a draft.
pub fn forget(key: &DraftKey) {
    if let Some(storage) = storage() {
        // Where nothing can be removed nothing could be stored.
        let _ = storage.remove_item(&key.name());
    }
}

/// Removes every draft that is too old, whoever it belongs to.
pub fn sweep() {
    let Some(storage) = storage() else { return };
    let names = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
    let ours: Vec<String> = names.filter(|name| name.starts_with(draft::PREFIX)).collect();
    for name in ours {
        let fresh = storage.get_item(&name).ok().flatten().and_then(|text| draft::read(&text, now_ms()));
        if fresh.is_none() {
            let _ = storage.remove_item(&name);
        }
    }
}

/// The bidding system's sign-in that this tab was opened for, and whether it was opened just now: the address names it
/// then, and the tab keeps it.
pub fn sign_in() -> Option<(String, bool)> {
    let tab = web_sys::window()?.session_storage().ok().flatten();
    let Some(id) = page::fragment().strip_prefix(sign_in::FRAGMENT).map(str::to_owned) else {
        return tab?.get_item(SIGN_IN_KEPT_AS).ok().flatten().map(|id| (id, false));
    };
    page::take_fragment();
    if let Some(tab) = tab {
        // Without it a page that is loaded again forgets the sign-in; the bidding system begins it anew.
        let _ = tab.set_item(SIGN_IN_KEPT_AS, &id);
    }
    Some((id, true))
}

/// Keeps the sign-in for this tab no longer.
pub fn forget_sign_in() {
    if let Some(tab) = web_sys::window().and_then(|window| window.session_storage().ok().flatten()) {
        let _ = tab.remove_item(SIGN_IN_KEPT_AS);
    }
}

/// Puts a text into the clipboard. Returns whether the browser did.
pub async fn copy(text: &str) -> bool {
    let write = || -> Result<Promise, JsValue> {
        let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
        let clipboard = Reflect::get(&navigator, &"clipboard".into())?;
        let write: Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
        write.call1(&clipboard, &text.into())?.dyn_into()
    };
    match write() {
        Ok(written) => JsFuture::from(written).await.is_ok(),
        Err(_) => false,
    }
}

/// The computer's own clock, used only for the age of a draft.
fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// `None` where the browser stores nothing for this site.
pub(super) fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

//! The languages whose texts this page has, and their texts.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, Response};

use super::{page, store};
use crate::bidder::language::Language;

const KEPT_AS: &str = "touroku.language";

/// The languages, by the page's `<meta name="texts">`: `ja=/texts.txt en=/other.txt`.
pub fn offered() -> Vec<Language> {
    let texts = texts();
    entries(&texts).filter_map(|(code, _)| Language::of(code)).collect()
}

/// The lines of a language's texts.
pub async fn fetch(language: Language) -> Option<String> {
    let texts = texts();
    let (_, address) = entries(&texts).find(|(code, _)| *code == language.code())?;
    let answer: Response =
        JsFuture::from(web_sys::window()?.fetch_with_str(address)).await.ok()?.dyn_into().ok()?;
    let text: Result<_, JsValue> = answer.text();
    if !answer.ok() {
        return None;
    }
    JsFuture::from(text.ok()?).await.ok()?.as_string()
}

/// Tells the browser the page's language.
pub fn mark(language: Language) {
    let root = page::document().and_then(|document| document.document_element());
    if let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
        root.set_lang(language.tag());
    }
}

/// Stores the choice on this computer, if the browser allows it.
pub fn keep(language: Language) {
    if let Some(storage) = store::storage() {
        let _ = storage.set_item(KEPT_AS, language.code());
    }
}

/// Whether a language was chosen on this computer.
pub fn is_chosen() -> bool {
    store::storage().is_some_and(|storage| storage.get_item(KEPT_AS).ok().flatten().is_some())
}

fn texts() -> String {
    let meta =
        page::document().and_then(|document| document.query_selector("meta[name=texts]").ok().flatten());
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

fn entries(texts: &str) -> impl Iterator<Item = (&str, &str)> {
    texts.split(' ').filter_map(|entry| entry.split_once('='))
}

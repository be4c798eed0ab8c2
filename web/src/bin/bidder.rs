//! The contractor's page.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the texts of the language have arrived.
#[wasm_bindgen]
pub fn start(language: &str, texts: String) {
    touroku_web::view::app::start(language, texts);
}

fn main() {}

//! The contractor's page.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the texts of the language are there.
#[wasm_bindgen]
pub fn start(language: &str, texts: String) {
    touroku_web::view::app::start(language, texts);
}

fn main() {}

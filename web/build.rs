//! Writes the names of the texts as Rust, and the texts for native tests.

use std::{env, fs, path::Path};

use touroku_texts::{Page, SOURCE};

fn main() {
    let folder = Path::new("../texts");
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = env::var("OUT_DIR").expect("Cargo sets it");
    let write = |name: &str, text: String| {
        fs::write(Path::new(&out).join(name), text).expect("OUT_DIR can be written");
    };
    match Page::officer(folder) {
        Ok(page) => {
            write("texts.rs", page.rust());
            for language in ["en", SOURCE] {
                write(&format!("{language}.txt"), page.lines(language));
            }
        }
        Err(error) => println!("cargo::error={error}"),
    }
}

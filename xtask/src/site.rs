//! The contractor's page: WASM built, bound, optimised, named by its hash and compressed, into target/site.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    reproducible,
    run::{cargo, command, run},
    setup::tools,
};

/// What was built.
pub(crate) struct Site {
    /// Bytes that a browser's first visit transfers, brotli.
    pub(crate) first_page: u64,
}

/// Builds the page. Nothing is done when no source has changed since the last time.
pub(crate) fn build(root: &Path) -> Result<Site> {
    let site = root.join("target/site");
    run(
        "WASM",
        cargo(root)
            .args(["build", "--quiet", "--package", "touroku-web", "--bin", "bidder"])
            .args(["--target", "wasm32-unknown-unknown", "--profile", "web"])
            .env("CARGO_ENCODED_RUSTFLAGS", reproducible::rust_flags(root)?.join("\u{1f}")),
    )?;
    let wasm = target_directory(root).join("wasm32-unknown-unknown/web/bidder.wasm");
    let stamp = stamp(root, &wasm)?;
    if fs::read_to_string(site.join(".stamp")).is_ok_and(|done| done == stamp) {
        return Ok(Site { first_page: first_page(&site)? });
    }

    let bound = root.join("target/bound");
    if bound.exists() {
        fs::remove_dir_all(&bound)?;
    }
    let started = Instant::now();
    Bindgen::new()
        .input_path(&wasm)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .out_name("bidder")
        .generate(&bound)?;
    println!("── wasm-bindgen\n   {:.1} s", started.elapsed().as_secs_f64());
    run(
        "wasm-opt",
        command(root, tools(root).join("node_modules/.bin/wasm-opt"))
            .arg("-Oz")
            .arg(bound.join("bidder_bg.wasm"))
            .arg("-o")
            .arg(bound.join("bidder_opt.wasm")),
    )?;

    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    fs::create_dir_all(&site)?;
    let wasm = publish(&site, "bidder_bg.wasm", &fs::read(bound.join("bidder_opt.wasm"))?)?;
    let glue = replace(fs::read_to_string(bound.join("bidder.js"))?, "bidder_bg.wasm", &wasm)?;
    let glue = publish(&site, "bidder.js", glue.as_bytes())?;
    let init =
        replace(fs::read_to_string(root.join("web/bidder-init.js"))?, "./bidder.js", &format!("./{glue}"))?;
    let init = publish(&site, "bidder-init.js", init.as_bytes())?;
    let style = publish(&site, "bidder.css", stylesheet(root)?.as_bytes())?;
    let page = fs::read_to_string(root.join("index.html"))?;
    let page = replace(page, "/bidder-init.js", &format!("/{init}"))?;
    let page = replace(page, "/bidder.css", &format!("/{style}"))?;
    write(&site, "index.html", page.as_bytes())?;
    fs::write(site.join(".stamp"), stamp)?;
    let first_page = first_page(&site)?;
    println!("   first page: {:.1} kB brotli", first_page as f64 / 1000.0);
    Ok(Site { first_page })
}

/// All of web/styles in the order of their names: the print sheet comes last by being named so.
fn stylesheet(root: &Path) -> Result<String> {
    let mut sheets: Vec<PathBuf> = fs::read_dir(root.join("web/styles"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    sheets.sort();
    let texts = sheets.iter().map(fs::read_to_string);
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

fn replace(text: String, from: &str, to: &str) -> Result<String> {
    if !text.contains(from) {
        bail!("nothing refers to {from} any more; the page would miss it");
    }
    Ok(text.replace(from, to))
}

/// Writes a file under a name that holds its hash, so that browsers may keep it for ever.
fn publish(site: &Path, name: &str, bytes: &[u8]) -> Result<String> {
    let hash = hex::encode(&Sha256::digest(bytes)[..8]);
    let (stem, extension) = name.rsplit_once('.').context("a published file has an extension")?;
    let name = format!("{stem}-{hash}.{extension}");
    write(site, &name, bytes)?;
    Ok(name)
}

fn write(site: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    fs::write(site.join(name), bytes)?;
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    fs::write(site.join(format!("{name}.br")), compressed)?;
    Ok(())
}

fn first_page(site: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(site)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "br") {
            total += entry.metadata()?.len();
        }
    }
    Ok(total)
}

/// A hash over everything that the site is made of.
fn stamp(root: &Path, wasm: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for path in [wasm.to_owned(), root.join("index.html"), root.join("web/bidder-init.js")] {
        hash.update(fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?);
    }
    hash.update(stylesheet(root)?);
    Ok(hex::encode(hash.finalize()))
}

/// Cargo's target directory.
pub(crate) fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

//! The pages: WASM built, bound, optimised, named by its hash and compressed, into target/site. The contractor's
//! and the officers' are two programs over one library, so that neither downloads the other's code.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    reproducible,
    run::{both, cargo, command, output, run},
    setup::tools,
};

/// What was built.
pub(crate) struct Site {
    /// Bytes transferred on a contractor's first visit, brotli.
    pub(crate) first_page: u64,
    /// Bytes transferred on an officer's first visit, brotli.
    pub(crate) officer_page: u64,
}

/// What the pages may weigh, for whoever has a slow line. Whoever needs more takes something away.
pub(crate) const MOST: Site = Site { first_page: 219_000, officer_page: 317_000 };

impl Site {
    /// # Errors
    /// When a page is heavier than it may be.
    pub(crate) fn ensure_light(&self) -> Result<()> {
        for (name, bytes, most) in [
            ("first page", self.first_page, MOST.first_page),
            ("officers' first page", self.officer_page, MOST.officer_page),
        ] {
            ensure!(bytes <= most, "the {name} weighs {bytes} bytes, brotli; at most {most} are allowed");
        }
        Ok(())
    }
}

/// A page: a program, its HTML and its style sheets.
struct Page {
    /// The binary, and the stem of its file names.
    name: &'static str,
    /// The HTML, at the top level of the project.
    html: &'static str,
    /// Folders of style sheets, in this order.
    styles: &'static [&'static str],
    texts: fn(&Path) -> Result<touroku_texts::Page, touroku_texts::Error>,
}

/// The mark, for a browser's tab.
const ICON: &str = "xtask/dist/mark/mark-small.svg";

const PAGES: [Page; 2] = [
    Page {
        name: "bidder",
        html: "index.html",
        styles: &["web/styles"],
        texts: touroku_texts::Page::contractor,
    },
    Page {
        name: "officer",
        html: "officer.html",
        styles: &["web/styles", "web/styles/officer"],
        texts: touroku_texts::Page::officer,
    },
];

/// Builds the pages. Does nothing when no source has changed since the last time.
pub(crate) fn build(root: &Path) -> Result<Site> {
    let site = root.join("target/site");
    let binaries: Vec<&str> = PAGES.iter().flat_map(|page| ["--bin", page.name]).collect();
    run("WASM", &mut wasm(root, &binaries)?)?;
    let stamp = stamp(root)?;
    if fs::read_to_string(site.join(".stamp")).is_ok_and(|done| done == stamp) {
        return sizes(&site);
    }

    let bound = root.join("target/bound");
    for folder in [&bound, &site] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(&site)?;
    let [bidder, officer] = &PAGES;
    both(|| publish_page(root, &bound, &site, bidder), || publish_page(root, &bound, &site, officer))?;
    fs::write(site.join(".stamp"), stamp)?;
    let sizes = sizes(&site)?;
    println!("   first page: {:.1} kB brotli", sizes.first_page as f64 / 1000.0);
    println!("   officers' first page: {:.1} kB brotli", sizes.officer_page as f64 / 1000.0);
    Ok(sizes)
}

/// Binds, optimises and publishes one page, and records its file names.
fn publish_page(root: &Path, bound: &Path, site: &Path, page: &Page) -> Result<()> {
    let Page { name, html, .. } = page;
    let optimised = bind(root, bound, name)?;
    let wasm = publish(site, &format!("{name}_bg.wasm"), &fs::read(optimised)?)?;
    let glue = fs::read_to_string(bound.join(format!("{name}.js")))?;
    let glue = replace(glue, &format!("{name}_bg.wasm"), &wasm)?;
    let glue = minified(root, bound, &format!("{name}.js"), &glue)?;
    let glue = publish(site, &format!("{name}.js"), glue.as_bytes())?;
    // One script starts either page.
    let init = fs::read_to_string(root.join("web/bidder-init.js"))?;
    let init = replace(init, "./bidder.js", &format!("./{glue}"))?;
    let init = minified(root, bound, &format!("{name}-init.js"), &init)?;
    let init = publish(site, &format!("{name}-init.js"), init.as_bytes())?;
    let texts = texts(root, site, page)?;
    let style = minified(root, bound, &format!("{name}.css"), &stylesheet(root, page.styles)?)?;
    let style = publish(site, &format!("{name}.css"), style.as_bytes())?;
    let icon = publish(site, "icon.svg", &fs::read(root.join(ICON))?)?;
    let text = fs::read_to_string(root.join(html))?;
    let text = replace(text, "/icon.svg", &format!("/{icon}"))?;
    let text = replace(text, &format!("/{name}-init.js"), &format!("/{init}"))?;
    let text = replace(text, &format!("/{name}.css"), &format!("/{style}"))?;
    let text = replace(
        text,
        r#"name="texts" content="""#,
        &format!(r#"name="texts" content="{}""#, texts.join(" ")),
    )?;
    let text = replace(text, &format!("/{name}.js"), &format!("/{glue}"))?;
    let text = replace(text, &format!("/{name}_bg.wasm"), &format!("/{wasm}"))?;
    write(site, html, text.as_bytes())?;
    // The first visit downloads one language.
    let spoken = texts[0].rsplit('/').next().unwrap_or_default().to_owned();
    let files = [&*wasm, &glue, &init, &style, &icon, &spoken, html];
    fs::write(site.join(format!(".{name}")), files.join("\n"))?;
    Ok(())
}

/// What the pages are compared with: plain HTML, and a Yew page with nothing on it. Returns their folder.
pub(crate) fn build_bare(root: &Path) -> Result<PathBuf> {
    const HTML: &str = "<!doctype html><title>.</title><div id=\"app\"></div>";
    const SCREEN: &str = "<p data-screen=\"plain\">.</p>";
    run("WASM bare", &mut wasm(root, &["--bin", "bare"])?)?;
    let (bound, site) = (root.join("target/bound-bare"), root.join("target/bare"));
    for folder in [&bound, &site] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(&site)?;
    let wasm = publish(&site, "bare_bg.wasm", &fs::read(bind(root, &bound, "bare")?)?)?;
    let glue = replace(fs::read_to_string(bound.join("bare.js"))?, "bare_bg.wasm", &wasm)?;
    let glue = publish(&site, "bare.js", glue.as_bytes())?;
    let init =
        publish(&site, "bare-init.js", format!("import init from './{glue}'; await init();").as_bytes())?;
    let script = format!("<script type=\"module\" src=\"/{init}\"></script>");
    write(&site, "bare.html", [HTML, &script].concat().as_bytes())?;
    write(&site, "plain.html", [HTML, SCREEN].concat().as_bytes())?;
    Ok(site)
}

/// The command that builds programs of the pages.
fn wasm(root: &Path, binaries: &[&str]) -> Result<Command> {
    let mut build = cargo(root);
    build
        .args(["build", "--quiet", "--package", "touroku-web"])
        .args(binaries)
        .args(["--target", "wasm32-unknown-unknown", "--profile", "web"])
        .env("CARGO_ENCODED_RUSTFLAGS", reproducible::rust_flags(root)?.join("\u{1f}"));
    Ok(build)
}

/// Binds and optimises a program; returns the file.
fn bind(root: &Path, bound: &Path, name: &str) -> Result<PathBuf> {
    let started = Instant::now();
    Bindgen::new()
        .input_path(wasm_of(root, name))
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .out_name(name)
        .generate(bound)?;
    println!("── wasm-bindgen {name}\n   {:.1} s", started.elapsed().as_secs_f64());
    let optimised = bound.join(format!("{name}_opt.wasm"));
    run(
        &format!("wasm-opt {name}"),
        command(root, tool(root, "wasm-opt"))
            // Flattened code gives the second pass more to merge, and grouping similar functions compresses
            // better: 5 kB of brotli. A second `-Oz` without them gains nothing. The lowest kilobyte is the far end of
            // the stack.
            .args([
                "--low-memory-unused",
                "--flatten",
                "--rereloop",
                "-Oz",
                "-Oz",
                "--reorder-functions-by-name",
            ])
            .arg(bound.join(format!("{name}_bg.wasm")))
            .arg("-o")
            .arg(&optimised),
    )?;
    Ok(optimised)
}

/// A script or style sheet without what is only for its readers.
fn minified(root: &Path, bound: &Path, name: &str, text: &str) -> Result<String> {
    let source = bound.join("source").join(name);
    fs::create_dir_all(bound.join("source"))?;
    fs::write(&source, text)?;
    // Modern syntax is not rewritten for older browsers.
    output(command(root, tool(root, "esbuild")).args(["--minify", "--charset=utf8"]).arg(source))
}

fn tool(root: &Path, name: &str) -> PathBuf {
    tools(root).join("node_modules/.bin").join(name)
}

/// Publishes a page's texts, one file per language; returns `LANGUAGE=/FILE` for each, the source's first.
fn texts(root: &Path, site: &Path, page: &Page) -> Result<Vec<String>> {
    let texts = (page.texts)(&root.join("texts"))?;
    let publish = |language: &str| {
        let name = publish(site, &format!("{}.{language}.txt", page.name), texts.lines(language).as_bytes())?;
        Ok(format!("{language}=/{name}"))
    };
    texts.languages().into_iter().map(publish).collect()
}

fn wasm_of(root: &Path, name: &str) -> PathBuf {
    target_directory(root).join("wasm32-unknown-unknown/web").join(format!("{name}.wasm"))
}

/// The sheets of each folder in name order: the print sheet's name puts it last.
fn stylesheet(root: &Path, folders: &[&str]) -> Result<String> {
    let mut texts = Vec::new();
    for folder in folders {
        let mut sheets: Vec<PathBuf> = fs::read_dir(root.join(folder))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        sheets.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
        sheets.sort();
        for sheet in sheets {
            texts.push(fs::read_to_string(sheet)?);
        }
    }
    Ok(texts.join("\n"))
}

fn replace(text: String, from: &str, to: &str) -> Result<String> {
    if !text.contains(from) {
        bail!("nothing refers to {from} any more; the page would miss it");
    }
    Ok(text.replace(from, to))
}

/// Writes a file under a name that contains its hash, so that browsers may cache it indefinitely.
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
    // Some proxies and older browsers do not support brotli.
    let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(bytes)?;
    fs::write(site.join(format!("{name}.gz")), compressed.finish()?)?;
    Ok(())
}

/// What the first visit of each page transfers.
fn sizes(site: &Path) -> Result<Site> {
    let size = |page: &Page| -> Result<u64> {
        let files = fs::read_to_string(site.join(format!(".{}", page.name)))?;
        files.lines().map(|name| Ok(fs::metadata(site.join(format!("{name}.br")))?.len())).sum()
    };
    Ok(Site { first_page: size(&PAGES[0])?, officer_page: size(&PAGES[1])? })
}

/// A hash over all sources of the site.
fn stamp(root: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let read = |path: PathBuf| fs::read(&path).with_context(|| format!("{} cannot be read", path.display()));
    hash.update(read(root.join("web/bidder-init.js"))?);
    hash.update(read(root.join(ICON))?);
    for page in &PAGES {
        hash.update(read(wasm_of(root, page.name))?);
        hash.update(read(root.join(page.html))?);
        hash.update(stylesheet(root, page.styles)?);
        let texts = (page.texts)(&root.join("texts"))?;
        texts.languages().into_iter().for_each(|language| hash.update(texts.lines(language)));
    }
    Ok(hex::encode(hash.finalize()))
}

/// Cargo's target directory.
pub(crate) fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

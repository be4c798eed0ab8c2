//! `cargo xtask demo`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{
    run::{cargo, command, run},
    setup, site,
};

/// Options of the demo.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Walk the main job once in headless Chromium and end.
    #[arg(long)]
    once: bool,
    /// Use the card in this reader (a part of its name is enough) instead of the virtual one.
    #[arg(long, requires = "trust", requires = "pin", value_name = "NAME")]
    reader: Option<String>,
    /// Trust anchor of that card: PEM, root and intermediates.
    #[arg(long, value_name = "CA.pem")]
    trust: Option<PathBuf>,
    /// That card's PIN.
    #[arg(long)]
    pin: Option<String>,
    /// The server's port.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Builds everything and hands over to the demo program of the `tests` crate.
pub(crate) fn demo(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::DEMO)?;
    site::build(root)?;
    run("programs", cargo(root).args(["build", "--quiet", "--bins"]))?;
    let mut demo = command(root, site::target_directory(root).join("debug/touroku-demo"));
    demo.arg("--workspace").arg(root).args(["--port", &options.port.to_string()]);
    if options.once {
        demo.arg("--once");
    }
    if let Some(reader) = &options.reader {
        demo.args(["--reader", reader]);
    }
    if let Some(trust) = &options.trust {
        demo.arg("--trust").arg(trust);
    }
    if let Some(pin) = &options.pin {
        // Not an argument, which every user of the machine could read.
        demo.env("TOUROKU_DEMO_PIN", pin);
    }
    run("demo", &mut demo)
}

//! Keeps this machine's folders out of programs: the same sources make the same bytes anywhere.

use std::{ffi::OsString, path::Path};

use anyhow::{Context as _, Result};

use crate::site::target_directory;

/// For rustc.
pub(crate) fn rust_flags(root: &Path) -> Result<Vec<String>> {
    Ok(prefixes(root)?.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect())
}

/// For the C compiler.
pub(crate) fn c_flags(root: &Path) -> Result<Vec<String>> {
    Ok(prefixes(root)?.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect())
}

/// This machine's folders and what stands for them. Of several that fit, the last one counts.
fn prefixes(root: &Path) -> Result<Vec<(String, &'static str)>> {
    let home = std::env::var_os("CARGO_HOME")
        .or_else(|| {
            let home = std::env::var_os("HOME")?;
            Some(OsString::from(Path::new(&home).join(".cargo")))
        })
        .context("neither CARGO_HOME nor HOME is set")?;
    let text = |path: &Path| path.to_str().map(str::to_owned).context("paths here must be UTF-8");
    Ok(vec![
        (text(root)?, "/touroku"),
        (text(&target_directory(root))?, "/touroku/target"),
        (text(Path::new(&home))?, "/cargo"),
    ])
}

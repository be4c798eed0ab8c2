//! Keeps this machine's folders out of programs: the same sources give the same bytes anywhere.

use std::{ffi::OsString, path::Path};

use anyhow::{Context as _, Result, bail};

use crate::site::target_directory;

/// For rustc.
pub(crate) fn rust_flags(root: &Path) -> Result<Vec<String>> {
    Ok(prefixes(root)?.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect())
}

/// For the C compiler.
pub(crate) fn c_flags(root: &Path) -> Result<Vec<String>> {
    Ok(prefixes(root)?.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect())
}

/// Finds a folder of this machine that ended up in a program, as a path or as part of a symbol name.
pub(crate) fn check(root: &Path, program: &[u8]) -> Result<()> {
    let folders = prefixes(root)?.into_iter().map(|(folder, _)| folder);
    // A name directly below the root may occur in any program.
    for folder in folders.filter(|folder| Path::new(folder).components().count() > 2) {
        let symbol: String =
            folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        for trace in [&folder, &symbol] {
            if program.windows(trace.len()).any(|part| part == trace.as_bytes()) {
                bail!("it holds {trace}");
            }
        }
    }
    Ok(())
}

/// This machine's folders and their replacements. Of several that match, the last one counts.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_this_machine_is_found_in_a_program_as_a_path_and_as_a_symbol() {
        let root = Path::new("/home/taro/touroku");
        let check = |text: &str| check(root, text.as_bytes());
        check("/touroku/host/src/main.rs /cargo/registry ___touroku_target_rustc_imports_lib").unwrap();
        for trace in
            ["at /home/taro/touroku/host/src/main.rs", "_head__home_taro_touroku_target_release_deps"]
        {
            assert!(check(trace).unwrap_err().to_string().contains("taro"), "{trace}");
        }
    }
}

//! The screens of the reference systems, label by label, as recorded in `tests/inventory`.

use std::fs;

use anyhow::{Context as _, Result};

use super::programs;

/// A reference system's labels on a screen, from top to bottom: section headings, and below each its rows,
/// indented; `※` marks required ones.
pub fn screen(system: &str, screen: &str) -> Result<Vec<String>> {
    let path = programs::workspace().join(format!("tests/inventory/{system}.txt"));
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let labels: Vec<String> = text
        .lines()
        .skip_while(|line| *line != format!("[{screen}]"))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect();
    anyhow::ensure!(!labels.is_empty(), "{} has no [{screen}]", path.display());
    Ok(labels)
}

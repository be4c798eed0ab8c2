//! The one timestamp that goes into packages.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::run::{command, output};

/// Seconds since 1970: `SOURCE_DATE_EPOCH` if set (reproducible-builds.org), else the commit's time.
#[derive(Clone, Copy)]
pub(crate) struct Epoch(u64);

impl Epoch {
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let text = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text,
            Err(_) => output(command(root, "git").args(["log", "-1", "--format=%ct"]))
                .context("neither SOURCE_DATE_EPOCH nor a git commit says which time to use")?,
        };
        let seconds = text.trim().parse().with_context(|| format!("{text:?} are no seconds since 1970"))?;
        Ok(Self(seconds))
    }

    /// As seconds since 1970.
    pub(crate) fn seconds(self) -> u64 {
        self.0
    }

    #[cfg(test)]
    pub(crate) fn at(seconds: u64) -> Self {
        Self(seconds)
    }
}

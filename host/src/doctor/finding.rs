//! One thing that the doctor finds.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    code::{Code, Severity},
    words::Words,
};
use crate::browser::Browser;

/// One thing that is wrong, in words.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Stable.
    pub code: Code,
    pub severity: Severity,
    /// The browser that is affected; none where all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<Browser>,
    /// The file to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// What is wrong, in Japanese.
    pub what: &'static str,
    /// The value, name or message that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How to fix it, in Japanese.
    pub mend: &'static str,
    /// Whom to ask, in Japanese.
    pub ask: &'static str,
    /// What the browser tells the extension in this case, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_says: Option<&'static str>,
}

impl Finding {
    /// A finding that concerns all browsers.
    pub fn new(code: Code) -> Self {
        let Words { severity, what, mend, ask, browser_says, .. } = Words::of(code);
        Self { code, severity, browser: None, file: None, what, detail: None, mend, ask, browser_says }
    }

    /// It concerns this browser.
    pub fn of(self, browser: Browser) -> Self {
        Self { browser: Some(browser), ..self }
    }

    /// It shows in this file.
    pub fn in_file(self, file: impl Into<PathBuf>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// It shows in this value.
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_code_has_words_of_its_own_and_stands_in_the_troubleshooting_guide() {
        let guide = include_str!("../../../docs/troubleshooting.md");
        let mut words: Vec<_> = Code::value_variants().iter().map(|code| Finding::new(*code).what).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::value_variants().len());
        for code in Code::value_variants() {
            assert!(guide.contains(&format!("`{code}`")), "{code}");
            if let Some(says) = Finding::new(*code).browser_says {
                let line = guide.lines().find(|line| line.starts_with(&format!("| `{says}`")));
                assert!(line.is_some_and(|line| line.contains(&format!("`{code}`"))), "{code}");
            }
        }
    }
}

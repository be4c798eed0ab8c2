//! Texts about where to find things.

use super::Text;
pub(crate) use super::said::contractor::guide::*;

/// How the extension is added in that browser.
pub fn steps(browser: &str) -> Text {
    match browser {
        "Microsoft Edge" => STEPS_EDGE,
        "Google Chrome" => STEPS_CHROME,
        _ => STEPS_OTHER,
    }
}

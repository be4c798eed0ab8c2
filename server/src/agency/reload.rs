//! Taking over profiles that were edited under the running server.

use std::path::Path;

use super::Agencies;
use crate::{app::Live, error::Error};

/// Reads the agencies and certification authorities again. Sound ones are used from the next request on; otherwise
/// all stay as they were and the log names every mistake. Answers whether they were taken.
pub fn reload(live: &Live, folder: &Path, holidays: Option<&Path>) -> bool {
    let agencies = Agencies::load_with(folder, holidays).and_then(|agencies| {
        let agencies = agencies.permitted(live.now().settings.permits)?;
        live.now().trust.take_issuers(agencies.issuer_rules())?;
        Ok(agencies)
    });
    match agencies {
        Ok(agencies) => {
            let codes: Vec<&str> = agencies.all().map(|profile| profile.code.as_str()).collect();
            tracing::info!(agencies = codes.join(" "), "agencies read again");
            live.take_agencies(agencies);
            true
        }
        Err(error) => {
            match &error {
                Error::Profiles(mistakes) => {
                    mistakes.iter().for_each(|mistake| tracing::error!("{mistake}"));
                }
                other => tracing::error!("{other}"),
            }
            tracing::error!("agencies stay as they were");
            false
        }
    }
}

//! Reloads profiles that were edited while the server runs.

use std::path::Path;

use crate::{
    agency::{self, Agencies},
    app::Live,
    error::Error,
};

/// Reads agencies and certification authorities again. If all are valid they are used from the next request on;
/// otherwise everything stays as it was and the log lists every mistake. Returns whether they were accepted.
pub fn reload(live: &Live, folder: &Path, holidays: Option<&Path>) -> bool {
    let read = || {
        let agencies = Agencies::load_with(folder, holidays)?;
        let agencies = agencies.permitted(live.now().settings.permits)?;
        live.now().trust.take_issuers(agencies.issuer_rules())?;
        Ok::<_, Error>(agencies)
    };
    match read() {
        Ok(agencies) => {
            tracing::info!(agencies = agencies.all().count(), "agencies read again");
            live.take_agencies(agencies);
            true
        }
        Err(error) => {
            match &error {
                Error::Agencies(agency::Error::Mistakes(mistakes)) => {
                    mistakes.iter().for_each(|mistake| tracing::error!("{mistake}"));
                }
                other => tracing::error!("{other}"),
            }
            tracing::error!("agencies stay as they were");
            false
        }
    }
}

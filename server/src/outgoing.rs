//! Requests to other systems, at addresses that an agency's clients named.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect::Policy};

use crate::error::Error;

/// The first pause after a failure, in milliseconds; it doubles.
const FIRST_PAUSE: i64 = 10_000;

/// The longest pause.
pub(crate) const LONGEST_PAUSE: i64 = 15 * 60_000;

/// Sends what follows no redirection and waits no longer than that.
pub(crate) fn sender(timeout: Duration) -> Result<Client, Error> {
    let builder = Client::builder().timeout(timeout).redirect(Policy::none());
    builder.build().map_err(|_| Error::Defect("an HTTP client can be made"))
}

/// Whether a request arrived: any 2xx. Fails with the reason, which does not contain the address.
pub(crate) async fn arrived(request: RequestBuilder) -> Result<(), String> {
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(answer.status().to_string()),
        Err(error) => Err(error.without_url().to_string()),
    }
}

/// How long to wait after that many failures and one, in milliseconds.
pub(crate) fn pause(attempts: u32) -> i64 {
    (FIRST_PAUSE << attempts.min(10)).min(LONGEST_PAUSE)
}

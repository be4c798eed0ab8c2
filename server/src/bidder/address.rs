//! Whoever reads at an address confirms it by the link that was mailed there.

use std::sync::Arc;

use touroku_proto::{account::ConfirmAddress, api::ApiErrorCode};

use super::{account::admit_link_use, link::hash_of};
use crate::{app::App, error::Error, http::limits::Address, store::Act};

/// Confirms the address that the link is for, and lets leave what waited for it. Done twice it does no more.
///
/// # Errors
/// `link_invalid`.
pub async fn confirm_address(app: &Arc<App>, address: Address, request: ConfirmAddress) -> Result<(), Error> {
    let now = app.outside.now();
    admit_link_use(app, address, now).await?;
    let hash = hash_of(&request.token)?;
    app.store
        .write(move |writer| {
            let confirmed = writer.confirm_address(&hash, now)?.ok_or(ApiErrorCode::LinkInvalid)?;
            let Some((agency, number)) = confirmed else { return Ok(()) };
            let act = Act { kind: "address_confirmed", ..Act::default() };
            writer.record_act(&agency, &number, None, &act, now)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(())
}

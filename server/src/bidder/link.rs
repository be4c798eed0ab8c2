//! The secret in a mailed link.

use sha2::{Digest as _, Sha256};
use touroku_proto::api::ApiErrorCode;

/// The store's key for a link's secret, as the page sends it: 64 hex digits.
///
/// # Errors
/// `link_invalid`.
pub(super) fn hash_of(token: &str) -> Result<[u8; 32], ApiErrorCode> {
    let mut secret = [0; 32];
    hex::decode_to_slice(token.trim(), &mut secret).map_err(|_| ApiErrorCode::LinkInvalid)?;
    Ok(Sha256::digest(secret).into())
}

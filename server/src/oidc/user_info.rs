//! UserInfo: the current claims, by access token (OpenID Connect Core, 5.3).

use std::sync::Arc;

use openidconnect::{StandardClaims, SubjectIdentifier, UserInfoClaims, core::CoreGenderClaim};

use super::{
    Refusal, bearer,
    claims::{Further, claims},
    hash, invalid_token,
};
use crate::app::App;

/// UserInfo's response.
pub(super) type UserInfo = UserInfoClaims<Further, CoreGenderClaim>;

/// The claims of a sign-in. `authorization`: the header.
///
/// # Errors
/// [`Code::InvalidToken`](super::Code::InvalidToken), also when the sign-in has ended.
pub async fn user_info(
    app: &Arc<App>,
    agency: &str,
    authorization: Option<&str>,
) -> Result<UserInfo, Refusal> {
    let agency = app.agencies.profile(agency)?.code.clone();
    let token = bearer(authorization).ok_or_else(invalid_token)?;
    let (token, now, shared) = (hash(token), app.outside.now(), Arc::clone(app));
    let found = app.store.read(move |reader| {
        let Some(grant) = reader.grant_by_token(&token)? else { return Ok(None) };
        let is_good = grant.of.agency == agency && !grant.ended && grant.token_expires_at > now;
        if !is_good || reader.is_grant_lost(grant.id, now)? {
            return Ok(None);
        }
        let told = claims(reader, &shared, &grant.of)?;
        Ok(Some((grant.of.subject, told)))
    });
    let (subject, told) = found.await?.ok_or_else(invalid_token)?;
    Ok(UserInfo::new(StandardClaims::new(SubjectIdentifier::new(subject)), told))
}

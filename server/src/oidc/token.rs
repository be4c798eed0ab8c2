//! The token endpoint: a code is exchanged for an ID token and an access token, once (OpenID Connect Core, 3.1.3), or
//! a client gets a token for itself (`service`).

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use openidconnect::{
    AccessToken, Audience, AuthenticationContextClass, AuthenticationMethodReference, EmptyExtraTokenFields,
    IdToken, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, Scope, StandardClaims, StandardTokenResponse,
    SubjectIdentifier,
    core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreTokenType},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use touroku_proto::{
    agency::{AgencyProfile, Way},
    sign_in::{ACR_CARD, ACR_PASSWORD, Client},
};

use super::{
    Code, Parameters, Refusal, TOKEN_LIFE,
    claims::{Further, claims},
    client::authenticate,
    hash, issuer,
    keys::{self, SigningKey, named},
    secret,
    service::{self, ServiceTokens},
};
use crate::{
    app::App,
    error::Error,
    store::{Grant, NewGrant, Writer},
};

/// The token endpoint's response.
pub(crate) type Tokens = StandardTokenResponse<
    IdTokenFields<
        Further,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// The token endpoint's responses.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Granted {
    /// For somebody's sign-in.
    Person(Box<Tokens>),
    /// For the client itself.
    Service(ServiceTokens),
}

/// Gives a client its tokens: for a code, or for itself.
///
/// # Errors
/// [`Refusal`]. Using a code a second time ends the sign-in.
pub async fn redeem(
    app: &Arc<App>,
    agency: &str,
    authorization: Option<&str>,
    parameters: &Parameters,
) -> Result<Granted, Refusal> {
    let profile = app.agencies.profile(agency)?;
    let client = authenticate(app, profile, authorization, parameters, "token").await?;
    match parameters.value("grant_type") {
        Some("authorization_code") => {
            let tokens = of_code(app, profile, client, parameters).await?;
            Ok(Granted::Person(Box::new(tokens)))
        }
        Some("client_credentials") => Ok(Granted::Service(service::grant(app, profile, client, parameters)?)),
        _ => Err(Refusal::new(
            Code::UnsupportedGrantType,
            "grant_type must be authorization_code or client_credentials",
        )),
    }
}

async fn of_code(
    app: &Arc<App>,
    profile: &AgencyProfile,
    client: &Client,
    parameters: &Parameters,
) -> Result<Tokens, Refusal> {
    let Some(code) = parameters.value("code").map(hash) else {
        return Err(Refusal::new(Code::InvalidRequest, "code is missing"));
    };
    // Before the code is used up.
    let key = keys::current(app, client.algorithm).await?;
    let access = secret(&app.outside);
    let (shared, place, now) =
        (Arc::clone(app), (profile.code.clone(), client.code.clone()), app.outside.now());
    let (parameters, token) = (parameters.clone(), hash(&access));
    let taken = app.store.write(move |writer| {
        let Some(grant) = writer.grant_by_code(&code)? else { return Ok(Err("no such code")) };
        // Not even that somebody else's code was there.
        if (&grant.of.agency, &grant.of.client) != (&place.0, &place.1) {
            return Ok(Err("no such code"));
        }
        if let Err(reason) = take(writer, &grant, &parameters, now)? {
            return Ok(Err(reason));
        }
        writer.give_token(grant.id, &token, now + TOKEN_LIFE)?;
        let mut told = claims(writer, &shared, &grant.of)?;
        // Large, and useless in a session: UserInfo has it.
        if let Some(card) = &mut told.0.card {
            card.certificate.clear();
        }
        Ok(Ok((grant, told)))
    });
    let (grant, told) = taken.await?.map_err(|reason| Refusal::new(Code::InvalidGrant, reason))?;
    let issuer = issuer(&app.settings.origin, &profile.code);
    Ok(tokens(&key, (&issuer, client), grant.of, told, &access, now)?)
}

/// Uses the code up, whatever the result.
fn take(
    writer: &Writer<'_>,
    grant: &Grant,
    parameters: &Parameters,
    now: i64,
) -> Result<Result<(), &'static str>, Error> {
    if grant.code_used {
        tracing::warn!(
            agency = grant.of.agency,
            client = grant.of.client,
            "a code came twice: its sign-in has ended"
        );
        writer.end_grant(grant.id, true, now)?;
        return Ok(Err("the code was used"));
    }
    writer.use_code(grant.id)?;
    if grant.ended || grant.code_expires_at <= now {
        return Ok(Err("the code is over"));
    }
    if parameters.value("redirect_uri") != Some(&grant.of.asked.redirect_uri) {
        return Ok(Err("redirect_uri differs"));
    }
    if !parameters.value("code_verifier").is_some_and(|verifier| fits(verifier, &grant.of.asked.challenge)) {
        return Ok(Err("code_verifier does not fit"));
    }
    if writer.is_grant_lost(grant.id, now)? {
        writer.end_grant(grant.id, false, now)?;
        return Ok(Err("the card, ID or company was stopped"));
    }
    Ok(Ok(()))
}

/// RFC 7636, 4.1 and 4.6.
fn fits(verifier: &str, challenge: &str) -> bool {
    let is_verifier = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    is_verifier && hash.len() == challenge.len() && openssl::memcmp::eq(hash.as_bytes(), challenge.as_bytes())
}

/// `acr` and `amr` (RFC 8176) of a way.
fn authentication(way: Way) -> (&'static str, &'static [&'static str]) {
    match way {
        Way::Card => (ACR_CARD, &["sc", "pin", "mfa"]),
        Way::Password => (ACR_PASSWORD, &["pwd"]),
    }
}

fn tokens(
    key: &SigningKey,
    (issuer, client): (&str, &Client),
    grant: NewGrant,
    told: Further,
    access: &str,
    now: i64,
) -> Result<Tokens, Error> {
    let time = |unix_ms: i64| {
        DateTime::from_timestamp(unix_ms.div_euclid(1000), 0).ok_or(Error::Defect("a clock's time is a time"))
    };
    let (acr, amr) = authentication(grant.way);
    let scopes = grant.asked.scope_words().map(|word| Scope::new(word.to_owned())).collect();
    let amr = amr.iter().map(|&word| AuthenticationMethodReference::new(word.to_owned())).collect();
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| Error::Defect("an issuer is an address"))?;
    let claims = IdTokenClaims::new(
        issuer,
        vec![Audience::new(client.code.clone())],
        time(now + TOKEN_LIFE)?,
        time(now)?,
        StandardClaims::new(SubjectIdentifier::new(grant.subject)),
        told,
    )
    .set_auth_time(Some(time(grant.auth_time)?))
    .set_nonce(grant.asked.nonce.map(Nonce::new))
    .set_auth_context_ref(Some(AuthenticationContextClass::new(acr.to_owned())))
    .set_auth_method_refs(Some(amr));
    let access = AccessToken::new(access.to_owned());
    let signed = IdToken::new(claims, key, named(key.algorithm), Some(&access), None);
    let id_token = signed.map_err(|_| Error::Defect("an ID token could not be signed"))?;
    let mut tokens = Tokens::new(
        access,
        CoreTokenType::Bearer,
        IdTokenFields::new(Some(id_token), EmptyExtraTokenFields {}),
    );
    tokens.set_expires_in(Some(&Duration::from_millis(u64::try_from(TOKEN_LIFE).unwrap_or_default())));
    tokens.set_scopes(Some(scopes));
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_fits_its_own_challenge_only() {
        // RFC 7636, appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(fits(verifier, challenge));
        assert!(!fits(challenge, challenge));
        assert!(!fits(&verifier[..42], challenge));
        assert!(!fits("", challenge));
    }
}

//! Discovery (OpenID Connect Discovery 1.0; RFC 8414).

use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, AuthenticationContextClass, EndSessionUrl, IssuerUrl,
    JsonWebKeySetUrl, LanguageTag, LogoutProviderMetadata, ProviderMetadata, ResponseTypes, Scope, TokenUrl,
    UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use touroku_proto::{
    feed::FEED_SCOPE,
    sign_in::{ACR_CARD, ACR_PASSWORD, ClientScope, TokenAlgorithm},
};

use super::{issuer, keys::named};
use crate::{app::App, error::Error};

/// Languages of the page.
pub(super) const LANGUAGES: [&str; 2] = ["ja", "en"];

/// What the crate has no fields for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Further {
    pushed_authorization_request_endpoint: String,
    code_challenge_methods_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    prompt_values_supported: Vec<String>,
}

impl AdditionalProviderMetadata for Further {}

/// What an issuer says of itself.
pub(super) type Metadata = ProviderMetadata<
    LogoutProviderMetadata<Further>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What the agency's issuer says of itself.
pub fn metadata(app: &App, agency: &str) -> Result<Metadata, Error> {
    let agency = &app.agencies.profile(agency)?.code;
    let issuer = issuer(&app.settings.origin, agency);
    write(&issuer).map_err(|_| Error::Defect("an origin and an agency's code make an address"))
}

fn write(issuer: &str) -> Result<Metadata, openidconnect::url::ParseError> {
    let at = |path: &str| format!("{issuer}/{path}");
    let texts = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let further = Further {
        pushed_authorization_request_endpoint: at("par"),
        code_challenge_methods_supported: texts(&["S256"]),
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        prompt_values_supported: texts(&["none", "login", "consent", "select_account"]),
    };
    let logout = LogoutProviderMetadata {
        end_session_endpoint: Some(EndSessionUrl::new(at("logout"))?),
        additional_metadata: further,
    };
    let algorithms = TokenAlgorithm::ALL.map(named).to_vec();
    let scopes = ["openid", FEED_SCOPE].into_iter().chain(ClientScope::SIGN_IN.map(ClientScope::as_str));
    let claims = [
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "sid",
        "claims_version",
        "agency",
        "category",
        "company",
        "card",
        "contacts",
    ];
    let metadata = Metadata::new(
        IssuerUrl::new(issuer.to_owned())?,
        AuthUrl::new(at("authorize"))?,
        JsonWebKeySetUrl::new(at("jwks"))?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Pairwise],
        algorithms.clone(),
        logout,
    );
    Ok(metadata
        .set_token_endpoint(Some(TokenUrl::new(at("token"))?))
        .set_userinfo_endpoint(Some(UserInfoUrl::new(at("userinfo"))?))
        .set_scopes_supported(Some(scopes.map(|scope| Scope::new(scope.to_owned())).collect()))
        .set_response_modes_supported(Some(vec![CoreResponseMode::Query]))
        .set_grant_types_supported(Some(vec![
            CoreGrantType::AuthorizationCode,
            CoreGrantType::ClientCredentials,
        ]))
        .set_acr_values_supported(Some(
            [ACR_CARD, ACR_PASSWORD].map(|acr| AuthenticationContextClass::new(acr.to_owned())).to_vec(),
        ))
        .set_token_endpoint_auth_methods_supported(Some(vec![
            CoreClientAuthMethod::ClientSecretBasic,
            CoreClientAuthMethod::PrivateKeyJwt,
        ]))
        .set_token_endpoint_auth_signing_alg_values_supported(Some(algorithms))
        .set_claims_supported(Some(claims.map(|claim| CoreClaimName::new(claim.to_owned())).to_vec()))
        .set_ui_locales_supported(Some(
            LANGUAGES.map(|language| LanguageTag::new(language.to_owned())).to_vec(),
        ))
        .set_claims_parameter_supported(Some(false))
        .set_request_parameter_supported(Some(false))
        .set_request_uri_parameter_supported(Some(false)))
}

//! What a client requests (OpenID Connect Core, 3.1.2.1; RFC 7636; RFC 9126).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use touroku_proto::{
    agency::Way,
    sign_in::{ACR_CARD, ACR_PASSWORD, Client, ClientScope},
};

use super::{Code, Parameters, Refusal, metadata::LANGUAGES};
use crate::store::Asked;

/// The longest `login_hint` that is shown, in bytes.
const MAX_HINT: usize = 64;

/// The longest `state` and `nonce`, in bytes: anybody can have them kept for an hour.
const MAX_KEPT: usize = 1024;

impl Asked {
    /// Parses a request whose client and redirect URI have been recognised.
    pub(super) fn parse(
        client: &Client,
        redirect_uri: &str,
        parameters: &Parameters,
    ) -> Result<Self, Refusal> {
        let value = |name| parameters.value(name);
        if value("request").is_some() {
            return Err(Refusal::new(Code::RequestNotSupported, "request objects are not supported"));
        }
        if value("registration").is_some() {
            return Err(Refusal::new(Code::RegistrationNotSupported, "registration is not supported"));
        }
        if value("response_type") != Some("code") {
            return Err(Refusal::new(Code::UnsupportedResponseType, "response_type must be code"));
        }
        let invalid = |reason| Err(Refusal::new(Code::InvalidRequest, reason));
        if value("response_mode").is_some_and(|mode| mode != "query") {
            return invalid("response_mode must be query");
        }
        if !parameters.words("scope").any(|scope| scope == "openid") {
            return Err(Refusal::new(Code::InvalidScope, "scope must have openid"));
        }
        if value("code_challenge_method") != Some("S256") {
            return invalid("code_challenge_method must be S256");
        }
        let is_hash = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        let Some(challenge) = value("code_challenge").filter(|text| is_hash(text)) else {
            return invalid("code_challenge must be a SHA-256 in Base64url");
        };
        let Ok(max_age) = value("max_age").map(str::parse).transpose() else {
            return invalid("max_age must be a number of seconds");
        };
        if ["state", "nonce"].into_iter().filter_map(value).any(|value| value.len() > MAX_KEPT) {
            return invalid("state and nonce may have 1,024 bytes");
        }
        let prompts: Vec<&str> = parameters.words("prompt").collect();
        match (prompts.contains(&"none"), prompts.len()) {
            // A sign-in always presents a card or a password: that satisfies `login`, `consent` and `select_account`.
            (false, _) => {}
            (true, 1) => {
                return Err(Refusal::new(Code::LoginRequired, "each sign-in asks for a card or a password"));
            }
            (true, _) => return invalid("prompt none stands alone"),
        }
        let scopes = ClientScope::SIGN_IN
            .into_iter()
            .filter(|scope| client.scopes.contains(scope))
            .filter(|scope| parameters.words("scope").any(|word| word == scope.as_str()))
            .collect();
        let hint = value("login_hint").filter(|hint| hint.len() <= MAX_HINT).unwrap_or_default();
        let language = parameters
            .words("ui_locales")
            .map(|locale| locale.split('-').next().unwrap_or_default())
            .find(|language| LANGUAGES.contains(language));
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            state: value("state").map(str::to_owned),
            nonce: value("nonce").map(str::to_owned),
            scopes,
            challenge: challenge.to_owned(),
            ways: ways(client, parameters),
            login_hint: hint.to_owned(),
            language: language.unwrap_or_default().to_owned(),
            max_age,
        })
    }

    /// The granted scopes, as returned by the token endpoint.
    pub(super) fn scope_words(&self) -> impl Iterator<Item = &'static str> {
        ["openid"].into_iter().chain(self.scopes.iter().map(|scope| scope.as_str()))
    }
}

/// The ways that a client accepts; it may ask for some of them.
fn ways(client: &Client, parameters: &Parameters) -> Vec<Way> {
    let taken: Vec<Way> = [Way::Card, Way::Password].into_iter().filter(|way| client.takes(*way)).collect();
    let wished: Vec<Way> = taken
        .iter()
        .copied()
        .filter(|way| {
            let acr = if *way == Way::Card { ACR_CARD } else { ACR_PASSWORD };
            parameters.words("acr_values").any(|word| word == acr)
        })
        .collect();
    if wished.is_empty() { taken } else { wished }
}

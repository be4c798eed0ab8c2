//! The authentication token, in the published format `web-eid:1.0`, and the nonce it answers.
//!
//! Source: web-eid-system-architecture-doc, "Web eID authentication token v2 format". Origin and nonce are
//! deliberately left out of the token: a verifier must use its own.

use std::{fmt, ops::RangeInclusive};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize};

#[cfg(feature = "server")]
use crate::purpose::Purpose;

/// The format that our host writes. A verifier accepts every minor version of `web-eid:1`.
pub const FORMAT: &str = "web-eid:1.0";

/// The allowed length of a nonce in characters, as in Web eID.
pub const NONCE_LENGTH: RangeInclusive<usize> = 44..=128;

/// A Web eID authentication token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The card's authentication certificate: base64 of its DER. Unverified until the server has built its path.
    pub unverified_certificate: String,
    /// The signature algorithm (RFC 7518, 3.1): `RS256`, `ES256` or `ES384` from our host. Kept as text so
    /// that a foreign algorithm gets a clear refusal instead of a parse error.
    pub algorithm: String,
    /// base64 of the signature over `hash(origin) ‖ hash(nonce)`; ECDSA as raw R ‖ S (RFC 7518, 3.4).
    pub signature: String,
    /// [`FORMAT`].
    pub format: String,
    /// The host that made the token, as a URL with its version. Informative.
    #[serde(default)]
    pub app_version: String,
}

/// Parses a token where a broken one is refused as that, and not as a broken request.
pub(crate) fn if_well_formed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Token>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).ok())
}

/// Shows neither certificate nor signature in a log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("algorithm", &self.algorithm)
            .field("format", &self.format)
            .field("app_version", &self.app_version)
            .finish_non_exhaustive()
    }
}

/// The signature algorithms that Touroku makes and accepts (RFC 7518, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; RSA keys of 2048 bits and more.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
}

impl Algorithm {
    /// The algorithm's registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
        }
    }

    /// The algorithm with that registered name, if supported.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::RS256, Self::ES256, Self::ES384].into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// A server's challenge: the base64 text of at least 32 random bytes.
///
/// The *text* is hashed and signed, not the bytes it encodes (architecture-doc, PR 13). 44 to 128
/// characters, as Web eID accepts. `Debug` does not show it.
///
/// A challenge of ours is 64 bytes: 32 random ones, then SHA-256 over these, the purpose's word, a line feed
/// and the agency's name. So it is valid for one purpose at one agency: the extension displays only what the
/// second half matches, and the server accepts no challenge made for something else. To a verifier of Web eID
/// tokens it is a nonce like any other.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "String", into = "String")]
pub struct Nonce(String);

/// The text is not a nonce: not base64 (standard alphabet), or shorter than 44 or longer than 128 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nonce is base64 text of 44 to 128 characters")]
pub struct NonceError;

impl Nonce {
    /// A challenge for one purpose at the agency of that name. `random` must be fresh.
    #[cfg(feature = "server")]
    pub fn issue(random: &[u8; 32], purpose: Purpose, agency: &str) -> Self {
        let bound = binding(random, purpose, agency);
        Self(STANDARD.encode([random.as_slice(), &bound].concat()))
    }

    /// Whether this challenge was issued for that purpose at the agency of that name.
    #[cfg(feature = "server")]
    pub fn is_for(&self, purpose: Purpose, agency: &str) -> bool {
        let bytes = STANDARD.decode(&self.0).unwrap_or_default();
        let Some((random, bound)) = bytes.split_first_chunk::<32>() else { return false };
        bound == binding(random, purpose, agency)
    }

    /// Encodes fresh random bytes: a challenge that is not bound to a purpose.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// Reads a nonce as a page sends it.
    pub fn parse(text: &str) -> Result<Self, NonceError> {
        let decodable = NONCE_LENGTH.contains(&text.len()) && STANDARD.decode(text).is_ok();
        if decodable { Ok(Self(text.to_owned())) } else { Err(NonceError) }
    }

    /// The text that is hashed into a token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The second half of a challenge.
#[cfg(feature = "server")]
fn binding(random: &[u8; 32], purpose: Purpose, agency: &str) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};

    let mut hash = Sha256::new();
    hash.update(random);
    hash.update(purpose.as_str());
    hash.update("\n");
    hash.update(agency);
    hash.finalize().into()
}

impl TryFrom<String> for Nonce {
    type Error = NonceError;

    fn try_from(text: String) -> Result<Self, NonceError> {
        Self::parse(&text)
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        nonce.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_of_32_bytes_survives_its_round_trip_and_stays_out_of_debug_output() {
        let nonce = Nonce::from_bytes(&[7; 32]);
        assert_eq!(nonce.as_str().len(), 44);
        assert_eq!(Nonce::parse(nonce.as_str()).unwrap(), nonce);
        assert!(!format!("{nonce:?}").contains(nonce.as_str()));
    }

    #[cfg(feature = "server")]
    #[test]
    fn a_challenge_is_good_for_one_purpose_at_one_agency() {
        let nonce = Nonce::issue(&[7; 32], Purpose::Check, "青森市");
        assert_eq!(Nonce::parse(nonce.as_str()).unwrap(), nonce);
        assert!(nonce.is_for(Purpose::Check, "青森市"));
        assert!(!nonce.is_for(Purpose::Register, "青森市"));
        assert!(!nonce.is_for(Purpose::Check, "弘前市"));
        assert!(!Nonce::from_bytes(&[7; 32]).is_for(Purpose::Check, "青森市"));
    }

    #[test]
    fn short_long_and_undecodable_nonces_are_refused() {
        for text in ["", "c2hvcnQ=", &"A".repeat(132), &"?".repeat(44)] {
            assert_eq!(Nonce::parse(text), Err(NonceError));
        }
    }

    #[test]
    fn only_our_three_algorithms_are_known() {
        for name in ["RS256", "ES256", "ES384"] {
            assert_eq!(Algorithm::from_name(name).unwrap().name(), name);
        }
        for name in ["none", "HS256", "RS512", "es256", ""] {
            assert_eq!(Algorithm::from_name(name), None);
        }
    }
}

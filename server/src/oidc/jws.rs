//! Signed tokens (RFC 7515, compact) other than ID tokens: logout tokens, clients' assertions, hints.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    hash::MessageDigest,
    pkey::{Id, PKey, Private, Public},
    sign::{Signer, Verifier},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use touroku_proto::sign_in::TokenAlgorithm;

use crate::error::Error;

/// Bytes of a coordinate of P-256.
const FIELD: usize = 32;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;

/// The parts of a header that are read. `crit`: extensions that must be understood, of which we understand none.
#[derive(Deserialize)]
struct Header {
    alg: TokenAlgorithm,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

/// A token whose signature has not been verified.
pub(super) struct Unverified<'t> {
    signed: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    algorithm: TokenAlgorithm,
    /// The key that it names.
    pub(super) kid: Option<String>,
}

impl<'t> Unverified<'t> {
    /// Parses a token. `None`: not one, or its algorithm is not in use here.
    pub(super) fn parse(token: &'t str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let Header { alg: algorithm, kid, crit } = serde_json::from_slice(&decode(header)?).ok()?;
        if crit.is_some() {
            return None;
        }
        Some(Self { signed, payload: decode(payload)?, signature: decode(signature)?, algorithm, kid })
    }

    /// Its claims, unverified.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }

    /// Whether that key signed it.
    pub(super) fn is_by(&self, key: &PKey<Public>) -> bool {
        let fits = match self.algorithm {
            TokenAlgorithm::RS256 => key.id() == Id::RSA,
            TokenAlgorithm::ES256 => key.id() == Id::EC && key.bits() == 256,
        };
        fits && verify(self, key).unwrap_or(false)
    }
}

fn verify(token: &Unverified<'_>, key: &PKey<Public>) -> Result<bool, Error> {
    let signature = match token.algorithm {
        TokenAlgorithm::RS256 => token.signature.clone(),
        TokenAlgorithm::ES256 if token.signature.len() == 2 * FIELD => {
            let (r, s) = token.signature.split_at(FIELD);
            EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()?
        }
        TokenAlgorithm::ES256 => return Ok(false),
    };
    let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
    Ok(verifier.verify_oneshot(&signature, token.signed.as_bytes())?)
}

/// The signature over these bytes, in JWS format.
pub(super) fn signature(
    key: &PKey<Private>,
    algorithm: TokenAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    let signature = Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(message)?;
    match algorithm {
        TokenAlgorithm::RS256 => Ok(signature),
        TokenAlgorithm::ES256 => {
            let width = i32::try_from(FIELD).map_err(|_| Error::Defect("32 fits"))?;
            let signature = EcdsaSig::from_der(&signature)?;
            let (r, s) = (signature.r().to_vec_padded(width)?, signature.s().to_vec_padded(width)?);
            Ok([r, s].concat())
        }
    }
}

/// Writes and signs a token with that `typ`.
pub(super) fn write(
    key: &super::keys::SigningKey,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, Error> {
    let header = serde_json::json!({"alg": key.algorithm.as_str(), "kid": key.kid, "typ": typ});
    let claims = serde_json::to_vec(claims).map_err(|_| Error::Defect("claims are plain data"))?;
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
    let signature = signature(&key.private, key.algorithm, signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

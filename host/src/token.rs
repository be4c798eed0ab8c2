//! What a token's signature covers (web-eid-system-architecture-doc, "Web eID authentication token v2 format"):
//! `hash(origin) ‖ hash(nonce)`, both as text, with the signature algorithm's own hash.

use sha2::{Digest, Sha256, Sha384};
use touroku_proto::{
    origin::Origin,
    token::{Algorithm, Nonce},
};

/// The bytes to sign. Derived here from origin and nonce: this host signs nothing supplied by a page.
pub fn challenge(algorithm: Algorithm, origin: &Origin, nonce: &Nonce) -> Vec<u8> {
    fn both<D: Digest>(origin: &Origin, nonce: &Nonce) -> Vec<u8> {
        [D::digest(origin.as_str()), D::digest(nonce.as_str())].concat()
    }
    match algorithm {
        Algorithm::RS256 | Algorithm::ES256 => both::<Sha256>(origin, nonce),
        Algorithm::ES384 => both::<Sha384>(origin, nonce),
    }
}

/// The token's `appVersion`: a URL that identifies this host and its version, without being a real address.
pub fn app_version() -> String {
    format!("urn:touroku:host:{}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_hashed_with_the_hash_of_the_algorithm() {
        let origin = Origin::parse("https://ria.ee").unwrap();
        let nonce = Nonce::from_bytes(&[0; 32]);
        let short = challenge(Algorithm::ES256, &origin, &nonce);
        assert_eq!(short, challenge(Algorithm::RS256, &origin, &nonce));
        assert_eq!(short[..32], Sha256::digest(b"https://ria.ee")[..]);
        assert_eq!(short[32..], Sha256::digest(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")[..]);
        assert_eq!(challenge(Algorithm::ES384, &origin, &nonce)[..48], Sha384::digest(b"https://ria.ee")[..]);
    }
}

//! Tokens, as JSON from a page.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touroku_fuzz::{NOW, TRUST};
use touroku_proto::{
    origin::Origin,
    token::{Nonce, Token},
};
use touroku_server::pki::verify_token;

fuzz_target!(|input: &[u8]| {
    let Ok(token) = serde_json::from_slice::<Token>(input) else { return };
    let origin = Origin::parse("https://ebid.example.jp").expect("an origin");
    // The seed answers another nonce: with the right one a changed appVersion would be let in, and rightly.
    let decision = verify_token(&TRUST, &token, &origin, &Nonce::from_bytes(&[9; 32]), NOW);
    assert!(decision.outcome.is_err());
});

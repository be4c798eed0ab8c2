//! Tokens, as JSON from a page.

#![no_main]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use openssl::sha::sha256;
use serde_json::Value;
use touroku_fuzz::{
    NOW,
    mutate::{self, Chance},
    trust::{self, OUR_TRUST, TRUST},
};
use touroku_proto::{
    origin::Origin,
    token::{Nonce, Token},
};
use touroku_pki::verify_token;

fuzz_target!(|input: &[u8]| {
    let Ok(mut token) = serde_json::from_slice::<Token>(input) else { return };
    let origin = Origin::parse("https://ebid.example.jp").expect("an origin");
    // The seed answers another nonce: with the right one a changed appVersion would rightly be accepted.
    let nonce = Nonce::from_bytes(&[9; 32]);
    assert!(verify_token(&TRUST, &token, &origin, &nonce, NOW).outcome.is_err());

    let certificate = STANDARD.decode(&token.unverified_certificate).ok();
    if let Some(certificate) = certificate.and_then(|der| trust::resigned(&der)) {
        token.unverified_certificate = STANDARD.encode(certificate);
        drop(verify_token(&OUR_TRUST, &token, &origin, &nonce, NOW));
        let signed = [sha256(origin.as_str().as_bytes()), sha256(nonce.as_str().as_bytes())].concat();
        token.signature = STANDARD.encode(trust::raw_signature(&signed));
        let decision = verify_token(&OUR_TRUST, &token, &origin, &nonce, NOW);
        assert!(decision.outcome.is_err() || decision.steps.iter().all(|step| step.passed));
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate_token)
});

fn mutate_token(bytes: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut token: serde_json::Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let fields =
        ["unverifiedCertificate", "unverifiedCertificate", "signature", "algorithm", "format", "appVersion"];
    let field = fields[chance.below(fields.len())];
    let text = token.get(field)?.as_str()?;
    let text = match (field, STANDARD.decode(text)) {
        ("unverifiedCertificate", Ok(der)) => STANDARD.encode(mutate::der(&der, chance)?),
        ("signature", Ok(signature)) => STANDARD.encode(mutate::bytes_of(&signature)),
        ("algorithm", _) => ["RS256", "ES256", "ES384", "PS256"][chance.below(4)].to_owned(),
        _ => String::from_utf8_lossy(&mutate::bytes_of(text.as_bytes())).into_owned(),
    };
    token.insert(field.to_owned(), text.into());
    serde_json::to_vec(&token).ok()
}

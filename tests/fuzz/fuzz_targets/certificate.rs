//! Certificates: what is shown of them, and whether they are let in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touroku_fuzz::{CARD, NOW, ROOT, TRUST};
use touroku_proto::{
    certificate::{DisplayMap, Facts},
    text,
};
use touroku_server::pki::verify_certificate;

fuzz_target!(|input: &[u8]| {
    if let Ok(facts) = Facts::parse(input) {
        let shown = facts.display(&DisplayMap::default());
        for text in [shown.company_name, shown.company_address, shown.holder_name, shown.holder_address] {
            assert!(!text.chars().any(text::is_forbidden), "{text:?}");
            assert!(!text.starts_with("null"));
        }
        let issuer = facts.issuer();
        assert!(!issuer.chars().any(text::is_forbidden), "{issuer:?}");
        drop(facts.issuer_name());
    }
    let decision = verify_certificate(&TRUST, input, NOW);
    assert!(!decision.steps.is_empty());
    // Nobody forges the root's signature.
    assert!(decision.outcome.is_err() || input == CARD || input == ROOT);
});

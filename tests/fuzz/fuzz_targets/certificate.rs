//! Certificates: what is displayed of them, and whether they are accepted.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use touroku_fuzz::{
    NOW, mutate,
    trust::{self, CARD, OUR_TRUST, ROOT, TRUST},
};
use touroku_proto::{
    certificate::{DisplayMap, Facts},
    text,
};
use touroku_pki::{Decision, verify_certificate};

fuzz_target!(|input: &[u8]| {
    if let Ok(facts) = Facts::parse(input) {
        let shown = facts.display(&DisplayMap::default());
        for text in [shown.company_name, shown.company_address, shown.holder_name, shown.holder_address] {
            assert_printable(&text);
        }
        assert_printable(&facts.issuer());
        assert_printable(&facts.issuer_name());
    }
    let decision = verify_certificate(&TRUST, input, NOW);
    check(&decision);
    // Nobody forges the root's signature.
    let is_genuine = || [CARD, ROOT].iter().any(|der| trust::holds_signed(input, der));
    assert!(decision.outcome.is_err() || is_genuine());

    if let Some(signed) = trust::resigned(input) {
        check(&verify_certificate(&OUR_TRUST, &signed, NOW));
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::der)
});

fn check(decision: &Decision<Facts>) {
    assert!(!decision.steps.is_empty());
    assert!(decision.steps.iter().all(|step| step.passed) || decision.outcome.is_err());
    for step in &decision.steps {
        assert_printable(&step.detail);
    }
}

fn assert_printable(text: &str) {
    assert!(!text.chars().any(text::is_forbidden), "{text:?}");
}

//! CRLs in DER: parsed, and consulted about a card.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use openssl::x509::X509;
use touroku_fuzz::{
    NOW, mutate,
    trust::{self, CARD, LIST, OUR_CARD},
};
use touroku_proto::text;
use touroku_pki::{Trust, verify_certificate};

fuzz_target!(|input: &[u8]| {
    // Nobody forges the root's signature.
    assert!(!is_let_in(trust::root(), input, CARD) || trust::holds_signed(input, LIST));
    if let Some(signed) = trust::resigned(input) {
        is_let_in(trust::our_root(), &signed, &OUR_CARD);
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::der)
});

fn is_let_in(root: X509, crl: &[u8], card: &[u8]) -> bool {
    let Ok(trust) = Trust::new(vec![root], Vec::new(), Some(vec![crl.to_vec()])) else { return false };
    for (issuer, times) in trust.crl_times() {
        assert!(!issuer.chars().any(text::is_forbidden), "{issuer:?}");
        assert!(times.next_update.is_none_or(|next| next.checked_sub(times.this_update).is_some()));
    }
    let decision = verify_certificate(&trust, card, NOW);
    assert_eq!(decision.outcome.is_err(), decision.code() != "ok");
    for number in decision.evidence.crls.iter().filter_map(|crl| crl.number.as_deref()) {
        assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
    }
    decision.outcome.is_ok()
}

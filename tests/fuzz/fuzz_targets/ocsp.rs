//! OCSP responses: nobody but the root may vouch for its card.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use openssl::x509::X509;
use touroku_fuzz::{
    NOW, mutate,
    trust::{self, CARD, OUR_CARD, OUR_TRUST, RESPONSE, TRUST},
};
use touroku_pki::{OcspQuestion, Trust};

fuzz_target!(|input: &[u8]| {
    let card = X509::from_der(CARD).expect("a certificate");
    if is_believed(&TRUST, input, &card, &trust::root(), NOW) {
        // What is signed occurs in it, byte by byte.
        let signed = &RESPONSE[60..120];
        assert!(input.windows(signed.len()).any(|part| part == signed));
    }
    if let Some(signed) = trust::resigned_response(input) {
        let card = X509::from_der(&OUR_CARD).expect("a certificate");
        is_believed(&OUR_TRUST, &signed, &card, &trust::our_root(), NOW);
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::der)
});

fn is_believed(trust: &Trust, der: &[u8], card: &X509, issuer: &X509, at: i64) -> bool {
    OcspQuestion::new(Vec::new(), card.clone(), issuer.clone()).judge(trust, der, None, at).is_ok()
}

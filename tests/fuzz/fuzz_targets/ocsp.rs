//! OCSP responses: nobody but the root speaks for its card.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openssl::x509::X509;
use touroku_fuzz::{CARD, NOW, TRUST, root};
use touroku_server::pki::fuzzing::is_believed;

const RESPONSE: &[u8] = include_bytes!("../fixtures/ocsp.der");

fuzz_target!(|input: &[u8]| {
    let card = X509::from_der(CARD).expect("a certificate");
    if is_believed(&TRUST, input, &card, &root(), NOW) {
        // What is signed stands in it, byte by byte.
        let signed = &RESPONSE[60..120];
        assert!(input.windows(signed.len()).any(|part| part == signed));
    }
});

//! CRLs, in DER: read, and asked about a card.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touroku_fuzz::{CARD, NOW, root};
use touroku_server::pki::{Trust, verify_certificate};

fuzz_target!(|input: &[u8]| {
    let Ok(trust) = Trust::new(vec![root()], Vec::new(), Some(vec![input.to_vec()])) else { return };
    let decision = verify_certificate(&trust, CARD, NOW);
    assert_eq!(decision.outcome.is_err(), decision.code() != "ok");
});

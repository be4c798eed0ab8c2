//! Whom to trust.

use std::sync::LazyLock;

use openssl::x509::X509;
use touroku_server::pki::Trust;

/// A root and a card that it issued; `fixtures` holds no key of either.
pub const ROOT: &[u8] = include_bytes!("../fixtures/root.der");
pub const CARD: &[u8] = include_bytes!("../fixtures/card.der");

pub static TRUST: LazyLock<Trust> = LazyLock::new(|| Trust::new(vec![root()], Vec::new(), None).unwrap());

pub fn root() -> X509 {
    X509::from_der(ROOT).unwrap()
}

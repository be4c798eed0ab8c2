//! What the server's tests share: certificates made on the spot, a server on a temporary database.

#![allow(unreachable_pub, missing_docs, reason = "tests need no docs")]

#[allow(dead_code, reason = "the rest is for the tests of touroku-pki")]
#[path = "../../../../crates/pki/tests/it/support/authority.rs"]
pub mod authority;
pub mod busy;
pub mod calls;
pub mod client;
#[path = "../../../../crates/pki/tests/it/support/der.rs"]
pub mod der;
pub mod engine;
pub mod import;
pub mod ocsp;
pub mod officer;
pub mod pair;
pub mod place;
pub mod relying;
pub mod review;
pub mod sink;

//! What the server's tests share: certificates made on the spot, a server on a temporary database.

#![allow(unreachable_pub, missing_docs, reason = "tests need no docs")]

pub mod authority;
pub mod client;
pub mod der;
pub mod import;
pub mod ocsp;
pub mod officer;
pub mod review;
pub mod sink;

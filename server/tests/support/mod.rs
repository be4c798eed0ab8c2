//! What the server's tests share: certificates made on the spot, a server on a temporary database.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its part")]

pub mod authority;
pub mod client;
pub mod der;
pub mod import;
pub mod officer;
pub mod review;

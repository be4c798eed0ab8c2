//! Certificates made on the spot. The server's tests use these files too.

#![allow(dead_code, reason = "the server's tests use the rest")]

pub mod authority;
pub mod der;

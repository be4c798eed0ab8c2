//! Judging certificates that are made on the spot.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]
#![allow(unreachable_pub, missing_docs, reason = "tests need no docs")]

mod judging;
mod policies;
mod support;

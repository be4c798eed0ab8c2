//! A bidding system that waits for the login.

pub(crate) use super::said::contractor::sign_in::*;

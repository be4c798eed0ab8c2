//! 名簿: one company by hand.

pub(crate) use super::said::roster::*;

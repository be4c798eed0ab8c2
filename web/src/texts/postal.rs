//! What 住所を検索 says.

pub(crate) use super::said::contractor::postal::*;

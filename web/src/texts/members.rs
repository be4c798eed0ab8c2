//! Sentences of a portal's page.

pub(crate) use super::said::contractor::members::*;

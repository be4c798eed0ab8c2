//! 接続先のシステム.

pub(crate) use super::said::clients::*;

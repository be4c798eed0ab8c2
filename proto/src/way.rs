//! The ways of proving who one is.

use serde::{Deserialize, Serialize};

/// One way of proving who one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// IC card.
    #[default]
    Card,
    /// ID and password (簡易認証).
    Password,
}

//! Portals of several agencies (共同利用): what the members have in common.

use serde::{Deserialize, Serialize};

use crate::localized::Localized;

/// A portal of several agencies (共同利用), as its members know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// Identifies the portal in URLs, like an agency's.
    pub code: String,
    /// As displayed.
    pub name: Localized,
    /// Notices on the portal's page; empty for none.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub notices: Vec<Localized>,
    /// The member's name without the portal's.
    #[serde(skip)]
    pub member: Localized,
}

/// What the members of a portal have in common. Only what is listed first is implemented; the rest is refused
/// when profiles are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Whose roster a member looks companies up in.
    #[serde(default)]
    pub roster: SharedRoster,
    /// Where a company registers.
    #[serde(default)]
    pub registration: SharedRegistration,
    /// Who issues the 企業ID.
    #[serde(default)]
    pub company_id: SharedCompanyId,
}

/// Whose roster a member looks companies up in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SharedRoster {
    /// Its own.
    #[default]
    Each,
    /// The portal's: who is in it is in every member's.
    Portal,
    /// The portal's, with a column for each member that says who qualifies there.
    Columns,
}

/// Where a company registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SharedRegistration {
    /// At each member.
    #[default]
    Each,
    /// Once for all members.
    Once,
}

/// Who issues the 企業ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SharedCompanyId {
    /// Each member its own.
    #[default]
    Member,
    /// The portal, one for all members.
    Portal,
}

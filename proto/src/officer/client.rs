//! The systems that an agency knows (電子入札システムなど), and their webhooks.

use serde::{Deserialize, Serialize};

use super::profile::ProfileMistake;

/// The longest description of a system, in bytes.
pub const MAX_CLIENT: usize = 16 * 1024;

/// All systems, and what became of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientsView {
    /// The issuer that they are configured with.
    pub issuer: String,
    /// Whether the server may write the profile, which they are part of.
    pub writable: bool,
    /// A change of the profile awaits confirmation; until then there can be no other one.
    pub waits: bool,
    /// As in effect.
    pub clients: Vec<ClientView>,
    /// Of a description that was not taken, which changed nothing.
    #[serde(default)]
    pub mistakes: Vec<ProfileMistake>,
    /// Of one system.
    #[serde(default)]
    pub secret: Option<ClientSecret>,
    /// A webhook that was tried out.
    #[serde(default)]
    pub tried: Option<TriedWebhook>,
}

/// A system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientView {
    /// Its `client_id`.
    pub code: String,
    /// As shown to contractors.
    pub name: String,
    /// Its keys in the profile (TOML), without secrets; `None`: inherited from the portal.
    pub text: Option<String>,
    /// How many secrets it may present.
    pub secrets: usize,
    /// How many public keys it has.
    pub keys: usize,
    /// Its webhook, if it has one.
    pub webhook: Option<WebhookView>,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookView {
    /// Where events are sent.
    pub uri: String,
    /// When one last arrived, Unix milliseconds.
    pub arrived_unix_ms: Option<i64>,
    /// How often the next one was sent in vain.
    pub attempts: u32,
    /// When it is sent again, Unix milliseconds.
    pub next_unix_ms: Option<i64>,
    /// Why it did not arrive; empty: nothing failed.
    pub error: String,
}

/// A secret, shown to whoever made it or asked for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientSecret {
    /// Of this system.
    pub code: String,
    /// What its webhooks are checked with; otherwise its `client_secret`, which is never shown again.
    pub of_webhook: bool,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSecret").field("code", &self.code).finish_non_exhaustive()
    }
}

/// How a test event went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TriedWebhook {
    /// Of this system.
    pub code: String,
    /// Why it did not arrive; empty: it did.
    pub error: String,
}

/// Adds a system, or describes one differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveClient {
    /// Its keys (TOML), as its makers hand them over.
    pub text: String,
    /// The `client_id` of the one that it replaces, which keeps its secrets; empty: a new one.
    #[serde(default)]
    pub replaces: String,
}

/// A new secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenewSecret {
    /// The latest one stays valid until the next new one.
    #[serde(default)]
    pub keep_former: bool,
}

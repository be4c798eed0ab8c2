//! What all requests share.

use std::sync::Arc;

use tokio::sync::Notify;
use touroku_proto::origin::Origin;

use crate::{
    agency::Agencies,
    error::Error,
    http::limits::Governor,
    outside::Outside,
    pki::TrustFiles,
    store::{MailCounts, Store},
};

/// The running server. It keeps nothing of a user: sessions, challenges and drafts are in the store.
pub struct App {
    /// What the administrator decided.
    pub settings: Settings,
    /// Agency profiles.
    pub agencies: Agencies,
    /// The database.
    pub store: Store,
    /// Anchors and CRLs.
    pub trust: TrustFiles,
    /// Time and randomness.
    pub outside: Outside,
    /// Rate limits.
    pub governor: Governor,
    /// Told when a mail was queued.
    pub mail_queued: Notify,
}

/// What the administrator decided, as far as requests need it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The one public origin: tokens are bound to it, and requests must come from it.
    pub origin: Origin,
    /// Ids under which the extension may be installed.
    pub extension_ids: Vec<String>,
    /// How long a session lives without a request, milliseconds.
    pub session_idle: i64,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Rate limits.
    pub limits: crate::http::limits::Limits,
    /// The web app's files.
    pub site: Option<std::path::PathBuf>,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        settings: Settings,
        agencies: Agencies,
        store: Store,
        trust: TrustFiles,
        outside: Outside,
    ) -> Arc<Self> {
        let governor = Governor::new(settings.limits);
        Arc::new(Self { settings, agencies, store, trust, outside, governor, mail_queued: Notify::new() })
    }

    /// When a session that is used now ends.
    pub fn session_end(&self) -> i64 {
        self.outside.now() + self.settings.session_idle
    }

    /// Whether the server can answer: asks the database. Answers what waits in the outbox.
    pub async fn health(&self) -> Result<MailCounts, Error> {
        self.store.read(|reader| reader.mail_counts()).await
    }
}

//! What all requests share.

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::FromRef;
use tokio::sync::Notify;
use touroku_proto::{agency::AgencyProfile, api::JointPortal, origin::Origin};

use crate::{
    agency::{Agencies, Permits},
    error::Error,
    http::{
        limits::Governor,
        packed::{PackedAnswer, PackedAnswers},
    },
    jobs::file_watch::FileWatch,
    key::ServerKey,
    mail::{
        letter::{Desk, Post},
        watch::MailWatch,
    },
    officer::{audit::running::AuditChecks, counted::CountedFigures, import::at_work::Imports},
    outside::Outside,
    readiness::Looks,
    requests::Metrics,
    store::{MailCounts, Store, Writer},
    trust::TrustFiles,
};

/// The running server. It keeps no user state: sessions, challenges and drafts are in the store.
pub struct App {
    pub settings: Settings,
    pub agencies: Agencies,
    pub store: Arc<Store>,
    pub trust: Arc<TrustFiles>,
    /// Hashes or seals what the database must not reveal when it is stolen.
    pub key: Arc<ServerKey>,
    pub outside: Outside,
    pub governor: Arc<Governor>,
    /// Running roster imports.
    pub imports: Arc<Imports>,
    /// Running checks of 監査記録.
    pub audit_checks: Arc<AuditChecks>,
    /// The figures of large agencies.
    pub figures: Arc<CountedFigures>,
    /// Notified when a mail is queued.
    pub mail_queued: Arc<Notify>,
    /// Profiles as pages receive them.
    pub packed: Arc<PackedAnswers<AgencyProfile>>,
    /// The same of portals.
    pub packed_portals: Arc<PackedAnswers<JointPortal>>,
    /// The choice of agencies, without and with the members of portals.
    pub packed_choice: [PackedAnswer; 2],
    pub mail_watch: Arc<MailWatch>,
    pub file_watch: Arc<FileWatch>,
    pub metrics: Arc<Metrics>,
    pub looks: Arc<Looks>,
}

/// The running server in its current state: each request, or round of a task, keeps the agencies that it began
/// with.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Arc<App>>>);

impl Live {
    /// The server with its latest agencies.
    pub fn now(&self) -> Arc<App> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses these agencies from the next request on. Sessions, limits and queued mails stay.
    pub fn take_agencies(&self, agencies: Agencies) {
        let mut app = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *app = Arc::new(app.with(agencies));
    }
}

impl From<Arc<App>> for Live {
    fn from(app: Arc<App>) -> Self {
        Self(Arc::new(RwLock::new(app)))
    }
}

impl FromRef<Live> for Arc<App> {
    fn from_ref(live: &Live) -> Self {
        live.now()
    }
}

/// The administrator's settings, as far as requests need them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The one public origin: tokens are bound to it, and requests must come from it.
    pub origin: Origin,
    /// The same for the officers' page: their requests come from there, and their links point there.
    pub officer_origin: Origin,
    /// Whether officers have a separate listener, and find nothing on the public one.
    pub officers_apart: bool,
    /// Ids that the extension may have.
    pub extension_ids: Vec<String>,
    /// Where extension and program come from, where a profile says nothing.
    pub install: touroku_proto::guide::Install,
    /// How long a session lives without a request, milliseconds.
    pub session_idle: i64,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    pub limits: crate::http::limits::Limits,
    pub site: Option<std::path::PathBuf>,
    /// Folder of agency profiles.
    pub agencies: std::path::PathBuf,
    /// Table of holidays; `None`: in the folder of profiles.
    pub holidays: Option<std::path::PathBuf>,
    pub permits: Permits,
    /// Hosts inside that clients of agencies may have requests sent to.
    pub internal: crate::outgoing::Inside,
    /// Where files for other systems are written.
    pub files: Option<std::path::PathBuf>,
}

impl App {
    /// What is needed to send letters to companies.
    pub fn post(&self) -> Post<'_> {
        Post { outside: &self.outside, key: &self.key, origin: &self.settings.origin }
    }

    /// A transaction at an agency.
    pub fn desk<'a>(&'a self, writer: &'a Writer<'a>, profile: &'a AgencyProfile, now: i64) -> Desk<'a> {
        Desk { writer, post: self.post(), profile, now }
    }

    /// The same for letters to officers.
    pub fn officer_desk<'a>(
        &'a self,
        writer: &'a Writer<'a>,
        profile: &'a AgencyProfile,
        now: i64,
    ) -> Desk<'a> {
        let post = Post { origin: &self.settings.officer_origin, ..self.post() };
        Desk { post, ..self.desk(writer, profile, now) }
    }

    pub fn new(
        settings: Settings,
        agencies: Agencies,
        store: Store,
        trust: TrustFiles,
        key: ServerKey,
        outside: Outside,
    ) -> Arc<Self> {
        let key = Arc::new(key);
        Arc::new(Self {
            governor: Arc::new(Governor::new(settings.limits, outside.clone())),
            settings,
            agencies,
            store: Arc::new(store.sealed_with(Arc::clone(&key))),
            trust: Arc::new(trust),
            key,
            outside,
            imports: Arc::default(),
            audit_checks: Arc::default(),
            figures: Arc::default(),
            mail_queued: Arc::default(),
            packed: Arc::default(),
            packed_portals: Arc::default(),
            packed_choice: Default::default(),
            mail_watch: Arc::default(),
            file_watch: Arc::default(),
            metrics: Arc::default(),
            looks: Arc::default(),
        })
    }

    /// The same server with other agencies.
    fn with(&self, agencies: Agencies) -> Self {
        Self {
            settings: self.settings.clone(),
            agencies,
            store: Arc::clone(&self.store),
            trust: Arc::clone(&self.trust),
            key: Arc::clone(&self.key),
            outside: self.outside.clone(),
            governor: Arc::clone(&self.governor),
            imports: Arc::clone(&self.imports),
            audit_checks: Arc::clone(&self.audit_checks),
            figures: Arc::clone(&self.figures),
            mail_queued: Arc::clone(&self.mail_queued),
            // Those of the former agencies would be kept for as long as the server runs.
            packed: Arc::default(),
            packed_portals: Arc::default(),
            packed_choice: Default::default(),
            mail_watch: Arc::clone(&self.mail_watch),
            file_watch: Arc::clone(&self.file_watch),
            metrics: Arc::clone(&self.metrics),
            looks: Arc::clone(&self.looks),
        }
    }

    /// When a session used now ends.
    pub fn session_end(&self) -> i64 {
        self.outside.now() + self.settings.session_idle
    }

    /// The mails in the outbox.
    pub async fn health(&self) -> Result<MailCounts, Error> {
        self.store.read(|reader| reader.mail_counts()).await
    }
}

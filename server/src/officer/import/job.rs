//! What a thread needs to work on an import.

use std::sync::Arc;

use touroku_proto::{agency::AgencyProfile, origin::Origin};

use super::{at_work::Imports, spool::Spool};
use crate::{
    app::App,
    error::Error,
    key::ServerKey,
    mail::{Desk, Post},
    outside::Outside,
    store::{Location, Writer},
};

pub(super) struct Job {
    pub(super) id: i64,
    pub(super) profile: Arc<AgencyProfile>,
    pub(super) database: Location,
    pub(super) spool: Spool,
    pub(super) imports: Arc<Imports>,
    pub(super) outside: Outside,
    pub(super) key: Arc<ServerKey>,
    /// The base of links in mails to companies.
    pub(super) origin: Origin,
}

impl Job {
    pub(super) fn new(app: &App, agency: &str, id: i64) -> Result<Self, Error> {
        let spool = Spool::of(app.store.path());
        spool.make()?;
        Ok(Self {
            id,
            profile: Arc::clone(app.agencies.profile(agency)?),
            database: app.store.location().clone(),
            spool,
            imports: Arc::clone(&app.imports),
            outside: app.outside.clone(),
            key: Arc::clone(&app.key),
            origin: app.settings.origin.clone(),
        })
    }

    /// A transaction in which companies are told.
    pub(super) fn desk<'a>(&'a self, writer: &'a Writer<'a>, now: i64) -> Desk<'a> {
        let post = Post { outside: &self.outside, key: &self.key, origin: &self.origin };
        Desk { writer, post, profile: &self.profile, now }
    }
}

//! What a thread needs to work on an import.

use std::{path::PathBuf, sync::Arc};

use touroku_proto::agency::AgencyProfile;

use super::{at_work::Imports, spool::Spool};
use crate::{app::App, error::Error, key::ServerKey, outside::Outside};

pub(super) struct Job {
    pub(super) id: i64,
    pub(super) profile: Arc<AgencyProfile>,
    pub(super) database: PathBuf,
    pub(super) spool: Spool,
    pub(super) imports: Arc<Imports>,
    pub(super) outside: Outside,
    pub(super) key: Arc<ServerKey>,
}

impl Job {
    pub(super) fn new(app: &App, agency: &str, id: i64) -> Result<Self, Error> {
        let spool = Spool::of(app.store.path());
        spool.make()?;
        Ok(Self {
            id,
            profile: Arc::clone(app.agencies.profile(agency)?),
            database: app.store.path().to_owned(),
            spool,
            imports: Arc::clone(&app.imports),
            outside: app.outside.clone(),
            key: Arc::clone(&app.key),
        })
    }
}

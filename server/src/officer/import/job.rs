//! What a thread needs to work on an import.

use std::{fs::File, sync::Arc};

use touroku_proto::{agency::AgencyProfile, api::ApiErrorCode};

use super::{at_work::Imports, spool::Spool, upload::PIECE};
use crate::{
    app::App,
    error::Error,
    key::ServerKey,
    outside::Outside,
    registry::information::Vault,
    store::{Exclusive, Location},
};

pub(super) struct Job {
    pub(super) id: i64,
    pub(super) profile: Arc<AgencyProfile>,
    pub(super) database: Location,
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
            database: app.store.location().clone(),
            spool,
            imports: Arc::clone(&app.imports),
            outside: app.outside.clone(),
            key: Arc::clone(&app.key),
        })
    }

    /// Makes the file, which this one holds, from the database's pieces: where servers share no folder, others may have
    /// taken them.
    ///
    /// # Errors
    /// `not_found` when one is missing.
    pub(super) fn fetch(&self, file: &mut File) -> Result<(), Error> {
        if !self.database.is_server() {
            return Ok(());
        }
        let mut database = Exclusive::open(&self.database)?;
        let agency = &self.profile.code;
        let import = database.read(|reader| reader.import(agency, self.id))?.ok_or(ApiErrorCode::NotFound)?;
        let length = file.metadata().map_err(Error::file(self.spool.upload(self.id)))?.len();
        // Only what this process has written is believed to be the upload.
        if self.imports.has_file(self.id) && length == import.size {
            return Ok(());
        }
        file.set_len(0).map_err(Error::file(self.spool.upload(self.id)))?;
        let mut at = 0;
        while at < import.size {
            let piece = database.read(|reader| reader.import_piece(self.id, at))?;
            let piece =
                piece.and_then(|sealed| self.key.unseal(PIECE, &sealed)).ok_or(ApiErrorCode::NotFound)?;
            self.spool.write(self.id, file, at, &piece)?;
            at += piece.len() as u64;
            database.write(|writer| writer.touch_import(self.id, self.outside.now()))?;
        }
        self.imports.set_file(self.id);
        Ok(())
    }

    pub(super) fn vault(&self) -> Vault<'_> {
        Vault { key: &self.key, outside: &self.outside }
    }
}

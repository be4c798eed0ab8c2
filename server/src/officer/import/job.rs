//! What a thread needs to work on an import.

use std::{fs::File, sync::Arc};

use touroku_proto::{agency::AgencyProfile, api::ApiErrorCode, origin::Origin};

use super::{at_work::Imports, spool::Spool};
use crate::{
    app::App,
    error::Error,
    key::ServerKey,
    mail::{Desk, Post},
    outside::Outside,
    store::{Exclusive, Location, Writer},
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

    /// Completes the file, which this one holds, from the database's pieces: where servers share no folder, others may
    /// have taken them.
    pub(super) fn fetch(&self, file: &mut File) -> Result<(), Error> {
        if !self.database.is_server() {
            return Ok(());
        }
        let mut database = Exclusive::open(&self.database)?;
        let agency = &self.profile.code;
        let import = database.read(|reader| reader.import(agency, self.id))?.ok_or(ApiErrorCode::NotFound)?;
        let path = self.spool.upload(self.id);
        let mut at = file.metadata().map_err(Error::file(&path))?.len();
        while at < import.size {
            // A copy that was cut off is made again from the piece's beginning.
            let Some(piece) = database.read(|reader| reader.import_piece(self.id, at))? else {
                if at == 0 {
                    return Err(Error::Defect("an upload lacks a piece"));
                }
                at = 0;
                continue;
            };
            self.spool.write(self.id, file, at, &piece)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    /// A transaction in which companies are told.
    pub(super) fn desk<'a>(&'a self, writer: &'a Writer<'a>, now: i64) -> Desk<'a> {
        let post = Post { outside: &self.outside, key: &self.key, origin: &self.origin };
        Desk { writer, post, profile: &self.profile, now }
    }
}

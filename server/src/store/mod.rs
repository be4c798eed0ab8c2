//! The only folder that knows which database engine is used.
//!
//! Functions are named after what the domain does. [`Reader`] and [`Writer`] are a snapshot and a transaction;
//! the domain composes their functions in closures passed to [`Store::read`] and [`Store::write`]. Their statements
//! pass [`db::Db`], behind which an engine stands.
//!
//! A single thread writes, so that nothing ever waits for a lock inside this process, and commits whatever has
//! queued up together.

mod account;
mod audit;
mod column;
mod company;
mod company_page;
mod completion;
mod copy;
mod daily;
mod db;
mod edition;
mod event;
mod expiry;
mod feed;
mod figures;
mod guess;
mod hint;
mod housekeeping;
mod import;
mod information;
mod lease;
mod listing;
mod location;
mod lookup;
mod mail;
mod mail_address;
mod metrics;
mod name_index;
mod number;
mod officer;
mod officer_session;
mod oidc;
mod oidc_key;
mod outbox;
mod permit;
mod postal;
mod postgres;
mod profile_version;
mod proposal;
mod receipt;
mod renaming;
mod review;
mod roster;
mod server;
mod session;
mod sqlite;
mod stage;
mod suspension;
mod sweep;
mod take;
mod telling;
mod thread;
mod trust;
mod turn;
mod value;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

use serde::Serialize;
use tokio::sync::oneshot;

pub use self::{
    account::{Account, NewApplication},
    audit::{Actor, AuditFilter, AuditProof, BEGINNING, COMMAND, Seal, hash_of, seal_of},
    company::{CardIdentity, Company, NewCard, RegisteredCard},
    company_page::CardRecord,
    completion::{Completion, Holder},
    copy::{Copied, back_up, copy, put_in_place},
    daily::News,
    edition::{Edition, Turns},
    event::{Act, Event, EventKind},
    expiry::{ExpiringCard, UnreadCard},
    feed::{CardOfEvent, Happened, WebhookState},
    figures::{MailFigures, StockCounts, UrgentCounts},
    housekeeping::{Lives, Retention},
    import::{Import, NewImport, clear_import_rows},
    information::InformationPassword,
    lease::Progress,
    listing::{Hit, ListingPlace, ListingQuery},
    location::Location,
    lookup::LookupWords,
    mail::{Attachment, Hold, MailCounts, NewMail, OutboxMail, Priority, Settled},
    mail_address::Held,
    metrics::Tally,
    name_index::DueName,
    number::NumberPlace,
    officer::{Makings, NewLink, Officer},
    officer_session::{Attempts, NewOfficerSession, OfficerSession},
    oidc::{Asked, DueLogout, Grant, Hash, NewGrant, SignInRequest},
    oidc_key::{KeyState, StoredKey},
    outbox::RefusedMails,
    postgres::Server,
    profile_version::Uncompared,
    proposal::Proposal,
    receipt::{Receipt, Signing},
    renaming::{CompanyName, Renaming},
    review::{CardApplication, QueuePlace, QueuedReview, Subject, Waiting},
    roster::{
        CATEGORIES, DELEGATE_ADDRESS, DELEGATE_NAME, DELEGATE_PERSON, EMAIL, INFORMATION_PASSWORD,
        QUALIFIED_FROM, QUALIFIED_UNTIL, RosterRow, TakeOver,
    },
    server::{Look, find, known_key, look},
    session::{LoggedIn, OpenNonce, Presented, Session, SessionId},
    sqlite::{latest, prepare},
    stage::{RosterSnapshot, Stage, Staged},
    suspension::Days,
    sweep::sweep,
    take::{FormerRoster, NextRoster, Step, Taken, look_back, write_next},
    telling::{Telling, Turned},
    trust::{CardInUse, NewDecision},
    turn::Turn,
};
use self::{
    db::Db,
    thread::{Job, Settle, in_savepoint, in_snapshot, run_reader, run_writer},
};
use crate::{error::Error, key::ServerKey};

/// How long work beside the server's own writer (dry runs, commands) waits: long enough for a copy of the whole database.
const PATIENCE: Duration = Duration::from_secs(180);

/// Connections for lookups by key: microseconds each.
const READERS: usize = 3;

/// Connections for long reads. Logins never wait for them.
const SCANNERS: usize = 2;

pub struct Store {
    location: Location,
    key: Option<Arc<ServerKey>>,
    file: Option<FileId>,
    writer: Mutex<Option<Sender<Job>>>,
    readers: Mutex<Option<Sender<Job>>>,
    scanners: Mutex<Option<Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Device and number.
type FileId = (u64, u64);

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;

    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Path) -> Option<FileId> {
    None
}

/// A consistent view of the database.
pub struct Reader<'c> {
    db: &'c Db,
}

/// A transaction. Its changes are rolled back when the closure that received it fails.
pub struct Writer<'c> {
    reader: Reader<'c>,
    key: Option<&'c ServerKey>,
}

impl<'c> std::ops::Deref for Writer<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl Store {
    /// Opens or creates the database and updates its schema. Blocks, and for a server must not be called by an
    /// asynchronous runtime's own thread.
    pub fn open(at: impl Into<Location>) -> Result<Self, Error> {
        let location = at.into();
        let db = Db::open_for_writing(&location)?;
        let mut threads = Vec::new();
        let mut spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
            thread.map(|thread| threads.push(thread)).map_err(Error::file(location.beside()))
        };
        let (writer, jobs) = std::sync::mpsc::channel();
        spawn("store-writer", Box::new(move || run_writer(db, &jobs)))?;
        let mut queue = |name: &str, threads: usize| -> Result<_, Error> {
            let (queue, jobs) = std::sync::mpsc::channel::<Job>();
            let jobs: Arc<Mutex<Receiver<Job>>> = Arc::new(Mutex::new(jobs));
            for _ in 0..threads {
                let (db, jobs) = (Db::open_for_reading(&location)?, Arc::clone(&jobs));
                spawn(name, Box::new(move || run_reader(db, &jobs)))?;
            }
            Ok(Mutex::new(Some(queue)))
        };
        let readers = queue("store-reader", READERS)?;
        let scanners = queue("store-scanner", SCANNERS)?;
        Ok(Self {
            key: None,
            file: file_id(location.beside()),
            writer: Mutex::new(Some(writer)),
            readers,
            scanners,
            threads: Mutex::new(threads),
            location,
        })
    }

    /// Seals audit entries recorded from here on with that key.
    pub fn sealed_with(self, key: Arc<ServerKey>) -> Self {
        // `Drop` prevents moving the fields out one by one.
        let mut store = self;
        store.key = Some(key);
        store
    }

    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The path after which this server's other files are named.
    pub fn path(&self) -> &Path {
        self.location.beside()
    }

    /// Whether the opened file still has its name.
    pub fn is_in_place(&self) -> bool {
        self.file == file_id(self.path())
    }

    /// Reads by keys and indexes.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        Self::ask(&self.readers, work).await
    }

    /// Long reads: beside [`read`](Self::read), never ahead of it.
    pub async fn scan<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        Self::ask(&self.scanners, work).await
    }

    async fn ask<T, F>(queue: &Mutex<Option<Sender<Job>>>, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            // Nobody waits for it any more.
            if answer.is_closed() {
                return Box::new(|_| {}) as Settle;
            }
            let result = in_snapshot(db, || work(&Reader { db }));
            Box::new(move |_| drop(answer.send(result))) as Settle
        });
        {
            let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.as_ref().ok_or(Error::Busy)?.send(job).map_err(|_| Error::Busy)?;
        }
        answered.await.map_err(|_| Error::Busy)?
    }

    /// Writes. Returns after the commit; nothing is kept when `work` fails.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.submit(work)?.await.map_err(|_| Error::Busy)?
    }

    /// The same for a thread of its own.
    fn write_and_wait<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.submit(work)?.blocking_recv().map_err(|_| Error::Busy)?
    }

    fn submit<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, Error>>, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let key = self.key.clone();
        let job: Job = Box::new(move |db| {
            let result = in_savepoint(db, || work(&Writer { reader: Reader { db }, key: key.as_deref() }));
            Box::new(move |committed: bool| {
                drop(answer.send(if committed { result } else { Err(Error::Busy) }));
            }) as Settle
        });
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().ok_or(Error::Busy)?.send(job).map_err(|_| Error::Busy)?;
        Ok(answered)
    }

    /// Finishes what is queued, moves the WAL into the database file and closes. Blocks.
    pub fn close(&self) {
        for queue in [&self.readers, &self.scanners, &self.writer] {
            *queue.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // Readers first: the writer, joined last, can empty the WAL only when nobody is reading.
        for thread in threads.into_iter().rev() {
            drop(thread.join());
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// One connection with one transaction, for commands that run beside the server.
pub struct Exclusive {
    location: Location,
    db: Db,
    key: Option<Arc<ServerKey>>,
}

impl Exclusive {
    /// Opens or creates the database and updates its schema; see [`Store::open`].
    pub fn open(at: impl Into<Location>) -> Result<Self, Error> {
        let location = at.into();
        let db = Db::open_for_writing(&location)?;
        db.be_patient(PATIENCE)?;
        Ok(Self { location, db, key: None })
    }

    /// Seals audit entries recorded from here on with that key.
    pub fn sealed_with(self, key: Arc<ServerKey>) -> Self {
        Self { key: Some(key), ..self }
    }

    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `work` in a transaction that is committed only when it succeeds.
    pub fn write<T>(&mut self, work: impl FnOnce(&Writer<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.db
            .transaction(true, || work(&Writer { reader: Reader { db: &self.db }, key: self.key.as_deref() }))
    }

    /// Runs `work` on one snapshot of the database, without blocking writers.
    pub fn read<T>(&mut self, work: impl FnOnce(&Reader<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.db.transaction(false, || work(&Reader { db: &self.db }))
    }
}

fn to_json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::Defect("a stored value can't be written as JSON"))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{db::params, *};

    #[test]
    fn a_database_of_the_first_version_keeps_its_registrations_and_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let first = Connection::open(&path).unwrap();
        first.execute_batch(include_str!("migrations/001_registration.sql")).unwrap();
        let completed = r#"{"company_id":"K-1","values":{},"mailed_to":[],"at_unix_ms":5}"#;
        first
            .execute_batch(&format!(
                "INSERT INTO roster VALUES ('a', '1', '社', '', '', '', '', '', '', '', '', '', '{{}}', '', '', 0);
                 INSERT INTO company VALUES ('a', '1', 'K-1', '{{\"branch\":\"本店\"}}', 1);
                 INSERT INTO card VALUES (3, 'a', '1', x'30', '7', x'31', '担当', '{{}}', 1);
                 INSERT INTO registration VALUES (9, 'a', 3, 's-1', '{completed}', 5);
                 INSERT INTO event VALUES (1, 'a', '1', 3, 'card_registered', 5);
                 INSERT INTO session (id, agency, category, expires_at, purpose, certificate, number, occasion, \
                 registration) VALUES (zeroblob(32), 'a', 'goods', 100, 'register', x'31', '1', 'register', 9);
                 PRAGMA user_version = 1;"
            ))
            .unwrap();
        drop(first);

        for _ in 0..2 {
            let mut database = Exclusive::open(&path).unwrap();
            database
                .write(|writer| {
                    let identity = CardIdentity { issuer: vec![0x30], serial: "7".into() };
                    let card = writer.card("a", &identity)?.unwrap();
                    assert_eq!((card.id, card.revision, card.person_in_charge.as_str()), (3, 0, "担当"));
                    assert_eq!(writer.company("a", "1")?.unwrap().company_id, "K-1");
                    let completion = writer.completion_of(Holder::Card(3), "s-1")?.unwrap();
                    assert_eq!((completion.id, completion.completed.company_id.as_str()), (9, "K-1"));
                    let session = writer.current_session(&[0; 32], 50)?;
                    assert_eq!((session.completion, session.number.as_deref()), (Some(9), Some("1")));
                    assert!(session.presented.is_some());
                    Ok(())
                })
                .unwrap();
            let sql = "SELECT count(*) FROM pragma_foreign_key_check";
            let broken: i64 = database.db.one(sql, params![], |row| row.get(0)).unwrap();
            assert_eq!(broken, 0);
        }
    }
}

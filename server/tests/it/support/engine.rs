//! The database engine that the tests run on: SQLite, or the PostgreSQL that `TOUROKU_TEST_POSTGRES` names (`host=…
//! user=…`), where each test has a database of its own.

use std::{
    ops::Deref,
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use postgres::{Client, NoTls, SimpleQueryMessage};
use tempfile::TempDir;
use touroku_server::store::{Exclusive, Location, Server};

use super::client::TestServer;

/// For tests about SQLite's files, or that damage them.
pub fn is_sqlite() -> bool {
    SERVER.is_none()
}

/// Where a test's database is. The first call for a folder makes one on PostgreSQL.
pub fn location(folder: &Path) -> Location {
    let beside = folder.join("touroku.db");
    let Some(server) = &*SERVER else { return Location::from(&beside) };
    let name = std::fs::read_to_string(folder.join(NAME)).unwrap_or_else(|_| {
        let name = server.copy_of_template();
        std::fs::write(folder.join(NAME), &name).unwrap();
        name
    });
    server.location(&name, &beside)
}

/// The address of the folder's database.
pub fn url(folder: &Path) -> String {
    let name = std::fs::read_to_string(folder.join(NAME)).unwrap();
    let server = SERVER.as_ref().unwrap();
    format!("postgres:///{name}?{}", server.url.replace(' ', "&"))
}

/// Gives the folder another database, an empty one.
pub fn empty(folder: &Path) -> String {
    let server = SERVER.as_ref().unwrap();
    let name = server.next_name();
    server.batch("postgres", &format!("CREATE DATABASE {name}"));
    std::fs::write(folder.join(NAME), &name).unwrap();
    if let Some(setting) = setting(folder) {
        std::fs::write(folder.join("server.toml"), setting).unwrap();
    }
    url(folder)
}

/// Whether the folder's database is on PostgreSQL; what `server.toml` then says of it.
pub fn setting(folder: &Path) -> Option<String> {
    let name = std::fs::read_to_string(folder.join(NAME)).ok()?;
    let server = SERVER.as_ref()?;
    Some(format!("[store]\nurl = {:?}\n", server.url(&name)))
}

/// A folder whose database goes with it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }
}

impl Deref for Folder {
    type Target = TempDir;

    fn deref(&self) -> &TempDir {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let (Ok(name), Some(server)) = (std::fs::read_to_string(self.path().join(NAME)), &*SERVER) {
            server.batch("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Runs what blocks on PostgreSQL beside the test's own runtime.
pub fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Works on the folder's database as a command beside the server does.
pub fn exclusively<T: Send>(folder: &Path, work: impl FnOnce(&mut Exclusive) -> T + Send) -> T {
    apart(|| work(&mut Exclusive::open(location(folder)).unwrap()))
}

/// The database by hand, for what no API does: looking into it, or leaving it as a crash does.
impl TestServer {
    pub fn by_hand(&self, statements: &str) {
        match &*SERVER {
            None => self.sqlite().execute_batch(statements).unwrap(),
            Some(server) => server.batch(&self.database_name(), statements),
        }
    }

    /// PostgreSQL ends this database's connections, and lets nobody in until `is_open`.
    pub fn let_in(&self, is_open: bool) {
        let (server, name) = (SERVER.as_ref().unwrap(), self.database_name());
        server.batch(
            "postgres",
            &format!(
                "ALTER DATABASE {name} ALLOW_CONNECTIONS {is_open}; \
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        );
    }

    /// Lets such changes fail, as on a full disk.
    pub fn refuse(&self, what: &str, when: &str) {
        self.by_hand(&if is_sqlite() {
            format!("CREATE TRIGGER full {what} WHEN {when} BEGIN SELECT raise(ABORT, 'full'); END")
        } else {
            format!(
                "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql \
                 AS $$ BEGIN RAISE EXCEPTION 'full'; END $$; \
                 CREATE TRIGGER is_full {what} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION is_full()"
            )
        });
    }

    pub fn refuse_no_more(&self, table: &str) {
        let drop = if is_sqlite() {
            "DROP TRIGGER full".to_owned()
        } else {
            format!("DROP TRIGGER is_full ON {table}")
        };
        self.by_hand(&drop);
    }

    /// All rows of a query, each value as text.
    pub fn rows(&self, query: &str) -> Vec<Vec<String>> {
        if let Some(server) = &*SERVER {
            return server.rows(&self.database_name(), query);
        }
        let database = self.sqlite();
        let mut statement = database.prepare(query).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|column| {
                    Ok(match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Null => String::new(),
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        text => text.as_str()?.to_owned(),
                    })
                })
                .collect()
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// The only value of a query.
    pub fn value(&self, query: &str) -> String {
        self.rows(query).remove(0).remove(0)
    }

    fn sqlite(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.folder.path().join("touroku.db")).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        connection
    }

    fn database_name(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(NAME)).unwrap()
    }
}

/// Bytes as the engine's SQL has them.
pub fn blob(bytes: &[u8]) -> String {
    let hex = hex::encode(bytes);
    if is_sqlite() { format!("x'{hex}'") } else { format!("decode('{hex}', 'hex')") }
}

/// The file in a test's folder that says what its database is called.
pub const NAME: &str = "database-name";

static SERVER: LazyLock<Option<Postgres>> = LazyLock::new(|| {
    let server =
        Postgres { url: std::env::var("TOUROKU_TEST_POSTGRES").ok()?, databases: AtomicUsize::new(0) };
    server.batch("postgres", &format!("CREATE DATABASE {}", server.template()));
    let location = server.location(&server.template(), Path::new("template.db"));
    apart(|| drop(Exclusive::open(&location).unwrap()));
    Some(server)
});

struct Postgres {
    url: String,
    databases: AtomicUsize,
}

impl Postgres {
    fn url(&self, name: &str) -> String {
        format!("{} dbname={name}", self.url)
    }

    fn location(&self, name: &str, beside: &Path) -> Location {
        let server = Server::new(&self.url(name), None, None).unwrap();
        Location::Server { server, beside: beside.to_owned() }
    }

    fn template(&self) -> String {
        format!("template_{}", std::process::id())
    }

    fn next_name(&self) -> String {
        format!("test_{}_{}", std::process::id(), self.databases.fetch_add(1, Ordering::SeqCst))
    }

    fn copy_of_template(&self) -> String {
        let name = self.next_name();
        let copy = format!("CREATE DATABASE {name} TEMPLATE {}", self.template());
        self.batch("postgres", &copy);
        name
    }

    fn batch(&self, name: &str, sql: &str) {
        self.with(name, |client| client.batch_execute(sql).unwrap());
    }

    fn rows(&self, name: &str, query: &str) -> Vec<Vec<String>> {
        let answers = self.with(name, |client| client.simple_query(query).unwrap());
        let text = |row: &postgres::SimpleQueryRow| {
            (0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect()
        };
        let row = |answer: &SimpleQueryMessage| match answer {
            SimpleQueryMessage::Row(row) => Some(text(row)),
            _ => None,
        };
        answers.iter().filter_map(row).collect()
    }

    fn with<T: Send>(&self, name: &str, work: impl FnOnce(&mut Client) -> T + Send) -> T {
        apart(|| work(&mut Client::connect(&self.url(name), NoTls).unwrap()))
    }
}

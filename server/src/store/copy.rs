//! The whole database, from one engine to the other: to move it, to back it up, to restore it.

use std::{collections::BTreeSet, path::Path};

use sha2::{Digest as _, Sha256};

use super::{
    Location, PATIENCE,
    db::{Db, Params, Row},
    server::find,
    sqlite,
    value::Value,
};
use crate::{
    error::Error,
    file::{self, Unfinished, beside},
};

/// What the target makes by itself: its schema, and the index of names, which a server makes from `name_due`. And uploads,
/// which on SQLite are files: they are chosen again.
const OWN: [&str; 6] = ["schema_version", "writer", "name_index", "name_key", "name_due", "import_piece"];

/// A table that both databases have alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub table: String,
    pub rows: u64,
    /// Of all rows, in whatever order.
    pub hash: String,
}

/// Copies everything or, if anything is not the same afterwards, nothing. Nobody writes to `from` meanwhile; both get
/// this version's schema.
///
/// # Errors
/// [`Error::Setting`] when there is nothing to copy, or `to` holds something.
pub fn copy(from: &Location, to: &Location, told: &mut dyn FnMut(&Copied)) -> Result<(), Error> {
    if find(from)?.is_none() {
        return Err(setting("--from", "データベースがありません。写すものを確かめてください"));
    }
    let source = Db::open_for_writing(from)?;
    source.be_patient(PATIENCE)?;
    source.begin(true)?;
    let Location::File(path) = to else { return fill(&source, to, told) };
    if path.exists() {
        return Err(setting("--to", "ファイルがすでにあります。別の名前にしてください"));
    }
    let fresh = Unfinished::new(beside(path, ".partial"));
    fill(&source, &Location::from(fresh.path()), told)?;
    file::flush(fresh.path()).map_err(Error::file(fresh.path()))?;
    fresh.finish(path).map_err(Error::file(path))
}

/// Copies the database, in use or not, as of one moment, into a file of SQLite's, and verifies that. `progress` is called with
/// how much is done, and of how much. Returns the schema's version.
///
/// # Errors
/// [`Error::Content`] when `copy` already exists: a backup never replaces another one. [`Error::Setting`] for a PostgreSQL
/// with another version's schema.
pub fn back_up(
    from: impl Into<Location>,
    copy: &Path,
    progress: &mut dyn FnMut(i32, i32),
) -> Result<usize, Error> {
    let from = from.into();
    if let Location::File(path) = &from {
        return sqlite::back_up(path, copy, progress);
    }
    let (source, schema) = Db::look(&from)?;
    if schema != sqlite::latest() {
        let message = format!(
            "PostgreSQLの表の形が{schema}版で、このプログラムの{}版ではありません。サーバーと同じ版のtouroku-serverを使ってください",
            sqlite::latest()
        );
        return Err(Error::Setting { name: "store.url", message });
    }
    // Nobody who writes waits for a snapshot.
    source.begin(false)?;
    let fresh = Unfinished::new(beside(copy, ".fresh"));
    fill(&source, &Location::from(fresh.path()), &mut |_| ())?;
    sqlite::back_up(fresh.path(), copy, progress)
}

/// Puts a [prepared](super::prepare) copy in the place of the database. Answers where the previous one is now, if there was
/// one.
///
/// # Errors
/// [`Error::Busy`] when a server uses the database.
pub fn put_in_place(fresh: Unfinished, to: &Location) -> Result<Option<String>, Error> {
    let Location::Server { server, beside } = to else {
        let former = sqlite::put_in_place(fresh, to.beside())?;
        return Ok(former.map(|former| former.display().to_string()));
    };
    let source = Db::open_for_reading(&Location::from(fresh.path()))?;
    source.begin(false)?;
    if server.is_empty()? {
        fill(&source, to, &mut |_| ())?;
        return Ok(None);
    }
    // Whatever its state: it may be what a backup is restored for.
    let target = Location::Server { server: server.begin_fresh()?, beside: beside.clone() };
    fill(&source, &target, &mut |_| ())?;
    server.put_fresh_in_place().map(|schema| Some(format!("同じPostgreSQLのスキーマ{schema}")))
}

/// `source` is in a transaction.
fn fill(source: &Db, to: &Location, told: &mut dyn FnMut(&Copied)) -> Result<(), Error> {
    let target = Db::open_for_writing(to)?;
    source.may_be_idle()?;
    target.transaction(true, || {
        target.may_be_idle()?;
        let tables = tables(&target)?;
        if tables != self::tables(source)? {
            return Err(Error::Defect("two engines have different tables"));
        }
        for table in &tables {
            if target.exists(&format!("SELECT 1 FROM {table} LIMIT 1"), Params::NONE)? {
                return Err(setting(
                    "--to",
                    "空のデータベースではありません。新しく作ったものを指定してください",
                ));
            }
        }
        let loose = target.loosen(&tables)?;
        for table in &tables {
            told(&copy_table(source, &target, table)?);
        }
        target.execute(
            "INSERT INTO name_due (agency, since, number) SELECT agency, since, number FROM roster_row",
            Params::NONE,
        )?;
        target.fasten(&loose)
    })?;
    source.roll_back()?;
    target.finish()?;
    target.close()
}

fn tables(db: &Db) -> Result<BTreeSet<String>, Error> {
    let mut tables: BTreeSet<String> = db.tables()?.into_iter().collect();
    // Of FTS5, behind `name_index`.
    tables.retain(|table| !OWN.contains(&table.as_str()) && !table.starts_with("name_index_"));
    Ok(tables)
}

fn copy_table(source: &Db, target: &Db, table: &str) -> Result<Copied, Error> {
    let columns = target.columns(table)?;
    let all = format!("SELECT {} FROM {table}", columns.join(", "));
    let count = columns.len();
    let mut sent = Sum::default();
    target.load(table, &columns, &mut |put| {
        source.scan(&all, &mut |row| {
            let values = values(row, count)?;
            sent.add(&values);
            put(&values)
        })
    })?;
    let mut arrived = Sum::default();
    target.scan(&all, &mut |row| {
        arrived.add(&values(row, count)?);
        Ok(())
    })?;
    if sent != arrived {
        return Err(Error::Database(format!("表{table}が、写した先で同じになりません。何も写していません")));
    }
    Ok(Copied { table: table.to_owned(), rows: arrived.rows, hash: arrived.hex() })
}

fn values<'r>(row: &'r Row<'_>, count: usize) -> Result<Vec<Value<'r>>, Error> {
    (0..count).map(|column| row.value(&column)).collect()
}

/// Rows, whatever their order: the engines sort differently.
#[derive(Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    hashes: [u64; 4],
}

impl Sum {
    fn add(&mut self, values: &[Value<'_>]) {
        let mut hash = Sha256::new();
        for value in values {
            let (kind, bytes) = match value {
                Value::Null => (0_u8, &[][..]),
                Value::Integer(number) => (1, &number.to_le_bytes()[..]),
                Value::Text(text) => (2, text.as_bytes()),
                Value::Blob(bytes) => (3, bytes.as_ref()),
            };
            hash.update([kind]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        self.rows += 1;
        for (sum, part) in self.hashes.iter_mut().zip(hash.finalize().as_chunks().0) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*part));
        }
    }

    fn hex(&self) -> String {
        self.hashes.iter().map(|part| format!("{part:016x}")).collect()
    }
}

fn setting(name: &'static str, message: &str) -> Error {
    Error::Setting { name, message: message.to_owned() }
}

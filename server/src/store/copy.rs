//! The whole database, from one engine to the other.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::{
    Location, PATIENCE,
    db::{Db, Params, Row},
    server::find,
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
    let Location::File(path) = to else { return fill(from, to, told) };
    if path.exists() {
        return Err(setting("--to", "ファイルがすでにあります。別の名前にしてください"));
    }
    let fresh = Unfinished::new(beside(path, ".partial"));
    fill(from, &Location::from(fresh.path()), told)?;
    file::flush(fresh.path()).map_err(Error::file(fresh.path()))?;
    fresh.finish(path).map_err(Error::file(path))
}

fn fill(from: &Location, to: &Location, told: &mut dyn FnMut(&Copied)) -> Result<(), Error> {
    let (source, target) = (Db::open_for_writing(from)?, Db::open_for_writing(to)?);
    source.be_patient(PATIENCE)?;
    source.begin(true)?;
    source.may_be_idle()?;
    target.transaction(true, || {
        target.may_be_idle()?;
        let tables = tables(&target)?;
        if tables != self::tables(&source)? {
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
            told(&copy_table(&source, &target, table)?);
        }
        target.execute(
            "INSERT INTO name_due (agency, number) SELECT agency, number FROM roster",
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

//! All of a database, for its copy from or to another engine.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::{self, Write as _},
};

use postgres::Client;

use super::{Connection, Row};
use crate::{
    error::Error,
    store::{db::Give, value::Value},
};

/// Rows that are in memory at a time.
const FETCH: usize = 5_000;

/// Bytes that are sent at once.
const CHUNK: usize = 1 << 16;

impl Connection {
    pub(in crate::store) fn tables(&self) -> Result<Vec<String>, Error> {
        self.names("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    }

    /// Those that a statement can write.
    pub(in crate::store) fn columns(&self, table: &str) -> Result<Vec<String>, Error> {
        self.names(&format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() \
             AND table_name = '{table}' AND is_generated = 'NEVER' ORDER BY ordinal_position"
        ))
    }

    /// Lets rows come in any order and changes nothing along with them. Returns what
    /// [`Db::fasten`](crate::store::db::Db::fasten) then runs.
    pub(in crate::store) fn loosen(&self, tables: &BTreeSet<String>) -> Result<Vec<String>, Error> {
        let keys = "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
        let (drop, again) = (
            "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I'",
            "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s'",
        );
        let dropped = self.names(&format!("{drop}, conrelid::regclass, conname) {keys}"))?;
        let mut fasten =
            self.names(&format!("{again}, conrelid::regclass, conname, pg_get_constraintdef(oid)) {keys}"))?;
        // What takes its next number from a sequence goes on behind those that came.
        fasten.extend(self.names(
            "SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %I', table_name, column_name, \
             column_name, table_name) FROM information_schema.columns \
             WHERE table_schema = current_schema() AND is_identity = 'YES'",
        )?);
        for table in tables {
            self.batch(&format!("ALTER TABLE {table} DISABLE TRIGGER USER"))?;
            fasten.push(format!("ALTER TABLE {table} ENABLE TRIGGER USER"));
        }
        fasten.push("ANALYZE".to_owned());
        dropped.iter().try_for_each(|drop| self.batch(drop))?;
        Ok(fasten)
    }

    /// Lets this transaction wait for another database.
    pub(in crate::store) fn may_be_idle(&self) -> Result<(), Error> {
        self.batch("SET LOCAL idle_in_transaction_session_timeout = 0")
    }

    /// Calls `take` with each row of a large result.
    pub(in crate::store) fn scan(
        &self,
        sql: &str,
        take: &mut dyn FnMut(Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.batch(&format!("DECLARE scan NO SCROLL CURSOR FOR {sql}"))?;
        loop {
            let rows = self.client.borrow_mut().query(&format!("FETCH {FETCH} FROM scan"), &[])?;
            rows.iter().try_for_each(|row| take(Row(row)))?;
            if rows.len() < FETCH {
                return self.batch("CLOSE scan");
            }
        }
    }

    /// Takes the rows that `give` has.
    pub(in crate::store) fn load(
        &self,
        table: &str,
        columns: &[String],
        give: Give<'_>,
    ) -> Result<(), Error> {
        let client: &mut Client = &mut self.client.borrow_mut();
        let mut writer = client.copy_in(&format!("COPY {table} ({}) FROM STDIN", columns.join(", ")))?;
        let mut lines = String::new();
        let lost = |error: io::Error| error.downcast::<postgres::Error>().map_or(Error::Busy, Error::from);
        give(&mut |values| {
            to_line(values, &mut lines);
            if lines.len() >= CHUNK {
                writer.write_all(lines.as_bytes()).map_err(lost)?;
                lines.clear();
            }
            Ok(())
        })?;
        writer.write_all(lines.as_bytes()).map_err(lost)?;
        writer.finish()?;
        Ok(())
    }

    fn names(&self, sql: &str) -> Result<Vec<String>, Error> {
        let rows = self.client.borrow_mut().query(sql, &[])?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

/// As `COPY` reads it.
fn to_line(values: &[Value<'_>], lines: &mut String) {
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            lines.push('\t');
        }
        match value {
            Value::Null => lines.push_str("\\N"),
            // Writing into a `String` cannot fail.
            Value::Integer(number) => drop(write!(lines, "{number}")),
            Value::Text(text) => {
                for c in text.chars() {
                    match c {
                        '\\' => lines.push_str("\\\\"),
                        '\t' => lines.push_str("\\t"),
                        '\n' => lines.push_str("\\n"),
                        '\r' => lines.push_str("\\r"),
                        other => lines.push(other),
                    }
                }
            }
            Value::Blob(bytes) => {
                lines.push_str("\\\\x");
                lines.push_str(&hex::encode(bytes));
            }
        }
    }
    lines.push('\n');
}

//! A restored database in the place of another one: filled in a schema of its own, which then changes names with it.

use postgres::{Client, error::SqlState};

use super::{
    schema,
    server::{Server, setting},
};
use crate::error::Error;

/// Where it is filled. What an interrupted restore left there is removed.
const FRESH: &str = "touroku_restoring";

impl Server {
    /// Whether there is no table, so that nothing has to be kept.
    ///
    /// # Errors
    /// [`Error::Setting`] when they are somebody else's, some of which may have names of ours.
    pub(in crate::store) fn is_empty(&self) -> Result<bool, Error> {
        let tables = self.connect_or_explain()?.query_one(
            "SELECT count(*), count(*) FILTER (WHERE tablename IN ('schema_version', 'company', 'card', 'outbox', 'roster_row', 'audit')) \
             FROM pg_tables WHERE schemaname = current_schema()",
            &[],
        )?;
        let (all, own): (i64, i64) = (tables.try_get(0)?, tables.try_get(1)?);
        if all > 0 && own < 3 { Err(schema::foreign()) } else { Ok(all == 0) }
    }

    /// Makes an empty schema beside the one in force. Answers the way into it.
    ///
    /// # Errors
    /// [`Error::Busy`] while a server uses the database; [`Error::Setting`] when this user may not do so.
    pub(in crate::store) fn begin_fresh(&self) -> Result<Self, Error> {
        let mut client = self.connect_or_explain()?;
        refuse_used(&mut client)?;
        let denied = "この利用者は、データベースの持ち主ではないので、戻せません。ALTER DATABASE 名前 OWNER TO 利用者、\
             ALTER SCHEMA public OWNER TO 利用者で持ち主にしてください。何も変えていません";
        let may = "SELECT NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = current_schema() \
             AND NOT pg_has_role(nspowner, 'USAGE'))";
        if !client.query_one(may, &[])?.try_get::<_, bool>(0)? {
            return Err(setting(denied));
        }
        let made =
            client.batch_execute(&format!("DROP SCHEMA IF EXISTS {FRESH} CASCADE; CREATE SCHEMA {FRESH}"));
        match made {
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Err(setting(denied)),
            made => Ok(made.map(|()| self.within(FRESH))?),
        }
    }

    /// Puts what was filled in the place of the schema in force. Answers the name of that one from now on.
    pub(in crate::store) fn put_fresh_in_place(&self) -> Result<String, Error> {
        let mut client = self.connect_or_explain()?;
        refuse_used(&mut client)?;
        let mut transaction = client.transaction()?;
        let row = transaction.query_one(
            "SELECT CAST(current_schema() AS TEXT), 'before_restore_' || min(number) FROM generate_series(1, 10000) AS number \
             WHERE to_regnamespace('before_restore_' || number) IS NULL",
            &[],
        )?;
        let (schema, former): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        for (from, to) in [(&*schema, &*former), (FRESH, &schema)] {
            let rename = "SELECT format('ALTER SCHEMA %I RENAME TO %I', CAST($1 AS TEXT), CAST($2 AS TEXT))";
            let rename: String = transaction.query_one(rename, &[&from, &to])?.try_get(0)?;
            transaction.batch_execute(&rename)?;
        }
        transaction.commit()?;
        Ok(former)
    }
}

/// Servers' connections have that name, whichever user they are of.
fn refuse_used(client: &mut Client) -> Result<(), Error> {
    let others = client.query_one(
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND application_name = 'touroku')",
        &[],
    )?;
    if others.try_get(0)? { Err(Error::Busy) } else { Ok(()) }
}

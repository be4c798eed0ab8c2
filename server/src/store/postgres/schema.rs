//! The schema, step by step. The first step is what SQLite's first [`BASELINE`] come to; each later one has a file of
//! the same number here.

use postgres::Client;

use crate::error::Error;

/// How many of SQLite's steps the first one stands for.
const BASELINE: usize = 33;

const STEPS: &[&str] = &[
    include_str!("033_baseline.sql"),
    include_str!("034_suspension_period.sql"),
    include_str!("035_kept_rows.sql"),
    include_str!("036_feed.sql"),
    include_str!("037_void_letters.sql"),
    include_str!("038_find_contacts.sql"),
];

/// The version of the last step, counted as SQLite's are.
#[cfg(test)]
pub(super) fn latest() -> usize {
    BASELINE + STEPS.len() - 1
}

/// The tables of a stage, for one connection.
pub(super) fn stage() -> String {
    include_str!("../stage.sql")
        .replace("CREATE TABLE", "CREATE TEMPORARY TABLE")
        .replace("information_password INTEGER", "information_password BOOLEAN")
        .replace("INTEGER", "BIGINT")
        .replace("TEXT", "TEXT COLLATE \"C\"")
        .replace(" STRICT, WITHOUT ROWID", "")
}

/// Updates the schema. Of several servers that start at once one does.
pub(super) fn upgrade(client: &mut Client) -> Result<(), Error> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);
         LOCK TABLE schema_version IN EXCLUSIVE MODE",
    )?;
    let found = transaction.query_opt("SELECT max(version) FROM schema_version", &[])?;
    let version: Option<i64> = found.and_then(|row| row.get(0));
    let known = version.map_or(0, |version| usize::try_from(version).unwrap_or(usize::MAX));
    if known >= BASELINE + STEPS.len() {
        let message =
            "新しい版のtouroku-serverで使われています。プログラムを新しい版にしてください".to_owned();
        return Err(Error::Setting { name: "[store] url", message });
    }
    for (step, sql) in STEPS.iter().enumerate().filter(|(step, _)| BASELINE + step > known) {
        transaction.batch_execute(sql)?;
        let version = i64::try_from(BASELINE + step).unwrap_or(i64::MAX);
        transaction.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&version])?;
    }
    Ok(transaction.commit()?)
}

//! The schema, step by step. The first step is what SQLite's first [`BASELINE`] come to; each later one has a file of
//! the same number here.

use std::collections::BTreeSet;

use postgres::{Client, GenericClient};

use super::server::setting;
use crate::error::Error;

/// How many of SQLite's steps the first one stands for.
pub(super) const BASELINE: usize = 33;

pub(super) const STEPS: &[&str] = &[
    include_str!("033_baseline.sql"),
    include_str!("034_suspension_period.sql"),
    include_str!("035_kept_rows.sql"),
    include_str!("036_feed.sql"),
    include_str!("037_void_letters.sql"),
    include_str!("038_find_contacts.sql"),
    include_str!("039_find_audit.sql"),
    include_str!("040_officer_made.sql"),
    include_str!("041_import_piece.sql"),
    include_str!("042_permit.sql"),
    include_str!("043_profile_version.sql"),
    include_str!("044_stop_and_move.sql"),
    include_str!("045_indexes.sql"),
    include_str!("047_profile_changes.sql"),
    include_str!("048_information_password.sql"),
    include_str!("049_roster_edition.sql"),
    include_str!("050_letter_kinds.sql"),
    include_str!("051_telling.sql"),
];

/// The version of the last step, counted as SQLite's are.
pub(super) fn latest() -> usize {
    BASELINE + STEPS.len() - 1
}

/// Updates the schema. Of several servers that start at once one does.
pub(super) fn upgrade(client: &mut Client) -> Result<(), Error> {
    if version(client)? == Some(latest()) {
        return Ok(());
    }
    let mut transaction = client.transaction()?;
    // They have no table yet in which a row could be locked.
    transaction.batch_execute("SELECT pg_advisory_xact_lock(hashtext('touroku'))")?;
    let known = version(&mut transaction)?;
    if known.is_none() {
        transaction.batch_execute("CREATE TABLE schema_version (version BIGINT NOT NULL)")?;
    }
    let known = known.unwrap_or(0);
    for (step, sql) in STEPS.iter().enumerate().filter(|(step, _)| BASELINE + step > known) {
        tracing::info!(version = BASELINE + step, "the database's schema is updated");
        transaction.batch_execute(sql)?;
        let version = i64::try_from(BASELINE + step).unwrap_or(i64::MAX);
        transaction.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&version])?;
    }
    Ok(transaction.commit()?)
}

/// The tables of that version.
fn tables(version: usize) -> BTreeSet<&'static str> {
    let mut tables = BTreeSet::new();
    for step in STEPS.iter().take((version + 1).saturating_sub(BASELINE)) {
        for line in step.lines() {
            match line.split([' ', '(', ';']).collect::<Vec<_>>()[..] {
                ["CREATE", "TABLE", table, ..] => drop(tables.insert(table)),
                ["DROP", "TABLE", table, ..] => drop(tables.remove(table)),
                ["ALTER", "TABLE", former, "RENAME", "TO", table, ..] => {
                    tables.remove(former);
                    tables.insert(table);
                }
                _ => {}
            }
        }
    }
    tables
}

/// `None`: an empty database, which can become one of ours.
///
/// # Errors
/// [`Error::Setting`] when it is somebody else's, of a newer version, or lacks tables.
pub(super) fn version(client: &mut impl GenericClient) -> Result<Option<usize>, Error> {
    let found = names(client)?;
    if !found.contains("schema_version") {
        return if found.is_empty() { Ok(None) } else { Err(foreign()) };
    }
    let last = client.query_one("SELECT max(version) FROM schema_version", &[])?;
    let version: Option<i64> = last.try_get(0)?;
    let version = usize::try_from(version.unwrap_or(0)).unwrap_or(usize::MAX);
    if version > latest() {
        return Err(setting(
            "新しい版のtouroku-serverで使われています。プログラムを新しい版にするか、古い版のときの控えをrestoreで戻してください",
        ));
    }
    // Read after the version: another server may be updating the schema.
    let found = names(client)?;
    let missing: Vec<&str> = tables(version).into_iter().filter(|table| !found.contains(*table)).collect();
    if !missing.is_empty() {
        let missing = missing.join("、");
        return Err(setting(&format!(
            "あるはずの表がありません（{missing}）。手で消されたか、途中まで戻されています。控えをtouroku-server restoreで戻してください"
        )));
    }
    Ok(Some(version))
}

fn names(client: &mut impl GenericClient) -> Result<BTreeSet<String>, Error> {
    let query = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()";
    client.query(query, &[])?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) fn foreign() -> Error {
    setting("データベースに、登録（Touroku）のものでない表があります。空のデータベースを指定してください")
}

#[cfg(test)]
mod tests {
    use super::{latest, tables};

    /// They hold nothing about people.
    const OTHERS: [&str; 24] = [
        "company_sequence",
        "postal",
        "card_expiry",
        "expiry_notice",
        "audit_head",
        "audit_mail",
        "audit_proof",
        "roster_version",
        "import_columns",
        "name_key",
        "name_due",
        "roster_tally",
        "roster_wanted",
        "tally",
        "day_tally",
        "expiry_tally",
        "lease",
        "progress",
        "server",
        "probe",
        "oidc_key",
        "oidc_assertion",
        "webhook",
        "writer",
    ];

    #[test]
    fn every_table_with_something_about_people_is_in_the_operators_guide() {
        let guide = include_str!("../../../../docs/operators.md");
        for name in tables(latest()) {
            assert!(OTHERS.contains(&name) || guide.contains(&format!("`{name}`")), "{name}");
        }
    }
}

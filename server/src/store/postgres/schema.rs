//! The schema, step by step. The first step is what SQLite's first [`BASELINE`] come to; each later one has a file of
//! the same number here.

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

/// `None`: an empty database, which can become one of ours.
///
/// # Errors
/// [`Error::Setting`] when it is somebody else's, or of a newer version.
pub(super) fn version(client: &mut impl GenericClient) -> Result<Option<usize>, Error> {
    let tables = client.query_one(
        "SELECT count(*), count(*) FILTER (WHERE tablename = 'schema_version') FROM pg_tables \
         WHERE schemaname = current_schema()",
        &[],
    )?;
    let (all, own): (i64, i64) = (tables.try_get(0)?, tables.try_get(1)?);
    if own == 0 {
        let message =
            "データベースに、登録（Touroku）のものでない表があります。空のデータベースを指定してください";
        return if all == 0 { Ok(None) } else { Err(setting(message)) };
    }
    let found = client.query_one("SELECT max(version) FROM schema_version", &[])?;
    let version: Option<i64> = found.try_get(0)?;
    let version = usize::try_from(version.unwrap_or(0)).unwrap_or(usize::MAX);
    if version > latest() {
        return Err(setting("新しい版のtouroku-serverで使われています。プログラムを新しい版にしてください"));
    }
    Ok(Some(version))
}

#[cfg(test)]
mod tests {
    use super::STEPS;

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
        for step in STEPS {
            for name in step.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split([' ', '(']).next()) {
                if STEPS.iter().any(|step| step.contains(&format!("DROP TABLE {name};"))) {
                    continue;
                }
                assert!(OTHERS.contains(&name) || guide.contains(&format!("`{name}`")), "{name}");
            }
        }
    }
}

//! What migrations can't say in SQL.

use rusqlite::{Transaction, params};
use rusqlite_migration::HookResult;
use touroku_proto::certificate::Facts;

use crate::listing::SortKey;

/// Serial numbers used to be stored without their sign: −5 looked like 251.
pub(super) fn sign_serials(transaction: &Transaction<'_>) -> HookResult {
    for table in ["card", "card_application"] {
        let mut rows = transaction.prepare(&format!("SELECT id, serial, certificate FROM {table}"))?;
        let mut update = transaction.prepare(&format!("UPDATE {table} SET serial = ? WHERE id = ?"))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (id, serial, der): (i64, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if let Ok(facts) = Facts::parse(&der)
                && facts.serial.starts_with('-')
                && facts.serial != serial
            {
                update.execute(params![facts.serial, id])?;
            }
        }
    }
    Ok(())
}

/// Fills in the listing columns of rosters imported before they existed.
pub(super) fn fill_in(transaction: &Transaction<'_>) -> HookResult {
    let mut rows = transaction.prepare("SELECT agency, number, name, kana FROM roster")?;
    let mut update = transaction.prepare(
        "UPDATE roster SET listing_row = ?, listing_kana = ?, listing_name = ? WHERE agency = ? AND number = ?",
    )?;
    let found: Vec<(String, String, String, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    for (agency, number, name, kana) in found {
        let key = SortKey::of(&name, &kana);
        update.execute(params![key.row, key.kana, key.name, agency, number])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::migrations;

    #[test]
    fn a_roster_from_before_the_listing_is_filled_in() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("../migrations/001_registration.sql")).unwrap();
        connection
            .execute_batch(
                "INSERT INTO roster VALUES ('a', '1', '（株）テスト', 'ﾃｽﾄ', '', '', '', '', '', '', '', '', \
                 '{}', '', '', 0);
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        migrations::all().to_latest(&mut connection).unwrap();
        let row: (u8, String) = connection
            .query_row("SELECT listing_row, listing_name FROM roster", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(row, (3, touroku_proto::text::fold_name("株式会社テスト")));
    }
}

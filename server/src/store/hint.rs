//! Hints by which rosters' rows are found: `roster_place`, in the order of 業者番号一覧, and `roster_contact`, by phone numbers and
//! representatives.
//!
//! A hint says that some edition may have such a row; whoever follows it looks at that row. So an edition that is being written adds
//! its hints in their own order, which costs a tenth of an index that follows the rows' order: there each row is written to a page
//! of its own. Most changes of a row need no new hint, and putting an edition in force or undoing one changes none. What leads
//! nowhere is swept.

use serde_json::json;

use super::{
    Stage, Writer,
    db::{Params, Row, params},
    value::{Parameter, Value},
};
use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Place,
    Contact,
}

/// A hint's columns but the agency. Hints are read in this order.
pub(super) type Key = Vec<Value<'static>>;

/// What is in `contact`, of a row with these columns.
macro_rules! contacts {
    ($delegate:literal) => {
        [
            "replace(phone, '-', '')",
            concat!("replace(", $delegate, ", '-', '')"),
            "replace(replace(representative_name, ' ', ''), '　', '')",
        ]
    };
}

pub(super) const CONTACTS: [&str; 3] = contacts!("delegate_phone");

impl Hint {
    pub(super) const ALL: [Self; 2] = [Self::Place, Self::Contact];

    fn table(self) -> &'static str {
        match self {
            Self::Place => "roster_place",
            Self::Contact => "roster_contact",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Place => &["listing_row", "listing_kana", "number", "listing_name"],
            Self::Contact => &["contact", "number"],
        }
    }

    fn joined(self) -> String {
        self.columns().join(", ")
    }

    /// Before all of them.
    pub(super) fn first(self) -> Key {
        let text = || Value::Text("".into());
        match self {
            Self::Place => vec![Value::Integer(-1), text(), text(), text()],
            Self::Contact => vec![text(), text()],
        }
    }

    /// Whether the row `r` is one to which a hint leads.
    fn leads_to(self) -> String {
        let table = self.table();
        match self {
            Self::Place => ["listing_row", "listing_kana", "listing_name"]
                .map(|column| format!("r.{column} = {table}.{column}"))
                .join(" AND "),
            Self::Contact => CONTACTS.map(|contact| format!("{table}.contact = {contact}")).join(" OR "),
        }
    }

    /// Parameters from that one on, in the place of its columns.
    fn places(self, from: usize) -> String {
        let places = (from..).take(self.columns().len()).map(|place| format!("?{place}"));
        places.collect::<Vec<_>>().join(", ")
    }

    fn key(self, row: &Row<'_>) -> Result<Key, Error> {
        (0..self.columns().len()).map(|column| row.value(&column).map(Value::into_owned)).collect()
    }
}

impl Stage {
    /// Makes the hints to the rows that are to be written.
    pub(super) fn make_hints(&self) -> Result<(), Error> {
        let contacts = contacts!("more ->> '委任先電話番号'")
            .map(|contact| format!("SELECT {contact} AS contact, number FROM stage_row WHERE kind <> 0"));
        self.db.batch(&format!(
            "CREATE INDEX stage_place ON stage_row ({}, kind) WHERE kind <> 0; \
             INSERT INTO stage_contact (contact, number) SELECT contact, number FROM ({}) \
             WHERE contact <> '' ORDER BY contact, number",
            Hint::Place.joined(),
            contacts.join(" UNION ")
        ))
    }

    /// The next hints after that one.
    pub(super) fn hints_after(&self, hint: Hint, after: &Key, most: u32) -> Result<Vec<Key>, Error> {
        let (columns, places) = (hint.joined(), hint.places(2));
        let source = match hint {
            Hint::Place => "stage_row WHERE kind <> 0 AND",
            Hint::Contact => "stage_contact WHERE",
        };
        let sql =
            format!("SELECT {columns} FROM {source} ({columns}) > ({places}) ORDER BY {columns} LIMIT ?1");
        self.db.all(&sql, Params::Numbered(&with(&most, &[after])), |row| hint.key(row))
    }
}

impl Writer<'_> {
    /// Adds those that are not there.
    pub(super) fn add_hints(&self, agency: &str, hint: Hint, keys: &[Key]) -> Result<(), Error> {
        let value = |value: &Value<'_>| match value {
            Value::Integer(number) => json!(number),
            Value::Text(text) => json!(text),
            Value::Null | Value::Blob(_) => json!(null),
        };
        let list: Vec<Vec<_>> = keys.iter().map(|key| key.iter().map(value).collect()).collect();
        let list = json!(list).to_string();
        let values = match hint {
            Hint::Place => "CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3",
            Hint::Contact => "value ->> 0, value ->> 1",
        };
        let source = self
            .db
            .either("json_each(?2)", "json_array_elements(CAST(CAST(?2 AS TEXT) AS JSON)) AS list (value)");
        let sql = format!(
            "INSERT INTO {} (agency, {}) SELECT CAST(?1 AS TEXT), {values} FROM {source} WHERE TRUE \
             ON CONFLICT DO NOTHING",
            hint.table(),
            hint.joined()
        );
        self.db.execute(&sql, params![agency, list])?;
        Ok(())
    }

    /// Adds those to the row in force.
    pub(super) fn add_hints_to(&self, agency: &str, number: &str) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO roster_place (agency, listing_row, listing_kana, number, listing_name) \
             SELECT agency, listing_row, listing_kana, number, listing_name FROM roster \
             WHERE agency = ?1 AND number = ?2 ON CONFLICT DO NOTHING",
            params![agency, number],
        )?;
        let sql = format!(
            "INSERT INTO roster_contact (agency, contact, number) SELECT CAST(?1 AS TEXT), contact, \
             CAST(?2 AS TEXT) FROM ({}) AS found WHERE contact <> '' ON CONFLICT DO NOTHING",
            contacts_in_force()
        );
        self.db.execute(&sql, params![agency, number])?;
        Ok(())
    }

    /// Removes those to the row in force, before it is changed by hand: what it was corrected from is not to be kept.
    pub(super) fn remove_hints_to(&self, agency: &str, number: &str) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM roster_place WHERE agency = ?1 AND number = ?2 \
             AND (listing_row, listing_kana, listing_name) IN (SELECT listing_row, listing_kana, listing_name \
             FROM roster WHERE agency = ?1 AND number = ?2)",
            params![agency, number],
        )?;
        let sql = format!(
            "DELETE FROM roster_contact WHERE agency = ?1 AND number = ?2 AND contact IN ({})",
            contacts_in_force()
        );
        self.db.execute(&sql, params![agency, number])?;
        Ok(())
    }

    /// Looks at the next hints after that one and removes what leads to no row. Returns the last one; `None`: there are no more.
    pub(super) fn sweep_hints(
        &self,
        agency: &str,
        hint: Hint,
        after: &Key,
        most: u32,
    ) -> Result<Option<Key>, Error> {
        let (table, columns, count) = (hint.table(), hint.joined(), hint.columns().len());
        let next = format!("FROM {table} WHERE agency = ?1 AND ({columns}) > ({})", hint.places(2));
        let (last, skipped) = (count + 2, most.saturating_sub(1));
        let mut parameters = with(&agency, &[after]);
        parameters.push(&skipped);
        let end = self.db.optional(
            &format!("SELECT {columns} {next} ORDER BY {columns} LIMIT 1 OFFSET ?{last}"),
            Params::Numbered(&parameters),
            |row| hint.key(row),
        )?;
        let up_to =
            end.as_ref().map_or(String::new(), |_| format!("AND ({columns}) <= ({})", hint.places(last)));
        let keys: Vec<&Key> = std::iter::once(after).chain(&end).collect();
        self.db.execute(
            &format!(
                "DELETE {next} {up_to} AND NOT EXISTS (SELECT 1 FROM roster_row AS r WHERE r.agency = ?1 \
                 AND r.number = {table}.number AND ({}))",
                hint.leads_to()
            ),
            Params::Numbered(&with(&agency, &keys)),
        )?;
        Ok(end)
    }
}

/// The contacts of the company ?2 of the agency ?1.
fn contacts_in_force() -> String {
    CONTACTS
        .map(|contact| format!("SELECT {contact} AS contact FROM roster WHERE agency = ?1 AND number = ?2"))
        .join(" UNION ")
}

fn with<'p>(first: &'p dyn Parameter, keys: &[&'p Key]) -> Vec<&'p dyn Parameter> {
    let keys = keys.iter().flat_map(|key| key.iter().map(|value| value as &dyn Parameter));
    std::iter::once(first).chain(keys).collect()
}

//! Drafts of ID登録申請 stored on this computer: never a password, and not forever.

use serde::{Deserialize, Serialize};
use touroku_proto::field::Values;

/// The prefix of all stored names.
pub const PREFIX: &str = "touroku-draft/";

/// How long it is kept: 30 days.
const MAX_AGE_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Whose draft it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftKey {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// 業者番号.
    pub number: String,
}

impl DraftKey {
    /// The name under which the browser stores it. Codes have no slash.
    pub fn name(&self) -> String {
        format!("{PREFIX}{}/{}/{}", self.agency, self.category, self.number)
    }
}

/// A command to the browser's storage.
#[derive(Clone, PartialEq, Eq)]
pub enum DraftOrder {
    Keep {
        key: DraftKey,
        /// What was typed, without passwords.
        values: Values,
    },
    /// Read what is stored.
    Read { key: DraftKey },
    /// Remove it.
    Drop { key: DraftKey },
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// When, Unix milliseconds of this computer.
    at: i64,
    values: Values,
}

/// The stored form of a draft, at a given time.
pub fn write(values: Values, now_ms: i64) -> String {
    touroku_json::to_string(&Kept { at: now_ms, values: without_secrets(values) })
}

/// Parses what was stored; `None` if it is too old, damaged, or dated in the future.
pub fn read(text: &str, now_ms: i64) -> Option<Values> {
    let kept: Kept = touroku_json::from_str(text).ok()?;
    (0..=MAX_AGE_MS).contains(&now_ms.checked_sub(kept.at)?).then(|| without_secrets(kept.values))
}

/// The values without passwords.
pub fn without_secrets(values: Values) -> Values {
    values.0.into_iter().filter(|(field, _)| !field.is_secret()).collect()
}

#[cfg(test)]
mod tests {
    use touroku_proto::field::FieldId;

    use super::*;

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    const NOW_MS: i64 = 1_795_241_050_000;

    fn values() -> Values {
        let mut values = Values::default();
        values.set(FieldId::LoginId, "hokuto01");
        values.set(FieldId::LoginPassword, "oi25io14");
        values.set(FieldId::LoginPasswordAgain, "oi25io14");
        values
    }

    #[test]
    fn what_is_kept_holds_no_password() {
        let written = write(values(), NOW_MS);
        assert!(!written.contains("oi25io14"));
        assert_eq!(read(&written, NOW_MS).unwrap().text(FieldId::LoginId), "hokuto01");
    }

    #[test]
    fn what_is_kept_lasts_thirty_days() {
        let written = write(values(), NOW_MS);
        assert!(read(&written, NOW_MS + 30 * DAY_MS).is_some());
        assert!(read(&written, NOW_MS + 30 * DAY_MS + 1).is_none());
    }

    #[test]
    fn what_was_damaged_or_written_by_others_is_not_believed() {
        for text in ["", "{}", "[]", r#"{"at":"x","values":{}}"#, r#"{"at":0,"values":{"no_field":"1"}}"#] {
            assert!(read(text, NOW_MS).is_none(), "{text}");
        }
        assert!(read(&write(values(), NOW_MS), NOW_MS - 1).is_none());
        assert!(read(r#"{"at":-9223372036854775808,"values":{}}"#, NOW_MS).is_none());
    }
}

//! 監査記録.

use rusqlite::{OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};
use touroku_proto::officer::audit::{AuditAction, AuditEntry};

use super::{Reader, Writer};
use crate::error::Error;

/// `previous` of an agency's first entry.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Something to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// ログインID, `command`, or empty.
    pub actor: &'a str,
    /// From which address; empty for the command line.
    pub address: &'a str,
    /// What.
    pub action: AuditAction,
    /// To what; never a person's name, never a secret.
    pub subject: &'a str,
    /// Counts and the like; empty for none.
    pub detail: &'a str,
}

impl Reader<'_> {
    /// Sequence and hash of the last entry that was appended to an agency's chain.
    pub fn audit_head(&self, agency: &str) -> Result<Option<(i64, String)>, Error> {
        let found = self
            .0
            .prepare_cached("SELECT sequence, hash FROM audit_head WHERE agency = ?")?
            .query_row([agency], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found)
    }

    /// At most so many entries after `after`, the oldest first.
    pub fn audit_entries(&self, agency: &str, after: i64, most: u32) -> Result<Vec<AuditEntry>, Error> {
        self.audit_where("sequence > ? ORDER BY sequence", agency, after, most)
    }

    /// At most so many entries before `before`, the newest first.
    pub fn audit_entries_back(&self, agency: &str, before: i64, most: u32) -> Result<Vec<AuditEntry>, Error> {
        self.audit_where("sequence < ? ORDER BY sequence DESC", agency, before, most)
    }

    fn audit_where(
        &self,
        condition: &str,
        agency: &str,
        sequence: i64,
        most: u32,
    ) -> Result<Vec<AuditEntry>, Error> {
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT sequence, at, actor, address, action, subject, detail, previous, hash FROM audit \
             WHERE agency = ? AND {condition} LIMIT ?"
        ))?;
        let rows = statement.query_map(params![agency, sequence, most], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        sequence: row.get(0)?,
        at_unix_ms: row.get(1)?,
        actor: row.get(2)?,
        address: row.get(3)?,
        action: row.get(4)?,
        subject: row.get(5)?,
        detail: row.get(6)?,
        previous: row.get(7)?,
        hash: row.get(8)?,
    })
}

impl Writer<'_> {
    /// Appends to an agency's chain, in the transaction of what it tells about.
    pub fn record_deed(&self, agency: &str, deed: &Deed<'_>, now: i64) -> Result<(), Error> {
        // Not the last that is there: where entries were cut off, the gap stays.
        let head = match self.audit_head(agency)? {
            Some(head) => Some(head),
            None => {
                self.audit_entries_back(agency, i64::MAX, 1)?.pop().map(|last| (last.sequence, last.hash))
            }
        };
        let (last, previous) = head.unwrap_or((0, BEGINNING.to_owned()));
        let mut entry = AuditEntry {
            sequence: last + 1,
            at_unix_ms: now,
            actor: deed.actor.to_owned(),
            address: deed.address.to_owned(),
            action: deed.action.as_str().to_owned(),
            subject: deed.subject.to_owned(),
            detail: deed.detail.to_owned(),
            previous,
            hash: String::new(),
        };
        entry.hash = hash_of(agency, &entry)?;
        self.0
            .0
            .prepare_cached(
                "INSERT INTO audit (agency, sequence, at, actor, address, action, subject, detail, previous, \
                 hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                agency,
                entry.sequence,
                now,
                entry.actor,
                entry.address,
                entry.action,
                entry.subject,
                entry.detail,
                entry.previous,
                entry.hash,
            ])?;
        self.0
            .0
            .prepare_cached("INSERT OR REPLACE INTO audit_head (agency, sequence, hash) VALUES (?, ?, ?)")?
            .execute(params![agency, entry.sequence, entry.hash])?;
        Ok(())
    }
}

/// As [`AuditEntry`] says.
pub fn hash_of(agency: &str, entry: &AuditEntry) -> Result<String, Error> {
    let text = super::to_json(&(
        &entry.previous,
        agency,
        entry.sequence,
        entry.at_unix_ms,
        &entry.actor,
        &entry.address,
        &entry.action,
        &entry.subject,
        &entry.detail,
    ))?;
    Ok(hex::encode(Sha256::digest(text)))
}

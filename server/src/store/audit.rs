//! 監査記録.

use std::ops::Range;

use sha2::{Digest as _, Sha256};
use touroku_proto::officer::audit::{AuditAction, AuditEntry, AuditHead, Detail};

use super::{
    Reader, Writer,
    db::{Params, Row, params},
    value::{Parameter, Value},
};
use crate::{error::Error, key::ServerKey};

/// `previous` of an agency's first entry.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Stands for the command line; no ログインID.
pub const COMMAND: &str = "command";

/// Whose action is recorded, in which agency's chain. An officer becomes one only from the store's own row
/// ([`Officer::actor`](super::Officer::actor), [`OfficerSession::actor`](super::OfficerSession::actor)), so nothing is
/// recorded in the name of an officer whom nobody has looked up, nor in another agency's chain.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    agency: &'a str,
    /// ログインID, [`COMMAND`], or empty.
    login_id: &'a str,
    /// The client's address; empty for the command line and the server.
    address: &'a str,
}

/// Of a row that the store has found.
#[derive(Clone)]
pub(super) struct Found;

impl<'a> Actor<'a> {
    /// Whoever is at the command line: one actor, however many people use it.
    pub fn command(agency: &'a str) -> Self {
        Self { agency, login_id: COMMAND, address: "" }
    }

    /// The server by itself.
    pub fn server(agency: &'a str) -> Self {
        Self::stranger(agency, "")
    }

    /// Somebody who has not signed in.
    pub fn stranger(agency: &'a str, address: &'a str) -> Self {
        Self { agency, login_id: "", address }
    }

    pub(super) fn officer(agency: &'a str, login_id: &'a str, address: &'a str) -> Self {
        Self { agency, login_id, address }
    }

    pub fn login_id(&self) -> &'a str {
        self.login_id
    }

    /// To be stored: agency, ログインID and address.
    pub(super) fn parts(self) -> [&'a str; 3] {
        [self.agency, self.login_id, self.address]
    }
}

/// How much of an agency's chain has been verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditProof {
    /// The last verified entry; 0: none.
    pub sequence: i64,
    pub hash: String,
    /// When the whole chain was last checked, Unix milliseconds; 0: never.
    pub checked_at: i64,
    /// The first entry known to be broken, until a check finds the whole chain intact.
    pub broken_at: Option<i64>,
}

/// The columns of an entry.
const ENTRY: &str = "sequence, at, actor, address, action, subject, detail, previous, hash";

/// Which entries are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFilter {
    pub action: Option<AuditAction>,
    /// ログインID.
    pub actor: Option<String>,
    /// The object, in its two possible spellings.
    pub subjects: Option<(String, String)>,
    /// When, Unix milliseconds.
    pub days: Range<i64>,
}

impl Reader<'_> {
    pub fn audit_proof(&self, agency: &str) -> Result<Option<AuditProof>, Error> {
        self.db.optional(
            "SELECT sequence, hash, checked_at, broken_at FROM audit_proof WHERE agency = ?",
            params![agency],
            |row| {
                Ok(AuditProof {
                    sequence: row.get("sequence")?,
                    hash: text(row, "hash")?,
                    checked_at: row.get("checked_at")?,
                    broken_at: row.get("broken_at")?,
                })
            },
        )
    }

    /// Sequence and hash of the last entry appended to an agency's chain.
    pub fn audit_head(&self, agency: &str) -> Result<Option<(i64, String)>, Error> {
        self.db.optional("SELECT sequence, hash FROM audit_head WHERE agency = ?", params![agency], |row| {
            Ok((row.get("sequence")?, text(row, "hash")?))
        })
    }

    /// The last entry appended to an agency's chain, with its seal.
    pub fn sealed_head(&self, agency: &str) -> Result<Option<AuditHead>, Error> {
        self.db.optional(
            "SELECT sequence, hash, seal_key, seal FROM audit_head WHERE agency = ?",
            params![agency],
            |row| {
                Ok(AuditHead {
                    agency: agency.to_owned(),
                    sequence: row.get("sequence")?,
                    hash: text(row, "hash")?,
                    key: text(row, "seal_key")?,
                    seal: text(row, "seal")?,
                })
            },
        )
    }

    /// When the officers were last mailed the end of the chain; 0: never.
    pub fn head_mailed_at(&self, agency: &str) -> Result<i64, Error> {
        let found =
            self.db.optional("SELECT sent_at FROM audit_mail WHERE agency = ?", params![agency], |row| {
                row.get(0)
            })?;
        Ok(found.unwrap_or(0))
    }

    /// The entries after `after`, oldest first, up to a limit.
    pub fn audit_entries(&self, agency: &str, after: i64, most: u32) -> Result<Vec<AuditEntry>, Error> {
        self.audit_where("sequence > ? ORDER BY sequence", agency, after, most)
    }

    /// The entries before `before`, newest first, up to a limit.
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
        let sql = format!("SELECT {ENTRY} FROM audit WHERE agency = ? AND {condition} LIMIT ?");
        self.db.all(&sql, params![agency, sequence, most], read)
    }

    /// The entries before `before` that a filter selects, newest first, up to a limit.
    pub fn audit_found(
        &self,
        agency: &str,
        before: i64,
        filter: &AuditFilter,
        most: u32,
    ) -> Result<Vec<AuditEntry>, Error> {
        let AuditFilter { action, actor, subjects, days } = filter;
        let mut sql =
            format!("SELECT {ENTRY} FROM audit WHERE agency = ? AND sequence < ? AND at >= ? AND at < ?");
        let action = action.map(AuditAction::as_str);
        let mut params: Vec<&dyn Parameter> = vec![&agency, &before, &days.start, &days.end];
        if let Some(action) = &action {
            sql.push_str(" AND action = ?");
            params.push(action);
        }
        if let Some(actor) = actor {
            sql.push_str(" AND actor = ?");
            params.push(actor);
        }
        if let Some((one, other)) = subjects {
            sql.push_str(" AND subject IN (?, ?)");
            params.extend([one as &dyn Parameter, other]);
        }
        sql.push_str(" ORDER BY sequence DESC LIMIT ?");
        params.push(&most);
        self.db.all(&sql, Params::Numbered(&params), read)
    }
}

fn read(row: &Row<'_>) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        sequence: row.get("sequence")?,
        at_unix_ms: row.get("at")?,
        actor: text(row, "actor")?,
        address: text(row, "address")?,
        action: text(row, "action")?,
        subject: text(row, "subject")?,
        detail: text(row, "detail")?,
        previous: text(row, "previous")?,
        hash: text(row, "hash")?,
    })
}

/// Non-text values were written by something else. They are read anyway, so that their hash marks the entry as
/// broken, instead of making all entries unreadable.
fn text(row: &Row<'_>, column: &str) -> Result<String, Error> {
    match row.value(&column)? {
        Value::Text(text) => Ok(text.into_owned()),
        Value::Blob(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Err(Error::Database(format!("a column holds no text: {column}"))),
    }
}

impl Writer<'_> {
    /// Records that everything up to this entry has been verified. A shorter proof changes nothing.
    pub fn note_proved(&self, agency: &str, sequence: i64, hash: &str) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO audit_proof (agency, sequence, hash) VALUES (?, ?, ?) ON CONFLICT (agency) DO \
             UPDATE SET sequence = excluded.sequence, hash = excluded.hash \
             WHERE excluded.sequence > audit_proof.sequence",
            params![agency, sequence, hash],
        )?;
        Ok(())
    }

    /// Records the result of a check of the whole chain: number and hash of its last entry, or the first broken
    /// one.
    /// `began`: the proof at its start, which it compared the chain with.
    ///
    /// The proof advances only if the whole chain is intact and nobody else has advanced it meanwhile: it is
    /// what the next check has to find again. An entry that somebody else found broken meanwhile may lie
    /// behind this check: it stays recorded.
    pub fn note_checked(
        &self,
        agency: &str,
        began: &AuditProof,
        found: Result<(i64, String), i64>,
        now: i64,
    ) -> Result<(), Error> {
        let kept = self.audit_proof(agency)?.unwrap_or_default();
        let meanwhile = kept.broken_at.filter(|_| kept.broken_at != began.broken_at);
        let is_as_it_was = (kept.sequence, &kept.hash) == (began.sequence, &began.hash);
        let (end, broken_at) = match found {
            Ok(end) if meanwhile.is_none() && is_as_it_was => (end, None),
            Ok(_) => ((kept.sequence, kept.hash), meanwhile),
            Err(at) => ((kept.sequence, kept.hash), Some(meanwhile.map_or(at, |other| other.min(at)))),
        };
        self.db.execute(
            "INSERT INTO audit_proof (agency, sequence, hash, checked_at, broken_at) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (agency) DO UPDATE SET sequence = excluded.sequence, \
             hash = excluded.hash, checked_at = excluded.checked_at, broken_at = excluded.broken_at",
            params![agency, end.0, end.1, now, broken_at],
        )?;
        Ok(())
    }

    /// Records a broken entry; it is reported until the whole chain is found intact.
    pub fn note_broken(&self, agency: &str, at: i64) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO audit_proof (agency, sequence, hash, broken_at) VALUES (?1, 0, '', ?2) \
             ON CONFLICT (agency) DO UPDATE SET broken_at = CASE \
             WHEN audit_proof.broken_at < excluded.broken_at THEN audit_proof.broken_at ELSE excluded.broken_at END",
            params![agency, at],
        )?;
        Ok(())
    }

    /// Records that the officers were mailed the end of the chain.
    pub fn note_head_mailed(&self, agency: &str, now: i64) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO audit_mail (agency, sent_at) VALUES (?, ?) \
             ON CONFLICT (agency) DO UPDATE SET sent_at = excluded.sent_at",
            params![agency, now],
        )?;
        Ok(())
    }

    /// Seals the current end of a chain with the present key, whatever it had before: only somebody who has reason to
    /// trust it decides that.
    pub fn reseal(&self, agency: &str) -> Result<(), Error> {
        let (Some(head), Some(key)) = (self.sealed_head(agency)?, self.key) else { return Ok(()) };
        self.set_head(&sealed(key, head)?)
    }

    fn set_head(&self, head: &AuditHead) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO audit_head (agency, sequence, hash, seal_key, seal) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (agency) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, \
             seal_key = excluded.seal_key, seal = excluded.seal",
            params![head.agency, head.sequence, head.hash, head.key, head.seal],
        )?;
        Ok(())
    }

    /// Appends to the chain of the actor's agency, in the transaction of the recorded action. The end is sealed only
    /// if it was before: whoever replaces the end must not get a seal for it with the next entry.
    ///
    /// `subject`: the object; never a person's name, never a secret. `detail`: counts and the like.
    pub fn record_deed(
        &self,
        actor: Actor<'_>,
        action: AuditAction,
        subject: &str,
        detail: &Detail,
        now: i64,
    ) -> Result<(), Error> {
        let agency = actor.agency;
        // Not the last entry present: where entries were cut off, the gap stays.
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
            actor: actor.login_id.to_owned(),
            address: actor.address.to_owned(),
            action: action.as_str().to_owned(),
            subject: subject.to_owned(),
            detail: detail.write(),
            previous,
            hash: String::new(),
        };
        entry.hash = hash_of(agency, &entry)?;
        self.db.execute(
            "INSERT INTO audit (agency, sequence, at, actor, address, action, subject, detail, previous, \
             hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
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
            ],
        )?;
        let before = self.sealed_head(agency)?;
        let is_sound = match (&before, self.key) {
            (Some(before), Some(key)) => seal_of(key, before)? == Seal::Sound,
            (None, Some(_)) => entry.sequence == 1,
            (_, None) => false,
        };
        let (key, seal) = (String::new(), String::new());
        let hash = entry.hash;
        let mut head = AuditHead { agency: agency.to_owned(), sequence: entry.sequence, hash, key, seal };
        if let Some(key) = self.key.filter(|_| is_sound) {
            head = sealed(key, head)?;
        }
        self.set_head(&head)
    }
}

/// What a seal proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Made by this key for this end.
    Sound,
    Missing,
    /// Made by another key, or claims to be.
    OtherKey,
    /// Not made by this key for this end: one of the two was replaced.
    Forged,
}

/// What the seal on a chain's end proves to the holder of that key.
pub fn seal_of(key: &ServerKey, head: &AuditHead) -> Result<Seal, Error> {
    if head.seal.is_empty() {
        return Ok(Seal::Missing);
    }
    if head.key != key.name()? {
        return Ok(Seal::OtherKey);
    }
    let expected = sealed(key, head.clone())?.seal;
    let is_sound =
        expected.len() == head.seal.len() && openssl::memcmp::eq(expected.as_bytes(), head.seal.as_bytes());
    Ok(if is_sound { Seal::Sound } else { Seal::Forged })
}

fn sealed(key: &ServerKey, head: AuditHead) -> Result<AuditHead, Error> {
    let text = super::to_json(&(&head.agency, head.sequence, &head.hash))?;
    let seal = hex::encode(key.hash("end of an audit chain", text.as_bytes())?);
    Ok(AuditHead { key: key.name()?, seal, ..head })
}

/// As defined at [`AuditEntry`].
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

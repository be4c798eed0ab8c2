//! 監査記録: looked at, proved, exported.

use std::sync::Arc;

use touroku_proto::officer::audit::{AuditAction, AuditEntry, AuditPage};

use super::Acting;
use crate::{
    app::App,
    error::Error,
    store::{BEGINNING, hash_of},
};

/// Entries on a page.
const PAGE: u32 = 100;

/// Entries read at once, by what looks through all of them: so that nobody waits for it.
pub const BATCH: u32 = 2_000;

/// A chain as far as it was proved.
pub struct Chain<'a> {
    agency: &'a str,
    sequence: i64,
    hash: String,
}

/// The first broken link of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The entry that is not what it was; for one that is missing, its number.
    pub at: i64,
    /// What is wrong with it.
    pub how: How,
}

/// How a link is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The entry is missing, or stands in another place.
    Missing,
    /// It does not follow on the one before: either of the two was exchanged.
    Link,
    /// Its content was changed.
    Content,
}

impl<'a> Chain<'a> {
    /// An agency's chain, before its first entry.
    pub fn of(agency: &'a str) -> Self {
        Self { agency, sequence: 0, hash: BEGINNING.to_owned() }
    }

    /// Goes on to the next entry. `Err` in the answer: the first broken link.
    pub fn follow(&mut self, entry: &AuditEntry) -> Result<Result<(), Broken>, Error> {
        let expected = self.sequence + 1;
        let how = if entry.sequence != expected {
            Some(How::Missing)
        } else if entry.previous != self.hash {
            Some(How::Link)
        } else if hash_of(self.agency, entry)? != entry.hash {
            Some(How::Content)
        } else {
            None
        };
        if let Some(how) = how {
            return Ok(Err(Broken { at: expected, how }));
        }
        self.sequence = entry.sequence;
        self.hash.clone_from(&entry.hash);
        Ok(Ok(()))
    }

    /// Whether it ends where the store says that it does. To be asked when there are no more entries.
    ///
    /// # Errors
    /// What was cut off, or exchanged at the end.
    pub fn end(&self, head: Option<(i64, String)>) -> Result<(), Broken> {
        let (sequence, hash) = head.unwrap_or((0, BEGINNING.to_owned()));
        if sequence > self.sequence {
            return Err(Broken { at: self.sequence + 1, how: How::Missing });
        }
        if sequence < self.sequence || hash != self.hash {
            return Err(Broken { at: sequence.max(1), how: How::Link });
        }
        Ok(())
    }

    /// Number and hash of the last entry that was proved: whoever noted it elsewhere can tell later that nothing up to
    /// it was exchanged or cut off.
    pub fn head(&self) -> (i64, &str) {
        (self.sequence, &self.hash)
    }
}

/// A page, the newest first, and whether the whole chain is sound. That somebody looked is recorded too.
pub async fn page(app: &Arc<App>, acting: Acting, before: Option<i64>) -> Result<AuditPage, Error> {
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    let entries = {
        let agency = agency.clone();
        app.store.write(move |writer| {
            let detail = before.map(|before| format!("before={before}")).unwrap_or_default();
            acting.record(writer, AuditAction::AuditViewed, "", &detail, now)?;
            writer.audit_entries_back(&agency, before.unwrap_or(i64::MAX), PAGE)
        })
    };
    let entries = entries.await?;
    let next = entries.last().map(|entry| entry.sequence).filter(|&last| last > 1);
    let broken_at = prove(app, &agency).await?.map(|broken| broken.at);
    Ok(AuditPage { entries, next, broken_at })
}

/// One proof at a time: who turns pages quickly does not keep all threads busy.
static PROOF: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);

/// The first broken link of an agency's chain.
async fn prove(app: &Arc<App>, agency: &str) -> Result<Option<Broken>, Error> {
    let _turn = PROOF.acquire().await.map_err(|_| Error::Busy)?;
    let mut chain = Chain::of(agency);
    loop {
        let (after, agency) = (chain.head().0, agency.to_owned());
        let read = app.store.read(move |reader| {
            Ok((reader.audit_entries(&agency, after, BATCH)?, reader.audit_head(&agency)?))
        });
        let (entries, head) = read.await?;
        for entry in &entries {
            if let Err(broken) = chain.follow(entry)? {
                return Ok(Some(broken));
            }
        }
        if entries.is_empty() {
            return Ok(chain.end(head).err());
        }
    }
}

/// Records the export. Answers the number of the last entry that belongs to it: its own.
pub async fn begin_export(app: &Arc<App>, acting: Acting) -> Result<i64, Error> {
    let now = app.outside.now();
    let last = app.store.write(move |writer| {
        acting.record(writer, AuditAction::AuditExported, "", "", now)?;
        Ok(writer.audit_head(acting.agency())?.map_or(0, |(sequence, _)| sequence))
    });
    last.await
}

/// The next entries of an agency, the oldest first; empty: there are no more.
pub async fn batch(app: &Arc<App>, agency: &str, after: i64) -> Result<Vec<AuditEntry>, Error> {
    let agency = agency.to_owned();
    app.store.read(move |reader| reader.audit_entries(&agency, after, BATCH)).await
}

/// Entries as JSON lines.
pub fn to_lines(entries: &[AuditEntry]) -> Result<String, Error> {
    let mut lines = String::new();
    for entry in entries {
        let line = serde_json::to_string(entry);
        lines.push_str(&line.map_err(|_| Error::Defect("an entry can't be written as JSON"))?);
        lines.push('\n');
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<AuditEntry> {
        let mut previous = BEGINNING.to_owned();
        let entry = |sequence| {
            let mut entry = AuditEntry {
                sequence,
                at_unix_ms: sequence * 1000,
                actor: "sato".into(),
                address: String::new(),
                action: "login".into(),
                subject: format!("「{sequence}」\"\n"),
                detail: String::new(),
                previous: previous.clone(),
                hash: String::new(),
            };
            entry.hash = hash_of("a", &entry).unwrap();
            previous.clone_from(&entry.hash);
            entry
        };
        (1..=length).map(entry).collect()
    }

    fn first_broken(entries: &[AuditEntry]) -> Option<(i64, How)> {
        let mut chain = Chain::of("a");
        let broken = entries.iter().find_map(|entry| chain.follow(entry).unwrap().err());
        broken.map(|broken| (broken.at, broken.how))
    }

    #[test]
    fn every_change_to_an_entry_is_named_at_the_entry() {
        let sound = chain(5);
        assert_eq!(first_broken(&sound), None);
        let changes: [fn(&mut AuditEntry); 6] = [
            |entry| entry.at_unix_ms += 1,
            |entry| entry.actor.push('x'),
            |entry| entry.address = "192.0.2.1".into(),
            |entry| entry.action = "logout".into(),
            |entry| entry.subject.clear(),
            |entry| entry.detail = "rows=1".into(),
        ];
        for change in changes {
            let mut entries = sound.clone();
            change(&mut entries[2]);
            assert_eq!(first_broken(&entries), Some((3, How::Content)));
            // Whoever hashes it anew breaks the next link.
            entries[2].hash = hash_of("a", &entries[2]).unwrap();
            assert_eq!(first_broken(&entries), Some((4, How::Link)));
        }
    }

    #[test]
    fn entries_that_were_taken_out_moved_or_are_another_agencys_are_named() {
        let sound = chain(5);
        let mut entries = sound.clone();
        entries.remove(2);
        assert_eq!(first_broken(&entries), Some((3, How::Missing)));
        let mut entries = sound.clone();
        entries.swap(1, 2);
        assert_eq!(first_broken(&entries), Some((2, How::Missing)));
        assert_eq!(first_broken(&sound[1..]), Some((1, How::Missing)));
        let mut other = Chain::of("b");
        assert_eq!(other.follow(&sound[0]).unwrap(), Err(Broken { at: 1, how: How::Content }));
    }

    #[test]
    fn an_end_that_was_cut_off_or_exchanged_is_named() {
        let sound = chain(5);
        let end = |entries: &[AuditEntry], head: Option<(i64, String)>| {
            let mut chain = Chain::of("a");
            entries.iter().for_each(|entry| chain.follow(entry).unwrap().unwrap());
            chain.end(head).err().map(|broken| (broken.at, broken.how))
        };
        let head = Some((5, sound[4].hash.clone()));
        assert_eq!(end(&sound, head.clone()), None);
        assert_eq!(end(&sound[..3], head.clone()), Some((4, How::Missing)));
        assert_eq!(end(&[], head.clone()), Some((1, How::Missing)));
        assert_eq!(end(&[], None), None);
        let mut entries = sound.clone();
        entries[4].subject.clear();
        entries[4].hash = hash_of("a", &entries[4]).unwrap();
        assert_eq!(end(&entries, head), Some((5, How::Link)));
        assert_eq!(end(&sound, None), Some((1, How::Link)));
    }

    /// The form that the contract names, computed apart from ours.
    #[test]
    fn a_hash_is_that_of_the_documented_text() {
        use sha2::{Digest as _, Sha256};
        let entry = &chain(1)[0];
        let text = format!("[\"{BEGINNING}\",\"a\",1,1000,\"sato\",\"\",\"login\",\"「1」\\\"\\n\",\"\"]");
        assert_eq!(entry.hash, hex::encode(Sha256::digest(text)));
    }
}

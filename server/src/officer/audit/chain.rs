//! The hash chain of an agency's entries, verified link by link.

use touroku_proto::officer::audit::AuditEntry;

use crate::{
    error::Error,
    store::{BEGINNING, hash_of},
};

/// A chain, verified up to some entry.
pub struct Chain<'a> {
    agency: &'a str,
    sequence: i64,
    hash: String,
    noted: Vec<(i64, String)>,
}

/// The first broken link of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The broken entry; if it is missing, its number.
    pub at: i64,
    pub how: How,
}

/// How a link is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The entry is missing, or in another place.
    Missing,
    /// It does not follow from the previous one: either of the two was replaced.
    Link,
    /// Its content was changed.
    Content,
    /// It is not the entry that an earlier proof ended with, or the chain ends before that: the entry, or an
    /// earlier one, was replaced with new hashes, or the end was cut off.
    Exchanged,
    /// The chain's end has no seal of the server's key, or not for this end: it, or an earlier entry, was replaced.
    Unsealed,
}

impl<'a> Chain<'a> {
    /// An agency's chain, before its first entry.
    pub fn of(agency: &'a str) -> Self {
        Self::after(agency, 0, BEGINNING)
    }

    /// An agency's chain, after the entry with that number and hash.
    pub fn after(agency: &'a str, sequence: i64, hash: &str) -> Self {
        Self { agency, sequence, hash: hash.to_owned(), noted: Vec::new() }
    }

    /// Requires the chain to pass through this entry, which an earlier proof ended with or which was mailed. 0:
    /// nothing was proved.
    pub fn must_pass(&mut self, sequence: i64, hash: &str) {
        if sequence > 0 {
            self.noted.push((sequence, hash.to_owned()));
        }
    }

    /// Verifies the next entry. `Err`: the first broken link.
    pub fn follow(&mut self, entry: &AuditEntry) -> Result<Result<(), Broken>, Error> {
        let expected = self.sequence + 1;
        let how = if entry.sequence != expected {
            Some(How::Missing)
        } else if entry.previous != self.hash {
            Some(How::Link)
        } else if hash_of(self.agency, entry)? != entry.hash {
            Some(How::Content)
        } else if self.noted.iter().any(|(at, hash)| *at == expected && *hash != entry.hash) {
            Some(How::Exchanged)
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

    /// Whether it ends where the store says. To be called when there are no more entries.
    ///
    /// # Errors
    /// What was cut off or replaced at the end.
    pub fn end(&self, head: Option<(i64, String)>) -> Result<(), Broken> {
        let (sequence, hash) = head.unwrap_or((0, BEGINNING.to_owned()));
        if sequence > self.sequence {
            return Err(Broken { at: self.sequence + 1, how: How::Missing });
        }
        if sequence < self.sequence || hash != self.hash {
            return Err(Broken { at: sequence.max(1), how: How::Link });
        }
        self.passed()
    }

    /// Whether it passed through every required entry. To be called when there are no more entries.
    ///
    /// # Errors
    /// What was cut off.
    pub fn passed(&self) -> Result<(), Broken> {
        match self.noted.iter().map(|(at, _)| *at).find(|&at| at > self.sequence) {
            Some(at) => Err(Broken { at, how: How::Exchanged }),
            None => Ok(()),
        }
    }

    /// Number and hash of the last verified entry: somebody who keeps them elsewhere can tell later whether
    /// anything up to it was replaced or cut off.
    pub fn head(&self) -> (i64, &str) {
        (self.sequence, &self.hash)
    }
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
            // Recomputing its hash breaks the next link.
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

    #[test]
    fn a_chain_that_does_not_come_by_where_an_earlier_proof_ended_is_named_there() {
        let sound = chain(5);
        let look = |entries: &[AuditEntry], (noted, hash): (i64, &str)| {
            let mut chain = Chain::of("a");
            chain.must_pass(noted, hash);
            let broken = entries.iter().find_map(|entry| chain.follow(entry).unwrap().err());
            let head = entries.last().map(|last| (last.sequence, last.hash.clone()));
            broken.or_else(|| chain.end(head).err()).map(|broken| (broken.at, broken.how))
        };
        let noted = (4, sound[3].hash.as_str());
        assert_eq!(look(&sound, noted), None);
        assert_eq!(look(&sound[..4], noted), None);
        assert_eq!(look(&sound[..3], noted), Some((4, How::Exchanged)));
        assert_eq!(look(&[], noted), Some((4, How::Exchanged)));
        assert_eq!(look(&sound, (4, "another")), Some((4, How::Exchanged)));
        assert_eq!(look(&[], (0, "")), None);
    }

    /// The documented form, computed independently.
    #[test]
    fn a_hash_is_that_of_the_documented_text() {
        use sha2::{Digest as _, Sha256};
        let entry = &chain(1)[0];
        let text = format!("[\"{BEGINNING}\",\"a\",1,1000,\"sato\",\"\",\"login\",\"「1」\\\"\\n\",\"\"]");
        assert_eq!(entry.hash, hex::encode(Sha256::digest(text)));
    }
}

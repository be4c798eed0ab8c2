//! 番号の通知: the hashes of issued numbers, and plain letters (`plain`), which tell a company its 業者番号: a profile
//! says which of the two an agency has, and neither counts as the other.

use super::{Reader, Writer, db::params, listing::ALL_ROWS};
use crate::error::Error;

/// How far an agency's numbers have been issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPlace {
    /// Every company up to this 業者番号 has one of the kind; empty: none is known to.
    pub number: String,
    /// How many have none.
    pub remaining: i64,
}

impl Reader<'_> {
    /// 業者番号 of the company to which that number was issued.
    pub fn company_of_issued(&self, agency: &str, hash: &[u8; 32]) -> Result<Option<String>, Error> {
        self.db.optional(
            "SELECT number FROM issued_number WHERE agency = ? AND hash = ?",
            params![agency, hash],
            |row| row.get(0),
        )
    }

    /// When the company's number was issued, or its plain letter made, if there is one.
    pub fn number_issued_at(&self, agency: &str, number: &str, plain: bool) -> Result<Option<i64>, Error> {
        self.db.optional(
            "SELECT issued_at FROM issued_number WHERE agency = ? AND number = ? AND plain = ?",
            params![agency, number, plain],
            |row| row.get(0),
        )
    }

    /// How many letters were not confirmed as sent.
    pub fn letters_waiting(&self, agency: &str, plain: bool) -> Result<u64, Error> {
        let count: i64 = self.db.one(
            "SELECT count(*) FROM number_letter WHERE agency = ? AND plain = ?",
            params![agency, plain],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }

    /// Letters that were not confirmed as sent, sealed, oldest first, with the companies' numbers.
    pub fn sealed_letters(
        &self,
        agency: &str,
        plain: bool,
        most: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, Error> {
        self.db.all(
            "SELECT number, sealed FROM number_letter WHERE agency = ? AND plain = ? \
             ORDER BY issued_at, number LIMIT ?",
            params![agency, plain, most],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Companies of the roster after that 業者番号 without an issued number, or a plain letter, in order.
    pub fn without_number(
        &self,
        agency: &str,
        plain: bool,
        after: &str,
        most: u32,
    ) -> Result<Vec<String>, Error> {
        self.db.all(
            "SELECT number FROM roster r WHERE agency = ? AND number > ? AND NOT EXISTS (SELECT 1 FROM \
             issued_number i WHERE i.agency = r.agency AND i.number = r.number AND i.plain = ?) \
             ORDER BY number LIMIT ?",
            params![agency, after, plain, most],
            |row| row.get(0),
        )
    }

    /// How far numbers have been issued, valid as long as the roster has not changed.
    pub fn number_place(&self, agency: &str, plain: bool) -> Result<Option<NumberPlace>, Error> {
        let version = self.roster_version(agency)?;
        self.db.optional(
            "SELECT number, remaining FROM number_place WHERE agency = ? AND plain = ? AND roster_version = ?",
            params![agency, plain, version],
            |row| Ok(NumberPlace { number: row.get("number")?, remaining: row.get("remaining")? }),
        )
    }

    /// How many companies of the roster have no issued number, or no plain letter. Scans all that have.
    pub fn count_without_number(&self, agency: &str, plain: bool) -> Result<i64, Error> {
        let issued: i64 = self.db.one(
            "SELECT count(*) FROM issued_number i WHERE agency = ?1 AND plain = ?2 \
             AND EXISTS (SELECT 1 FROM roster r WHERE r.agency = ?1 AND r.number = i.number)",
            params![agency, plain],
            |row| row.get(0),
        )?;
        let all = i64::try_from(self.listed_total(agency, ALL_ROWS)?).unwrap_or(i64::MAX);
        Ok(all - issued)
    }
}

impl Writer<'_> {
    /// Records how far numbers have been issued, for the current roster.
    pub fn note_number_place(&self, agency: &str, plain: bool, place: &NumberPlace) -> Result<(), Error> {
        let version = self.roster_version(agency)?;
        self.db.execute(
            "INSERT INTO number_place (agency, plain, roster_version, number, remaining) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (agency, plain) DO UPDATE SET roster_version = excluded.roster_version, \
             number = excluded.number, remaining = excluded.remaining",
            params![agency, plain, version, place.number, place.remaining],
        )?;
        Ok(())
    }

    /// Keeps a company's letter, sealed, until it is confirmed as sent.
    pub fn keep_letter(
        &self,
        agency: &str,
        number: &str,
        plain: bool,
        sealed: &[u8],
        now: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO number_letter (agency, number, plain, issued_at, sealed) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (agency, number, plain) DO UPDATE SET issued_at = excluded.issued_at, \
             sealed = excluded.sealed",
            params![agency, number, plain, now, sealed],
        )?;
        Ok(())
    }

    /// Forgets a company's letter with a number: that stopped working.
    pub fn forget_letter(&self, agency: &str, number: &str) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM number_letter WHERE agency = ? AND number = ? AND plain = ?",
            params![agency, number, false],
        )?;
        Ok(())
    }

    /// A letter that was issued then is sent. Whether it was waiting.
    pub fn letter_sent(
        &self,
        agency: &str,
        number: &str,
        plain: bool,
        issued_at: i64,
    ) -> Result<bool, Error> {
        let sent = self.db.execute(
            "DELETE FROM number_letter WHERE agency = ? AND number = ? AND plain = ? AND issued_at = ?",
            params![agency, number, plain, issued_at],
        )?;
        Ok(sent == 1)
    }

    /// Issues a number to a company and voids its older one, or notes its plain letter. Returns whether there was one.
    pub fn issue_number(
        &self,
        agency: &str,
        number: &str,
        plain: bool,
        hash: &[u8; 32],
        mailed: bool,
        now: i64,
    ) -> Result<bool, Error> {
        let reissued = self.number_issued_at(agency, number, plain)?.is_some();
        self.db.execute(
            "INSERT INTO issued_number (agency, number, plain, hash, mailed, issued_at) \
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (agency, number, plain) DO UPDATE SET \
             hash = excluded.hash, mailed = excluded.mailed, issued_at = excluded.issued_at",
            params![agency, number, plain, hash, mailed, now],
        )?;
        Ok(reissued)
    }
}

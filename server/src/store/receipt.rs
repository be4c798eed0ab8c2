//! 申請書: what a session was given to sign, and what has been signed.

use touroku_proto::{api::Function, officer::company::CompanyReceipt};

use super::{
    Reader, SessionId, Writer,
    column::{Columns as _, Json},
    db::{Params, params},
};
use crate::error::Error;

/// What a session was given for its next signature.
#[derive(Clone)]
pub struct Signing {
    /// 受付番号.
    pub number: String,
    /// Random.
    pub nonce: String,
    /// When it was given, Unix milliseconds.
    pub at: i64,
    /// When it expires, Unix milliseconds.
    pub answer_until: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// 受付番号.
    pub number: String,
    pub company: String,
    /// What was applied for.
    pub function: Function,
    /// The text that was signed.
    pub document: String,
    /// CMS SignedData, DER.
    pub signature: Vec<u8>,
    /// When it was accepted, Unix milliseconds.
    pub at: i64,
}

const COLUMNS: &str = "number, company, function, document, signature, at";

impl Reader<'_> {
    /// What that session was given and has not used yet.
    pub fn signing(&self, session: &SessionId) -> Result<Option<Signing>, Error> {
        self.db.optional(
            "SELECT number, nonce, at, answer_until FROM signing WHERE session = ?",
            params![session],
            |row| {
                Ok(Signing {
                    number: row.get("number")?,
                    nonce: row.get("nonce")?,
                    at: row.get("at")?,
                    answer_until: row.get("answer_until")?,
                })
            },
        )
    }

    pub fn receipt(&self, agency: &str, number: &str) -> Result<Option<Receipt>, Error> {
        let query = format!("SELECT {COLUMNS} FROM receipt WHERE agency = ? AND number = ?");
        Ok(self.receipts(&query, params![agency, number])?.pop())
    }

    /// The receipt of what a session completed.
    pub fn receipt_of_completion(&self, completion: i64) -> Result<Option<Receipt>, Error> {
        let query = format!("SELECT {COLUMNS} FROM receipt WHERE completion = ?");
        Ok(self.receipts(&query, params![completion])?.pop())
    }

    /// The listed columns of a company's receipts, newest first, up to a limit, without documents and signatures.
    pub fn receipts_of(&self, agency: &str, company: &str, most: u32) -> Result<Vec<CompanyReceipt>, Error> {
        self.db.all("SELECT number, function, at FROM receipt WHERE agency = ? AND company = ? ORDER BY id DESC LIMIT ?", params![agency, company, most], |row| {
            Ok(CompanyReceipt {
                number: row.get("number")?,
                function: row.json("function")?,
                at_unix_ms: row.get("at")?,
            })
        })
    }

    fn receipts(&self, query: &str, of: Params<'_>) -> Result<Vec<Receipt>, Error> {
        self.db.all(query, of, |row| {
            Ok(Receipt {
                number: row.get("number")?,
                company: row.get("company")?,
                function: row.json("function")?,
                document: row.get("document")?,
                signature: row.get("signature")?,
                at: row.get("at")?,
            })
        })
    }
}

impl Writer<'_> {
    /// Stores what a session's next signature is for.
    pub fn give_signing(&self, session: &SessionId, signing: &Signing) -> Result<(), Error> {
        let Signing { number, nonce, at, answer_until } = signing;
        self.db.execute(
            "INSERT INTO signing (session, number, nonce, at, answer_until) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (session) DO UPDATE SET number = excluded.number, nonce = excluded.nonce, \
             at = excluded.at, answer_until = excluded.answer_until",
            params![session, number, nonce, at, answer_until],
        )?;
        Ok(())
    }

    /// The session has used what it was given.
    pub fn take_signing(&self, session: &SessionId) -> Result<(), Error> {
        self.db.execute("DELETE FROM signing WHERE session = ?", params![session])?;
        Ok(())
    }

    /// Stores a signed application permanently.
    pub fn keep_receipt(&self, agency: &str, completion: i64, receipt: &Receipt) -> Result<(), Error> {
        let Receipt { number, company, function, document, signature, at } = receipt;
        self.db.execute(
            "INSERT INTO receipt (agency, number, company, completion, function, document, signature, at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![agency, number, company, completion, Json(function), document, signature, at],
        )?;
        Ok(())
    }
}

//! 番号の通知: numbers known only to the company and the agency's letter.
//!
//! Where the profile's search says `number_issued`, a company is looked up not by its 業者番号 but by a
//! 登録番号 that is issued here. The server stores a keyed hash of it; stealing the database reveals no
//! number. A letter is kept, sealed with the server's key, until an officer confirms that it was sent: until then it can
//! be printed again. After that nobody can read the number; a lost letter means a new number, and the old one stops
//! working.
//!
//! Elsewhere the same letters tell companies their 業者番号.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who gets a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IssueNumbers {
    /// 業者番号 of the companies, at most 500; empty: the next 500 without one.
    pub companies: Vec<String>,
    /// Send by mail instead of on paper where the registration has an address. Only issued numbers.
    pub by_mail: bool,
}

/// Letters that were not confirmed as sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LettersWaiting {
    /// How many.
    pub letters: u64,
}

/// Letters that were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LettersSent {
    /// At most 500.
    pub letters: Vec<SentLetter>,
}

/// A letter that was sent. One with a newer number of the company stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SentLetter {
    /// 業者番号.
    pub company: String,
    /// [`NumberLetter::issued_unix_ms`].
    pub issued_unix_ms: i64,
}

/// The letters to print; mailed ones are not included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuedNumbers {
    /// Letters.
    pub letters: Vec<NumberLetter>,
    /// How many were sent by mail.
    pub mailed: u32,
    /// Numbers missing from the roster.
    pub unknown: Vec<String>,
    /// How many companies still have no number after this.
    pub left: u64,
}

/// A letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NumberLetter {
    /// 業者番号.
    pub company: String,
    /// 商号又は名称.
    pub name: String,
    /// 郵便番号.
    pub postal_code: String,
    /// 住所.
    pub address: String,
    /// 代表者役職 and 氏名.
    pub representative: String,
    /// 登録番号: the secret; or 業者番号 where none is issued.
    pub number: String,
    /// When, Unix milliseconds.
    pub issued_unix_ms: i64,
    /// Whether an older number of the company stopped working.
    pub reissued: bool,
}

impl fmt::Debug for IssuedNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuedNumbers({} letters)", self.letters.len())
    }
}

impl fmt::Debug for NumberLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumberLetter(…)")
    }
}

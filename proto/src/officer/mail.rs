//! 届かなかったメール: what the mail server refused, to whomever it was.

use serde::{Deserialize, Serialize};

/// A page of undelivered mails, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Undelivered {
    /// The mails.
    pub mails: Vec<UndeliveredMail>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<i64>,
    /// How many there are.
    pub total: u64,
}

/// A mail that the mail server refused, and that nobody has given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UndeliveredMail {
    /// Names it here.
    pub id: i64,
    /// 業者番号 of the company that it is about; empty: it is to an officer, or the company has left the roster.
    pub number: String,
    /// The company's 商号又は名称.
    pub name: String,
    /// Address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// When it was queued, Unix milliseconds.
    pub at_unix_ms: i64,
    /// A step of SMTP and the codes of the mail server's answer.
    pub reason: String,
    /// Whether its text still exists.
    pub sendable: bool,
}

/// What is to become of undelivered mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActOnMails {
    /// Which.
    pub act: MailAct,
    /// [`UndeliveredMail::id`]; absent: all of them.
    pub only: Option<i64>,
}

named! {
    /// What an officer does about a mail.
    pub enum MailAct {
        /// Retry at once, and again for days.
        Send = "send",
        /// Stop retrying; its text is erased.
        GiveUp = "give_up",
    }
}

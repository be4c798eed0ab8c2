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
    /// How many of them can be sent again.
    pub sendable: u64,
    /// Another one when it is about other mails.
    pub revision: String,
}

/// A mail that the mail server refused, and that nobody has given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UndeliveredMail {
    /// Names it here.
    pub id: i64,
    /// 業者番号 of the company that it is about; empty: it is to an officer.
    pub number: String,
    /// The company's 商号又は名称; empty: it has left the roster.
    pub name: String,
    /// Address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// When it was queued, Unix milliseconds.
    pub at_unix_ms: i64,
    /// A step of SMTP and the codes of the mail server's answer.
    pub reason: String,
    /// Whether it can be sent again: its text still exists, and so may an officer's link in it.
    pub sendable: bool,
}

/// What is to become of undelivered mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActOnMails {
    /// Which.
    pub act: MailAct,
    /// Of which mails.
    pub of: MailsMeant,
}

/// Which undelivered mails are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MailsMeant {
    /// [`UndeliveredMail::id`].
    One(i64),
    /// All, as they were when the officer decided: [`Undelivered::revision`].
    All(String),
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

//! What the outbox holds: mails, and what holds them up.

use super::value::{FromValue, Parameter, Value};

/// A mail to be queued.
#[derive(Clone, Debug, Default)]
pub struct NewMail {
    /// `Message-ID`, without angle brackets; the same at every attempt.
    pub message_id: String,
    /// `From`.
    pub sender: String,
    /// `To`.
    pub recipient: String,
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Whether `body` is sealed with the server's key.
    pub sealed: bool,
    /// Its place in the queue.
    pub priority: Priority,
}

/// Which mails leave first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// A link that somebody is waiting for.
    Awaited,
    /// Confirmations.
    #[default]
    Ordinary,
    /// Mass mails, by a task or by an officer.
    Bulk,
}

impl Priority {
    /// All, in the order in which they leave.
    pub const ALL: [Self; 3] = [Self::Awaited, Self::Ordinary, Self::Bulk];
}

impl Parameter for Priority {
    fn value(&self) -> Option<Value<'_>> {
        let number: i64 = match self {
            Self::Awaited => 0,
            Self::Ordinary => 1,
            Self::Bulk => 2,
        };
        Some(Value::Integer(number))
    }
}

impl FromValue for Priority {
    fn from_value(value: Value<'_>) -> Option<Self> {
        Some(match i64::from_value(value)? {
            0 => Self::Awaited,
            1 => Self::Ordinary,
            _ => Self::Bulk,
        })
    }
}

/// A mail's attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name, ASCII.
    pub name: String,
    /// Media type with its parameters.
    pub media_type: String,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct OutboxMail {
    pub id: i64,
    pub mail: NewMail,
    pub attachment: Option<Attachment>,
    pub created_at: i64,
    /// How many deliveries have failed.
    pub attempts: u32,
    /// What holds it up.
    pub hold: Hold,
    /// How often its outcome stayed unknown.
    pub unknowns: u32,
    /// Since when delivery has been attempted.
    pub tried_since: i64,
    /// When its claim expires.
    pub leased_until: i64,
}

/// What holds a queued mail up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Nothing yet.
    #[default]
    Nothing,
    /// The mail server, as far as can be told: retried as soon as another mail of its sender has left.
    Relay,
    /// The same, but another mail of its sender has left since.
    Released,
    /// This mail or its recipient.
    Mail,
}

impl Parameter for Hold {
    fn value(&self) -> Option<Value<'_>> {
        let word = match self {
            Self::Nothing => "",
            Self::Relay => "relay",
            Self::Released => "released",
            Self::Mail => "mail",
        };
        Some(Value::Text(word.into()))
    }
}

impl FromValue for Hold {
    fn from_value(value: Value<'_>) -> Option<Self> {
        Some(match String::from_value(value)?.as_str() {
            "relay" => Self::Relay,
            "released" => Self::Released,
            "mail" => Self::Mail,
            _ => Self::Nothing,
        })
    }
}

/// The outcome of a claimed mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The mail server took it.
    Sent,
    /// It was not attempted after all.
    Untried,
    /// It stays queued.
    Deferred {
        until: i64,
        /// What holds it up.
        hold: Hold,
        reason: String,
        /// Whether it may have been delivered.
        unknown: bool,
        /// Whether the other mails of its sender can't leave either.
        whole_sender: bool,
    },
    /// It will not be retried unless an officer says so.
    Refused { reason: String },
}

/// Numbers of mails by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailCounts {
    /// Not delivered yet.
    pub queued: u64,
    /// Refused permanently, and not given up by an officer.
    pub refused: u64,
    /// When the oldest undelivered mail was queued.
    pub oldest: Option<i64>,
}

impl MailCounts {
    /// How long the oldest has been waiting; 0 when none is.
    pub fn oldest_seconds(&self, now: i64) -> i64 {
        self.oldest.map_or(0, |oldest| (now - oldest).max(0) / 1000)
    }
}

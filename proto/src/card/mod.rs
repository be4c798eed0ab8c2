//! What page, extension and host say to each other about cards.
//!
//! Page ↔ extension: [`PageRequest`] → [`PageReply`], one request per port. Card window ↔ host: the host first
//! sends [`HostMessage::Hello`]; then each [`HostCommand`] gets exactly one answer with its id, and
//! [`HostMessage::Readers`] is sent whenever a reader or card changes.

mod error;
mod finding;
mod log;
mod pin;
pub mod text;
mod version;

use serde::{Deserialize, Serialize};

pub use self::{
    error::{CardError, CardErrorCode, Desk},
    finding::{Browser, Finding, Severity},
    log::LogLevel,
    pin::{Pin, PinRules},
    version::{Fit, Part, Spoken},
};
pub use crate::purpose::Purpose;

use crate::{
    document::{Document, DocumentSignature},
    origin::Origin,
    token::{Nonce, Token},
};

/// A page's request to the extension. The origin is never part of it: the browser reports that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PageRequest {
    /// Are extension, host and PC/SC service there, and do their versions fit?
    Status,
    /// Prove possession of a card by signing the nonce.
    Authenticate {
        /// The server's challenge.
        nonce: Nonce,
        /// What the card is presented for.
        purpose: Purpose,
        /// The agency's name, as the server sent it with the challenge; shown in the card window. Since protocol
        /// 4.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<String>"))]
        agency: String,
        /// The agency accepts My Number Cards ([`crate::agency::Cards::my_number`]).
        #[serde(default, skip_serializing_if = "is_false")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        my_number: bool,
    },
    /// Sign an application. Since protocol 3.
    Sign {
        /// As shown and signed.
        document: Document,
        /// The [`CardSummary::id`] of the card that has to sign; no other one is offered.
        card: String,
    },
    /// What does the host's doctor find on this computer? Since protocol 2.
    CheckUp,
    /// Cancels the request on this port; the card window closes.
    Cancel,
}

/// The extension's reply to a page. `Opened` may precede it; exactly one of the others ends the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case", try_from = "PageReplyText")]
pub enum PageReply {
    /// Answer to [`PageRequest::Status`].
    Status(Status),
    /// Answer to [`PageRequest::CheckUp`].
    Findings {
        /// Worst first; empty: nothing is wrong.
        findings: Vec<Finding>,
    },
    /// The card window is open; the person is working there.
    Opened,
    /// The card signed.
    Token {
        /// To be sent to the server unchanged.
        token: Token,
        /// 担当者, as typed in the card window; may be empty.
        #[serde(default)]
        person_in_charge: String,
    },
    /// The card signed the application. Since protocol 3.
    Signature {
        /// To be sent to the server unchanged.
        signature: DocumentSignature,
    },
    /// The request failed or was cancelled.
    Error {
        /// Why.
        error: CardError,
    },
}

/// A reply as received; see `RuleText` in [`crate::field`] for why it is parsed in this shape.
#[derive(Deserialize)]
struct PageReplyText {
    r#type: PageReplyType,
    token: Option<Token>,
    signature: Option<DocumentSignature>,
    #[serde(default)]
    person_in_charge: String,
    error: Option<CardError>,
    extension: Option<Part>,
    host: Option<Part>,
    service: Option<ServiceState>,
    #[serde(default)]
    readers: u32,
    #[serde(default)]
    cards: u32,
    #[serde(default)]
    managed: bool,
    findings: Option<Vec<Finding>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PageReplyType {
    Status,
    Findings,
    Opened,
    Token,
    Signature,
    Error,
}

/// A reply that lacks what its type requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reply is not whole")]
pub struct NotReply;

impl TryFrom<PageReplyText> for PageReply {
    type Error = NotReply;

    fn try_from(reply: PageReplyText) -> Result<Self, NotReply> {
        let PageReplyText { host, service, readers, cards, managed, error, person_in_charge, .. } = reply;
        Ok(match reply.r#type {
            PageReplyType::Opened => Self::Opened,
            PageReplyType::Status => {
                let extension = reply.extension.ok_or(NotReply)?;
                Self::Status(Status { extension, host, service, readers, cards, managed, error })
            }
            PageReplyType::Findings => Self::Findings { findings: reply.findings.ok_or(NotReply)? },
            PageReplyType::Token => Self::Token { token: reply.token.ok_or(NotReply)?, person_in_charge },
            PageReplyType::Signature => Self::Signature { signature: reply.signature.ok_or(NotReply)? },
            PageReplyType::Error => Self::Error { error: error.ok_or(NotReply)? },
        })
    }
}

/// What the extension knows about itself and the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Status {
    /// The extension's version and protocol.
    pub extension: Part,
    /// The host's, when it answered.
    pub host: Option<Part>,
    /// Whether the PC/SC service answers; `None` when the host did not.
    pub service: Option<ServiceState>,
    /// How many readers are attached; without PC/SC, how many PKCS#11 modules still work.
    #[serde(default)]
    pub readers: u32,
    /// How many of them hold a card.
    #[serde(default)]
    pub cards: u32,
    /// Whether an administrator installed or configured the extension: then updates are up to the administrator.
    /// Since protocol 2.
    #[serde(default)]
    pub managed: bool,
    /// What prevents using a card, if anything.
    pub error: Option<CardError>,
}

/// The PC/SC service on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Answers.
    Running,
    /// Not running or not reachable.
    Off,
}

/// A command from the card window (or the worker, for `Status`) to the host. `id` is echoed in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum HostCommand {
    /// Answered by [`HostMessage::Status`].
    Status {
        /// Echoed.
        id: u32,
        /// The administrator's managed setting for the host's log, if any; the host's own configuration takes
        /// precedence. Hosts that do not know it ignore it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        log_level: Option<LogLevel>,
    },
    /// Look for everything wrong between browser and card, changing nothing. Answered by
    /// [`HostMessage::Findings`]. Since protocol 2.
    CheckUp {
        /// Echoed.
        id: u32,
        /// The browser that the extension runs in, if the host knows it.
        #[serde(default)]
        browser: Option<Browser>,
        /// As in `Status`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        log_level: Option<LogLevel>,
    },
    /// Start reporting readers and cards. Answered by [`HostMessage::Done`], then [`HostMessage::Readers`] at once
    /// and at every change.
    Watch {
        /// Echoed.
        id: u32,
        /// The page that asks, as the browser reported it; checked against the host's own allow-list.
        origin: Origin,
        /// The page accepts My Number Cards. Without this their certificates are not even read.
        #[serde(default, skip_serializing_if = "is_false")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        my_number: bool,
        /// As in `Status`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        log_level: Option<LogLevel>,
    },
    /// Sign. Answered by [`HostMessage::Token`] or [`HostMessage::Error`]; [`HostMessage::Progress`] before.
    Authenticate {
        /// Echoed.
        id: u32,
        /// As in `Watch`; checked again.
        origin: Origin,
        /// The server's challenge.
        nonce: Nonce,
        /// The card's [`CardSummary::id`]: the PIN is for this card and is never tried on another.
        card: String,
        /// As typed in the card window; without one the host asks in its own dialog, where the administrator wants
        /// that. Since protocol 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        pin: Option<Pin>,
        /// The person has agreed to use the last try.
        #[serde(default)]
        accept_last_try: bool,
        /// As in `Watch`; needed again.
        #[serde(default, skip_serializing_if = "is_false")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        my_number: bool,
    },
    /// Sign an application: the host itself derives from it what the card signs (`cms`). Answered by
    /// [`HostMessage::Signature`] or [`HostMessage::Error`]; [`HostMessage::Progress`] before. Since protocol 3.
    Sign {
        /// Echoed.
        id: u32,
        /// As in `Watch`; checked again, and the document must be for it.
        origin: Origin,
        /// What the window displayed.
        document: Document,
        /// As in `Authenticate`.
        card: String,
        /// As in `Authenticate`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        pin: Option<Pin>,
        /// As in `Authenticate`.
        #[serde(default)]
        accept_last_try: bool,
    },
    /// Cancel the running `Authenticate` or `Sign`. Answered by [`HostMessage::Done`]; the cancelled command ends
    /// with the code `cancelled` unless it had already ended.
    Cancel {
        /// Echoed.
        id: u32,
    },
}

/// A message from the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HostMessage {
    /// The first message, sent unasked.
    Hello {
        /// The host's version and protocol.
        #[serde(flatten)]
        part: Part,
        /// Card families that this host supports: `piv`, `jpki`, `pkcs11`, ….
        capabilities: Vec<String>,
    },
    /// Answer to [`HostCommand::Status`].
    Status {
        /// Of the command.
        id: u32,
        /// PC/SC.
        service: ServiceState,
        /// Attached readers; without PC/SC, listed PKCS#11 modules that still work.
        readers: u32,
        /// Readers with a card in them; without PC/SC, tokens that those modules show.
        cards: u32,
        /// Sites that the caller may ask for, as described by agencies' packages on this computer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<KnownSite>>"))]
        sites: Vec<KnownSite>,
    },
    /// Answer to [`HostCommand::CheckUp`].
    Findings {
        /// Of the command.
        id: u32,
        /// Worst first; empty: nothing is wrong.
        findings: Vec<Finding>,
    },
    /// The current readers and cards; always the whole list.
    Readers {
        /// PC/SC.
        service: ServiceState,
        /// In the service's order.
        readers: Vec<Reader>,
    },
    /// The card is working: `done` of about `total` card commands. For a progress bar; not a promise.
    Progress {
        /// Of the command.
        id: u32,
        /// Card commands finished.
        done: u32,
        /// Card commands expected.
        total: u32,
        /// The reader is asking for the PIN on its own keypad, for at most this many more seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        pad_seconds: Option<u32>,
    },
    /// Answer to [`HostCommand::Authenticate`].
    Token {
        /// Of the command.
        id: u32,
        /// The signed token.
        token: Token,
    },
    /// Answer to [`HostCommand::Sign`].
    Signature {
        /// Of the command.
        id: u32,
        /// Made by the card.
        signature: DocumentSignature,
    },
    /// The command was carried out and has no result.
    Done {
        /// Of the command.
        id: u32,
    },
    /// The command failed; without an id, the input could not be parsed as a command.
    Error {
        /// The command's id, if it could be read.
        id: Option<u32>,
        /// Why.
        error: CardError,
    },
}

/// A site, as described by an agency's package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KnownSite {
    /// Its origin.
    pub origin: Origin,
    /// The agencies behind it.
    pub agencies: Vec<String>,
    /// Whom to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub help_desk: Option<SiteDesk>,
    /// Whether the program itself asks for PINs there, unless an administrator's settings of the extension say otherwise.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub asks_pin: bool,
}

/// Whom to call about a site. Unset texts are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SiteDesk {
    /// Who answers.
    pub name: String,
    /// Their number.
    pub phone: String,
    /// When they answer.
    #[serde(default)]
    pub hours: String,
    /// Further notes.
    #[serde(default)]
    pub note: String,
}

/// One card reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Reader {
    /// As the PC/SC service names it.
    pub name: String,
    /// What is in it.
    #[serde(flatten)]
    pub state: ReaderState,
}

/// What a reader holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ReaderState {
    /// No card.
    Empty,
    /// A card is there and is being read.
    Reading,
    /// A card that this host supports.
    Card {
        /// Its certificate and PIN state.
        card: CardSummary,
    },
    /// A card, but not a usable one; `error` says why (`unsupported_card`, `card_busy`, `card_error`, …).
    Unusable {
        /// Why.
        error: CardError,
    },
}

/// What the card window shows of a card. Read without a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CardSummary {
    /// Identifies this card: lower-case hex SHA-256 of its authentication certificate's DER.
    pub id: String,
    /// The card family: `piv`, `jpki` (My Number Card), `pkcs11`.
    pub family: String,
    /// Holder's name from the certificate, Japanese where it has one; empty if absent.
    pub holder: String,
    /// Holder's company from the certificate; empty if absent.
    pub company: String,
    /// The issuer's organisation or common name.
    pub issuer: String,
    /// First moment of validity, RFC 3339 in UTC.
    pub not_before: String,
    /// Last moment of validity, RFC 3339 in UTC.
    pub not_after: String,
    /// Tries left before the PIN locks, read without spending one; `None` when the card does not tell.
    pub tries_left: Option<u8>,
    /// What the card accepts as a PIN.
    pub pin: PinRules,
    /// The PIN is entered on the reader's own keypad; `pin` in `Authenticate` is left empty.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub pin_pad: bool,
    /// A wrong PIN has been tried since the last correct one. For cards that reveal this but not the number of
    /// tries.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub tries_low: bool,
    /// Why this card can't be used although it was read (`certificate_expired`, `pin_locked`, …).
    pub problem: Option<CardError>,
}

// By reference, as serde requires.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_never_shows_in_debug_output_of_a_command() {
        let command = HostCommand::Authenticate {
            id: 1,
            origin: Origin::parse("https://ebid.example.jp").unwrap(),
            nonce: Nonce::from_bytes(&[1; 32]),
            card: "ab".into(),
            pin: Some(Pin::new("918273".into())),
            accept_last_try: false,
            my_number: false,
        };
        assert!(!format!("{command:?}").contains("918273"));
    }
}

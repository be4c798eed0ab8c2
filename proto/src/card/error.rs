//! Why a card request failed.

use serde::{Deserialize, Serialize};

/// Why a card request failed. The code is stable; texts belong to the apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(from = "CardErrorText")]
pub struct CardError {
    /// What happened.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub code: CardErrorCode,
    /// Tries left, with `pin_wrong` and `pin_last_try`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub tries_left: Option<u8>,
    /// The PIN had been sent to the card when this happened. With `pin_format` the card did not count it; with any
    /// other code that is unknown: a wrong PIN has cost a try.
    #[serde(default, skip_serializing_if = "super::is_false")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub pin_sent: bool,
    /// The offending field, with `bad_request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub field: Option<String>,
    /// A technical detail for the help desk, such as a status word or PC/SC error name. Never personal data, never
    /// card data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub detail: Option<String>,
}

/// An error as received.
#[derive(Deserialize)]
struct CardErrorText {
    code: String,
    tries_left: Option<u8>,
    #[serde(default)]
    pin_sent: bool,
    field: Option<String>,
    detail: Option<String>,
}

/// A code known to a newer part but not to us is still an error, and the help desk sees its name.
impl From<CardErrorText> for CardError {
    fn from(text: CardErrorText) -> Self {
        let CardErrorText { code, tries_left, pin_sent, field, detail } = text;
        match CardErrorCode::ALL.iter().find(|known| known.as_str() == code) {
            Some(&code) => Self { code, tries_left, pin_sent, field, detail },
            None => Self::new(CardErrorCode::Internal).with_detail(code),
        }
    }
}

impl CardError {
    /// An error fully described by its code.
    pub fn new(code: CardErrorCode) -> Self {
        Self { code, tries_left: None, pin_sent: false, field: None, detail: None }
    }

    /// Marks that the PIN had been sent to the card.
    #[must_use]
    pub fn with_pin_sent(mut self) -> Self {
        self.pin_sent = true;
        self
    }

    /// Adds the tries left.
    #[must_use]
    pub fn with_tries(mut self, tries: u8) -> Self {
        self.tries_left = Some(tries);
        self
    }

    /// Adds the offending field.
    #[must_use]
    pub fn with_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Adds a technical word for the help desk.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// Whom to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// The help desk for computers, software and this system.
    HelpDesk,
    /// The certification authority that issued the card.
    Authority,
    /// The procuring agency.
    Agency,
    /// Nobody: the person did it.
    Nobody,
}

impl Desk {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::HelpDesk, Self::Authority, Self::Agency, Self::Nobody];

    /// Its name in the extension.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HelpDesk => "help_desk",
            Self::Authority => "authority",
            Self::Agency => "agency",
            Self::Nobody => "nobody",
        }
    }
}

/// The table of codes: name, whom to call, and whether the card window stays open after it (`Retriable`: another
/// try, card or moment may fix it) or reports it and closes (`Ends`). Their texts are in `texts`.
macro_rules! card_codes {
    (
        $(#[$enum_doc:meta])*
        pub enum $enum:ident { $($(#[$doc:meta])* $name:ident = $text:literal, $desk:ident, $mend:ident;)* }
    ) => {
        codes! {
            $(#[$enum_doc])*
            pub enum $enum { $($(#[$doc])* $name = $text,)* }
        }

        impl $enum {
            /// Whom to call.
            pub fn desk(self) -> Desk {
                match self { $(Self::$name => Desk::$desk,)* }
            }

            /// Whether another try, another card or another moment may fix it.
            pub fn is_retriable(self) -> bool {
                match self { $(Self::$name => card_codes!(@ $mend),)* }
            }
        }
    };
    (@ Retriable) => { true };
    (@ Ends) => { false };
}

card_codes! {
    /// Every state between page and card that a person can meet has its own code.
    pub enum CardErrorCode {
        // The parts and their versions.
        /// The extension does not answer: not installed, switched off, or not for this site.
        ExtensionMissing = "extension_missing", HelpDesk, Ends;
        /// The extension is older than the page needs.
        ExtensionTooOld = "extension_too_old", HelpDesk, Ends;
        /// The extension is newer than the page understands.
        ExtensionTooNew = "extension_too_new", HelpDesk, Ends;
        /// The browser finds no host with our name.
        HostMissing = "host_missing", HelpDesk, Ends;
        /// The browser found the host, but this extension is not allowed to use it.
        HostForbidden = "host_forbidden", HelpDesk, Ends;
        /// A policy of the organisation blocks the host.
        HostBlocked = "host_blocked", HelpDesk, Ends;
        /// The browser could not talk to the host, for a reason this extension does not recognise; `detail` quotes
        /// it.
        HostUnreachable = "host_unreachable", HelpDesk, Ends;
        /// The host exited or could not be started.
        HostExited = "host_exited", HelpDesk, Ends;
        /// The host wrote something that is not one of our messages, or stayed silent.
        HostProtocol = "host_protocol", HelpDesk, Ends;
        /// The host is older than the extension needs.
        HostTooOld = "host_too_old", HelpDesk, Ends;
        /// The host is newer than the extension understands.
        HostTooNew = "host_too_new", HelpDesk, Ends;
        /// This site is not on the allow-list of the extension or the host.
        OriginNotAllowed = "origin_not_allowed", HelpDesk, Ends;
        /// The request came from a frame inside a page.
        FrameNotAllowed = "frame_not_allowed", Agency, Ends;
        /// The host was called by an unknown extension.
        CallerNotAllowed = "caller_not_allowed", HelpDesk, Ends;
        /// The host's configuration has a mistake; `detail` says where.
        HostMisconfigured = "host_misconfigured", HelpDesk, Ends;
        /// Another page's card window is open.
        Busy = "busy", HelpDesk, Retriable;
        /// A message lacked something or had the wrong shape; `field` says which.
        BadRequest = "bad_request", Agency, Ends;

        // The person.
        /// Cancelled by the person or the page.
        Cancelled = "cancelled", Nobody, Ends;
        /// Nobody did anything for too long.
        TimedOut = "timed_out", HelpDesk, Ends;

        // Service, reader, card.
        /// The PC/SC service is not running.
        ServiceOff = "service_off", HelpDesk, Retriable;
        /// No reader is attached.
        NoReader = "no_reader", HelpDesk, Retriable;
        /// No card is in any reader.
        NoCard = "no_card", HelpDesk, Retriable;
        /// The card speaks no protocol that this host supports.
        UnsupportedCard = "unsupported_card", Authority, Retriable;
        /// A My Number Card, which the agency does not accept.
        MyNumberNotAccepted = "my_number_not_accepted", Agency, Retriable;
        /// The card was removed.
        CardRemoved = "card_removed", HelpDesk, Retriable;
        /// The card in the reader is no longer the one that was shown.
        CardChanged = "card_changed", HelpDesk, Retriable;
        /// The card may be valid, but it is not the one that has to sign. Since protocol 3.
        OtherCard = "other_card", HelpDesk, Retriable;
        /// Another program is using the card.
        CardBusy = "card_busy", HelpDesk, Retriable;
        /// The card maker's PKCS#11 module crashed, hung or failed; `detail` names it.
        ModuleFailed = "module_failed", HelpDesk, Retriable;
        /// The card violated its protocol, or communication with it failed.
        CardError = "card_error", Authority, Retriable;

        // PIN.
        /// Wrong PIN; `tries_left` says how many remain.
        PinWrong = "pin_wrong", Authority, Retriable;
        /// One try is left and the person has not agreed to use it. No try was spent.
        PinLastTry = "pin_last_try", Authority, Retriable;
        /// Locked: only the certification authority can unlock the card.
        PinLocked = "pin_locked", Authority, Retriable;
        /// The card has no PIN set.
        PinNotSet = "pin_not_set", Authority, Retriable;
        /// The PIN must be changed with the card maker's program before it can be used.
        PinExpired = "pin_expired", Authority, Retriable;
        /// The PIN's format can't be right (too short, letters); no try was spent.
        PinFormat = "pin_format", Authority, Retriable;

        /// The PIN cannot be entered where the administrator wants it: extension and host are configured
        /// differently, or the host has no dialog here; `detail` says which.
        PinEntryUnavailable = "pin_entry_unavailable", HelpDesk, Ends;

        // Certificate and key.
        /// The card holds no authentication certificate.
        CertificateMissing = "certificate_missing", Authority, Retriable;
        /// The certificate on the card can't be read.
        CertificateUnreadable = "certificate_unreadable", Authority, Retriable;
        /// The certificate has expired.
        CertificateExpired = "certificate_expired", Authority, Retriable;
        /// The certificate is not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid", Authority, Retriable;
        /// The certificate's key usages do not allow logging in.
        CertificateUnsuitable = "certificate_unsuitable", Authority, Retriable;
        /// A key type or size that this host does not support.
        KeyUnsupported = "key_unsupported", Authority, Retriable;

        /// A defect of ours.
        Internal = "internal", HelpDesk, Ends;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_newer_part_is_an_error_that_names_it() {
        let text = r#"{"code": "reader_upside_down", "tries_left": 1, "more": {"new": true}}"#;
        let error: CardError = serde_json::from_str(text).unwrap();
        assert_eq!(error, CardError::new(CardErrorCode::Internal).with_detail("reader_upside_down"));
    }
}

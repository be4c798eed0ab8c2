//! Why a card request failed.

use serde::{Deserialize, Serialize};

/// Why a card request failed. The code is stable; texts belong to the apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CardErrorText")]
pub struct CardError {
    /// What happened.
    pub code: CardErrorCode,
    /// Tries left, with `pin_wrong` and `pin_last_try`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
    /// The offending field, with `bad_request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For the help desk: a technical word such as a status word or PC/SC error name. Never personal data,
    /// never card data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// An error as it comes.
#[derive(Deserialize)]
struct CardErrorText {
    code: String,
    tries_left: Option<u8>,
    field: Option<String>,
    detail: Option<String>,
}

/// A code that a newer part has and we have not is still an error, and the help desk reads its name.
impl From<CardErrorText> for CardError {
    fn from(text: CardErrorText) -> Self {
        let CardErrorText { code, tries_left, field, detail } = text;
        match CardErrorCode::ALL.iter().find(|known| known.as_str() == code) {
            Some(&code) => Self { code, tries_left, field, detail },
            None => Self::new(CardErrorCode::Internal).with_detail(code),
        }
    }
}

impl CardError {
    /// An error that its code says whole.
    pub fn new(code: CardErrorCode) -> Self {
        Self { code, tries_left: None, field: None, detail: None }
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

codes! {
    /// Every state between a page and a card that a person can meet has a code of its own.
    pub enum CardErrorCode {
        // The parts and their versions.
        /// The extension does not answer: not installed, switched off, or not for this site.
        ExtensionMissing = "extension_missing",
        /// The extension is older than the page needs.
        ExtensionTooOld = "extension_too_old",
        /// The extension is newer than the page understands.
        ExtensionTooNew = "extension_too_new",
        /// The browser finds no host of our name.
        HostMissing = "host_missing",
        /// The browser found the host but this extension may not use it.
        HostForbidden = "host_forbidden",
        /// A policy of the organisation blocks the host.
        HostBlocked = "host_blocked",
        /// The browser could not speak to the host, in words that this extension does not know; `detail` quotes
        /// them.
        HostUnreachable = "host_unreachable",
        /// The host ended or could not be started.
        HostExited = "host_exited",
        /// The host wrote something that is no message of ours, or stayed silent.
        HostProtocol = "host_protocol",
        /// The host is older than the extension needs.
        HostTooOld = "host_too_old",
        /// The host is newer than the extension understands.
        HostTooNew = "host_too_new",
        /// This site is not on the allow-list of the extension or the host.
        OriginNotAllowed = "origin_not_allowed",
        /// The request came from a frame inside a page.
        FrameNotAllowed = "frame_not_allowed",
        /// The host was called by an extension it does not know.
        CallerNotAllowed = "caller_not_allowed",
        /// Another page's card window is open.
        Busy = "busy",
        /// A message lacked something or had the wrong shape; `field` says which.
        BadRequest = "bad_request",

        // The person.
        /// Given up by the person or the page.
        Cancelled = "cancelled",
        /// Nobody did anything for too long.
        TimedOut = "timed_out",

        // Service, reader, card.
        /// The PC/SC service is not running.
        ServiceOff = "service_off",
        /// No reader is attached.
        NoReader = "no_reader",
        /// No card is in any reader.
        NoCard = "no_card",
        /// The card speaks nothing that this host knows.
        UnsupportedCard = "unsupported_card",
        /// A My Number Card, which the agency does not take.
        MyNumberNotAccepted = "my_number_not_accepted",
        /// The card was taken out.
        CardRemoved = "card_removed",
        /// Another card than the one shown is in the reader now.
        CardChanged = "card_changed",
        /// The card may be in order, but it is not the one that has to sign. Since protocol 3.
        OtherCard = "other_card",
        /// Another program holds the card.
        CardBusy = "card_busy",
        /// A PKCS#11 module of the card's maker crashed, hung or failed; `detail` names it.
        ModuleFailed = "module_failed",
        /// The card answered against the rules, or the line to it failed.
        CardError = "card_error",

        // PIN.
        /// Wrong PIN; `tries_left` says how many remain.
        PinWrong = "pin_wrong",
        /// One try is left and the person has not said yes to using it. No try was spent.
        PinLastTry = "pin_last_try",
        /// Locked: only the certification authority can unlock the card.
        PinLocked = "pin_locked",
        /// The card has no PIN set.
        PinNotSet = "pin_not_set",
        /// The PIN has to be changed, with the card maker's program, before it can be used.
        PinExpired = "pin_expired",
        /// The PIN's shape can't be right (too short, letters); no try was spent.
        PinFormat = "pin_format",

        /// The PIN cannot be entered where the administrator wants it: extension and host are set differently,
        /// or the host has no dialog here; `detail` says which.
        PinEntryUnavailable = "pin_entry_unavailable",

        // Certificate and key.
        /// The card holds no authentication certificate.
        CertificateMissing = "certificate_missing",
        /// The certificate on the card can't be read.
        CertificateUnreadable = "certificate_unreadable",
        /// The certificate has expired.
        CertificateExpired = "certificate_expired",
        /// The certificate is not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid",
        /// A key type or size that this host can't use.
        KeyUnsupported = "key_unsupported",

        /// A defect of ours.
        Internal = "internal",
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

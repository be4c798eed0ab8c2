//! Why card work failed, and what the card window is told about it.

use touroku_proto::card::{CardError, CardErrorCode};

/// Everything that can go wrong between this host and a card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The PC/SC service does not answer. It may come back.
    #[error("the PC/SC service is not running")]
    ServiceOff,
    /// The PC/SC service is there but does not answer.
    #[error("the PC/SC service does not answer")]
    ServiceSilent,
    /// No reader is attached.
    #[error("no reader is attached")]
    NoReader,
    /// No card is in any reader.
    #[error("no card is in any reader")]
    NoCard,
    /// The card, or its reader, was removed.
    #[error("the card was removed")]
    CardRemoved,
    /// The card in the reader is not the requested one.
    #[error("another card is in the reader")]
    CardChanged,
    /// Another program holds the card exclusively.
    #[error("another program holds the card")]
    CardBusy,
    /// Communication with the card failed; PC/SC's name for it.
    #[error("PC/SC: {0}")]
    Line(String),
    /// The card responded with a status word that the command does not expect (ISO 7816-4, 5.6).
    #[error("{command} answered {word:04X}")]
    Status {
        /// The command's name in ISO 7816-4 or SP 800-73.
        command: &'static str,
        /// SW1 SW2.
        word: u16,
    },
    /// The card's response violates its format.
    #[error("the card's answer is malformed: {0}")]
    Malformed(&'static str),
    /// The card has no application that this host supports.
    #[error("no known application on the card")]
    UnsupportedCard,
    /// A My Number Card, and the requesting site accepts none.
    #[error("a My Number Card, which is not accepted")]
    MyNumberNotAccepted,
    #[error("wrong PIN")]
    PinWrong {
        /// Tries left; `None` when the card does not say.
        tries: Option<u8>,
    },
    /// One try is left and nobody agreed to using it.
    #[error("one try left")]
    PinLastTry,
    #[error("the PIN is locked")]
    PinLocked,
    /// The card has no PIN.
    #[error("the card has no PIN")]
    PinNotSet,
    /// The PIN must be changed before it can be used.
    #[error("the PIN has expired")]
    PinExpired,
    /// The PIN's format can't be right.
    #[error("not a PIN that this card could have")]
    PinFormat,
    /// The card received the PIN and says that its format is wrong; it did not count that as a try.
    #[error("the card refuses the PIN's shape")]
    PinRefused,
    /// The PIN went to the card, and its response never came: nobody knows whether a try was spent.
    #[error("no answer to the PIN: {0}")]
    PinUnanswered(Box<Self>),
    /// No authentication certificate on the card.
    #[error("no authentication certificate")]
    CertificateMissing,
    /// The certificate object or the certificate in it can't be read.
    #[error("the certificate cannot be read: {0}")]
    CertificateUnreadable(String),
    #[error("the certificate has expired")]
    CertificateExpired,
    #[error("the certificate is not valid yet")]
    CertificateNotYetValid,
    /// The certificate may not be used to log in.
    #[error("the certificate is not for authentication: {0}")]
    CertificateUnsuitable(&'static str),
    /// A key type or size that this host does not support.
    #[error("unsupported key: {0}")]
    KeyUnsupported(String),
    /// A PKCS#11 module can't be used.
    #[error("{module}: {trouble}")]
    Module {
        module: String,
        /// What is wrong with it.
        trouble: ModuleTrouble,
    },
    /// Nobody answered our own dialog.
    #[error("nobody entered a PIN")]
    TimedOut,
    /// Our own dialog for the PIN failed.
    #[error("PIN entry: {0}")]
    PinEntry(String),
    /// Cancelled by the person, or the host is ending.
    #[error("cancelled")]
    Cancelled,
    /// A defect of this host.
    #[error("internal error")]
    Internal,
}

/// What is wrong with a PKCS#11 module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModuleTrouble {
    /// The process for it could not be started.
    #[error("no process: {0}")]
    Start(String),
    /// Not a module for this system, or it failed to initialise.
    #[error("not loaded: {0}")]
    Load(String),
    /// One of its functions failed.
    #[error("{0}")]
    Failed(String),
    /// It did not answer.
    #[error("no answer for {seconds} s")]
    Silent {
        /// How long it was given.
        seconds: u64,
    },
    /// It ended its process; the signal or exit status, if known.
    #[error("ended ({0})")]
    Ended(String),
}

impl Error {
    /// The same, if it happened to a PIN on its way to the card.
    pub(crate) fn after_pin(self) -> Self {
        match self {
            Self::CardRemoved | Self::CardChanged | Self::ServiceOff | Self::Line(_) | Self::Malformed(_) => {
                Self::PinUnanswered(Box::new(self))
            }
            other => other,
        }
    }

    /// What the card window is told.
    pub fn to_card_error(&self) -> CardError {
        use CardErrorCode as Code;
        let plain = CardError::new;
        match self {
            Self::ServiceOff => plain(Code::ServiceOff),
            Self::ServiceSilent => plain(Code::ServiceOff).with_detail("no answer"),
            Self::NoReader => plain(Code::NoReader),
            Self::NoCard => plain(Code::NoCard),
            Self::CardRemoved => plain(Code::CardRemoved),
            Self::CardChanged => plain(Code::CardChanged),
            Self::CardBusy => plain(Code::CardBusy),
            Self::Line(name) => plain(Code::CardError).with_detail(name),
            Self::Status { .. } | Self::Malformed(_) => plain(Code::CardError).with_detail(self.to_string()),
            Self::UnsupportedCard => plain(Code::UnsupportedCard),
            Self::MyNumberNotAccepted => plain(Code::MyNumberNotAccepted),
            Self::PinWrong { tries: Some(tries) } => plain(Code::PinWrong).with_tries(*tries),
            Self::PinWrong { tries: None } => plain(Code::PinWrong),
            Self::PinLastTry => plain(Code::PinLastTry).with_tries(1),
            Self::PinLocked => plain(Code::PinLocked),
            Self::PinNotSet => plain(Code::PinNotSet),
            Self::PinExpired => plain(Code::PinExpired),
            Self::PinFormat => plain(Code::PinFormat),
            Self::PinRefused => plain(Code::PinFormat).with_pin_sent(),
            Self::PinUnanswered(error) => error.to_card_error().with_pin_sent(),
            Self::CertificateMissing => plain(Code::CertificateMissing),
            Self::CertificateUnreadable(why) => plain(Code::CertificateUnreadable).with_detail(why),
            Self::CertificateExpired => plain(Code::CertificateExpired),
            Self::CertificateNotYetValid => plain(Code::CertificateNotYetValid),
            Self::CertificateUnsuitable(why) => plain(Code::CertificateUnsuitable).with_detail(*why),
            Self::KeyUnsupported(key) => plain(Code::KeyUnsupported).with_detail(key),
            Self::Module { .. } => plain(Code::ModuleFailed).with_detail(self.to_string()),
            Self::TimedOut => plain(Code::TimedOut),
            Self::PinEntry(why) => plain(Code::PinEntryUnavailable).with_detail(why),
            Self::Cancelled => plain(Code::Cancelled),
            Self::Internal => plain(Code::Internal),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn all() -> Vec<Error> {
        let text = String::new;
        vec![
            Error::ServiceOff,
            Error::ServiceSilent,
            Error::NoReader,
            Error::NoCard,
            Error::CardRemoved,
            Error::CardChanged,
            Error::CardBusy,
            Error::Line(text()),
            Error::Status { command: "VERIFY", word: 0x6F00 },
            Error::Malformed("reply"),
            Error::UnsupportedCard,
            Error::MyNumberNotAccepted,
            Error::PinWrong { tries: None },
            Error::PinLastTry,
            Error::PinLocked,
            Error::PinNotSet,
            Error::PinExpired,
            Error::PinFormat,
            Error::PinRefused,
            Error::PinUnanswered(Box::new(Error::CardRemoved)),
            Error::CertificateMissing,
            Error::CertificateUnreadable(text()),
            Error::CertificateExpired,
            Error::CertificateNotYetValid,
            Error::CertificateUnsuitable("keyUsage"),
            Error::KeyUnsupported(text()),
            Error::Module { module: text(), trouble: ModuleTrouble::Silent { seconds: 15 } },
            Error::TimedOut,
            Error::PinEntry(text()),
            Error::Cancelled,
            Error::Internal,
        ]
    }

    /// Codes of the parts around the cards, each with a file that uses it.
    const ELSEWHERE: [(&str, &str); 18] = [
        ("extension_missing", "web/src/ports/extension.rs"),
        ("extension_too_old", "web/src/bidder/reduce/connection.rs"),
        ("extension_too_new", "web/src/bidder/reduce/connection.rs"),
        ("host_missing", "extension/host-port.js"),
        ("host_forbidden", "extension/host-port.js"),
        ("host_blocked", "extension/host-port.js"),
        ("host_unreachable", "extension/host-port.js"),
        ("host_exited", "extension/host-port.js"),
        ("host_protocol", "extension/host-port.js"),
        ("host_too_old", "extension/host-port.js"),
        ("host_too_new", "extension/host-port.js"),
        ("other_card", "extension/card-state.js"),
        ("frame_not_allowed", "extension/access.js"),
        ("origin_not_allowed", "host/src/config.rs"),
        ("caller_not_allowed", "host/src/config.rs"),
        ("host_misconfigured", "host/src/config.rs"),
        ("busy", "host/src/session.rs"),
        ("bad_request", "host/src/command.rs"),
    ];

    /// `PinLocked` for `pin_locked`.
    fn camel(code: &str) -> String {
        let word = |word: &str| word[..1].to_uppercase() + &word[1..];
        code.split('_').map(word).collect()
    }

    fn sources(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !["error.rs", "tests.rs"].iter().any(|name| path.ends_with(name))
            {
                // Without its tests.
                let text = fs::read_to_string(&path).unwrap();
                into.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
            }
        }
    }

    #[test]
    fn every_code_is_reached_by_a_driver_or_said_by_the_part_that_it_is_about() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let ours: Vec<CardErrorCode> = all().iter().map(|error| error.to_card_error().code).collect();
        for &code in CardErrorCode::ALL {
            let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == code.as_str());
            assert_ne!(ours.contains(&code), elsewhere.is_some(), "{}", code.as_str());
            if let Some((name, file)) = elsewhere {
                let text = fs::read_to_string(root.join(file)).unwrap();
                let says = text.contains(&format!("\"{name}\"")) || text.contains(&camel(name));
                assert!(says, "{file} does not say {name}");
            }
        }
    }

    #[test]
    fn every_error_is_one_that_some_driver_meets() {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        for error in all() {
            let shown = format!("{error:?}");
            let name = shown.split([' ', '(']).next().unwrap();
            if name == "PinUnanswered" {
                // `Error::after_pin` makes it.
                assert!(text.contains(".after_pin()") || text.contains("Error::after_pin"));
                continue;
            }
            let makes = [" ", "(", ")", ",", ".", ";", "\n"].map(|end| format!("Error::{name}{end}"));
            assert!(makes.iter().any(|make| text.contains(make)), "nobody makes Error::{name}");
        }
    }
}

//! The command line's Japanese: what happened, and what to do next, in `proto`'s words.

use touroku_proto::card::{CardError, CardErrorCode as Code, text};

/// What happened and what to do, for a person at the command line.
pub fn explain(error: &CardError) -> String {
    let happened = text::sent(error.code).filter(|_| error.pin_sent);
    let mut text = happened.unwrap_or_else(|| text::what(error.code)).to_owned();
    if error.pin_sent && happened.is_none() {
        text.push_str(text::PIN_UNANSWERED);
    }
    let next = text::command(error.code).unwrap_or_else(|| text::next(error.code));
    if let Some(tries) = error.tries_left {
        text.push_str(&format!("（残り{tries}回）"));
    }
    let code = error.code.as_str();
    let detail = error.detail.as_ref().or(error.field.as_ref());
    let detail = detail.map_or_else(String::new, |detail| format!(" {detail}"));
    format!("{text}\n  → {next}\n  [{code}]{detail}")
}

/// The exit status for a failure; 0 is success, 1 and 2 belong to the host and the command line itself.
pub fn exit_code(code: Code) -> u8 {
    match code {
        Code::BadRequest => 2,
        Code::ServiceOff => 10,
        Code::NoReader => 11,
        Code::NoCard => 12,
        Code::UnsupportedCard => 13,
        Code::MyNumberNotAccepted => 19,
        Code::CardRemoved => 14,
        Code::CardChanged => 15,
        Code::CardBusy => 16,
        Code::CardError => 17,
        Code::ModuleFailed => 18,
        Code::PinWrong => 20,
        Code::PinLastTry => 21,
        Code::PinLocked => 22,
        Code::PinNotSet => 23,
        Code::PinFormat => 24,
        Code::PinExpired => 25,
        Code::CertificateMissing => 30,
        Code::CertificateUnreadable => 31,
        Code::CertificateExpired => 32,
        Code::CertificateNotYetValid => 33,
        Code::KeyUnsupported => 34,
        Code::CertificateUnsuitable => 35,
        Code::Cancelled => 40,
        Code::TimedOut => 41,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_a_caller_can_tell_apart_has_an_exit_code_of_its_own() {
        let mut codes: Vec<u8> =
            Code::ALL.iter().map(|&code| exit_code(code)).filter(|&code| code != 1).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(!codes.contains(&0));
    }

    #[test]
    fn an_explanation_names_what_to_do_the_tries_left_and_the_stable_code() {
        let text = explain(&CardError::new(Code::PinWrong).with_tries(2));
        assert!(text.contains("残り2回") && text.contains("→") && text.ends_with("[pin_wrong]"), "{text}");
    }
}

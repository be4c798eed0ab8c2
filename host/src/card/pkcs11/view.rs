//! A token as the card window shows it.

use touroku_proto::card::{CardSummary, Pin, PinRules, ReaderState};

use super::{FAMILY, wire::Token};
use crate::{card::certificate::CardCertificate, error::Error};

/// What a token offers: one entry for each certificate for authentication, usable ones first; or the reason why
/// there is none.
pub fn states(token: &Token, now: i64) -> Vec<ReaderState> {
    let certificates = token.certificates.iter();
    let (mut refusal, mut unsuitable) = (Error::CertificateMissing, None);
    let mut cards: Vec<CardSummary> = Vec::new();
    for der in certificates {
        match CardCertificate::parse(der.0.clone()) {
            Ok(certificate) if certificate.is_for_authentication() => {
                cards.push(summary(token, &certificate, now));
            }
            // Besides one for logging in, most tokens hold others, such as their authority's.
            Ok(certificate) => unsuitable = unsuitable.or_else(|| certificate.check_usage().err()),
            Err(error) => refusal = error,
        }
    }
    cards.sort_by_key(|card| card.problem.is_some());
    if cards.iter().any(|card| card.problem.is_none()) {
        // An expired one beside its replacement is no choice.
        cards.retain(|card| card.problem.is_none());
    } else {
        cards.truncate(1);
    }
    if cards.is_empty() {
        let error =
            if refusal == Error::CertificateMissing { unsuitable.unwrap_or(refusal) } else { refusal };
        return vec![ReaderState::Unusable { error: error.to_card_error() }];
    }
    cards.into_iter().map(|card| ReaderState::Card { card }).collect()
}

/// Whether this PIN may be sent to the token: its flags allow it, and its format is not one that could only cost a
/// try.
pub fn check_pin(token: &Token, pin: &Pin, accept_last_try: bool) -> Result<(), Error> {
    if !token.pin.required {
        return Ok(());
    }
    check_state(token)?;
    if token.pin.final_try && !accept_last_try {
        return Err(Error::PinLastTry);
    }
    if !token.pin.pad && !rules(token).accepts(pin) {
        return Err(Error::PinFormat);
    }
    Ok(())
}

fn summary(token: &Token, certificate: &CardCertificate, now: i64) -> CardSummary {
    let mut card = certificate.summary(FAMILY, rules(token), tries(token), now);
    card.pin_pad = token.pin.pad;
    card.tries_low = token.pin.low;
    if card.problem.is_none() {
        card.problem = check_state(token).err().map(|error| error.to_card_error());
    }
    card
}

fn check_state(token: &Token) -> Result<(), Error> {
    match token.pin {
        pin if !pin.required => Ok(()),
        pin if pin.locked => Err(Error::PinLocked),
        pin if !pin.initialized => Err(Error::PinNotSet),
        pin if pin.to_be_changed => Err(Error::PinExpired),
        _ => Ok(()),
    }
}

/// PKCS #11 gives no number except these two: "final try" and "locked".
fn tries(token: &Token) -> Option<u8> {
    match token.pin {
        pin if !pin.required => None,
        pin if pin.locked => Some(0),
        pin if pin.final_try => Some(1),
        _ => None,
    }
}

/// A token's rules on length; letters are for the token to judge.
fn rules(token: &Token) -> PinRules {
    let byte = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
    // Some give 0 for "no limit", and some a maximum below their minimum.
    let min = byte(token.min_pin).max(1);
    let max = if token.max_pin < token.min_pin.max(1) { u8::MAX } else { byte(token.max_pin) };
    PinRules { min, max, letters: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::pkcs11::wire::PinFlags;

    fn token(change: impl FnOnce(&mut PinFlags)) -> Token {
        let mut pin = PinFlags { required: true, initialized: true, ..PinFlags::default() };
        change(&mut pin);
        Token { min_pin: 4, max_pin: 16, pin, ..Token::default() }
    }

    fn check(token: &Token, pin: &str, accept_last_try: bool) -> Result<(), Error> {
        check_pin(token, &Pin::new(pin.to_owned()), accept_last_try)
    }

    #[test]
    fn no_pin_goes_to_a_token_that_could_only_lose_a_try_by_it() {
        let healthy = token(|_| ());
        assert_eq!(check(&healthy, "abc123", false), Ok(()));
        assert_eq!(check(&healthy, "abc", false), Err(Error::PinFormat));
        assert_eq!(check(&healthy, &"1".repeat(17), false), Err(Error::PinFormat));
        assert_eq!(check(&token(|pin| pin.locked = true), "123456", true), Err(Error::PinLocked));
        assert_eq!(check(&token(|pin| pin.initialized = false), "123456", false), Err(Error::PinNotSet));
        assert_eq!(check(&token(|pin| pin.to_be_changed = true), "123456", false), Err(Error::PinExpired));
        let last = token(|pin| pin.final_try = true);
        assert_eq!(check(&last, "123456", false), Err(Error::PinLastTry));
        assert_eq!(check(&last, "123456", true), Ok(()));
    }

    #[test]
    fn a_token_that_needs_no_pin_or_takes_it_at_the_reader_asks_for_none() {
        assert_eq!(check(&token(|pin| pin.required = false), "", false), Ok(()));
        assert_eq!(check(&token(|pin| pin.pad = true), "", false), Ok(()));
    }

    #[test]
    fn only_the_numbers_that_a_token_tells_are_told() {
        assert_eq!(tries(&token(|_| ())), None);
        assert_eq!(tries(&token(|pin| pin.low = true)), None, "low is no number");
        assert_eq!(tries(&token(|pin| pin.final_try = true)), Some(1));
        assert_eq!(tries(&token(|pin| (pin.locked, pin.final_try) = (true, true))), Some(0));
    }

    #[test]
    fn odd_lengths_of_a_pin_become_rules_that_some_pin_fits() {
        for (min_pin, max_pin, min, max) in [
            (0, 0, 1, 255),
            (6, 8, 6, 8),
            (4, 0, 4, 255),
            (8, 6, 8, 255),
            (4, 4096, 4, 255),
            (300, 400, 255, 255),
        ] {
            let rules = rules(&Token { min_pin, max_pin, ..Token::default() });
            assert_eq!((rules.min, rules.max), (min, max), "{min_pin} {max_pin}");
        }
    }

    #[test]
    fn a_token_without_a_certificate_says_so() {
        let states = states(&token(|_| ()), 0);
        assert!(
            matches!(states.as_slice(), [ReaderState::Unusable { error }] if error.code.as_str() == "certificate_missing")
        );
    }
}

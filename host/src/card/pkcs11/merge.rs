//! Readers as PC/SC shows them and tokens as modules show them, as one list.
//!
//! A card that this host supports natively is offered once, as that. A token whose slot has a reader's name takes
//! that reader's place; any other, such as one on a USB stick with its own driver, follows.

use touroku_proto::card::{CardErrorCode, Reader, ReaderState, ServiceState};

use super::{modules::Report, view};
use crate::error::Error;

/// PKCS #11 truncates a slot's description here (CK_SLOT_INFO).
const DESCRIPTION: usize = 64;

/// Merges both into one list. `pending`: some module has not answered yet, so that an unknown card may still turn
/// out to be a token.
pub fn merge(readers: Vec<Reader>, reports: &[Report], pending: bool, now: i64) -> Vec<Reader> {
    let own: Vec<String> = readers.iter().filter_map(|reader| id(&reader.state)).map(str::to_owned).collect();
    let mut offered = own;
    let mut places: Vec<(Reader, Vec<Reader>)> =
        readers.into_iter().map(|reader| (reader, Vec::new())).collect();
    let mut others = Vec::new();
    let mut failures = Vec::new();
    for report in reports {
        match &report.outcome {
            Err(error) => failures.push((report, error)),
            Ok((_, tokens)) => {
                for token in tokens {
                    let at = place(&token.slot, &places);
                    for state in view::states(token, now) {
                        if let Some(id) = id(&state) {
                            if offered.iter().any(|known| known == id) {
                                continue;
                            }
                            offered.push(id.to_owned());
                        }
                        let name = at
                            .map_or_else(|| label(&token.slot, &token.label), |at| places[at].0.name.clone());
                        let entry = Reader { name, state };
                        match at {
                            Some(at) => places[at].1.push(entry),
                            None => others.push(entry),
                        }
                    }
                }
            }
        }
    }
    let mut merged: Vec<Reader> =
        places.into_iter().flat_map(|(reader, tokens)| settle(reader, tokens, &failures, pending)).collect();
    // A reader without a known card already says which module failed.
    let told =
        !failures.is_empty() && merged.iter().any(|reader| is_unusable(reader, CardErrorCode::ModuleFailed));
    merged.extend(others);
    if !told {
        merged.extend(failures.iter().map(|(report, error)| Reader {
            name: report.file.file_name().unwrap_or(report.file.as_os_str()).to_string_lossy().into_owned(),
            state: ReaderState::Unusable { error: error.to_card_error() },
        }));
    }
    merged
}

/// What a reader shows when modules know these tokens in it.
fn settle(reader: Reader, tokens: Vec<Reader>, failures: &[(&Report, &Error)], pending: bool) -> Vec<Reader> {
    match &reader.state {
        ReaderState::Unusable { error } if may_be_a_token(error.code) => {
            let usable = tokens.iter().any(|token| matches!(token.state, ReaderState::Card { .. }));
            if usable {
                // A card may show several tokens, some of which are empty.
                tokens.into_iter().filter(|token| matches!(token.state, ReaderState::Card { .. })).collect()
            } else if pending {
                vec![Reader { state: ReaderState::Reading, ..reader }]
            } else if let Some((_, error)) = failures.first() {
                vec![Reader { state: ReaderState::Unusable { error: error.to_card_error() }, ..reader }]
            } else {
                vec![tokens.into_iter().next().unwrap_or(reader)]
            }
        }
        // Empty: the module has not noticed yet. Being read, or usable: this host supports it natively.
        _ => vec![reader],
    }
}

/// Whether a card that this host could not use may be usable by a module.
pub fn may_be_a_token(code: CardErrorCode) -> bool {
    matches!(
        code,
        CardErrorCode::UnsupportedCard
            | CardErrorCode::CertificateMissing
            | CardErrorCode::CertificateUnreadable
            | CardErrorCode::CertificateUnsuitable
            | CardErrorCode::KeyUnsupported
    )
}

/// Whether only a module could use what is there: a card that this host does not support or, without PC/SC,
/// anything.
pub fn wants_modules(service: ServiceState, readers: &[Reader]) -> bool {
    let is_strange =
        |state: &ReaderState| matches!(state, ReaderState::Unusable { error } if may_be_a_token(error.code));
    service == ServiceState::Off || readers.iter().any(|reader| is_strange(&reader.state))
}

fn is_unusable(reader: &Reader, code: CardErrorCode) -> bool {
    matches!(&reader.state, ReaderState::Unusable { error } if error.code == code)
}

fn id(state: &ReaderState) -> Option<&str> {
    if let ReaderState::Card { card } = state { Some(&card.id) } else { None }
}

/// The reader whose name the slot has: the same, truncated, or without trailing numbers where that is unambiguous.
fn place(slot: &str, places: &[(Reader, Vec<Reader>)]) -> Option<usize> {
    let slot = slot.trim_end();
    let cut = |name: &str| name.bytes().take(DESCRIPTION).eq(slot.bytes());
    if let Some(at) = places.iter().position(|(reader, _)| cut(reader.name.trim_end())) {
        return Some(at);
    }
    let mut beginning = places
        .iter()
        .enumerate()
        .filter(|(_, (reader, _))| !slot.is_empty() && reader.name.starts_with(slot));
    let first = beginning.next()?.0;
    beginning.next().is_none().then_some(first)
}

fn label(slot: &str, label: &str) -> String {
    [slot.trim(), label.trim()].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use touroku_proto::card::{CardError, CardSummary, PinRules};

    use super::*;
    use crate::{card::pkcs11::wire::Token, error::ModuleTrouble};

    fn reader(name: &str, state: ReaderState) -> Reader {
        Reader { name: name.to_owned(), state }
    }

    fn unsupported() -> ReaderState {
        ReaderState::Unusable { error: CardError::new(CardErrorCode::UnsupportedCard) }
    }

    fn piv(id: &str) -> ReaderState {
        let pin = PinRules { min: 6, max: 8, letters: false };
        let card = CardSummary {
            id: id.to_owned(),
            family: "piv".to_owned(),
            holder: String::new(),
            company: String::new(),
            issuer: String::new(),
            not_before: String::new(),
            not_after: String::new(),
            tries_left: Some(3),
            pin,
            pin_pad: false,
            tries_low: false,
            problem: None,
        };
        ReaderState::Card { card }
    }

    /// A module with one token, without certificates, in each of these slots.
    fn shows(slots: &[&str]) -> Report {
        let token = |slot: &&str| Token { slot: (*slot).to_owned(), ..Token::default() };
        let tokens = slots.iter().map(token).collect();
        Report { file: PathBuf::from("/lib/module.so"), outcome: Ok((String::new(), tokens)) }
    }

    fn fails() -> Report {
        let trouble = ModuleTrouble::Silent { seconds: 15 };
        let error = Error::Module { module: "/lib/module.so".to_owned(), trouble };
        Report { file: PathBuf::from("/lib/module.so"), outcome: Err(error) }
    }

    fn codes(readers: &[Reader]) -> Vec<(&str, &str)> {
        let code = |state: &ReaderState| match state {
            ReaderState::Unusable { error } => error.code.as_str(),
            ReaderState::Card { .. } => "card",
            ReaderState::Reading => "reading",
            ReaderState::Empty => "empty",
        };
        readers.iter().map(|reader| (reader.name.as_str(), code(&reader.state))).collect()
    }

    #[test]
    fn a_card_that_this_host_speaks_to_itself_is_offered_once() {
        let merged = merge(vec![reader("Reader 00 00", piv("a"))], &[shows(&["Reader 00 00"])], false, 0);
        assert_eq!(codes(&merged), [("Reader 00 00", "card")]);
        let reading = vec![reader("Reader 00 00", ReaderState::Reading)];
        assert_eq!(
            codes(&merge(reading, &[shows(&["Reader 00 00"])], false, 0)),
            [("Reader 00 00", "reading")]
        );
    }

    #[test]
    fn a_card_that_nobody_knows_is_being_read_until_all_modules_have_said_so() {
        let readers = || vec![reader("R", unsupported()), reader("S", ReaderState::Empty)];
        assert_eq!(codes(&merge(readers(), &[], true, 0)), [("R", "reading"), ("S", "empty")]);
        assert_eq!(
            codes(&merge(readers(), &[shows(&[])], false, 0)),
            [("R", "unsupported_card"), ("S", "empty")]
        );
    }

    #[test]
    fn a_failed_module_is_told_once_in_the_reader_that_needs_it_or_by_its_own_name() {
        let needed = merge(vec![reader("R", unsupported())], &[fails()], false, 0);
        assert_eq!(codes(&needed), [("R", "module_failed")]);
        let other = merge(vec![reader("R", piv("a"))], &[fails()], false, 0);
        assert_eq!(codes(&other), [("R", "card"), ("module.so", "module_failed")]);
    }

    #[test]
    fn a_token_stands_in_its_readers_place_by_the_whole_the_cut_or_the_beginning_of_the_name() {
        let long = "A reader with a name that is far too long for a slot of PKCS #11 00 00";
        for (slot, name) in [("R 00 00", "R 00 00"), (&long[..64], long), ("R", "R 00 00")] {
            let merged = merge(vec![reader(name, unsupported())], &[shows(&[slot])], false, 0);
            assert_eq!(codes(&merged), [(name, "certificate_missing")], "{slot}");
        }
        let two = vec![reader("R 00 00", unsupported()), reader("R 01 00", ReaderState::Empty)];
        let merged = merge(two, &[shows(&["R"])], false, 0);
        assert_eq!(merged.len(), 3, "which of the two cannot be said");
    }
}

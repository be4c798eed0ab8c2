//! Readers as PC/SC shows them and tokens as modules show them, as one list.
//!
//! A card that this host speaks to itself is offered once, as that. A token whose slot bears a reader's name
//! stands in that reader's place; any other, such as one on a USB stick with a driver of its own, follows.

use touroku_proto::card::{CardErrorCode, Reader, ReaderState};

use super::{modules::Report, view};
use crate::error::Error;

/// PKCS #11 cuts a slot's description there (CK_SLOT_INFO).
const DESCRIPTION: usize = 64;

/// One list out of both. `pending`: some module that was asked has not answered yet, so that a card which
/// nobody knows may still turn out to be a token.
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
                // A card may show several tokens, of which some are empty.
                tokens.into_iter().filter(|token| matches!(token.state, ReaderState::Card { .. })).collect()
            } else if pending {
                vec![Reader { state: ReaderState::Reading, ..reader }]
            } else if let Some((_, error)) = failures.first() {
                vec![Reader { state: ReaderState::Unusable { error: error.to_card_error() }, ..reader }]
            } else {
                vec![tokens.into_iter().next().unwrap_or(reader)]
            }
        }
        // Empty: the module has not noticed yet. Being read, or usable: this host speaks to it itself.
        _ => vec![reader],
    }
}

/// Whether a card that this host could not use may be of use to a module.
pub fn may_be_a_token(code: CardErrorCode) -> bool {
    matches!(
        code,
        CardErrorCode::UnsupportedCard
            | CardErrorCode::CertificateMissing
            | CardErrorCode::CertificateUnreadable
            | CardErrorCode::KeyUnsupported
    )
}

/// Whether any of these readers holds a card that only a module could use.
pub fn wants_modules(readers: &[Reader]) -> bool {
    readers
        .iter()
        .any(|reader| matches!(&reader.state, ReaderState::Unusable { error } if may_be_a_token(error.code)))
}

fn is_unusable(reader: &Reader, code: CardErrorCode) -> bool {
    matches!(&reader.state, ReaderState::Unusable { error } if error.code == code)
}

fn id(state: &ReaderState) -> Option<&str> {
    if let ReaderState::Card { card } = state { Some(&card.id) } else { None }
}

/// The reader whose name the slot bears: the same, cut, or without the numbers behind it where that leaves no
/// doubt.
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

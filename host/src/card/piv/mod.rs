//! PIV cards (NIST SP 800-73-5, parts 1 and 2): detection, certificate, PIN, signature, and leaving no verified
//! PIN behind. Key 9A (PIV Authentication), or 9C (Digital Signature) where only that one has a certificate for
//! logging in.

mod object;
mod pin;
mod signature;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use touroku_proto::{
    card::{CardSummary, PinRules},
    token::{FORMAT, Token},
};

use self::pin::{Entry, Reference, Tries};
use super::{
    Accepted, Card, Control, Known, Release, Request,
    apdu::{Channel, Command, Expect, StatusWord},
    certificate::CardCertificate,
    driver::{Attempt, Driver, Reading},
    pin_pad::PinPad,
    tlv,
};
use crate::{error::Error, token};

/// The family's name in messages.
const FAMILY: &str = "piv";

pub struct Piv;

/// SP 800-73-5 part 2, 2.4.3: six to eight digits.
const PIN_RULES: PinRules = PinRules { min: 6, max: 8, letters: false };

/// In the historical bytes of Yubico's ATRs ("YubiKey", "YubikeyNEOr3"). Their PIV application accepts any
/// characters in a PIN (Yubico, "PIV PIN, PUK and management key").
const TAKES_LETTERS: &[u8] = b"Yubi";

/// The PIV card application without its version (SP 800-73-5 part 1, 2.2), and just NIST's registered identifier,
/// which is all that some cards match.
const AIDS: [&[u8]; 2] =
    [&[0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00], &[0xA0, 0x00, 0x00, 0x03, 0x08]];

/// A key, and the GET DATA tag of its certificate (SP 800-73-5 part 1, tables 3 and 4).
struct Slot {
    key: u8,
    certificate: [u8; 5],
}

/// PIV Authentication.
const AUTHENTICATION: Slot = Slot { key: 0x9A, certificate: [0x5C, 0x03, 0x5F, 0xC1, 0x05] };

/// Digital Signature. "PIN always": VERIFY has to be the command before each signature, as it is here.
const SIGNATURE: Slot = Slot { key: 0x9C, certificate: [0x5C, 0x03, 0x5F, 0xC1, 0x0A] };

/// Commands in a typical authentication with short lengths, for the progress bar: SELECT, six for the certificate,
/// three for the PIN, four for the signature, deselection.
const USUAL_COMMANDS: u32 = 15;

impl Driver for Piv {
    fn family(&self) -> &'static str {
        FAMILY
    }

    fn read(
        &self,
        card: &mut dyn Card,
        control: &mut dyn Control,
        _: Accepted,
        now: i64,
    ) -> Result<Option<Reading>, Error> {
        let rules = pin_rules(card.atr());
        let pin_pad = PinPad::find(card)?;
        let mut channel = Channel::new(card, control, USUAL_COMMANDS);
        let Some((_, certificate)) = find(&mut channel)? else { return Ok(None) };
        let reference = pin::reference(&mut channel)?;
        let tries = match pin::query(&mut channel, reference)? {
            Tries::Left(tries) => Some(tries),
            Tries::Unknown => None,
        };
        let summary = certificate.summary(FAMILY, rules, tries, now);
        Ok(Some(Reading {
            summary: CardSummary { pin_pad: pin_pad.is_some(), ..summary },
            known: Known { pin_pad, pin_reference: Some(reference as u8) },
        }))
    }

    fn authenticate(
        &self,
        card: &mut dyn Card,
        control: &mut dyn Control,
        request: &Request,
        now: i64,
    ) -> Attempt {
        let rules = pin_rules(card.atr());
        // A PIN that was typed anyway, say before the card changed readers, is not used: many readers with a
        // keypad let no other PIN through.
        let pin_pad = request.known.map_or_else(|| PinPad::find(card), |known| Ok(known.pin_pad));
        let entry = match pin_pad {
            Ok(pad) => pad.map_or(Entry::Typed(&request.pin), Entry::Reader),
            Err(error) => return Attempt::Done(Err(error), Release::Leave),
        };
        if matches!(entry, Entry::Typed(pin) if !rules.accepts(pin)) {
            return Attempt::NoSuchPin;
        }
        let mut channel = Channel::new(card, control, USUAL_COMMANDS);
        let mut global = false;
        let outcome = match find(&mut channel) {
            Ok(None) => return Attempt::OtherFamily,
            Ok(Some(found)) => sign(&mut channel, request, found, (rules, entry), now, &mut global),
            Err(error) => Err(error),
        };
        let release = if channel.was_used() { deselect(&mut channel) } else { Release::Leave };
        // The global PIN's state outlives the application (SP 800-73-5 part 1, 2.4.2).
        Attempt::Done(outcome, if global { Release::Reset } else { release })
    }
}

/// What this card accepts as a PIN.
fn pin_rules(atr: &[u8]) -> PinRules {
    let letters = atr.windows(TAKES_LETTERS.len()).any(|part| part == TAKES_LETTERS);
    PinRules { letters, ..PIN_RULES }
}

/// `global` is set when the global PIN was sent.
fn sign(
    channel: &mut Channel<'_>,
    request: &Request,
    (slot, certificate): (Slot, CardCertificate),
    (rules, entry): (PinRules, Entry<'_>),
    now: i64,
    global: &mut bool,
) -> Result<Token, Error> {
    // Within the same transaction as VERIFY: nobody can swap the card in between.
    if request.card.as_ref().is_some_and(|expected| *expected != certificate.id()) {
        return Err(Error::CardChanged);
    }
    certificate.check(now)?;
    let key = certificate.key()?;
    let command = signature::command(slot.key, key, &request.message(key.algorithm(), certificate.der()));
    // Three for the PIN, the signature's own, one to fetch a long one's end, deselection.
    channel.expect_more(3 + channel.commands_for(&command) + 1 + 1);

    // It is the card that was read, as its certificate shows, and what was learnt then still holds.
    let known = request.known.and_then(|known| known.pin_reference).and_then(Reference::known);
    let reference = known.map_or_else(|| pin::reference(channel), Ok)?;
    match pin::query(channel, reference)? {
        Tries::Left(0) => return Err(Error::PinLocked),
        Tries::Left(1) if !request.accept_last_try => return Err(Error::PinLastTry),
        Tries::Left(_) | Tries::Unknown => {}
    }
    *global = reference == Reference::Global;
    pin::verify(channel, reference, rules, entry)?;
    let signature = signature::parse(key, &channel.exchange(&command)?, &command)?;
    Ok(Token {
        unverified_certificate: STANDARD.encode(certificate.der()),
        algorithm: key.algorithm().name().to_owned(),
        signature: STANDARD.encode(signature),
        format: FORMAT.to_owned(),
        app_version: token::app_version(),
    })
}

/// Selects the application and picks the certificate for logging in; `None`: not a PIV card.
fn find(channel: &mut Channel<'_>) -> Result<Option<(Slot, CardCertificate)>, Error> {
    if !select(channel)? {
        return Ok(None);
    }
    match choose(channel)? {
        Choice::Key(slot, certificate) => Ok(Some((slot, certificate))),
        // It accepted the SELECT but knows no PIV command.
        Choice::NoPiv => Ok(None),
    }
}

/// Whether the card has the application.
fn select(channel: &mut Channel<'_>) -> Result<bool, Error> {
    let mut refusal = None;
    for aid in AIDS {
        let command = Command::new("SELECT", [0xA4, 0x04, 0x00], aid.to_vec(), Expect::Short);
        let reply = channel.exchange(&command)?;
        match reply.status {
            // A card that selects its default application for an unknown AID returns that one's name instead.
            StatusWord::OK if selected_aid(&reply.data).is_none_or(is_piv) => return Ok(true),
            StatusWord::OK => refusal = None,
            status if status.is_checking_error() => refusal = None,
            status => refusal = Some(command.refused(status)),
        }
    }
    refusal.map_or(Ok(false), Err)
}

/// Selects another application, which ends PIV's verified state. SP 800-73-5 part 2, 3.1.1: selecting PIV again
/// keeps that state, and so does an AID unknown to the card. An empty AID selects the default application
/// (GlobalPlatform card specification, 11.9.2); on a card where that is PIV itself, or that does not say what it
/// is, only a reset is certain.
fn deselect(channel: &mut Channel<'_>) -> Release {
    let command = Command::new("SELECT", [0xA4, 0x04, 0x00], Vec::new(), Expect::Short);
    let reply = channel.send_once(&command).and_then(|reply| channel.collect(&command, reply));
    match reply {
        Ok(reply)
            if reply.status == StatusWord::OK
                && selected_aid(&reply.data).is_some_and(|aid| !is_piv(aid)) =>
        {
            Release::Leave
        }
        _ => Release::Reset,
    }
}

/// The application that a reply to SELECT names: `4F` in PIV's template `61`, `84` in ISO's `6F`.
fn selected_aid(reply: &[u8]) -> Option<&[u8]> {
    let template = tlv::find(reply, 0x61).or_else(|| tlv::find(reply, 0x6F))?;
    tlv::find(template, 0x4F).or_else(|| tlv::find(template, 0x84)).filter(|aid| !aid.is_empty())
}

fn is_piv(aid: &[u8]) -> bool {
    // In a reply `4F` may hold the identifier without NIST's RID (SP 800-73-5 part 2, table 4).
    let [_, registered] = AIDS;
    aid.starts_with(registered) || aid.starts_with(&[0x00, 0x00, 0x10, 0x00])
}

/// A card's candidates for logging in.
enum Choice {
    Key(Slot, CardCertificate),
    NoPiv,
}

/// The key for logging in: PIV Authentication, unless it has no suitable certificate and Digital Signature has
/// one. Always the same for the same card, whatever its certificates' validity.
fn choose(channel: &mut Channel<'_>) -> Result<Choice, Error> {
    let first = certificate(channel, &AUTHENTICATION);
    let suits = match &first {
        Ok(Some(certificate)) => certificate.is_for_authentication(),
        Err(Error::CertificateMissing | Error::CertificateUnreadable(_)) => false,
        Ok(None) | Err(_) => true,
    };
    if !suits {
        match certificate(channel, &SIGNATURE) {
            Ok(Some(second)) if second.is_for_authentication() => {
                return Ok(Choice::Key(SIGNATURE, second));
            }
            Err(error @ (Error::CardRemoved | Error::Cancelled | Error::Line(_))) => return Err(error),
            // Nothing better: the first says what is wrong with the card.
            _ => {}
        }
    }
    Ok(first?.map_or(Choice::NoPiv, |certificate| Choice::Key(AUTHENTICATION, certificate)))
}

/// A slot's certificate; `None`: the card does not know the command.
fn certificate(channel: &mut Channel<'_>, slot: &Slot) -> Result<Option<CardCertificate>, Error> {
    let command = Command::new("GET DATA", [0xCB, 0x3F, 0xFF], slot.certificate.to_vec(), Expect::Long);
    let reply = channel.exchange(&command)?;
    match reply.status.0 {
        0x9000 => CardCertificate::parse(object::certificate(&reply.data)?).map(Some),
        // File or record not found; referenced data not found.
        0x6A82 | 0x6A83 | 0x6A88 => Err(Error::CertificateMissing),
        // Security status: a contactless card that requires a secure channel first.
        0x6982 => Err(Error::CertificateUnreadable("GET DATA answered 6982".to_owned())),
        0x6D00 | 0x6E00 => Ok(None),
        _ => Err(command.refused(reply.status)),
    }
}

// They make certificates with OpenSSL, which is not available for the host on Windows.
#[cfg(test)]
#[cfg(unix)]
mod tests;

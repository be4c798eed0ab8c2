//! My Number Cards (マイナンバーカード): the application of 公的個人認証サービス (JPKI), and within it only
//! the key and certificate for user authentication (利用者証明用). The ones for digital signature (署名用),
//! whose certificate contains name, address and date of birth, are never selected.
//!
//! J-LIS discloses its specification only to those who verify such certificates. This does what the free programs
//! that know the card do: OpenSC (`card-jpki.c`, `pkcs15-jpki.c`) and myna. On a phone in place of the card the
//! certificate can't be read before the PIN; it is reported as unreadable.

mod file;
mod pin;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use touroku_proto::{
    card::{CardSummary, PinRules},
    token::{FORMAT, Token},
};

use self::file::File;
use super::{
    Accepted, Card, Control, Known, Release, Request,
    apdu::{Channel, Command, Expect, StatusWord},
    certificate::{CardCertificate, Key},
    driver::{Attempt, Driver, Reading},
    pkcs1::sha256_digest_info,
};
use crate::{error::Error, token};

/// The family's name in messages.
pub const FAMILY: &str = "jpki";

pub struct MyNumber;

/// 利用者証明用電子証明書の暗証番号: four digits.
const PIN_RULES: PinRules = PinRules { min: 4, max: 4, letters: false };

/// The application 公的個人認証AP.
const AID: [u8; 10] = [0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];

/// The key's size. All cards so far have RSA-2048, and a short command can't request a longer signature.
const KEY: Key = Key::Rsa { bytes: 256 };

/// Commands in a typical authentication, for the progress bar: SELECT twice, eight for the certificate, three for
/// the PIN, two for the signature.
const USUAL_COMMANDS: u32 = 15;

impl Driver for MyNumber {
    fn family(&self) -> &'static str {
        FAMILY
    }

    /// # Errors
    /// [`Error::MyNumberNotAccepted`] unless such cards are accepted: then nothing of the card is read.
    fn read(
        &self,
        card: &mut dyn Card,
        control: &mut dyn Control,
        accepted: Accepted,
        now: i64,
    ) -> Result<Option<Reading>, Error> {
        let mut channel = Channel::new(card, control, USUAL_COMMANDS);
        if !select(&mut channel, accepted)? {
            return Ok(None);
        }
        let certificate = certificate(&mut channel)?;
        let tries = pin::query(&mut channel)?;
        let summary = certificate.summary(FAMILY, PIN_RULES, tries, now);
        let problem =
            summary.problem.or_else(|| check_key(&certificate).err().map(|error| error.to_card_error()));
        // The subject is a number derived from the certificate's: it names nobody.
        let summary = CardSummary { holder: String::new(), company: String::new(), problem, ..summary };
        Ok(Some(Reading { summary, known: Known::default() }))
    }

    fn authenticate(
        &self,
        card: &mut dyn Card,
        control: &mut dyn Control,
        request: &Request,
        now: i64,
    ) -> Attempt {
        let mut channel = Channel::new(card, control, USUAL_COMMANDS);
        let mut verifying = false;
        let outcome = match select(&mut channel, request.accepted) {
            Ok(false) => return Attempt::OtherFamily,
            Ok(true) => sign(&mut channel, request, now, &mut verifying),
            Err(error) => Err(error),
        };
        // The card does not say whether its PIN is verified, nor is it known which SELECT would end that.
        Attempt::Done(outcome, if verifying { Release::Reset } else { Release::Leave })
    }
}

/// `verifying` is set when the PIN may have been sent.
fn sign(
    channel: &mut Channel<'_>,
    request: &Request,
    now: i64,
    verifying: &mut bool,
) -> Result<Token, Error> {
    if !PIN_RULES.accepts(&request.pin) {
        return Err(Error::PinFormat);
    }
    let certificate = certificate(channel)?;
    // Within the same transaction as VERIFY: nobody can swap the card in between.
    if request.card.as_ref().is_some_and(|expected| *expected != certificate.id()) {
        return Err(Error::CardChanged);
    }
    certificate.check(now)?;
    check_key(&certificate)?;
    // SELECT and query, SELECT of the key file and signature, and VERIFY between them.
    channel.expect_more(5);
    match pin::query(channel)? {
        Some(0) => return Err(Error::PinLocked),
        Some(1) if !request.accept_last_try => return Err(Error::PinLastTry),
        _ => {}
    }
    *verifying = true;
    pin::verify(channel, PIN_RULES, &request.pin)?;
    let signature = signature(channel, &request.message(KEY.algorithm(), certificate.der()))?;
    Ok(Token {
        unverified_certificate: STANDARD.encode(certificate.der()),
        algorithm: KEY.algorithm().name().to_owned(),
        signature: STANDARD.encode(signature),
        format: FORMAT.to_owned(),
        app_version: token::app_version(),
    })
}

/// Whether the card has the application.
fn select(channel: &mut Channel<'_>, accepted: Accepted) -> Result<bool, Error> {
    let command = Command::new("SELECT", [0xA4, 0x04, 0x0C], AID.to_vec(), Expect::Nothing);
    let reply = channel.exchange(&command)?;
    match reply.status {
        StatusWord::OK if accepted.my_number => Ok(true),
        StatusWord::OK => Err(Error::MyNumberNotAccepted),
        status if status.is_checking_error() => Ok(false),
        status => Err(command.refused(status)),
    }
}

fn certificate(channel: &mut Channel<'_>) -> Result<CardCertificate, Error> {
    file::select(channel, File::Certificate)?;
    CardCertificate::parse(file::read(channel)?)
}

fn check_key(certificate: &CardCertificate) -> Result<(), Error> {
    match certificate.key()? {
        KEY => Ok(()),
        Key::Rsa { bytes } => Err(Error::KeyUnsupported(format!("RSA-{}", 8 * bytes))),
        Key::P256 | Key::P384 => Err(Error::KeyUnsupported("EC".to_owned())),
    }
}

/// COMPUTE DIGITAL SIGNATURE over a DigestInfo; the card pads it (RFC 8017, 9.2).
fn signature(channel: &mut Channel<'_>, message: &[u8]) -> Result<Vec<u8>, Error> {
    file::select(channel, File::Key)?;
    let info = sha256_digest_info(&Sha256::digest(message));
    let command =
        Command::new("COMPUTE DIGITAL SIGNATURE", [0x2A, 0x00, 0x80], info, Expect::Short).of_class(0x80);
    let reply = channel.exchange(&command)?;
    match (reply.status, KEY) {
        (StatusWord::OK, Key::Rsa { bytes }) if reply.data.len() == bytes => Ok(reply.data),
        (StatusWord::OK, _) => Err(Error::Malformed("signature")),
        (status, _) => Err(command.refused(status)),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;

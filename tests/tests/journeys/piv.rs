//! Our host with less usual PIV cards in the virtual reader, at the command line.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use openssl::x509::X509;
use serde_json::Value;
use touroku_tests::{
    ca::{CardRequest, IssuedCard, KeyKind, TestCa, Timestamp},
    harness::programs,
    pcscd,
    virtual_card::{self, CardConfig, InsertedCard, ReaderLock, second_port},
};

use crate::conversation::{Conversation, EXTENSION, NONCE, ORIGIN, regions_with};

const PIN: &str = "246810";
const READER: &str = "Virtual PCD 00 01";

fn issue(key: KeyKind, holder: &str) -> Result<IssuedCard> {
    let now = Timestamp::from_unix(jiff::Timestamp::now().as_second());
    TestCa::new("PIV", now)?.issue(&CardRequest { key, ..CardRequest::new(now, holder) })
}

/// A card in the second reader, which is reserved while this exists.
struct Inserted {
    card: InsertedCard,
    _reader: ReaderLock,
}

impl Inserted {
    fn new(config: CardConfig) -> Result<Self> {
        pcscd::ensure()?;
        let reader = virtual_card::reader_lock(second_port())?;
        pcscd::wait_for_card(READER, false)?;
        let card = virtual_card::insert(second_port(), config)?;
        pcscd::wait_for_card(READER, true)?;
        Ok(Self { card, _reader: reader })
    }

    fn authenticate(&self, pin: &str) -> Result<Output> {
        let mut host = Command::new(programs::program("touroku-host")?);
        host.args(["authenticate", "--reader", READER, "--origin", ORIGIN, "--nonce", NONCE]);
        let mut host = host.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        writeln!(host.stdin.take().context("standard input")?, "{pin}")?;
        Ok(host.wait_with_output()?)
    }

    /// The certificate that a token came with.
    fn certificate(&self) -> Result<Vec<u8>> {
        let output = self.authenticate(PIN)?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let token: Value = serde_json::from_slice(&output.stdout)?;
        let text = token["unverifiedCertificate"].as_str().context("certificate")?;
        let certificate = openssl::base64::decode_block(text)?;
        ensure!(signed(&token, &certificate)?, "the signature does not fit the certificate");
        Ok(certificate)
    }
}

/// Whether a token's signature is by that certificate's key over our origin and nonce.
fn signed(token: &Value, certificate: &[u8]) -> Result<bool> {
    use openssl::{bn::BigNum, ecdsa::EcdsaSig, hash::MessageDigest, pkey::Id, sha::sha256, sign::Verifier};

    let message = [sha256(ORIGIN.as_bytes()), sha256(NONCE.as_bytes())].concat();
    let signature = openssl::base64::decode_block(token["signature"].as_str().context("signature")?)?;
    let key = X509::from_der(certificate)?.public_key()?;
    if key.id() == Id::RSA {
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key)?;
        return Ok(verifier.verify_oneshot(&signature, &message)?);
    }
    let (r, s) = signature.split_at(signature.len() / 2);
    let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
    let key = key.ec_key()?;
    Ok(signature.verify(&sha256(&message), &key)?)
}

#[test]
fn a_card_with_an_rsa_4096_key_signs_in_long_commands_and_in_chained_ones() -> Result<()> {
    let issued = issue(KeyKind::Rsa4096, "見本　太郎")?;
    for extended_length in [true, false] {
        let config = CardConfig::new(issued.key.clone(), issued.certificate.clone(), PIN);
        let inserted = Inserted::new(CardConfig { extended_length, ..config })?;
        assert_eq!(inserted.certificate()?, issued.certificate);
    }
    Ok(())
}

#[test]
fn a_card_whose_only_certificate_is_that_of_the_signature_key_signs_with_it() -> Result<()> {
    let (first, second) = (issue(KeyKind::P256, "見本　太郎")?, issue(KeyKind::Rsa2048, "見本　次郎")?);
    let mut config = CardConfig::new(first.key, first.certificate, PIN);
    config.certificate = None;
    config.signature_certificate = Some(second.certificate.clone());
    config.signature_key = Some(second.key);
    let inserted = Inserted::new(config)?;
    assert_eq!(inserted.certificate()?, second.certificate);
    Ok(())
}

#[test]
fn of_two_certificates_that_of_the_authentication_key_is_used() -> Result<()> {
    let (first, second) = (issue(KeyKind::P256, "見本　太郎")?, issue(KeyKind::P256, "見本　次郎")?);
    let mut config = CardConfig::new(first.key, first.certificate.clone(), PIN);
    config.signature_certificate = Some(second.certificate);
    config.signature_key = Some(second.key);
    assert_eq!(Inserted::new(config)?.certificate()?, first.certificate);
    Ok(())
}

#[test]
fn a_card_with_a_global_pin_is_asked_for_that_and_left_without_it() -> Result<()> {
    let issued = issue(KeyKind::P256, "見本　太郎")?;
    let mut config = CardConfig::new(issued.key, issued.certificate.clone(), PIN);
    config.global_pin = true;
    let inserted = Inserted::new(config)?;
    let refused = inserted.authenticate("999999")?;
    let error = String::from_utf8(refused.stderr)?;
    assert!(error.contains("（残り2回）") && error.contains("[pin_wrong]"), "{error}");
    assert_eq!(inserted.card.tries_left(), 2);
    assert_eq!(inserted.certificate()?, issued.certificate);
    // The global PIN's query, by another program: 9000 would mean verified.
    let (select, query) = ("00:A4:04:00:05:A0:00:00:03:08:00", "00:20:00:00");
    let asked = Command::new("opensc-tool")
        .args(["--reader", READER, "--send-apdu", select, "--send-apdu", query])
        .output()?;
    let text = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(text.contains("SW1=0x63, SW2=0xC3"), "{text}");
    Ok(())
}

#[test]
fn a_pin_is_not_found_in_the_running_host_after_it_was_used() -> Result<()> {
    let marked = "74108529";
    let issued = issue(KeyKind::Rsa2048, "見本　太郎")?;
    for extended_length in [true, false] {
        let config = CardConfig::new(issued.key.clone(), issued.certificate.clone(), marked);
        let _inserted = Inserted::new(CardConfig { extended_length, ..config })?;
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("host.toml");
        let text = format!(
            "allowed_origins = [{ORIGIN:?}]\nallowed_extensions = [{EXTENSION:?}]\ndiscover_pkcs11_modules = false\n"
        );
        std::fs::write(&config, text)?;
        let mut host = Command::new(programs::program("touroku-host")?);
        host.arg("--config").arg(config);
        let mut browser = Conversation::begin(host);
        let card = browser.card();
        browser.authenticate(2, &card, marked);
        assert_eq!(browser.outcome(2)["type"], "token");
        browser.settle();
        assert_eq!(regions_with(browser.process(), marked), Vec::<String>::new());
        assert!(!browser.said().contains(marked));
    }
    Ok(())
}

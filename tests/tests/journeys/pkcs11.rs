//! Our host with OpenSC's module: a real module with a real reader and the virtual card.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    pkey::Id,
    sha::sha256,
    sign::Verifier,
    x509::X509,
};
use serde_json::Value;
use touroku_host::{
    card::{
        Accepted, Request, Subject,
        pkcs11::{modules::Modules, process::READ_LIMIT},
        until_halt::UntilHalt,
    },
    config::Config,
    error::Error,
    halt::Halt,
};
use touroku_proto::{
    card::Pin,
    origin::Origin,
    token::{Nonce, Token},
};
use touroku_tests::{
    ca::{CardRequest, KeyKind, TestCa, Timestamp},
    harness::programs,
    pcscd,
    virtual_card::{self, CardConfig, InsertedCard, ReaderLock, second_port},
};

const PIN: &str = "246810";
const READER: &str = "Virtual PCD 00 01";
const ORIGIN: &str = "https://ebid.example.jp";

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A card in the second reader, which is reserved while this exists, and OpenSC's module.
struct Inserted {
    card: InsertedCard,
    certificate: Vec<u8>,
    modules: Modules,
    module: PathBuf,
    _reader: ReaderLock,
}

impl Inserted {
    fn new(key: KeyKind) -> Result<Self> {
        pcscd::ensure()?;
        let reader = virtual_card::reader_lock(second_port())?;
        pcscd::wait_for_card(READER, false)?;
        let at = Timestamp::from_unix(now());
        let issued = TestCa::new("OpenSC", at)?
            .issue(&CardRequest { key, ..CardRequest::new(at, "見本　太郎") })?;
        let config = CardConfig::new(issued.key, issued.certificate.clone(), PIN);
        let card = virtual_card::insert(second_port(), config)?;
        pcscd::wait_for_card(READER, true)?;
        // Nothing listed: it must be found.
        let modules = Modules::new(Some(programs::program("touroku-host")?), &Config::default());
        let module = modules.iter().next().context("OpenSC's module is not installed")?.file.clone();
        Ok(Self { card, certificate: issued.certificate, modules, module, _reader: reader })
    }

    fn sign(&self, pin: &str, accept_last_try: bool) -> Result<Token, Error> {
        let request = Request {
            origin: Origin::parse(ORIGIN).map_err(|_| Error::Internal)?,
            subject: Subject::Login(Nonce::from_bytes(&[7; 32])),
            card: Some(hex::encode(sha256(&self.certificate))),
            pin: Pin::new(pin.to_owned()),
            accept_last_try,
            accepted: Accepted::default(),
            known: None,
        };
        self.modules.authenticate(&self.module, &mut UntilHalt(Halt::default()), &request, now)
    }

    fn is_valid(&self, token: &Token) -> Result<bool> {
        let bytes = |text: &str| openssl::base64::decode_block(text);
        assert_eq!(bytes(&token.unverified_certificate)?, self.certificate);
        let key = X509::from_der(&self.certificate)?.public_key()?;
        let p384 = token.algorithm == "ES384";
        let digest = if p384 { MessageDigest::sha384() } else { MessageDigest::sha256() };
        let nonce = Nonce::from_bytes(&[7; 32]);
        let message =
            [hash(digest, ORIGIN.as_bytes())?.to_vec(), hash(digest, nonce.as_str().as_bytes())?.to_vec()]
                .concat();
        let signature = bytes(&token.signature)?;
        if key.id() == Id::RSA {
            return Ok(Verifier::new(digest, &key)?.verify_oneshot(&signature, &message)?);
        }
        let (r, s) = signature.split_at(signature.len() / 2);
        let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
        let key = key.ec_key()?;
        Ok(signature.verify(&hash(digest, &message)?, &key)?)
    }
}

#[test]
fn opensc_module_shows_the_card_and_signs_with_it_in_a_process_of_its_own() -> Result<()> {
    for key in [KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::P256, KeyKind::P384] {
        let inserted = Inserted::new(key)?;
        let id = hex::encode(sha256(&inserted.certificate));
        let reports = inserted.modules.survey(true, READ_LIMIT, &mut UntilHalt(Halt::default()));
        assert!(reports.iter().any(|report| report.holds(&id)), "{key:?}: {reports:?}");
        let token = inserted.sign(PIN, false)?;
        assert!(inserted.is_valid(&token)?, "{key:?}");
        assert_eq!(inserted.card.tries_left(), 3);
    }
    Ok(())
}

#[test]
fn wrong_pins_through_opensc_module_cost_one_try_each_and_stop_before_the_last() -> Result<()> {
    let inserted = Inserted::new(KeyKind::P256)?;
    assert_eq!(inserted.sign("999999", false), Err(Error::PinWrong { tries: None }));
    assert_eq!(inserted.card.tries_left(), 2);
    assert_eq!(inserted.sign("999999", false), Err(Error::PinWrong { tries: Some(1) }));
    assert_eq!(inserted.card.tries_left(), 1);
    assert_eq!(inserted.sign(PIN, false), Err(Error::PinLastTry));
    assert_eq!(inserted.card.tries_left(), 1);
    assert_eq!(inserted.sign("999999", true), Err(Error::PinLocked));
    assert_eq!(inserted.sign(PIN, true), Err(Error::PinLocked));
    assert_eq!(inserted.card.tries_left(), 0);
    Ok(())
}

#[test]
fn a_card_that_the_host_and_a_listed_module_know_is_offered_once_as_the_hosts_own() -> Result<()> {
    let inserted = Inserted::new(KeyKind::P256)?;
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("host.toml");
    std::fs::write(&config, format!("pkcs11_modules = [{:?}]\n", inserted.module))?;
    let mut status = Command::new(programs::program("touroku-host")?);
    let output = status.arg("--config").arg(&config).args(["status", "--json"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let status: Value = serde_json::from_slice(&output.stdout)?;
    assert!(status["modules"][0]["tokens"].as_u64().is_some_and(|tokens| tokens > 0), "{status}");
    let readers = status["readers"].as_array().context("readers")?.iter();
    let cards: Vec<_> = readers.filter(|reader| reader["state"] == "card").collect();
    assert_eq!(cards.len(), 1, "{status}");
    assert_eq!((&cards[0]["name"], &cards[0]["card"]["family"]), (&READER.into(), &"piv".into()));
    Ok(())
}

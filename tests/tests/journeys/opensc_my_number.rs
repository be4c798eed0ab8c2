//! OpenSC's driver for My Number Cards as an oracle: independent of our host, it reads the emulated card and signs
//! with it. Whatever it accepts is how the host's own driver may assume real cards to be.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, ensure};
use openssl::{hash::MessageDigest, sign::Verifier, x509::X509};
use touroku_host::{
    card::{Accepted, pkcs11::modules::Modules, survey::Survey},
    config::Config,
    halt::Halt,
};
use touroku_proto::card::{CardErrorCode, ReaderState};
use touroku_tests::{
    ca::{IssuedCard, MyNumberCa, Timestamp},
    harness::programs,
    pcscd,
    virtual_card::{self, CardConfig, InsertedCard, ReaderLock, Trigger, second_port},
};

const PIN: &str = "4649";
const READER: &str = "Virtual PCD 00 01";

/// The slot that OpenSC assigns to the first PIN, which is the one for user authentication.
const TOKEN: &str = "JPKI (User Authentication PIN)";

struct Inserted {
    card: InsertedCard,
    issued: IssuedCard,
    authority: Vec<u8>,
    _reader: ReaderLock,
}

fn insert(change: impl FnOnce(&mut CardConfig)) -> Result<Inserted> {
    pcscd::ensure()?;
    let reader = virtual_card::reader_lock(second_port())?;
    // The service notices a removal a moment after the last test's card has gone.
    pcscd::wait_for_card(READER, false)?;
    let now = Timestamp::from_unix(now());
    let ca = MyNumberCa::new(now)?;
    let issued = ca.issue(now)?;
    let (key, certificate) = (issued.key.clone(), issued.certificate.clone());
    let mut config = CardConfig::my_number(key, certificate, ca.certificate(), PIN);
    change(&mut config);
    let card = virtual_card::insert(second_port(), config)?;
    pcscd::wait_for_card(READER, true)?;
    Ok(Inserted { card, issued, authority: ca.certificate().to_vec(), _reader: reader })
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    i64::try_from(now.as_secs()).expect("the clock is before the year 292277026596")
}

fn run(program: &str, arguments: &[&str]) -> Result<Output> {
    Command::new(program).args(arguments).output().with_context(|| format!("{program} did not start"))
}

/// What pkcs15-tool says of the card.
fn ask(arguments: &[&str]) -> Result<String> {
    let output = run("pkcs15-tool", &[&["--reader", READER], arguments].concat())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// pkcs11-tool with the token for user authentication.
fn token(arguments: &[&str]) -> Result<Output> {
    let module = [
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/opensc-pkcs11.so",
    ];
    let module = module.into_iter().find(|path| Path::new(path).exists());
    let module = module.context("OpenSC's PKCS#11 module is not installed")?;
    run("pkcs11-tool", &[&["--module", module, "--token-label", TOKEN], arguments].concat())
}

#[test]
fn opensc_takes_the_card_for_a_my_number_card_and_reads_its_certificates() -> Result<()> {
    let Inserted { card, issued, authority, .. } = insert(|_| ())?;
    let named = run("opensc-tool", &["--reader", READER, "--name"])?;
    assert_eq!(String::from_utf8_lossy(&named.stdout).trim(), "jpki");
    let listed = ask(&["--list-certificates"])?;
    for certificate in ["User Authentication Certificate", "User Authentication Certificate CA"] {
        assert!(listed.contains(&format!("[{certificate}]")), "{listed}");
    }
    let read = X509::from_pem(ask(&["--read-certificate", "01"])?.as_bytes())?;
    assert_eq!(read.to_der()?, issued.certificate);
    let above = X509::from_pem(ask(&["--read-certificate", "03"])?.as_bytes())?;
    assert_eq!(above.to_der()?, authority);
    // The one that names its holder stays closed.
    assert!(ask(&["--read-certificate", "02"]).is_err());
    assert_eq!(card.tries_left(), 3);
    Ok(())
}

fn opensc_signs(change: impl FnOnce(&mut CardConfig)) -> Result<()> {
    let Inserted { card, issued, .. } = insert(change)?;
    let folder = tempfile::tempdir()?;
    let (input, output) = (folder.path().join("data"), folder.path().join("signature"));
    let message = b"an independent program signs this";
    fs::write(&input, message)?;
    let arguments = ["--login", "--pin", PIN, "--sign", "--id", "01", "--mechanism", "SHA256-RSA-PKCS"];
    let files = ["--input-file", &*input.to_string_lossy(), "--output-file", &*output.to_string_lossy()];
    let signed = token(&[&arguments[..], &files].concat())?;
    ensure!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    let key = X509::from_der(&issued.certificate)?.public_key()?;
    let valid = Verifier::new(MessageDigest::sha256(), &key)?.verify_oneshot(&fs::read(&output)?, message)?;
    assert!(valid, "the signature does not fit the certificate");
    assert_eq!(card.tries_left(), 3);
    Ok(())
}

#[test]
fn opensc_signs_with_the_pin_of_four_digits() -> Result<()> {
    opensc_signs(|_| ())
}

#[test]
fn opensc_signs_with_a_card_that_wants_exact_lengths() -> Result<()> {
    opensc_signs(|config| config.exact_length = true)
}

#[test]
fn opensc_sees_wrong_pins_count_down_to_the_lock() -> Result<()> {
    let Inserted { card, .. } = insert(|_| ())?;
    let told = || -> Result<bool> {
        let pins = ask(&["--list-pins"])?;
        Ok(pins.contains(&format!("Tries left     : {}", card.tries_left())))
    };
    let login = |pin: &str| -> Result<String> {
        let output = token(&["--login", "--pin", pin, "--list-objects"])?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(told()?);
    for left in [2, 1] {
        let wrong = login("9999")?;
        assert!(wrong.contains("CKR_PIN_INCORRECT"), "{wrong}");
        assert!(card.tries_left() == left && told()?);
    }
    assert!(!login(PIN)?.contains("CKR_"));
    assert_eq!(card.tries_left(), 3);
    for _ in 0..3 {
        login("9999")?;
    }
    let locked = login(PIN)?;
    assert!(locked.contains("CKR_PIN_LOCKED"), "{locked}");
    assert_eq!(card.tries_left(), 0);
    Ok(())
}

#[test]
fn opensc_loses_a_card_that_is_pulled_at_the_signature() -> Result<()> {
    let Inserted { card, .. } = insert(|config| config.faults.remove_at = Some(Trigger::Sign))?;
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("data");
    fs::write(&input, b"never signed")?;
    let arguments = ["--login", "--pin", PIN, "--sign", "--id", "01", "--mechanism", "SHA256-RSA-PKCS"];
    let signed = token(&[&arguments[..], &["--input-file", &*input.to_string_lossy()]].concat())?;
    assert!(!signed.status.success() && card.is_removed());
    pcscd::wait_for_card(READER, false)
}

#[test]
fn no_module_brings_in_a_card_that_the_site_does_not_take() -> Result<()> {
    let Inserted { card, issued, .. } = insert(|_| ())?;
    let id = hex::encode(openssl::sha::sha256(&issued.certificate));
    // Nothing listed, everything found: OpenSC's module would sign with this card.
    let modules = Modules::new(Some(programs::program("touroku-host")?), &Config::default());
    let halt = Halt::default();
    for (accepted, shown) in [(Accepted::default(), false), (Accepted { my_number: true }, true)] {
        let survey = Survey::take(&modules, &halt, accepted, now(), true)?;
        let cards: Vec<_> = survey
            .readers
            .iter()
            .filter_map(|reader| match &reader.state {
                ReaderState::Card { card } => Some((card.id.as_str(), card.family.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(cards == [(id.as_str(), "jpki")], shown, "{cards:?}");
        assert_eq!(survey.place(&id).is_some(), shown);
        let refused = survey.readers.iter().any(|reader| {
            matches!(&reader.state, ReaderState::Unusable { error } if error.code == CardErrorCode::MyNumberNotAccepted)
        });
        assert_eq!(refused, !shown);
    }
    assert_eq!(card.tries_left(), 3);
    Ok(())
}

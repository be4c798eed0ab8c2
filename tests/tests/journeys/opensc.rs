//! OpenSC as an oracle: independent of our host, it reads the virtual card and signs with it.

use std::{
    convert::Infallible,
    fs,
    path::Path,
    process::{Command, Output},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, ensure};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    pkey::Id,
    sign::Verifier,
    x509::X509,
};
use touroku_tests::{
    ca::{CardRequest, IssuedCard, KeyKind, TestCa, Timestamp},
    pcscd,
    virtual_card::{self, CardConfig, InsertedCard, ReaderLock, Removal, Trigger, second_port},
};

const PIN: &str = "246810";
const READER: &str = "Virtual PCD 00 01";

fn issue(key: KeyKind) -> Result<IssuedCard> {
    let now = Timestamp::from_unix(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().try_into()?);
    TestCa::new("OpenSC", now)?.issue(&CardRequest { key, ..CardRequest::new(now, "見本　太郎") })
}

fn run(program: &str, arguments: &[&str]) -> Result<Output> {
    Command::new(program).args(arguments).output().with_context(|| format!("{program} did not start"))
}

fn module() -> Result<&'static str> {
    [
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/opensc-pkcs11.so",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists())
    .context("OpenSC's PKCS#11 module is not installed")
}

/// The PKCS#11 slot of the second reader: OpenSC numbers slots by reader.
fn slot() -> Result<String> {
    let output = run("pkcs11-tool", &["--module", module()?, "--list-slots"])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text
        .lines()
        .find(|line| line.contains(READER))
        .with_context(|| format!("no slot of {READER}: {text}"))?;
    // `Slot 1 (0x4): Virtual PCD 00 01`
    let id = line.split(['(', ')']).nth(1).context("a slot line names its id")?;
    Ok(u64::from_str_radix(id.trim_start_matches("0x"), 16)?.to_string())
}

/// A card in the second reader, which is reserved while this exists.
struct Inserted {
    card: InsertedCard,
    certificate: Vec<u8>,
    _reader: ReaderLock,
}

fn insert(key: KeyKind, change: impl FnOnce(&mut CardConfig)) -> Result<Inserted> {
    pcscd::ensure()?;
    let reader = virtual_card::reader_lock(second_port())?;
    // The service notices a removal a moment after the last test's card has gone.
    pcscd::wait_for_card(READER, false)?;
    let issued = issue(key)?;
    let mut config = CardConfig::new(issued.key, issued.certificate.clone(), PIN);
    change(&mut config);
    let card = virtual_card::insert(second_port(), config)?;
    pcscd::wait_for_card(READER, true)?;
    Ok(Inserted { card, certificate: issued.certificate, _reader: reader })
}

/// What pkcs15-tool says of the card.
fn ask(arguments: &[&str]) -> Result<String> {
    let output = run("pkcs15-tool", &[&["--reader", READER], arguments].concat())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn reads_and_signs(key: KeyKind) -> Result<()> {
    reads_and_signs_with(key, |_| ())
}

fn reads_and_signs_with(key: KeyKind, change: impl FnOnce(&mut CardConfig)) -> Result<()> {
    let Inserted { card, certificate, _reader } = insert(key, change)?;
    let listed = ask(&["--list-certificates"])?;
    assert!(listed.contains("X.509 Certificate [Certificate for PIV Authentication]"), "{listed}");
    let read = X509::from_pem(ask(&["--read-certificate", "01"])?.as_bytes())?;
    assert_eq!(read.to_der()?, certificate, "the certificate that was put on the card");
    let certificate = read;

    let folder = tempfile::tempdir()?;
    let (input, output) = (folder.path().join("data"), folder.path().join("signature"));
    let message = b"an independent program signs this";
    let digest = match key {
        KeyKind::P384 => MessageDigest::sha384(),
        _ => MessageDigest::sha256(),
    };
    let mechanism = if certificate.public_key()?.id() == Id::RSA {
        fs::write(&input, message)?;
        "SHA256-RSA-PKCS"
    } else {
        fs::write(&input, hash(digest, message)?)?;
        "ECDSA"
    };
    let signed = run(
        "pkcs11-tool",
        &[
            "--module",
            module()?,
            "--slot",
            &slot()?,
            "--login",
            "--pin",
            PIN,
            "--sign",
            "--id",
            "01",
            "--mechanism",
            mechanism,
            "--input-file",
            &input.to_string_lossy(),
            "--output-file",
            &output.to_string_lossy(),
        ],
    )?;
    ensure!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    let signature = fs::read(&output)?;
    let public = certificate.public_key()?;
    let valid = if public.id() == Id::RSA {
        Verifier::new(digest, &public)?.verify_oneshot(&signature, message)?
    } else {
        let (r, s) = signature.split_at(signature.len() / 2);
        let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
        let key = public.ec_key()?;
        signature.verify(&hash(digest, message)?, &key)?
    };
    assert!(valid, "the signature does not fit the certificate");
    assert_eq!(card.tries_left(), 3);
    Ok(())
}

#[test]
fn opensc_reads_an_rsa_2048_card_and_signs_with_it() -> Result<()> {
    reads_and_signs(KeyKind::Rsa2048)
}

#[test]
fn opensc_reads_an_rsa_3072_card_and_signs_with_it() -> Result<()> {
    reads_and_signs(KeyKind::Rsa3072)
}

#[test]
fn opensc_reads_a_p256_card_and_signs_with_it() -> Result<()> {
    reads_and_signs(KeyKind::P256)
}

#[test]
fn opensc_reads_a_p384_card_and_signs_with_it() -> Result<()> {
    reads_and_signs(KeyKind::P384)
}

#[test]
fn opensc_manages_with_a_card_of_few_abilities() -> Result<()> {
    // Chaining or extended lengths: an RSA block fits into no other command.
    reads_and_signs_with(KeyKind::Rsa2048, |config| {
        config.extended_length = false;
        config.discovery = false;
        config.gzip = true;
    })
}

#[test]
fn opensc_manages_with_a_card_that_wants_exact_lengths() -> Result<()> {
    reads_and_signs_with(KeyKind::P256, |config| {
        config.extended_length = false;
        config.chaining = false;
        config.exact_length = true;
    })
}

#[test]
fn opensc_sees_no_certificate_where_there_is_none() -> Result<()> {
    let _inserted = insert(KeyKind::P256, |config| config.certificate = None)?;
    let listed = ask(&["--list-certificates"])?;
    assert!(!listed.contains("X.509 Certificate ["), "{listed}");
    Ok(())
}

#[test]
fn opensc_sees_wrong_pins_count_down_to_the_lock() -> Result<()> {
    let Inserted { card, .. } = insert(KeyKind::P256, |_| ())?;
    // What the card reveals about itself; OpenSC shows the number nowhere else.
    let tries = || -> Result<bool> {
        let (select, query) = ("00:A4:04:00:05:A0:00:00:03:08:00", "00:20:00:80");
        let output = run("opensc-tool", &["--reader", READER, "--send-apdu", select, "--send-apdu", query])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let expected = format!("SW1=0x63, SW2=0xC{}", card.tries_left());
        Ok(text.contains(&expected))
    };
    let login = |pin: &str| -> Result<String> {
        let arguments =
            ["--module", module()?, "--slot", &slot()?, "--login", "--pin", pin, "--list-objects"];
        Ok(String::from_utf8_lossy(&run("pkcs11-tool", &arguments)?.stderr).into_owned())
    };
    assert!(tries()?);
    let wrong = login("999999")?;
    assert!(wrong.contains("CKR_PIN_INCORRECT") && tries()?, "{wrong}");
    assert_eq!(card.tries_left(), 2);
    let right = login(PIN)?;
    assert!(!right.contains("CKR_"), "{right}");
    assert_eq!(card.tries_left(), 3);
    for _ in 0..2 {
        login("999999")?;
    }
    assert!(tries()?, "one is left");
    for pin in ["999999", PIN] {
        let locked = login(pin)?;
        assert!(locked.contains("CKR_PIN_LOCKED"), "{locked}");
    }
    assert_eq!(card.tries_left(), 0);
    Ok(())
}

#[test]
fn opensc_loses_a_card_that_is_pulled_at_the_pin() -> Result<()> {
    let pulled = insert(KeyKind::P256, |config| config.faults.remove_at = Some(Trigger::Verify))?;
    let verify = ["--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", PIN];
    assert!(!run("pkcs15-tool", &verify)?.status.success());
    assert_eq!(pulled.card.follow(|_| Ok::<_, Infallible>(()))?, Removal::Fault);
    pcscd::wait_for_card(READER, false)
}

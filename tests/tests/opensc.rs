//! OpenSC as an oracle: it knows nothing of our host, reads the virtual card and signs with it.

use std::{
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
    virtual_card::{self, CardConfig, SECOND_PORT},
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

fn reads_and_signs(key: KeyKind) -> Result<()> {
    pcscd::ensure()?;
    let _lock = virtual_card::reader_lock(SECOND_PORT)?;
    let issued = issue(key)?;
    let card = virtual_card::insert(
        SECOND_PORT,
        CardConfig::new(issued.key.clone(), issued.certificate.clone(), PIN),
    )?;
    pcscd::wait_for_card(READER, true)?;

    let read = run("pkcs15-tool", &["--reader", READER, "--read-certificate", "01"])?;
    ensure!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let certificate = X509::from_pem(&read.stdout)?;
    assert_eq!(certificate.to_der()?, issued.certificate, "the certificate that was put on the card");

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
fn a_wrong_pin_given_to_opensc_costs_the_card_one_try() -> Result<()> {
    pcscd::ensure()?;
    let _lock = virtual_card::reader_lock(SECOND_PORT)?;
    let issued = issue(KeyKind::P256)?;
    let card = virtual_card::insert(SECOND_PORT, CardConfig::new(issued.key, issued.certificate, PIN))?;
    pcscd::wait_for_card(READER, true)?;
    let verified =
        run("pkcs15-tool", &["--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", "999999"])?;
    assert!(!verified.status.success());
    assert_eq!(card.tries_left(), 2);
    Ok(())
}

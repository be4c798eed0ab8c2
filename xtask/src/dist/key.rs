//! The deployment's RSA key, used through the `openssl` program: it reads every kind of PEM, encrypted ones too.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::run::command;

/// The DER of a SubjectPublicKeyInfo of 2048 bits is 294 bytes; a shorter one is a weaker key.
const SHORTEST_SPKI: usize = 294;

/// The object identifier rsaEncryption in DER (RFC 8017, appendix C).
const RSA_ENCRYPTION: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// A private key that can sign, and its public half.
pub(crate) struct SigningKey {
    file: PathBuf,
    public: Vec<u8>,
}

impl SigningKey {
    /// Opens a PEM file.
    pub(crate) fn open(root: &Path, file: &Path) -> Result<Self> {
        let name = file.display();
        ensure!(
            file.is_file(),
            "there is no key {name}; make one with: openssl genrsa -out {name} 2048 (once; it fixes the extension's id)"
        );
        let mut export = command(root, "openssl");
        export.args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(file);
        let public = piped(&mut export, &[]).with_context(|| format!("{name} is no usable private key"))?;
        if !public.windows(RSA_ENCRYPTION.len()).any(|window| window == RSA_ENCRYPTION) {
            bail!("{name} is no RSA key; the stores and older browsers take nothing else");
        }
        ensure!(public.len() >= SHORTEST_SPKI, "{name} has less than 2048 bits");
        Ok(Self { file: file.to_owned(), public })
    }

    /// The public key, SubjectPublicKeyInfo in DER.
    pub(crate) fn public(&self) -> &[u8] {
        &self.public
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256: the same bytes give the same signature.
    pub(crate) fn sign(&self, root: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut sign = command(root, "openssl");
        sign.args(["dgst", "-sha256", "-sign"]).arg(&self.file);
        piped(&mut sign, bytes).context("the extension could not be signed")
    }

    /// The id that browsers derive from the key.
    pub(crate) fn extension_id(&self) -> String {
        extension_id(&raw_id(&self.public))
    }
}

/// The first 16 bytes of the public key's SHA-256.
pub(crate) fn raw_id(public: &[u8]) -> [u8; 16] {
    Sha256::digest(public)[..16].try_into().expect("a SHA-256 has 32 bytes")
}

/// Each hexadecimal digit as a letter from `a` to `p`.
pub(crate) fn extension_id(raw: &[u8; 16]) -> String {
    raw.iter().fold(String::new(), |mut id, byte| {
        for digit in [byte >> 4, byte & 15] {
            let _ = write!(id, "{}", char::from(b'a' + digit));
        }
        id
    })
}

/// Runs a program with `input` and returns its output.
fn piped(command: &mut std::process::Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // A program that refuses at once closes its input; its own words then say why.
    let written = stdin.write_all(input);
    drop(stdin);
    let done = child.wait_with_output()?;
    if !done.status.success() {
        bail!("openssl: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    written?;
    Ok(done.stdout)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A new key in that folder.
    pub(crate) fn new_key(folder: &Path) -> SigningKey {
        let file = folder.join("extension.pem");
        piped(command(folder, "openssl").args(["genrsa", "-out"]).arg(&file).arg("2048"), &[]).unwrap();
        SigningKey::open(folder, &file).unwrap()
    }

    #[test]
    fn the_id_of_the_public_key_in_our_manifest_is_the_published_one() {
        let root = crate::workspace_root();
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(root.join("extension/manifest.json")).unwrap()).unwrap();
        let key = manifest["key"].as_str().unwrap();
        let der = piped(command(&root, "openssl").args(["base64", "-d", "-A"]), key.as_bytes()).unwrap();
        assert_eq!(extension_id(&raw_id(&der)), "eeghagochdoihnfnkeldnmiapppgifok");
    }

    #[test]
    fn other_keys_than_rsa_of_2048_bits_are_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            SigningKey::open(folder.path(), &folder.path().join(name)).err().unwrap().to_string()
        };
        let make = |arguments: &[&str]| {
            piped(command(folder.path(), "openssl").args(arguments), &[]).unwrap();
        };
        assert!(open("none.pem").contains("openssl genrsa"));
        make(&["ecparam", "-genkey", "-name", "prime256v1", "-out", "ec.pem"]);
        assert!(open("ec.pem").contains("no RSA key"));
        make(&["genrsa", "-out", "short.pem", "1024"]);
        assert!(open("short.pem").contains("2048"));
        std::fs::write(folder.path().join("text.pem"), "no key").unwrap();
        assert!(open("text.pem").contains("no usable private key"));
    }
}

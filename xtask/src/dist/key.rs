//! The deployment's RSA key, used through the `openssl` program, which reads every kind of PEM, encrypted ones
//! too.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::run::command;

/// A SubjectPublicKeyInfo of 2048 bits is 294 bytes of DER; a shorter one means a weaker key.
const SHORTEST_SPKI: usize = 294;

/// The object identifier rsaEncryption in DER (RFC 8017, appendix C).
const RSA_ENCRYPTION: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// A private key that can sign, and its public half.
pub(crate) struct SigningKey {
    file: PathBuf,
    public: Vec<u8>,
    /// Only the public half is here; this command has the private one. Empty: it is elsewhere altogether.
    command: Option<Vec<String>>,
}

impl SigningKey {
    /// Opens a PEM file: the private key or, where something else signs, the public one.
    pub(crate) fn open(root: &Path, file: &Path, sign: &[String]) -> Result<Self> {
        let name = file.display();
        ensure!(
            file.is_file(),
            "there is no key {name}; make one with: openssl genrsa -out {name} 2048 (once; it fixes the extension's id)"
        );
        let is_public =
            std::fs::read_to_string(file).is_ok_and(|text| text.contains("-----BEGIN PUBLIC KEY-----"));
        let mut export = command(root, "openssl");
        export.args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(file);
        if is_public {
            export.arg("-pubin");
        }
        let public = piped(&mut export, &[]).with_context(|| format!("{name} is no usable key"))?;
        if !public.windows(RSA_ENCRYPTION.len()).any(|window| window == RSA_ENCRYPTION) {
            bail!("{name} is no RSA key; the stores and older browsers take nothing else");
        }
        ensure!(public.len() >= SHORTEST_SPKI, "{name} has less than 2048 bits");
        let command = (is_public || !sign.is_empty()).then(|| sign.to_vec());
        Ok(Self { file: file.to_owned(), public, command })
    }

    /// The public key, SubjectPublicKeyInfo in DER.
    pub(crate) fn public(&self) -> &[u8] {
        &self.public
    }

    /// Whether `sign` can sign here.
    pub(crate) fn is_here(&self) -> bool {
        self.command.as_ref().is_none_or(|command| !command.is_empty())
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256: deterministic.
    pub(crate) fn sign(&self, root: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
        let signature = match self.command.as_ref().map(|words| words.split_first()) {
            None => {
                let mut sign = command(root, "openssl");
                sign.args(["dgst", "-sha256", "-sign"]).arg(&self.file);
                piped(&mut sign, bytes).context("the key could not sign")?
            }
            Some(Some((program, arguments))) => {
                piped(command(root, program).args(arguments), bytes).context("signing.extension_command")?
            }
            Some(None) => bail!("only the public half of the key is here"),
        };
        self.check(root, bytes, &signature)?;
        Ok(signature)
    }

    /// Whether a signature, whoever made it, is by this key.
    pub(crate) fn check(&self, root: &Path, bytes: &[u8], signature: &[u8]) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (public, made) = (folder.path().join("public.der"), folder.path().join("signature"));
        std::fs::write(&public, &self.public)?;
        std::fs::write(&made, signature)?;
        let mut verify = command(root, "openssl");
        verify.args(["dgst", "-sha256", "-keyform", "DER", "-verify"]).arg(public);
        piped(verify.arg("-signature").arg(made), bytes).map(drop).context("the signature is not this key's")
    }

    pub(crate) fn public_pem(&self, root: &Path) -> Result<Vec<u8>> {
        let mut export = command(root, "openssl");
        piped(export.args(["pkey", "-pubin", "-inform", "DER", "-pubout"]), &self.public)
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
        let program = command.get_program().display().to_string();
        bail!("{program}: {}", String::from_utf8_lossy(&[done.stderr, done.stdout].concat()).trim());
    }
    written?;
    Ok(done.stdout)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn new_key(folder: &Path) -> SigningKey {
        let file = folder.join("extension.pem");
        piped(command(folder, "openssl").args(["genrsa", "-out"]).arg(&file).arg("2048"), &[]).unwrap();
        SigningKey::open(folder, &file, &[]).unwrap()
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
    fn a_key_elsewhere_signs_by_a_command_and_a_signature_of_another_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let key = new_key(folder.path());
        let public = folder.path().join("public.pem");
        std::fs::write(&public, key.public_pem(folder.path()).unwrap()).unwrap();
        let sign = |file: &str| ["openssl", "dgst", "-sha256", "-sign", file].map(str::to_owned).to_vec();
        let there = SigningKey::open(folder.path(), &public, &sign("extension.pem")).unwrap();
        assert_eq!(there.extension_id(), key.extension_id());
        assert_eq!(there.sign(folder.path(), b"x").unwrap(), key.sign(folder.path(), b"x").unwrap());
        let elsewhere = SigningKey::open(folder.path(), &public, &[]).unwrap();
        assert!(!elsewhere.is_here() && elsewhere.sign(folder.path(), b"x").is_err());
        std::fs::rename(folder.path().join("extension.pem"), folder.path().join("first.pem")).unwrap();
        new_key(folder.path());
        let error = there.sign(folder.path(), b"x").unwrap_err().to_string();
        assert!(error.contains("not this key's"), "{error}");
    }

    #[test]
    fn other_keys_than_rsa_of_2048_bits_are_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            SigningKey::open(folder.path(), &folder.path().join(name), &[]).err().unwrap().to_string()
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
        assert!(open("text.pem").contains("no usable key"));
    }
}

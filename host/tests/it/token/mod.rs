//! A SoftHSM token with a key pair and a certificate, and a module wrapping SoftHSM that misbehaves on demand.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{Id, PKey, Private},
    rsa::Rsa,
    sha::sha256,
    sign::Verifier,
    x509::{
        X509, X509Name,
        extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
    },
};
use serde_json::Value;
use tempfile::TempDir;

use crate::conversation::{EXTENSION, NONCE, ORIGIN};

pub(crate) const PIN: &str = "Secret-246810";

/// A folder with SoftHSM's store, its configuration and ours.
pub(crate) struct Tokens {
    folder: TempDir,
    odd: String,
}

pub(crate) fn rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

pub(crate) fn p256() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// A certificate for that key.
pub(crate) struct Certificate {
    pub(crate) name: &'static str,
    pub(crate) first_day: i64,
    pub(crate) last_day: i64,
    pub(crate) authority: bool,
    pub(crate) client: bool,
}

impl Default for Certificate {
    fn default() -> Self {
        Self { name: "Taro", first_day: -1, last_day: 30, authority: false, client: true }
    }
}

impl Certificate {
    pub(crate) fn der(&self, key: &PKey<Private>) -> Vec<u8> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let day = |days: i64| Asn1Time::from_unix(i64::try_from(now).unwrap() + days * 86_400).unwrap();
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_text("O", "Example Construction").unwrap();
        name.append_entry_by_text("CN", self.name).unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_not_before(&day(self.first_day)).unwrap();
        builder.set_not_after(&day(self.last_day)).unwrap();
        builder.set_pubkey(key).unwrap();
        if self.authority {
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        } else {
            builder.append_extension(KeyUsage::new().digital_signature().build().unwrap()).unwrap();
            let mut usage = ExtendedKeyUsage::new();
            let usage = if self.client { usage.client_auth() } else { usage.email_protection() };
            builder.append_extension(usage.build().unwrap()).unwrap();
        }
        builder.sign(key, MessageDigest::sha256()).unwrap();
        builder.build().to_der().unwrap()
    }
}

impl Tokens {
    /// No token yet; the configuration lists SoftHSM's module.
    pub(crate) fn none() -> Self {
        Self::listing(&soft_hsm(), "")
    }

    /// No token yet; the configuration lists the module wrapping SoftHSM, with this misbehaviour.
    pub(crate) fn odd(odd: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let module = folder.path().join("odd-module.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/token/odd_module.c");
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-w", "-o"]).arg(&module).arg(source).status();
        assert!(built.unwrap().success());
        Self::in_folder(folder, &module, odd)
    }

    /// No token yet; the configuration lists that file.
    pub(crate) fn listing(module: &Path, odd: &str) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), module, odd)
    }

    fn in_folder(folder: TempDir, module: &Path, odd: &str) -> Self {
        let store = folder.path().join("tokens");
        std::fs::create_dir(&store).unwrap();
        let text = format!("directories.tokendir = {}\nobjectstore.backend = file\n", store.display());
        std::fs::write(folder.path().join("softhsm2.conf"), text).unwrap();
        let config = format!(
            "allowed_origins = [\"{ORIGIN}\"]\nallowed_extensions = [\"{EXTENSION}\"]\n\
             pkcs11_modules = [\"{}\"]\ndiscover_pkcs11_modules = false\n",
            module.display()
        );
        std::fs::write(folder.path().join("host.toml"), config).unwrap();
        Self { folder, odd: odd.to_owned() }
    }

    /// The host asks for the PIN in its own dialog, where somebody types this.
    pub(crate) fn with_dialog(self, pin: &str) -> Self {
        let dialog = self.folder.path().join("pinentry");
        let script = format!(
            "#!/bin/sh\necho OK\nwhile IFS= read -r line; do case $line in GETPIN*) echo 'D {pin}';; esac; echo OK; done\n"
        );
        std::fs::write(&dialog, script).unwrap();
        std::fs::set_permissions(&dialog, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let config = self.folder.path().join("host.toml");
        let mut text = std::fs::read_to_string(&config).unwrap();
        text += &format!("pin_entry = \"host\"\npin_entry_program = \"{}\"\n", dialog.display());
        std::fs::write(config, text).unwrap();
        self
    }

    /// Adds a token with a key and a certificate.
    pub(crate) fn with(self, label: &str, key: &PKey<Private>, certificate: &[u8]) -> Self {
        let arguments = ["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "0000"];
        self.run(self.command("softhsm2-util").args(arguments));
        self.with_key(label, "A1", key, certificate)
    }

    /// Adds a key and a certificate to an existing token.
    pub(crate) fn with_key(self, label: &str, id: &str, key: &PKey<Private>, certificate: &[u8]) -> Self {
        let file = self.folder.path().join("key.pem");
        std::fs::write(&file, key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        let mut import = self.command("softhsm2-util");
        import.args(["--token", label, "--pin", PIN, "--label", "key", "--id", id, "--import"]).arg(&file);
        self.run(&mut import);
        self.with_certificate(label, id, certificate)
    }

    /// Adds a certificate to an existing token.
    pub(crate) fn with_certificate(self, label: &str, id: &str, certificate: &[u8]) -> Self {
        let file = self.folder.path().join("certificate.der");
        std::fs::write(&file, certificate).unwrap();
        let mut import = self.command("pkcs11-tool");
        import.arg("--module").arg(soft_hsm()).args(["--token-label", label, "--login", "--pin", PIN]);
        import.args(["--type", "cert", "--id", id, "--label", "certificate", "--write-object"]).arg(&file);
        self.run(&mut import);
        self
    }

    /// The host, without any PC/SC service.
    pub(crate) fn host(&self) -> Command {
        let mut host = self.command(env!("CARGO_BIN_EXE_touroku-host"));
        host.arg("--config").arg(self.folder.path().join("host.toml"));
        host.env("PCSCLITE_CSOCK_NAME", self.folder.path().join("no-such-socket"));
        host.env("XDG_STATE_HOME", self.folder.path());
        host.env("ODD_MODULE", &self.odd).env("ODD_REAL", soft_hsm());
        if self.odd == "pin_pad" {
            host.env("ODD_PIN", PIN);
        }
        host.env("ODD_LOGINS", self.folder.path().join("logins")).env("ODD_ABSENT", self.absent());
        host
    }

    /// While this file exists, the odd module shows no token.
    pub(crate) fn absent(&self) -> PathBuf {
        self.folder.path().join("absent")
    }

    /// A program that is the host in this environment, for callers that start it themselves.
    pub(crate) fn program(&self) -> PathBuf {
        let host = self.host();
        let set = |(name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>)| {
            format!("export {}='{}'\n", name.display(), value.unwrap_or_default().display())
        };
        let settings: String = host.get_envs().map(set).collect();
        let script = format!("#!/bin/sh\n{settings}exec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_touroku-host"));
        let file = self.folder.path().join("host.sh");
        std::fs::write(&file, script).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        file
    }

    /// Adds a line to the host's configuration.
    pub(crate) fn configure(&self, line: &str) {
        let file = self.folder.path().join("host.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("{text}{line}\n")).unwrap();
    }

    /// What the host has logged; `None` without a file.
    pub(crate) fn log(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("touroku/host.log")).ok()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("host.toml")
    }

    /// The module that the configuration lists.
    pub(crate) fn module(&self) -> PathBuf {
        self.folder.path().join("odd-module.so")
    }

    /// The output of `authenticate` at the command line: the token, or the error's text.
    pub(crate) fn authenticate(&self, pin: &str, arguments: &[&str]) -> Result<Value, String> {
        let mut host = self.host();
        host.args(["authenticate", "--origin", ORIGIN, "--nonce", NONCE]).args(arguments);
        let input = self.folder.path().join("pin");
        std::fs::write(&input, format!("{pin}\n")).unwrap();
        let output = host.stdin(std::fs::File::open(input).unwrap()).output().unwrap();
        if output.status.success() {
            Ok(serde_json::from_slice(&output.stdout).unwrap())
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    /// What `status --json` prints.
    pub(crate) fn status(&self) -> Value {
        let output = self.host().args(["status", "--json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The calls of C_Login so far: `u` for the user's, `c` for a context-specific one.
    pub(crate) fn logins(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("logins")).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.folder.path().join("softhsm2.conf")).stdin(Stdio::null());
        command
    }

    fn run(&self, command: &mut Command) {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

pub(crate) fn soft_hsm() -> PathBuf {
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm.so"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .expect("SoftHSM is installed (cargo xtask setup)")
}

/// Whether a token's signature is over our origin and nonce, with this certificate's key.
pub(crate) fn is_valid(token: &Value, certificate: &[u8]) -> bool {
    let bytes = |field: &str| openssl::base64::decode_block(token[field].as_str().unwrap()).unwrap();
    let key = X509::from_der(certificate).unwrap().public_key().unwrap();
    let message = [sha256(ORIGIN.as_bytes()), sha256(NONCE.as_bytes())].concat();
    let signature = bytes("signature");
    let signed = if key.id() == Id::RSA {
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
        verifier.verify_oneshot(&signature, &message).unwrap()
    } else {
        let (r, s) = signature.split_at(32);
        let number = |bytes| BigNum::from_slice(bytes).unwrap();
        let signature = EcdsaSig::from_private_components(number(r), number(s)).unwrap();
        let digest = hash(MessageDigest::sha256(), &message).unwrap();
        signature.verify(&digest, &key.ec_key().unwrap()).unwrap()
    };
    signed && bytes("unverifiedCertificate") == certificate
}

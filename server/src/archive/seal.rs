//! The seal on what must not be read by whoever finds a backup: the age format, which `age` and `rage` can open as
//! well.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use age::secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The shortest passphrase. It withstands years of guessing on a stolen file.
const MIN_PASSPHRASE: usize = 16;

pub enum Seal {
    /// Whoever knows it opens the seal.
    Passphrase(SecretString),
    /// Whoever has its identity (`AGE-SECRET-KEY-1…`) opens the seal; the server needs no secret.
    Recipient(age::x25519::Recipient),
}

pub enum Opener {
    Passphrase(SecretString),
    Identity(age::x25519::Identity),
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
pub struct Sealed {
    /// The contents of the server's key file.
    pub key: String,
    /// Configuration, with the mail server's password.
    pub configuration: Option<String>,
    /// Where it was.
    pub configuration_path: Option<PathBuf>,
    /// The administrator's parts of it, and where they were.
    #[serde(default)]
    pub parts: BTreeMap<PathBuf, String>,
}

impl Seal {
    /// Reads the first line of a file; `-`: of standard input.
    pub fn passphrase(path: &Path) -> Result<Self, Error> {
        let passphrase = first_line(path)?;
        if passphrase.chars().count() < MIN_PASSPHRASE {
            let message =
                format!("合言葉は{MIN_PASSPHRASE}文字以上にしてください（ファイルの1行目に書きます）");
            return Err(Error::Content { path: path.to_owned(), message });
        }
        Ok(Self::Passphrase(passphrase.into()))
    }

    /// `age1…`.
    pub fn recipient(text: &str) -> Result<Self, Error> {
        text.trim().parse().map(Self::Recipient).map_err(|_| Error::Setting {
            name: "backup.recipient (--recipient)",
            message: "age1で始まる受取人の公開鍵を書いてください（age-keygenで作ります）".to_owned(),
        })
    }

    pub(super) fn close(&self, sealed: &Sealed) -> Result<Vec<u8>, Error> {
        let plain =
            serde_json::to_vec(sealed).map_err(|_| Error::Defect("what is sealed is no plain data"))?;
        let closed = match self {
            Self::Passphrase(passphrase) => {
                age::encrypt(&age::scrypt::Recipient::new(passphrase.clone()), &plain)
            }
            Self::Recipient(recipient) => age::encrypt(recipient, &plain),
        };
        closed.map_err(|_| Error::Defect("age could not seal"))
    }
}

impl Opener {
    /// Reads the first line of a file; `-`: of standard input.
    pub fn passphrase(path: &Path) -> Result<Self, Error> {
        first_line(path).map(|passphrase| Self::Passphrase(passphrase.into()))
    }

    /// Reads a file made by `age-keygen`.
    pub fn identity(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
        let line = text.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1"));
        line.and_then(|line| line.parse().ok()).map(Self::Identity).ok_or_else(|| Error::Content {
            path: path.to_owned(),
            message: "age-keygenで作った鍵のファイル（AGE-SECRET-KEY-1…の行があるもの）ではありません"
                .to_owned(),
        })
    }

    /// Opens the seal in the archive at `path`.
    pub(super) fn open(&self, sealed: &[u8], path: &Path) -> Result<Sealed, Error> {
        let content = |message: &str| Error::Content { path: path.to_owned(), message: message.to_owned() };
        let opened = match self {
            Self::Passphrase(passphrase) => {
                age::decrypt(&age::scrypt::Identity::new(passphrase.clone()), sealed)
            }
            Self::Identity(identity) => age::decrypt(identity, sealed),
        };
        let wrong = "封を開けられません。合言葉（--passphrase-file）または受取人の鍵（--identity）が、この控えを作ったときのものか確かめてください。何も変えていません";
        let plain = opened.map_err(|_| content(wrong))?;
        serde_json::from_slice(&plain)
            .map_err(|_| content("封の中身が、この版のtouroku-serverでは読めません"))
    }
}

fn first_line(path: &Path) -> Result<String, Error> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(Error::file(path))?;
    Ok(text.lines().next().unwrap_or("").trim_end().to_owned())
}

//! Anchors and CRLs on the disk, re-read when a file changes.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use openssl::x509::X509;

use super::Trust;
use crate::error::Error;

/// The largest file of certificates or CRL that is read, in bytes. The CRL of a big CA has some megabytes.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// The files that [`Trust`] is made of.
pub struct TrustFiles {
    anchors: Vec<PathBuf>,
    crls: Vec<PathBuf>,
    current: Mutex<(Vec<Stamp>, Arc<Trust>)>,
}

/// What changes when a file is written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

impl TrustFiles {
    /// Reads all files. Without CRL files, revocation is not checked.
    pub fn open(anchors: Vec<PathBuf>, crls: Vec<PathBuf>) -> Result<Self, Error> {
        let stamps = stamps(&anchors, &crls);
        let trust = Arc::new(Trust::from_files(&anchors, Vec::new(), &crls)?);
        Ok(Self { anchors, crls, current: Mutex::new((stamps, trust)) })
    }

    /// What the files say now. Looks at their times only, unless one has changed; a changed file that can't
    /// be read (half-written, say) leaves the former state in force until it changes again.
    pub fn current(&self) -> Arc<Trust> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = stamps(&self.anchors, &self.crls);
        if stamps != current.0 {
            match Trust::from_files(&self.anchors, Vec::new(), &self.crls) {
                Ok(trust) => {
                    tracing::info!("trust anchors and CRLs were read again");
                    current.1 = Arc::new(trust);
                }
                Err(error) => {
                    tracing::error!(%error, "changed trust files can't be read; the former ones stay");
                }
            }
            current.0 = stamps;
        }
        Arc::clone(&current.1)
    }
}

fn stamps(anchors: &[PathBuf], crls: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |path: &PathBuf| {
        let metadata = std::fs::metadata(path).ok();
        Stamp {
            modified: metadata.as_ref().and_then(|metadata| metadata.modified().ok()),
            length: metadata.map_or(0, |metadata| metadata.len()),
        }
    };
    anchors.iter().chain(crls).map(stamp).collect()
}

impl Trust {
    /// Reads anchors, intermediates and CRLs from files, PEM (one or many) or DER. Without CRL files,
    /// revocation is not checked.
    pub fn from_files(
        anchors: &[PathBuf],
        intermediates: Vec<X509>,
        crls: &[PathBuf],
    ) -> Result<Self, Error> {
        let mut certificates = Vec::new();
        for path in anchors {
            certificates.extend(read_certificates(path)?);
        }
        let mut lists = Vec::new();
        for path in crls {
            lists.extend(read_crls(path)?);
        }
        Self::new(certificates, intermediates, (!crls.is_empty()).then_some(lists))
    }
}

/// The certificates of a file, PEM (one or many) or DER.
pub fn read_certificates(path: &Path) -> Result<Vec<X509>, Error> {
    let bytes = read(path)?;
    let content = |message: &str| Error::Content { path: path.to_owned(), message: message.to_owned() };
    if !is_pem(&bytes) {
        return Ok(vec![
            X509::from_der(&bytes).map_err(|_| content("証明書（PEMまたはDER）ではありません"))?,
        ]);
    }
    let certificates =
        X509::stack_from_pem(&bytes).map_err(|_| content("PEMの証明書として読めない部分があります"))?;
    if certificates.is_empty() {
        return Err(content("証明書が一つもありません"));
    }
    Ok(certificates)
}

/// The CRLs of a file as DER, PEM (one or many) or DER.
fn read_crls(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let bytes = read(path)?;
    let content = |message: &str| Error::Content { path: path.to_owned(), message: message.to_owned() };
    if !is_pem(&bytes) {
        openssl::x509::X509Crl::from_der(&bytes).map_err(|_| content("CRL（PEMまたはDER）ではありません"))?;
        return Ok(vec![bytes]);
    }
    let mut lists = Vec::new();
    for pem in x509_parser::pem::Pem::iter_from_buffer(&bytes) {
        let pem = pem.map_err(|_| content("PEMとして読めない部分があります"))?;
        if pem.label == "X509 CRL" {
            lists.push(pem.contents);
        }
    }
    if lists.is_empty() {
        return Err(content("CRLが一つもありません"));
    }
    Ok(lists)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let length = std::fs::metadata(path).map_err(Error::file(path))?.len();
    if length > MAX_FILE {
        return Err(Error::Content {
            path: path.to_owned(), message: "ファイルが大きすぎます".to_owned()
        });
    }
    std::fs::read(path).map_err(Error::file(path))
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).take(64 * 1024).any(|window| window == b"-----BEGIN ")
}

//! CRLs over HTTP and LDAP, and the folder that keeps them.
//!
//! Neither over TLS: a CRL is signed, and needing TLS to check TLS would be circular (RFC 5280, 8). An attacker on
//! the network can hold back a newer CRL, but not past the nextUpdate of the one at hand, nor substitute an older,
//! forged or unusable one.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use touroku_pki::{LdapAddress, Trust, crls_of, is_fetched, is_http};

use super::ldap;
use crate::{error::Error, file};

/// The largest CRL that is fetched, in bytes. That of a CA with a million revoked cards has some 40 million.
const MAX_CRL: usize = 64 * 1024 * 1024;

/// How long one fetch may take, redirects included.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long a fetched CRL is not requested again; a failed one for a tenth of that. Milliseconds.
const FRESH: i64 = 3_600_000;

/// How long one request has a URL to itself; it may be gone before there is an answer. Milliseconds.
const LEASE: i64 = 30_000;

/// The most URLs learnt from certificates.
const MAX_LEARNT: usize = 500;

/// Fetches CRLs into a folder: `….crl` in DER, each with a `….url` that contains its URL.
pub(super) struct Fetcher {
    folder: PathBuf,
    /// Configured by the administrator.
    urls: Vec<String>,
    /// Whether URLs in certificates are followed.
    follows_certificates: bool,
    client: reqwest::Client,
    /// When a URL may be requested again, Unix milliseconds.
    asked: Mutex<HashMap<String, i64>>,
}

/// Why a CRL was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchFailure {
    /// A URL with another scheme, or LDAP without a host.
    #[error("{0}: http:とldap:（ホスト名のあるもの）以外のアドレスからは取得しません")]
    Scheme(String),
    /// No answer, an unusable one, or too large a one.
    #[error("{0}: {1}")]
    Answer(String, String),
    /// Something other than a CRL.
    #[error("{0}: CRLではありません")]
    NoCrl(String),
    /// Worse than the CRL at hand: older, expired, not signed by a known CA, or of an unsupported kind.
    #[error("{0}: 手元のCRLより古いか、使えないCRLです")]
    Worse(String),
    #[error("{0}: 保存できません（{1}）")]
    Disk(String, std::io::Error),
}

impl Fetcher {
    /// `urls` are fetched regularly; with `follows_certificates`, cRLDistributionPoints of accepted paths too.
    pub(super) fn new(folder: PathBuf, urls: Vec<String>, follows_certificates: bool) -> Result<Self, Error> {
        Ok(Self { folder, urls, follows_certificates, client: client()?, asked: Mutex::default() })
    }

    /// The same, inheriting the request times of a previous one.
    pub(super) fn after(self, former: &Self) -> Self {
        let asked = former.asked().clone();
        Self { asked: Mutex::new(asked), ..self }
    }

    /// The CRLs at hand. Those learnt from certificates count only while certificates are followed, and the
    /// administrator's only while they are configured.
    pub(super) fn at_hand(&self) -> Vec<Vec<u8>> {
        self.known().iter().filter_map(|url| std::fs::read(self.file(url, "crl")).ok()).collect()
    }

    /// All URLs: the administrator's, and those learnt.
    fn known(&self) -> Vec<String> {
        let mut known = self.urls.clone();
        if self.follows_certificates {
            known.extend(self.learnt());
        }
        known.sort();
        known.dedup();
        known
    }

    fn learnt(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let urls = entries.flatten().map(|entry| entry.path());
        let urls = urls.filter(|path| path.extension().is_some_and(|extension| extension == "url"));
        urls.take(MAX_LEARNT).filter_map(|path| std::fs::read_to_string(path).ok()).collect()
    }

    /// Fetches what is due of all known URLs. Returns how many CRLs are new; failures are logged.
    pub(super) async fn fetch_due(&self, trust: &Trust, now: i64) -> usize {
        let mut urls = self.known();
        if self.follows_certificates {
            urls.extend(trust.crl_urls());
        }
        self.fetch_all(urls, trust, now).await
    }

    /// Fetches these now, unless they were just requested. Returns how many CRLs are new.
    pub(super) async fn fetch_wanted(&self, urls: &[String], trust: &Trust, now: i64) -> usize {
        if !self.follows_certificates || self.learnt().len() >= MAX_LEARNT {
            return 0;
        }
        self.fetch_all(urls.to_vec(), trust, now).await
    }

    async fn fetch_all(&self, urls: Vec<String>, trust: &Trust, now: i64) -> usize {
        let mut new = 0;
        for url in urls.into_iter().filter(|url| is_fetched(url)) {
            if !self.may_ask(&url, now) {
                continue;
            }
            match self.fetch_one(&url, trust, now).await {
                Ok(true) => new += 1,
                Ok(false) => {}
                Err(failure) => {
                    tracing::warn!(%failure, "a CRL can't be fetched; the one at hand stays");
                    self.asked().insert(url, now + FRESH / 10);
                }
            }
        }
        new
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, HashMap<String, i64>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks the URL as requested, so that of many simultaneous logins one fetches it.
    fn may_ask(&self, url: &str, now: i64) -> bool {
        let mut asked = self.asked();
        // What lies further ahead is from a clock that was ahead.
        if asked.get(url).is_some_and(|&again| now < again && again - now <= FRESH) {
            return false;
        }
        asked.insert(url.to_owned(), now + LEASE);
        true
    }

    /// Returns whether it differs from the one at hand.
    async fn fetch_one(&self, url: &str, trust: &Trust, now: i64) -> Result<bool, FetchFailure> {
        let der = download(&self.client, url).await?;
        let file = self.file(url, "crl");
        let former = std::fs::read(&file).ok();
        let fetched = trust.read_crl(&der).map_err(|_| FetchFailure::NoCrl(url.to_owned()))?;
        // A short-lived CRL is requested often enough to have two tries left, and one about to expire before it
        // does.
        let left = fetched
            .times()
            .1
            .next_update
            .map(|next_update| (next_update * 1000 - now) / 2)
            .filter(|left| *left > 0);
        let again = fetched.lifetime().map_or(FRESH, |seconds| seconds * 1000 / 4);
        let again = again.min(left.unwrap_or(FRESH)).clamp(60_000, FRESH);
        self.asked().insert(url.to_owned(), now + again);
        if former.as_ref() == Some(&der) {
            return Ok(false);
        }
        let seconds = now.div_euclid(1000);
        let former = former.and_then(|der| trust.read_crl(&der).ok());
        if former.is_some_and(|former| !fetched.may_replace(&former, seconds)) {
            return Err(FetchFailure::Worse(url.to_owned()));
        }
        let disk = |error| FetchFailure::Disk(url.to_owned(), error);
        std::fs::create_dir_all(&self.folder).map_err(disk)?;
        // The URL first: a CRL without one would never be looked at.
        file::replace(&self.file(url, "url"), url.as_bytes()).map_err(disk)?;
        file::replace(&file, &der).map_err(disk)?;
        tracing::info!(url, bytes = der.len(), "CRL fetched");
        Ok(true)
    }

    fn file(&self, url: &str, extension: &str) -> PathBuf {
        let name = hex::encode(Sha256::digest(url));
        self.folder.join(format!("{}.{extension}", &name[..32]))
    }
}

/// A client for [`download`].
pub fn client() -> Result<reqwest::Client, Error> {
    let redirects = reqwest::redirect::Policy::custom(|attempt| {
        if attempt.previous().len() > 3 || attempt.url().scheme() != "http" {
            attempt.stop()
        } else {
            attempt.follow()
        }
    });
    let builder = reqwest::Client::builder().timeout(TIMEOUT).redirect(redirects);
    builder.build().map_err(|_| Error::Defect("an HTTP client can be made"))
}

/// The body of a response of at most that many bytes. The failure is in Japanese.
pub(super) async fn answer(request: reqwest::RequestBuilder, most: usize) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| format!("取得できません（{}）", causes(&error.without_url()));
    let mut response = request.send().await.map_err(failed)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(format!("取得できません（{}）", response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > most {
            return Err("大きすぎます".to_owned());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Fetches a CRL, PEM or DER; returns DER.
pub async fn download(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, FetchFailure> {
    let bytes = match LdapAddress::parse(url) {
        Some(address) => ldap::fetch(&address, MAX_CRL, TIMEOUT).await,
        None if is_http(url) => answer(client.get(url), MAX_CRL).await,
        None => return Err(FetchFailure::Scheme(url.to_owned())),
    };
    let bytes = bytes.map_err(|failure| FetchFailure::Answer(url.to_owned(), failure))?;
    let mut lists = crls_of(bytes).ok_or_else(|| FetchFailure::NoCrl(url.to_owned()))?;
    match (lists.pop(), lists.is_empty()) {
        (Some(der), true) => Ok(der),
        _ => Err(FetchFailure::NoCrl(url.to_owned())),
    }
}

/// reqwest says at which stage it failed; the reason is in the causes.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text += &format!(": {deeper}");
        cause = deeper.source();
    }
    text
}

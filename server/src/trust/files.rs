//! Anchors, intermediates and CRLs on disk, re-read when a file changes or a CRL was fetched.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use openssl::x509::X509;
use tokio::sync::Notify;
use touroku_pki::{
    Decision, IssuerRules, OcspQuestion, OcspSettings, OcspUse, Rules, Trust, crls_of, is_pem,
};

use super::{fetch::Fetcher, responders::Responders};
use crate::error::Error;

/// The largest certificate or CRL file that is read, in bytes. The CRL of a big CA has some megabytes.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// What [`Trust`] is made of.
#[derive(Clone, Debug, Default)]
pub struct TrustSources {
    /// Files of certificates that are trusted as they are.
    pub anchors: Vec<PathBuf>,
    /// Files of certificates between cards and anchors.
    pub intermediates: Vec<PathBuf>,
    /// Files of CRLs.
    pub crls: Vec<PathBuf>,
    /// URLs of CRLs, `http:` or `ldap:`.
    pub crl_urls: Vec<String>,
    /// Whether URLs in certificates are followed too.
    pub fetch_crls: bool,
    /// The folder that keeps fetched CRLs and, in its folder `ocsp`, OCSP responses.
    pub cache: PathBuf,
    pub rules: Rules,
    pub ocsp: OcspSettings,
}

/// [`Trust`] as its files currently define it.
pub struct TrustFiles {
    responders: Option<Arc<Responders>>,
    current: Mutex<Current>,
    /// Notified when the URLs of CRLs change.
    addresses_changed: Notify,
}

struct Current {
    sources: TrustSources,
    fetcher: Option<Arc<Fetcher>>,
    stamps: Vec<Stamp>,
    trust: Arc<Trust>,
}

/// What changes when a file is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

impl TrustSources {
    /// Without a source of CRLs, revocation is not checked.
    fn check_revocation(&self) -> bool {
        !self.crls.is_empty() || self.fetches()
    }

    fn fetches(&self) -> bool {
        self.fetch_crls || !self.all_crl_urls().is_empty()
    }

    /// The administrator's, and those of the issuers' profiles.
    fn all_crl_urls(&self) -> Vec<String> {
        let of_issuers = self.rules.issuers.iter().flat_map(|issuer| &issuer.crl_urls);
        self.crl_urls.iter().chain(of_issuers).cloned().collect()
    }

    fn responders(&self) -> Result<Option<Arc<Responders>>, Error> {
        let is_on = self.ocsp.use_of != OcspUse::Off;
        let has_folder = !self.cache.as_os_str().is_empty();
        let folder = has_folder.then(|| self.cache.join("ocsp"));
        is_on.then(|| Responders::new(self.ocsp.clone(), folder).map(Arc::new)).transpose()
    }

    /// Reads the files, including fetched CRLs, plus these certificates and CRLs (DER).
    pub fn trust(&self, intermediates: Vec<X509>, crls: Vec<Vec<u8>>) -> Result<Trust, Error> {
        let fetcher = self.fetcher()?;
        let mut lists = read_all(&self.crls, read_crls)?;
        // What was fetched was checked then; if a file was damaged since, the next fetch repairs it.
        let fetched = fetcher.as_ref().map(Fetcher::at_hand).unwrap_or_default();
        lists.extend(fetched.into_iter().filter_map(crls_of).flatten());
        lists.extend(crls);
        let mut between = read_all(&self.intermediates, read_certificates)?;
        between.extend(intermediates);
        let anchors = read_all(&self.anchors, read_certificates)?;
        let trust = Trust::new(anchors, between, self.check_revocation().then_some(lists))?;
        Ok(trust.with_rules(self.rules.clone()))
    }

    fn fetcher(&self) -> Result<Option<Fetcher>, Error> {
        let fetcher = || Fetcher::new(self.cache.clone(), self.all_crl_urls(), self.fetch_crls);
        self.fetches().then(fetcher).transpose()
    }

    fn stamps(&self) -> Vec<Stamp> {
        // For the cache, stat the folder: files are renamed into it.
        let cache = self.fetches().then_some(&self.cache);
        self.anchors.iter().chain(&self.intermediates).chain(&self.crls).chain(cache).map(Stamp::of).collect()
    }
}

impl TrustFiles {
    pub fn open(sources: TrustSources) -> Result<Self, Error> {
        Self::open_with(sources, Vec::new(), Vec::new())
    }

    /// The same, plus these certificates and CRLs (DER), until a file changes.
    pub fn open_with(
        sources: TrustSources,
        intermediates: Vec<X509>,
        crls: Vec<Vec<u8>>,
    ) -> Result<Self, Error> {
        let (fetcher, responders) = (sources.fetcher()?.map(Arc::new), sources.responders()?);
        let stamps = sources.stamps();
        let trust = Arc::new(answered(sources.trust(intermediates, crls)?, responders.as_ref()));
        let current = Mutex::new(Current { sources, fetcher, stamps, trust });
        Ok(Self { responders, current, addresses_changed: Notify::new() })
    }

    /// The same with other additional certificates and CRLs (DER); OCSP responses are kept.
    pub fn with(self, intermediates: Vec<X509>, crls: Vec<Vec<u8>>) -> Result<Self, Error> {
        let mut current = self.lock();
        let trust = answered(current.sources.trust(intermediates, crls)?, self.responders.as_ref());
        current.stamps = current.sources.stamps();
        current.trust = Arc::new(trust);
        drop(current);
        Ok(self)
    }

    /// Replaces the issuers' rules. What was fetched is kept; CRLs at new URLs are fetched in the next round,
    /// which [`Self::addresses_changed`] triggers.
    ///
    /// # Errors
    /// When files have changed meanwhile and can't be read: then everything stays as it was.
    pub fn take_issuers(&self, issuers: Vec<IssuerRules>) -> Result<(), Error> {
        let mut current = self.lock();
        if current.sources.rules.issuers == issuers {
            return Ok(());
        }
        let mut sources = current.sources.clone();
        sources.rules.issuers = issuers;
        let fetcher = match (&current.fetcher, sources.fetcher()?) {
            (Some(former), Some(fetcher)) => Some(Arc::new(fetcher.after(former))),
            (_, fetcher) => fetcher.map(Arc::new),
        };
        let stamps = sources.stamps();
        let trust = Arc::new(answered(sources.trust(Vec::new(), Vec::new())?, self.responders.as_ref()));
        *current = Current { sources, fetcher, stamps, trust };
        self.addresses_changed.notify_one();
        Ok(())
    }

    /// Resolves when the URLs of CRLs have changed since the last call.
    pub async fn addresses_changed(&self) {
        self.addresses_changed.notified().await;
    }

    /// The files' current content. Checks only their times, unless one has changed; a changed file that can't be
    /// read (half-written, say) leaves the previous state in force until it changes again.
    pub fn current(&self) -> Arc<Trust> {
        let mut current = self.lock();
        let stamps = current.sources.stamps();
        if stamps != current.stamps {
            self.read_again(&mut current);
            current.stamps = stamps;
        }
        Arc::clone(&current.trust)
    }

    fn read_again(&self, current: &mut Current) {
        match current.sources.trust(Vec::new(), Vec::new()) {
            Ok(trust) => {
                tracing::info!("trust anchors and CRLs were read again");
                current.trust = Arc::new(answered(trust, self.responders.as_ref()));
            }
            Err(error) => {
                tracing::error!(%error, "changed trust files can't be read; the former ones stay");
            }
        }
    }

    /// Fetches the CRLs due at that time, Unix milliseconds, and removes OCSP responses that are too old. Returns
    /// how many CRLs are new.
    pub async fn fetch_due(&self, now: i64) -> usize {
        if let Some(responders) = &self.responders {
            responders.tidy(now);
        }
        let Some(fetcher) = self.fetcher() else { return 0 };
        let new = fetcher.fetch_due(&self.current(), now).await;
        self.take_up(new);
        new
    }

    /// Fetches the CRLs that a decision wanted ([`Decision::crls_wanted`]), where certificates' URLs are followed.
    /// Returns whether it is worth deciding again.
    pub async fn fetch_wanted(&self, urls: &[String], now: i64) -> bool {
        let Some(fetcher) = self.fetcher().filter(|_| !urls.is_empty()) else { return false };
        let new = fetcher.fetch_wanted(urls, &self.current(), now).await;
        self.take_up(new);
        new > 0
    }

    /// Queries the responders that a decision wanted ([`Decision::ocsp_wanted`]). Returns whether it is worth
    /// deciding again. `now` in Unix milliseconds.
    pub async fn ask_wanted(&self, questions: &[OcspQuestion], now: i64) -> bool {
        let Some(responders) = self.responders.as_ref().filter(|_| !questions.is_empty()) else {
            return false;
        };
        responders.ask(questions, &self.current(), now).await
    }

    fn fetcher(&self) -> Option<Arc<Fetcher>> {
        self.lock().fetcher.clone()
    }

    /// File system timestamps may be too coarse to show two changes.
    fn take_up(&self, new: usize) {
        if new > 0 {
            self.read_again(&mut self.lock());
        }
    }

    // If the holder panicked, it had not changed anything yet.
    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same trust with these responders as its source of OCSP answers.
fn answered(trust: Trust, responders: Option<&Arc<Responders>>) -> Trust {
    match responders {
        Some(responders) => trust.with_ocsp(responders.settings().clone(), Arc::clone(responders) as _),
        None => trust,
    }
}

/// The most rounds of queries. A card and its issuer need two: OCSP first, then CRLs where there was no answer.
const MAX_ROUNDS: usize = 6;

/// Decides; and again, as long as obtainable answers and CRLs were missing. `now` in Unix milliseconds.
pub async fn decide_with_fetching<T>(
    trust: &TrustFiles,
    now: i64,
    decide: impl Fn() -> Decision<T>,
) -> Decision<T> {
    let mut decision = decide();
    for _ in 0..MAX_ROUNDS {
        let is_answered = trust.ask_wanted(&decision.ocsp_wanted, now).await;
        if !is_answered && !trust.fetch_wanted(&decision.crls_wanted, now).await {
            break;
        }
        decision = decide();
    }
    decision
}

impl Stamp {
    fn of(path: &PathBuf) -> Self {
        let metadata = std::fs::metadata(path).ok();
        Self {
            modified: metadata.as_ref().and_then(|metadata| metadata.modified().ok()),
            length: metadata.map_or(0, |metadata| metadata.len()),
        }
    }
}

fn read_all<T>(paths: &[PathBuf], read: impl Fn(&Path) -> Result<Vec<T>, Error>) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(read(path)?);
    }
    Ok(all)
}

/// The certificates in a file, PEM (one or many) or DER.
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

/// The CRLs in a file as DER; it may be PEM (one or many) or DER.
pub(crate) fn read_crls(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    crls_of(read(path)?).ok_or_else(|| Error::Content {
        path: path.to_owned(),
        message: "CRL（PEMまたはDER）ではないか、PEMとして読めない部分があります".to_owned(),
    })
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

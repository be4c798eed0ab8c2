//! Queries responders over HTTP and keeps their responses until they are too old.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openssl::rand::rand_bytes;
use touroku_pki::{Answers, Key, Known, OcspQuestion, OcspSettings, Trust};

use super::{
    fetch,
    shelf::{Held, MAX_HELD, Shelf},
};
use crate::error::Error;

/// The largest response, in bytes. A real one has one to five thousand.
const MAX_RESPONSE: usize = 64 * 1024;

/// How long one query may take. A login waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a responder that did not help is left alone, in milliseconds: logins go on with CRLs meanwhile.
const REST: i64 = 60_000;

/// How often responses that are too old are removed, in milliseconds.
const TIDY_EVERY: i64 = 3_600_000;

/// Queries, and keeps the responses.
pub(super) struct Responders {
    settings: OcspSettings,
    client: reqwest::Client,
    held: Mutex<HashMap<Key, Held>>,
    shelf: Shelf,
    /// When the shelf is to be tidied, Unix milliseconds.
    tidy_at: Mutex<i64>,
    /// Responders that are left alone, until when, Unix milliseconds.
    resting: Mutex<HashMap<String, i64>>,
}

/// Whether something that waits at most so long still waits until then. What lies further ahead is from a clock that was
/// ahead.
fn waits(until: i64, longest: i64, now: i64) -> bool {
    now < until && until - now <= longest
}

impl Responders {
    /// Also keeps responses in that folder, if given.
    pub(super) fn new(settings: OcspSettings, folder: Option<PathBuf>) -> Result<Self, Error> {
        Ok(Self {
            settings,
            client: fetch::client()?,
            held: Mutex::default(),
            shelf: Shelf(folder),
            tidy_at: Mutex::default(),
            resting: Mutex::default(),
        })
    }

    pub(super) fn settings(&self) -> &OcspSettings {
        &self.settings
    }

    /// Occasionally removes what is too old. `now` in Unix milliseconds.
    pub(super) fn tidy(&self, now: i64) {
        let mut tidy_at = lock(&self.tidy_at);
        if !waits(*tidy_at, TIDY_EVERY, now) {
            *tidy_at = now + TIDY_EVERY;
            drop(tidy_at);
            self.shelf.tidy(now.div_euclid(1000));
        }
    }

    /// Sends the queries not answered yet. Returns whether there is anything new to decide by. Milliseconds.
    pub(super) async fn ask(&self, questions: &[OcspQuestion], trust: &Trust, now: i64) -> bool {
        let mut is_new = false;
        for question in questions {
            let Some(key) = question.key() else { continue };
            let is_due =
                |held: &Held| !matches!(held, Held::Failure { again, .. } if waits(*again, REST, now));
            if !lock(&self.held).get(&key).is_none_or(is_due) {
                continue;
            }
            let held = self.ask_one(question, trust, now).await;
            self.shelf.keep(&key, &held);
            let mut all = lock(&self.held);
            make_room(&mut all, now);
            let counts = |held: &Held| matches!(held, Held::Response { der, .. } if question.judge(trust, der, None, now.div_euclid(1000)).is_ok());
            // An attacker on the network must not spoil a response that is still valid.
            if !(matches!(held, Held::Failure { .. }) && all.get(&key).is_some_and(counts)) {
                all.insert(key, held);
                is_new = true;
            }
        }
        is_new
    }

    async fn ask_one(&self, question: &OcspQuestion, trust: &Trust, now: i64) -> Held {
        let mut failures = Vec::new();
        for url in &question.urls {
            if lock(&self.resting).get(url).is_some_and(|&until| waits(until, REST, now)) {
                failures.push(format!("{url}: 応答しなかったばかりなので、しばらく聞きません"));
                continue;
            }
            match self.ask_at(url, question, trust, now).await {
                Ok(held) => return held,
                Err(NotHelped { why: failure, rests }) => {
                    tracing::warn!(url, failure, "an OCSP responder did not help");
                    if rests {
                        lock(&self.resting).insert(url.clone(), now + REST);
                    }
                    failures.push(format!("{url}: {failure}"));
                }
            }
        }
        Held::Failure { why: failures.join("、"), again: now + REST }
    }

    async fn ask_at(
        &self,
        url: &str,
        question: &OcspQuestion,
        trust: &Trust,
        now: i64,
    ) -> Result<Held, NotHelped> {
        let mut random = [0; 32];
        let nonce = self.settings.nonce.then(|| rand_bytes(&mut random).map(|()| &random[..])).transpose();
        let nonce = nonce.map_err(|_| NotHelped::once("乱数を作れません"))?;
        let request = question.request(nonce).ok_or_else(|| NotHelped::once("証明書を読めません"))?;
        let request = self
            .client
            .post(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/ocsp-request")
            .body(request);
        let der = fetch::answer(request, MAX_RESPONSE).await;
        let der = der.map_err(|why| NotHelped { why, rests: true })?;
        let until = question
            .judge(trust, &der, nonce, now.div_euclid(1000))
            .map_err(|why| NotHelped { why, rests: false })?;
        Ok(Held::Response { url: url.to_owned(), der, until })
    }
}

impl Answers for Responders {
    fn known(&self, key: &Key) -> Option<Known> {
        let held = lock(&self.held).get(key).cloned();
        let held = match held {
            Some(held) => held,
            None => {
                let found = self.shelf.find(key)?;
                let mut all = lock(&self.held);
                // Whoever asked meanwhile has the newer one.
                if all.len() < MAX_HELD { all.entry(*key).or_insert(found).clone() } else { found }
            }
        };
        Some(match held {
            Held::Response { url, der, .. } => Known::Response { url, der },
            Held::Failure { why, .. } => Known::Failure { why },
        })
    }
}

/// Why a responder gave no usable response, in Japanese.
struct NotHelped {
    why: String,
    /// It did not answer at all, and would not answer about another certificate either.
    rests: bool,
}

impl NotHelped {
    fn once(why: &str) -> Self {
        Self { why: why.to_owned(), rests: false }
    }
}

/// Drops what is too old; and if that does not help, everything: it can be queried again.
fn make_room(held: &mut HashMap<Key, Held>, now: i64) {
    if held.len() < MAX_HELD {
        return;
    }
    held.retain(|_, held| matches!(held, Held::Response { until, .. } if *until >= now / 1000));
    if held.len() >= MAX_HELD {
        held.clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Contractors who register once and then log in for 電子入札, again and again, whatever happens to the server.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use reqwest::StatusCode;
use serde::Serialize;
use serde_json::json;
use tokio::{sync::watch, task::JoinSet, time::timeout};
use touroku_proto::api::{Challenge, SessionView};

use crate::{
    ca::IssuedCard,
    harness::roster,
    person::{self, Person},
};

/// How long somebody reads and thinks between two logins.
const PAUSE: Duration = Duration::from_secs(8);

/// After what could not be answered, as the page repeats it.
const AGAIN: Duration = Duration::from_millis(500);

/// Sessions, challenges and logins end; the page then begins them anew.
const BEGIN_AGAIN: [&str; 5] =
    ["session_missing", "nonce_missing", "nonce_expired", "nonce_used", "card_not_presented"];

/// What all of them met.
#[derive(Default)]
pub(super) struct Met {
    /// Positions in the roster of those who were told that they are registered, with 企業ID unless the answer that had it was lost.
    pub(super) registered: BTreeMap<usize, Option<String>>,
    /// How long each whole visit took that nothing disturbed.
    pub(super) visits: Vec<Duration>,
    /// 503: the page sends the same again.
    pub(super) refused: u64,
    /// No answer, or half of one.
    pub(super) cut_off: u64,
    /// Sessions that ended.
    pub(super) begun_again: u64,
    /// What nobody should be told, and how often.
    pub(super) wrong: BTreeMap<String, u64>,
}

/// A population, until it is told to leave.
pub(super) struct People {
    met: Arc<Mutex<Met>>,
    leave: watch::Sender<bool>,
    tasks: JoinSet<Result<()>>,
}

impl People {
    /// One for each card; they come one after another within that time.
    pub(super) fn come(origin: &str, cards: Vec<IssuedCard>, within: Duration) -> Self {
        let (leave, left) = watch::channel(false);
        let mut people = Self { met: Arc::default(), leave, tasks: JoinSet::new() };
        let many = u32::try_from(cards.len()).unwrap_or(u32::MAX);
        for (index, card) in (0..).zip(cards) {
            let one = Contractor {
                index,
                card,
                origin: origin.to_owned(),
                met: Arc::clone(&people.met),
                left: left.clone(),
            };
            let wait = within / many * u32::try_from(index).unwrap_or(u32::MAX);
            people.tasks.spawn(async move { one.live(wait).await });
        }
        people
    }

    pub(super) fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everybody ends what they are doing.
    pub(super) async fn leave(&mut self) -> Result<()> {
        self.leave.send_replace(true);
        while let Some(left) = self.tasks.join_next().await {
            left??;
        }
        Ok(())
    }
}

struct Contractor {
    /// Position in the roster.
    index: usize,
    card: IssuedCard,
    origin: String,
    met: Arc<Mutex<Met>>,
    left: watch::Receiver<bool>,
}

/// Why a visit ended early.
enum Ended {
    /// It is to be tried again.
    Refused,
    CutOff,
    Over,
    /// Nobody should be told this.
    Wrong(String),
}

impl Contractor {
    async fn live(mut self, mut wait: Duration) -> Result<()> {
        let mut is_registered = false;
        loop {
            // Leaving ends the wait.
            if timeout(wait, self.left.wait_for(|left| *left)).await.is_ok() {
                return Ok(());
            }
            let began = Instant::now();
            let ended = self.visit(is_registered).await?;
            let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
            wait = if ended.is_ok() { PAUSE } else { AGAIN };
            match ended {
                Ok(id) => {
                    met.visits.push(began.elapsed());
                    met.registered.entry(self.index).or_insert(id);
                    is_registered = true;
                }
                Err(Ended::Refused) => met.refused += 1,
                Err(Ended::CutOff) => met.cut_off += 1,
                Err(Ended::Over) => met.begun_again += 1,
                Err(Ended::Wrong(what)) => *met.wrong.entry(what).or_default() += 1,
            }
        }
    }

    /// 登録 on the first visit, which answers 企業ID, else a login for 電子入札.
    async fn visit(&self, is_registered: bool) -> Result<Result<Option<String>, Ended>> {
        let person = Person::new(&self.origin)?;
        let walk = async {
            ask(&person, "/api/session", &person::entry()).await?;
            let purpose = if is_registered { "bid" } else { "register" };
            let challenge = ask(&person, "/api/challenge", &json!({ "purpose": purpose })).await?;
            let challenge: Challenge = read(&challenge)?;
            let proof = person.proof(&self.card, &challenge, purpose);
            let proof = proof.map_err(|error| Ended::Wrong(error.to_string()))?;
            let login = ask(&person, "/api/login", &proof).await;
            if is_registered {
                return login.map(|_| None);
            }
            // The answer to an earlier 登録 was lost on its way.
            if matches!(&login, Err(Ended::Wrong(what)) if what.contains("card_already_registered")) {
                return Ok(None);
            }
            login?;
            let company = roster::company(self.index);
            let search = json!({ "number": company.number, "name": company.name });
            ask(&person, "/api/company/search", &search).await?;
            let done = ask(&person, "/api/registration", &person::registration(self.index)).await?;
            let view: SessionView = read(&done)?;
            view.completed
                .map(|completed| Some(completed.company_id))
                .ok_or_else(|| Ended::Wrong("登録 without 完了".to_owned()))
        };
        Ok(walk.await)
    }
}

/// Sends, and sorts what comes back.
async fn ask(person: &Person, path: &str, body: &impl Serialize) -> Result<Vec<u8>, Ended> {
    let answer = person.send(path, body).await.map_err(|_| Ended::CutOff)?;
    let code = answer.code();
    match answer.status {
        status if status.is_success() => Ok(answer.body),
        StatusCode::SERVICE_UNAVAILABLE => Err(Ended::Refused),
        _ if BEGIN_AGAIN.contains(&code.as_str()) => Err(Ended::Over),
        status => Err(Ended::Wrong(format!("{path}: {status} {code}"))),
    }
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Ended> {
    serde_json::from_slice(body).map_err(|error| Ended::Wrong(error.to_string()))
}

//! Request counts since the start.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::http::Method;

/// Upper bounds of the latency histogram, in seconds; the last one is the API's time-out.
pub(crate) const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

#[derive(Default)]
pub struct Metrics(Mutex<Requests>);

#[derive(Default)]
pub(crate) struct Requests {
    /// By method, route and status.
    pub(crate) answered: BTreeMap<(&'static str, String, u16), u64>,
    pub(crate) latency: BTreeMap<String, Latency>,
    /// Rate-limited requests by route, since they were last reported.
    refused: BTreeMap<String, u64>,
}

#[derive(Default)]
pub(crate) struct Latency {
    /// How many took at most each bound, and longer than the one before.
    pub(crate) within: [u64; BOUNDS.len()],
    pub(crate) count: u64,
    pub(crate) seconds: f64,
}

impl Metrics {
    /// Counts an answered request. `route` is the router's pattern, never the requested path.
    pub fn record(&self, method: &Method, route: &str, status: u16, seconds: f64) {
        let mut requests = self.requests();
        *requests.answered.entry((known(method), route.to_owned(), status)).or_default() += 1;
        if status == 429 {
            *requests.refused.entry(route.to_owned()).or_default() += 1;
        }
        let latency = requests.latency.entry(route.to_owned()).or_default();
        if let Some(at) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            latency.within[at] += 1;
        }
        latency.count += 1;
        latency.seconds += seconds;
    }

    /// The rate-limited requests since the last call, by route.
    pub fn take_refused(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.requests().refused)
    }

    // Counters stay consistent even after a panic elsewhere.
    pub(crate) fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Anybody may send a made-up method; the number of labels must not grow with it.
fn known(method: &Method) -> &'static str {
    ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| method.as_str() == *known)
        .unwrap_or("other")
}

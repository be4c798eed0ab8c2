//! Rate limits.
//!
//! The counters are in memory: they limit, they don't record, and a disk write for every refused request
//! would help an attacker more than us. A restart resets them; a second instance counts for itself.

use std::{
    collections::{BTreeSet, HashMap, hash_map::RandomState},
    hash::{BuildHasher as _, Hash},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Deserialize;

use crate::{error::Error, outside::Outside, store::SessionId};

/// The most counters kept: some 10 MB. Beyond that, the one that would be free again first is dropped.
const MAX_COUNTERS: usize = 200_000;

/// A number of requests per period, which may come in one burst after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many; 0: no limit.
    pub count: u32,
    pub seconds: u32,
}

impl Rate {
    pub fn is_limit(self) -> bool {
        self.count > 0 && self.seconds > 0
    }

    /// Until when an asker has paid (GCRA) after one more request, given until when they had paid before, in
    /// microseconds.
    /// `now` in Unix milliseconds. It must be a limit.
    ///
    /// Who has paid for longer than a limit allows did so before the clock was set back: they get the next request, and
    /// then wait as everybody does.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn pay(self, paid_until: i64, now: i64) -> Result<i64, u64> {
        let now = now * 1000;
        let period = i64::from(self.seconds) * 1_000_000;
        let price = period / i64::from(self.count.max(1));
        let paid_until = if paid_until > now + period { now + period - price } else { paid_until };
        let next = paid_until.max(now) + price;
        let excess = next - now - period;
        if excess > 0 { Err(u64::try_from(excess.div_euclid(1_000_000) + 1).unwrap_or(1)) } else { Ok(next) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// API requests in one session.
    pub session: Rate,
    /// API requests from one address (IPv6: one /64). A whole company may be behind one.
    pub address: Rate,
    /// 資格審査情報検索 in one session.
    pub search_session: Rate,
    /// 資格審査情報検索 from one address.
    pub search_address: Rate,
    /// 資格審査情報検索 for one number, by anybody.
    pub search_number: Rate,
    /// Passwords typed in one session.
    pub login_session: Rate,
    /// Passwords typed from one address, and links for a new one requested or used.
    pub login_address: Rate,
    /// Passwords typed for one ID, by anybody.
    pub login_id: Rate,
    /// Links for a new password of one ID, by anybody.
    pub forgotten_id: Rate,
    /// ID登録申請 from one address.
    pub apply_address: Rate,
    /// Milliseconds of database time that one address may spend on 業者番号一覧.
    pub list_address: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            session: Rate { count: 240, seconds: 60 },
            address: Rate { count: 1200, seconds: 60 },
            search_session: Rate { count: 20, seconds: 600 },
            search_address: Rate { count: 200, seconds: 600 },
            search_number: Rate { count: 20, seconds: 600 },
            login_session: Rate { count: 10, seconds: 600 },
            login_address: Rate { count: 100, seconds: 600 },
            login_id: Rate { count: 10, seconds: 600 },
            forgotten_id: Rate { count: 3, seconds: 600 },
            apply_address: Rate { count: 20, seconds: 3600 },
            list_address: Rate { count: 3000, seconds: 60 },
        }
    }
}

impl Limits {
    /// No limits at all.
    pub const NONE: Self = {
        let off = Rate { count: 0, seconds: 0 };
        Self {
            session: off,
            address: off,
            search_session: off,
            search_address: off,
            search_number: off,
            login_session: off,
            login_address: off,
            login_id: off,
            forgotten_id: off,
            apply_address: off,
            list_address: off,
        }
    };
}

/// An address, as far as one asker can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Address {
    /// An IPv6 customer has a whole /64.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => {
                let network = u128::from(v6) >> 64 << 64;
                Self(Ipv6Addr::from(network).into())
            }
        }
    }
}

/// The counters: for each asker the time until which its requests are paid for (GCRA).
///
/// A request creates at most one for an address, a session, a number or an ID; the address is checked first, so
/// that one address can't create many of the others.
pub struct Governor {
    limits: Limits,
    outside: Outside,
    hasher: RandomState,
    counters: Mutex<Counters>,
    /// Who is searching 業者番号一覧 just now.
    searching: Mutex<HashMap<u64, Arc<()>>>,
}

/// How many searches of one address wait or run at once: more would only queue, in front of everybody else's.
const MOST_SEARCHES: usize = 2;

/// A search that waits or runs, until it is dropped.
pub struct Searching(#[expect(dead_code, reason = "it is counted")] Option<Arc<()>>);

/// Only those currently limiting somebody: what is paid for is dropped.
#[derive(Default)]
struct Counters {
    /// Microseconds of the monotonic clock.
    paid_until: HashMap<u64, i64>,
    by_time: BTreeSet<(i64, u64)>,
}

impl Counters {
    fn set(&mut self, key: u64, until: i64, most: usize) {
        if let Some(before) = self.paid_until.insert(key, until) {
            self.by_time.remove(&(before, key));
        } else if self.paid_until.len() > most
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.paid_until.remove(&oldest);
        }
        self.by_time.insert((until, key));
    }

    fn forget(&mut self, now: i64) {
        while let Some(&(until, key)) = self.by_time.first()
            && until <= now
        {
            self.by_time.pop_first();
            self.paid_until.remove(&key);
        }
    }
}

impl Governor {
    /// Starts with no counters, on the monotonic clock.
    pub fn new(limits: Limits, outside: Outside) -> Self {
        let hasher = RandomState::new();
        Self { limits, outside, hasher, counters: Mutex::default(), searching: Mutex::default() }
    }

    /// Admits an API request from that address.
    ///
    /// # Errors
    /// [`Error::RateLimited`] with the seconds to wait, here and below.
    pub fn admit_address(&self, address: Address) -> Result<(), Error> {
        self.admit(self.limits.address, ("address", address))
    }

    /// Admits a request in that session, which the caller knows to exist.
    pub fn admit_session(&self, session: &SessionId) -> Result<(), Error> {
        self.admit(self.limits.session, ("session", session))
    }

    /// Whether the session was admitted recently, and so exists. Irrelevant where sessions are not limited.
    pub fn knows_session(&self, session: &SessionId) -> bool {
        let rate = self.limits.session;
        let is_off = rate.count == 0 || rate.seconds == 0;
        is_off || self.counters().paid_until.contains_key(&self.key(("session", session)))
    }

    /// Admits a request for 業者番号一覧. Its cost is known only afterwards: see
    /// [`charge_list`](Self::charge_list).
    pub fn admit_list(&self, address: Address) -> Result<(), Error> {
        self.admit(self.limits.list_address, ("list address", address))
    }

    /// Admits a search of 業者番号一覧 beside the others that the address has just now: what they take is known too late.
    pub fn admit_search(&self, address: Address) -> Result<Searching, Error> {
        let rate = self.limits.list_address;
        if rate.count == 0 || rate.seconds == 0 {
            return Ok(Searching(None));
        }
        let mut searching = self.searching.lock().unwrap_or_else(PoisonError::into_inner);
        searching.retain(|_, searches| Arc::strong_count(searches) > 1);
        let searches = searching.entry(self.key(("list address", address))).or_default();
        if Arc::strong_count(searches) > MOST_SEARCHES {
            return Err(Error::RateLimited { retry_after: 1 });
        }
        Ok(Searching(Some(Arc::clone(searches))))
    }

    /// Charges for the time that a request for 業者番号一覧 took.
    pub fn charge_list(&self, address: Address, took: Duration) {
        let rate = self.limits.list_address;
        if rate.count == 0 || rate.seconds == 0 {
            return;
        }
        let each = i64::from(rate.seconds) * 1_000_000 / i64::from(rate.count);
        let price = i64::try_from(took.as_millis()).unwrap_or(i64::MAX).saturating_mul(each);
        let (now, key) = (self.outside.steady() * 1000, self.key(("list address", address)));
        let mut counters = self.counters();
        let until = counters.paid_until.get(&key).copied().unwrap_or(now).max(now).saturating_add(price);
        counters.set(key, until, MAX_COUNTERS);
    }

    fn admit(&self, rate: Rate, asker: impl Hash) -> Result<(), Error> {
        if rate.count == 0 || rate.seconds == 0 {
            return Ok(());
        }
        let period = i64::from(rate.seconds) * 1_000_000;
        self.pay(period / i64::from(rate.count), period, self.key(asker))
    }

    fn pay(&self, price: i64, period: i64, key: u64) -> Result<(), Error> {
        let now = self.outside.steady() * 1000;
        let mut counters = self.counters();
        counters.forget(now);
        let next = counters.paid_until.get(&key).copied().unwrap_or(now) + price;
        let excess = next - now - period;
        if excess > 0 {
            let retry_after = u64::try_from(excess.div_euclid(1_000_000) + 1).unwrap_or(1);
            return Err(Error::RateLimited { retry_after });
        }
        counters.set(key, next, MAX_COUNTERS);
        Ok(())
    }

    fn key(&self, asker: impl Hash) -> u64 {
        self.hasher.hash_one(asker)
    }

    // Counters stay consistent even after a panic elsewhere.
    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    fn governor(rate: Rate) -> (Governor, Arc<AtomicI64>) {
        let clock = Arc::new(AtomicI64::new(0));
        let steady = Arc::clone(&clock);
        let outside = Outside::new(|| 0, |_| ()).with_steady(move || steady.load(Ordering::SeqCst));
        (Governor::new(Limits { address: rate, ..Limits::NONE }, outside), clock)
    }

    fn address(text: &str) -> Address {
        Address::of(text.parse().unwrap())
    }

    #[test]
    fn a_burst_is_admitted_then_refused_with_the_time_after_which_it_is_admitted_again() {
        let (governor, clock) = governor(Rate { count: 3, seconds: 60 });
        let asker = address("192.0.2.1");
        for _ in 0..3 {
            assert!(governor.admit_address(asker).is_ok());
        }
        let Err(Error::RateLimited { retry_after }) = governor.admit_address(asker) else {
            panic!("the fourth was admitted")
        };
        let later = i64::try_from(retry_after).unwrap() * 1000;
        clock.store(later - 2000, Ordering::SeqCst);
        assert!(governor.admit_address(asker).is_err());
        clock.store(later, Ordering::SeqCst);
        assert!(governor.admit_address(asker).is_ok());
        assert!(governor.admit_address(address("192.0.2.2")).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_asker_and_a_mapped_ipv4_address_is_itself() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }

    #[test]
    fn the_list_is_paid_for_by_the_time_that_it_took() {
        let clock = Arc::new(AtomicI64::new(0));
        let steady = Arc::clone(&clock);
        let outside = Outside::new(|| 0, |_| ()).with_steady(move || steady.load(Ordering::SeqCst));
        let limits = Limits { list_address: Rate { count: 1000, seconds: 10 }, ..Limits::NONE };
        let governor = Governor::new(limits, outside);
        let (quick, slow) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..900 {
            governor.admit_list(quick).unwrap();
            governor.charge_list(quick, Duration::from_micros(300));
        }
        for _ in 0..3 {
            governor.admit_list(slow).unwrap();
            governor.charge_list(slow, Duration::from_millis(400));
        }
        assert!(governor.admit_list(slow).is_err());
        assert!(governor.admit_list(quick).is_ok());
        clock.store(3000, Ordering::SeqCst);
        assert!(governor.admit_list(slow).is_ok());
    }

    #[test]
    fn what_limits_nobody_is_forgotten() {
        let (governor, clock) = governor(Rate { count: 1, seconds: 60 });
        governor.admit_address(address("192.0.2.1")).unwrap();
        clock.store(60_000, Ordering::SeqCst);
        governor.admit_address(address("192.0.2.2")).unwrap();
        let counters = governor.counters();
        assert_eq!((counters.paid_until.len(), counters.by_time.len()), (1, 1));
    }

    #[test]
    fn a_full_table_drops_whoever_would_be_free_first_and_keeps_the_others() {
        let mut counters = Counters::default();
        for (key, until) in [(1, 60), (2, 10), (3, 50)] {
            counters.set(key, until, 3);
        }
        counters.set(2, 20, 3);
        counters.set(4, 30, 3);
        let mut kept: Vec<_> = counters.paid_until.iter().map(|(key, until)| (*until, *key)).collect();
        kept.sort_unstable();
        assert_eq!(kept, [(30, 4), (50, 3), (60, 1)]);
        assert_eq!(counters.by_time.into_iter().collect::<Vec<_>>(), kept);
    }
}

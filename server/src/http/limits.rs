//! How often one may ask. What may be a guess is counted in the store (`guess.rs`).
//!
//! The counters of requests are in memory: they are a brake, not a record, and a write to the disk for every refused
//! request would help an attacker more than us. A restart forgets them; a second instance counts for itself.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;

use crate::{error::Error, store::SessionId};

/// Most counters kept. An entry has 16 bytes; with more askers than that at once, counting begins anew
/// rather than locking everybody out.
const MAX_COUNTERS: usize = 200_000;

/// So many times in so long, after a pause all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many; 0: no limit.
    pub count: u32,
    /// Seconds.
    pub seconds: u32,
}

impl Rate {
    /// Whether it limits anybody.
    pub fn is_limit(self) -> bool {
        self.count > 0 && self.seconds > 0
    }

    /// Until when an asker has paid with one more who has paid until then (GCRA), in microseconds. `now` in Unix
    /// milliseconds. It must be a limit.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn pay(self, paid_until: i64, now: i64) -> Result<i64, u64> {
        let now = now * 1000;
        let period = i64::from(self.seconds) * 1_000_000;
        let next = paid_until.max(now) + period / i64::from(self.count.max(1));
        let excess = next - now - period;
        if excess > 0 { Err(u64::try_from(excess.div_euclid(1_000_000) + 1).unwrap_or(1)) } else { Ok(next) }
    }
}

/// The limits of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// API requests of one session.
    pub session: Rate,
    /// API requests from one address (IPv6: one /64). A whole company may stand behind one.
    pub address: Rate,
    /// 資格審査情報検索 of one session.
    pub search_session: Rate,
    /// 資格審査情報検索 from one address.
    pub search_address: Rate,
    /// 資格審査情報検索 for one number, by whomever.
    pub search_number: Rate,
    /// Passwords typed in one session.
    pub login_session: Rate,
    /// Passwords typed from one address, links for a new one asked for or used.
    pub login_address: Rate,
    /// Passwords typed for one ID, by whomever.
    pub login_id: Rate,
    /// Links for a new password of one ID, by whomever.
    pub forgotten_id: Rate,
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
        }
    };
}

/// An address as far as one asker can be told from another.
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

/// The counters: for each asker the time (microseconds) until which its requests are paid for (GCRA).
pub struct Governor {
    limits: Limits,
    hasher: RandomState,
    paid_until: Mutex<HashMap<u64, i64>>,
}

impl Governor {
    /// Counts from nothing.
    pub fn new(limits: Limits) -> Self {
        Self { limits, hasher: RandomState::new(), paid_until: Mutex::default() }
    }

    /// Admits an API request. `now` in Unix milliseconds.
    ///
    /// # Errors
    /// [`Error::RateLimited`] with the seconds to wait.
    pub fn admit_request(
        &self,
        session: Option<&SessionId>,
        address: Address,
        now: i64,
    ) -> Result<(), Error> {
        if let Some(session) = session {
            self.admit(self.limits.session, self.hasher.hash_one(("session", session)), now)?;
        }
        self.admit(self.limits.address, self.hasher.hash_one(("address", address)), now)
    }

    /// Forgets counters that limit nobody any more.
    pub fn tidy(&self, now: i64) {
        let mut paid_until = self.paid_until.lock().unwrap_or_else(PoisonError::into_inner);
        paid_until.retain(|_, until| *until > now * 1000);
        paid_until.shrink_to(1024);
    }

    fn admit(&self, rate: Rate, key: u64, now: i64) -> Result<(), Error> {
        if !rate.is_limit() {
            return Ok(());
        }
        let mut paid_until = self.paid_until.lock().unwrap_or_else(PoisonError::into_inner);
        if paid_until.len() >= MAX_COUNTERS {
            paid_until.clear();
        }
        let until = paid_until.entry(key).or_insert(now * 1000);
        *until = rate.pay(*until, now).map_err(|retry_after| Error::RateLimited { retry_after })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn governor(rate: Rate) -> Governor {
        Governor::new(Limits { address: rate, ..Limits::NONE })
    }

    #[test]
    fn a_burst_is_admitted_then_refused_with_the_time_after_which_it_is_admitted_again() {
        let governor = governor(Rate { count: 3, seconds: 60 });
        let address = Address::of("192.0.2.1".parse().unwrap());
        for _ in 0..3 {
            assert!(governor.admit_request(None, address, 0).is_ok());
        }
        let Err(Error::RateLimited { retry_after }) = governor.admit_request(None, address, 0) else {
            panic!("the fourth was admitted")
        };
        let later = i64::try_from(retry_after).unwrap() * 1000;
        assert!(governor.admit_request(None, address, later - 2000).is_err());
        assert!(governor.admit_request(None, address, later).is_ok());
        let neighbour = Address::of("192.0.2.2".parse().unwrap());
        assert!(governor.admit_request(None, neighbour, 0).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_asker_and_a_mapped_ipv4_address_is_itself() {
        let of = |text: &str| Address::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn what_limits_nobody_is_forgotten() {
        let governor = governor(Rate { count: 1, seconds: 60 });
        governor.admit_request(None, Address::of("192.0.2.1".parse().unwrap()), 0).unwrap();
        governor.tidy(60_000);
        assert!(governor.paid_until.lock().unwrap().is_empty());
    }
}

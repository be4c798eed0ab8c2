//! Who is guessing a password or a number, and how often they may.
//!
//! If all attempts on a name counted together, anybody could lock its owner out. So a browser that has signed
//! in to the account before, or an address from which somebody has, is counted separately; only strangers are
//! counted together. All of it is in the store: a restart forgives nobody, and several servers on one
//! database count together.

use std::sync::Arc;

use crate::{
    app::App,
    error::Error,
    http::limits::{Address, Rate},
    key::ServerKey,
    store::{SessionId, Writer},
};

/// How long an address stays known after a sign-in, in milliseconds.
pub const KNOWN_FOR: i64 = 90 * 86_400_000;

/// How many accounts one browser is known for. Beyond that the oldest is dropped.
const MOST_KNOWN: usize = 8;

/// Bytes of a browser's name, and of the code that proves that we assigned it.
const NAME: usize = 16;

/// An account or ID that somebody tries to sign in to, whether or not it exists.
#[derive(Clone, Debug)]
pub struct Target {
    scope: &'static str,
    agency: String,
    id: String,
}

impl Target {
    pub fn officer(agency: &str, login_id: &str) -> Self {
        Self::of("officer", agency, login_id)
    }

    /// An ID (簡易認証).
    pub fn account(agency: &str, login_id: &str) -> Self {
        Self::of("account", agency, login_id)
    }

    fn of(scope: &'static str, agency: &str, id: &str) -> Self {
        Self { scope, agency: agency.to_owned(), id: id.to_ascii_lowercase() }
    }

    fn hash(&self, key: &ServerKey, what: &str, more: &[u8]) -> Result<[u8; 32], Error> {
        let Self { scope, agency, id } = self;
        let parts = [agency.as_bytes(), b"\n", id.as_bytes(), b"\n", more].concat();
        key.hash(&format!("{scope} {what}"), &parts)
    }
}

/// The accounts that a browser has signed in to, from its cookie: names that we assigned, each with a code that
/// only we can make and that is valid for one account.
#[derive(Clone, Debug, Default)]
pub struct KnownBrowser(Vec<([u8; NAME], [u8; NAME])>);

impl KnownBrowser {
    /// Parses a cookie's value; what is not ours is ignored.
    pub fn parse(text: &str) -> Self {
        let pair = |text: &str| {
            let mut bytes = [0; 2 * NAME];
            hex::decode_to_slice(text, &mut bytes).ok()?;
            let (name, code) = bytes.split_at(NAME);
            Some((name.try_into().ok()?, code.try_into().ok()?))
        };
        Self(text.split('.').take(MOST_KNOWN).filter_map(pair).collect())
    }

    pub fn to_text(&self) -> String {
        let one = |(name, code): &([u8; NAME], [u8; NAME])| hex::encode([*name, *code].concat());
        self.0.iter().map(one).collect::<Vec<_>>().join(".")
    }

    fn name_for(&self, key: &ServerKey, target: &Target) -> Result<Option<[u8; NAME]>, Error> {
        for (name, code) in &self.0 {
            if openssl::memcmp::eq(&code_for(key, target, name)?, code) {
                return Ok(Some(*name));
            }
        }
        Ok(None)
    }

    /// Adds an account that this browser has signed in to. `None`: it is known already.
    pub fn with(&self, app: &App, target: &Target) -> Result<Option<Self>, Error> {
        if self.name_for(&app.key, target)?.is_some() {
            return Ok(None);
        }
        let name: [u8; NAME] = app.outside.random();
        let mut known = self.clone();
        known.0.insert(0, (name, code_for(&app.key, target, &name)?));
        known.0.truncate(MOST_KNOWN);
        Ok(Some(known))
    }
}

fn code_for(key: &ServerKey, target: &Target, name: &[u8; NAME]) -> Result<[u8; NAME], Error> {
    let hash = target.hash(key, "known browser", name)?;
    let mut code = [0; NAME];
    code.copy_from_slice(&hash[..NAME]);
    Ok(code)
}

/// Who is trying. Each is counted separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Unknown.
    Stranger,
    /// A browser that has signed in to it.
    Browser([u8; NAME]),
    /// At an address from which somebody has.
    Neighbour(Address),
    /// Signed in, entering their own password.
    Owner,
}

impl Asker {
    /// Who is trying at that target from there.
    pub async fn of(
        app: &Arc<App>,
        target: &Target,
        known: &KnownBrowser,
        address: Address,
        now: i64,
    ) -> Result<Self, Error> {
        if let Some(name) = known.name_for(&app.key, target)? {
            return Ok(Self::Browser(name));
        }
        let id = address_id(&app.key, target, address)?;
        let is_known = app.store.read(move |reader| reader.is_known_address(&id, now)).await?;
        Ok(if is_known { Self::Neighbour(address) } else { Self::Stranger })
    }

    /// The counter of their attempts on that target.
    pub fn counter(self, key: &ServerKey, target: &Target) -> Result<[u8; 32], Error> {
        match self {
            Self::Stranger => target.hash(key, "tries of strangers", b""),
            Self::Browser(name) => target.hash(key, "tries of a browser", &name),
            Self::Neighbour(address) => {
                target.hash(key, "tries at an address", address.to_string().as_bytes())
            }
            Self::Owner => target.hash(key, "tries of the owner", b""),
        }
    }
}

fn address_id(key: &ServerKey, target: &Target, address: Address) -> Result<[u8; 32], Error> {
    target.hash(key, "known address", address.to_string().as_bytes())
}

/// Records a sign-in to that target from there. `now` in Unix milliseconds.
pub fn note_sign_in(
    writer: &Writer<'_>,
    key: &ServerKey,
    target: &Target,
    address: Address,
    now: i64,
) -> Result<(), Error> {
    writer.note_address(&address_id(key, target, address)?, now + KNOWN_FOR)
}

/// What may be a guess: its limit, and the counter it counts against.
pub struct Guess(Rate, [u8; 32]);

impl Guess {
    /// With that limit, by an arbitrary name.
    pub fn new(app: &App, rate: Rate, what: &str, by: &[u8]) -> Result<Self, Error> {
        Ok(Self(rate, app.key.hash(&format!("guess {what}"), by)?))
    }

    /// A password for that target.
    pub fn at(app: &App, rate: Rate, target: &Target, asker: Asker) -> Result<Self, Error> {
        Self::new(app, rate, "password", &asker.counter(&app.key, target)?)
    }

    /// Anything for that agency's number or ID.
    pub fn for_name(app: &App, rate: Rate, what: &str, agency: &str, name: &str) -> Result<Self, Error> {
        Self::new(app, rate, what, format!("{agency}\n{}", name.to_ascii_lowercase()).as_bytes())
    }

    /// A password from that address.
    pub fn from(app: &App, rate: Rate, what: &str, address: Address) -> Result<Self, Error> {
        Self::new(app, rate, what, address.to_string().as_bytes())
    }

    pub fn within(app: &App, rate: Rate, what: &str, session: &SessionId) -> Result<Self, Error> {
        Self::new(app, rate, what, session)
    }
}

/// Admits an attempt that counts against all of these, or against none. `now` in Unix milliseconds.
///
/// # Errors
/// [`Error::RateLimited`] with the seconds to wait.
pub async fn admit(app: &Arc<App>, guesses: Vec<Guess>, now: i64) -> Result<(), Error> {
    let guesses: Vec<Guess> = guesses.into_iter().filter(|Guess(rate, _)| rate.is_limit()).collect();
    if guesses.is_empty() {
        return Ok(());
    }
    let guesses = Arc::new(guesses);
    let looked_at = Arc::clone(&guesses);
    // A refused attempt writes nothing: that would help an attacker more than us.
    app.store.read(move |reader| prices(reader, &looked_at, now).map(drop)).await?;
    app.store
        .write(move |writer| {
            for (Guess(_, id), until) in guesses.iter().zip(prices(writer, &guesses, now)?) {
                writer.pay_until(id, until)?;
            }
            Ok(())
        })
        .await
}

fn prices(reader: &crate::store::Reader<'_>, guesses: &[Guess], now: i64) -> Result<Vec<i64>, Error> {
    let price = |Guess(rate, id): &Guess| {
        rate.pay(reader.paid_until(id)?, now).map_err(|retry_after| Error::RateLimited { retry_after })
    };
    guesses.iter().map(price).collect()
}

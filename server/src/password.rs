//! Passwords: short human secrets, so hashed with argon2id (anything faster is guessed), and refused if they are
//! common.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use touroku_proto::field::Guessable;
use zxcvbn::{
    Score,
    feedback::{Feedback, Warning},
};

use crate::error::Error;

/// Each hash takes 19 MiB and some 20 ms of a core: this many at once for requests, the others wait.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Matches no password; used for unknown names, so that they cost the same time.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("").unwrap_or_default());

/// The shortest part of a name that counts, in characters: any password contains one letter of a name.
const OWN_PART: usize = 4;

/// Why a password is guessed sooner than zxcvbn's `least` allows. `own`: what anybody knows about its holder.
pub(crate) async fn guessable_aside(
    password: String,
    own: Vec<String>,
    least: Score,
) -> Result<Option<Guessable>, Error> {
    let _turn = AT_ONCE.acquire().await;
    let found = tokio::task::spawn_blocking(move || guessable(&password, &own, least)).await;
    found.map_err(|_| Error::Defect("looking at a password panicked"))
}

fn guessable(password: &str, own: &[String], least: Score) -> Option<Guessable> {
    let inputs: Vec<&str> = own.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(password, &inputs);
    if estimate.score() >= least {
        return None;
    }
    let folded = password.to_lowercase();
    let is_own = |part: &&&str| {
        let part = part.to_lowercase();
        part.chars().count() >= OWN_PART && folded.contains(&part)
    };
    if inputs.iter().any(|part| is_own(&part)) {
        return Some(Guessable::Own);
    }
    Some(match estimate.feedback().and_then(Feedback::warning) {
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => Guessable::Sequence,
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => Guessable::Repeated,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Guessable::Date,
        Some(_) => Guessable::Common,
        None => Guessable::Short,
    })
}

/// A new PHC string.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|_| Error::Defect("a password can't be hashed"))
}

/// Whether the PHC string matches this password.
pub(crate) fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// [`hash`], on a blocking thread.
pub(crate) async fn hash_aside(password: String) -> Result<String, Error> {
    let _turn = AT_ONCE.acquire().await;
    let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
    hashed.unwrap_or(Err(Error::Defect("password hashing panicked")))
}

/// [`fits`], on a blocking thread. Without a hash it takes as long and returns false.
pub(crate) async fn fits_aside(password: String, hash: Option<String>) -> bool {
    let _turn = AT_ONCE.acquire().await;
    let verified = tokio::task::spawn_blocking(move || match hash {
        Some(hash) => fits(&password, &hash),
        None => {
            std::hint::black_box(fits(&password, &NOBODYS));
            false
        }
    });
    verified.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_guessed_soon_is_refused_with_why() {
        let own = ["990000001", "（株）テスト商会０１", "hokuto"].map(str::to_owned);
        for (password, why) in [
            ("abc123", Some(Guessable::Common)),
            ("password1", Some(Guessable::Common)),
            ("hokuto1", Some(Guessable::Own)),
            ("HOKUTO01", Some(Guessable::Own)),
            ("990000001a", Some(Guessable::Own)),
            ("xzxzxzxzxz", Some(Guessable::Repeated)),
            ("19991231", Some(Guessable::Date)),
            ("x7k2", Some(Guessable::Short)),
            ("oi25io14", None),
            ("V7kmTq2wZ9p", None),
        ] {
            assert_eq!(guessable(password, &own, Score::Two), why, "{password}");
        }
    }
}

//! Passwords: short human secrets, so hashed with argon2id; anything faster is guessed.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::error::Error;

/// Each takes 19 MiB and some 20 ms of a core: so many at once for requests, the others wait.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Fits no password; for a name that nobody has, so that it costs the same time.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("").unwrap_or_default());

/// A new PHC string.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|_| Error::Defect("a password can't be hashed"))
}

/// Whether that PHC string is of this password.
pub(crate) fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// [`hash`], off the threads that answer requests.
pub(crate) async fn hash_aside(password: String) -> Result<String, Error> {
    let _turn = AT_ONCE.acquire().await;
    let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
    hashed.unwrap_or(Err(Error::Defect("password hashing panicked")))
}

/// [`fits`], off the threads that answer requests. Without a hash it takes as long and is false.
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

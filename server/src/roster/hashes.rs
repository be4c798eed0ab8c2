//! Passwords in a roster.

use std::collections::HashMap;

use crate::{error::Error, password};

/// Hashes passwords. One that matches its existing hash keeps it, so that the same file changes nothing. Done
/// before the transaction, on all cores: a hash takes some 20 ms.
pub(crate) fn hash_all(
    passwords: Vec<(String, String)>,
    known: &HashMap<String, String>,
) -> Result<HashMap<String, String>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = passwords.len().div_ceil(threads).max(1);
    let hashed: Vec<Result<(String, String), Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = passwords
            .chunks(share)
            .map(|chunk| {
                scope.spawn(move || {
                    let hash = |(number, password): &(String, String)| {
                        let hash = match known.get(number).filter(|known| password::fits(password, known)) {
                            Some(known) => known.clone(),
                            None => password::hash(password)?,
                        };
                        Ok((number.clone(), hash))
                    };
                    chunk.iter().map(hash).collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|_| vec![Err(Error::Defect("password hashing panicked"))])
            })
            .collect()
    });
    hashed.into_iter().collect()
}

//! `touroku-server`. Everything is in the library; time and randomness are supplied here.

use std::{
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use clap::Parser as _;
use touroku_server::{cli::Cli, outside::Outside};

fn main() -> ExitCode {
    let began = Instant::now();
    let steady = move || i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    Cli::parse().run(Outside::new(now, random).with_steady(steady))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn random(bytes: &mut [u8]) {
    openssl::rand::rand_bytes(bytes).expect("OpenSSL's generator is seeded by the system");
}

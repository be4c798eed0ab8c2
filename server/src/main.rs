//! `touroku-server`. Everything is in the library; time and randomness enter here.

use std::{
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser as _;
use touroku_server::{cli::Cli, outside::Outside};

fn main() -> ExitCode {
    Cli::parse().run(Outside::new(now, random))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn random(bytes: &mut [u8]) {
    openssl::rand::rand_bytes(bytes).expect("OpenSSL's generator is seeded by the system");
}

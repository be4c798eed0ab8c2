//! Answers of directories, and the addresses that lead there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touroku_server::pki::fuzzing::read_directory;

fuzz_target!(|input: &[u8]| read_directory(input));

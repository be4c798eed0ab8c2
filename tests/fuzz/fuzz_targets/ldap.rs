//! Responses of directories, and the URLs that lead to them.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use touroku_fuzz::mutate;
use touroku_server::trust::read_directory;

fuzz_target!(|input: &[u8]| read_directory(input));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::der)
});

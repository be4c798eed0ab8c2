//! Replies to commands: status words, GET RESPONSE, refused length fields.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use touroku_fuzz::{Go, Replies, mutate};
use touroku_host::card::apdu::{Channel, Command, Expect, Reply};

fuzz_target!(|input: &[u8]| {
    drop(Reply::parse(input.to_vec(), 256));
    let Some(mut card) = Replies::new(input) else { return };
    let mut control = Go;
    let mut channel = Channel::new(&mut card, &mut control, 3);
    for (data, expect) in
        [(vec![1; 9], Expect::Short), (Vec::new(), Expect::Long), (vec![2; 300], Expect::Long)]
    {
        let command = Command::new("FUZZ", [0xA4, 4, 0], data, expect);
        if channel.exchange(&command).is_err() {
            break;
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::replies)
});

//! A whole card: its objects are read, and it is asked to sign.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use touroku_fuzz::{Go, NOW, Replies, mutate};
use touroku_host::card::{self, Accepted, Request, Subject};
use touroku_proto::{card::Pin, origin::Origin, token::Nonce};

fuzz_target!(|input: &[u8]| {
    if let Some(mut card) = Replies::new(input) {
        drop(card::read(&mut card, &mut Go, Accepted::ALL, NOW));
    }
    if let Some(mut card) = Replies::new(input) {
        let request = Request {
            origin: Origin::parse("https://ebid.example.jp").expect("an origin"),
            subject: Subject::Login(Nonce::from_bytes(&[7; 32])),
            card: None,
            pin: Pin::new("123456".to_owned()),
            accept_last_try: true,
            accepted: Accepted::ALL,
            known: None,
        };
        drop(card::authenticate(&mut card, &mut Go, &request, NOW));
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::replies)
});

//! Native-messaging frames, and the commands in them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touroku_host::{command, frame};

fuzz_target!(|input: &[u8]| {
    let mut rest = input;
    while let Ok(Some(body)) = frame::read(&mut rest) {
        if command::parse(&body).is_ok() {
            let mut again = Vec::new();
            frame::write(&mut again, &body).expect("what came in is no longer than what may go out");
            let read = frame::read(&mut again.as_slice()).expect("a frame").expect("one");
            assert_eq!(*read, *body);
        }
    }
});

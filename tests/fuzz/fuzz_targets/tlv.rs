//! BER-TLV at any depth.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use touroku_fuzz::mutate;
use touroku_host::card::tlv;

fuzz_target!(|input: &[u8]| {
    let mut level = input;
    while let Ok((object, rest)) = tlv::first(level) {
        assert!(object.value.len() + rest.len() < level.len());
        if let Ok(tag) = u8::try_from(object.tag) {
            let written = tlv::encode(tag, object.value);
            // A single-byte tag is read as written; one that announces more bytes is not single-byte.
            if tag & 0x1F != 0x1F {
                let (again, rest) = tlv::first(&written).expect("what was written can be read");
                assert_eq!(again, object);
                assert!(rest.is_empty());
            }
        }
        assert!(tlv::find(level, object.tag).is_some(), "it is there");
        level = object.value;
    }
    let objects = tlv::objects(input).filter_map(Result::ok);
    assert!(objects.map(|object| object.value.len()).sum::<usize>() <= input.len());
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::structured(data, size, max_size, seed, mutate::der)
});

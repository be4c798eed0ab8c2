//! GENERAL AUTHENTICATE (SP 800-73-5 part 2, 3.2.4 and appendix A.4; algorithms of SP 800-78-5,
//! table 9).

use sha2::{Digest, Sha256, Sha384};

use crate::{
    card::{
        apdu::{Command, Expect, Reply, StatusWord},
        certificate::Key,
        pkcs1::sha256_digest_info,
        tlv,
    },
    error::Error,
};

/// The command that signs `message` with the referenced key.
pub(super) fn command(reference: u8, key: Key, message: &[u8]) -> Command {
    let (algorithm, input) = match key {
        Key::Rsa { bytes } => {
            let algorithm = match bytes {
                256 => 0x07,
                384 => 0x05,
                _ => 0x16,
            };
            (algorithm, pkcs1(&Sha256::digest(message), bytes))
        }
        Key::P256 => (0x11, Sha256::digest(message).to_vec()),
        Key::P384 => (0x14, Sha384::digest(message).to_vec()),
    };
    let reply = if matches!(key, Key::Rsa { .. }) { Expect::Long } else { Expect::Short };
    Command::new("GENERAL AUTHENTICATE", [0x87, algorithm, reference], template(&input), reply)
}

/// The signature as a token carries it: RSA's block, or ECDSA's R ‖ S (RFC 7518, 3.4).
pub(super) fn parse(key: Key, reply: &Reply, command: &Command) -> Result<Vec<u8>, Error> {
    if reply.status != StatusWord::OK {
        return Err(command.refused(reply.status));
    }
    let malformed = Error::Malformed("signature");
    let signature = tlv::find(&reply.data, 0x7C).and_then(|template| tlv::find(template, 0x82));
    let signature = signature.ok_or(malformed.clone())?;
    match key {
        Key::Rsa { bytes } if signature.len() == bytes => Ok(signature.to_vec()),
        Key::Rsa { .. } => Err(malformed),
        Key::P256 => raw(signature, 32).ok_or(malformed),
        Key::P384 => raw(signature, 48).ok_or(malformed),
    }
}

/// Dynamic authentication template: an empty `82` asks for the response to challenge `81`.
fn template(input: &[u8]) -> Vec<u8> {
    tlv::encode(0x7C, &[vec![0x82, 0x00], tlv::encode(0x81, input)].concat())
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2), done here because PIV cards perform the bare RSA operation.
fn pkcs1(digest: &[u8], length: usize) -> Vec<u8> {
    let info = sha256_digest_info(digest);
    let mut block = vec![0xFF; length];
    let (padding, tail) = block.split_at_mut(length - info.len());
    tail.copy_from_slice(&info);
    padding[0] = 0x00;
    padding[1] = 0x01;
    padding[padding.len() - 1] = 0x00;
    block
}

/// ECDSA-Sig-Value (RFC 3279, 2.2.3) as R ‖ S, each padded to the field's length.
fn raw(der: &[u8], field: usize) -> Option<Vec<u8>> {
    let (sequence, rest) = tlv::first(der).ok()?;
    let numbers = tlv::objects(sequence.value).collect::<Result<Vec<_>, _>>().ok()?;
    let [r, s] = numbers.as_slice() else { return None };
    if sequence.tag != 0x30 || !rest.is_empty() || r.tag != 0x02 || s.tag != 0x02 {
        return None;
    }
    let mut signature = Vec::with_capacity(2 * field);
    for number in [r.value, s.value] {
        let significant = &number[number.iter().take_while(|&&b| b == 0).count()..];
        let negative = number.first().is_some_and(|&b| b & 0x80 != 0);
        // Zero is not a valid signature (FIPS 186-5, 6.4.2).
        if negative || significant.is_empty() || significant.len() > field {
            return None;
        }
        signature.resize(signature.len() + field - significant.len(), 0);
        signature.extend_from_slice(significant);
    }
    Some(signature)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ecdsa_numbers_are_padded_to_the_field_and_lose_their_sign_byte() {
        let der = hex::decode("3008020200FF02020102").unwrap();
        let mut expected = vec![0; 64];
        expected[31] = 0xFF;
        expected[62..].copy_from_slice(&[1, 2]);
        assert_eq!(raw(&der, 32), Some(expected));
    }

    #[test]
    fn ecdsa_answers_that_are_no_signature_are_refused() {
        for der in [
            "",
            "3000",
            "3003020101",
            "3006020100020101",
            "3006020181020101",
            "300602010102010100",
            "3106020101020101",
            "3009020101020101020101",
        ] {
            assert_eq!(raw(&hex::decode(der).unwrap(), 32), None, "{der}");
        }
        let long = [&[0x30, 0x26, 0x02, 0x21][..], &[1; 33], &[0x02, 0x01, 0x01]].concat();
        assert_eq!(raw(&long, 32), None);
    }

    #[test]
    fn the_rsa_block_is_padded_to_the_key_as_rfc_8017_says() {
        let block = pkcs1(&[0xAB; 32], 256);
        assert_eq!(block.len(), 256);
        assert_eq!(&block[..3], &[0x00, 0x01, 0xFF]);
        assert_eq!(block[256 - 52], 0x00);
        assert!(block[2..256 - 52].iter().all(|&b| b == 0xFF));
        assert_eq!(&block[256 - 51..], &sha256_digest_info(&[0xAB; 32]));
    }

    proptest! {
        #[test]
        fn no_reply_makes_the_parser_panic(data in prop::collection::vec(any::<u8>(), 0..150)) {
            for key in [Key::Rsa { bytes: 256 }, Key::P256, Key::P384] {
                let command = command(0x9A, key, b"");
                for data in [data.clone(), tlv::encode(0x7C, &tlv::encode(0x82, &data))] {
                    let _ = parse(key, &Reply { data, status: StatusWord::OK }, &command);
                }
            }
        }
    }
}

//! The card's state machine, command by command.

use openssl::{ecdsa::EcdsaSig, sign::Verifier};

use crate::ca::KeyKind;

use super::*;

const PIV: &str = "A000000308000010000100";
const OK: u16 = sw::OK;

struct Card(Applet);

impl Card {
    /// A card with PIV selected.
    fn new(change: impl FnOnce(&mut CardConfig)) -> Self {
        Self::with_key(KeyKind::P256, change)
    }

    fn with_key(key: KeyKind, change: impl FnOnce(&mut CardConfig)) -> Self {
        let mut config = CardConfig::new(key.generate().unwrap(), vec![0x5A; 900], "123456");
        change(&mut config);
        let mut card = Self(Applet::new(config));
        assert_eq!(card.select(PIV).1, OK);
        card
    }

    fn send(&mut self, command: &str) -> (Vec<u8>, u16) {
        self.0.execute(&hex::decode(command.replace(' ', "")).unwrap())
    }

    fn status(&mut self, command: &str) -> u16 {
        self.send(command).1
    }

    fn select(&mut self, aid: &str) -> (Vec<u8>, u16) {
        self.send(&format!("00A40400 {:02X} {aid} 00", aid.len() / 2))
    }

    fn verify(&mut self, pin: &str) -> u16 {
        let mut data = pin.as_bytes().to_vec();
        data.resize(8, 0xFF);
        self.status(&format!("00200080 08 {}", hex::encode(data)))
    }

    fn query(&mut self) -> u16 {
        self.status("00200080")
    }

    fn public(&self) -> &PKey<Private> {
        &self.0.config.key
    }

    /// GENERAL AUTHENTICATE in short blocks, the answer fetched piece by piece.
    fn sign(&mut self, algorithm: u8, input: &[u8]) -> (Vec<u8>, u16) {
        let template = tlv(&[0x7C], &[tlv(&[0x82], &[]), tlv(&[0x81], input)].concat());
        let mut blocks = template.chunks(255).peekable();
        loop {
            let block = blocks.next().unwrap();
            let last = blocks.peek().is_none();
            let class = if last { "00" } else { "10" };
            let le = if last { "00" } else { "" };
            let length = block.len();
            let answer =
                self.send(&format!("{class}87{algorithm:02X}9A {length:02X} {} {le}", hex::encode(block)));
            if last {
                return self.collect(answer);
            }
            assert_eq!(answer, (vec![], OK));
        }
    }

    fn collect(&mut self, (mut data, mut status): (Vec<u8>, u16)) -> (Vec<u8>, u16) {
        while status & 0xFF00 == 0x6100 {
            let (more, next) = self.send(&format!("00C00000 {:02X}", status & 0xFF));
            data.extend(more);
            status = next;
        }
        (data, status)
    }

    fn object(&mut self, tag: &str) -> (Vec<u8>, u16) {
        let length = tag.len() / 2;
        let answer = self.send(&format!("00CB3FFF {:02X} 5C{length:02X}{tag} 00", length + 2));
        self.collect(answer)
    }
}

fn signature_of((answer, status): (Vec<u8>, u16)) -> Vec<u8> {
    assert_eq!(status, OK);
    let Some((0x7C, template, [])) = split_tlv(&answer) else { panic!("{answer:02X?}") };
    let Some((0x82, signature, [])) = split_tlv(template) else { panic!("{answer:02X?}") };
    signature.to_vec()
}

#[test]
fn piv_is_selected_by_its_whole_and_its_truncated_name() {
    let mut card = Card::new(|_| ());
    for aid in [PIV, "A00000030800001000", "A000000308"] {
        let (template, status) = card.select(aid);
        assert_eq!((template[0], status), (0x61, OK), "{aid}");
    }
    for other in ["A0000003", "A000000397", "A00000030800001000010000"] {
        assert_eq!(card.select(other), (vec![], sw::NOT_FOUND), "{other}");
    }
}

#[test]
fn another_application_loses_the_login_and_piv_again_keeps_it() {
    let mut card = Card::new(|_| ());
    for manager in ["", "A000000151000000"] {
        assert_eq!(card.verify("123456"), OK);
        card.select(PIV);
        assert_eq!(card.query(), OK);
        assert_eq!(card.select("A0000000041010").1, sw::NOT_FOUND);
        assert_eq!(card.query(), OK, "a SELECT that failed changes nothing");
        let command = if manager.is_empty() { "00A4040000".into() } else { format!("00A4040008{manager}00") };
        assert_eq!(card.status(&command), OK);
        assert_eq!(card.query(), sw::NO_INSTRUCTION);
        card.select(PIV);
        assert_eq!(card.query(), 0x63C3);
    }
}

#[test]
fn wrong_pins_count_down_to_the_lock_and_the_right_one_counts_up_again() {
    let mut card = Card::new(|_| ());
    assert_eq!(card.verify("999999"), 0x63C2);
    assert_eq!(card.verify("123456"), OK);
    assert_eq!(card.0.tries(), 3);
    assert_eq!([card.verify("999999"), card.verify("1234567")], [0x63C2, 0x63C1]);
    assert_eq!([card.query(), card.verify("999999")], [0x63C1, sw::BLOCKED]);
    assert_eq!([card.query(), card.verify("123456")], [sw::BLOCKED; 2]);
    card.0.reset();
    card.select(PIV);
    assert_eq!(card.verify("123456"), sw::BLOCKED, "a reset unlocks nothing");
}

#[test]
fn a_wrong_pin_ends_the_login() {
    let mut card = Card::new(|_| ());
    card.verify("123456");
    card.verify("999999");
    assert_eq!(card.query(), 0x63C2);
}

#[test]
fn a_badly_formed_verify_costs_no_try() {
    let mut card = Card::new(|_| ());
    for (command, status) in [
        ("00200080 06 313233343536", sw::WRONG_DATA),
        ("00200000 08 313233343536FFFF", sw::NO_REFERENCE),
        ("00200180 08 313233343536FFFF", sw::WRONG_PARAMETERS),
        ("00200080 08 31", sw::WRONG_LENGTH),
    ] {
        assert_eq!(card.status(command), status, "{command}");
    }
    assert_eq!(card.0.tries(), 3);
}

#[test]
fn verify_with_p1_ff_logs_out() {
    let mut card = Card::new(|_| ());
    card.verify("123456");
    assert_eq!(card.status("0020FF80"), OK);
    assert_eq!(card.query(), 0x63C3);
}

#[test]
fn a_card_may_keep_its_tries_to_itself() {
    let mut card = Card::new(|config| config.hides_tries = true);
    assert_eq!(card.query(), 0x6300);
    assert_eq!(card.verify("999999"), 0x63C2);
}

#[test]
fn the_certificate_comes_whole_in_pieces_and_in_one_piece() {
    let mut card = Card::new(|_| ());
    let (object, status) = card.object("5FC105");
    assert_eq!(status, OK);
    let Some((0x53, content, [])) = split_tlv(&object) else { panic!("{object:02X?}") };
    let Some((0x70, certificate, rest)) = split_tlv(content) else { panic!("{content:02X?}") };
    assert_eq!((certificate, rest), (&[0x5A; 900][..], &[0x71, 1, 0, 0xFE, 0][..]));
    assert_eq!(card.send("00CB3FFF 000005 5C035FC105 0000"), (object, OK));
}

#[test]
fn a_compressed_certificate_says_so() {
    use std::io::Read as _;

    let mut card = Card::new(|config| config.gzip = true);
    let (object, _) = card.object("5FC105");
    let (_, content, _) = split_tlv(&object).unwrap();
    let (_, compressed, rest) = split_tlv(content).unwrap();
    let mut certificate = Vec::new();
    flate2::read::GzDecoder::new(compressed).read_to_end(&mut certificate).unwrap();
    assert_eq!((certificate, rest), (vec![0x5A; 900], &[0x71, 1, 1, 0xFE, 0][..]));
}

#[test]
fn objects_that_a_card_lacks_are_not_found() {
    let mut card = Card::new(|config| {
        config.certificate = None;
        config.discovery = false;
    });
    for tag in ["5FC105", "5FC10A", "7E", "5FC101"] {
        assert_eq!(card.object(tag), (vec![], sw::NOT_FOUND), "{tag}");
    }
    for tag in ["5FC102", "5FC107"] {
        assert_eq!(card.object(tag).1, OK, "{tag}");
    }
    let mut card = Card::new(|config| config.signature_certificate = Some(vec![0xA5; 10]));
    assert_eq!(card.object("5FC10A").0[2..14], [&[0x70, 10][..], &[0xA5; 10]].concat());
    assert_eq!(card.object("7E").0[0], 0x7E);
}

#[test]
fn nothing_is_signed_without_the_pin() {
    let mut card = Card::new(|_| ());
    assert_eq!(card.sign(0x11, &[7; 32]), (vec![], sw::NOT_VERIFIED));
    card.verify("123456");
    assert_eq!(card.sign(0x11, &[7; 32]).1, OK);
    assert_eq!(card.sign(0x07, &[7; 32]).1, sw::WRONG_PARAMETERS, "the key is of another kind");
    assert_eq!(card.sign(0x11, &[7; 33]).1, sw::WRONG_DATA);
    assert_eq!(card.status("0087119C 06 7C04 8200 8100 00"), sw::WRONG_PARAMETERS, "no key in slot 9C");
    assert_eq!(card.status("0087119A 05 7C03 810107 00"), sw::WRONG_DATA, "no response asked for");
}

#[test]
fn the_signature_key_wants_its_pin_directly_before_each_signature() {
    let key = KeyKind::P256.generate().unwrap();
    let mut card = Card::new(|config| config.signature_key = Some(key));
    let sign = "0087119C 08 7C06 8200 8102 0707 00";
    assert_eq!(card.status(sign), sw::NOT_VERIFIED);
    card.verify("123456");
    assert_eq!(card.status(sign) & 0xFF00, 0x9000);
    assert_eq!(card.status(sign), sw::NOT_VERIFIED, "one PIN, one signature");
    card.verify("123456");
    card.object("5FC105");
    assert_eq!(card.status(sign), sw::NOT_VERIFIED, "something came between");
    assert_eq!(card.sign(0x11, &[7; 32]).1, OK, "the other key is content with the PIN from before");
}

#[test]
fn a_global_pin_is_announced_and_outlives_the_application() {
    let mut card = Card::new(|config| config.global_pin = true);
    assert!(card.object("7E").0.ends_with(&[0x5F, 0x2F, 0x02, 0x60, 0x20]));
    assert_eq!(card.verify("123456"), sw::NO_REFERENCE);
    assert_eq!(card.status("00200000"), 0x63C3);
    assert_eq!(card.status("00200000 08 313233343536FFFF"), OK);
    card.select("A000000151000000");
    card.select(PIV);
    assert_eq!(card.sign(0x11, &[7; 32]).1, OK);
}

#[test]
fn elliptic_curve_signatures_over_a_digest_verify() {
    for (kind, algorithm, digest) in [(KeyKind::P256, 0x11, vec![7; 32]), (KeyKind::P384, 0x14, vec![7; 48])]
    {
        let mut card = Card::with_key(kind, |_| ());
        card.verify("123456");
        let signature = signature_of(card.sign(algorithm, &digest));
        let signature = EcdsaSig::from_der(&signature).unwrap();
        assert!(signature.verify(&digest, &card.public().ec_key().unwrap()).unwrap(), "{kind:?}");
    }
}

#[test]
fn rsa_signatures_over_a_padded_block_verify_with_chaining_and_in_one_long_command() {
    for (kind, algorithm) in [(KeyKind::Rsa2048, 0x07), (KeyKind::Rsa3072, 0x05), (KeyKind::Rsa4096, 0x16)] {
        let mut card = Card::with_key(kind, |_| ());
        card.verify("123456");
        // PKCS #1 v1.5 block over SHA-256 (RFC 8017, 9.2).
        let digest_info = [
            &hex::decode("3031300D060960864801650304020105000420").unwrap()[..],
            &hash(MessageDigest::sha256(), b"data").unwrap(),
        ]
        .concat();
        let mut block = vec![0xFF; card.public().size()];
        let start = block.len() - digest_info.len();
        (block[0], block[1], block[start - 1]) = (0x00, 0x01, 0x00);
        block[start..].copy_from_slice(&digest_info);

        let signature = signature_of(card.sign(algorithm, &block));
        let public = card.public().clone();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
        assert!(verifier.verify_oneshot(&signature, b"data").unwrap(), "{kind:?}");

        let template = tlv(&[0x7C], &[tlv(&[0x82], &[]), tlv(&[0x81], &block)].concat());
        let length = template.len();
        let long = card.send(&format!("0087{algorithm:02X}9A 00{length:04X} {} 0000", hex::encode(template)));
        assert_eq!(signature_of(long), signature, "{kind:?}");
        assert_eq!(card.sign(algorithm, &block[1..]).1, sw::WRONG_DATA, "not of the modulus' length");
    }
}

#[test]
fn a_chain_that_another_command_interrupts_is_forgotten() {
    let mut card = Card::new(|_| ());
    assert_eq!(card.status("10CB3FFF 02 5C03"), OK);
    assert_eq!(card.query(), 0x63C3);
    assert_eq!(card.status("00CB3FFF 03 5FC105 00"), sw::WRONG_DATA);
    assert_eq!(card.status("10CB3FFF 02 5C03"), OK);
    assert_eq!(card.status("00CB3FFF 03 5FC102 00"), OK);
}

#[test]
fn a_card_without_chaining_or_extended_lengths_refuses_them() {
    let mut card = Card::new(|config| (config.chaining, config.extended_length) = (false, false));
    assert_eq!(card.status("10CB3FFF 02 5C03"), sw::NO_CHAINING);
    assert_eq!(card.status("00CB3FFF 000005 5C035FC105 0000"), sw::WRONG_LENGTH);
    assert_eq!(card.object("5FC105").1, OK);
}

#[test]
fn a_card_that_wants_the_exact_length_names_it() {
    let mut card = Card::new(|_| ());
    card.0.config.exact_length = true;
    let (_, status) = card.send("00CB3FFF 03 5C017E 00");
    assert_eq!(status & 0xFF00, 0x6C00);
    let (object, ok) = card.send(&format!("00CB3FFF 03 5C017E {:02X}", status & 0xFF));
    assert_eq!((object.len(), ok), (usize::from(status & 0xFF), OK));
}

#[test]
fn answers_without_a_length_are_left_to_be_fetched() {
    let mut card = Card::new(|_| ());
    let (data, status) = card.send("00CB3FFF 03 5C017E");
    assert_eq!((data, status & 0xFF00), (vec![], 0x6100));
    assert_eq!(card.send(&format!("00C00000 {:02X}", status & 0xFF)).1, OK);
    assert_eq!(card.status("00C00000 00"), sw::NOTHING_PENDING);
}

#[test]
fn unknown_classes_and_instructions_are_refused() {
    let mut card = Card::new(|_| ());
    assert_eq!(card.status("0CCB3FFF 03 5C017E 00"), sw::NO_CLASS);
    assert_eq!(card.status("00240080"), sw::NO_INSTRUCTION);
    assert_eq!(card.status("00CB"), sw::WRONG_LENGTH);
}

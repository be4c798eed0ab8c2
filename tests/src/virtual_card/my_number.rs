//! A My Number Card's application 公的個人認証AP (JPKI), as OpenSC and myna describe it from the outside:
//! transparent files, a PIN and a key for user authentication, and beside them those for digital signature, which
//! nothing here may touch.

use openssl::rsa::Padding;

use super::{CardConfig, apdu::Command, status as sw};

const AID: [u8; 10] = [0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];

/// Files are larger than their contents.
const SPARE: usize = 96;

/// The longest input to EMSA-PKCS1-v1_5 with RSA-2048 (RFC 8017, 9.2): 256 - 11.
const MAX_INPUT: usize = 245;

/// Tries of the PIN for digital signature.
const SIGNATURE_TRIES: u8 = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    Label = 0x0006,
    AuthenticationCertificate = 0x000A,
    AuthenticationAuthority = 0x000B,
    AuthenticationKey = 0x0017,
    AuthenticationPin = 0x0018,
    SignatureCertificate = 0x0001,
    SignatureKey = 0x001A,
    SignaturePin = 0x001B,
}

const FILES: [File; 8] = [
    File::Label,
    File::AuthenticationCertificate,
    File::AuthenticationAuthority,
    File::AuthenticationKey,
    File::AuthenticationPin,
    File::SignatureCertificate,
    File::SignatureKey,
    File::SignaturePin,
];

/// The card's state, both volatile and persistent.
pub(super) struct MyNumber {
    config: CardConfig,
    /// The authentication authority's certificate, DER.
    authority: Vec<u8>,
    tries: u8,
    signature_tries: u8,
    selected: bool,
    current: Option<File>,
    verified: bool,
}

impl MyNumber {
    pub(super) fn new(config: CardConfig, authority: Vec<u8>) -> Self {
        let tries = config.tries;
        Self {
            config,
            authority,
            tries,
            signature_tries: SIGNATURE_TRIES,
            selected: false,
            current: None,
            verified: false,
        }
    }

    pub(super) fn tries(&self) -> u8 {
        self.tries
    }

    pub(super) fn reset(&mut self) {
        (self.selected, self.current, self.verified) = (false, None, false);
    }

    /// Answers a command: data and status word.
    pub(super) fn execute(&mut self, bytes: &[u8]) -> (Vec<u8>, u16) {
        let Ok(command) = Command::parse(bytes) else { return (Vec::new(), sw::WRONG_LENGTH) };
        match self.dispatch(&command) {
            Ok(answer) => answer,
            Err(status) => (Vec::new(), status),
        }
    }

    fn dispatch(&mut self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        if command.extended {
            return Err(sw::WRONG_LENGTH);
        }
        let done = |()| (Vec::new(), sw::OK);
        match (command.class, command.instruction) {
            (0x00, 0xA4) => self.select(command).map(done),
            (0x00, 0xB0) => self.read(command),
            (0x00, 0x20) => self.verify(command).map(done),
            (0x80, 0x2A) => self.sign(command).map(|signature| (signature, sw::OK)),
            (0x00 | 0x80, _) => Err(sw::NO_INSTRUCTION),
            _ => Err(sw::NO_CLASS),
        }
    }

    fn select(&mut self, command: &Command<'_>) -> Result<(), u16> {
        match (command.p1, command.p2, command.data) {
            (0x04, 0x0C, aid) if aid == AID => {
                (self.selected, self.current) = (true, None);
                Ok(())
            }
            (0x02, 0x0C, &[high, low]) if self.selected => {
                let identifier = u16::from_be_bytes([high, low]);
                self.current = FILES.into_iter().find(|file| *file as u16 == identifier);
                self.current.map(drop).ok_or(sw::NOT_FOUND)
            }
            (0x02 | 0x04, ..) => Err(sw::NOT_FOUND),
            _ => Err(sw::WRONG_PARAMETERS),
        }
    }

    fn read(&self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        let written = match self.current {
            Some(File::Label) => b"JPKIAPICCTOKEN                  ".as_slice(),
            Some(File::AuthenticationCertificate) => self.config.certificate.as_deref().unwrap_or_default(),
            Some(File::AuthenticationAuthority) => &self.authority,
            // It names the holder: readable only after its own PIN.
            Some(File::SignatureCertificate) => return Err(sw::NOT_VERIFIED),
            _ => return Err(sw::NOTHING_PENDING),
        };
        let content = [written, &[0; SPARE]].concat();
        let offset = usize::from(u16::from_be_bytes([command.p1, command.p2]));
        let rest = content.get(offset..).filter(|rest| !rest.is_empty()).ok_or(0x6B00_u16)?;
        match command.expected.ok_or(sw::WRONG_LENGTH)? {
            expected if expected <= rest.len() => Ok((rest[..expected].to_vec(), sw::OK)),
            _ if self.config.exact_length => Err(0x6C00 | rest.len() as u16),
            _ => Ok((rest.to_vec(), 0x6282)),
        }
    }

    fn verify(&mut self, command: &Command<'_>) -> Result<(), u16> {
        if (command.p1, command.p2) != (0x00, 0x80) {
            return Err(sw::WRONG_PARAMETERS);
        }
        let authentication = match self.current {
            Some(File::AuthenticationPin) => true,
            Some(File::SignaturePin) => false,
            _ => return Err(sw::NO_REFERENCE),
        };
        let tries = if authentication { &mut self.tries } else { &mut self.signature_tries };
        if command.data.is_empty() {
            // Verified or not.
            return Err(0x63C0 | u16::from(*tries));
        }
        if *tries == 0 {
            return Err(sw::BLOCKED);
        }
        if authentication && command.data == self.config.pin.as_bytes() {
            *tries = self.config.most_tries;
            self.verified = true;
            return Ok(());
        }
        *tries -= 1;
        let left = *tries;
        self.verified &= !authentication;
        Err(0x63C0 | u16::from(left))
    }

    /// PKCS #1 v1.5 over any DigestInfo; the card checks only its length.
    fn sign(&self, command: &Command<'_>) -> Result<Vec<u8>, u16> {
        if (command.p1, command.p2) != (0x00, 0x80) {
            return Err(sw::WRONG_PARAMETERS);
        }
        if self.current != Some(File::AuthenticationKey) || !self.verified {
            return Err(sw::NOT_VERIFIED);
        }
        if command.data.is_empty() || command.data.len() > MAX_INPUT || command.expected != Some(256) {
            return Err(sw::WRONG_LENGTH);
        }
        let rsa = self.config.key.rsa().map_err(|_| sw::WRONG_DATA)?;
        let mut signature = vec![0; rsa.size() as usize];
        rsa.private_encrypt(command.data, &mut signature, Padding::PKCS1).map_err(|_| sw::WRONG_DATA)?;
        Ok(signature)
    }
}

#[cfg(test)]
mod tests {
    use openssl::{
        hash::{MessageDigest, hash},
        sign::Verifier,
    };

    use crate::ca::KeyKind;

    use super::*;

    const SELECT: &str = "00A4040C0A D392F000260100000001";

    fn card(change: impl FnOnce(&mut CardConfig)) -> MyNumber {
        let mut config = CardConfig::new(KeyKind::Rsa2048.generate().unwrap(), vec![0x5A; 700], "1234");
        change(&mut config);
        let mut card = MyNumber::new(config, vec![0xA5; 900]);
        assert_eq!(send(&mut card, SELECT).1, sw::OK);
        card
    }

    fn send(card: &mut MyNumber, command: &str) -> (Vec<u8>, u16) {
        card.execute(&hex::decode(command.replace(' ', "")).unwrap())
    }

    fn file(card: &mut MyNumber, identifier: &str) {
        assert_eq!(send(card, &format!("00A4020C02 {identifier}")).1, sw::OK);
    }

    #[test]
    fn files_are_found_in_the_application_alone_and_read_up_to_their_end() {
        let mut card = card(|_| ());
        file(&mut card, "000A");
        assert_eq!(send(&mut card, "00B0000004"), (vec![0x5A; 4], sw::OK));
        assert_eq!(send(&mut card, "00B0000400").0.len(), 256);
        let (rest, status) = send(&mut card, "00B002BC00");
        assert_eq!((rest.len(), status), (SPARE, 0x6282), "the end of the file comes first");
        assert_eq!(send(&mut card, "00B0070000").1, 0x6B00);
        assert_eq!(send(&mut card, "00A4020C02 0099").1, sw::NOT_FOUND);
        card.reset();
        assert_eq!(send(&mut card, "00A4020C02 000A").1, sw::NOT_FOUND);
        assert_eq!(send(&mut card, "00A4040009 A00000030800001000 00").1, sw::NOT_FOUND);
    }

    #[test]
    fn a_card_that_wants_exact_lengths_says_which() {
        let mut card = card(|config| config.exact_length = true);
        file(&mut card, "000A");
        assert_eq!(send(&mut card, "00B002BC00").1, 0x6C00 | SPARE as u16);
    }

    #[test]
    fn tries_count_down_to_the_lock_and_are_told_even_when_verified() {
        let mut card = card(|_| ());
        file(&mut card, "0018");
        assert_eq!(send(&mut card, "00200080").1, 0x63C3);
        assert_eq!(send(&mut card, "0020008004 39393939").1, 0x63C2);
        assert_eq!(send(&mut card, "0020008004 31323334").1, sw::OK);
        assert_eq!(send(&mut card, "00200080").1, 0x63C3);
        for left in [2, 1, 0] {
            assert_eq!(send(&mut card, "0020008004 39393939").1, 0x63C0 | left);
        }
        assert_eq!(send(&mut card, "0020008004 31323334").1, sw::BLOCKED);
        assert_eq!(card.tries(), 0);
    }

    #[test]
    fn a_signature_needs_the_pin_and_is_the_keys() {
        let mut card = card(|_| ());
        let mut head = hex::decode("3031300d060960864801650304020105000420").unwrap();
        head.extend_from_slice(&hash(MessageDigest::sha256(), b"message").unwrap());
        let compute = format!("802A008033 {} 00", hex::encode(head));
        file(&mut card, "0017");
        assert_eq!(send(&mut card, &compute).1, sw::NOT_VERIFIED);
        file(&mut card, "0018");
        assert_eq!(send(&mut card, "0020008004 31323334").1, sw::OK);
        assert_eq!(send(&mut card, &compute).1, sw::NOT_VERIFIED, "the PIN's file is no key");
        file(&mut card, "0017");
        let (signature, status) = send(&mut card, &compute);
        assert_eq!(status, sw::OK);
        let key = card.config.key.clone();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
        assert!(verifier.verify_oneshot(&signature, b"message").unwrap());
        card.reset();
        send(&mut card, SELECT);
        file(&mut card, "0017");
        assert_eq!(send(&mut card, &compute).1, sw::NOT_VERIFIED, "a reset forgets the PIN");
    }

    #[test]
    fn what_is_for_digital_signature_opens_to_no_pin_of_ours() {
        let mut card = card(|_| ());
        file(&mut card, "0018");
        assert_eq!(send(&mut card, "0020008004 31323334").1, sw::OK);
        file(&mut card, "0001");
        assert_eq!(send(&mut card, "00B0000004").1, sw::NOT_VERIFIED);
        file(&mut card, "001A");
        assert_eq!(send(&mut card, "802A008001 00 00").1, sw::NOT_VERIFIED);
    }
}

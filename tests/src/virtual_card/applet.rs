//! The PIV application (NIST SP 800-73-4, part 2) and the card manager beside it.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use openssl::{
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    pkey::{Id, PKey, Private},
    rsa::Padding,
};

use super::{
    CardConfig,
    apdu::{Command, split_tlv},
    status as sw,
};
use crate::tlv::tlv;

const PIV_AID: [u8; 11] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00];
const MANAGER_AID: [u8; 8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00];

/// The class bit of a command of which more follows.
const CHAINED: u8 = 0x10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Selected {
    Manager,
    Piv,
}

/// The header (instruction, P1, P2) and data of a chained command received so far.
#[derive(Default)]
struct Chained {
    header: [u8; 3],
    data: Vec<u8>,
}

/// The card's state, both volatile and persistent.
pub(super) struct Applet {
    config: CardConfig,
    tries: u8,
    selected: Selected,
    verified: bool,
    /// The previous command was the correct PIN.
    just_verified: bool,
    /// A chained command received so far.
    chained: Chained,
    /// Response data not fetched yet.
    pending: Vec<u8>,
}

impl Applet {
    pub(super) fn new(config: CardConfig) -> Self {
        let tries = config.tries;
        let (chained, pending) = (Chained::default(), Vec::new());
        Self {
            config,
            tries,
            selected: Selected::Manager,
            verified: false,
            just_verified: false,
            chained,
            pending,
        }
    }

    pub(super) fn tries(&self) -> u8 {
        self.tries
    }

    /// Power-off and reset clear everything except the PIN's counter.
    pub(super) fn reset(&mut self) {
        self.selected = Selected::Manager;
        self.verified = false;
        self.just_verified = false;
        self.chained = Chained::default();
        self.pending.clear();
    }

    /// Answers a command: data and status word.
    pub(super) fn execute(&mut self, bytes: &[u8]) -> (Vec<u8>, u16) {
        let Ok(command) = Command::parse(bytes) else { return (Vec::new(), sw::WRONG_LENGTH) };
        if command.extended && !self.config.extended_length {
            return (Vec::new(), sw::WRONG_LENGTH);
        }
        if command.class & !CHAINED != 0 {
            return (Vec::new(), sw::NO_CLASS);
        }
        let mut data = self.unchain(&command);
        if command.instruction == 0xC0 {
            let nothing = self.pending.is_empty();
            return if nothing { (Vec::new(), sw::NOTHING_PENDING) } else { self.fetch(command.expected) };
        }
        self.pending.clear();
        data.extend_from_slice(command.data);
        if command.is_chained() {
            if !self.config.chaining {
                return (Vec::new(), sw::NO_CHAINING);
            }
            self.chained = Chained { header: header(&command), data };
            return (Vec::new(), sw::OK);
        }
        match self.dispatch(&command, &data) {
            Ok(answer) => {
                let available = answer.len();
                self.pending = answer;
                match command.expected {
                    Some(expected @ ..=256)
                        if self.config.exact_length && (1..expected).contains(&available) =>
                    {
                        self.pending.clear();
                        (Vec::new(), 0x6C00 | available as u16)
                    }
                    expected => self.fetch(expected),
                }
            }
            Err(status) => (Vec::new(), status),
        }
    }

    /// The chained command before this one. Another command in between ends a chain.
    fn unchain(&mut self, command: &Command<'_>) -> Vec<u8> {
        let chained = std::mem::take(&mut self.chained);
        if chained.header == header(command) { chained.data } else { Vec::new() }
    }

    /// The next part of the response, and how much is left (ISO 7816-4, 5.3.4). Without Le there is no data, only
    /// the count.
    fn fetch(&mut self, expected: Option<usize>) -> (Vec<u8>, u16) {
        let rest = self.pending.split_off(expected.unwrap_or(0).min(self.pending.len()));
        let part = std::mem::replace(&mut self.pending, rest);
        let status = match self.pending.len() {
            0 => sw::OK,
            // 6100 means 256 bytes or more.
            left => 0x6100 | u16::try_from(left).ok().filter(|left| *left < 256).unwrap_or(0),
        };
        (part, status)
    }

    fn dispatch(&mut self, command: &Command<'_>, data: &[u8]) -> Result<Vec<u8>, u16> {
        if command.instruction != 0x87 {
            self.just_verified = false;
        }
        match (command.instruction, self.selected) {
            (0xA4, _) => self.select(command, data),
            (0xCB, Selected::Piv) => self.object(command, data),
            (0x20, Selected::Piv) => self.verify(command, data),
            (0x87, Selected::Piv) => {
                let just_verified = std::mem::take(&mut self.just_verified);
                self.authenticate(command, data, just_verified)
            }
            _ => Err(sw::NO_INSTRUCTION),
        }
    }

    fn select(&mut self, command: &Command<'_>, aid: &[u8]) -> Result<Vec<u8>, u16> {
        if command.p1 != 0x04 {
            return Err(sw::WRONG_PARAMETERS);
        }
        let is = |full: &[u8]| aid.len() >= 5 && full.starts_with(aid);
        if is(&PIV_AID) {
            // SP 800-73-4 part 2, 3.1.1: selecting PIV again keeps the security status.
            self.selected = Selected::Piv;
            return Ok(property_template());
        }
        if aid.is_empty() || is(&MANAGER_AID) {
            self.selected = Selected::Manager;
            // The card's own PIN stays verified for whichever application is next.
            self.verified &= self.config.global_pin;
            return Ok(tlv(&[0x6F], &tlv(&[0x84], &MANAGER_AID)));
        }
        Err(sw::NOT_FOUND)
    }

    fn object(&self, command: &Command<'_>, data: &[u8]) -> Result<Vec<u8>, u16> {
        if (command.p1, command.p2) != (0x3F, 0xFF) {
            return Err(sw::WRONG_PARAMETERS);
        }
        let Some((0x5C, tag, [])) = split_tlv(data) else { return Err(sw::WRONG_DATA) };
        match tag {
            [0x5F, 0xC1, 0x05] => self.certificate_object(self.config.certificate.as_deref()),
            [0x5F, 0xC1, 0x0A] => self.certificate_object(self.config.signature_certificate.as_deref()),
            [0x5F, 0xC1, 0x02] => Ok(tlv(&[0x53], &self.holder_identifier())),
            [0x5F, 0xC1, 0x07] => Ok(tlv(&[0x53], &capabilities())),
            [0x7E] if self.config.discovery => {
                // The access rules are satisfied by the PIV PIN alone, or by either PIN if the global one is the
                // holder's (SP 800-73-4 part 1, 3.3.2).
                let policy = if self.config.global_pin { [0x60, 0x20] } else { [0x40, 0x00] };
                Ok(tlv(&[0x7E], &[tlv(&[0x4F], &PIV_AID), tlv(&[0x5F, 0x2F], &policy)].concat()))
            }
            _ => Err(sw::NOT_FOUND),
        }
    }

    fn certificate_object(&self, der: Option<&[u8]>) -> Result<Vec<u8>, u16> {
        let der = der.ok_or(sw::NOT_FOUND)?;
        let (stored, info) = if self.config.gzip {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(der).expect("memory takes all bytes");
            (encoder.finish().expect("memory takes all bytes"), 0x01)
        } else {
            (der.to_vec(), 0x00)
        };
        Ok(tlv(&[0x53], &[tlv(&[0x70], &stored), tlv(&[0x71], &[info]), tlv(&[0xFE], &[])].concat()))
    }

    /// CHUID; its GUID comes from the certificate, so that readers tell cards apart.
    fn holder_identifier(&self) -> Vec<u8> {
        let certificate = self.config.certificate.as_deref().unwrap_or_default();
        let digest = hash(MessageDigest::sha256(), certificate).expect("SHA-256 is always there");
        [
            tlv(&[0x30], &[0xD4; 25]),
            tlv(&[0x34], &digest[..16]),
            tlv(&[0x35], b"20401231"),
            tlv(&[0x3E], &[]),
            tlv(&[0xFE], &[]),
        ]
        .concat()
    }

    fn verify(&mut self, command: &Command<'_>, data: &[u8]) -> Result<Vec<u8>, u16> {
        if command.p2 != if self.config.global_pin { 0x00 } else { 0x80 } {
            return Err(sw::NO_REFERENCE);
        }
        if command.p1 == 0xFF && data.is_empty() {
            self.verified = false;
            return Ok(Vec::new());
        }
        if command.p1 != 0x00 {
            return Err(sw::WRONG_PARAMETERS);
        }
        if data.is_empty() {
            return match (self.verified, self.tries) {
                (true, _) => Ok(Vec::new()),
                (false, 0) => Err(sw::BLOCKED),
                (false, _) if self.config.hides_tries => Err(0x6300),
                (false, tries) => Err(0x63C0 | u16::from(tries)),
            };
        }
        if self.tries == 0 {
            return Err(sw::BLOCKED);
        }
        if data.len() != 8 {
            return Err(sw::WRONG_DATA);
        }
        let mut pin = self.config.pin.clone().into_bytes();
        pin.resize(8, 0xFF);
        if data == pin {
            self.tries = self.config.most_tries;
            self.verified = true;
            self.just_verified = true;
            return Ok(Vec::new());
        }
        self.verified = false;
        self.tries -= 1;
        Err(if self.tries == 0 { sw::BLOCKED } else { 0x63C0 | u16::from(self.tries) })
    }

    fn authenticate(&self, command: &Command<'_>, data: &[u8], just_verified: bool) -> Result<Vec<u8>, u16> {
        // "PIN once" and "PIN always" (SP 800-73-4 part 1, table 5).
        let (key, allowed) = match command.p2 {
            0x9A => (Some(&self.config.key), self.verified),
            0x9C => (self.config.signature_key.as_ref(), just_verified),
            _ => (None, false),
        };
        let key = key.filter(|key| Some(command.p1) == algorithm(key)).ok_or(sw::WRONG_PARAMETERS)?;
        if !allowed {
            return Err(sw::NOT_VERIFIED);
        }
        let Some((0x7C, mut template, [])) = split_tlv(data) else { return Err(sw::WRONG_DATA) };
        // An empty response `82 00` asks for one (SP 800-73-4 part 2, table 7).
        let (mut challenge, mut asked) = (None, false);
        while let Some((tag, value, rest)) = split_tlv(template) {
            match tag {
                0x81 => challenge = Some(value),
                0x82 => asked = value.is_empty(),
                _ => {}
            }
            template = rest;
        }
        let challenge = challenge.filter(|_| asked && template.is_empty()).ok_or(sw::WRONG_DATA)?;
        let signature = sign(key, challenge).ok_or(sw::WRONG_DATA)?;
        Ok(tlv(&[0x7C], &tlv(&[0x82], &signature)))
    }
}

fn header(command: &Command<'_>) -> [u8; 3] {
    [command.instruction, command.p1, command.p2]
}

/// Application property template (SP 800-73-4 part 2, table 3).
fn property_template() -> Vec<u8> {
    let authority = tlv(&[0x79], &tlv(&[0x4F], &PIV_AID[..5]));
    tlv(&[0x61], &[tlv(&[0x4F], &PIV_AID[5..]), authority, tlv(&[0x50], b"Touroku test PIV")].concat())
}

/// Card Capability Container (SP 800-73-4 part 1, table 8), as empty as allowed.
fn capabilities() -> Vec<u8> {
    let mut container =
        tlv(&[0xF0], &[0xA0, 0, 0, 1, 0x16, 0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    for (tag, value) in [(0xF1, &[0x21][..]), (0xF2, &[0x21]), (0xF3, &[]), (0xF4, &[0]), (0xF5, &[0x10])] {
        container.extend(tlv(&[tag], value));
    }
    for tag in [0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE] {
        container.extend(tlv(&[tag], &[]));
    }
    container
}

/// A key's algorithm identifier (SP 800-78-5, table 10); `None`: not supported by PIV.
pub(super) fn algorithm(key: &PKey<Private>) -> Option<u8> {
    match (key.id(), key.bits()) {
        (Id::RSA, 2048) => Some(0x07),
        (Id::RSA, 3072) => Some(0x05),
        (Id::RSA, 4096) => Some(0x16),
        (Id::EC, 256) => Some(0x11),
        (Id::EC, 384) => Some(0x14),
        _ => None,
    }
}

/// RSA: the bare private-key operation on a padded block; ECDSA: over a digest, response in DER.
fn sign(key: &PKey<Private>, challenge: &[u8]) -> Option<Vec<u8>> {
    if key.id() == Id::RSA {
        let rsa = key.rsa().ok()?;
        let mut signature = vec![0; rsa.size() as usize];
        let length = (challenge.len() == signature.len())
            .then(|| rsa.private_encrypt(challenge, &mut signature, Padding::NONE).ok())??;
        signature.truncate(length);
        return Some(signature);
    }
    let longest = key.bits().div_ceil(8) as usize;
    let key = key.ec_key().ok()?;
    (!challenge.is_empty() && challenge.len() <= longest)
        .then(|| EcdsaSig::sign(challenge, &key).and_then(|signature| signature.to_der()).ok())?
}

#[cfg(test)]
mod tests;

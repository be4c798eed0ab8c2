//! The authenticator: time-based codes (RFC 6238) as all phone apps compute them: SHA-1, 30 seconds, six digits.

use data_encoding::BASE32_NOPAD;
use openssl::{hash::MessageDigest, memcmp, pkey::PKey, sign::Signer};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{Color, EcLevel, QrCode};

use crate::error::Error;

/// Bytes of a secret: as long as the hash (RFC 4226, 4, R6).
pub(super) const SECRET: usize = 20;

/// Milliseconds of a time step.
const STEP: i64 = 30_000;

/// How many steps a phone's clock may be off (RFC 6238, 5.2).
const DRIFT: i64 = 1;

/// The longest agency name in the phone's list; a longer one would make the QR code too dense.
const MAX_ISSUER: usize = 24;

/// The time step of this code, if it is correct now and later than `last`: a code works once. A `last` that is still to
/// come is from a clock that was ahead, and counts for none. `now` in Unix milliseconds.
pub(super) fn accept(secret: &[u8], code: &str, last: i64, now: i64) -> Result<Option<i64>, Error> {
    let Some(code) = digits(code) else { return Ok(None) };
    let current = now.div_euclid(STEP);
    let last = if last > current + DRIFT { 0 } else { last };
    for step in current - DRIFT..=current + DRIFT {
        if memcmp::eq(self::code(secret, step)?.as_bytes(), code.as_bytes()) && step > last {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// The code of a time step.
fn code(secret: &[u8], step: i64) -> Result<String, Error> {
    let mut hash = [0; 20];
    let key = PKey::hmac(secret)?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key)?;
    signer.update(&step.to_be_bytes())?;
    signer.sign(&mut hash)?;
    // RFC 4226, 5.3: the last four bits are the offset of the 31 bits.
    let at = usize::from(hash[19] & 0x0f);
    let bits = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    Ok(format!("{:06}", bits % 1_000_000))
}

/// Six digits as typed: full-width ones and spaces are accepted.
fn digits(typed: &str) -> Option<String> {
    let digits: Option<String> = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(7)
        .map(|c| match c {
            '0'..='9' => Some(c),
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
            _ => None,
        })
        .collect();
    digits.filter(|digits| digits.len() == 6)
}

/// `otpauth://totp/…` (Key URI format).
pub(super) fn uri(secret: &[u8], agency_name: &str, login_id: &str) -> String {
    let issuer: String = agency_name.chars().take(MAX_ISSUER).collect();
    let issuer = utf8_percent_encode(&issuer, NON_ALPHANUMERIC);
    let account = utf8_percent_encode(login_id, NON_ALPHANUMERIC);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        BASE32_NOPAD.encode(secret)
    )
}

/// A secret for manual entry: Base32 in groups of four.
pub(super) fn typed(secret: &[u8]) -> String {
    let text = BASE32_NOPAD.encode(secret);
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// A QR code: rows of `0` and `1` (dark), without the quiet zone.
pub(super) fn qr(text: &str) -> Result<Vec<String>, Error> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L)
        .map_err(|_| Error::Defect("an authenticator's address does not fit a QR code"))?;
    let cells = code.to_colors();
    let row = |row: &[Color]| row.iter().map(|cell| cell.select('1', '0')).collect();
    Ok(cells.chunks(code.width()).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of its eight digits are ours.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(self::code(secret, seconds / 30).unwrap(), code, "{seconds}");
            assert_eq!(accept(secret, code, 0, seconds * 1000).unwrap(), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_around_and_once() {
        let (secret, step) = (b"12345678901234567890", 1_000);
        let typed = code(secret, step).unwrap();
        let at = |steps: i64, last| accept(secret, &typed, last, (step + steps) * STEP).unwrap();
        assert_eq!([-2, -1, 0, 1, 2].map(|steps| at(steps, 0).is_some()), [false, true, true, true, false]);
        assert_eq!(at(0, step - 1), Some(step));
        assert_eq!(at(0, step), None, "again");
        assert_eq!(at(0, step + 1), None, "an older one");
        assert_eq!(at(0, step + 2), Some(step), "the other was of a clock that was ahead");
    }

    #[test]
    fn full_width_digits_and_gaps_are_understood_and_nothing_else_is() {
        assert_eq!(digits(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(digits("１２３　４５６").as_deref(), Some("123456"));
        for wrong in ["", "12345", "1234567", "12345x", "-12345", "１２３４５ⅵ"] {
            assert_eq!(digits(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_address_names_agency_and_account_and_fits_a_square() {
        let uri = uri(b"12345678901234567890", "青森市", "a.b-c_1");
        assert_eq!(
            uri,
            "otpauth://totp/%E9%9D%92%E6%A3%AE%E5%B8%82:a%2Eb%2Dc%5F1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=%E9%9D%92%E6%A3%AE%E5%B8%82&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(typed(b"12345678901234567890"), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let rows = qr(&super::uri(&[255; SECRET], &"市".repeat(500), &"a".repeat(32))).unwrap();
        assert!(rows.iter().all(|row| row.len() == rows.len()) && rows.len() > 20, "{}", rows.len());
    }
}

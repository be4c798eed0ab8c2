//! An officer's authenticator: the codes of a phone (RFC 6238), computed independently of the server's code.

use anyhow::{Context as _, Result, ensure};
use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};

use super::world::now;

/// The current time step.
pub fn step() -> Result<i64> {
    Ok(now()?.unix() / 30)
}

/// The six digits of a time step, for a secret in Base32 as the page shows it.
pub fn code(secret: &str, step: i64) -> Result<String> {
    let key = PKey::hmac(&base32(secret)?)?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key)?;
    signer.update(&step.to_be_bytes())?;
    let hash = signer.sign_to_vec()?;
    let at = usize::from(hash.last().context("a hash")? & 15);
    let bits: [u8; 4] = hash.get(at..at + 4).context("20 bytes")?.try_into()?;
    Ok(format!("{:06}", (u32::from_be_bytes(bits) & 0x7fff_ffff) % 1_000_000))
}

/// RFC 4648, 6; groups and padding are ignored.
fn base32(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0u32);
    for c in text.chars().filter(|c| !c.is_whitespace() && *c != '=') {
        let value = match c {
            'A'..='Z' => u32::from(c) - u32::from('A'),
            '2'..='7' => u32::from(c) - u32::from('2') + 26,
            _ => anyhow::bail!("{c} is not of Base32"),
        };
        buffer = buffer << 5 | value;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff)?);
        }
    }
    ensure!(!bytes.is_empty(), "an empty secret");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of eight digits.
        let secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
        assert_eq!(code(secret, 59 / 30).unwrap(), "287082");
        assert_eq!(code(secret, 1_111_111_109 / 30).unwrap(), "081804");
        assert_eq!(code(secret, 20_000_000_000 / 30).unwrap(), "353130");
    }
}

//! The certificate object `53 { 70 certificate, 71 CertInfo, FE error detection }` (SP 800-73-5 part 1,
//! table 10 and appendix A).

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::{card::tlv, error::Error};

/// The largest certificate accepted after decompression. RSA-4096 with every extension stays below 4 kB; otherwise
/// a few hundred bytes of gzip could become gigabytes.
const MAX_CERTIFICATE: u64 = 32 * 1024;

/// Extracts the certificate's DER from GET DATA's reply.
pub(super) fn certificate(reply: &[u8]) -> Result<Vec<u8>, Error> {
    let unreadable = |why: &str| Error::CertificateUnreadable(why.to_owned());
    let object = match tlv::first(reply) {
        Ok((object, _)) if object.tag == 0x53 => object.value,
        // Truncated, or not the object that was requested.
        _ => return Err(Error::Malformed("certificate object")),
    };
    let stored = match tlv::find(object, 0x70) {
        Some(stored) if !stored.is_empty() => stored,
        // A file that was never written, or was emptied.
        Some(_) => return Err(Error::CertificateMissing),
        None if object.iter().all(|&b| b == 0) => return Err(Error::CertificateMissing),
        None => return Err(unreadable("no certificate in the object")),
    };
    // CertInfo 01 is SP 800-73's gzip flag and 80 that of old cards; some compress without saying so.
    let info = tlv::find(object, 0x71).and_then(|info| info.first()).copied().unwrap_or(0);
    if info & 0x81 == 0 && !stored.starts_with(&[0x1F, 0x8B]) {
        return Ok(stored.to_vec());
    }
    let mut certificate = Vec::new();
    let mut reader = GzDecoder::new(stored).take(MAX_CERTIFICATE + 1);
    reader.read_to_end(&mut certificate).map_err(|_| unreadable("not gzip"))?;
    if certificate.len() as u64 > MAX_CERTIFICATE {
        return Err(unreadable("too large after decompression"));
    }
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn object(certificate: &[u8], info: &[u8]) -> Vec<u8> {
        let parts = [tlv::encode(0x70, certificate), tlv::encode(0x71, info), tlv::encode(0xFE, &[])];
        tlv::encode(0x53, &parts.concat())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_compressed_certificates_come_out_the_same() {
        let der = b"\x30\x03abc";
        for stored in [
            object(der, &[0]),
            object(der, &[]),
            object(&gzip(der), &[1]),
            object(&gzip(der), &[0x80]),
            object(&gzip(der), &[0]),
        ] {
            assert_eq!(certificate(&stored).unwrap(), der);
        }
    }

    #[test]
    fn empty_unreadable_and_truncated_objects_are_told_apart() {
        for missing in [vec![0x53, 0x00], object(&[], &[0]), tlv::encode(0x53, &[0; 40])] {
            assert_eq!(certificate(&missing), Err(Error::CertificateMissing));
        }
        for unreadable in [object(b"\x30\x00", &[1]), tlv::encode(0x53, b"xx")] {
            assert!(matches!(certificate(&unreadable), Err(Error::CertificateUnreadable(_))));
        }
        for malformed in [&[][..], &[0x53], &[0x53, 0x05, 0x70], &[0x30, 0x00]] {
            assert_eq!(certificate(malformed), Err(Error::Malformed("certificate object")));
        }
    }

    #[test]
    fn a_small_object_that_unpacks_to_a_huge_one_is_refused() {
        let bomb = object(&gzip(&vec![0; 10_000_000]), &[1]);
        assert!(bomb.len() < 20_000);
        assert!(matches!(certificate(&bomb), Err(Error::CertificateUnreadable(_))));
    }

    proptest! {
        #[test]
        fn no_reply_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), info in any::<u8>()) {
            let _ = certificate(&bytes);
            let _ = certificate(&tlv::encode(0x53, &bytes));
            let _ = certificate(&object(&bytes, &[info]));
        }
    }
}

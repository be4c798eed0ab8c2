//! CRX3: the container in which browsers install extensions from outside a store.
//!
//! `Cr24`, the version, the header's length, the header, the zip. The header is a protobuf message
//! (Chromium's `components/crx_file/crx3.proto`) of three relevant fields, written by hand.

use std::path::Path;

use anyhow::Result;

use super::key::{SigningKey, raw_id};

const MAGIC: &[u8] = b"Cr24";
const VERSION: u32 = 3;
/// The prefix of everything that is signed.
const SIGNATURE_CONTEXT: &[u8] = b"CRX3 SignedData\x00";

/// `CrxFileHeader.sha256_with_rsa`. RSASSA-PKCS1-v1_5, although a comment in the .proto says PSS.
const SHA256_WITH_RSA: u32 = 2;
/// `CrxFileHeader.signed_header_data`.
const SIGNED_HEADER_DATA: u32 = 10_000;
/// `AsymmetricKeyProof.public_key` and `.signature`.
const PUBLIC_KEY: u32 = 1;
const SIGNATURE: u32 = 2;
/// `SignedData.crx_id`.
const CRX_ID: u32 = 1;

/// The bytes to sign for a zip, for signing elsewhere.
pub(crate) fn to_be_signed(zip: &[u8], key: &SigningKey) -> Vec<u8> {
    signed(&field(CRX_ID, &raw_id(key.public())), zip)
}

pub(crate) fn pack(root: &Path, zip: &[u8], key: &SigningKey) -> Result<Vec<u8>> {
    let signature = key.sign(root, &to_be_signed(zip, key))?;
    Ok(with(zip, key, &signature))
}

/// The package of a zip that was signed elsewhere.
pub(crate) fn pack_signed(root: &Path, zip: &[u8], key: &SigningKey, signature: &[u8]) -> Result<Vec<u8>> {
    key.check(root, &to_be_signed(zip, key), signature)?;
    Ok(with(zip, key, signature))
}

fn with(zip: &[u8], key: &SigningKey, signature: &[u8]) -> Vec<u8> {
    let signed_header_data = field(CRX_ID, &raw_id(key.public()));
    let proof = [field(PUBLIC_KEY, key.public()), field(SIGNATURE, signature)].concat();
    let header = [field(SHA256_WITH_RSA, &proof), field(SIGNED_HEADER_DATA, &signed_header_data)].concat();
    [MAGIC, &VERSION.to_le_bytes(), &length(&header), &header, zip].concat()
}

/// The bytes that are signed.
fn signed(signed_header_data: &[u8], zip: &[u8]) -> Vec<u8> {
    [SIGNATURE_CONTEXT, &length(signed_header_data), signed_header_data, zip].concat()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).expect("a header is a few hundred bytes").to_le_bytes()
}

/// A field of wire type 2 (length-delimited).
fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).expect("a field is a few hundred bytes");
    [varint(number << 3 | 2), varint(size), bytes.to_vec()].concat()
}

fn varint(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;
    use crate::dist::key::{extension_id, tests::new_key};

    /// The fields of a protobuf message, all of wire type 2.
    fn fields(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
        fn varint(bytes: &mut &[u8]) -> u32 {
            let mut value = 0;
            for shift in (0..).step_by(7) {
                let (first, rest) = bytes.split_first().unwrap();
                *bytes = rest;
                value |= u32::from(first & 0x7f) << shift;
                if first & 0x80 == 0 {
                    break;
                }
            }
            value
        }
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let tag = varint(&mut bytes);
            assert_eq!(tag & 7, 2);
            let size = varint(&mut bytes) as usize;
            let (value, rest) = bytes.split_at(size);
            bytes = rest;
            fields.push((tag >> 3, value));
        }
        fields
    }

    #[test]
    fn a_reader_finds_the_zip_the_id_and_a_good_signature_and_a_changed_zip_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let key = new_key(folder.path());
        let zip = b"PK a package".as_slice();
        let crx = pack(folder.path(), zip, &key).unwrap();

        let (start, rest) = crx.split_at(12);
        assert_eq!(&start[..8], b"Cr24\x03\x00\x00\x00");
        let (header, found) = rest.split_at(u32::from_le_bytes(start[8..].try_into().unwrap()) as usize);
        assert_eq!(found, zip);
        let header = fields(header);
        let [(2, proof), (10_000, signed_data)] = header[..] else { panic!("{header:?}") };
        let proof = fields(proof);
        let [(1, public), (2, signature)] = proof[..] else { panic!("{proof:?}") };
        let [(1, id)] = fields(signed_data)[..] else { panic!("{signed_data:?}") };
        assert_eq!(extension_id(id.try_into().unwrap()), key.extension_id());
        assert_eq!(public, key.public());

        fs::write(folder.path().join("public.der"), public).unwrap();
        fs::write(folder.path().join("signature"), signature).unwrap();
        let verified = |zip: &[u8]| {
            fs::write(folder.path().join("signed"), signed(signed_data, zip)).unwrap();
            let mut openssl = Command::new("openssl");
            openssl.args(["dgst", "-sha256", "-verify", "public.der", "-keyform", "DER"]);
            openssl.args(["-signature", "signature", "signed"]).current_dir(folder.path());
            openssl.output().unwrap().status.success()
        };
        assert!(verified(zip));
        assert!(!verified(b"PK another package"));
    }

    #[test]
    fn the_same_package_and_key_make_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let key = new_key(folder.path());
        let pack = || pack(folder.path(), b"PK", &key).unwrap();
        assert_eq!(pack(), pack());
    }
}

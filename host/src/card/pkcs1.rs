//! What RSA signatures by PKCS #1 v1.5 cover.

/// DigestInfo's head for SHA-256 (RFC 8017, 9.2, note 1).
const SHA256_HEAD: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0, 0x04,
    0x20,
];

/// DigestInfo of a SHA-256 digest: what follows the padding of EMSA-PKCS1-v1_5.
pub fn sha256_digest_info(digest: &[u8]) -> Vec<u8> {
    [&SHA256_HEAD, digest].concat()
}

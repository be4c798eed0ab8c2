//! Whom to trust.
//!
//! A changed certificate fails at its signature, and nothing beyond would be reached. So the targets have
//! their own root, whose key anybody may know, and sign their inputs with it.

use std::sync::LazyLock;

use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{EcGroup, EcKey, EcPoint},
    ecdsa::EcdsaSig,
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    sign::Signer,
    x509::X509,
};
use touroku_pki::Trust;

use crate::tree::{self, Node};

/// A root, a card that it issued, its CRL, its OCSP response about the card; `fixtures` contains neither's key.
pub const ROOT: &[u8] = include_bytes!("../fixtures/root.der");
pub const CARD: &[u8] = include_bytes!("../fixtures/card.der");
pub const LIST: &[u8] = include_bytes!("../fixtures/list.der");
pub const RESPONSE: &[u8] = include_bytes!("../fixtures/ocsp.der");

/// Trusts the root.
pub static TRUST: LazyLock<Trust> = LazyLock::new(|| Trust::new(vec![root()], Vec::new(), None).unwrap());

/// Trusts the root with our key, and knows its CRL.
pub static OUR_TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let list = resigned(LIST).expect("a CRL");
    Trust::new(vec![our_root()], Vec::new(), Some(vec![list])).unwrap()
});

/// The root and the card with our key, signed with it.
pub static OUR_ROOT: LazyLock<Vec<u8>> = LazyLock::new(|| with_our_key(ROOT));
pub static OUR_CARD: LazyLock<Vec<u8>> = LazyLock::new(|| with_our_key(CARD));

pub fn root() -> X509 {
    X509::from_der(ROOT).unwrap()
}

pub fn our_root() -> X509 {
    X509::from_der(&OUR_ROOT).unwrap()
}

/// ecdsa-with-SHA256.
const ALGORITHM: &[u8] = b"\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";

/// Deterministic: an input does the same tomorrow as today.
static KEY: LazyLock<PKey<Private>> = LazyLock::new(|| {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let number = BigNum::from_u32(7).unwrap();
    let mut point = EcPoint::new(&group).unwrap();
    point.mul_generator2(&group, &number, &mut BigNumContext::new().unwrap()).unwrap();
    PKey::from_ec_key(EcKey::from_private_components(&group, &number, &point).unwrap()).unwrap()
});

/// A certificate or CRL, signed by our root.
pub fn resigned(der: &[u8]) -> Option<Vec<u8>> {
    let mut nodes = tree::read(der)?;
    sign_node(nodes.first_mut()?)?;
    Some(tree::write(&nodes))
}

/// An OCSP response signed by our root, or by a responder with its key; certificates in it are signed by our root.
pub fn resigned_response(der: &[u8]) -> Option<Vec<u8>> {
    let mut nodes = tree::read(der)?;
    let bytes = nodes.first_mut()?.inside()?.get_mut(1)?.inside()?.first_mut()?.inside()?;
    let basic = bytes.get_mut(1)?.inside()?.first_mut()?;
    sign_node(basic)?;
    let certificates =
        basic.inside()?.get_mut(3).and_then(Node::inside).and_then(|list| list.first_mut()?.inside());
    for certificate in certificates.into_iter().flatten() {
        sign_node(certificate);
    }
    Some(tree::write(&nodes))
}

/// The signature of a token over that, as made by a card with our key.
pub fn raw_signature(signed: &[u8]) -> Vec<u8> {
    let signature = EcdsaSig::from_der(&sign(signed)).unwrap();
    [signature.r(), signature.s()].map(|number| number.to_vec_padded(32).unwrap()).concat()
}

/// Signs `SEQUENCE { to be signed, algorithm, signature, … }`.
fn sign_node(node: &mut Node) -> Option<()> {
    let [signed, algorithm, signature, ..] = node.inside()?.as_mut_slice() else { return None };
    let mut bytes = Vec::new();
    signed.write(&mut bytes);
    *algorithm = tree::read(ALGORITHM)?.remove(0);
    *signature = Node::bytes(0x03, &[&[0][..], &sign(&bytes)].concat());
    Some(())
}

fn sign(bytes: &[u8]) -> Vec<u8> {
    Signer::new(MessageDigest::sha256(), &KEY).unwrap().sign_oneshot_to_vec(bytes).unwrap()
}

fn with_our_key(der: &[u8]) -> Vec<u8> {
    let key = X509::from_der(der).unwrap().public_key().unwrap().public_key_to_der().unwrap();
    let ours = KEY.public_key_to_der().unwrap();
    let at = der.windows(key.len()).position(|part| part == key).unwrap();
    let mut der = der.to_vec();
    // Both are P-256, so they have the same length.
    der[at..at + ours.len()].copy_from_slice(&ours);
    resigned(&der).unwrap()
}

/// Whether everything signed in that `SEQUENCE { to be signed, … }` occurs in the input.
pub fn holds_signed(input: &[u8], der: &[u8]) -> bool {
    let mut nodes = tree::read(der).unwrap();
    let mut signed = Vec::new();
    nodes[0].inside().unwrap()[0].write(&mut signed);
    input.windows(signed.len()).any(|part| part == signed)
}

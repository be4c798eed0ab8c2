//! Certificate chains up to an anchor, as built by OpenSSL.

use openssl::{
    error::ErrorStack,
    x509::{X509, X509StoreContext},
};

use crate::{names::subject, trust::Trust};

/// The path of an issuing certificate, when neither OpenSSL nor the algorithm floor objects.
pub(super) fn sound_path(trust: &Trust, certificate: &X509, at: i64) -> Option<Vec<X509>> {
    let path = run_openssl(trust, certificate, at).ok()?.ok()?;
    let (anchor, below) = path.split_last()?;
    let is_strong = |certificate: &X509, is_anchor: bool| {
        trust
            .authority(certificate)
            .is_some_and(|known| known.weak_key.is_none() && (is_anchor || known.is_signed_strongly))
    };
    let between = below.iter().skip(1);
    let are_authorities = between
        .map(|certificate| trust.authority(certificate))
        .all(|known| known.is_some_and(|known| known.is_ca));
    let is_sound = are_authorities
        && is_strong(anchor, true)
        && below.iter().all(|certificate| is_strong(certificate, false));
    is_sound.then_some(path)
}

/// The path of an OCSP responder's certificate, when OpenSSL does not object.
pub(super) fn responder_path(trust: &Trust, certificate: &X509, at: i64) -> Option<Vec<X509>> {
    run_openssl(trust, certificate, at).ok()?.ok()
}

/// Why OpenSSL refused a path.
pub(super) struct Failure {
    /// `X509_V_ERR_…`.
    pub(super) error: i32,
    /// OpenSSL's words for it.
    pub(super) text: &'static str,
    /// The certificate it concerns.
    pub(super) subject: String,
    /// OpenSSL could not read the extensions; it then also finds no issuer, which is not worth reporting.
    pub(super) is_damaged: bool,
}

/// OpenSSL's reason code for a certificate with unreadable extensions (X509V3_R_INVALID_CERTIFICATE).
const DAMAGED: &str = "invalid certificate";

pub(super) fn run_openssl(
    trust: &Trust,
    leaf: &X509,
    at: i64,
) -> Result<Result<Vec<X509>, Failure>, ErrorStack> {
    let store = trust.store_at(at)?;
    // Errors others left in OpenSSL's queue are not about this certificate.
    drop(ErrorStack::get());
    let mut context = X509StoreContext::new()?;
    let untrusted = trust.untrusted_above(leaf)?;
    context.init(&store, leaf, &untrusted, |context| {
        if context.verify_cert()? {
            let path = context.chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect());
            return Ok(Ok(path.unwrap_or_default()));
        }
        let subject = context.current_cert().map(subject).unwrap_or_default();
        let error = context.error();
        let is_damaged = context.error_depth() == 0
            && ErrorStack::get().errors().iter().any(|error| error.reason() == Some(DAMAGED));
        let text = if is_damaged { DAMAGED } else { error.error_string() };
        Ok(Err(Failure { error: error.as_raw(), text, subject, is_damaged }))
    })
}

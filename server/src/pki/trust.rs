//! What a server believes: anchors, intermediates, CRLs.

use std::sync::{Arc, Mutex, PoisonError};

use openssl::{
    error::ErrorStack,
    stack::Stack,
    x509::{
        X509, X509Ref,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};
use x509_parser::prelude::FromDer as _;

use super::{
    crl::Crl,
    strength::{KeyKind, is_strong_signature},
};
use crate::error::Error;

/// Anchors, intermediates and CRLs, prepared so that a login does no work twice.
pub struct Trust {
    anchors: Vec<Authority>,
    intermediates: Vec<Authority>,
    crls: Option<Vec<Crl>>,
    untrusted: Stack<X509>,
    /// OpenSSL takes the time of a check from the store; one store serves all checks of the same second.
    store: Mutex<Option<(i64, Arc<X509Store>)>>,
}

/// A certificate that may stand above others.
pub(super) struct Authority {
    /// The certificate.
    pub(super) certificate: X509,
    /// basicConstraints says CA.
    pub(super) is_ca: bool,
    /// keyUsage is absent or holds cRLSign.
    pub(super) may_sign_crls: bool,
    /// What is weak about its key.
    pub(super) weak_key: Option<String>,
    /// The signature under it is of an accepted algorithm.
    pub(super) is_signed_strongly: bool,
    /// Its issuer's name is its own.
    pub(super) is_self_issued: bool,
}

impl Trust {
    /// `anchors` are believed as they are, self-signed or not; `intermediates` only as far as an anchor
    /// vouches for them. `crls` are DER; `None`: revocation is not checked.
    ///
    /// # Errors
    /// A CRL that is no CRL is [`Error::Setting`].
    pub fn new(
        anchors: Vec<X509>,
        intermediates: Vec<X509>,
        crls: Option<Vec<Vec<u8>>>,
    ) -> Result<Self, Error> {
        let mut untrusted = Stack::new()?;
        for intermediate in &intermediates {
            untrusted.push(intermediate.clone())?;
        }
        let read = |list: Vec<X509>| list.into_iter().map(Authority::read).collect::<Result<Vec<_>, _>>();
        let (anchors, intermediates) = (read(anchors)?, read(intermediates)?);
        let crls = crls
            .map(|crls| {
                let issuers: Vec<&Authority> = anchors.iter().chain(&intermediates).collect();
                crls.iter().map(|der| Crl::read(der, &issuers)).collect::<Result<Vec<_>, _>>()
            })
            .transpose()?;
        Ok(Self { anchors, intermediates, crls, untrusted, store: Mutex::new(None) })
    }

    /// How many anchors and CRLs there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.anchors.len(), self.crls.as_ref().map_or(0, Vec::len))
    }

    /// CRLs, when any are configured.
    pub(super) fn crls(&self) -> Option<&[Crl]> {
        self.crls.as_deref()
    }

    /// Certificates that may fill the gap between a card and an anchor.
    pub(super) fn untrusted(&self) -> &Stack<X509> {
        &self.untrusted
    }

    /// What is known of a certificate of a path.
    pub(super) fn authority(&self, certificate: &X509Ref) -> Option<&Authority> {
        self.anchors
            .iter()
            .chain(&self.intermediates)
            .find(|authority| *authority.certificate == *certificate)
    }

    /// The anchor that issued this certificate, if one did.
    pub(super) fn anchor_above(&self, certificate: &X509Ref) -> Option<&Authority> {
        self.anchors.iter().find(|anchor| {
            anchor.is_issuer_of(certificate)
                && anchor.certificate.public_key().is_ok_and(|key| certificate.verify(&key).unwrap_or(false))
        })
    }

    /// A store that checks at that time, Unix seconds.
    pub(super) fn store_at(&self, at: i64) -> Result<Arc<X509Store>, ErrorStack> {
        let mut kept = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((time, store)) = kept.as_ref()
            && *time == at
        {
            return Ok(Arc::clone(store));
        }
        let mut builder = X509StoreBuilder::new()?;
        for anchor in &self.anchors {
            builder.add_cert(anchor.certificate.clone())?;
        }
        let mut parameters = X509VerifyParam::new()?;
        // PARTIAL_CHAIN: an anchor need not be self-signed. POLICY_CHECK: policies that a certificate requires
        // are honoured, and malformed ones refused. X509_STRICT is left out on purpose: OpenSSL 3 then asks for
        // key identifiers that RFC 5280 asks of CAs but a card in the field may lack; the one rule of it that
        // matters here, a CA must say so in basicConstraints, `path` checks by itself.
        parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::POLICY_CHECK)?;
        parameters.set_time(at);
        builder.set_param(&parameters)?;
        let store = Arc::new(builder.build());
        *kept = Some((at, Arc::clone(&store)));
        Ok(store)
    }
}

impl Authority {
    fn read(certificate: X509) -> Result<Self, Error> {
        let der = certificate.to_der()?;
        let parsed = x509_parser::certificate::X509Certificate::from_der(&der).ok().map(|(_, parsed)| parsed);
        let is_ca = parsed
            .as_ref()
            .and_then(|parsed| parsed.basic_constraints().ok().flatten())
            .is_some_and(|constraints| constraints.value.ca);
        // A keyUsage that can't be read allows nothing.
        let may_sign_crls = parsed.as_ref().is_some_and(|parsed| match parsed.key_usage() {
            Ok(usage) => usage.is_none_or(|usage| usage.value.crl_sign()),
            Err(_) => false,
        });
        let is_self_issued =
            certificate.subject_name().try_cmp(certificate.issuer_name())? == std::cmp::Ordering::Equal;
        Ok(Self {
            is_ca,
            may_sign_crls,
            weak_key: match &parsed {
                Some(parsed) => KeyKind::of(parsed.public_key()).weakness(),
                None => Some("証明書を読めません".to_owned()),
            },
            is_signed_strongly: parsed
                .as_ref()
                .is_some_and(|parsed| is_strong_signature(&parsed.signature_algorithm)),
            is_self_issued,
            certificate,
        })
    }

    fn is_issuer_of(&self, certificate: &X509Ref) -> bool {
        let compared = self.certificate.subject_name().try_cmp(certificate.issuer_name());
        compared.is_ok_and(|order| order == std::cmp::Ordering::Equal)
    }
}

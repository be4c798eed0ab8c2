//! What is trusted: anchors, intermediates, CRLs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use openssl::{
    error::ErrorStack,
    stack::Stack,
    x509::{
        X509, X509Ref,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};
use touroku_proto::certificate::Facts;

use crate::{
    address::is_http,
    authority::{Authority, MAX_CERTIFICATE},
    crl::{Crl, CrlTimes},
    error::Error,
    points::Points,
    question::{Answers, Known, OcspSettings, OcspUse, key},
    rules::Rules,
};

/// The most intermediates followed upwards, and signatures checked to tell namesakes apart; a real path has three
/// or four.
const MAX_INTERMEDIATES: usize = 32;
const MAX_SIGNATURES: usize = 2000;

/// Anchors, intermediates and CRLs, prepared once so that logins repeat no work.
pub struct Trust {
    anchors: Vec<Authority>,
    intermediates: Vec<Authority>,
    crls: Option<Vec<Crl>>,
    /// Intermediates larger than any certificate should be.
    left_out: usize,
    rules: Rules,
    ocsp: Option<(OcspSettings, Arc<dyn Answers>)>,
    /// OpenSSL takes the verification time from the store; one store serves all checks within the same second.
    store: Mutex<Option<(i64, Arc<X509Store>)>>,
}

impl Trust {
    /// `anchors` are trusted as they are, self-signed or not; `intermediates` only as far as an anchor vouches for
    /// them. `crls` are DER; `None`: revocation is not checked.
    ///
    /// # Errors
    /// [`Error::NoCrl`] for something that is not a CRL, [`Error::OpenSsl`].
    pub fn new(
        anchors: Vec<X509>,
        intermediates: Vec<X509>,
        crls: Option<Vec<Vec<u8>>>,
    ) -> Result<Self, Error> {
        let offered = intermediates.len();
        let intermediates: Vec<X509> = intermediates
            .into_iter()
            .filter(|certificate| certificate.to_der().is_ok_and(|der| der.len() <= MAX_CERTIFICATE))
            .collect();
        let left_out = offered - intermediates.len();
        let read = |list: Vec<X509>| list.into_iter().map(Authority::read).collect::<Result<Vec<_>, _>>();
        let (anchors, intermediates) = (read(anchors)?, read(intermediates)?);
        let crls = crls
            .map(|crls| {
                let issuers: Vec<&Authority> = anchors.iter().chain(&intermediates).collect();
                crls.iter().map(|der| Crl::read(der, &issuers)).collect::<Result<Vec<_>, _>>()
            })
            .transpose()?;
        let rules = Rules::default();
        Ok(Self { anchors, intermediates, crls, left_out, rules, ocsp: None, store: Mutex::new(None) })
    }

    /// The same trust under the administrator's rules.
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// The same trust with a source of OCSP answers.
    pub fn with_ocsp(self, settings: OcspSettings, answers: Arc<dyn Answers>) -> Self {
        let crls = self.crls.or_else(|| Some(Vec::new()));
        Self { ocsp: Some((settings, answers)), crls, ..self }
    }

    /// Whether there is any source of revocation: CRLs, at hand or to be fetched, or OCSP responders.
    pub fn checks_revocation(&self) -> bool {
        self.crls.is_some()
    }

    /// The number of anchors and CRLs.
    pub fn counts(&self) -> (usize, usize) {
        (self.anchors.len(), self.crls.as_ref().map_or(0, Vec::len))
    }

    /// The times of the CRLs at hand by issuer; of several CRLs of one issuer, the worst.
    pub fn crl_times(&self) -> BTreeMap<String, CrlTimes> {
        let mut times: BTreeMap<String, CrlTimes> = BTreeMap::new();
        for (issuer, crl) in self.crls.iter().flatten().map(Crl::times) {
            let worst = times.entry(issuer).or_insert(crl);
            worst.this_update = worst.this_update.min(crl.this_update);
            worst.next_update = [worst.next_update, crl.next_update].into_iter().flatten().min();
        }
        times
    }

    /// Whether and when OCSP is asked.
    pub(super) fn ocsp_use(&self) -> OcspUse {
        self.ocsp.as_ref().map_or(OcspUse::Off, |(settings, _)| settings.use_of)
    }

    /// What OCSP responders said about this certificate.
    pub(super) fn known(&self, certificate: &X509, issuer: &X509) -> Option<Known> {
        let (_, answers) = self.ocsp.as_ref()?;
        answers.known(&key(certificate, issuer)?)
    }

    /// The responders to query about this certificate: from its issuer's profile, the administrator's, its own.
    pub(super) fn responders(&self, certificate: &X509Ref, points: &Points) -> Vec<String> {
        let facts = certificate.to_der().ok().and_then(|der| Facts::parse(&der).ok());
        let by_profile = facts.and_then(|facts| self.rules.of_issuer(&facts));
        let by_profile = by_profile.map(|issuer| issuer.ocsp_urls.as_slice()).unwrap_or_default();
        let configured = self.ocsp.as_ref().map(|(settings, _)| settings.urls.as_slice()).unwrap_or_default();
        let mut urls: Vec<String> = Vec::new();
        for url in by_profile.iter().chain(configured).chain(&points.responders) {
            if is_http(url) && !urls.contains(url) {
                urls.push(url.clone());
            }
        }
        urls
    }

    /// Revocation lists; `None`: revocation is not checked.
    pub(super) fn crls(&self) -> Option<&[Crl]> {
        self.crls.as_deref()
    }

    /// Parses a fetched CRL (DER), to see whether it is better than the one at hand.
    ///
    /// # Errors
    /// [`Error::NoCrl`].
    pub fn read_crl(&self, der: &[u8]) -> Result<Crl, Error> {
        Crl::read(der, &self.authorities())
    }

    /// All certificates that may be issuers.
    pub(super) fn authorities(&self) -> Vec<&Authority> {
        self.anchors.iter().chain(&self.intermediates).collect()
    }

    /// Where to find the CRLs that cover the authorities themselves.
    pub fn crl_urls(&self) -> Vec<String> {
        let issued = self.authorities().into_iter().filter(|authority| !authority.is_self_issued);
        issued.flat_map(|authority| Points::of(&authority.certificate).crls).collect()
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How many intermediates were too large to be used.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The intermediates that may fill the gap between this certificate and an anchor.
    ///
    /// OpenSSL takes the first issuer with a matching name and never tries another. Where several share a
    /// name, it is given only those whose key made the signature; their number and the signatures checked are
    /// bounded.
    pub(super) fn untrusted_above(&self, leaf: &X509) -> Result<Stack<X509>, ErrorStack> {
        let mut found: Vec<usize> = Vec::new();
        let mut signatures = 0;
        let mut at = leaf;
        let mut next = 0;
        loop {
            let of_name = |&index: &usize| {
                !found.contains(&index) && self.intermediates.get(index).is_some_and(|it| it.is_issuer_of(at))
            };
            let mut issuers: Vec<usize> = (0..self.intermediates.len()).filter(of_name).collect();
            if issuers.len() > 1 {
                issuers.retain(|&index| {
                    signatures += 1;
                    signatures <= MAX_SIGNATURES
                        && self.intermediates.get(index).is_some_and(|issuer| issuer.has_signed(at))
                });
            }
            found.extend(issuers);
            let Some(above) = found.get(next).and_then(|&index| self.intermediates.get(index)) else { break };
            if next == MAX_INTERMEDIATES {
                break;
            }
            at = &above.certificate;
            next += 1;
        }
        let mut untrusted = Stack::new()?;
        for issuer in found.into_iter().filter_map(|index| self.intermediates.get(index)) {
            untrusted.push(issuer.certificate.clone())?;
        }
        Ok(untrusted)
    }

    /// What is known about a certificate on a path.
    pub(super) fn authority(&self, certificate: &X509Ref) -> Option<&Authority> {
        self.anchors
            .iter()
            .chain(&self.intermediates)
            .find(|authority| *authority.certificate == *certificate)
    }

    /// The anchor that issued this certificate, if one did.
    pub(super) fn anchor_above(&self, certificate: &X509Ref) -> Option<&Authority> {
        self.anchors.iter().find(|anchor| anchor.is_issuer_of(certificate) && anchor.has_signed(certificate))
    }

    /// A store that verifies at that time, Unix seconds.
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
        // PARTIAL_CHAIN: an anchor need not be self-signed. Policies are `policy`'s business. X509_STRICT is
        // deliberately left out: OpenSSL 3 then demands key identifiers that RFC 5280 asks of CAs but a card in
        // the field may lack; the one rule of it that matters here, that a CA must say so in basicConstraints, is
        // checked in `path`.
        parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        parameters.set_time(at);
        builder.set_param(&parameters)?;
        let store = Arc::new(builder.build());
        *kept = Some((at, Arc::clone(&store)));
        Ok(store)
    }
}

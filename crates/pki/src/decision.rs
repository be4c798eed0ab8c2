//! A decision and how it was reached.

use serde::Serialize;
use touroku_proto::agency::Uncheckable;

use crate::cause::Cause;
use crate::{
    names::printable,
    question::{OcspQuestion, Status},
};

/// When a decision is made, and under which special conditions.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Unix seconds.
    pub at: i64,
    /// The rule for cards whose revocation can't be checked; `None`: [`Rules::uncheckable`](crate::Rules).
    pub uncheckable: Option<Uncheckable>,
    /// My Number Cards are accepted.
    pub my_number: bool,
}

/// At that time, Unix seconds, under the administrator's own rules.
impl From<i64> for Circumstances {
    fn from(at: i64) -> Self {
        Self { at, uncheckable: None, my_number: false }
    }
}

/// Why a token, certificate or CRL was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", .cause.as_str())]
pub struct Refusal {
    /// What kind of reason; stable.
    pub cause: Cause,
    /// In Japanese, for the administrator who reads `verify-certificate`.
    pub reason: String,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was checked, in Japanese.
    pub check: &'static str,
    /// Whether it is in order.
    pub passed: bool,
    /// What was found, without control characters that a terminal would obey.
    pub detail: String,
}

/// The outcome, and every step leading to it in order.
#[derive(Debug)]
pub struct Decision<T> {
    /// What was accepted, or why not.
    pub outcome: Result<T, Refusal>,
    /// The last one is the one that failed, if any did.
    pub steps: Vec<Step>,
    /// What it is based on.
    pub evidence: Evidence,
    /// Where CRLs can be fetched for the certificates whose revocation could not be checked.
    pub crls_wanted: Vec<String>,
    /// The responders to query, because there is no answer yet or none that is still valid.
    pub ocsp_wanted: Vec<OcspQuestion>,
}

/// What a decision is based on. Nothing in it concerns the holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The anchor where the path ended; `None`: it reached none.
    pub anchor: Option<AnchorEvidence>,
    /// The CRLs that were consulted, from the card's upwards.
    pub crls: Vec<CrlEvidence>,
    /// The OCSP responses that counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ocsp: Vec<OcspEvidence>,
    /// The rule that decided where revocation could not be checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncheckable: Option<Uncheckable>,
}

/// An anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnchorEvidence {
    /// Its subject; empty when the card's certificate is an anchor itself.
    pub subject: String,
    /// SHA-256 of its DER, hexadecimal.
    pub sha256: String,
}

/// A CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrlEvidence {
    /// Its issuer's name.
    pub issuer: String,
    /// cRLNumber (RFC 5280, 5.2.3), decimal.
    pub number: Option<String>,
    /// RFC 3339.
    pub this_update: String,
}

/// An OCSP response about one certificate; which one is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OcspEvidence {
    /// The name of its signer.
    pub responder: String,
    /// The URL that was queried.
    pub url: String,
    /// What it says.
    pub status: Status,
    /// RFC 3339.
    pub this_update: String,
}

impl<T> Decision<T> {
    /// A refusal before anything was checked.
    pub fn refused(refusal: Refusal) -> Self {
        Self {
            outcome: Err(refusal),
            steps: Vec::new(),
            evidence: Evidence::default(),
            crls_wanted: Vec::new(),
            ocsp_wanted: Vec::new(),
        }
    }

    /// The same decision, with the accepted value converted.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Decision<U> {
        let Self { outcome, steps, evidence, crls_wanted, ocsp_wanted } = self;
        Decision { outcome: outcome.map(make), steps, evidence, crls_wanted, ocsp_wanted }
    }

    /// `ok`, or the refusal's cause.
    pub fn code(&self) -> &'static str {
        self.outcome.as_ref().map_or_else(|refusal| refusal.cause.as_str(), |_| "ok")
    }
}

/// The steps so far.
#[derive(Default)]
pub(super) struct Trail {
    steps: Vec<Step>,
    /// See [`Decision::evidence`].
    pub(super) evidence: Evidence,
    /// See [`Decision::crls_wanted`].
    pub(super) crls_wanted: Vec<String>,
    /// See [`Decision::ocsp_wanted`].
    pub(super) ocsp_wanted: Vec<OcspQuestion>,
}

impl Trail {
    /// Runs a check to its end.
    pub(super) fn decide<T>(check: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Decision<T> {
        let mut trail = Self::default();
        let outcome = check(&mut trail);
        let Self { steps, evidence, crls_wanted, ocsp_wanted } = trail;
        Decision { outcome, steps, evidence, crls_wanted, ocsp_wanted }
    }

    /// Records a check that passed.
    pub(super) fn passed(&mut self, check: &'static str, detail: impl Into<String>) {
        self.steps.push(Step { check, passed: true, detail: printable(detail.into()) });
    }

    /// Records a check that failed.
    pub(super) fn refuse(&mut self, check: &'static str, cause: Cause, reason: impl Into<String>) -> Refusal {
        let reason = printable(reason.into());
        self.steps.push(Step { check, passed: false, detail: reason.clone() });
        Refusal { cause, reason }
    }
}

//! What the administrator requires of certificates.

use std::{fmt, str::FromStr};

use serde::Deserialize;
use touroku_proto::{agency::Uncheckable, certificate::Facts};

/// anyPolicy (RFC 5280, 4.2.1.4).
pub(super) const ANY: &str = "2.5.29.32.0";

/// What is required of a card beyond a valid path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The path must be valid for one of these; empty: for any.
    pub require_policies: Vec<Policy>,
    /// A card's certificate must not assert any of these.
    pub forbid_policies: Vec<Policy>,
    /// What to do when revocation can't be checked.
    pub uncheckable: Uncheckable,
    /// Additional rules for the certificates of single issuers.
    pub issuers: Vec<IssuerRules>,
}

/// Rules for the certificates of an issuer, from its profile (`agencies/ca/`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuerRules {
    /// `attribute=value` pairs that the issuer's name must all contain.
    pub issuer: Vec<String>,
    /// Its name, as the administrator knows it.
    pub name: String,
    /// The path of its cards must be valid for one of these; empty: for any.
    pub require_policies: Vec<Policy>,
    /// URLs of its CRLs.
    pub crl_urls: Vec<String>,
    /// Its OCSP responders, `http:`.
    pub ocsp_urls: Vec<String>,
}

impl Rules {
    /// The rules for certificates with these facts; of several that match, those naming the most attributes.
    pub(super) fn of_issuer(&self, facts: &Facts) -> Option<&IssuerRules> {
        let fitting = self.issuers.iter().filter(|rules| facts.issued_by(&rules.issuer));
        fitting.max_by_key(|rules| rules.issuer.len())
    }
}

/// A certificate policy's object identifier in dotted form, such as `1.2.392.200127.1`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Policy(String);

/// Not an object identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("「{0}」はポリシーのOID（例 1.2.392.200127.1）ではありません")]
pub struct NotAPolicy(String);

impl Policy {
    /// The dotted form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Policy {
    type Err = NotAPolicy;

    fn from_str(text: &str) -> Result<Self, NotAPolicy> {
        let is_number = |arc: &str| {
            !arc.is_empty()
                && arc.len() <= 39
                && arc.bytes().all(|byte| byte.is_ascii_digit())
                && (arc == "0" || !arc.starts_with('0'))
        };
        let arcs: Vec<&str> = text.split('.').collect();
        let begins = arcs.first().is_some_and(|first| matches!(*first, "0" | "1" | "2"));
        // As a rule, anyPolicy would mean all or nothing.
        if begins && (2..=64).contains(&arcs.len()) && arcs.iter().all(|arc| is_number(arc)) && text != ANY {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAPolicy(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for Policy {
    type Error = NotAPolicy;

    fn try_from(text: String) -> Result<Self, NotAPolicy> {
        text.parse()
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

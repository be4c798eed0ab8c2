//! Why something was refused, as a stable word.

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why a token, certificate or CRL was refused. The words are stable: programs may keep them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cause {
            $($(#[$doc])* $name,)*
        }

        impl Cause {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

causes! {
    /// A token that can't be parsed.
    TokenMalformed = "token_malformed",
    /// A token of another format than `web-eid:1`.
    TokenFormat = "token_format",
    /// A signature algorithm that is not accepted, or that does not fit the key.
    TokenAlgorithm = "token_algorithm",
    /// A signature by another key, over something else, or missing.
    TokenSignature = "token_signature",
    /// No certificate, or one that can't be parsed in full.
    CertificateMalformed = "certificate_malformed",
    /// notAfter is past.
    CertificateExpired = "certificate_expired",
    /// notBefore is in the future.
    CertificateNotYetValid = "certificate_not_yet_valid",
    /// No path to an anchor.
    CertificateUnknownIssuer = "certificate_unknown_issuer",
    /// Revoked, or on hold.
    CertificateRevoked = "certificate_revoked",
    /// Its key is meant for something else.
    CertificateKeyUsage = "certificate_key_usage",
    /// A key or an algorithm below the floor.
    CertificateWeak = "certificate_weak",
    /// A path that violates RFC 5280.
    CertificatePath = "certificate_path",
    /// A policy is missing, or a forbidden one is present.
    CertificatePolicy = "certificate_policy",
    /// A My Number Card where none is accepted.
    MyNumberNotAccepted = "my_number_not_accepted",
    /// Revocation can't be checked: no CRL of the issuer.
    CrlMissing = "crl_missing",
    /// Revocation can't be checked: the CRL is too old.
    CrlExpired = "crl_expired",
    /// Revocation can't be checked: the CRL is not trustworthy.
    CrlInvalid = "crl_invalid",
}

impl Cause {
    /// Whether the same card may be accepted later without changing: it is not yet valid, or a newer CRL can be
    /// fetched. Every other cause is final.
    pub fn is_retriable(self) -> bool {
        matches!(self, Self::CertificateNotYetValid | Self::CrlMissing | Self::CrlExpired | Self::CrlInvalid)
    }
}

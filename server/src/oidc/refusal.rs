//! What a client is refused with (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6).

use crate::error::Error;

/// Words of the protocol: of all its answers, those that this server gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Parameters are missing, wrong, or there twice.
    InvalidRequest,
    /// Who the client is was not proved.
    InvalidClient,
    /// The code is wrong, over, used, or somebody else's.
    InvalidGrant,
    /// Another grant than a code's.
    UnsupportedGrantType,
    /// Another answer than a code.
    UnsupportedResponseType,
    /// Without `openid`.
    InvalidScope,
    /// The access token is wrong, over, or its sign-in has ended.
    InvalidToken,
    /// A request is not this server's, over or used.
    InvalidRequestUri,
    /// Requests in signed objects are not read.
    RequestNotSupported,
    /// Nor are clients that describe themselves.
    RegistrationNotSupported,
    /// Nobody is signed in without a card or a password.
    LoginRequired,
    /// The person, or the agency, said no.
    AccessDenied,
    /// Outside the agency's hours.
    TemporarilyUnavailable,
    /// A defect of ours.
    ServerError,
}

impl Code {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidToken => "invalid_token",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::RequestNotSupported => "request_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::LoginRequired => "login_required",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// A refusal, with what its client's engineers may read.
#[derive(Debug)]
pub struct Refusal {
    /// The word.
    pub code: Code,
    /// Why. English, of the characters that RFC 6749 allows; never what was sent.
    pub reason: &'static str,
}

impl Refusal {
    pub(super) fn new(code: Code, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(touroku_proto::api::ApiErrorCode::AgencyUnknown) => {
                Self::new(Code::InvalidRequest, "no such issuer")
            }
            Error::Busy | Error::Stopping => Self::new(Code::TemporarilyUnavailable, "try again"),
            error => {
                tracing::error!(%error, "a sign-in failed");
                Self::new(Code::ServerError, "a defect of the server")
            }
        }
    }
}

//! A client's refusal (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6).

use crate::{agency, error::Error};

/// The protocol's error codes, as far as this server uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Parameters are missing, wrong, or duplicated.
    InvalidRequest,
    /// The client did not authenticate.
    InvalidClient,
    /// The code is wrong, expired, used, or somebody else's.
    InvalidGrant,
    /// A grant type other than authorization code and client credentials.
    UnsupportedGrantType,
    /// The client may not use that grant type.
    UnauthorizedClient,
    /// A response type other than `code`.
    UnsupportedResponseType,
    /// Without `openid`; for a client itself, anything but `feed`.
    InvalidScope,
    /// The access token is wrong, expired, or its sign-in has ended.
    InvalidToken,
    /// A request URI is not this server's, has expired or was used.
    InvalidRequestUri,
    /// Request objects are not supported.
    RequestNotSupported,
    /// Neither is client registration.
    RegistrationNotSupported,
    /// Nobody is signed in without a card or a password.
    LoginRequired,
    /// The person, or the agency, declined.
    AccessDenied,
    /// Outside the agency's hours.
    TemporarilyUnavailable,
    /// A defect of ours.
    ServerError,
}

impl Code {
    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
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

/// A refusal, with an explanation for the client's engineers.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    /// The reason. In English, in the characters that RFC 6749 allows; never what was sent.
    pub reason: &'static str,
}

impl Refusal {
    pub(crate) fn new(code: Code, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

impl From<agency::Error> for Refusal {
    fn from(error: agency::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(touroku_proto::api::ApiErrorCode::AgencyUnknown) => {
                Self::new(Code::InvalidRequest, "no such issuer")
            }
            Error::Busy | Error::Stopping | Error::Disk(_) => {
                Self::new(Code::TemporarilyUnavailable, "try again")
            }
            error => {
                tracing::error!(%error, "a sign-in failed");
                Self::new(Code::ServerError, "a defect of the server")
            }
        }
    }
}

//! The crate's one error type, and how it becomes an HTTP response. Each code's status is in proto's table.

use std::{io::ErrorKind, path::PathBuf};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use touroku_pki::{Cause, Refusal};
use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    field::{FieldError, FieldId, Guessable, Problem, Values},
};

use crate::agency;

/// After how many seconds a server that is being restarted is back.
const RESTART: u64 = 1;

/// Whatever may fail in this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A request was refused for a reason fully described by its code.
    #[error("{}", .0.as_str())]
    Refused(ApiErrorCode),
    /// Fields of a request are wrong.
    #[error("fields_invalid")]
    Fields(Vec<FieldError>),
    /// The company is suspended.
    #[error("company_suspended")]
    Suspended {
        /// The last day, `YYYY-MM-DD` in Japan, if there is one.
        until: Option<String>,
    },
    /// The company's qualification is over.
    #[error("qualification_expired")]
    QualificationExpired {
        /// Its last day, `YYYY-MM-DD` in Japan.
        until: String,
    },
    /// The company's qualification has not begun.
    #[error("qualification_not_begun")]
    NotYetQualified {
        /// Its first day, `YYYY-MM-DD` in Japan.
        from: String,
    },
    /// The card presented has been replaced by another: whose, and until when that is valid.
    #[error("card_replaced")]
    Replaced(Values),
    /// An officer's new password is easily guessed.
    #[error("password_weak")]
    WeakPassword(Guessable),
    #[error("rate_limited: again in {retry_after} s")]
    RateLimited {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Outside the agency's 利用時間.
    #[error("outside_hours")]
    OutsideHours {
        /// Seconds until it opens; `None`: unknown.
        retry_after: Option<u64>,
    },
    /// A token, certificate or CRL was refused.
    #[error(transparent)]
    Pki(#[from] Refusal),
    /// The server is shutting down and has done nothing for the request; its successor will serve it.
    #[error("the server is stopping")]
    Stopping,
    /// The database is busy or closed; the same request may succeed later.
    #[error("the database is busy")]
    Busy,
    /// The database's disk is full or fails; the same request may succeed once that is mended.
    #[error("the database's disk: {0}")]
    Disk(String),
    /// The database failed or holds something that this version can't read.
    #[error("database: {0}")]
    Database(String),
    /// One of our invariants does not hold.
    #[error("defect: {0}")]
    Defect(&'static str),
    /// A file can't be read or written.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// A file was read but is wrong: configuration, profile, certificates, CRL.
    #[error("{path}: {message}")]
    Content {
        path: PathBuf,
        /// What is wrong, with line and column if known.
        message: String,
    },
    /// The agencies' profiles are wrong.
    #[error(transparent)]
    Agencies(agency::Error),
    /// A setting is missing or wrong.
    #[error("設定 {name}: {message}")]
    Setting {
        /// The key in the configuration file, or the flag.
        name: &'static str,
        message: String,
    },
    /// OpenSSL failed at something that does not depend on outside input.
    #[error("OpenSSL: {0}")]
    OpenSsl(#[from] openssl::error::ErrorStack),
}

impl Error {
    /// What a file's failure is: the disk's, which may have room again, or that file's.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => {
                Self::Disk(format!("{}: {source}", path.display()))
            }
            _ => Self::File { path, source },
        }
    }

    /// The code that the page receives.
    pub fn code(&self) -> ApiErrorCode {
        match self {
            Self::Refused(code) => *code,
            Self::Fields(_) => ApiErrorCode::FieldsInvalid,
            Self::Suspended { .. } => ApiErrorCode::CompanySuspended,
            Self::QualificationExpired { .. } => ApiErrorCode::QualificationExpired,
            Self::NotYetQualified { .. } => ApiErrorCode::QualificationNotBegun,
            Self::Replaced(_) => ApiErrorCode::CardReplaced,
            Self::WeakPassword(_) => ApiErrorCode::PasswordWeak,
            Self::RateLimited { .. } => ApiErrorCode::RateLimited,
            Self::OutsideHours { .. } => ApiErrorCode::OutsideHours,
            Self::Pki(refusal) => code_of(refusal.cause),
            Self::Stopping | Self::Busy | Self::Disk(_) => ApiErrorCode::Unavailable,
            Self::Database(_)
            | Self::Defect(_)
            | Self::File { .. }
            | Self::Content { .. }
            | Self::Agencies(_)
            | Self::Setting { .. }
            | Self::OpenSsl(_) => ApiErrorCode::Internal,
        }
    }
}

impl From<agency::Error> for Error {
    fn from(error: agency::Error) -> Self {
        match error {
            agency::Error::Unknown => Self::Refused(ApiErrorCode::AgencyUnknown),
            agency::Error::UnknownPortal => Self::Refused(ApiErrorCode::NotFound),
            agency::Error::UnknownCategory => Self::Refused(ApiErrorCode::CategoryUnknown),
            agency::Error::LacksForm => Self::Defect("a checked profile lacks a form"),
            agency::Error::Closed { retry_after } => Self::OutsideHours { retry_after },
            agency::Error::File { path, source } => Self::File { path, source },
            error => Self::Agencies(error),
        }
    }
}

impl From<touroku_pki::Error> for Error {
    fn from(error: touroku_pki::Error) -> Self {
        match error {
            touroku_pki::Error::OpenSsl(error) => Self::OpenSsl(error),
            error => Self::Setting { name: "crl", message: error.to_string() },
        }
    }
}

/// The code that the page receives for a refusal.
pub fn code_of(cause: Cause) -> ApiErrorCode {
    match cause {
        Cause::TokenMalformed => ApiErrorCode::TokenMalformed,
        Cause::TokenFormat => ApiErrorCode::TokenFormat,
        Cause::TokenAlgorithm => ApiErrorCode::TokenAlgorithm,
        Cause::TokenSignature => ApiErrorCode::TokenSignature,
        Cause::CertificateMalformed => ApiErrorCode::CertificateMalformed,
        Cause::CertificateExpired => ApiErrorCode::CertificateExpired,
        Cause::CertificateNotYetValid => ApiErrorCode::CertificateNotYetValid,
        Cause::CertificateUnknownIssuer => ApiErrorCode::CertificateUnknownIssuer,
        Cause::CertificateRevoked => ApiErrorCode::CertificateRevoked,
        Cause::CertificateKeyUsage => ApiErrorCode::CertificateKeyUsage,
        Cause::CertificateWeak => ApiErrorCode::CertificateWeak,
        Cause::CertificatePath => ApiErrorCode::CertificatePath,
        Cause::CertificatePolicy => ApiErrorCode::CertificatePolicy,
        Cause::MyNumberNotAccepted => ApiErrorCode::MyNumberNotAccepted,
        Cause::CrlMissing => ApiErrorCode::CrlMissing,
        Cause::CrlExpired => ApiErrorCode::CrlExpired,
        Cause::CrlInvalid => ApiErrorCode::CrlInvalid,
    }
}

impl From<ApiErrorCode> for Error {
    fn from(code: ApiErrorCode) -> Self {
        Self::Refused(code)
    }
}

impl IntoResponse for Error {
    /// A response without body that carries the [`ApiError`]; `http::guard` knows the request's number and writes
    /// the body.
    fn into_response(self) -> Response {
        let code = self.code();
        if code == ApiErrorCode::Internal || matches!(self, Self::Disk(_)) {
            tracing::error!(error = %self, "request failed");
        }
        let mut body = ApiError::new(code);
        match self {
            Self::Fields(fields) => body.fields = fields,
            Self::Suspended { until } => body.until = until,
            Self::QualificationExpired { until } => body.until = Some(until),
            Self::NotYetQualified { from } => body.until = Some(from),
            Self::Replaced(card) => body.card = card,
            Self::WeakPassword(why) => {
                let problem = Problem::Guessable { why };
                body.fields = vec![FieldError { field: FieldId::LoginPassword, problem }];
            }
            Self::RateLimited { retry_after } => body.retry_after = Some(retry_after),
            Self::Stopping => body.retry_after = Some(RESTART),
            Self::OutsideHours { retry_after } => body.retry_after = retry_after,
            _ => {}
        }
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(body);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_one_word_for_programs_and_pages() {
        for &cause in Cause::ALL {
            assert_eq!(code_of(cause).as_str(), cause.as_str());
        }
    }

    #[test]
    fn a_disk_without_room_is_no_defect_wherever_a_file_is_written() {
        for (kind, status) in [
            (ErrorKind::StorageFull, StatusCode::SERVICE_UNAVAILABLE),
            (ErrorKind::ReadOnlyFilesystem, StatusCode::SERVICE_UNAVAILABLE),
            (ErrorKind::PermissionDenied, StatusCode::INTERNAL_SERVER_ERROR),
        ] {
            assert_eq!(Error::file("spool/1")(kind.into()).into_response().status(), status, "{kind}");
        }
    }

    #[test]
    fn only_a_defect_answers_500() {
        assert_eq!(Error::Disk("full".to_owned()).into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
        for &code in ApiErrorCode::ALL {
            let status = Error::from(code).into_response().status();
            assert!(status.is_client_error() || status.is_server_error(), "{}", code.as_str());
            let is_defect = status == StatusCode::INTERNAL_SERVER_ERROR;
            assert_eq!(is_defect, code == ApiErrorCode::Internal, "{}", code.as_str());
        }
    }
}

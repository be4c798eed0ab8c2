//! How a request is refused.

use serde::{Deserialize, Serialize};

use crate::field::{FieldError, Values};

/// The body of every unsuccessful response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ApiError {
    /// What happened.
    pub code: ApiErrorCode,
    /// The fields at fault, with `fields_invalid`; what is wrong with the password, with `password_weak`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// With `card_replaced`: holder and expiry of the card registered now. Only those who have proved possession
    /// of the replaced card learn it.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub card: Values,
    /// Seconds to wait, with `rate_limited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The request's number in the server's log, for the help desk.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

codes! {
    /// The reasons for which the server may refuse a request. Stable; the texts belong to the apps.
    pub enum ApiErrorCode {
        // The request itself.
        /// Not JSON, or not the request's schema.
        BadRequest = "bad_request",
        /// The body exceeds this request's limit.
        PayloadTooLarge = "payload_too_large",
        /// A content type other than JSON.
        UnsupportedMediaType = "unsupported_media_type",
        /// The request came from another site.
        CrossSite = "cross_site",
        /// No such address.
        NotFound = "not_found",
        /// Too many requests from this session or address.
        RateLimited = "rate_limited",
        /// The server is stopping or its database is busy; try again.
        Unavailable = "unavailable",
        /// A defect of ours.
        Internal = "internal",

        // Session and order.
        /// No session, or it has ended; what was typed is kept and comes back with the card.
        SessionMissing = "session_missing",
        /// No such agency.
        AgencyUnknown = "agency_unknown",
        /// No such category.
        CategoryUnknown = "category_unknown",
        /// The category does not allow this way of authenticating.
        WayNotAllowed = "way_not_allowed",
        /// Outside the agency's 利用時間; `retry_after` says when it opens.
        OutsideHours = "outside_hours",
        /// The card must be presented first.
        CardNotPresented = "card_not_presented",
        /// The company must be looked up first.
        CompanyNotSelected = "company_not_selected",

        // Challenge and token.
        /// This session has asked for no challenge.
        NonceMissing = "nonce_missing",
        /// The challenge is older than five minutes.
        NonceExpired = "nonce_expired",
        /// The challenge has already been answered.
        NonceUsed = "nonce_used",
        /// Not a token: a part is missing, too long or not base64.
        TokenMalformed = "token_malformed",
        /// A format other than `web-eid:1`.
        TokenFormat = "token_format",
        /// An algorithm that is not accepted, or does not match the certificate's key.
        TokenAlgorithm = "token_algorithm",
        /// The signature does not match: made for another site or another challenge, or damaged.
        TokenSignature = "token_signature",

        // Certificate.
        /// Not a certificate.
        CertificateMalformed = "certificate_malformed",
        /// Expired.
        CertificateExpired = "certificate_expired",
        /// Not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid",
        /// No path to a trust anchor.
        CertificateUnknownIssuer = "certificate_unknown_issuer",
        /// Revoked by its issuer, or an issuer above was.
        CertificateRevoked = "certificate_revoked",
        /// Key usage or extended key usage does not allow logging in.
        CertificateKeyUsage = "certificate_key_usage",
        /// SHA-1, RSA below 2048 bits, or a key type that is not accepted.
        CertificateWeak = "certificate_weak",
        /// The path violates RFC 5280 (constraints, policies, an issuer that is not a CA).
        CertificatePath = "certificate_path",
        /// A certificate policy required by the server is missing, or a forbidden one is present.
        CertificatePolicy = "certificate_policy",
        /// Issued by a certification authority that the agency does not accept; its profile names those that it
        /// does.
        AuthorityNotAccepted = "authority_not_accepted",
        /// Not the certificate registered under that issuer and serial number.
        CertificateForged = "certificate_forged",
        /// The certificate names another company than the roster, and the agency refuses that.
        CompanyMismatch = "company_mismatch",
        /// Issued by 公的個人認証サービス, and the agency does not accept My Number Cards.
        MyNumberNotAccepted = "my_number_not_accepted",
        /// A CRL is required and none of that issuer is available.
        CrlMissing = "crl_missing",
        /// The issuer's CRL is past its nextUpdate.
        CrlExpired = "crl_expired",
        /// The issuer's CRL has an invalid signature or is of an unsupported kind.
        CrlInvalid = "crl_invalid",

        // Registration.
        /// 登録 with a card that this agency already knows.
        CardAlreadyRegistered = "card_already_registered",
        /// 電子入札 or 変更 with a card that this agency does not know.
        CardNotRegistered = "card_not_registered",
        /// A card that has been replaced by another; `card` says which.
        CardReplaced = "card_replaced",
        /// The number is not in the roster.
        NumberNotFound = "number_not_found",
        /// The number exists, under another name.
        NameMismatch = "name_mismatch",
        /// ユーザID or パスワード is wrong.
        CredentialsWrong = "credentials_wrong",
        /// Number and name do not match; an agency with secret numbers says no more.
        CompanyNotFound = "company_not_found",
        /// ICカード更新 with the same card twice.
        SameCard = "same_card",
        /// ICカード更新 with a new card that is registered already, for this company or another.
        NewCardRegistered = "new_card_registered",
        /// Login with an ID whose application is under review.
        ApplicationPending = "application_pending",
        /// Login with an ID whose application was rejected.
        ApplicationRejected = "application_rejected",
        /// Another company has taken this ユーザーID.
        LoginIdTaken = "login_id_taken",
        /// The link for a new password was used, has expired, or is not ours.
        LinkInvalid = "link_invalid",
        /// `fields` says which.
        FieldsInvalid = "fields_invalid",
        /// The registration has changed meanwhile; look at it again.
        Stale = "stale",
        /// The agency wants this signed by the card, and the page sent no signature.
        SignatureRequired = "signature_required",
        /// The signed 申請書 is not what would be registered: something has changed since the confirmation was
        /// shown.
        DocumentDiffers = "document_differs",
        /// The signature is no longer expected: too late, or another page has taken over.
        SignatureOutdated = "signature_outdated",
        /// The signature's time is too far from now: the computer's clock is wrong.
        ClockWrong = "clock_wrong",
        /// The 申請書 was signed by another card than the one presented.
        SignedByOtherCard = "signed_by_other_card",
        /// Login or change while the card's registration is under review.
        RegistrationPending = "registration_pending",
        /// The agency suspended the company.
        CompanySuspended = "company_suspended",
        /// The agency suspended the card.
        CardSuspended = "card_suspended",
        /// The agency or the company itself suspended the ID.
        AccountSuspended = "account_suspended",

        // The officers' side.
        /// The officer's role does not allow this.
        Forbidden = "forbidden",
        /// The new password is too short or too common.
        PasswordWeak = "password_weak",
        /// An administrator tried to stop or demote themselves.
        LastManager = "last_manager",
        /// The second approver must not be the first.
        SameOfficer = "same_officer",
        /// The approval would not count beside the first one: [`crate::officer::review::ApprovalBlock`].
        ApproverDependent = "approver_dependent",
        /// A reason is required, and must not be too long.
        ReasonMissing = "reason_missing",
        /// Another import of the agency is under way.
        ImportRunning = "import_running",
        /// Two columns are mapped to one field, or a required field is missing.
        ImportColumns = "import_columns",
        /// Not possible in the current state.
        WrongState = "wrong_state",
        /// The new profile has mistakes; [`CheckProfile`](crate::endpoint::officer::CheckProfile) lists them.
        ProfileInvalid = "profile_invalid",
    }
}

impl ApiError {
    /// An error fully described by its code.
    pub fn new(code: ApiErrorCode) -> Self {
        Self {
            code,
            fields: Vec::new(),
            card: Values::default(),
            retry_after: None,
            request_id: String::new(),
        }
    }
}

//! How a request is refused.

use serde::{Deserialize, Serialize};

use crate::{
    agency::DeskKind,
    field::{FieldError, Values},
};

/// The body of every unsuccessful response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// With `company_suspended` and `qualification_expired`: the last day, `YYYY-MM-DD` in Japan, if there is one.
    /// With `qualification_not_begun`: the day that it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Seconds to wait, with `rate_limited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The request's number in the server's log, for the help desk.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

/// The table of codes: name, HTTP status, and whom contractors call. Their texts are in `texts`.
macro_rules! api_codes {
    (
        $(#[$enum_doc:meta])*
        pub enum $enum:ident { $($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $desk:ident;)* }
    ) => {
        codes! {
            $(#[$enum_doc])*
            pub enum $enum { $($(#[$doc])* $name = $text,)* }
        }

        impl $enum {
            /// The status of the answer.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Whom to call.
            pub fn desk(self) -> DeskKind {
                match self { $(Self::$name => DeskKind::$desk,)* }
            }
        }
    };
}

api_codes! {
    /// The reasons for which the server may refuse a request. Stable; the texts belong to the apps.
    pub enum ApiErrorCode {
        // The request itself.
        /// Not JSON, or not the request's schema.
        BadRequest = "bad_request", 400, Helpdesk;
        /// The body exceeds this request's limit.
        PayloadTooLarge = "payload_too_large", 413, Helpdesk;
        /// A content type other than JSON.
        UnsupportedMediaType = "unsupported_media_type", 415, Helpdesk;
        /// The request came from another site.
        CrossSite = "cross_site", 403, Helpdesk;
        /// No such address.
        NotFound = "not_found", 404, Helpdesk;
        /// Too many requests from this session or address.
        RateLimited = "rate_limited", 429, Helpdesk;
        /// The server is stopping or its database is busy; try again.
        Unavailable = "unavailable", 503, Helpdesk;
        /// A defect of ours.
        Internal = "internal", 500, Helpdesk;

        // Session and order.
        /// No session, or it has ended; what was typed is kept and comes back with the card.
        SessionMissing = "session_missing", 401, Helpdesk;
        /// No such agency.
        AgencyUnknown = "agency_unknown", 404, Helpdesk;
        /// No such category.
        CategoryUnknown = "category_unknown", 404, Helpdesk;
        /// The category does not allow this way of authenticating.
        WayNotAllowed = "way_not_allowed", 409, Agency;
        /// Outside the agency's 利用時間; `retry_after` says when it opens. Not a server failure: an alert on 5xx must not
        /// go off every Sunday.
        OutsideHours = "outside_hours", 403, Agency;
        /// The card must be presented first.
        CardNotPresented = "card_not_presented", 409, Helpdesk;
        /// The company must be looked up first.
        CompanyNotSelected = "company_not_selected", 409, Helpdesk;

        // Challenge and token.
        /// This session has asked for no challenge.
        NonceMissing = "nonce_missing", 409, Helpdesk;
        /// The challenge is older than five minutes.
        NonceExpired = "nonce_expired", 409, Helpdesk;
        /// The challenge has already been answered.
        NonceUsed = "nonce_used", 409, Helpdesk;
        /// Not a token: a part is missing, too long or not base64.
        TokenMalformed = "token_malformed", 422, Helpdesk;
        /// A format other than `web-eid:1`.
        TokenFormat = "token_format", 403, Helpdesk;
        /// An algorithm that is not accepted, or does not match the certificate's key.
        TokenAlgorithm = "token_algorithm", 403, CertificationAuthority;
        /// The signature does not match: made for another site or another challenge, or damaged.
        TokenSignature = "token_signature", 403, Helpdesk;

        // Certificate.
        /// Not a certificate.
        CertificateMalformed = "certificate_malformed", 403, CertificationAuthority;
        /// Expired.
        CertificateExpired = "certificate_expired", 403, CertificationAuthority;
        /// Not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid", 403, CertificationAuthority;
        /// No path to a trust anchor.
        CertificateUnknownIssuer = "certificate_unknown_issuer", 403, Agency;
        /// Revoked by its issuer, or an issuer above was.
        CertificateRevoked = "certificate_revoked", 403, CertificationAuthority;
        /// Key usage or extended key usage does not allow logging in.
        CertificateKeyUsage = "certificate_key_usage", 403, CertificationAuthority;
        /// SHA-1, RSA below 2048 bits, or a key type that is not accepted.
        CertificateWeak = "certificate_weak", 403, CertificationAuthority;
        /// The path violates RFC 5280 (constraints, policies, an issuer that is not a CA).
        CertificatePath = "certificate_path", 403, CertificationAuthority;
        /// A certificate policy required by the server is missing, or a forbidden one is present.
        CertificatePolicy = "certificate_policy", 403, CertificationAuthority;
        /// Issued by a certification authority that the agency does not accept; its profile names those that it
        /// does.
        AuthorityNotAccepted = "authority_not_accepted", 403, Agency;
        /// Not the certificate registered under that issuer and serial number.
        CertificateForged = "certificate_forged", 403, Agency;
        /// The certificate names another company than the roster, and the agency refuses that.
        CompanyMismatch = "company_mismatch", 422, Agency;
        /// Issued by 公的個人認証サービス, and the agency does not accept My Number Cards.
        MyNumberNotAccepted = "my_number_not_accepted", 403, Agency;
        /// A CRL is required and none of that issuer is available.
        CrlMissing = "crl_missing", 403, Helpdesk;
        /// The issuer's CRL is past its nextUpdate.
        CrlExpired = "crl_expired", 403, Helpdesk;
        /// The issuer's CRL has an invalid signature or is of an unsupported kind.
        CrlInvalid = "crl_invalid", 403, Helpdesk;

        // Registration.
        /// 登録 with a card that this agency already knows.
        CardAlreadyRegistered = "card_already_registered", 409, Agency;
        /// 電子入札 or 変更 with a card that this agency does not know.
        CardNotRegistered = "card_not_registered", 409, Agency;
        /// A card that has been replaced by another; `card` says which.
        CardReplaced = "card_replaced", 409, Agency;
        /// The number is not in the roster.
        NumberNotFound = "number_not_found", 422, Agency;
        /// The number exists, under another name.
        NameMismatch = "name_mismatch", 422, Agency;
        /// ユーザID or パスワード is wrong.
        CredentialsWrong = "credentials_wrong", 422, Agency;
        /// Number and name do not match; an agency with secret numbers says no more.
        CompanyNotFound = "company_not_found", 422, Agency;
        /// 有効期限 of the company's qualification has passed.
        QualificationExpired = "qualification_expired", 422, Agency;
        /// 認定日 of the company's qualification is to come.
        QualificationNotBegun = "qualification_not_begun", 422, Agency;
        /// ID登録申請 of a company that has handed in no 利用申請書.
        PermitMissing = "permit_missing", 422, Agency;
        /// ID登録申請 of a company whose 利用申請書 waits for 許可.
        PermitPending = "permit_pending", 422, Agency;
        /// ICカード更新 with the same card twice.
        SameCard = "same_card", 409, Helpdesk;
        /// ICカード更新 with a new card that is registered already, for this company or another.
        NewCardRegistered = "new_card_registered", 409, Agency;
        /// Login with an ID whose application is under review.
        ApplicationPending = "application_pending", 409, Agency;
        /// Login with an ID whose application was rejected.
        ApplicationRejected = "application_rejected", 409, Agency;
        /// Another company has taken this ユーザーID.
        LoginIdTaken = "login_id_taken", 409, Agency;
        /// The link for a new password was used, has expired, or is not ours.
        LinkInvalid = "link_invalid", 422, Helpdesk;
        /// `fields` says which.
        FieldsInvalid = "fields_invalid", 422, Helpdesk;
        /// The registration has changed meanwhile; look at it again.
        Stale = "stale", 409, Helpdesk;
        /// The agency wants this signed by the card, and the page sent no signature.
        SignatureRequired = "signature_required", 409, Agency;
        /// The signed 申請書 is not what would be registered: something has changed since the confirmation was
        /// shown.
        DocumentDiffers = "document_differs", 409, Helpdesk;
        /// The signature is no longer expected: too late, or another page has taken over.
        SignatureOutdated = "signature_outdated", 409, Helpdesk;
        /// The signature's time is too far from now: the computer's clock is wrong.
        ClockWrong = "clock_wrong", 409, Helpdesk;
        /// The 申請書 was signed by another card than the one presented.
        SignedByOtherCard = "signed_by_other_card", 409, Helpdesk;
        /// Login or change while the card's registration is under review.
        RegistrationPending = "registration_pending", 409, Agency;
        /// The agency suspended the company.
        CompanySuspended = "company_suspended", 403, Agency;
        /// The agency suspended the card.
        CardSuspended = "card_suspended", 403, Agency;
        /// The agency or the company itself suspended the ID.
        AccountSuspended = "account_suspended", 403, Agency;

        // The officers' side.
        /// The officer's role does not allow this.
        Forbidden = "forbidden", 403, Helpdesk;
        /// The new password is too short or too common.
        PasswordWeak = "password_weak", 422, Helpdesk;
        /// An administrator tried to stop or demote themselves.
        LastManager = "last_manager", 409, Helpdesk;
        /// The second approver must not be the first.
        SameOfficer = "same_officer", 409, Helpdesk;
        /// The approval would not count beside the first one: [`crate::officer::review::ApprovalBlock`].
        ApproverDependent = "approver_dependent", 409, Helpdesk;
        /// A reason is required, and must not be too long.
        ReasonMissing = "reason_missing", 422, Helpdesk;
        /// The period of a suspension ends before it begins, or has ended already.
        PeriodInvalid = "period_invalid", 422, Helpdesk;
        /// Another import of the agency is under way.
        ImportRunning = "import_running", 409, Helpdesk;
        /// Two columns are mapped to one field, or a required field is missing.
        ImportColumns = "import_columns", 422, Helpdesk;
        /// Not possible in the current state.
        WrongState = "wrong_state", 409, Helpdesk;
        /// The new profile has mistakes; [`CheckProfile`](crate::endpoint::officer::CheckProfile) lists them.
        ProfileInvalid = "profile_invalid", 422, Helpdesk;
    }
}

impl ApiError {
    /// An error fully described by its code.
    pub fn new(code: ApiErrorCode) -> Self {
        Self {
            code,
            fields: Vec::new(),
            card: Values::default(),
            until: None,
            retry_after: None,
            request_id: String::new(),
        }
    }
}

//! The server's HTTP API: requests, responses and error codes. Paths are given at each request.
//!
//! Every request except `GET` carries JSON and must come from the server's own origin. A session lives in the
//! cookie [`SESSION_COOKIE`]; its progress so far is a [`SessionView`].

use serde::{Deserialize, Serialize};

pub use crate::filing::{Function, Prepared};

use crate::{
    account::ApplicationView,
    agency::{AgencyProfile, Way},
    document::DocumentSignature,
    field::{FieldError, Values},
    form::Occasion,
    identity::{CompanyMatch, ReviewCause},
    localized::Localized,
    purpose::Purpose,
    token::{Nonce, Token},
};

/// The session's cookie. `__Host-`: secure, no domain, path `/` (RFC 6265bis, 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-touroku";

/// `GET /api/portal`: what the entry page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// Server version.
    pub version: String,
    /// Ids that the extension may have (self-hosted, Chrome store, Edge store).
    pub extension_ids: Vec<String>,
    /// The agencies of this server that are in no portal; with `?members=true`, all.
    pub agencies: Vec<AgencySummary>,
    /// The portals of several agencies (共同利用), whose members [`JointPortal`] lists.
    #[serde(default)]
    pub portals: Vec<AgencySummary>,
    /// The certification authorities whose cards may occur, where there is something to say about them.
    #[serde(default)]
    pub authorities: Vec<AuthorityView>,
}

/// A certification authority: whom to call about its cards, and how they are unlocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityView {
    /// The CA, or its service, as its customers know it.
    pub name: String,
    /// The name of its file, which [`crate::agency::Cards::authorities`] refers to.
    #[serde(default)]
    pub code: String,
    /// `attribute=value` pairs that the issuer's name on its cards contains; empty where unknown.
    pub issuer: Vec<String>,
    /// Its help desk's phone number; empty for none, like the next two.
    pub phone: String,
    /// Mail address.
    pub email: String,
    /// Web page.
    pub url: String,
    /// How a locked card is unlocked, in paragraphs.
    pub unlock: Vec<String>,
    /// The number of wrong PINs after which its cards lock.
    pub tries: Option<u8>,
}

/// An agency in the entry page's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencySummary {
    /// Profile code.
    pub code: String,
    /// 調達機関.
    pub name: Localized,
}

/// `GET /api/portals/{code}`: a portal of several agencies (共同利用).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointPortal {
    /// As displayed.
    pub name: Localized,
    /// Notices; empty for none.
    pub notices: Vec<Localized>,
    /// In the order of their readings.
    pub members: Vec<MemberSummary>,
}

/// A member of a portal, in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSummary {
    /// Profile code.
    pub code: String,
    /// 自治体名, without the portal's name.
    pub name: Localized,
    /// Its reading, in hiragana.
    pub kana: String,
}

/// `GET /api/agencies/{code}` answers an [`AgencyProfile`].
pub type AgencyResponse = AgencyProfile;

/// `GET /api/clock`: the server's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
}

/// `POST /api/session`: begins a session at an agency and category, replacing an existing one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartSession {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// By card or by ID and password; the category must allow it.
    #[serde(default)]
    pub way: Way,
}

/// `GET /api/session`, and the answer to most requests: the session's progress. A reloaded page draws itself from
/// this alone. `DELETE /api/session` ends the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// By card or by ID and password.
    #[serde(default)]
    pub way: Way,
    /// When the session ends if nothing is requested before, Unix milliseconds.
    pub expires_unix_ms: i64,
    /// What the person logged in for; `None` before the card was presented.
    pub purpose: Option<Purpose>,
    /// The card that was presented; at ICカード更新 the current card.
    pub card: Option<CardView>,
    /// ICカード更新: the new card, once presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_card: Option<CardView>,
    /// 簡易認証: the ID that logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_id: Option<String>,
    /// 簡易認証: the company's ID登録申請, if any. With a card: its pending 利用者登録; `POST
    /// /api/application/withdrawal` (empty body `{}`) takes one's own back and returns [`SessionView`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationView>,
    /// The company: found by the search, or the one the card is registered to.
    pub company: Option<CompanyView>,
    /// What was entered in the form and is not registered yet.
    pub draft: Option<Values>,
    /// The registration that this session completed.
    pub completed: Option<Completed>,
    /// Why a confirmation would wait for the officers; empty: it would not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<ReviewCause>,
    /// `company_suspended` or `card_suspended`: the session is back at its beginning because officers suspended
    /// what had let it in. Reported once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ApiErrorCode>,
}

impl SessionView {
    /// A session that has just begun.
    pub fn begun(agency: &str, category: &str, way: Way, expires_unix_ms: i64) -> Self {
        Self {
            agency: agency.to_owned(),
            category: category.to_owned(),
            way,
            expires_unix_ms,
            purpose: None,
            card: None,
            new_card: None,
            login_id: None,
            application: None,
            company: None,
            draft: None,
            completed: None,
            review: Vec::new(),
            refused: None,
        }
    }
}

/// The card of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// The `card_*` and `certificate_*` fields of the certificate. Absent attributes are empty.
    pub values: Values,
    /// Whole days until the certificate expires; 0 on the last day.
    pub days_left: i64,
    /// Whether this card is registered with this agency.
    pub registered: bool,
    /// How its company compares with the session's, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_match: Option<CompanyMatch>,
}

/// A company in the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyView {
    /// Company rows, and the values that the form's rows are filled with: from the registration if there is one,
    /// otherwise from the roster and the rows' `prefill`. `company_id` is empty before the first registration.
    pub values: Values,
    /// Which rows are being edited.
    pub occasion: Occasion,
    /// Counts changes to the registration: a 変更 names the revision that it edited.
    #[serde(default)]
    pub revision: i64,
}

/// `POST /api/challenge`: asks for a challenge for one purpose. Returns [`Challenge`]; the session's previous one
/// becomes void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewChallenge {
    /// What the card will be presented for.
    pub purpose: Purpose,
}

/// What to sign, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Valid for the requested purpose at this agency.
    pub nonce: Nonce,
    /// The agency's name, for the card window.
    pub agency: String,
}

/// `POST /api/login`: the signed challenge. Returns [`SessionView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// From the extension.
    pub token: Token,
    /// What the card was presented for.
    pub purpose: Purpose,
    /// 担当者; empty for none.
    #[serde(default)]
    pub person_in_charge: String,
}

/// `POST /api/company/search`: 資格審査情報検索. Returns [`SessionView`] with the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanySearch {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// ユーザID; empty for none.
    #[serde(default)]
    pub user_id: String,
    /// パスワード; empty for none.
    #[serde(default)]
    pub password: String,
}

/// `PUT /api/draft`: saves what was typed, valid or not. Returns 204.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// The form's fields.
    pub values: Values,
}

/// A signed 申請書.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What the page displayed, as [`crate::document`] writes it. The server writes its own and refuses any
    /// difference.
    pub document: String,
    /// Made by the card.
    pub signature: DocumentSignature,
}

/// `POST /api/registration`: 登録. Returns [`SessionView`] with `completed`. Repeating it with the same
/// `submission` registers once and returns the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// The form's fields.
    pub values: Values,
    /// Present where the agency wants applications signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// `POST /api/change`: 変更 with a card. Returns [`SessionView`] with `completed`; `stale` when the registration
/// is no longer at that revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// The [`CompanyView::revision`] that was edited.
    pub revision: i64,
    /// The form's fields.
    pub values: Values,
    /// Present where the agency wants applications signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// `POST /api/renewal`: ICカード更新, after both cards were presented. From its commit on, the new card logs in
/// and the old one does not. Returns [`SessionView`] with `completed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// Present where the agency wants applications signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// `GET /api/agencies/{code}/companies?row=あ&query=…&after=…`: 業者番号一覧, sorted by kana and paged.
/// `not_found` where the agency publishes none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyPage {
    /// This page's companies.
    pub companies: Vec<ListedCompany>,
    /// `after` of the next page, if there is one.
    pub next: Option<String>,
    /// The total on all pages; `None` where counting would take long.
    pub total: Option<u64>,
}

/// A company in 業者番号一覧.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCompany {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// Its kana, full-width katakana.
    pub kana: String,
}

/// `GET /api/postal/{NNNNNNN}`: the addresses of a 郵便番号; empty for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalMatches {
    /// 都道府県, 市区町村 and 町域 together.
    pub addresses: Vec<String>,
}

/// A completed registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    /// What was completed.
    #[serde(default)]
    pub function: Function,
    /// 企業ID; empty after an ID登録申請, which issues none.
    pub company_id: String,
    /// Every row of 登録内容確認 and of the 利用者情報 printout.
    pub values: Values,
    /// The addresses the mail goes to.
    pub mailed_to: Vec<String>,
    /// Those of them not confirmed yet: they first get a mail asking for confirmation, and the others follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Whether it waits for the agency's review before it takes effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// 受付番号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub receipt: String,
    /// Whether it was signed: `GET /api/receipt/document` and `GET /api/receipt/signature` return its two files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
}

/// The body of every unsuccessful response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        /// The new profile has mistakes; `POST /api/officer/profile/check` lists them.
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

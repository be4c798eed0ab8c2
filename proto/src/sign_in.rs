//! Sign-in for bidding systems (OpenID Connect): the systems that an agency knows, what they learn about a
//! contractor, and what the page needs for a pending sign-in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{feed::FEED_SCOPE, localized::Localized, way::Way};

/// The version of [`Claims`]. It rises when a claim changes its meaning or is removed, not when one is added.
pub const CLAIMS_VERSION: u32 = 1;

/// Before [`SignIn::id`] in the address that a bidding system's browser is sent to: `/AGENCY#sign-in=ID`.
pub const FRAGMENT: &str = "sign-in=";

/// The cookie that binds a sign-in to the browser that a bidding system sent here.
pub const SIGN_IN_COOKIE: &str = "__Host-touroku-sign-in";

/// `acr` of a sign-in by IC card.
pub const ACR_CARD: &str = "urn:touroku:acr:card";

/// `acr` of a sign-in by ID and password (簡易認証).
pub const ACR_PASSWORD: &str = "urn:touroku:acr:password";

/// `GET /api/sign-in?id=…`: the pending sign-in that this browser was sent here for. `not_found`: none, expired,
/// or of another browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignIn {
    /// Its identifier.
    pub id: String,
    /// Profile code.
    pub agency: String,
    /// The bidding system's name.
    pub client: Localized,
    /// The categories it is for.
    pub categories: Vec<String>,
    /// The accepted ways of authenticating.
    pub ways: Vec<Way>,
    /// The ユーザーID that the system expects; empty: none.
    pub login_hint: String,
    /// The language that the system asks for (`ja`, `en`); empty: none.
    pub language: String,
    /// When it expires, Unix milliseconds.
    pub expires_unix_ms: i64,
}

/// `POST /api/sign-in`: returns [`Onward`].
///
/// To finish it the session must have logged in for 電子入札 after the sign-in began: `not_found` as above,
/// `card_not_presented` before, `way_not_allowed` for another agency, category or way, and whatever refuses a
/// login. The session ends with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndSignIn {
    /// [`SignIn::id`].
    pub id: String,
    /// Cancel it and go back to the bidding system.
    #[serde(default)]
    pub give_up: bool,
}

/// Where the browser goes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Onward {
    /// The bidding system's URL, with the response.
    pub location: String,
}

/// The scopes besides `openid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientScope {
    /// [`Claims::company`].
    Company,
    /// [`Claims::card`].
    Card,
    /// [`CardClaim::certificate`].
    Certificate,
    /// [`Claims::contacts`].
    Contacts,
    /// [`crate::feed`]: what happens to all registrations. No person's sign-in is asked for it.
    Feed,
}

impl ClientScope {
    /// Those of a sign-in.
    pub const SIGN_IN: [Self; 4] = [Self::Company, Self::Card, Self::Certificate, Self::Contacts];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Card => "card",
            Self::Certificate => "certificate",
            Self::Contacts => "contacts",
            Self::Feed => FEED_SCOPE,
        }
    }
}

/// How ID tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TokenAlgorithm {
    /// RSA with PKCS #1 1.5, SHA-256: what every client takes.
    #[default]
    RS256,
    /// ECDSA over P-256, SHA-256.
    ES256,
}

impl TokenAlgorithm {
    /// All.
    pub const ALL: [Self; 2] = [Self::RS256, Self::ES256];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
        }
    }
}

/// A system that may sign contractors in through this server: an OpenID Connect client. `[[clients]]` of a
/// profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its `client_id` at this agency: lower-case letters, digits and hyphens.
    pub code: String,
    /// As shown to contractors.
    pub name: Localized,
    /// Where responses go; compared character by character. Empty: nobody signs in to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logging out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is notified that a sign-in has ended; empty: nowhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub backchannel_logout_uri: String,
    /// Where events of the feed are sent (Standard Webhooks); empty: nowhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub webhook_uri: String,
    /// Another number makes another webhook secret.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub webhook_secret_version: u32,
    /// SHA-256 (hex) of the secrets that it may present (`client_secret_basic`): two during a rotation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_sha256: Vec<String>,
    /// Its public keys, PEM (`private_key_jwt`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public_keys: Vec<String>,
    /// What it may ask for.
    #[serde(default)]
    pub scopes: Vec<ClientScope>,
    /// The categories that it is for; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// The ways that it takes; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// Clients of one sector know a registration by the same `sub`; empty: a sector of its own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sector: String,
    /// How its ID tokens are signed.
    #[serde(default)]
    pub algorithm: TokenAlgorithm,
    /// Its requests must be pushed (RFC 9126).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pushed_only: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Client {
    /// Whether it may ask for that.
    pub fn may(&self, scope: ClientScope) -> bool {
        self.scopes.contains(&scope)
    }

    /// What its `sub` is derived for.
    pub fn sector(&self) -> &str {
        if self.sector.is_empty() { &self.code } else { &self.sector }
    }

    /// Whether it accepts this way.
    pub fn takes(&self, way: Way) -> bool {
        self.ways.is_empty() || self.ways.contains(&way)
    }

    /// Whether it is for that category.
    pub fn is_for(&self, category: &str) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|code| code == category)
    }
}

/// What ID token and UserInfo contain besides the claims of OpenID Connect. Empty claims are omitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// [`CLAIMS_VERSION`].
    pub claims_version: u32,
    /// The sign-in, as referred to by logout tokens.
    pub sid: String,
    /// Profile code of the agency.
    pub agency: String,
    /// Code of the category (区分) that the person signed in for.
    pub category: String,
    /// Scope `company`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyClaim>,
    /// Scope `card`; by card only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardClaim>,
    /// Scope `contacts`: by block (`representative`, `card`, `applicant`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contacts: BTreeMap<String, ContactClaim>,
}

/// The company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyClaim {
    /// 企業ID. With ID and password a company may have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// 業者番号 of the roster.
    pub number: String,
    /// 法人番号, 13 digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub corporate_number: String,
    /// 商号又は名称.
    pub name: String,
    /// 商号又は名称 (カナ).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// 郵便番号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// 住所.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// 代表者氏名.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative_name: String,
    /// 代表者役職.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative_title: String,
    /// 支店名等.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// 委任先: who deals with the agency on the company's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<DelegateClaim>,
    /// Codes of the categories (区分) that the company is qualified for.
    pub categories: Vec<String>,
    /// 資格の種類 → 等級.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub qualifications: BTreeMap<String, String>,
}

/// 委任先.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DelegateClaim {
    /// Its name, after the company's.
    pub name: String,
    /// 郵便番号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// 住所.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// 受任者氏名.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative_name: String,
    /// 受任者役職.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative_title: String,
}

/// The card that signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardClaim {
    /// The issuer's name, most specific part first.
    pub issuer: String,
    /// Serial number, decimal.
    pub serial: String,
    /// The same, upper-case hex, two digits per byte.
    pub serial_hex: String,
    /// ICカード取得者氏名.
    pub holder: String,
    /// ICカード企業名称.
    pub company_name: String,
    /// The last second of its validity, Unix seconds.
    pub not_after: i64,
    /// SHA-256 of the certificate's DER, hex.
    pub sha256: String,
    /// Scope `certificate`, in UserInfo only: the DER, Base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate: String,
}

/// A contact, as it was registered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactClaim {
    /// 連絡先名称(部署名等).
    pub name: String,
    /// 連絡先氏名.
    pub person: String,
    /// 連絡先郵便番号.
    pub postal_code: String,
    /// 連絡先住所.
    pub address: String,
    /// 連絡先電話番号.
    pub phone: String,
    /// 連絡先FAX番号.
    pub fax: String,
    /// 連絡先メールアドレス.
    pub email: String,
}

//! The feed, for systems that keep users of their own: what happened to an agency's registrations, in order.
//!
//! `GET /feed/v1/events?after=N&limit=N` with an access token for the scope `feed` returns a [`FeedPage`]. The same
//! [`FeedEvent`]s are posted to a client's `webhook_uri`, signed as Standard Webhooks 1.0 says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sign_in::{CardClaim, CompanyClaim, ContactClaim};

/// The scope of its access tokens.
pub const FEED_SCOPE: &str = "feed";

/// How many events a page has unless `limit` says otherwise.
pub const FEED_PAGE: u32 = 100;

/// The most events of a page.
pub const LARGEST_FEED_PAGE: u32 = 500;

/// A part of the feed, oldest event first. Its `ETag` stays the same as long as everything in it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedPage {
    /// The events; empty: nothing has happened since.
    pub events: Vec<FeedEvent>,
    /// `after` of the next request.
    pub next: i64,
    /// Whether there was more than `limit` allowed.
    pub more: bool,
}

/// Something that happened to a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedEvent {
    /// Its place in the agency's feed; also the `webhook-id`. Whoever gets one twice got one event.
    pub id: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: FeedKind,
    /// When, RFC 3339 in UTC.
    pub timestamp: String,
    /// To which registration.
    pub data: Registration,
}

named! {
    /// What happened. Neither `card` nor `account` in [`Registration`]: to the company with all its cards and IDs.
    #[derive(PartialOrd, Ord)]
    pub enum FeedKind {
        /// A card was registered (登録).
        Created = "registration.created",
        /// Values of a company, a card or an ID were changed (変更).
        Changed = "registration.changed",
        /// A card took the place of another (ICカード更新); the other one's `replaced` comes before it.
        Renewed = "registration.renewed",
        /// A card's place was taken by another.
        Replaced = "registration.replaced",
        /// A card, ID or company was suspended (停止).
        Suspended = "registration.suspended",
        /// It is suspended no longer (解除).
        Resumed = "registration.resumed",
        /// A card was found to be revoked (失効).
        Revoked = "registration.revoked",
        /// An ID was approved (簡易認証).
        IdApproved = "registration.id_approved",
        /// Nothing happened: an officer tries whether webhooks arrive. Never in the feed.
        Test = "test",
    }
}

/// A registration as it stands when it is read, whatever it was when the event happened: whoever has read the whole
/// feed has everything as it is, and what was corrected since is told to nobody again.
///
/// `company`, `card` and `contacts` are there as far as the client's scopes allow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registration {
    /// Profile code of the agency.
    pub agency: String,
    /// 業者番号 of the roster.
    pub number: String,
    /// Whether the company may use what it registered.
    pub state: RegistrationState,
    /// The company's suspension in force, or else the next to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<FeedSuspension>,
    /// The company; missing when the roster has it no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyClaim>,
    /// The card, if it happened to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<FeedCard>,
    /// The ID, if it happened to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<FeedAccount>,
    /// By block (`representative`, `card`, `applicant`), as in ID tokens.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contacts: BTreeMap<String, ContactClaim>,
}

/// The period of a company's suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedSuspension {
    /// Its first day, `YYYY-MM-DD` in Japan; missing: since it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its last day; missing: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it is in force now.
    pub in_force: bool,
}

/// Whether a company, card or ID may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// It may.
    #[default]
    Active,
    /// 停止.
    Suspended,
    /// Another card has its place.
    Replaced,
    /// 失効.
    Revoked,
    /// The company is no longer in the roster.
    Gone,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedCard {
    /// The card's own state; the company's counts as well.
    pub state: RegistrationState,
    /// What its certificate says.
    #[serde(flatten)]
    pub certificate: CardClaim,
}

/// An ID of 簡易認証.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedAccount {
    /// ユーザーID.
    pub login_id: String,
    /// The ID's own state; the company's counts as well.
    pub state: RegistrationState,
}

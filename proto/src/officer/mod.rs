//! The officers' side (発注機関): who signs in, and what their calls ([`crate::endpoint::officer`]) take and answer.

pub mod audit;
pub mod client;
pub mod company;
pub mod csv;
pub mod daily;
pub mod figures;
pub mod import;
pub mod mail;
pub mod number;
pub mod profile;
pub mod review;
pub mod roster;
pub mod settings;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    export::OfferedFile,
    field::{Rule, Values},
    token::{self, Token},
};

/// The officer's session cookie; separate from the contractor's, so that one browser may hold both.
pub const OFFICER_COOKIE: &str = "__Host-touroku-officer";

named! {
    /// What an officer may do. Each role may do what those before it may.
    #[derive(PartialOrd, Ord)]
    pub enum Role {
        /// 閲覧: look up, figures, exports.
        View = "view",
        /// 審査: decide applications, import rosters, issue numbers, suspend and lift.
        Review = "review",
        /// 管理: officers, 監査記録, 機関設定.
        Manage = "manage",
    }
}

impl Role {
    /// As shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "閲覧",
            Self::Review => "審査",
            Self::Manage => "管理",
        }
    }
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfficerView {
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Profile code.
    pub agency: String,
    /// 調達機関.
    pub agency_name: String,
    /// When the session ends if nothing is requested before, Unix milliseconds.
    pub expires_unix_ms: i64,
    /// When it ends in any case, Unix milliseconds.
    #[serde(default)]
    pub ends_unix_ms: Option<i64>,
    /// The server's time, Unix milliseconds.
    pub now_unix_ms: i64,
    /// Whether an IC card signs in to this account.
    pub has_card: bool,
    /// Which.
    #[serde(default)]
    pub card: Option<LinkedCard>,
    /// The account's previous sign-in, Unix milliseconds: a sign-in that was not the officer's becomes visible.
    #[serde(default)]
    pub previous_login_unix_ms: Option<i64>,
    /// What the officer gets mail about.
    #[serde(default)]
    pub notices: Notices,
    /// The files of the profile's `[[export]]`, which lists of companies may be written as.
    #[serde(default)]
    pub files: Vec<OfferedFile>,
}

/// What an officer gets mail about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// Every morning, what happened since the previous one ([`daily`]); no mail where nothing did. Without it, what
    /// is to be told with it is not told at all.
    pub daily: bool,
    /// A new ID登録申請 waits.
    pub application: MailWhen,
    /// A card waits for 審査.
    pub card: MailWhen,
    /// An import was checked, taken over or failed.
    pub import: MailWhen,
    /// A forged or revoked card, or a company that stopped one of its own. The morning's mail always has them.
    pub incident: MailWhen,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            daily: true,
            application: MailWhen::Daily,
            card: MailWhen::Daily,
            import: MailWhen::Never,
            incident: MailWhen::Daily,
        }
    }
}

named! {
    /// When an officer is mailed about something.
    pub enum MailWhen {
        /// Never.
        Never = "never",
        /// With the mail of the next morning.
        Daily = "daily",
        /// Within a minute or two.
        AtOnce = "at_once",
    }
}

/// A card that signs in to an officer's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkedCard {
    /// シリアル番号 of its certificate.
    pub serial: String,
    /// Since when, Unix milliseconds; `None`: linked before this was recorded.
    pub linked_unix_ms: Option<i64>,
}

/// ログインID, password and the six digits of the authenticator (RFC 6238).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OfficerLogin {
    /// Profile code.
    pub agency: String,
    /// ログインID.
    pub login_id: String,
    /// Password.
    pub password: String,
    /// Six digits.
    pub code: String,
}

/// Whose officer wants to present a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OfficerChallenge {
    /// Profile code.
    pub agency: String,
}

/// The challenge, signed with purpose `officer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OfficerCardLogin {
    /// Profile code.
    pub agency: String,
    /// From the extension. `None`: it is no token, which has a refusal of its own.
    #[serde(deserialize_with = "token::if_well_formed")]
    #[cfg_attr(feature = "schema", schemars(with = "Token"))]
    pub token: Option<Token>,
}

/// A card for the officer's own account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkCard {
    /// The password: a page left open must not be enough to link a card.
    pub password: String,
    /// Six digits.
    pub code: String,
    /// Over the challenge. `None` as in [`OfficerCardLogin`].
    #[serde(deserialize_with = "token::if_well_formed")]
    #[cfg_attr(feature = "schema", schemars(with = "Token"))]
    pub token: Option<Token>,
}

/// The link `/officer.html#setup=TOKEN` of a new account or of one whose password was forgotten.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginSetup {
    /// The URL fragment after `#setup=`, so that it appears in no log.
    pub token: String,
}

/// What the officer needs to set up an authenticator. The same for the lifetime of the link, so that a reloaded
/// page still matches the entry already on the phone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Setup {
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// 調達機関.
    pub agency_name: String,
    /// `otpauth://totp/…` (Key URI format).
    pub uri: String,
    /// The same secret in Base32, in groups of four, to be typed by hand.
    pub secret: String,
    /// The QR code of `uri`: rows of `0` and `1` (dark), without the quiet zone.
    pub qr: Vec<String>,
}

/// A new password, and a proof that the authenticator works.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishSetup {
    /// As in [`BeginSetup`].
    pub token: String,
    /// The new password: [`MIN_PASSWORD`] to 128 characters, not the ログインID, not a common one.
    pub password: String,
    /// Six digits.
    pub code: String,
}

/// The minimum length of an officer's password, in characters.
pub const MIN_PASSWORD: usize = 12;

/// The officer's own password, changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The current password.
    pub current: String,
    /// Six digits.
    pub code: String,
    /// As in [`FinishSetup`].
    pub password: String,
    /// Also unlink the card that signs in.
    #[serde(default)]
    pub unlink_card: bool,
}

/// Where an officer is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenSession {
    /// Identifies it; not the key.
    pub id: String,
    /// When it began, Unix milliseconds.
    pub began_unix_ms: i64,
    /// The time of its last request, Unix milliseconds.
    pub seen_unix_ms: i64,
    /// The client's address.
    pub address: String,
    /// Whether it was opened by a card.
    pub by_card: bool,
    /// Whether it is the one making the request.
    pub current: bool,
}

/// An account of the agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfficerAccount {
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The state of the account.
    pub state: OfficerState,
    /// The last sign-in, Unix milliseconds.
    pub last_login_unix_ms: Option<i64>,
    /// Sessions that are open now.
    pub sessions: u32,
    /// Whether an IC card signs in to it.
    pub has_card: bool,
    /// Counts its changes.
    #[serde(default)]
    pub revision: i64,
    /// Where the officer gets mail; empty: no address yet.
    #[serde(default)]
    pub email: String,
}

/// The state of an officer's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfficerState {
    /// The link has not been used yet.
    Invited,
    /// In use.
    Active,
    /// Stopped by an administrator.
    Stopped,
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddOfficer {
    /// ログインID: 3 to 32 of `a-z 0-9 . _ -`.
    pub login_id: String,
    /// 氏名: 1 to 60 characters.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Where the link goes.
    pub email: String,
}

/// An account, changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeOfficer {
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Whether it is stopped.
    pub stopped: bool,
    /// The [`OfficerAccount::revision`] that was edited. Pages that predate it send none: theirs is accepted as
    /// is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

/// Where another link goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetOfficer {
    /// An address that replaces the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A one-time link, mailed to its officer. Nobody else sees it: whoever creates an account can't use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkSent {
    /// Where it went.
    pub email: String,
    /// When it expires, Unix milliseconds.
    pub expires_unix_ms: i64,
}

/// The longest mail address, in characters (RFC 5321, 4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;

/// Whether this may be an officer's mail address.
pub fn is_email(text: &str) -> bool {
    Rule::Email { max: MAX_EMAIL }.check(text, &Values::default()).is_ok()
}

/// Implemented by hand because these hold passwords, codes and secrets.
macro_rules! hide {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}

hide!(LinkCard, OfficerLogin, BeginSetup, Setup, FinishSetup, ChangePassword);

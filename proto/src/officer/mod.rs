//! The officers' side (発注機関): who signs in, and what they may do. Requests and views beside those in
//! [`crate::api`], everything under `/api/officer`.
//!
//! An officer belongs to one agency. The agency of every request is that of the session in the cookie
//! [`OFFICER_COOKIE`]; no request names it, so that no request can name another one. What another agency has
//! answers `not_found`, as if it were not there.

pub mod audit;
pub mod company;
pub mod daily;
pub mod figures;
pub mod import;
pub mod number;
pub mod profile;
pub mod review;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    field::{Rule, Values},
    token::Token,
};

/// The officer's session cookie; another one than the contractor's, so that one browser may hold both.
pub const OFFICER_COOKIE: &str = "__Host-touroku-officer";

/// What an officer may do. Each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 閲覧: look up, figures, exports.
    View,
    /// 審査: decide applications, import rosters, issue numbers, suspend and lift.
    Review,
    /// 管理: officers, 監査記録, 機関設定.
    Manage,
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

/// `GET /api/officer/session`, and the answer to whatever signs in. `DELETE /api/officer/session` signs out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When the session ends unless something is asked before, Unix milliseconds.
    pub expires_unix_ms: i64,
    /// The server's time, Unix milliseconds.
    pub now_unix_ms: i64,
    /// Whether an IC card signs in to this account.
    pub has_card: bool,
    /// Which.
    #[serde(default)]
    pub card: Option<LinkedCard>,
    /// When this account signed in before, Unix milliseconds: a sign-in that was not the officer's shows.
    #[serde(default)]
    pub previous_login_unix_ms: Option<i64>,
    /// What the officer gets mail about.
    #[serde(default)]
    pub notices: Notices,
}

/// What an officer gets mail about. `PUT /api/officer/notices` sets it for oneself and answers [`OfficerView`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// Every morning, what happened since the last one ([`daily`]); none where nothing did.
    pub daily: bool,
}

impl Default for Notices {
    fn default() -> Self {
        Self { daily: true }
    }
}

/// A card that signs in to an officer's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedCard {
    /// シリアル番号 of its certificate.
    pub serial: String,
    /// Since when, Unix milliseconds; `None`: since before this was kept.
    pub linked_unix_ms: Option<i64>,
}

/// `POST /api/officer/login`: ログインID, password and the six digits of the authenticator (RFC 6238). Answers
/// [`OfficerView`]. Refused with `credentials_wrong` (whichever was wrong, or the account is stopped),
/// `rate_limited` with growing delays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// `POST /api/officer/challenge`: a challenge for officers of that agency. Answers [`crate::api::Challenge`] and sets
/// the cookie of a session that nobody has signed in to yet, unless there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerChallenge {
    /// Profile code.
    pub agency: String,
}

/// `POST /api/officer/card-login`: the answer to the challenge, signed with purpose `officer`. Answers
/// [`OfficerView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerCardLogin {
    /// Profile code.
    pub agency: String,
    /// From the extension.
    pub token: Token,
}

/// `POST /api/officer/card`: from now on this card signs in to the officer's own account, too; the officer is told by
/// mail. Answers [`OfficerView`]. Refused with `credentials_wrong`. `DELETE /api/officer/card` ends that.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkCard {
    /// The password: a page that was left open links nobody's card.
    pub password: String,
    /// Six digits.
    pub code: String,
    /// The answer to `POST /api/officer/challenge`.
    pub token: Token,
}

/// `POST /api/officer/setup/begin`: opens the link `/officer.html#setup=TOKEN` of a new account or of one whose
/// password was forgotten. Answers [`Setup`]; `link_invalid` when it was used, is too old, or is none of ours.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginSetup {
    /// The address's part after `#setup=`, so that it reaches no log.
    pub token: String,
}

/// What the officer needs to set up an authenticator. The same for the life of the link, so that a page that was
/// reloaded goes on with the entry that the phone has already.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// `POST /api/officer/setup`: sets the password and proves that the authenticator works. Answers [`OfficerView`]:
/// the officer is signed in; all older sessions of the account end. Refused with `link_invalid`,
/// `password_weak`, `credentials_wrong` (the code).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishSetup {
    /// As in [`BeginSetup`].
    pub token: String,
    /// The new password: at least [`MIN_PASSWORD`] characters, at most 128, not the ログインID, not one that
    /// everybody tries.
    pub password: String,
    /// Six digits.
    pub code: String,
}

/// The fewest characters of an officer's password.
pub const MIN_PASSWORD: usize = 12;

/// `POST /api/officer/password`: a new password for oneself; ends the account's other sessions. Answers 204.
/// Refused with `credentials_wrong`, `password_weak`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one until now.
    pub current: String,
    /// Six digits.
    pub code: String,
    /// As in [`FinishSetup`].
    pub password: String,
    /// The card that signs in, too, no longer does.
    #[serde(default)]
    pub unlink_card: bool,
}

/// `GET /api/officer/sessions`: where the officer is signed in, newest first, as an array. `DELETE
/// /api/officer/sessions/{id}` ends one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Names it; not the key.
    pub id: String,
    /// When it began, Unix milliseconds.
    pub began_unix_ms: i64,
    /// When something was last asked, Unix milliseconds.
    pub seen_unix_ms: i64,
    /// From which address.
    pub address: String,
    /// Whether it was opened by a card.
    pub by_card: bool,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /api/officer/officers` (管理): all accounts of the agency, as an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerAccount {
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// How far it is.
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
    /// Where the officer gets mail; empty: nowhere yet.
    #[serde(default)]
    pub email: String,
}

/// How far an officer's account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficerState {
    /// The link was not used yet.
    Invited,
    /// In use.
    Active,
    /// Stopped by an administrator.
    Stopped,
}

/// `POST /api/officer/officers` (管理): a new account. Answers [`LinkSent`]. `login_id_taken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// `PUT /api/officer/officers/{login_id}` (管理): answers the account. An administrator can neither stop nor demote
/// themselves (`last_manager`), so that an agency never stands without one. Stopping ends the account's sessions.
/// `stale` when the account was changed since that revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeOfficer {
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Whether it is stopped.
    pub stopped: bool,
    /// [`OfficerAccount::revision`] that was changed. Pages from before it send none: theirs is taken as it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

/// `POST /api/officer/officers/{login_id}/setup` (管理): password and authenticator are set again by another link; the old
/// ones stop at once. Answers [`LinkSent`]; `wrong_state` where there is no address yet and none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetOfficer {
    /// Another address than the one until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A one-time link, which went to its officer by mail. Nobody else sees it: who makes an account can't use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSent {
    /// Where it went.
    pub email: String,
    /// Until when it works, Unix milliseconds.
    pub expires_unix_ms: i64,
}

/// The longest mail address, in characters (RFC 5321, 4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;

/// Whether that may be an officer's mail address.
pub fn is_email(text: &str) -> bool {
    Rule::Email { max: MAX_EMAIL }.check(text, &Values::default()).is_ok()
}

/// By hand, because these hold passwords, codes and secrets.
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

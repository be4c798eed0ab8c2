//! 簡易認証: ID and password instead of a card. Requests and views beside those in [`crate::api`].
//!
//! A session begun with [`crate::agency::Way::Password`] searches the company (`POST /api/company/search`)
//! and applies, or logs in with what was approved. Passwords are letters and digits as the form's rule says;
//! the server keeps argon2id hashes only.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{field::Values, purpose::Purpose};

/// The ID登録申請 of the session's company, or the card's 利用者登録 that waits, as far as whoever asks may know of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationView {
    /// 受付番号, the latest first: for a call. Anybody hears of them who knows the company's number and name.
    pub numbers: Vec<String>,
    /// The one that whoever asks has made, or proved to have made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnApplication>,
}

/// An ID登録申請, for its applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnApplication {
    /// 受付番号.
    pub number: String,
    /// ユーザーID; empty for a card's.
    pub login_id: String,
    /// How far the review is.
    pub state: ApplicationState,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
    /// When it was made, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Whether it can be corrected: something was entered.
    #[serde(default)]
    pub entered: bool,
}

impl ApplicationState {
    /// Whether another application may follow.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn)
    }
}

/// How far an application is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// 申請中.
    Pending,
    /// 承認.
    Approved,
    /// 却下: the reason is there, and a new application may be made.
    Rejected,
    /// 取下げ by the applicant, and a new application may be made.
    Withdrawn,
}

/// `POST /api/account/application`: ID登録申請. Answers [`crate::api::SessionView`] with `completed`. Sent
/// twice with the same `submission`, it applies once and answers the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// Made by the page when the confirmation is shown: a random UUID.
    pub submission: String,
    /// The form's fields, with ID and password.
    pub values: Values,
}

/// `POST /api/account/login`: log in for 電子入札 or 変更. Answers [`crate::api::SessionView`] with company and
/// `login_id`. Refused with `credentials_wrong` (whichever was wrong), `application_pending`,
/// `application_rejected`, `rate_limited`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountLogin {
    /// ユーザーID.
    pub login_id: String,
    /// パスワード.
    pub password: String,
    /// [`Purpose::Bid`] or [`Purpose::Change`].
    pub purpose: Purpose,
}

/// `POST /api/account/proof`: proves an ID登録申請 of the session's company to be one's own, by the ID and password that
/// it was made with. Answers [`crate::api::SessionView`]. Refused with `credentials_wrong`, `rate_limited`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProveApplication {
    /// ユーザーID.
    pub login_id: String,
    /// パスワード.
    pub password: String,
}

/// `POST /api/account/result`: opens a session by the link `/result#TOKEN` in the mail that says what came of an
/// ID登録申請. Answers [`crate::api::SessionView`]. Refused with `link_invalid` (too old, unknown, applied again since).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenApplication {
    /// The address's part after `#`, so that it reaches no log.
    pub token: String,
}

/// `POST /api/account/change`: 変更 of ID, password and contacts. Answers [`crate::api::SessionView`] with
/// `completed`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// Made by the page when the confirmation is shown: a random UUID.
    pub submission: String,
    /// [`crate::api::CompanyView::revision`] of what was edited.
    pub revision: i64,
    /// The password until now: a page left open changes nothing.
    pub current_password: String,
    /// The form's fields; an empty password stays as it is.
    pub values: Values,
}

/// `POST /api/account/forgotten`: mail a link that sets a new password. Answers 204 whether or not such an ID
/// with such an address exists.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// Profile code.
    pub agency: String,
    /// ユーザーID.
    pub login_id: String,
    /// An address of the registration.
    pub email: String,
}

/// `POST /api/account/password`: set a new password by the mailed link `/reset#TOKEN`. Answers 204. Refused
/// with `link_invalid` (used, too old, unknown), `fields_invalid`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The address's part after `#`, so that it reaches no log.
    pub token: String,
    /// The new password.
    pub password: String,
}

/// `POST /api/mail/confirmation`: whoever reads at an address confirms it by the mailed link `/mail#TOKEN`. Answers 204, and
/// the same when it is sent again. Refused with `link_invalid` (too old, unknown).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmAddress {
    /// The address's part after `#`, so that it reaches no log.
    pub token: String,
}

/// By hand, because these hold passwords and addresses.
macro_rules! hide {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}

hide!(
    Apply,
    AccountLogin,
    ProveApplication,
    OpenApplication,
    ConfirmAddress,
    ChangeAccount,
    ForgottenPassword,
    ResetPassword
);

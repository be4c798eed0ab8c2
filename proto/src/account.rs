//! 簡易認証: ID and password instead of a card. Requests and views in addition to those in [`crate::api`].
//!
//! A session begun with [`crate::agency::Way::Password`] searches for the company and
//! applies, or logs in with an approved ID. Passwords are letters and digits as the form's rule says;
//! the server stores argon2id hashes only.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{field::Values, purpose::Purpose};

/// The ID登録申請 of the session's company, or the card's pending 利用者登録, as far as the caller may know about
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApplicationView {
    /// 受付番号, latest first, to quote on the phone. Shown to anybody who knows the company's number and name.
    pub numbers: Vec<String>,
    /// The one that the caller made, or proved to have made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnApplication>,
}

/// An ID登録申請 as shown to its applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnApplication {
    /// 受付番号.
    pub number: String,
    /// ユーザーID; empty for a card's.
    pub login_id: String,
    /// The state of the review.
    pub state: ApplicationState,
    /// Why it was rejected; empty if it was not.
    pub reason: String,
    /// When it was made, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Whether it can be corrected, that is, whether something was entered.
    #[serde(default)]
    pub entered: bool,
    /// The addresses of an ID's, where they have to be confirmed; whether they are is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
}

impl ApplicationState {
    /// Whether another application may follow.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn)
    }
}

/// The state of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// 申請中.
    Pending,
    /// 承認.
    Approved,
    /// 却下: the reason is given, and a new application may be made.
    Rejected,
    /// 取下げ by the applicant, and a new application may be made.
    Withdrawn,
}

/// ID登録申請.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// The form's fields, including ID and password.
    pub values: Values,
}

/// Login for 電子入札 or 変更.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountLogin {
    /// ユーザーID.
    pub login_id: String,
    /// パスワード.
    pub password: String,
    /// [`Purpose::Bid`] or [`Purpose::Change`].
    pub purpose: Purpose,
}

/// What an ID登録申請 was made with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProveApplication {
    /// ユーザーID.
    pub login_id: String,
    /// パスワード.
    pub password: String,
}

/// The link `/result#TOKEN` in the mail about the outcome of an ID登録申請.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenApplication {
    /// The URL fragment (after `#`), so that it appears in no log.
    pub token: String,
}

/// 変更 of ID, password and contacts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// The [`crate::api::CompanyView::revision`] that was edited.
    pub revision: i64,
    /// The current password: a page left open must not be enough to change anything.
    pub current_password: String,
    /// The form's fields; an empty password is left unchanged.
    pub values: Values,
}

/// Whose password is forgotten.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// Profile code.
    pub agency: String,
    /// ユーザーID.
    pub login_id: String,
    /// An address given at registration.
    pub email: String,
}

/// A new password, through the mailed link `/reset#TOKEN`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The URL fragment (after `#`), so that it appears in no log.
    pub token: String,
    /// The new password.
    pub password: String,
}

/// The mailed link `/mail#TOKEN`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmAddress {
    /// The URL fragment (after `#`), so that it appears in no log.
    pub token: String,
}

/// Implemented by hand because these hold passwords and addresses.
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

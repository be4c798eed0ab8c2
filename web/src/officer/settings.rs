//! What the page knows of 機関設定.

use touroku_proto::{
    few::Few,
    officer::{
        profile::{ProfileCheck, ProfileInForce},
        settings::{ChangeKeys, KeyValue},
    },
};

use super::part::Part;

/// 機関設定.
#[derive(Clone, Default)]
pub struct Settings {
    pub in_force: Option<ProfileInForce>,
    /// The result of checking a text.
    pub check: Option<ProfileCheck>,
    /// The text that `check` is about; empty: it was changed since.
    pub checked: String,
    /// The form that it was made in; `None`: written as a text.
    pub check_of: Option<Part>,
    /// The changes in that form that `checked` has.
    pub sent: Option<ChangeKeys>,
    /// Those that are on their way into effect.
    pub taking: Option<ChangeKeys>,
    /// What was changed in forms and is not in effect, by key.
    pub changed: Few<String, KeyValue>,
    /// The keys that are to be as inherited.
    pub unset: Vec<String>,
    /// The value in effect that each of those changes began from.
    pub began: Few<String, KeyValue>,
    /// Days that are closed from the form come back every year.
    pub yearly: bool,
    /// The month of the calendar; `None`: this one.
    pub month: Option<(u16, u8)>,
    /// The preview's category, by its code.
    pub category: String,
    pub screen: PreviewScreen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreviewScreen {
    /// 利用者登録メニュー.
    #[default]
    Menu,
    /// 資格審査情報検索.
    Search,
    /// 利用者登録.
    Form,
    /// 登録内容確認.
    Confirm,
}

impl PreviewScreen {
    /// All, in the order of the way.
    pub const ALL: [Self; 4] = [Self::Menu, Self::Search, Self::Form, Self::Confirm];

    /// Its name in `data-preview`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Menu => "menu",
            Self::Search => "search",
            Self::Form => "form",
            Self::Confirm => "confirm",
        }
    }
}

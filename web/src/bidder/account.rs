//! 簡易認証: ID and password instead of a card. What its screens ask for, and the progress of its session.

use touroku_proto::{
    account::{
        AccountLogin, Apply, ChangeAccount, ConfirmAddress, ForgottenPassword, OpenApplication,
        ProveApplication, ResetPassword,
    },
    agency::Way,
    api::SessionView,
    card::Purpose,
    few::Few,
    field::{Problem, Rule, Values},
};

use crate::bidder::{action::Answer, draft::DraftKey, route::Route, state::State};

/// An event on the way by ID and password.
pub enum AccountAction {
    /// ID登録申請 in the menu.
    Apply,
    /// A field of a login or password screen changed.
    Typed(AccountField, String),
    /// Such a field was left.
    Left(AccountField),
    /// The screen's button: ログイン, 送信, パスワードを設定する.
    Send,
    /// After the session was lost: start over and continue.
    Resume,
    /// By ID and password, by a proof of its application, or by the link in a mail. (Boxed: it is far larger than the others.)
    LoggedIn(Answer<Box<SessionView>>),
    ForgottenSent(Answer<()>),
    /// A new password is set, or an address confirmed.
    PasswordSet(Answer<()>),
    /// 確認のメールをもう一度送る.
    AskAgain,
    AskedAgain(Answer<()>),
    /// The URL's fragment (after `#`), which has been removed from it.
    FragmentTaken(Option<String>),
    /// The draft of an application stored on this computer.
    DraftRead {
        key: DraftKey,
        /// What was typed; `None`: nothing is stored.
        values: Option<Values>,
    },
    /// Whether the browser could store what was typed.
    DraftKept(bool),
    /// 修正する, 取り下げる: whether it will be corrected. `None`: やめる.
    OfferWithdrawal(Option<bool>),
    /// はい.
    Withdraw,
    Withdrawn(Answer<Box<SessionView>>),
}

/// A request of 簡易認証. The [`AccountAction`] of its answer is given with it.
#[derive(Clone, PartialEq, Eq)]
pub enum AccountAsk {
    /// Answered by [`crate::bidder::action::Action::Registered`].
    Apply(Apply),
    /// Answered by [`crate::bidder::action::Action::Registered`].
    Change(ChangeAccount),
    /// Answered by [`AccountAction::LoggedIn`].
    Login(AccountLogin),
    /// Answered by [`AccountAction::LoggedIn`].
    Prove(ProveApplication),
    /// Answered by [`AccountAction::LoggedIn`].
    Open(OpenApplication),
    /// Answered by [`AccountAction::PasswordSet`].
    Confirm(ConfirmAddress),
    /// Answered by [`AccountAction::ForgottenSent`].
    Forgotten(ForgottenPassword),
    /// Answered by [`AccountAction::PasswordSet`].
    Reset(ResetPassword),
    /// Answered by [`AccountAction::Withdrawn`].
    Withdraw,
    /// Answered by [`AccountAction::AskedAgain`].
    AskAgain,
}

/// A field of the login and password screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountField {
    /// ユーザーID.
    LoginId,
    /// パスワード.
    Password,
    /// メールアドレス of the registration.
    Email,
    /// 現在のパスワード, on the confirmation of a 変更.
    CurrentPassword,
    /// 新しいパスワード.
    NewPassword,
    /// 確認パスワード.
    NewPasswordAgain,
}

/// The longest address that a profile's form allows is 100, with room to spare: the server compares.
const EMAIL_MAX: usize = 254;

impl AccountField {
    /// The input's `id` and `name`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoginId => "login_id",
            Self::Password => "login_password",
            Self::Email => "email",
            Self::CurrentPassword => "current_password",
            Self::NewPassword => "new_password",
            Self::NewPasswordAgain => "new_password_again",
        }
    }

    /// Whether it holds a password.
    pub fn is_secret(self) -> bool {
        !matches!(self, Self::LoginId | Self::Email)
    }

    /// The fields of a screen.
    pub fn of(route: &Route) -> &'static [Self] {
        match route {
            Route::Login | Route::ChangeLogin | Route::Application => &[Self::LoginId, Self::Password],
            Route::Forgotten { .. } => &[Self::LoginId, Self::Email],
            Route::Reset => &[Self::NewPassword, Self::NewPasswordAgain],
            Route::Confirm => &[Self::CurrentPassword],
            _ => &[],
        }
    }
}

/// The contents of the login and password screens. No `Debug`: it holds passwords and a token.
#[derive(Clone, Default)]
pub struct Account {
    pub typed: Few<AccountField, String>,
    /// What is wrong, by field.
    pub problems: Few<AccountField, Problem>,
    /// The list of errors is shown.
    pub summary: bool,
    /// Asking the server.
    pub busy: bool,
    /// The screen has done its work: the mail was requested, or the password set.
    pub finished: bool,
    /// The addresses were asked again.
    pub asked_again: bool,
    /// The browser would not store what was typed.
    pub unkept: bool,
    /// What is pending is about to be withdrawn; whether it will be corrected.
    pub withdrawing: Option<bool>,
    /// From the mailed link.
    pub(super) token: Option<String>,
    /// A session is being opened.
    pub(super) starting: bool,
    /// What follows once it is open.
    pub(super) then: Option<Then>,
    /// The session was reopened for this login; not done twice.
    pub(super) renewed: bool,
    /// The stored draft that has already been looked for.
    pub(super) draft_read: Option<DraftKey>,
}

/// What follows once a session is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    Go(Route),
    /// The login that the old session refused.
    Login,
}

impl Account {
    /// What was typed; empty if nothing was.
    pub fn text(&self, field: AccountField) -> &str {
        self.typed.get(&field).map_or("", String::as_str)
    }

    /// Whether the URL contained a link's token.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// What is wrong with a field. A password's own rule is the server's: a login must not reveal it.
    pub fn check(&self, field: AccountField) -> Result<(), Problem> {
        let text = self.text(field);
        match field {
            _ if text.trim().is_empty() => Err(Problem::Required),
            AccountField::Email => Rule::Email { max: EMAIL_MAX }.check(text.trim(), &Values::default()),
            AccountField::NewPasswordAgain if text != self.text(AccountField::NewPassword) => {
                Err(Problem::NotEqual)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn clear(&mut self) {
        self.typed.clear();
        self.problems.clear();
        self.summary = false;
        self.busy = false;
        self.finished = false;
        self.asked_again = false;
    }
}

impl State {
    /// Whether the session uses ID and password.
    pub fn is_account(&self) -> bool {
        self.view().is_some_and(|view| view.way == Way::Password)
    }

    /// The furthest screen of a session with ID and password.
    pub(super) fn account_furthest(view: &SessionView) -> Route {
        match (view.purpose, &view.login_id) {
            _ if view.completed.is_some() => Route::Done,
            (Some(Purpose::Bid), Some(_)) => Route::Bid,
            (Some(Purpose::Change), Some(_)) if view.company.is_some() => Route::Form,
            (_, None) if view.application.is_some() => Route::Application,
            (_, None) if view.company.is_some() => Route::Form,
            _ => Route::Menu,
        }
    }

    /// Whether a session with ID and password may show a screen.
    pub(super) fn account_may_show(&self, view: &SessionView, route: &Route) -> bool {
        let running = view.completed.is_none();
        let applying = running && view.login_id.is_none();
        let form = view.company.is_some()
            && match &view.login_id {
                Some(_) => running && view.purpose == Some(Purpose::Change),
                None => applying && may_apply(view),
            };
        match route {
            Route::Search => applying,
            Route::Application => applying && view.application.is_some(),
            Route::Form => form,
            Route::Confirm => {
                form && self
                    .session_form()
                    .is_some_and(|(form, occasion)| form.check(occasion, &self.form.values).is_empty())
            }
            Route::Done | Route::Print => !running,
            Route::Bid | Route::Status => view.purpose == Some(Purpose::Bid) && view.login_id.is_some(),
            _ => true,
        }
    }
}

/// Whether the session's holder may apply: they have not yet, as far as they have proved, or without success so
/// far.
fn may_apply(view: &SessionView) -> bool {
    let own = view.application.as_ref().and_then(|application| application.own.as_ref());
    own.is_none_or(|own| own.state.is_over())
}

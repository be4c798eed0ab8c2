//! 簡易認証: session, login, application, change, forgotten password.

use touroku_proto::{
    account::{
        AccountLogin, Apply, ChangeAccount, ConfirmAddress, ForgottenPassword, OpenApplication,
        ProveApplication, ResetPassword,
    },
    agency::Way,
    api::{ApiErrorCode, SessionView, StartSession},
    card::Purpose,
    field::{FieldId, Values},
    form::{Form, Occasion},
};

use super::go;
use crate::bidder::{
    account::{AccountAction, AccountAsk, AccountField, Then},
    action::Answer,
    draft::{DraftKey, DraftOrder, without_secrets},
    effect::{Ask, Effect, Focus},
    form::edited,
    route::Route,
    search::SearchField,
    state::{Notice, State},
    trouble::{Banner, Retry, Trouble},
};

impl State {
    pub(super) fn account_acted(&mut self, action: AccountAction) -> Vec<Effect> {
        match action {
            AccountAction::Apply => self.begin_application(),
            AccountAction::Typed(field, text) => self.account_typed(field, text),
            AccountAction::Left(field) => self.account_left(field),
            AccountAction::Send => self.account_send(),
            AccountAction::Resume => self.account_resume(),
            AccountAction::LoggedIn(answer) => self.account_logged_in(answer),
            AccountAction::ForgottenSent(answer) | AccountAction::PasswordSet(answer) => {
                self.account_finished(answer)
            }
            AccountAction::AskAgain => self.ask_again(),
            AccountAction::AskedAgain(answer) => self.asked_again(answer),
            AccountAction::FragmentTaken(token) => {
                self.account.token = token;
                // The result is only shown; a password waits for the person.
                if self.route == Some(Route::Result) { self.account_send() } else { Vec::new() }
            }
            AccountAction::DraftRead { key, values } => self.draft_read(&key, values),
            AccountAction::OfferWithdrawal(correct) => {
                self.banner = None;
                self.account.withdrawing = correct;
                Vec::new()
            }
            AccountAction::Withdraw => {
                if self.account.busy || self.account.withdrawing.is_none() {
                    return Vec::new();
                }
                self.account.busy = true;
                vec![Effect::Ask(Ask::Account(AccountAsk::Withdraw))]
            }
            AccountAction::Withdrawn(answer) => self.withdrawn(answer),
            AccountAction::DraftKept(kept) => {
                self.account.unkept = !kept;
                Vec::new()
            }
        }
    }

    /// The initial state of a screen.
    pub(super) fn account_shown(&mut self, route: &Route) -> Vec<Effect> {
        self.account.clear();
        self.account.starting = false;
        self.account.renewed = false;
        match route {
            Route::Form => self.read_draft(),
            Route::Login => {
                // What the bidding system expects is a hint: whoever sits here may type another one.
                let hint = self.sign_in.as_ref().map(|sign_in| sign_in.login_hint.clone());
                if let Some(hint) = hint.filter(|hint| !hint.is_empty()) {
                    self.account.typed.insert(AccountField::LoginId, hint);
                }
                Vec::new()
            }
            Route::Reset | Route::Result | Route::Mail if self.account.token.is_none() => {
                vec![Effect::TakeFragment]
            }
            _ => Vec::new(),
        }
    }

    /// The button of 受注者クライアント: to the menu, or to the login.
    pub(super) fn open_account(&mut self, agency: &str, category: &str, then: Route) -> Vec<Effect> {
        let goes_on = self.view().is_some_and(|view| {
            view.way == Way::Password
                && view.agency == agency
                && view.category == category
                && view.completed.is_none()
        });
        if goes_on && !self.lost { vec![go(then)] } else { self.start_account(Then::Go(then)) }
    }

    /// Opens a session, replacing a used one.
    pub(super) fn start_account(&mut self, then: Then) -> Vec<Effect> {
        let Some((agency, Some(category))) = self.place() else { return Vec::new() };
        let start =
            StartSession { agency: agency.to_owned(), category: category.to_owned(), way: Way::Password };
        if self.account.starting {
            return Vec::new();
        }
        // Whoever was at work when it closed may finish.
        if !self.lost
            && let Some(effects) = self.closed()
        {
            return effects;
        }
        self.banner = None;
        self.account.starting = true;
        self.account.then = Some(then);
        vec![Effect::Ask(Ask::StartSession(start))]
    }

    /// もう一度 after a session could not be opened.
    pub(super) fn start_account_again(&mut self) -> Vec<Effect> {
        self.account.then.clone().map(|then| self.start_account(then)).unwrap_or_default()
    }

    pub(super) fn account_started(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        self.account.starting = false;
        match answer {
            Ok(view) => {
                self.open_session(view);
                match self.account.then.take() {
                    Some(Then::Go(route)) => vec![go(route)],
                    Some(Then::Login) => self.account_send(),
                    None => Vec::new(),
                }
            }
            Err(trouble) => {
                self.account.busy = false;
                self.fail(trouble, Retry::AccountStart)
            }
        }
    }

    fn begin_application(&mut self) -> Vec<Effect> {
        let used = self.view().is_none_or(|view| view.completed.is_some() || view.login_id.is_some());
        if used || self.lost { self.start_account(Then::Go(Route::Search)) } else { vec![go(Route::Search)] }
    }

    /// The session has ended: a login, or the search for the same company, leads back to what was typed.
    fn account_resume(&mut self) -> Vec<Effect> {
        let Some(view) = self.view() else { return Vec::new() };
        if view.login_id.is_some() {
            let bids = view.purpose == Some(Purpose::Bid);
            return self.start_account(Then::Go(if bids { Route::Login } else { Route::ChangeLogin }));
        }
        if let Some(company) = view.company.clone() {
            for (field, value) in [
                (SearchField::Number, company.values.text(FieldId::CompanyNumber)),
                (SearchField::Name, company.values.text(FieldId::CompanyName)),
            ] {
                if !self.search.typed.contains_key(&field) {
                    self.search.typed.insert(field, value.to_owned());
                }
            }
        }
        self.start_account(Then::Go(Route::Search))
    }

    fn account_typed(&mut self, field: AccountField, text: String) -> Vec<Effect> {
        self.account.typed.insert(field, text);
        if self.account.check(field).is_ok() {
            self.account.problems.remove(&field);
        }
        Vec::new()
    }

    fn account_left(&mut self, field: AccountField) -> Vec<Effect> {
        match self.account.check(field) {
            Ok(()) => {
                self.account.problems.remove(&field);
            }
            // Merely passing through an empty field is not a mistake yet.
            Err(_) if self.account.text(field).is_empty() && !self.account.summary => {
                self.account.problems.remove(&field);
            }
            Err(problem) => {
                self.account.problems.insert(field, problem);
            }
        }
        Vec::new()
    }

    /// ログイン, 送信, パスワードを設定する.
    pub(super) fn account_send(&mut self) -> Vec<Effect> {
        let Some(route) = self.route.clone() else { return Vec::new() };
        if self.account.busy && !self.account.renewed {
            return Vec::new();
        }
        let text = |field| self.account.text(field).to_owned();
        let ask = match &route {
            Route::Login | Route::ChangeLogin => AccountAsk::Login(AccountLogin {
                login_id: text(AccountField::LoginId).trim().to_owned(),
                password: text(AccountField::Password),
                purpose: if route == Route::Login { Purpose::Bid } else { Purpose::Change },
            }),
            Route::Application => AccountAsk::Prove(ProveApplication {
                login_id: text(AccountField::LoginId).trim().to_owned(),
                password: text(AccountField::Password),
            }),
            Route::Result => match self.account.token.clone() {
                Some(token) => AccountAsk::Open(OpenApplication { token }),
                None => return Vec::new(),
            },
            Route::Mail => match self.account.token.clone() {
                Some(token) => AccountAsk::Confirm(ConfirmAddress { token }),
                None => return Vec::new(),
            },
            Route::Forgotten { agency } => AccountAsk::Forgotten(ForgottenPassword {
                agency: agency.clone(),
                login_id: text(AccountField::LoginId).trim().to_owned(),
                email: text(AccountField::Email).trim().to_owned(),
            }),
            Route::Reset => match self.account.token.clone() {
                Some(token) => {
                    AccountAsk::Reset(ResetPassword { token, password: text(AccountField::NewPassword) })
                }
                None => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        self.banner = None;
        let problem = |&field: &AccountField| Some((field, self.account.check(field).err()?));
        self.account.problems = AccountField::of(&route).iter().filter_map(problem).collect();
        self.account.summary = !self.account.problems.is_empty();
        if self.account.summary {
            return vec![Effect::Focus(Focus::Summary)];
        }
        self.account.busy = true;
        vec![Effect::Ask(Ask::Account(ask))]
    }

    fn account_logged_in(&mut self, answer: Answer<Box<SessionView>>) -> Vec<Effect> {
        if !std::mem::take(&mut self.account.busy) {
            return Vec::new();
        }
        match answer {
            Ok(view) => {
                self.open_session(*view);
                if self.route == Some(Route::Application) {
                    self.account.clear();
                    return vec![Effect::Focus(Focus::Heading)];
                }
                self.account.token = None;
                let mut effects = vec![go(self.furthest())];
                effects.extend(self.finish_sign_in());
                effects
            }
            Err(trouble) if trouble.needs_card_again() && self.route == Some(Route::Application) => {
                self.lose_session(trouble)
            }
            // Nothing depends on the old session yet: silently open another one, once.
            Err(trouble) if trouble.is(ApiErrorCode::SessionMissing) && !self.account.renewed => {
                let effects = self.start_account(Then::Login);
                self.account.busy = true;
                self.account.renewed = true;
                effects
            }
            Err(trouble) => {
                self.account.renewed = false;
                if !trouble.passes_by_itself() {
                    self.account.typed.remove(&AccountField::Password);
                }
                self.fail(trouble, Retry::Account)
            }
        }
    }

    fn withdrawn(&mut self, answer: Answer<Box<SessionView>>) -> Vec<Effect> {
        self.account.busy = false;
        let correct = self.account.withdrawing.take().unwrap_or_default();
        match answer {
            Ok(view) => {
                self.open_session(*view);
                self.next_notice = Some(Notice::Withdrawn);
                vec![go(if correct { Route::Form } else { Route::Menu })]
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(trouble) => {
                // Decided meanwhile: the page shows the current state.
                self.banner = Some(Banner { trouble, retry: None });
                vec![Effect::Ask(Ask::Session), Effect::Focus(Focus::Banner)]
            }
        }
    }

    fn account_finished(&mut self, answer: Answer<()>) -> Vec<Effect> {
        if !std::mem::take(&mut self.account.busy) {
            return Vec::new();
        }
        match answer {
            Ok(()) => {
                self.account.clear();
                self.account.token = None;
                self.account.finished = true;
                vec![Effect::Focus(Focus::Heading)]
            }
            Err(Trouble::Api(error))
                if error.code == ApiErrorCode::FieldsInvalid && !error.fields.is_empty() =>
            {
                let accused = |field| match field {
                    FieldId::LoginPassword => AccountField::NewPassword,
                    FieldId::LoginPasswordAgain => AccountField::NewPasswordAgain,
                    FieldId::LoginId => AccountField::LoginId,
                    _ => AccountField::Email,
                };
                let route = self.route.clone().unwrap_or(Route::NotFound);
                let found = error.fields.into_iter().map(|error| (accused(error.field), error.problem));
                let here = AccountField::of(&route);
                self.account.problems = found.filter(|(field, _)| here.contains(field)).collect();
                self.account.summary = true;
                vec![Effect::Focus(Focus::Summary)]
            }
            Err(trouble) => self.fail(trouble, Retry::Account),
        }
    }

    /// Again sends the mail that asks an address to confirm.
    pub(super) fn ask_again(&mut self) -> Vec<Effect> {
        if self.account.busy {
            return Vec::new();
        }
        self.banner = None;
        self.account.busy = true;
        self.account.asked_again = false;
        vec![Effect::Ask(Ask::Account(AccountAsk::AskAgain))]
    }

    fn asked_again(&mut self, answer: Answer<()>) -> Vec<Effect> {
        if !std::mem::take(&mut self.account.busy) {
            return Vec::new();
        }
        match answer {
            Ok(()) => {
                self.account.asked_again = true;
                Vec::new()
            }
            Err(trouble) => self.fail(trouble, Retry::AskAgain),
        }
    }

    /// 登録 on a confirmation of ID登録申請 or of its 変更.
    pub(super) fn send_account(&mut self, submission: String) -> Vec<Effect> {
        let Some((form, occasion)) = self.session_form() else { return Vec::new() };
        let values = edited(form, occasion, &self.form.values);
        let ask = if occasion == Occasion::ChangeAccount {
            if !self.form.changes_anything(form, occasion) {
                return Vec::new();
            }
            if let Err(problem) = self.account.check(AccountField::CurrentPassword) {
                self.account.problems.insert(AccountField::CurrentPassword, problem);
                return vec![Effect::Focus(Focus::Field(AccountField::CurrentPassword.as_str()))];
            }
            let revision =
                self.view().and_then(|view| view.company.as_ref()).map_or(0, |company| company.revision);
            let current_password = self.account.text(AccountField::CurrentPassword).to_owned();
            AccountAsk::Change(ChangeAccount { submission, revision, current_password, values })
        } else {
            AccountAsk::Apply(Apply { submission, values })
        };
        self.registering = true;
        self.banner = None;
        vec![Effect::Ask(Ask::Account(ask))]
    }

    /// Refusals of an application or change that another screen handles; the others stay where they are.
    pub(super) fn account_refused(&mut self, trouble: Trouble) -> Vec<Effect> {
        if trouble.is(ApiErrorCode::LoginIdTaken) {
            self.next_banner = Some(Banner { trouble, retry: None });
            self.submission = None;
            return vec![go(Route::Form)];
        }
        if trouble.is(ApiErrorCode::CredentialsWrong) {
            self.account.typed.remove(&AccountField::CurrentPassword);
        }
        self.fail(trouble, Retry::Register)
    }

    /// Whose draft this computer stores: an application's. A secret number is not written down.
    fn draft_key(&self) -> Option<DraftKey> {
        let view = self.view()?;
        let company = view.company.as_ref()?;
        let number = company.values.text(FieldId::CompanyNumber);
        let secret = self.session_profile()?.search.number_secret;
        let applying = view.way == Way::Password && company.occasion == Occasion::Apply;
        (applying && !number.is_empty() && !secret).then(|| DraftKey {
            agency: view.agency.clone(),
            category: view.category.clone(),
            number: number.to_owned(),
        })
    }

    /// Whether current input is stored on this computer.
    pub fn keeps_draft(&self) -> bool {
        self.draft_key().is_some()
    }

    /// Stores what was typed on this computer, without passwords.
    pub(super) fn keep_draft(&mut self, form: &Form, occasion: Occasion) -> Vec<Effect> {
        if !self.form.is_dirty() {
            return Vec::new();
        }
        self.form.saved = self.form.revision;
        let values = without_secrets(edited(form, occasion, &self.form.values));
        let keep = |key| Effect::Draft(DraftOrder::Keep { key, values });
        self.draft_key().map(keep).into_iter().collect()
    }

    fn read_draft(&mut self) -> Vec<Effect> {
        let key = self.draft_key();
        if key.is_none() || key == self.account.draft_read {
            return Vec::new();
        }
        self.account.draft_read.clone_from(&key);
        key.map(|key| Effect::Draft(DraftOrder::Read { key })).into_iter().collect()
    }

    pub(super) fn drop_draft(&mut self) -> Vec<Effect> {
        self.account.draft_read = None;
        self.draft_key().map(|key| Effect::Draft(DraftOrder::Drop { key })).into_iter().collect()
    }

    fn draft_read(&mut self, key: &DraftKey, values: Option<Values>) -> Vec<Effect> {
        let Some(values) = values else { return Vec::new() };
        let Some((form, occasion)) = self.session_form() else { return Vec::new() };
        // What was typed in this tab takes precedence over what an earlier one left.
        if self.draft_key().as_ref() != Some(key) || self.form.revision != 0 {
            return Vec::new();
        }
        let kept = without_secrets(edited(form, occasion, &values));
        if kept.0.values().all(String::is_empty) {
            return Vec::new();
        }
        self.form.values.merge(kept);
        self.notice = Some(Notice::Restored);
        Vec::new()
    }
}

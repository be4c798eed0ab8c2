//! Everything the page knows.

use std::rc::Rc;

use touroku_proto::{
    agency::{AgencyProfile, Category, Way},
    api::{Function, JointPortal, Portal, ReceiptFile, SessionView},
    card::{Purpose, Status},
    few::Few,
    field::FieldId,
    form::{Form, Occasion},
    guide::Install,
    hours::HoursState,
    sign_in::SignIn,
};

use crate::bidder::{
    account::Account,
    checkup::Checkup,
    clock::ServerClock,
    effect::Application,
    ending::Ending,
    form::FormState,
    language::Languages,
    listing::Listing,
    members::Sought,
    route::Route,
    search::{SearchField, SearchForm},
    status::StatusPage,
    trouble::{Banner, Trouble},
};

/// How many days before a card's expiry the page says so, where the profile sends no reminders.
const EXPIRY_NOTICE_DAYS: u16 = 90;

#[derive(Clone, Default)]
pub struct State {
    /// The screen shown; `None` until the page knows enough to show one.
    pub route: Option<Route>,
    /// The URL being waited for: its profile or the session is still being fetched.
    pub wanted: Option<Route>,
    /// The agencies and the extension's ids.
    pub portal: Option<Portal>,
    pub profiles: Few<String, Rc<AgencyProfile>>,
    /// Portals with their members, by code.
    pub joint: Few<String, Rc<JointPortal>>,
    /// Which of a portal's members are looked for.
    pub sought_members: Sought,
    pub session: Session,
    /// The session has ended on the server; what was typed is still here.
    pub lost: bool,
    pub ending: Ending,
    /// 利用時間 by agency, as last received.
    pub hours: Few<String, HoursState>,
    pub languages: Languages,
    pub clock: Option<ServerClock>,
    /// The check of 受注者クライアント.
    pub connection: Connection,
    pub card: CardRequest,
    /// 資格審査情報検索.
    pub search: SearchForm,
    /// 利用者登録.
    pub form: FormState,
    /// 簡易認証.
    pub account: Account,
    /// 業者番号一覧.
    pub listing: Listing,
    /// 登録状況.
    pub status: StatusPage,
    /// 環境確認.
    pub checkup: Checkup,
    /// The field where the next screen begins.
    pub(super) sought: Option<&'static str>,
    /// Where the person was before a screen that can be opened from anywhere.
    pub(super) came_from: Option<Route>,
    /// The bidding system's sign-in that waits.
    pub sign_in: Option<SignIn>,
    /// The bidding system to which the browser is on its way.
    pub leaving: Option<SignIn>,
    /// One confirmation's UUID.
    pub submission: Option<String>,
    /// 登録 is being sent.
    pub registering: bool,
    /// The files of the signed application being downloaded.
    pub saving: Vec<ReceiptFile>,
    /// What was signed and sent: if the answer was lost, the same is sent again without asking the card.
    pub(super) signed: Option<Application>,
    /// What went wrong on this screen.
    pub banner: Option<Banner>,
    pub notice: Option<Notice>,
    /// What went wrong, to be shown on the next screen.
    pub(super) next_banner: Option<Banner>,
    /// A notice for the next screen.
    pub(super) next_notice: Option<Notice>,
}

impl State {
    /// The initial state, in a language.
    pub fn read_in(languages: Languages) -> Self {
        Self { languages, ..Self::default() }
    }
}

#[derive(Clone, Default)]
pub enum Session {
    /// Not asked yet.
    #[default]
    Unknown,
    Closed,
    /// There is one. (Boxed: it is far larger than the others.)
    Open(Box<SessionView>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A draft came back.
    Restored,
    /// Logged in again after the session had ended; nothing was lost.
    Resumed,
    /// Logged in again; once the company has been searched for again, the form comes back.
    SearchAgain,
    /// ICカード更新: the old card was presented again after the session had ended; the new one follows.
    OldCardAgain,
    /// An application was withdrawn.
    Withdrawn,
    LoggedOut,
    /// A file was handed to the browser.
    Saved,
    Copied,
    /// The browser denies access to the clipboard.
    NotCopied,
    /// A bidding system's sign-in is over: it has to be begun there again.
    SignInOver,
    /// The texts of another language did not arrive.
    LanguageMissing,
}

/// The check of server, extension, host and PC/SC service.
#[derive(Clone, Default)]
pub struct Connection {
    /// Counts the checks, to recognise late answers.
    pub attempt: u32,
    /// ID and password: extension and host are not needed.
    pub without_card: bool,
    pub server: Check,
    /// The extension and, through it, the host.
    pub local: Check,
    /// The id of the extension that answered.
    pub extension: Option<String>,
    pub status: Option<Status>,
    /// 電子入札 was chosen: the card is requested as soon as everything is ready.
    pub(super) then_bid: bool,
}

/// One part of the check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Check {
    #[default]
    Unknown,
    Waiting,
    Ready,
    Failed(Trouble),
}

impl Connection {
    /// Whether server, extension and host have all answered, as far as they are needed: the clock is shown and the
    /// button can be pressed.
    pub fn is_ready(&self) -> bool {
        self.server == Check::Ready && (self.without_card || self.local == Check::Ready)
    }

    /// Whether an answer is still pending.
    pub fn is_waiting(&self) -> bool {
        self.server == Check::Waiting || self.local == Check::Waiting
    }
}

/// A request to the card, from the press of a button to the server's approval.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CardRequest {
    /// Counts the requests, to recognise late answers.
    pub attempt: u32,
    pub purpose: Option<Purpose>,
    pub step: CardStep,
    /// What the card is asked to sign, instead of a login.
    pub signing: Option<Box<Signing>>,
    /// The session had ended and was reopened for this request; not done twice.
    pub(super) renewed: bool,
}

/// An application that a card is asked to sign.
#[derive(Clone, PartialEq, Eq)]
pub struct Signing {
    /// What is sent once it has signed.
    pub application: Application,
    /// What it signs, once the server has issued number and nonce.
    pub document: String,
}

/// The progress of a card request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CardStep {
    #[default]
    Idle,
    Starting,
    Challenging,
    Opening,
    Open,
    Checking,
}

impl State {
    /// The session, if one is open.
    pub fn view(&self) -> Option<&SessionView> {
        match &self.session {
            Session::Open(view) => Some(view),
            Session::Unknown | Session::Closed => None,
        }
    }

    /// The agency code and category code of the present screen: from its URL, else from the session.
    pub fn place(&self) -> Option<(&str, Option<&str>)> {
        let route = self.route.as_ref()?;
        match route {
            Route::Agencies | Route::NotFound => None,
            // It has neither hours nor desks.
            Route::Categories { agency } if self.is_portal(agency) => None,
            _ => route
                .place()
                .or_else(|| self.view().map(|view| (view.agency.as_str(), Some(view.category.as_str())))),
        }
    }

    /// The agency of the present screen.
    pub fn profile(&self) -> Option<&Rc<AgencyProfile>> {
        self.profiles.get(self.place()?.0)
    }

    /// Where extension and program come from: the agency's, and of the rest the server's.
    pub fn install(&self) -> Install {
        let portal = self.portal.as_ref().map(|portal| &portal.install);
        Install::of(self.profile().map(|profile| &profile.install), portal)
    }

    /// The portal whose members the present screen lists.
    pub fn joint_here(&self) -> Option<&JointPortal> {
        match self.route.as_ref()? {
            Route::Categories { agency } if self.is_portal(agency) => self.joint.get(agency).map(Rc::as_ref),
            _ => None,
        }
    }

    /// Whether that is a portal's code, and no agency's.
    pub(super) fn is_portal(&self, code: &str) -> bool {
        self.portal.as_ref().is_some_and(|portal| portal.portals.iter().any(|portal| portal.code == code))
    }

    /// The category of the present screen.
    pub fn category(&self) -> Option<&Category> {
        self.profile()?.category(self.place()?.1?)
    }

    /// The session's form and the occasion on which it is filled in.
    pub fn session_form(&self) -> Option<(&Form, Occasion)> {
        let view = self.view()?;
        let profile = self.profiles.get(&view.agency)?;
        let form = profile.form_for(profile.category(&view.category)?, view.way)?;
        Some((form, view.company.as_ref()?.occasion))
    }

    /// Whether the session's card expires so soon that its company is reminded.
    pub fn expires_soon(&self) -> bool {
        let Some(card) = self.view().and_then(|view| view.card.as_ref()) else { return false };
        let reminded = self.session_profile().and_then(|profile| profile.expiry_notice_days.iter().max());
        card.days_left <= i64::from(reminded.copied().unwrap_or(EXPIRY_NOTICE_DAYS))
    }

    /// What the session does, or has completed.
    pub fn function(&self) -> Function {
        let Some(view) = self.view() else { return Function::Register };
        match (&view.completed, view.way, view.purpose) {
            (Some(completed), ..) => completed.function,
            (None, _, Some(Purpose::RenewOld | Purpose::RenewNew)) => Function::Renew,
            (None, Way::Card, Some(Purpose::Change)) => Function::Change,
            (None, Way::Card, _) => Function::Register,
            (None, Way::Password, Some(Purpose::Change)) => Function::ChangeAccount,
            (None, Way::Password, _) => Function::Apply,
        }
    }

    /// The name typed into the search and the roster's own, where they are spelled differently.
    pub fn matched_name(&self) -> Option<(&str, &str)> {
        let company = self
            .view()?
            .company
            .as_ref()
            .filter(|_| matches!(self.function(), Function::Register | Function::Apply))?;
        let found = company.values.text(FieldId::CompanyName);
        let typed = self.search.text(SearchField::Name).trim();
        (!typed.is_empty() && !found.is_empty() && typed != found).then_some((typed, found))
    }

    pub fn session_profile(&self) -> Option<&Rc<AgencyProfile>> {
        self.profiles.get(&self.view()?.agency)
    }
}

//! What the browser must do for the wizard.

use touroku_proto::{
    api::{Change, CompanySearch, Login, ReceiptFile, Register, Renew, SaveDraft, Signed, StartSession},
    card::Purpose,
    document::Document,
    endpoint::bidder::CompanyQuery,
    sign_in::EndSignIn,
    status::Stop,
    token::Nonce,
};

use crate::bidder::{account::AccountAsk, draft::DraftOrder, language::Language, route::Route};

/// A command to the browser. Its result arrives as an [`crate::bidder::action::Action`].
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    Ask(Ask),
    /// Send `status` to the extension, under each id in turn.
    CheckExtension {
        ids: Vec<String>,
        /// Echoed in the answer.
        attempt: u32,
    },
    /// Send `check_up` to the extension.
    CheckUp {
        id: String,
        /// Echoed in the answer.
        attempt: u32,
    },
    /// Send `authenticate` to the extension, under each id in turn.
    Authenticate {
        ids: Vec<String>,
        /// Echoed in the answer.
        attempt: u32,
        nonce: Nonce,
        purpose: Purpose,
        /// The agency's name, as received with the challenge.
        agency: String,
        /// The agency accepts My Number Cards.
        my_number: bool,
    },
    /// Send `sign` to the extension, under each id in turn.
    Sign {
        ids: Vec<String>,
        /// Echoed in the answer.
        attempt: u32,
        /// What is shown and signed.
        document: Document,
        /// The card that has to sign.
        card: String,
    },
    /// Send `cancel` on the port of the running `authenticate` or `sign` and close it.
    CancelCard,
    /// Go to another address.
    Go {
        route: Route,
        /// Replacing the current entry in the browser's history.
        replace: bool,
    },
    /// Move the keyboard focus, once the screen is drawn.
    Focus(Focus),
    /// Start a timer, stopping a running one of the same kind.
    Wait {
        timer: Timer,
        milliseconds: u32,
    },
    /// Make a random UUID.
    MakeSubmission,
    /// Open the browser's print dialog.
    Print,
    /// Access what is stored on this computer.
    Draft(DraftOrder),
    /// Read the URL's fragment (after `#`), and remove it.
    TakeFragment,
    /// Ask the browser for its name and version.
    ReadBrowser,
    /// Fetch the texts of a language and switch to it.
    Speak(Language),
    /// The same, unless the person has chosen one on this computer before; nothing is kept of it.
    Suggest(Language),
    /// Look whether this tab was opened for a bidding system's sign-in.
    FindSignIn,
    /// Keep a bidding system's sign-in for this tab no longer.
    ForgetSignIn,
    /// Leave for another site.
    Leave(String),
    /// Put a text into the clipboard.
    Copy(String),
}

/// A request to the server. The answer's action has the same name.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    Portal,
    Profile(String),
    Members(String),
    Session,
    /// The same, to extend it.
    Extend,
    Clock,
    StartSession(StartSession),
    Challenge {
        /// Echoed in the answer.
        attempt: u32,
        purpose: Purpose,
    },
    Login {
        /// Echoed in the answer.
        attempt: u32,
        login: Login,
    },
    Search(CompanySearch),
    SaveDraft {
        /// Echoed in the answer.
        revision: u32,
        draft: SaveDraft,
    },
    Register(Register),
    /// 簡易認証.
    Account(AccountAsk),
    /// 業者番号一覧.
    Companies {
        /// Echoed in the answer.
        attempt: u32,
        /// Profile code.
        agency: String,
        query: CompanyQuery,
    },
    Change(Change),
    Hours(String),
    Postal(String),
    Renew(Renew),
    /// What is sent before a signature.
    Prepare {
        /// Echoed in the answer.
        attempt: u32,
        /// What is to be signed.
        application: Application,
    },
    /// To be saved by the browser.
    Receipt(ReceiptFile),
    SignIn {
        /// Names it.
        id: String,
        /// Echoed.
        fresh: bool,
    },
    EndSignIn(EndSignIn),
    Status,
    /// What happened before that.
    OlderEvents(String),
    Stop(Stop),
    InformationPassword,
    LogOut,
}

/// What a confirmation sends.
#[derive(Clone, PartialEq, Eq)]
pub enum Application {
    /// 登録.
    Register(Register),
    /// 変更.
    Change(Change),
    /// ICカード更新.
    Renew(Renew),
}

impl Application {
    /// The same with that signature, or without one.
    #[must_use]
    pub fn with(mut self, signed: Option<Signed>) -> Self {
        match &mut self {
            Self::Register(Register { signed: place, .. })
            | Self::Change(Change { signed: place, .. })
            | Self::Renew(Renew { signed: place, .. }) => *place = signed,
        }
        self
    }
}

impl From<Application> for Ask {
    fn from(application: Application) -> Self {
        match application {
            Application::Register(register) => Self::Register(register),
            Application::Change(change) => Self::Change(change),
            Application::Renew(renew) => Self::Renew(renew),
        }
    }
}

/// Where the keyboard focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The screen's h1.
    Heading,
    /// The list of errors at the top.
    Summary,
    /// The banner that says what went wrong.
    Banner,
    /// The list of addresses that a 郵便番号 has.
    Addresses,
    /// The notice about 利用時間.
    Hours,
    /// The panel shown while the card is requested.
    CardPanel,
    /// A field or a heading, by its `id`.
    Field(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The displayed minute changes.
    Minute,
    /// The clock must be compared with the server's.
    ClockSync,
    /// Typing paused: save the draft.
    Draft,
}

//! What may happen to the wizard: a person's action, or an answer from outside.

use std::rc::Rc;

use touroku_proto::{
    agency::AgencyProfile,
    api::{Challenge, Portal, PostalMatches, Prepared, ReceiptFile, SessionView},
    card::{CardError, Purpose, Status},
    document::DocumentSignature,
    field::FieldId,
    hours::HoursState,
    token::Token,
};

use crate::bidder::{
    account::AccountAction, checkup::CheckupAction, clock::Reading, effect::Timer, language::Language,
    listing::ListingAction, members::MembersAction, postal::PostalStep, route::Route, search::SearchField,
    sign_in::SignInAction, status::StatusAction, trouble::Trouble,
};

/// An answer from the server.
pub type Answer<T> = Result<T, Trouble>;

pub enum Action {
    // Where the person is.
    /// The page was opened at this URL.
    Started(Route),
    /// The URL changed: by a link, by us, or by the browser's back and forward buttons.
    Arrived(Route),
    /// A link was followed.
    Follow(Route),
    /// 戻る.
    Back,
    /// もう一度.
    Retry,
    /// A link in the list of errors was followed, to the field with this `id`.
    FindField(&'static str),

    /// Another language was chosen.
    ChooseLanguage(Language),
    /// Its texts arrived and are in use, or did not arrive.
    LanguageChosen {
        language: Language,
        /// Whether they arrived.
        spoken: bool,
    },

    // What the page needs.
    PortalLoaded(Answer<Portal>),
    ProfileLoaded {
        /// Profile code.
        code: String,
        /// The profile. (Shared: the state keeps it as received.)
        answer: Answer<Rc<AgencyProfile>>,
    },
    SessionLoaded(Answer<SessionView>),

    // Time.
    /// 延長する.
    Extend,
    /// The session, requested for that.
    Extended(Answer<SessionView>),
    ClockRead(Answer<Reading>),
    /// A timer ran out, at this moment of the browser's monotonic clock, milliseconds.
    TimeUp {
        timer: Timer,
        at_ms: f64,
    },
    /// The tab came back to the front; timers may have slept.
    Awoke,
    /// The tab went into the background, or is about to close.
    Hidden,

    // 受注者クライアント.
    /// もう一度確認.
    CheckConnection,
    /// The extension answered `status`, under this id.
    ExtensionChecked {
        /// Of the check.
        attempt: u32,
        /// Extension id and status.
        answer: Result<(String, Status), CardError>,
    },
    /// 利用者登録処理.
    OpenMenu,
    SessionStarted(Answer<SessionView>),

    // Card.
    /// 登録 in the menu, or login: ask for the card.
    ShowCard(Purpose),
    ChallengeMade {
        /// Of the card request.
        attempt: u32,
        answer: Answer<Challenge>,
    },
    /// The card window is open.
    CardWindowOpened {
        /// Of the card request.
        attempt: u32,
    },
    CardSigned {
        /// Of the card request.
        attempt: u32,
        token: Token,
        /// 担当者.
        person_in_charge: String,
    },
    /// The server has checked what is to be signed.
    Prepared {
        /// Of the card request.
        attempt: u32,
        /// Number and nonce.
        answer: Answer<Prepared>,
        /// This page's own origin.
        origin: String,
    },
    /// The card signed an application.
    DocumentSigned {
        /// Of the card request.
        attempt: u32,
        signature: DocumentSignature,
    },
    /// The card request failed or was cancelled.
    CardFailed {
        /// Of the card request.
        attempt: u32,
        error: CardError,
    },
    /// キャンセル.
    CancelCard,
    LoggedIn {
        /// Of the card request.
        attempt: u32,
        answer: Answer<SessionView>,
    },

    // 資格審査情報検索.
    /// A search field changed.
    SearchTyped(SearchField, String),
    SearchLeft(SearchField),
    /// 変換する beside a search field.
    SearchConvert(SearchField),
    /// 検索.
    Search,
    SearchAnswered(Answer<SessionView>),

    // 利用者登録.
    Typed(FieldId, String),
    Left(FieldId),
    /// 変換する beside a field.
    Convert(FieldId),
    /// 同じ内容にする.
    CopyContacts,
    /// 入力内容確認.
    Confirm,
    /// The draft's revision.
    DraftSaved {
        /// Of what was sent.
        revision: u32,
        /// Whether it is stored.
        answer: Answer<()>,
    },

    // 登録.
    /// A fresh random UUID for one confirmation.
    SubmissionMade(String),
    /// 登録.
    Register,
    Registered(Answer<SessionView>),
    /// 申請書を保存, 電子署名を保存.
    SaveReceipt(ReceiptFile),
    ReceiptSaved(ReceiptFile, Answer<()>),
    /// 印刷.
    Print,

    /// On the way by ID and password (簡易認証).
    Account(AccountAction),
    /// On 登録状況.
    Status(StatusAction),
    /// On a bidding system's sign-in.
    SignIn(SignInAction),
    /// On 業者番号一覧.
    Listing(ListingAction),
    /// On a portal's page.
    Members(MembersAction),
    /// On 環境確認.
    Checkup(CheckupAction),

    // 変更.
    /// 変更.
    Change,
    Changed(Answer<SessionView>),

    // 住所を検索.
    /// 住所を検索 beside a 郵便番号.
    FindAddress(FieldId),
    AddressesFound {
        /// What was asked for.
        digits: String,
        answer: Answer<PostalMatches>,
    },
    /// A key in the list of addresses.
    StepAddress(PostalStep),
    /// An address was chosen, by its position in the list.
    ChooseAddress(usize),
    /// The list was closed without a choice.
    CloseAddresses,

    // 利用時間.
    HoursLoaded {
        /// Profile code.
        code: String,
        answer: Answer<HoursState>,
    },

    // ICカード更新.
    /// 更新.
    Renew,
    Renewed(Answer<SessionView>),

    /// ログアウト.
    LogOut,
    LoggedOut(Answer<()>),
}

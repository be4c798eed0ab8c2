//! What may happen to the page: a person's action, or an answer from outside.

use touroku_proto::{
    card::CardError,
    officer::{
        Notices, Role,
        audit::AuditAction,
        company::{CompanyFilter, ExportPart, PermitState},
        import::ImportView,
        review::ReviewKind,
    },
    token::Token,
};

use super::{
    ask::{Ask, Reply},
    dialog::Dialog,
    effect::Timer,
    input::Input,
    part::Edit,
    route::{QueueSearch, Route},
    state::PreviewScreen,
};
use crate::{bidder::action::Answer, call::Request};

#[derive(Clone)]
pub enum Action {
    Started {
        route: Route,
        /// The agency last chosen on this computer.
        remembered: Option<String>,
    },
    /// The URL changed: by a link, by us, or by the browser's buttons.
    Arrived(Route),
    Answered(Box<Ask>, Box<Answer<Reply>>),
    /// もう一度.
    Retry,
    /// Moves the focus: a link in the list of mistakes, 本文へ移動.
    Find(String),
    /// A mistake in the text of 機関設定 was chosen.
    FindMistake {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A timer ran out.
    TimeUp(Timer),
    /// The tab came back to the front; timers may have slept.
    Awoke,

    /// A text field changed.
    Typed(Input, String),
    /// A reason was chosen from the profile's list.
    PickReason(String),
    /// This application was looked at and is to be approved together with others.
    Collect,
    /// It is not, after all.
    Drop(ReviewKind, i64),
    /// Which applications of the queue are shown.
    PickQueue(QueueSearch),
    /// The button of the screen's form, or Enter in it.
    Submit,
    /// さらに表示.
    More,
    /// A button that asks before doing something.
    Offer(Dialog),
    /// はい.
    Confirm,
    /// いいえ, Escape.
    Dismiss,

    /// The agency of the sign-in was chosen.
    PickAgency(String),
    /// ログアウト.
    SignOut,
    /// Extend the session or, where it can't be extended, sign in again.
    StaySignedIn,
    /// IC card: sign in, or link it to the current account.
    UseCard,
    CardWindowOpened {
        /// Of the card request.
        attempt: u32,
    },
    /// The card has signed, or not.
    CardAnswered {
        /// Of the card request.
        attempt: u32,
        /// Boxed: a token contains two certificates.
        answer: Box<Result<Token, CardError>>,
    },
    /// キャンセル.
    CancelCard,

    /// 絞り込み of 照会 changed.
    PickFilter(CompanyFilter),
    /// With or without these columns in what is exported.
    PickPart(ExportPart, bool),
    /// A field of the roster's row changed: its name and text.
    TypedRow(String, String),
    /// Whether imports keep the row.
    KeepRow(bool),
    /// Save the row although something deserves a look.
    SaveRow,
    /// A roster file was chosen or dropped.
    PickFile {
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// Several files at once, or none.
    NotOneFile,
    /// A piece of the file arrived, or failed to.
    PieceSent {
        import: i64,
        /// Its progress now.
        answer: Box<Answer<ImportView>>,
    },
    /// A column of the file is mapped differently.
    PickColumn {
        /// From 0.
        column: usize,
        /// Field; empty: not used.
        field: String,
    },
    /// Another row is the header, from 1.
    PickHeader(u64),
    /// Another sheet of the workbook is read.
    PickSheet(String),
    /// 列の読み方を変える.
    MapColumns,
    /// Letters that were issued earlier.
    OpenLetters,
    /// Back from the letters.
    CloseLetters,
    /// Puts the text of that version of 機関設定 into the field.
    BringBack(i64),
    /// How far the shown company's 利用申請書 is from now on.
    SetPermit(Option<PermitState>),
    /// The officer's mail settings.
    SetNotices(Notices),
    /// A box was ticked or cleared.
    Tick(Tick, bool),
    /// The role of a new account.
    PickRole(Role),
    /// Something about a system, by its code.
    OfClient(ClientAct, String),
    /// すべての記録を確かめる.
    CheckAudit,
    /// Look for entries of 監査記録, with the words that are typed.
    PickAudit(Option<AuditAction>),
    /// Save what is found there as CSV.
    SaveAudit,
    /// Something is done to a key in a form of 機関設定.
    Edit(String, Edit),
    /// Keys are to be as inherited.
    Unset(Vec<String>),
    /// Keys are to be as they are in effect.
    Revert(Vec<String>),
    /// The days that are typed are closed, in that year or in every year.
    CloseDays,
    /// Another month of the calendar.
    PickMonth(u16, u8),
    /// Into a field, where its cursor is.
    Insert {
        id: String,
        text: String,
    },
    /// The officer's own text of 機関設定 is replaced by the one in effect.
    ReloadProfile,
    /// Which category the preview shows.
    PickCategory(String),
    /// Which screen the preview shows.
    PickPreview(PreviewScreen),
    /// Saves a file that the server generates.
    Export(Request),
    /// Into the clipboard.
    Copy(String),
    /// Whether the browser did.
    Copied(bool),
    /// 印刷.
    Print,
}

/// What is done about a system without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAct {
    /// Its description becomes the form's text; without a code: an empty one.
    Edit,
    /// Send it a test event.
    Try,
    /// Show what it checks webhooks with.
    WebhookSecret,
}

/// The boxes that can be ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Skip the wrong rows of an import.
    SkipWrong,
    /// Delete the 削除候補 that never registered.
    RemoveMissing,
    /// Numbers for the next companies without one.
    NextNumbers,
    /// Numbers by mail.
    ByMail,
    /// Unlink the card together with the old password.
    UnlinkCard,
    /// Closed days come back every year.
    Yearly,
}

//! What may happen to the page: a person's doing, or an answer from outside.

use touroku_proto::{
    card::CardError,
    officer::{Notices, Role, company::CompanyFilter, import::ImportView},
    token::Token,
};

use super::{
    ask::{Ask, Reply},
    dialog::Dialog,
    effect::Timer,
    input::Input,
    route::Route,
    state::PreviewScreen,
};
use crate::bidder::action::Answer;

#[derive(Clone)]
pub enum Action {
    /// The page was opened.
    Started {
        /// At this address.
        route: Route,
        /// The agency that was chosen on this computer the last time.
        remembered: Option<String>,
    },
    /// The address changed: by a link, by us, or by the browser's buttons.
    Arrived(Route),
    Answered(Box<Ask>, Box<Answer<Reply>>),
    /// もう一度.
    Retry,
    /// Moves the focus: a link of the list of mistakes, 本文へ移動.
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
    /// A reason was chosen from the profile's.
    PickReason(String),
    /// The button of the screen's form, or Enter in it.
    Submit,
    /// さらに表示.
    More,
    /// A button that asks before it does something.
    Offer(Dialog),
    /// はい.
    Confirm,
    /// いいえ, Escape.
    Dismiss,

    /// The agency of the sign-in was chosen.
    PickAgency(String),
    /// ログアウト.
    SignOut,
    /// Go on being signed in.
    StaySignedIn,
    /// IC card: sign in, or link to the account that is signed in.
    UseCard,
    /// The card window is on the screen.
    CardWindowOpened {
        /// Of the card request.
        attempt: u32,
    },
    /// The card signed, or not.
    CardAnswered {
        /// Of the card request.
        attempt: u32,
        /// Boxed: a token holds two certificates.
        answer: Box<Result<Token, CardError>>,
    },
    /// キャンセル.
    CancelCard,

    /// 絞り込み of 照会 changed.
    PickFilter(CompanyFilter),
    /// A roster file was chosen or dropped.
    PickFile {
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// Several files at once, or none.
    NotOneFile,
    /// A piece of the file arrived, or not.
    PieceSent {
        import: i64,
        /// How far it is now.
        answer: Box<Answer<ImportView>>,
    },
    /// A column of the file is read otherwise.
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
    /// What one gets mail about.
    SetNotices(Notices),
    /// A box was ticked or cleared.
    Tick(Tick, bool),
    /// The role of a new account.
    PickRole(Role),
    /// すべての記録を確かめる.
    CheckAudit,
    /// The text of 機関設定 that one wrote gives way to what is in force.
    ReloadProfile,
    /// Which category the preview shows.
    PickCategory(String),
    /// Which screen the preview shows.
    PickPreview(PreviewScreen),
    /// Saves a file, which the server writes at this path.
    Export(String),
    /// Into the clipboard.
    Copy(String),
    /// Whether the browser did.
    Copied(bool),
    /// 印刷.
    Print,
}

/// The boxes that can be ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Leave the wrong rows of an import out.
    SkipWrong,
    /// Delete the 削除候補 that never registered.
    RemoveMissing,
    /// Numbers for the next companies that have none.
    NextNumbers,
    /// Numbers by mail.
    ByMail,
    /// The card goes with the old password.
    UnlinkCard,
}

//! What the browser must do for the page.

use touroku_proto::token::Nonce;

use super::{ask::Ask, route::Route};

/// A command to the browser. Its result arrives as an [`super::action::Action`].
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    Ask(Ask),
    /// Present the card, under each id of the extension in turn.
    Authenticate {
        ids: Vec<String>,
        /// Echoed in the answer.
        attempt: u32,
        nonce: Nonce,
        /// The agency's name, as received with the challenge.
        agency: String,
    },
    /// Cancel the running card request.
    CancelCard,
    /// Send bytes of the chosen file.
    SendPiece {
        import: i64,
        /// The first byte.
        offset: u64,
        /// The byte after the last.
        end: u64,
    },
    /// Release the chosen file.
    ForgetFile,
    /// Go to another URL.
    Go {
        route: Route,
        /// Replacing the current entry in the browser's history.
        replace: bool,
    },
    /// Move the keyboard focus to an element, once the screen is drawn.
    Focus(String),
    /// Select a part of the text of 機関設定: a mistake.
    Select {
        /// Line from 1.
        line: usize,
        /// Column from 1, in characters.
        column: usize,
    },
    /// Put a text into a field, where its cursor is.
    Insert {
        id: String,
        text: String,
    },
    /// Start a timer, stopping a running one of the same kind.
    Wait {
        timer: Timer,
        milliseconds: u32,
    },
    /// Remember the chosen agency on this computer.
    Remember(String),
    /// Put a text into the clipboard.
    Copy(String),
    /// Open the browser's print dialog.
    Print,
    /// Save a file.
    Save {
        name: String,
        content: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Time passes: the session's end, the seconds until another attempt is allowed.
    Tick,
    /// An import is running on the server: poll its progress.
    Import,
    /// 監査記録 is being checked on the server: poll its progress.
    Audit,
    /// The connection broke during an upload: continue.
    Upload,
}

/// The screen's h1.
pub(super) fn focus_heading() -> Effect {
    Effect::Focus("heading".to_owned())
}

//! What the browser must do for the page.

use touroku_proto::token::Nonce;

use super::{ask::Ask, route::Route};

/// An order to the browser. What comes of it arrives as an [`super::action::Action`].
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    Ask(Ask),
    /// Show the card, under each id of the extension in turn.
    Authenticate {
        ids: Vec<String>,
        /// Echoed.
        attempt: u32,
        nonce: Nonce,
        /// The agency's name, as it came with the challenge.
        agency: String,
    },
    /// Give the running card request up.
    CancelCard,
    /// Send bytes of the chosen file.
    SendPiece {
        import: i64,
        /// From which byte on.
        offset: u64,
        /// Up to which byte, itself left out.
        end: u64,
    },
    /// Let the chosen file go.
    ForgetFile,
    /// Go to another address.
    Go {
        route: Route,
        /// In place of the present entry of the browser's history.
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
    /// Start a timer; one of the same kind that is running is stopped.
    Wait {
        timer: Timer,
        milliseconds: u32,
    },
    /// Keep the chosen agency on this computer for the next time.
    Remember(String),
    /// Put a text into the clipboard.
    Copy(String),
    /// Open the browser's print dialog.
    Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Time goes on: the session's end, the seconds until one may try again.
    Tick,
    /// An import is at work on the server: how far is it?
    Import,
    /// 監査記録 is looked through on the server: how far is it?
    Audit,
    /// The line broke during an upload: go on.
    Upload,
}

/// The screen's h1.
pub(super) fn focus_heading() -> Effect {
    Effect::Focus("heading".to_owned())
}

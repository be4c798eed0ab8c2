//! A bidding system's sign-in that waits for the login for 電子入札.

use touroku_proto::sign_in::{Onward, SignIn};

use crate::bidder::action::Answer;

/// What happens to it.
pub enum SignInAction {
    /// The page was opened for it, or in a tab that was.
    Found {
        /// Names it.
        id: String,
        /// The bidding system has just sent the browser here.
        fresh: bool,
    },
    Read {
        /// As it was found.
        fresh: bool,
        /// The sign-in.
        answer: Answer<SignIn>,
    },
    /// やめて戻る.
    GiveUp,
    Ended(Answer<Onward>),
}

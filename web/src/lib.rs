//! The contractor's wizard (受注者): from the choice of an agency to the printed 利用者情報.
//!
//! [`bidder`] is a pure reducer and knows no browser; [`view`] draws its state and dispatches; [`ports`] is
//! the only module that calls the browser; `texts` chooses which of the catalogues' sentences is shown when.

#![allow(missing_docs, reason = "nobody outside this product reads its documentation")]

pub mod bidder;
pub mod call;
pub mod officer;
pub mod ports;
// Crate-private, so that an unused text is dead code.
#[allow(unreachable_pub)]
pub(crate) mod texts;
pub mod view;

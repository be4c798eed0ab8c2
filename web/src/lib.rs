//! The contractor's wizard (受注者): from the choice of an agency to the printed 利用者情報.
//!
//! [`bidder`] is a pure reducer and knows no browser; [`view`] draws its state and dispatches; [`ports`] is
//! the only module that calls the browser; [`texts`] holds every Japanese sentence that is not an agency's.

pub mod bidder;
pub mod officer;
pub mod ports;
pub mod texts;
pub mod view;

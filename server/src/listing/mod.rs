//! 業者番号一覧: the numbers that an agency publishes, in 五十音 order.

mod key;
mod page;

pub use self::{key::SortKey, page::page};

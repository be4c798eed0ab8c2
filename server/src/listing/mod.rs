//! 業者番号一覧: the numbers that an agency publishes, by 五十音.

mod key;
mod page;

pub(crate) use self::key::fold_kana;
pub use self::{key::SortKey, page::page};

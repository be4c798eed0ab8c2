//! 届かなかったメール.

use super::Text;
pub(crate) use super::said::mails::*;

pub(crate) const COLUMNS: [Text; 5] = [COLUMNS_1, COLUMNS_2, COLUMNS_3, COLUMNS_4, COLUMNS_5];

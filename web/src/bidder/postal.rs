//! 住所 from 郵便番号: search results waiting for a choice.

use touroku_proto::{
    field::{FieldId, Rule, Values},
    form::{Form, Occasion},
    text,
};

use crate::bidder::form::edited_rows;

/// A search for addresses, one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostalSearch {
    /// The row of the 郵便番号.
    pub field: FieldId,
    /// The row of the 住所.
    pub address: FieldId,
    /// The seven digits that were looked up.
    pub digits: String,
    pub found: PostalFound,
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostalFound {
    /// Asking the server.
    Waiting,
    /// No address has this 郵便番号.
    Nothing,
    /// The server could not be asked.
    Failed,
    /// These wait for the person's choice.
    Choices {
        addresses: Vec<String>,
        /// The one with the keyboard focus.
        active: usize,
    },
    /// The address row was filled.
    Filled,
}

/// The effect of a key in the list of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostalStep {
    Previous,
    Next,
    First,
    Last,
}

impl PostalStep {
    /// Where the keyboard moves from `active`, of `count` addresses. It stops at both ends.
    pub fn from(self, active: usize, count: usize) -> usize {
        let last = count.saturating_sub(1);
        match self {
            Self::Previous => active.saturating_sub(1),
            Self::Next => (active + 1).min(last),
            Self::First => 0,
            Self::Last => last,
        }
    }
}

/// The address row for a 郵便番号 row: editable, after it, with the same name before the suffix.
pub fn address_of(form: &Form, occasion: Occasion, postal_code: FieldId) -> Option<FieldId> {
    let prefix = postal_code.as_str().strip_suffix("postal_code")?;
    edited_rows(form, occasion)
        .skip_while(|row| row.field != postal_code)
        .map(|row| row.field)
        .find(|field| field.as_str().strip_suffix("address") == Some(prefix))
}

/// The seven digits of a typed 郵便番号, in whatever width; `None` if it is not one.
pub fn digits(typed: &str) -> Option<String> {
    let half = text::to_half_width(typed.trim());
    let written = match half.len() {
        7 if half.is_ascii() => format!("{}-{}", &half[..3], &half[3..]),
        _ => half,
    };
    let valid = Rule::PostalCode.check(&written, &Values::default()).is_ok();
    valid.then(|| written.replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postal_code_is_read_in_any_width_and_nothing_else_is() {
        for typed in ["123-4567", "1234567", " １２３－４５６７ ", "１２３４５６７"] {
            assert_eq!(digits(typed).as_deref(), Some("1234567"), "{typed}");
        }
        for typed in ["", "123-456", "12-34567", "12345678", "abc-defg", "〒123-4567"] {
            assert_eq!(digits(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_keyboard_stops_at_both_ends() {
        assert_eq!(PostalStep::Previous.from(0, 3), 0);
        assert_eq!(PostalStep::Next.from(2, 3), 2);
        assert_eq!(PostalStep::Next.from(0, 3), 1);
        assert_eq!((PostalStep::First.from(2, 3), PostalStep::Last.from(0, 3)), (0, 2));
    }
}

//! Texts about a field.

use touroku_proto::{
    field::{Guessable, Problem, Rule},
    text,
};

use super::Text;
pub(super) use super::said::contractor::field as said;

/// What is wrong with a value, without the leading ＊.
pub fn problem(label: &str, problem: &Problem) -> String {
    match problem {
        Problem::Required => match label.strip_suffix("再入力") {
            Some(first) => said::required_again(first),
            None => said::required(label),
        },
        &Problem::TooLong { max, actual } => said::too_long(max, actual),
        &Problem::WrongLength { min, max, actual } if min == max => said::wrong_length(max, actual),
        &Problem::WrongLength { min, max, actual } if actual < min => said::too_short(min, max, actual),
        &Problem::WrongLength { max, actual, .. } => said::too_long(max, actual),
        Problem::NotFullWidth => said::NOT_FULL_WIDTH.to_string(),
        Problem::NotHalfWidth => said::NOT_HALF_WIDTH.to_string(),
        Problem::HalfWidthKatakana => said::HALF_WIDTH_KATAKANA.to_string(),
        Problem::BadCharacters { characters } if characters.contains(text::BROKEN) => {
            said::BROKEN.to_string()
        }
        Problem::BadCharacters { characters } if characters.contains(text::is_private) => {
            said::gaiji(&codes(characters))
        }
        Problem::BadCharacters { characters } if characters.contains(text::is_emoji) => {
            said::emoji(&visible(characters))
        }
        Problem::BadCharacters { characters } => match visible(characters) {
            shown if shown.is_empty() => said::UNSEEN.to_string(),
            shown => said::bad_characters(&shown),
        },
        Problem::NotMixed => said::NOT_MIXED.to_string(),
        Problem::NotPostalCode => said::NOT_POSTAL_CODE.to_string(),
        Problem::NotPhone => said::NOT_PHONE.to_string(),
        Problem::NotEmail => said::NOT_EMAIL.to_string(),
        Problem::NotEqual => said::NOT_EQUAL.to_string(),
        Problem::Guessable { why } => said::guessable(&guessable(*why)),
    }
}

/// Why a password is refused, and what to do.
fn guessable(why: Guessable) -> Text {
    match why {
        Guessable::Common => said::GUESSABLE_COMMON,
        Guessable::Own => said::GUESSABLE_OWN,
        Guessable::Sequence => said::GUESSABLE_SEQUENCE,
        Guessable::Repeated => said::GUESSABLE_REPEATED,
        Guessable::Date => said::GUESSABLE_DATE,
        Guessable::Short => said::GUESSABLE_SHORT,
    }
}

/// 外字 by their code points: nobody can tell what they look like elsewhere.
fn codes(characters: &str) -> String {
    let private = characters.chars().filter(|&c| text::is_private(c));
    private.map(|c| format!("U+{:04X}", u32::from(c))).collect::<Vec<_>>().join(" ")
}

/// The characters that can be displayed.
fn visible(characters: &str) -> String {
    let shown: Vec<String> = characters
        .chars()
        .filter(|&c| !text::is_forbidden(c))
        .map(|c| if c.is_whitespace() { said::SPACE.to_string() } else { c.to_string() })
        .collect();
    shown.join(" ")
}

/// The limit shown by a character counter, for rules with free text.
pub fn counted(rule: &Rule) -> Option<usize> {
    match rule {
        Rule::Text { max } | Rule::FullWidth { max } => Some(*max),
        _ => None,
    }
}

/// `12／60文字`, or how many too many.
pub fn counter(actual: usize, max: usize) -> String {
    match actual.checked_sub(max) {
        None | Some(0) => said::counter(actual, max),
        Some(over) => said::counter_over(actual, max, over),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_their_numbers() {
        let text = |p| problem("連絡先住所", &p);
        assert_eq!(text(Problem::Required), "連絡先住所を入力してください");
        assert_eq!(
            text(Problem::TooLong { max: 60, actual: 75 }),
            "60文字以内で入力してください（いま75文字）"
        );
        assert_eq!(
            text(Problem::WrongLength { min: 9, max: 9, actual: 8 }),
            "9文字で入力してください（いま8文字）"
        );
        assert_eq!(
            text(Problem::WrongLength { min: 6, max: 20, actual: 5 }),
            "6文字以上、20文字以内で入力してください（いま5文字）"
        );
    }

    #[test]
    fn characters_that_cannot_be_seen_are_not_shown_as_blanks() {
        let text =
            |characters: &str| problem("名称", &Problem::BadCharacters { characters: characters.into() });
        assert_eq!(text("_ -"), "使えない文字が含まれています：_ 空白 -");
        assert_eq!(text("\u{200B}"), "目に見えない文字が含まれています。入力し直してください");
    }

    #[test]
    fn the_counter_tells_how_much_is_too_much() {
        assert_eq!(counter(60, 60), "60／60文字");
        assert_eq!(counter(75, 60), "75／60文字（15文字超過）");
    }
}

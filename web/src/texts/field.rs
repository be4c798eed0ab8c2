//! What is said about a field.

use touroku_proto::field::{Guessable, Problem, Rule};

/// What is wrong with a value, without the leading ＊.
pub fn problem(label: &str, problem: &Problem) -> String {
    match problem {
        Problem::Required => match label.strip_suffix("再入力") {
            Some(first) => format!("確認のため、{first}をもう一度入力してください"),
            None => format!("{label}を入力してください"),
        },
        Problem::TooLong { max, actual } => format!("{max}文字以内で入力してください（いま{actual}文字）"),
        Problem::WrongLength { min, max, actual } if min == max => {
            format!("{max}文字で入力してください（いま{actual}文字）")
        }
        Problem::WrongLength { min, max, actual } if actual < min => {
            format!("{min}文字以上、{max}文字以内で入力してください（いま{actual}文字）")
        }
        Problem::WrongLength { max, actual, .. } => {
            format!("{max}文字以内で入力してください（いま{actual}文字）")
        }
        Problem::NotFullWidth => "全角で入力してください。半角の文字が含まれています".to_owned(),
        Problem::NotHalfWidth => "半角で入力してください。全角の文字が含まれています".to_owned(),
        Problem::HalfWidthKatakana => "半角カタカナは使えません。全角で入力してください".to_owned(),
        Problem::BadCharacters { characters } => match visible(characters) {
            shown if shown.is_empty() => "目に見えない文字が含まれています。入力し直してください".to_owned(),
            shown => format!("使えない文字が含まれています：{shown}"),
        },
        Problem::NotMixed => "英字と数字の両方を使ってください".to_owned(),
        Problem::NotPostalCode => "郵便番号は、123-4567の形で入力してください".to_owned(),
        Problem::NotPhone => "番号は、03-0000-0000のように、ハイフンで区切って入力してください".to_owned(),
        Problem::NotEmail => {
            "メールアドレスの形が正しくありません。「@」や「.」を確かめてください".to_owned()
        }
        Problem::NotEqual => "上の内容と一致していません。同じ内容を入力してください".to_owned(),
        Problem::Guessable { why } => format!("推測されやすいため使えません。{}", guessable(*why)),
    }
}

/// Why a password is refused, and what to do.
fn guessable(why: Guessable) -> &'static str {
    match why {
        Guessable::Common => {
            "多くの人が使っているものと同じか、よく似ています。ほかの文字の並びにしてください"
        }
        Guessable::Own => "ユーザーIDや業者番号、会社の名前が入っています。それらを入れずに決めてください",
        Guessable::Sequence => {
            "「abc」「123」のような続いた文字や、キーボードで隣り合う文字の並びです。並びをばらばらにしてください"
        }
        Guessable::Repeated => "同じ文字や並びの繰り返しです。繰り返さずに決めてください",
        Guessable::Date => "日付や西暦が入っています。日付のほかの文字を増やしてください",
        Guessable::Short => "短すぎます。無関係な文字を増やして、8文字以上にしてください",
    }
}

/// The characters that can be shown.
fn visible(characters: &str) -> String {
    let shown: Vec<String> = characters
        .chars()
        .filter(|&c| !touroku_proto::text::is_forbidden(c))
        .map(|c| if c.is_whitespace() { "空白".to_owned() } else { c.to_string() })
        .collect();
    shown.join(" ")
}

/// The most characters that a counter counts towards, for rules where people write freely.
pub fn counted(rule: &Rule) -> Option<usize> {
    match rule {
        Rule::Text { max } | Rule::FullWidth { max } => Some(*max),
        _ => None,
    }
}

/// `12／60文字`, or how many too many.
pub fn counter(actual: usize, max: usize) -> String {
    match actual.checked_sub(max) {
        None | Some(0) => format!("{actual}／{max}文字"),
        Some(over) => format!("{actual}／{max}文字（{over}文字超過）"),
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

//! Which values a field accepts, and what is wrong with one that it does not.

use serde::{Deserialize, Serialize};

use super::{FieldId, Values};
use crate::text;

/// Which values a field accepts. Lengths count [`text::characters`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(!try_from, deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "RuleText")]
pub enum Rule {
    /// Any printable text except half-width katakana.
    Text {
        /// Most characters.
        max: usize,
    },
    /// Full-width characters only (全角).
    FullWidth {
        /// Most characters.
        max: usize,
    },
    /// Half-width letters and digits (半角英数字).
    Alphanumeric {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// Half-width letters and digits, at least one of each (半角英数字混在).
    MixedAlphanumeric {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// Half-width digits.
    Digits {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// 郵便番号: half-width `NNN-NNNN`.
    PostalCode,
    /// 電話番号 or FAX番号: half-width, 10 or 11 digits in all, in three groups by hyphens or in one. The groups' lengths
    /// are free (2-4-4, 3-3-5, 3-4-4, 5-1-4 … all occur).
    Phone,
    /// A mail address: half-width, one `@`, a domain with a dot.
    Email {
        /// Most characters.
        max: usize,
    },
    /// Must equal another field.
    Repeat {
        /// The other field.
        of: FieldId,
    },
}

/// A rule as written: a kind, and the parameters of that kind. Parsed in this shape because it reports the place
/// of a mistake better than an enum, and weighs less on the page.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RuleText {
    kind: RuleKind,
    min: Option<usize>,
    max: Option<usize>,
    of: Option<FieldId>,
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum RuleKind {
    Text,
    FullWidth,
    Alphanumeric,
    MixedAlphanumeric,
    Digits,
    PostalCode,
    Phone,
    Email,
    Repeat,
}

/// A rule that lacks a parameter, or has one that its kind does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this kind of rule needs {0}, and nothing else")]
pub struct NotRule(&'static str);

impl TryFrom<RuleText> for Rule {
    type Error = NotRule;

    fn try_from(rule: RuleText) -> Result<Self, NotRule> {
        use RuleKind as Kind;
        Ok(match (rule.kind, rule.min, rule.max, rule.of) {
            (Kind::Text, None, Some(max), None) => Self::Text { max },
            (Kind::FullWidth, None, Some(max), None) => Self::FullWidth { max },
            (Kind::Email, None, Some(max), None) => Self::Email { max },
            (Kind::Alphanumeric, Some(min), Some(max), None) => Self::Alphanumeric { min, max },
            (Kind::MixedAlphanumeric, Some(min), Some(max), None) => Self::MixedAlphanumeric { min, max },
            (Kind::Digits, Some(min), Some(max), None) => Self::Digits { min, max },
            (Kind::PostalCode, None, None, None) => Self::PostalCode,
            (Kind::Phone, None, None, None) => Self::Phone,
            (Kind::Repeat, None, None, Some(of)) => Self::Repeat { of },
            (Kind::Text | Kind::FullWidth | Kind::Email, ..) => return Err(NotRule("`max`")),
            (Kind::Alphanumeric | Kind::MixedAlphanumeric | Kind::Digits, ..) => {
                return Err(NotRule("`min` and `max`"));
            }
            (Kind::PostalCode | Kind::Phone, ..) => return Err(NotRule("its kind")),
            (Kind::Repeat, ..) => return Err(NotRule("`of`")),
        })
    }
}

/// What is wrong with a value. Texts belong to the apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Required and empty.
    Required,
    /// More characters than allowed.
    TooLong {
        /// Allowed.
        max: usize,
        /// Typed.
        actual: usize,
    },
    /// Shorter or longer than required.
    WrongLength {
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
        /// Typed.
        actual: usize,
    },
    /// Half-width characters where full-width is required.
    NotFullWidth,
    /// Full-width characters where half-width is required.
    NotHalfWidth,
    /// Half-width katakana.
    HalfWidthKatakana,
    /// Characters that the rule does not allow, without duplicates.
    BadCharacters {
        /// The characters.
        characters: String,
    },
    /// Letters without digits, or digits without letters.
    NotMixed,
    /// Not `NNN-NNNN`.
    NotPostalCode,
    /// Not in the format of a phone number.
    NotPhone,
    /// Not in the format of a mail address.
    NotEmail,
    /// Differs from the value it should repeat.
    NotEqual,
    /// A password that is easily guessed. Only the server can tell.
    Guessable {
        /// What makes it so.
        why: Guessable,
    },
}

/// What makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Guessable {
    /// Common, or similar to a common one.
    Common,
    /// It contains the ID, or the company's number or name.
    Own,
    /// A sequence (`abc`, `123`) or neighbouring keys.
    Sequence,
    /// The same thing repeated.
    Repeated,
    /// A date or a year.
    Date,
    /// None of these; it is short.
    Short,
}

/// A field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field.
    pub field: FieldId,
    /// What is wrong.
    pub problem: Problem,
}

impl Rule {
    /// Checks a non-empty value; emptiness is the row's `required`. `values` holds the other fields, for
    /// [`Rule::Repeat`].
    pub fn check(&self, value: &str, values: &Values) -> Result<(), Problem> {
        let bad: String = distinct(value.chars().filter(|&c| text::is_unusable(c)));
        if !bad.is_empty() {
            return Err(Problem::BadCharacters { characters: bad });
        }
        match self {
            Self::Text { max } => {
                if value.chars().any(text::is_half_width_katakana) {
                    return Err(Problem::HalfWidthKatakana);
                }
                at_most(value, *max)
            }
            Self::FullWidth { max } => {
                if value.chars().any(text::is_half_width) {
                    return Err(Problem::NotFullWidth);
                }
                at_most(value, *max)
            }
            Self::Alphanumeric { min, max } => {
                half_width(value, |c| c.is_ascii_alphanumeric())?;
                between(value, *min, *max)
            }
            Self::MixedAlphanumeric { min, max } => {
                half_width(value, |c| c.is_ascii_alphanumeric())?;
                between(value, *min, *max)?;
                let has = |kind: fn(&u8) -> bool| value.bytes().any(|b| kind(&b));
                if has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit) {
                    Ok(())
                } else {
                    Err(Problem::NotMixed)
                }
            }
            Self::Digits { min, max } => {
                half_width(value, |c| c.is_ascii_digit())?;
                between(value, *min, *max)
            }
            Self::PostalCode => {
                half_width(value, |_| true)?;
                if is_postal_code(value) { Ok(()) } else { Err(Problem::NotPostalCode) }
            }
            Self::Phone => {
                half_width(value, |_| true)?;
                if is_phone(value) { Ok(()) } else { Err(Problem::NotPhone) }
            }
            Self::Email { max } => {
                half_width(value, |_| true)?;
                at_most(value, *max)?;
                if is_email(value) { Ok(()) } else { Err(Problem::NotEmail) }
            }
            Self::Repeat { of } => {
                // Trimmed, as rows read any value.
                if value.trim() == values.text(*of).trim() { Ok(()) } else { Err(Problem::NotEqual) }
            }
        }
    }

    /// A suggested conversion: the value in the width that the rule requires, if that differs and passes. Offered,
    /// never applied automatically.
    pub fn suggest(&self, value: &str) -> Option<String> {
        let converted = match self {
            Self::Text { .. } => text::katakana_to_full_width(value),
            Self::FullWidth { .. } => text::to_full_width(value),
            Self::Alphanumeric { .. }
            | Self::MixedAlphanumeric { .. }
            | Self::Digits { .. }
            | Self::Email { .. } => text::to_half_width(value).trim().to_owned(),
            Self::PostalCode => {
                let half = text::to_half_width(value).trim().trim_start_matches('〒').trim().to_owned();
                match half.len() {
                    7 if half.bytes().all(|b| b.is_ascii_digit()) => format!("{}-{}", &half[..3], &half[3..]),
                    _ => half,
                }
            }
            Self::Phone => {
                text::to_half_width(value).trim().replace(['(', ')'], "-").trim_start_matches('-').to_owned()
            }
            Self::Repeat { .. } => return None,
        };
        (converted != value && self.check(&converted, &Values::default()).is_ok()).then_some(converted)
    }
}

fn distinct(characters: impl Iterator<Item = char>) -> String {
    let mut seen = String::new();
    for c in characters {
        if !seen.contains(c) {
            seen.push(c);
        }
    }
    seen
}

fn at_most(value: &str, max: usize) -> Result<(), Problem> {
    let actual = text::characters(value);
    if actual > max { Err(Problem::TooLong { max, actual }) } else { Ok(()) }
}

fn between(value: &str, min: usize, max: usize) -> Result<(), Problem> {
    let actual = text::characters(value);
    if (min..=max).contains(&actual) { Ok(()) } else { Err(Problem::WrongLength { min, max, actual }) }
}

fn half_width(value: &str, allowed: impl Fn(char) -> bool) -> Result<(), Problem> {
    if !value.is_ascii() {
        return Err(Problem::NotHalfWidth);
    }
    let bad = distinct(value.chars().filter(|&c| !allowed(c)));
    if bad.is_empty() { Ok(()) } else { Err(Problem::BadCharacters { characters: bad }) }
}

fn is_postal_code(value: &str) -> bool {
    value.len() == 8
        && value.bytes().enumerate().all(|(i, b)| if i == 3 { b == b'-' } else { b.is_ascii_digit() })
}

fn is_phone(value: &str) -> bool {
    if matches!(value.len(), 10 | 11) && value.starts_with('0') && value.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    let groups: Vec<&str> = value.split('-').collect();
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    groups.len() == 3
        && (10..=11).contains(&digits)
        && groups
            .iter()
            .all(|group| (1..=5).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit()))
}

/// The format accepted by mail systems in use here: RFC 5321 dot-atom local part (dots tolerated where old mobile
/// carriers issued them) and a domain of at least two labels.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let local_ok = (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_ok = labels.len() >= 2
        && domain.len() <= 253
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        && labels.last().is_some_and(|top| top.len() >= 2 && top.bytes().any(|b| b.is_ascii_alphabetic()));
    local_ok && domain_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &Rule, value: &str) -> Result<(), Problem> {
        rule.check(value, &Values::default())
    }

    #[test]
    fn phone_numbers_of_every_real_grouping_pass() {
        for phone in [
            "03-0000-0000",
            "0300000000",
            "0170000000",
            "044-812-73582",
            "123-4567-7890",
            "0120-123-456",
            "01234-5-6789",
        ] {
            assert_eq!(check(&Rule::Phone, phone), Ok(()), "{phone}");
        }
        for phone in [
            "300000000",
            "030000000",
            "3000000000",
            "03-0000",
            "03-0000-000a",
            "03--00000000",
            "03-0000-00000000",
            "-03-00000000",
        ] {
            assert_eq!(check(&Rule::Phone, phone), Err(Problem::NotPhone), "{phone}");
        }
        assert_eq!(check(&Rule::Phone, "０３-0000-0000"), Err(Problem::NotHalfWidth));
    }

    #[test]
    fn postal_codes_need_their_hyphen_and_get_it_offered() {
        assert_eq!(check(&Rule::PostalCode, "123-4567"), Ok(()));
        for code in ["1234567", "12-34567", "123-456", "123-45678", "abc-defg"] {
            assert_eq!(check(&Rule::PostalCode, code), Err(Problem::NotPostalCode), "{code}");
        }
        assert_eq!(Rule::PostalCode.suggest("1234567").as_deref(), Some("123-4567"));
        assert_eq!(Rule::PostalCode.suggest("〒１２３－４５６７").as_deref(), Some("123-4567"));
        assert_eq!(Rule::PostalCode.suggest("123-4567"), None);
    }

    #[test]
    fn mail_addresses_with_typing_errors_are_refused() {
        let rule = Rule::Email { max: 100 };
        for address in
            ["a@example.jp", "first.last+tag@sub.example.co.jp", "..old-mobile..@docomo.example.jp"]
        {
            assert_eq!(check(&rule, address), Ok(()), "{address}");
        }
        for address in
            ["a@example,jp", "a@example", "a example@example.jp", "@example.jp", "a@b@example.jp", "a@-x.jp"]
        {
            assert_eq!(check(&rule, address), Err(Problem::NotEmail), "{address}");
        }
        assert_eq!(check(&rule, "ａ@example.jp"), Err(Problem::NotHalfWidth));
        let long = format!("{}@example.jp", "a".repeat(95));
        assert_eq!(check(&rule, &long), Err(Problem::TooLong { max: 100, actual: 106 }));
    }

    #[test]
    fn full_width_fields_refuse_half_width_and_offer_the_conversion() {
        let rule = Rule::FullWidth { max: 40 };
        assert_eq!(check(&rule, "（株）テスト商会０１"), Ok(()));
        assert_eq!(check(&rule, "(株)テスト商会01"), Err(Problem::NotFullWidth));
        assert_eq!(rule.suggest("(株)ﾃｽﾄ商会01").as_deref(), Some("（株）テスト商会０１"));
        assert_eq!(check(&rule, &"あ".repeat(41)), Err(Problem::TooLong { max: 40, actual: 41 }));
    }

    #[test]
    fn invisible_characters_are_refused_everywhere() {
        for value in
            ["a\u{0}b", "a\nb", "\u{202E}a", "a\u{200B}", "髙\u{E000}", "商会😀", "1\u{20E3}", "a\u{FFFD}"]
        {
            assert!(matches!(check(&Rule::Text { max: 60 }, value), Err(Problem::BadCharacters { .. })));
        }
        for value in ["髙﨑☆♪", "𠮷野", "①㈱～－"] {
            assert_eq!(check(&Rule::Text { max: 60 }, value), Ok(()), "{value}");
        }
    }

    #[test]
    fn a_repetition_must_equal_its_original() {
        let mut values = Values::default();
        values.set(FieldId::CardContactEmail, "a@example.jp");
        let rule = Rule::Repeat { of: FieldId::CardContactEmail };
        assert_eq!(rule.check("a@example.jp", &values), Ok(()));
        assert_eq!(rule.check("A@example.jp", &values), Err(Problem::NotEqual));
        values.set(FieldId::CardContactEmail, "a@example.jp ");
        for again in ["a@example.jp", "a@example.jp ", "\u{3000}a@example.jp"] {
            assert_eq!(rule.check(again, &values), Ok(()), "{again:?}");
        }
    }

    #[test]
    fn an_id_needs_letters_and_digits() {
        let rule = Rule::MixedAlphanumeric { min: 6, max: 20 };
        assert_eq!(check(&rule, "oi25io14"), Ok(()));
        assert_eq!(check(&rule, "abcdefg"), Err(Problem::NotMixed));
        assert_eq!(check(&rule, "1234567"), Err(Problem::NotMixed));
        assert_eq!(check(&rule, "a1b2c"), Err(Problem::WrongLength { min: 6, max: 20, actual: 5 }));
        assert_eq!(check(&rule, "a1-b2c"), Err(Problem::BadCharacters { characters: "-".into() }));
        assert_eq!(rule.suggest("ｏｉ２５ｉｏ１４").as_deref(), Some("oi25io14"));
    }
}

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::*;

/// Every way in which our messages are derived.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    number: i64,
    small: u8,
    text: String,
    yes: bool,
    maybe: Option<Box<Message>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kinds: Vec<Kind>,
    #[serde(default)]
    by_name: BTreeMap<String, (u32, char)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    One(u64),
    Two(String, i32),
    Named { first: String, second: Option<bool> },
    Tagged(Tagged),
    Wrapped(Wrapped),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tagged {
    Nothing,
    Much { amount: u16, minus: i8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Wrapped(String);

impl TryFrom<String> for Wrapped {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "bad" { Err("bad") } else { Ok(Self(text)) }
    }
}

impl From<Wrapped> for String {
    fn from(wrapped: Wrapped) -> Self {
        wrapped.0
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Plain),
        any::<u64>().prop_map(Kind::One),
        any::<(String, i32)>().prop_map(|(text, number)| Kind::Two(text, number)),
        any::<(String, Option<bool>)>().prop_map(|(first, second)| Kind::Named { first, second }),
        Just(Kind::Tagged(Tagged::Nothing)),
        any::<(u16, i8)>().prop_map(|(amount, minus)| Kind::Tagged(Tagged::Much { amount, minus })),
        "[^b]*".prop_map(|text| Kind::Wrapped(Wrapped(text))),
    ]
}

fn messages() -> impl Strategy<Value = Message> {
    let plain = (
        any::<(i64, u8, String, bool)>(),
        prop::collection::vec(kinds(), 0..4),
        prop::collection::btree_map(any::<String>(), any::<(u32, char)>(), 0..3),
    )
        .prop_map(|((number, small, text, yes), kinds, by_name)| Message {
            number,
            small,
            text,
            yes,
            maybe: None,
            kinds,
            by_name,
        });
    plain.prop_recursive(3, 8, 1, |inner| {
        (inner.clone(), inner)
            .prop_map(|(message, maybe)| Message { maybe: Some(Box::new(maybe)), ..message })
    })
}

/// Whatever both read, they read alike.
fn reads_alike<T: DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    assert_eq!(from_str::<T>(text).ok(), serde_json::from_str::<T>(text).ok(), "{text}");
}

proptest! {
    #[test]
    fn what_is_written_is_what_serde_json_writes_and_is_read_again(message in messages()) {
        let text = to_string(&message);
        prop_assert_eq!(&text, &serde_json::to_string(&message).unwrap());
        prop_assert_eq!(from_str::<Message>(&text).unwrap(), message.clone());
        let spaced = serde_json::to_string_pretty(&message).unwrap();
        prop_assert_eq!(from_str::<Message>(&spaced).unwrap(), message.clone());
        prop_assert_eq!(from_str::<Value>(&spaced).unwrap(), serde_json::to_value(&message).unwrap());
    }

    #[test]
    fn a_text_that_was_damaged_is_read_as_serde_json_reads_it(
        message in messages(), at in any::<prop::sample::Index>(), by in "[\\[\\]{}\",:\\\\ntu0-3-]?"
    ) {
        let text = to_string(&message);
        let places: Vec<_> = text.char_indices().collect();
        let (start, old) = places[at.index(places.len())];
        let damaged = [&text[..start], &by, &text[start + old.len_utf8()..]].concat();
        reads_alike::<Message>(&damaged);
        reads_alike::<Value>(&damaged);
        reads_alike::<Message>(&text[..start]);
    }

    #[test]
    fn any_text_is_refused_or_read(text in "[\\[\\]{}\",:\\\\ntrue0-3 -]*") {
        if from_str::<Value>(&text).is_ok() {
            serde_json::from_str::<Value>(&text).unwrap();
        }
    }
}

#[test]
fn texts_are_read_with_their_escapes() {
    for text in [
        r#""あ\u3042\ud867\uDE3D\"\\\/\b\f\n\r\t\u0000""#,
        r#""\ud867""#,
        r#""\ud867\u0041""#,
        r#""\ude3d""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\x""#,
        "\"\u{7}\"",
        "\"open",
        "'a'",
    ] {
        reads_alike::<String>(text);
    }
}

#[test]
fn numbers_are_read_as_far_as_they_fit() {
    for text in
        ["0", "-1", "255", "256", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "01"]
    {
        reads_alike::<u8>(text);
        reads_alike::<i64>(text);
        reads_alike::<u64>(text);
    }
    for text in ["", "-", "- 1", "1.0", "1e3", "18446744073709551616", "1 2", "１"] {
        reads_alike::<u64>(text);
        reads_alike::<i64>(text);
    }
}

#[test]
fn a_field_too_many_one_too_few_and_one_twice_are_refused_and_what_nobody_reads_is_passed_over() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Tolerant {
        kept: u8,
    }

    let whole = r#"{"number":1,"small":2,"text":"","yes":true,"maybe":null}"#;
    assert!(from_str::<Message>(whole).is_ok());
    for (from, to) in [("}", r#","more":1}"#), (r#""yes":true,"#, ""), ("}", r#","number":1}"#)] {
        assert_eq!(from_str::<Message>(&whole.replace(from, to)), Err(Broken));
    }
    let more = r#"{"a":[1.5,{"b":"]"},null,[]],"kept":3,"c":{"d":{}},"e":-2e+5,"f":false}"#;
    assert_eq!(from_str(more), Ok(Tolerant { kept: 3 }));
    assert_eq!(from_str::<Wrapped>(r#""bad""#), Err(Broken));
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    for depth in [127, 128, 100_000] {
        let text = ["[".repeat(depth), "]".repeat(depth)].concat();
        reads_alike::<Value>(&text);
        assert_eq!(from_str::<serde::de::IgnoredAny>(&text).is_ok(), depth == 127);
    }
}

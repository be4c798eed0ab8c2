//! Reading a command out of a frame, or saying what is wrong with it.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use touroku_proto::{
    card::{CardError, CardErrorCode, HostCommand, LogLevel},
    document::Document,
    origin::Origin,
    token::Nonce,
};

/// Reads a command. The error carries the command's id where that could be read, and never a value.
pub fn parse(body: &[u8]) -> Result<HostCommand, (Option<u32>, CardError)> {
    // serde's own message is dropped: it quotes values, and one of them may be the PIN.
    serde_json::from_slice(body).map_err(|_| {
        let fields: Fields = serde_json::from_slice(body).unwrap_or_default();
        let mut error = CardError::new(CardErrorCode::BadRequest);
        if let Some(field) = fields.at_fault() {
            error = error.with_field(field);
        }
        (fields.id.number(), error)
    })
}

/// The shapes of all fields a command may have. Texts are kept only where they are no secret.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    id: Shape<true>,
    command: Shape<true>,
    origin: Shape<true>,
    nonce: Shape<true>,
    document: Shape<true>,
    card: Shape<false>,
    pin: Shape<false>,
    accept_last_try: Shape<false>,
    log_level: Shape<true>,
    my_number: Shape<false>,
}

#[derive(Default)]
enum Shape<const KEPT: bool> {
    #[default]
    Absent,
    Number(u64),
    Text(String),
    Truth,
    Other,
}

impl Fields {
    /// The first field that keeps this from being a command; `None` when it is not even an object.
    fn at_fault(&self) -> Option<&'static str> {
        if self.id.number().is_none() && matches!(self.command, Shape::Absent) {
            return None;
        }
        let command = self.command.text();
        let origin_is_bad = self.origin.text().is_none_or(|text| Origin::parse(text).is_err());
        let nonce_is_bad = self.nonce.text().is_none_or(|text| Nonce::parse(text).is_err());
        let document_is_bad = self.document.text().is_none_or(|text| Document::parse(text.into()).is_err());
        let faults = [
            (
                "command",
                !matches!(
                    command,
                    Some("status" | "check_up" | "watch" | "authenticate" | "sign" | "cancel")
                ),
            ),
            ("id", self.id.number().is_none()),
            ("log_level", self.has_a_bad_log_level(command)),
            ("browser", command == Some("check_up")),
            ("origin", matches!(command, Some("watch" | "authenticate" | "sign")) && origin_is_bad),
            (
                "my_number",
                command == Some("watch") && !matches!(self.my_number, Shape::Absent | Shape::Truth),
            ),
            ("nonce", command == Some("authenticate") && nonce_is_bad),
            ("document", command == Some("sign") && document_is_bad),
            ("card", self.card.text().is_none()),
            ("pin", !matches!(self.pin, Shape::Absent | Shape::Text(_))),
            ("accept_last_try", !matches!(self.accept_last_try, Shape::Absent | Shape::Truth)),
            ("my_number", !matches!(self.my_number, Shape::Absent | Shape::Truth)),
        ];
        faults.into_iter().find(|&(_, bad)| bad).map(|(field, _)| field)
    }

    fn has_a_bad_log_level(&self, command: Option<&str>) -> bool {
        let known = |text| LogLevel::ALL.iter().any(|level| level.as_str() == text);
        matches!(command, Some("status" | "check_up" | "watch"))
            && !matches!(self.log_level, Shape::Absent)
            && !self.log_level.text().is_some_and(known)
    }
}

impl<const KEPT: bool> Shape<KEPT> {
    fn number(&self) -> Option<u32> {
        if let Self::Number(number) = self { u32::try_from(*number).ok() } else { None }
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl<'de, const KEPT: bool> Deserialize<'de> for Shape<KEPT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor<const KEPT: bool>;

impl<'de, const KEPT: bool> Visitor<'de> for ShapeVisitor<KEPT> {
    type Value = Shape<KEPT>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Shape::Truth)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Shape::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Shape::Text(if KEPT { text.to_owned() } else { String::new() }))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Shape::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shape::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Shape::Other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(body: &str) -> (Option<u32>, Option<String>) {
        let (id, error) = parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.code, CardErrorCode::BadRequest);
        (id, error.field)
    }

    #[test]
    fn a_bad_command_is_told_its_id_and_its_first_bad_field() {
        let nonce = "A".repeat(44);
        for (body, id, field) in [
            ("", None, None),
            ("{", None, None),
            ("[]", None, None),
            ("{}", None, None),
            ("\u{0}", None, None),
            (r#"{"command":"status"}"#, None, Some("id")),
            (r#"{"command":"status","id":"1"}"#, None, Some("id")),
            (r#"{"command":"status","id":-1}"#, None, Some("id")),
            (r#"{"command":"status","id":4294967296}"#, None, Some("id")),
            (r#"{"command":"decrypt","id":1}"#, Some(1), Some("command")),
            (r#"{"command":"sign","id":1}"#, Some(1), Some("origin")),
            (r#"{"command":"sign","id":1,"origin":"https://a.jp"}"#, Some(1), Some("document")),
            (
                r#"{"command":"sign","id":1,"origin":"https://a.jp","document":"甲\n"}"#,
                Some(1),
                Some("document"),
            ),
            (r#"{"id":1}"#, Some(1), Some("command")),
            (r#"{"command":["status"],"id":1}"#, Some(1), Some("command")),
            (r#"{"command":"check_up","id":2,"browser":"netscape"}"#, Some(2), Some("browser")),
            (r#"{"command":"check_up","id":2,"browser":1}"#, Some(2), Some("browser")),
            (r#"{"command":"status","id":2,"log_level":"loud"}"#, Some(2), Some("log_level")),
            (r#"{"command":"check_up","id":2,"log_level":3}"#, Some(2), Some("log_level")),
            (r#"{"command":"watch","id":2}"#, Some(2), Some("origin")),
            (r#"{"command":"watch","id":2,"origin":"http://example.jp"}"#, Some(2), Some("origin")),
            (r#"{"command":"authenticate","id":3,"origin":"https://a.jp"}"#, Some(3), Some("nonce")),
        ] {
            assert_eq!(refusal(body), (id, field.map(str::to_owned)), "{body}");
        }
        let authenticate = |rest: &str| {
            format!(r#"{{"command":"authenticate","id":3,"origin":"https://a.jp","nonce":"{nonce}"{rest}}}"#)
        };
        for (rest, field) in [
            ("", "card"),
            (r#","card":"x","pin":123456"#, "pin"),
            (r#","card":"x","pin":"123456","accept_last_try":"yes""#, "accept_last_try"),
        ] {
            assert_eq!(refusal(&authenticate(rest)), (Some(3), Some(field.to_owned())), "{rest}");
        }
        assert!(parse(authenticate(r#","card":"x","pin":"123456""#).as_bytes()).is_ok());
        assert!(
            parse(authenticate(r#","card":"x""#).as_bytes()).is_ok(),
            "the host may ask for the PIN itself"
        );
    }

    #[test]
    fn a_refusal_never_quotes_the_pin() {
        let body =
            r#"{"command":"authenticate","id":3,"origin":"https://a.jp","nonce":5,"card":1,"pin":918273}"#;
        let (_, error) = parse(body.as_bytes()).unwrap_err();
        assert!(!format!("{error:?}").contains("918273"));
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200), text in r#"[\{\}\[\]":,a-z0-9\\]{0,60}"#) {
            let _ = parse(&body);
            let _ = parse(text.as_bytes());
        }
    }
}

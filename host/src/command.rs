//! Parses a command from a frame, or says what is wrong with it.

use serde::Deserialize;
use serde_path_to_error::Segment;
use touroku_proto::{
    card::{Browser, CardError, CardErrorCode, HostCommand, LogLevel, Pin},
    document::Document,
    origin::Origin,
    token::Nonce,
};

/// Parses a command. The error carries the command's id if that could be read, and never a value.
pub fn parse(body: &[u8]) -> Result<HostCommand, (Option<u32>, CardError)> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    // serde's own message is dropped: it quotes values, and one of them may be the PIN.
    let fields = serde_path_to_error::deserialize(&mut reader).map_err(|error| field_of(error.path()));
    let command = match reader.end() {
        Ok(()) => fields.and_then(Fields::command),
        Err(_) => fields.and(Err(None)),
    };
    command.map_err(|field| {
        let Id { id } = serde_json::from_slice(body).unwrap_or_default();
        let mut error = CardError::new(CardErrorCode::BadRequest);
        if let Some(field) = field {
            error = error.with_field(&field);
        }
        (id, error)
    })
}

/// The field where parsing stopped; `None`: not even an object.
fn field_of(path: &serde_path_to_error::Path) -> Option<String> {
    match path.iter().next() {
        Some(Segment::Map { key }) => Some(key.clone()),
        _ => None,
    }
}

/// The id of whatever it is.
#[derive(Default, Deserialize)]
struct Id {
    id: Option<u32>,
}

/// The fields of all commands. Parsed flat instead of as a [`HostCommand`]: what serde buffers until it knows
/// which command it is has lost its position.
#[derive(Deserialize)]
struct Fields {
    command: Option<Name>,
    id: Option<u32>,
    log_level: Option<LogLevel>,
    browser: Option<Browser>,
    origin: Option<Origin>,
    #[serde(default)]
    my_number: bool,
    nonce: Option<Nonce>,
    document: Option<Document>,
    card: Option<String>,
    pin: Option<Pin>,
    #[serde(default)]
    accept_last_try: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Status,
    CheckUp,
    Watch,
    Authenticate,
    Sign,
    Cancel,
}

impl Fields {
    /// The command; the error is the field that it lacks.
    fn command(self) -> Result<HostCommand, Option<String>> {
        let lacks = |field: &str| Some(field.to_owned());
        if self.command.is_none() && self.id.is_none() {
            return Err(None);
        }
        let command = self.command.ok_or_else(|| lacks("command"))?;
        let id = self.id.ok_or_else(|| lacks("id"))?;
        let Self { log_level, browser, my_number, pin, accept_last_try, .. } = self;
        let origin = self.origin.ok_or_else(|| lacks("origin"));
        let card = self.card.ok_or_else(|| lacks("card"));
        Ok(match command {
            Name::Status => HostCommand::Status { id, log_level },
            Name::CheckUp => HostCommand::CheckUp { id, browser, log_level },
            Name::Watch => HostCommand::Watch { id, origin: origin?, my_number, log_level },
            Name::Authenticate => {
                let (origin, nonce) = (origin?, self.nonce.ok_or_else(|| lacks("nonce"))?);
                HostCommand::Authenticate { id, origin, nonce, card: card?, pin, accept_last_try, my_number }
            }
            Name::Sign => {
                let (origin, document) = (origin?, self.document.ok_or_else(|| lacks("document"))?);
                HostCommand::Sign { id, origin, document, card: card?, pin, accept_last_try }
            }
            Name::Cancel => HostCommand::Cancel { id },
        })
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
    fn the_golden_commands_are_read_as_proto_reads_them() {
        let golden = include_str!("../../proto/fixtures/host_commands.json");
        let golden: Vec<serde_json::Value> = serde_json::from_str(golden).unwrap();
        for command in golden {
            let expected: HostCommand = serde_json::from_value(command.clone()).unwrap();
            assert_eq!(parse(command.to_string().as_bytes()).unwrap(), expected, "{command}");
        }
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

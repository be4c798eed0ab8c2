//! JSON as Chromium reads it: comments in manifests, comments and trailing commas in policies, a byte order
//! mark in both. (`base::JSON_PARSE_CHROMIUM_EXTENSIONS`, `JSON_ALLOW_TRAILING_COMMAS`.)

use serde_json::Value;

/// Whether a comma may precede a closing bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailingCommas {
    /// As in policies.
    Allowed,
    /// As in manifests.
    Refused,
}

/// Reads a file's bytes; the error says what is wrong, with line and column.
pub fn parse(bytes: &[u8], commas: TrailingCommas) -> Result<Value, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?.to_owned().into_bytes();
    blank(&mut text, commas);
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

/// Blanks out what plain JSON does not allow, so that lines and columns stay the same.
fn blank(text: &mut [u8], commas: TrailingCommas) {
    let mut comma = None;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => {
                comma = None;
                at = end_of_string(text, at);
                continue;
            }
            b'/' if text.get(at + 1) == Some(&b'/') => {
                let end =
                    text[at..].iter().position(|&b| b == b'\n').map_or(text.len(), |length| at + length);
                text[at..end].fill(b' ');
                at = end;
                continue;
            }
            b'/' if text.get(at + 1) == Some(&b'*') => {
                let close = text[at + 2..].windows(2).position(|pair| pair == b"*/");
                // Without an end it is left for the parser to refuse.
                let Some(close) = close else { return };
                let end = at + 2 + close + 2;
                text[at..end].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
                at = end;
                continue;
            }
            b',' => comma = Some(at),
            b'}' | b']' => {
                if let (Some(at), TrailingCommas::Allowed) = (comma.take(), commas) {
                    text[at] = b' ';
                }
            }
            b if b.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at += 1;
    }
}

/// The position after the string that begins at `at`.
fn end_of_string(text: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn comments_and_a_byte_order_mark_are_read_over_and_strings_are_not_touched() {
        let text = "\u{FEFF}{ // one\n \"a\": \"http://x/*,]\\\"//\", /* two\n */ \"b\": [1] }";
        let expected = json!({"a": "http://x/*,]\"//", "b": [1]});
        assert_eq!(parse(text.as_bytes(), TrailingCommas::Refused), Ok(expected));
    }

    #[test]
    fn a_trailing_comma_is_allowed_in_policies_and_refused_with_its_line_in_manifests() {
        let text = b"{\"a\": [\"x\", ],\n}";
        assert_eq!(parse(text, TrailingCommas::Allowed), Ok(json!({"a": ["x"]})));
        assert!(parse(text, TrailingCommas::Refused).unwrap_err().contains("line 1"));
        assert!(parse(b"{,}", TrailingCommas::Refused).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{},/*\"\\\\a\n ]{0,40}") {
            let _ = parse(text.as_bytes(), TrailingCommas::Allowed);
        }

        #[test]
        fn what_is_plain_json_is_read_as_before(text in ".{0,30}", number in any::<i32>()) {
            let value = json!({"a": [text, number], "b": {}});
            prop_assert_eq!(parse(value.to_string().as_bytes(), TrailingCommas::Allowed), Ok(value));
        }
    }
}

//! What is wrong in a configuration file, in Japanese.

use toml::Table;
use touroku_japanese::mistyped::{self, choices};

/// With line and column. toml's own `Display` would quote the line, which may contain the password, and serde's message
/// the value.
pub(super) fn described(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let (at, what) = match text.parse::<Table>() {
        Err(_) => mistyped::toml(text, at, error.message()),
        Ok(_) => (at, of_value(error.message())),
    };
    let (line, column) = mistyped::place(text, at);
    format!("{line}行{column}桁: {what}")
}

/// What serde says about a value that has another shape.
pub(super) fn of_value(message: &str) -> String {
    let message = message.trim();
    // Everything that it names is between backticks.
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match (message.split_once(' ').map(|(first, _)| first), names.as_slice()) {
        (Some("unknown"), [written, known @ ..]) if message.starts_with("unknown field") => {
            format!("「{written}」という項目名はありません{}", choices(known.iter().copied(), written))
        }
        (Some("unknown"), [written, known @ ..]) => {
            format!("「{written}」とは書けません{}", choices(known.iter().copied(), written))
        }
        (Some("invalid"), _) if message.contains("socket address") => {
            "アドレスとポートを「127.0.0.1:8080」の形で書いてください".to_owned()
        }
        (Some("missing"), [name, ..]) => format!("「{name}」が要ります"),
        (Some("invalid"), _) => wanted(message.rsplit_once("expected ").map_or("", |(_, wanted)| wanted)),
        _ => message.to_owned(),
    }
}

fn wanted(expected: &str) -> String {
    let what = match expected {
        "a string" | "path string" => "引用符で囲んだ文字を書いてください",
        "a boolean" => "trueかfalseを書いてください",
        "a sequence" => "[ ]で囲んだ並びを書いてください",
        number if number.starts_with(['u', 'i', 'f']) && number.len() <= 5 => {
            "引用符のない数を、書ける範囲で書いてください"
        }
        other if other.is_ascii() => "値の種類が違います。手引きのとおりに書いてください",
        // One of our own types has said it.
        other => return other.to_owned(),
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct File {
        listen: String,
        limit: Option<u16>,
    }

    #[test]
    fn a_mistake_is_told_in_japanese_with_its_place_and_without_the_value() {
        for (text, said) in [
            ("lisen = \"a\"", "1行1桁: 「lisen」という項目名はありません。書けるのは: listen、limit"),
            ("limit = 1", "1行1桁: 「listen」が要ります"),
            ("listen = \"a\"\nlimit = \"secret\"", "2行9桁: 引用符のない数を、書ける範囲で書いてください"),
            ("listen = 1", "1行10桁: 引用符で囲んだ文字を書いてください"),
            ("listen\u{3000}= \"a\"", "1行7桁: 全角の空白（U+3000）があります。半角の文字に直してください"),
            ("listen = \"a", "1行12桁: 引用符が閉じていません"),
            ("listen = \"a\"\nlisten = \"b\"", "2行1桁: 同じ項目名が二度あります"),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err();
            assert_eq!(described(text, &error), said);
        }
    }
}

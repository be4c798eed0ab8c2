//! Reports get passed around: account names in paths become `~`.

use std::path::Path;

use serde_json::Value;

/// Folders that hold everybody's homes, on each system.
const HOMES: [&str; 4] = ["/home/", "/Users/", r":\Users\", ":/Users/"];

/// What ends a name in a path, and elsewhere than on Windows a space, too.
const ENDS: [char; 6] = ['/', '\\', '"', '\n', ':', ' '];

/// The same text with `~` for this person's home and everybody else's.
pub(super) fn text(text: &str, home: Option<&Path>) -> String {
    let home = home.and_then(Path::to_str).filter(|home| home.len() > 1);
    let mut text = home.map_or_else(|| text.to_owned(), |home| without(text, home));
    for folder in HOMES {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(folder)) {
            // Including Windows' drive letter.
            let start = from + at - usize::from(folder.starts_with(':') && from + at > 0);
            let name = from + at + folder.len();
            let rest = &text[name..];
            // Windows' names have spaces; a name too long tells nobody anything.
            let ends: &[char] = if folder.starts_with(':') { &ENDS[..5] } else { &ENDS };
            let end = name + rest.find(ends).unwrap_or(rest.len());
            text.replace_range(start..end, "~");
            from = start + 1;
        }
    }
    text
}

/// The text with `~` for that home; `/home/taro` is not the beginning of `/home/taro2`.
fn without(text: &str, home: &str) -> String {
    let mut parts = text.split(home);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        let is_whole =
            rest.chars().next().is_none_or(|next| !next.is_alphanumeric() && !"._-".contains(next));
        shown.push_str(if is_whole { "~" } else { home });
        shown.push_str(rest);
    }
    shown
}

/// The same in all texts of a report.
pub(super) fn json(value: &mut Value, home: Option<&Path>) {
    match value {
        Value::String(content) => *content = text(content, home),
        Value::Array(values) => values.iter_mut().for_each(|value| json(value, home)),
        Value::Object(fields) => fields.values_mut().for_each(|value| json(value, home)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_is_named() {
        let home = Some(Path::new("/srv/people/taro"));
        for (named, expected) in [
            ("/srv/people/taro/.config/x", "~/.config/x"),
            ("/home/hanako/x: no such file; /home/jiro", "~/x: no such file; ~"),
            ("/Users/hanako/Library", "~/Library"),
            (r"C:\Users\hanako\AppData", r"~\AppData"),
            (r"C:\Users\Taro Yamada\x: no such file", r"~\x: no such file"),
            ("/srv/people/taro2/x, /srv/people/taro", "/srv/people/taro2/x, ~"),
            ("/usr/bin/touroku-host", "/usr/bin/touroku-host"),
        ] {
            assert_eq!(text(named, home), expected);
        }
    }
}

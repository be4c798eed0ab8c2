//! Translations that quote other texts: the button names must be those that a person sees.

use std::{collections::BTreeMap, fs, path::Path};

type Texts = BTreeMap<String, Vec<String>>;

/// The forms of each text by path.
fn texts(audience: &str, language: &str) -> Texts {
    let path = Path::new("../../texts").join(format!("{audience}.{language}.toml"));
    let text = fs::read_to_string(path).expect("the catalogue is there");
    let table: toml::Table = toml::from_str(&text).expect("the catalogue is TOML");
    let mut texts = Texts::new();
    take("", &table, &mut texts);
    texts
}

fn take(path: &str, table: &toml::Table, texts: &mut Texts) {
    for (name, value) in table {
        match value {
            // `one` and `other` are forms of one text.
            toml::Value::String(form) if name == "one" || name == "other" => {
                texts.entry(path.to_owned()).or_default().push(form.clone());
            }
            toml::Value::String(text) => {
                texts.insert(format!("{path}.{name}"), vec![text.clone()]);
            }
            toml::Value::Table(table) => take(&format!("{path}.{name}"), table, texts),
            _ => {}
        }
    }
}

/// The text between quotation marks.
fn quoted(text: &str, open: char, close: char) -> Vec<&str> {
    let parts = text.split(open).skip(1);
    parts.filter_map(|part| part.split_once(close)).map(|(inside, _)| inside).collect()
}

const TRANSLATIONS: [(&str, char, char); 2] = [("en", '“', '”'), ("easy", '「', '」')];

/// Texts that quote another text by its name in Japanese, and by a different name here.
fn misquotations(japanese: &Texts, translated: &Texts, open: char, close: char) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, source) in japanese {
        for quote in source.iter().flat_map(|form| quoted(form, '「', '」')) {
            let named = |(path, forms): (&String, &Vec<String>)| {
                forms.iter().any(|form| form == quote).then(|| &translated[path][0])
            };
            let names: Vec<&String> = japanese.iter().filter_map(named).collect();
            let quotes = |form: &String| {
                quoted(form, open, close).iter().any(|quoted| names.iter().any(|name| name == quoted))
            };
            if !names.is_empty() && !translated[path].iter().all(quotes) {
                wrong.push(format!("{path} has 「{quote}」; expected one of {names:?}"));
            }
        }
    }
    wrong
}

#[test]
fn a_button_is_quoted_by_the_name_that_it_has_in_that_language() {
    let japanese = texts("contractor", "ja");
    for (language, open, close) in TRANSLATIONS {
        let wrong = misquotations(&japanese, &texts("contractor", language), open, close);
        assert!(wrong.is_empty(), "{language}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn a_button_that_got_another_name_is_noticed_where_it_is_quoted() {
    let mut english = texts("contractor", "en");
    english.insert(".screen.button.back".to_owned(), vec!["Return".to_owned()]);
    let wrong = misquotations(&texts("contractor", "ja"), &english, '“', '”');
    assert!(wrong.iter().any(|wrong| wrong.starts_with(".screen.confirm_lead")), "{wrong:?}");
}

#[test]
fn english_keeps_japanese_in_parentheses_and_quotation_marks_only() {
    for audience in ["contractor", "card"] {
        for (path, forms) in texts(audience, "en") {
            for form in forms {
                let (mut depth, mut outside) = (0_i32, String::new());
                for character in form.chars() {
                    match character {
                        '(' | '“' => depth += 1,
                        ')' | '”' => depth -= 1,
                        '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' if depth == 0 => {
                            outside.push(character);
                        }
                        _ => {}
                    }
                }
                assert!(depth == 0 && outside.is_empty(), "{audience}{path}: {form}");
            }
        }
    }
}

//! Certification authorities: what is special about an issuer's certificates.

use std::path::Path;

use serde::Deserialize;
use touroku_proto::certificate::{DisplayMap, is_attribute};

use super::{
    FileMistake, Mistake,
    locate::{self, Step},
    read::japanese,
    toml_files,
};
use crate::error::Error;

/// A file of `agencies/ca/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authority {
    /// For people who read the file.
    #[serde(rename = "name")]
    _name: String,
    /// `attribute=value` pairs that the issuer's name must all contain; empty: any issuer.
    pub(super) issuer: Vec<String>,
    /// Where the displayed names stand.
    #[serde(default)]
    pub(super) display: DisplayMap,
}

/// Reads every `*.toml` of the folder; none, if there is no such folder.
///
/// # Errors
/// [`Error::Profiles`] with the mistakes of every file.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<Authority>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let (mut authorities, mut mistakes) = (Vec::new(), Vec::new());
    for path in toml_files(folder)? {
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        match parse(&text) {
            Ok(authority) => authorities.push(authority),
            Err(found) => {
                mistakes.extend(found.into_iter().map(|mistake| FileMistake { path: path.clone(), mistake }));
            }
        }
    }
    if mistakes.is_empty() { Ok(authorities) } else { Err(Error::Profiles(mistakes)) }
}

/// Reads a file's text; what is wrong with it.
fn parse(text: &str) -> Result<Authority, Vec<Mistake>> {
    let authority: Authority = toml::from_str(text)
        .map_err(|error| vec![locate::mistake(text, error.span(), &japanese(error.message()))])?;
    let mut mistakes = Vec::new();
    let mut wrong = |path: &[Step], message: String| {
        mistakes.push(locate::mistake(text, locate::span(text, path), &message));
    };
    for (index, pair) in authority.issuer.iter().enumerate() {
        if !pair.split_once('=').is_some_and(|(key, value)| is_attribute(key) && !value.is_empty()) {
            let path = [Step::Key("issuer".into()), Step::Index(index)];
            wrong(&path, format!("「{pair}」は「属性=値」（例 O=組織名）ではありません"));
        }
    }
    let display = &authority.display;
    for (key, alternatives) in [
        ("company_name", &display.company_name),
        ("company_address", &display.company_address),
        ("holder_name", &display.holder_name),
        ("holder_address", &display.holder_address),
    ] {
        for (index, alternative) in alternatives.iter().enumerate() {
            let path = [Step::Key("display".into()), Step::Key(key.into()), Step::Index(index)];
            if alternative.trim().is_empty() {
                wrong(&path, "空です".to_owned());
            }
            for attribute in alternative.split_whitespace().filter(|attribute| !is_place(attribute)) {
                wrong(
                    &path,
                    format!("「{attribute}」は「subject.属性」でも「alt.属性」でもないか、知らない属性です"),
                );
            }
        }
    }
    if mistakes.is_empty() { Ok(authority) } else { Err(mistakes) }
}

fn is_place(attribute: &str) -> bool {
    let parts = attribute.split_once('.');
    parts.is_some_and(|(place, key)| matches!(place, "subject" | "alt") && is_attribute(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = include_str!("../../../agencies/ca/default.toml");

    #[test]
    fn mistakes_in_an_authority_are_named_where_they_stand() {
        assert!(parse(SOUND).is_ok());
        for (find, replace, place) in [
            ("issuer = []", "issuer = [\"O=x\", \"O\"]", "\"O\"]"),
            ("issuer = []", "issuer = [\"Org=x\"]", "\"Org=x\"]"),
            ("\"alt.O\"", "\"alt.OO\"", "\"alt.OO\""),
            ("\"alt.O\"", "\"issuer.O\"", "\"issuer.O\""),
            ("\"alt.O\"", "\"alt.2.5.4.10\"", "\"alt.2.5.4.10\""),
            ("holder_name", "holder", "holder"),
            ("name = ", "nam = ", "nam"),
        ] {
            let text = SOUND.replacen(find, replace, 1);
            let found = parse(&text).unwrap_err();
            let line = text.lines().nth(found[0].line - 1).unwrap();
            let at: String = line.chars().skip(found[0].column - 1).collect();
            assert!(found.len() == 1 && at.starts_with(place), "{replace}: {found:?} {at}");
        }
        assert!(parse(&SOUND.replacen("\"alt.O\"", "\"alt.1.2.392.200119.1 subject.CN\"", 1)).is_ok());
    }
}

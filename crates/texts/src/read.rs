//! Reads the files and compares them with the source.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use toml::{Table as Toml, Value};

use crate::{Catalogue, Error, Key, Placeholder, SOURCE, Table, Text, error::Problem};

/// One language's texts by path.
struct File {
    path: PathBuf,
    texts: BTreeMap<Vec<String>, Forms>,
    /// The order in the file.
    order: Vec<Vec<String>>,
}

/// The singular and plural forms.
struct Forms {
    one: Option<String>,
    other: String,
    placeholders: Vec<Placeholder>,
}

impl Catalogue {
    /// Reads every `AUDIENCE.LANGUAGE.toml` of a folder.
    pub fn read(folder: &Path, audience: &str, keys: &[Key]) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        for (language, path) in languages(folder, audience)? {
            files.insert(language, File::read(path)?);
        }
        let no_source = || Error::NoSource { folder: folder.to_owned(), audience: audience.to_owned() };
        let source = files.remove(SOURCE).ok_or_else(no_source)?;
        for file in files.values() {
            file.compare(&source)?;
        }
        files.insert(SOURCE.to_owned(), source);
        arrange(&files, keys)
    }
}

fn languages(folder: &Path, audience: &str) -> Result<Vec<(String, PathBuf)>, Error> {
    let unreadable = |source| Error::Unreadable { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let language = name
            .strip_prefix(audience)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_suffix(".toml"));
        if let Some(language) = language {
            found.push((language.to_owned(), path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

impl File {
    fn read(path: PathBuf) -> Result<Self, Error> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(Error::Unreadable { path, source }),
        };
        let toml: Toml = match toml::from_str(&text) {
            Ok(toml) => toml,
            Err(source) => return Err(Error::Malformed { path, source }),
        };
        let mut file = Self { path, texts: BTreeMap::new(), order: Vec::new() };
        file.take(&mut Vec::new(), &toml)?;
        Ok(file)
    }

    fn take(&mut self, path: &mut Vec<String>, table: &Toml) -> Result<(), Error> {
        for (name, value) in table {
            path.push(name.clone());
            let is_name = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
                && name.starts_with(|c: char| c.is_ascii_lowercase());
            if !is_name {
                return Err(self.mistake(path, Problem::Name));
            }
            match value {
                Value::String(text) => self.add(path, None, text)?,
                Value::Table(table) => match (table.get("one"), table.get("other")) {
                    (one, Some(Value::String(other))) if table.len() == 1 + usize::from(one.is_some()) => {
                        let one =
                            one.map(|one| one.as_str().ok_or_else(|| self.mistake(path, Problem::Kind)));
                        self.add(path, one.transpose()?, other)?;
                    }
                    _ => self.take(path, table)?,
                },
                _ => return Err(self.mistake(path, Problem::Kind)),
            }
            path.pop();
        }
        Ok(())
    }

    fn add(&mut self, path: &[String], one: Option<&str>, other: &str) -> Result<(), Error> {
        let wrong = |problem| self.mistake(path, problem);
        let (other, placeholders) = parts(other).map_err(wrong)?;
        let one = match one {
            Some(one) if !placeholders.iter().any(|part| part.name == "count") || one.is_empty() => {
                return Err(wrong(Problem::NoCount));
            }
            // The number may be left out: "one application".
            Some(one) => Some(parts(one).map_err(wrong)?.0),
            None => None,
        };
        self.order.push(path.to_vec());
        self.texts.insert(path.to_vec(), Forms { one, other, placeholders });
        Ok(())
    }

    /// Every text of the source exists here with the same placeholders, and no others.
    fn compare(&self, source: &Self) -> Result<(), Error> {
        for (path, wanted) in &source.texts {
            let found = self.texts.get(path).ok_or_else(|| self.mistake(path, Problem::Missing))?;
            let (found, wanted) = (names(found), names(wanted));
            if found != wanted {
                return Err(self.mistake(path, Problem::Placeholders { found, wanted }));
            }
        }
        match self.texts.keys().find(|path| !source.texts.contains_key(*path)) {
            Some(path) => Err(self.mistake(path, Problem::Unknown)),
            None => Ok(()),
        }
    }

    fn mistake(&self, text: &[String], problem: Problem) -> Error {
        Error::Text { path: self.path.clone(), text: text.join("."), problem }
    }
}

fn names(forms: &Forms) -> Vec<String> {
    let mut names: Vec<String> = forms.placeholders.iter().map(|part| part.name.clone()).collect();
    names.sort();
    names
}

/// Splits a text into the text without placeholder types, and the placeholders.
fn parts(text: &str) -> Result<(String, Vec<Placeholder>), Problem> {
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    if text.contains(['\n', '\r']) {
        return Err(Problem::LineBreak);
    }
    let (mut plain, mut placeholders, mut rest) = (String::new(), Vec::<Placeholder>::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').ok_or(Problem::Placeholder)?;
        let (name, kind) = inside.split_once(':').unwrap_or((inside, "&str"));
        if name.is_empty() || before.contains('}') {
            return Err(Problem::Placeholder);
        }
        plain.extend([before, "{", name, "}"]);
        let found = Placeholder { name: name.to_owned(), kind: kind.to_owned() };
        if placeholders.iter().all(|known| known.name != found.name) {
            placeholders.push(found);
        }
        rest = after;
    }
    if rest.contains('}') {
        return Err(Problem::Placeholder);
    }
    plain.push_str(rest);
    Ok((plain, placeholders))
}

/// Assigns lines to the texts: tables first, then the texts in the source's order.
fn arrange(files: &BTreeMap<String, File>, keys: &[Key]) -> Result<Catalogue, Error> {
    let source = &files[SOURCE];
    let mut lines: BTreeMap<String, Vec<String>> =
        files.keys().map(|name| (name.clone(), Vec::new())).collect();
    let mut push = |form: &dyn Fn(&File) -> String| {
        for (language, file) in files {
            lines.entry(language.clone()).or_default().push(form(file));
        }
        lines[SOURCE].len() - 1
    };
    let mut tables = Vec::new();
    let mut keyed = Vec::new();
    for key in keys {
        let path: Vec<String> = key.table.split('.').map(str::to_owned).collect();
        let mut first = None;
        for value in &key.values {
            for part in key.parts {
                let path: Vec<String> =
                    path.iter().cloned().chain([(*value).to_owned(), (*part).to_owned()]).collect();
                let line =
                    push(&|file| file.texts.get(&path).map(|forms| forms.other.clone()).unwrap_or_default());
                first.get_or_insert(line);
                keyed.push(path);
            }
        }
        tables.push(Table { path, key: key.clone(), line: first.unwrap_or_default() });
    }
    let mut texts = Vec::new();
    for path in source.order.iter().filter(|path| !keyed.contains(path)) {
        if let Some(table) = tables.iter().find(|table| path.starts_with(&table.path)) {
            match is_elsewhere(table, path) {
                true => continue,
                false => return Err(source.mistake(path, Problem::Unknown)),
            }
        }
        let plural = files.values().any(|file| file.texts[path].one.is_some());
        let other = |file: &File| file.texts[path].other.clone();
        let line = match plural {
            true => {
                let first = push(&|file| file.texts[path].one.clone().unwrap_or_else(|| other(file)));
                push(&other);
                first
            }
            false => push(&other),
        };
        let placeholders = source.texts[path].placeholders.clone();
        texts.push(Text { path: path.clone(), placeholders, plural, line });
    }
    Ok(Catalogue { texts, tables, lines })
}

/// Whether a path inside a table is a part that belongs to another program.
fn is_elsewhere(table: &Table, path: &[String]) -> bool {
    match &path[table.path.len()..] {
        [value, part, ..] => {
            table.key.values.contains(&value.as_str()) && table.key.elsewhere.contains(&part.as_str())
        }
        _ => false,
    }
}

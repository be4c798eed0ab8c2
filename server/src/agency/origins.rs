//! Where each value of a profile comes from: its own file, its portal's, or nowhere.

use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::{
    error::Error,
    files::ProfileFile,
    layers::{Layer, Layers, Step, Written, inside},
    parse::{CLIENTS, SHAPE},
    schema::Shape,
};

/// The most characters of a value that are shown.
const MAX_SHOWN: usize = 60;

/// A key and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Such as `search.number_label`.
    pub key: String,
    /// `None`: not written, so it is the default.
    pub written: Option<WrittenIn>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenIn {
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// The beginning of the value.
    pub value: String,
}

/// The origin of every value that the profile may have, in the order of the keys. Lists are one value: they are
/// inherited as a whole.
///
/// # Errors
/// [`Error::File`] for what can't be read.
pub fn origins(path: &Path) -> Result<Vec<Origin>, Error> {
    let Some(file) = ProfileFile::at(path.to_owned()) else { return Ok(Vec::new()) };
    let paths: Vec<PathBuf> = [Some(file.path), file.portal].into_iter().flatten().collect();
    let texts: Result<Vec<String>, Error> =
        paths.iter().map(|path| std::fs::read_to_string(path).map_err(Error::file(path))).collect();
    let texts = texts?;
    let parsed: Vec<Layer<'_>> = texts.iter().map(|text| Layer::parse(text)).collect();
    let layers: Vec<&Layer<'_>> = parsed.iter().collect();
    let mut listed = Listed { layers: Layers(&layers), paths: &paths, found: Vec::new() };
    listed.list("", &SHAPE, &Layers(&layers).root());
    Ok(listed.found)
}

struct Listed<'d> {
    layers: Layers<'d>,
    paths: &'d [PathBuf],
    found: Vec<Origin>,
}

impl<'d> Listed<'d> {
    fn list(&mut self, at: &str, shape: &Shape, written: &[Written<'d>]) {
        let is_table = written.first().is_none_or(|top| top.value.get_ref().is_table());
        let below: Vec<(String, &Shape)> = match shape {
            Shape::Table(table) if is_table => {
                table.keys.iter().map(|key| (key.name.clone(), &key.shape)).collect()
            }
            Shape::Map(item) => {
                let tables = written.iter().filter_map(|outer| outer.value.get_ref().as_table());
                let mut names: Vec<String> =
                    tables.flat_map(|table| table.keys().map(|name| name.get_ref().to_string())).collect();
                names.sort_unstable();
                names.dedup();
                names.into_iter().map(|name| (name, &**item)).collect()
            }
            // A portal's are added to a member's own.
            _ if at == CLIENTS && !written.is_empty() => {
                let each = written.iter().map(|one| Some(self.place(*one)));
                let found: Vec<_> = each.map(|written| Origin { key: at.to_owned(), written }).collect();
                return self.found.extend(found);
            }
            _ => {
                let written = written.first().map(|top| self.place(*top));
                return self.found.push(Origin { key: at.to_owned(), written });
            }
        };
        // A table that is not there is one default.
        if written.is_empty() && !at.is_empty() {
            return self.found.push(Origin { key: at.to_owned(), written: None });
        }
        for (name, shape) in below {
            let inner = inside(written, &Step::Key(name.clone()));
            let at = if at.is_empty() { name } else { format!("{at}.{name}") };
            self.list(&at, shape, &inner);
        }
    }

    fn place(&self, written: Written<'d>) -> WrittenIn {
        let span = written.value.span();
        let (layer, mistake) = self.layers.mistake_at(&[], written.layer, Some(span.clone()), "");
        let value = match written.value.get_ref() {
            DeValue::Array(items) if items.iter().any(|item| item.get_ref().is_table()) => {
                format!("（{}個）", items.len())
            }
            _ => self.layers.text(layer).get(span).unwrap_or_default().to_owned(),
        };
        let line: String = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut shown: String = line.chars().take(MAX_SHOWN).collect();
        if shown.len() < line.len() {
            shown.push('…');
        }
        let path = self.paths.get(layer).cloned().unwrap_or_default();
        WrittenIn { path, line: mistake.line, value: shown }
    }
}

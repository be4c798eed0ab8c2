//! Agency profiles and certification authorities: the data in `agencies/`.

mod check;
mod locate;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use touroku_proto::{
    agency::{AgencyProfile, Category},
    api::ApiErrorCode,
    certificate::{DisplayMap, Facts},
    form::Form,
};

use crate::error::Error;

/// All agencies of this server.
pub struct Agencies {
    profiles: BTreeMap<String, Arc<AgencyProfile>>,
    authorities: Vec<Authority>,
}

/// A file of `agencies/ca/`: what is special about an issuer's certificates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Authority {
    /// For people who read the file.
    #[serde(rename = "name")]
    _name: String,
    /// `attribute=value` pairs that the issuer's name must all contain; empty: any issuer.
    issuer: Vec<String>,
    /// Where the displayed names stand.
    #[serde(default)]
    display: DisplayMap,
}

/// Something wrong in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In Japanese, or as the TOML parser says it.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}行{}桁: {}", self.line, self.column, self.message)
    }
}

impl Agencies {
    /// Reads every `*.toml` of the folder and of its folder `ca`.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let mut profiles = BTreeMap::new();
        for path in toml_files(folder)? {
            let profile = load_profile(&path)?;
            if let Some(twin) = profiles.insert(profile.code.clone(), Arc::new(profile)) {
                let message = format!("code「{}」の機関が、ほかのファイルにもあります", twin.code);
                return Err(Error::Content { path, message });
            }
        }
        if profiles.is_empty() {
            let message = "発注機関のファイル（*.toml）がありません".to_owned();
            return Err(Error::Content { path: folder.to_owned(), message });
        }
        let mut authorities = Vec::new();
        let folder = folder.join("ca");
        if folder.is_dir() {
            for path in toml_files(&folder)? {
                let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
                let authority: Authority = toml::from_str(&text).map_err(|error| Error::Content {
                    path,
                    message: locate::mistake(&text, error.span(), error.message()).to_string(),
                })?;
                authorities.push(authority);
            }
        }
        // The file that asks for the most attributes wins; the one that asks for none comes last.
        authorities.sort_by_key(|authority| std::cmp::Reverse(authority.issuer.len()));
        Ok(Self { profiles, authorities })
    }

    /// All profiles, by code.
    pub fn all(&self) -> impl Iterator<Item = &AgencyProfile> {
        self.profiles.values().map(Arc::as_ref)
    }

    /// The profile of that code.
    pub fn profile(&self, code: &str) -> Result<&Arc<AgencyProfile>, Error> {
        self.profiles.get(code).ok_or(Error::Refused(ApiErrorCode::AgencyUnknown))
    }

    /// A category with its profile and form.
    pub fn category(
        &self,
        agency: &str,
        category: &str,
    ) -> Result<(&AgencyProfile, &Category, &Form), Error> {
        let profile = self.profile(agency)?;
        let category = profile.category(category).ok_or(Error::Refused(ApiErrorCode::CategoryUnknown))?;
        let form = profile.form(category).ok_or(Error::Defect("a checked profile lacks a form"))?;
        Ok((profile, category, form))
    }

    /// Where the issuer of this certificate puts the names that are shown.
    pub fn display_map(&self, facts: &Facts) -> DisplayMap {
        let found = self.authorities.iter().find(|authority| facts.issued_by(&authority.issuer));
        found.map(|authority| authority.display.clone()).unwrap_or_default()
    }
}

/// Reads one profile and checks it whole.
pub fn load_profile(path: &Path) -> Result<AgencyProfile, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
    parse_profile(&text).map_err(|mistakes| Error::Content {
        path: path.to_owned(),
        message: mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n"),
    })
}

/// Reads a profile's text; everything wrong with it, in the order of the text.
pub fn parse_profile(text: &str) -> Result<AgencyProfile, Vec<Mistake>> {
    let profile: AgencyProfile =
        toml::from_str(text).map_err(|error| vec![locate::mistake(text, error.span(), error.message())])?;
    let mut mistakes: Vec<Mistake> = check::findings(&profile)
        .into_iter()
        .map(|(path, message)| locate::mistake(text, locate::span(text, &path), &message))
        .collect();
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    if mistakes.is_empty() { Ok(profile) } else { Err(mistakes) }
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

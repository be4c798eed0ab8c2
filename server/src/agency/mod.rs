//! Agency profiles and certification authorities: the data in `agencies/`.

mod authority;
mod check;
mod difference;
mod folder;
mod locate;
mod read;
mod reload;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_pki::IssuerRules;
use touroku_proto::{
    agency::{AgencyProfile, Category, Uncheckable},
    api::{ApiErrorCode, AuthorityView},
    certificate::{DisplayMap, Facts},
    form::Form,
    hours::HoursState,
};

use self::{authority::Authority, locate::Step};
pub use self::{
    difference::difference,
    folder::{FileMistake, check_files, check_replacement, read_folder},
    reload::reload,
};
use crate::{
    error::Error,
    hours::{self, Holidays},
};

/// All agencies of this server.
pub struct Agencies {
    profiles: BTreeMap<String, (PathBuf, Arc<AgencyProfile>)>,
    authorities: Vec<Authority>,
    holidays: Holidays,
}

/// What profiles may say only where whoever runs the server lets them: no administrator of an agency decides it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permits {
    /// `cards.my_number`.
    pub my_number: bool,
    /// `uncheckable = "accept"`.
    pub uncheckable_accept: bool,
}

impl Permits {
    /// The setting that this profile would need, and why.
    pub fn refuses(self, profile: &AgencyProfile) -> Option<(&'static str, &'static str)> {
        if profile.cards.my_number && !self.my_number {
            return Some((
                "trust.allow_my_number",
                "[cards] my_number = trueは、サーバーの設定でtrust.allow_my_number = trueとした場合だけ使えます。\
                 サーバーの運用の担当者に相談してください",
            ));
        }
        if profile.uncheckable == Some(Uncheckable::Accept) && !self.uncheckable_accept {
            return Some((
                "trust.allow_uncheckable_accept",
                "uncheckable = \"accept\"は、サーバーの設定でtrust.allow_uncheckable_accept = trueとした場合だけ使えます。\
                 サーバーの運用の担当者に相談してください",
            ));
        }
        None
    }
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
    /// Reads every `*.toml` of the folder and of its folder `ca`; if an agency closes on holidays, its
    /// `holidays.csv` too.
    ///
    /// # Errors
    /// [`Error::Profiles`] with every mistake of every profile.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::load_with(folder, None)
    }

    /// The same, with the holidays of another file, if one is named.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(folder: &Path, holidays: Option<&Path>) -> Result<Self, Error> {
        let profiles = read_folder(folder)?;
        let are_needed = profiles
            .values()
            .any(|(_, profile)| profile.hours.as_ref().is_some_and(|hours| hours.closed_on_holidays));
        let holidays = match holidays {
            Some(path) => Holidays::load(path)?,
            None if are_needed => Holidays::load(&folder.join("holidays.csv"))?,
            None => Holidays::default(),
        };
        let mut authorities = authority::read_folder(&folder.join("ca"))?;
        // The file that asks for the most attributes wins; the one that asks for none comes last.
        authorities.sort_by_key(|authority| std::cmp::Reverse(authority.weight()));
        Ok(Self { profiles, authorities, holidays })
    }

    /// Refuses profiles that say what the server's configuration does not let them say.
    ///
    /// # Errors
    /// [`Error::Setting`] with the agency and what would have to be set.
    pub fn permitted(self, permits: Permits) -> Result<Self, Error> {
        let refused = self.all().find_map(|profile| {
            let (name, message) = permits.refuses(profile)?;
            Some(Error::Setting { name, message: format!("{}: {message}", profile.code) })
        });
        refused.map_or(Ok(self), Err)
    }

    /// All profiles, by code.
    pub fn all(&self) -> impl Iterator<Item = &AgencyProfile> {
        self.profiles.values().map(|(_, profile)| profile.as_ref())
    }

    /// The profile of that code.
    pub fn profile(&self, code: &str) -> Result<&Arc<AgencyProfile>, Error> {
        let found = self.profiles.get(code).ok_or(Error::Refused(ApiErrorCode::AgencyUnknown));
        found.map(|(_, profile)| profile)
    }

    /// The file of the profile of that code.
    pub fn file(&self, code: &str) -> Result<&Path, Error> {
        let found = self.profiles.get(code).ok_or(Error::Refused(ApiErrorCode::AgencyUnknown));
        found.map(|(path, _)| path.as_path())
    }

    /// Whether an agency's system may be used. `now` in Unix milliseconds.
    pub fn hours(&self, code: &str, now: i64) -> Result<HoursState, Error> {
        Ok(hours::state(self.profile(code)?.hours.as_ref(), &self.holidays, now))
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

    /// What contractors may know of certification authorities.
    pub fn authority_views(&self) -> Vec<AuthorityView> {
        self.authorities.iter().filter_map(Authority::view).collect()
    }

    /// What certification authorities' cards must be like, and where their CRLs and responders are.
    pub fn issuer_rules(&self) -> Vec<IssuerRules> {
        self.authorities.iter().filter_map(Authority::rules).collect()
    }

    /// Whether the agency takes cards of this certificate's authority. My Number Cards have a switch of their own.
    pub fn takes(&self, profile: &AgencyProfile, facts: &Facts) -> bool {
        let taken = &profile.cards.authorities;
        let issuer = self.authorities.iter().find(|authority| authority.issued(facts));
        taken.is_empty()
            || facts.my_number().is_some()
            || issuer.is_some_and(|issuer| taken.contains(&issuer.code))
    }

    /// Where the issuer of this certificate puts the names that are shown.
    pub fn display_map(&self, facts: &Facts) -> DisplayMap {
        let found = self.authorities.iter().find(|authority| authority.issued(facts));
        found.map(|authority| authority.display.clone()).unwrap_or_default()
    }
}

/// [`Agencies::issuer_rules`] of the folder `ca` in that folder of profiles, whatever these are like.
///
/// # Errors
/// [`Error::Profiles`] with every mistake in it.
pub fn issuer_rules(folder: &Path) -> Result<Vec<IssuerRules>, Error> {
    Ok(authority::read_folder(&folder.join("ca"))?.iter().filter_map(Authority::rules).collect())
}

/// Reads a profile's text, with the server's mail texts where it has none of its own; everything wrong with
/// it, in the order of the text.
pub fn parse_profile(text: &str) -> Result<AgencyProfile, Vec<Mistake>> {
    let read::Read { profile, mut mistakes, unknown } = read::read(text);
    let findings = profile.iter().flat_map(check::findings);
    mistakes.extend(
        findings
            .filter(|(path, _)| !unknown.iter().any(|unknown| hides(unknown, path)))
            .map(|(path, message)| locate::mistake(text, locate::span(text, &path), &message)),
    );
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    match profile {
        Some(mut profile) if mistakes.is_empty() => {
            crate::mail::fill_texts(&mut profile);
            Ok(profile)
        }
        _ => Err(mistakes),
    }
}

/// Whether a finding at `path` may come from something that could not be read.
fn hides(unknown: &[Step], path: &[Step]) -> bool {
    // A form of which one field, or a whole part, is unknown has no known fields.
    let is_form = matches!(unknown, [Step::Key(key), _, ..] if key == "forms")
        && (unknown.len() < 7 || unknown.last() == Some(&Step::Key("field".into())));
    let names_form = matches!(path, [Step::Key(key), .., Step::Key(last)]
        if key == "categories" && last.ends_with("form"));
    path.starts_with(unknown)
        || unknown.starts_with(path)
        || (is_form && (names_form || path.get(..2) == unknown.get(..2)))
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

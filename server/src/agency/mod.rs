//! Agency profiles and certification authorities: the data in `agencies/`.

mod authority;
mod check;
mod client_text;
mod difference;
mod editor;
mod error;
mod files;
mod folder;
pub(crate) mod issuable;
mod key_text;
mod layers;
pub(crate) mod mistake;
mod origins;
mod parse;
mod read;
mod schema;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_japanese::{holidays::Holidays, opening};
use touroku_pki::IssuerRules;
use touroku_proto::{
    agency::{AgencyProfile, Category, Uncheckable},
    api::{AuthorityView, JointPortal, MemberSummary},
    certificate::{DisplayMap, Facts},
    form::Form,
    hours::HoursState,
};

use self::authority::Authority;
pub(crate) use self::check::is_web_address;
pub use self::{
    client_text::{Secrets, entry_of, with_client, with_entry, with_secret, without_client},
    difference::difference,
    editor::json_schema,
    error::Error,
    folder::{check_files, check_replacement, read_folder},
    key_text::{form_keys, portal_text, with_keys},
    mistake::{FileMistake, Mistake},
    origins::{Origin, WrittenIn, origins},
    parse::parse_profile,
};

/// All agencies of this server.
pub struct Agencies {
    profiles: BTreeMap<String, (PathBuf, Arc<AgencyProfile>)>,
    portals: BTreeMap<String, Arc<JointPortal>>,
    authorities: Vec<Authority>,
    holidays: Holidays,
}

/// What profiles may say only with the permission of whoever runs the server: no agency's administrator decides it
/// alone.
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

impl Agencies {
    /// Reads every `*.toml` in the folder and in its folder `ca`; if an agency closes on holidays, its
    /// `holidays.csv` too.
    ///
    /// # Errors
    /// [`Error::Mistakes`] with every mistake in every profile.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::load_with(folder, None)
    }

    /// The same, with the holidays of another file, if one is given.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(folder: &Path, holidays: Option<&Path>) -> Result<Self, Error> {
        let profiles = read_folder(folder)?;
        let are_needed = profiles
            .values()
            .any(|(_, profile)| profile.hours.as_ref().is_some_and(|hours| hours.closed_on_holidays));
        let holidays = match holidays {
            Some(path) => read_holidays(path)?,
            None if are_needed => read_holidays(&folder.join("holidays.csv"))?,
            // Officers who set hours see them in the calendar.
            None => read_holidays(&folder.join("holidays.csv")).unwrap_or_default(),
        };
        let mut authorities = authority::read_folder(&folder.join("ca"))?;
        // The file that requires the most attributes wins; the one that requires none comes last.
        authorities.sort_by_key(|authority| std::cmp::Reverse(authority.weight()));
        Ok(Self {
            portals: portals(profiles.values().map(|(_, profile)| &**profile)),
            profiles,
            authorities,
            holidays,
        })
    }

    /// Refuses profiles that say what the server's configuration does not permit.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] with the agency and the setting required.
    pub fn permitted(self, permits: Permits) -> Result<Self, Error> {
        let refused = self.all().find_map(|profile| {
            let (setting, message) = permits.refuses(profile)?;
            Some(Error::NotPermitted { agency: profile.code.clone(), setting, message })
        });
        refused.map_or(Ok(self), Err)
    }

    /// All profiles, by code.
    pub fn all(&self) -> impl Iterator<Item = &AgencyProfile> {
        self.profiles.values().map(|(_, profile)| profile.as_ref())
    }

    /// The portals of several agencies, by code.
    pub fn portals(&self) -> impl Iterator<Item = (&str, &Arc<JointPortal>)> {
        self.portals.iter().map(|(code, portal)| (code.as_str(), portal))
    }

    /// The portal with that code.
    ///
    /// # Errors
    /// [`Error::UnknownPortal`].
    pub fn portal(&self, code: &str) -> Result<&Arc<JointPortal>, Error> {
        self.portals.get(code).ok_or(Error::UnknownPortal)
    }

    pub fn profile(&self, code: &str) -> Result<&Arc<AgencyProfile>, Error> {
        let found = self.profiles.get(code).ok_or(Error::Unknown);
        found.map(|(_, profile)| profile)
    }

    /// The file of the profile with that code.
    pub fn file(&self, code: &str) -> Result<&Path, Error> {
        let found = self.profiles.get(code).ok_or(Error::Unknown);
        found.map(|(path, _)| path.as_path())
    }

    /// The holidays from that day on, `YYYY-MM-DD`.
    pub fn holidays_from(&self, day: &str) -> Vec<String> {
        self.holidays.days().map(|day| day.to_string()).filter(|known| **known >= *day).collect()
    }

    /// Whether an agency's system is open. `now` in Unix milliseconds.
    pub fn hours(&self, code: &str, now: i64) -> Result<HoursState, Error> {
        let opening = opening::state(self.profile(code)?.hours.as_ref(), &self.holidays, now);
        if let Some(year) = self.holidays.ended() {
            tracing::warn!(
                "祝日の表は{year}年までです。{}年からの祝日は休みになりません。内閣府のsyukujitsu.csvに取り替えてください",
                year + 1
            );
        }
        Ok(HoursState { open: opening.open, changes_unix_ms: opening.changes })
    }

    /// Admits a new session, or reports that the agency is closed. `now` in Unix milliseconds.
    ///
    /// # Errors
    /// [`Error::Closed`] with the seconds until it opens.
    pub fn admit(&self, code: &str, now: i64) -> Result<(), Error> {
        let state = self.hours(code, now)?;
        if state.open {
            return Ok(());
        }
        // Rounded up: whoever comes back at the announced second must find it open.
        let seconds = |at: i64| u64::try_from((at - now + 999).div_euclid(1000)).unwrap_or(0);
        Err(Error::Closed { retry_after: state.changes_unix_ms.map(seconds) })
    }

    /// A category with its profile and form.
    pub fn category(
        &self,
        agency: &str,
        category: &str,
    ) -> Result<(&AgencyProfile, &Category, &Form), Error> {
        let profile = self.profile(agency)?;
        let category = profile.category(category).ok_or(Error::UnknownCategory)?;
        let form = profile.form(category).ok_or(Error::LacksForm)?;
        Ok((profile, category, form))
    }

    /// What contractors may know about certification authorities.
    pub fn authority_views(&self) -> Vec<AuthorityView> {
        self.authorities.iter().filter_map(Authority::view).collect()
    }

    /// Requirements on certification authorities' cards, and where their CRLs and responders are.
    pub fn issuer_rules(&self) -> Vec<IssuerRules> {
        self.authorities.iter().filter_map(Authority::rules).collect()
    }

    /// Whether the agency accepts cards of this certificate's authority. My Number Cards have a separate switch.
    pub fn takes(&self, profile: &AgencyProfile, facts: &Facts) -> bool {
        let taken = &profile.cards.authorities;
        let issuer = self.authorities.iter().find(|authority| authority.issued(facts));
        taken.is_empty()
            || facts.my_number().is_some()
            || issuer.is_some_and(|issuer| taken.contains(&issuer.code))
    }

    /// Where the issuer of this certificate puts the displayed names.
    pub fn display_map(&self, facts: &Facts) -> DisplayMap {
        let found = self.authorities.iter().find(|authority| authority.issued(facts));
        found.map(|authority| authority.display.clone()).unwrap_or_default()
    }
}

fn portals<'p>(profiles: impl Iterator<Item = &'p AgencyProfile>) -> BTreeMap<String, Arc<JointPortal>> {
    let mut portals: BTreeMap<String, JointPortal> = BTreeMap::new();
    for profile in profiles {
        let Some(portal) = &profile.portal else { continue };
        let member = MemberSummary {
            code: profile.code.clone(),
            name: portal.member.clone(),
            kana: profile.kana.clone(),
        };
        let empty = || JointPortal {
            name: portal.name.clone(),
            notices: portal.notices.clone(),
            members: Vec::new(),
        };
        portals.entry(portal.code.clone()).or_insert_with(empty).members.push(member);
    }
    for portal in portals.values_mut() {
        portal.members.sort_by(|one, other| (&one.kana, &one.code).cmp(&(&other.kana, &other.code)));
    }
    portals.into_iter().map(|(code, portal)| (code, Arc::new(portal))).collect()
}

/// [`Agencies::issuer_rules`] of the folder `ca` in that folder of profiles, whatever the profiles contain.
///
/// # Errors
/// [`Error::Mistakes`] with every mistake in it.
pub fn issuer_rules(folder: &Path) -> Result<Vec<IssuerRules>, Error> {
    Ok(authority::read_folder(&folder.join("ca"))?.iter().filter_map(Authority::rules).collect())
}

fn read_holidays(path: &Path) -> Result<Holidays, Error> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    Holidays::parse(&bytes)
        .map_err(|error| Error::Holidays { path: path.to_owned(), message: error.to_string() })
}

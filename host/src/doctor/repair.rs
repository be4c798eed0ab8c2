//! Rewrites our registration where it is broken or lost. Files of other products, other working installations,
//! policies and the configuration are not touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    access,
    code::{Code, Severity},
    finding::Finding,
    registration::{Registration, is_same},
};
use crate::{
    browser::Scope,
    config::ExtensionId,
    install::{Owner, owner},
    manifest,
    registry::{self, Key, Registry},
    relaxed_json::{self, TrailingCommas},
    replace::{self, Written},
    system::{Place, System},
};

/// A file or key that was written, or could not be.
pub(super) struct Repair {
    pub(super) file: PathBuf,
    pub(super) done: io::Result<()>,
}

pub(super) struct Mender<'a> {
    pub(super) system: &'a System,
    pub(super) program: &'a str,
    /// The extensions that are to be allowed.
    pub(super) ids: &'a [ExtensionId],
}

impl Mender<'_> {
    /// Fixes whatever the findings name in these registrations.
    pub(super) fn repair(&self, browsers: &[Registration], findings: &[Finding]) -> Vec<Repair> {
        // Without an extension the new manifest would be as useless as the old one.
        if self.ids.is_empty() {
            return Vec::new();
        }
        let broken = browsers.iter().filter(|registration| {
            let browser = Some(registration.browser);
            let mut own = findings.iter().filter(|finding| finding.browser == browser);
            own.any(|finding| finding.severity == Severity::Error && is_mendable(finding.code))
        });
        // A policy that disables per-user manifests would disable the new one as well.
        let is_administrator = access::is_administrator(self.system);
        let broken = broken.filter(|registration| {
            registration.scope.is_some() || registration.shadowed.is_empty() || is_administrator
        });
        let repairs = broken.map(|registration| {
            // Machine-wide, if we may write there.
            let default = if is_administrator { Scope::System } else { Scope::User };
            let scope = registration.scope.unwrap_or(default);
            let Some(file) = self.system.manifest(registration.browser, scope) else { return Vec::new() };
            match self.system.registry() {
                Some(registry) => self.repair_keys(registry, registration, scope, &file),
                None => self.write(&file, &[&file]).into_iter().collect(),
            }
        });
        repairs.flatten().collect()
    }

    /// A registry's keys, and the manifest that they lead to.
    fn repair_keys(
        &self,
        registry: &dyn Registry,
        registration: &Registration,
        scope: Scope,
        file: &Path,
    ) -> Vec<Repair> {
        let leads_to = registration.manifest.as_deref();
        // Somebody else's, and in use.
        if leads_to.is_some_and(|manifest| !self.is_ours(manifest)) {
            return Vec::new();
        }
        if scope == Scope::User
            && let Some(repairs) = self.leave_to_everybodys(registry, registration)
        {
            return repairs;
        }
        let salvage: Vec<&Path> = leads_to.into_iter().chain([file]).collect();
        let mut repairs: Vec<_> = self.write(file, &salvage).into_iter().collect();
        if repairs.iter().any(|repair| repair.done.is_err()) || !self.is_ours(file) {
            return repairs;
        }
        let Some(text) = file.to_str() else { return repairs };
        let found = self.system.registrations(registration.browser).into_iter();
        let found = found.filter(|place| place.scope == scope && self.is_ours(&place.manifest));
        let mut keys: Vec<Key> =
            found.filter(|place| place.manifest != file).filter_map(|place| place.key).collect();
        if registration.key.is_none() {
            keys.extend(registry::own_keys(registration.browser, scope));
        }
        repairs.extend(keys.iter().map(|key| {
            let done = registry.set_default(key, text);
            Repair { file: key.to_string().into(), done }
        }));
        repairs
    }

    /// Where a machine-wide key leads to this program a person needs none: removes the person's keys that lead
    /// nowhere, and redirects machine-wide ones that lead nowhere. `None` where this is impossible.
    fn leave_to_everybodys(
        &self,
        registry: &dyn Registry,
        registration: &Registration,
    ) -> Option<Vec<Repair>> {
        let places = self.system.registrations(registration.browser);
        let leads_to_us = |place: &&Place| matches!(owner(&place.manifest), Owner::Program(program) if self.is_this(&program));
        let good =
            places.iter().filter(|place| place.scope == Scope::System).find(leads_to_us)?.manifest.clone();
        let (persons, everybodys): (Vec<_>, Vec<_>) = places
            .into_iter()
            .filter(|place| place.manifest != good && self.is_ours(&place.manifest))
            .partition(|place| place.scope == Scope::User);
        if !everybodys.is_empty() && !registry.is_writable_for_everybody() {
            return None;
        }
        let text = good.to_str()?;
        let repair = |place: Place, mend: &dyn Fn(&Key) -> io::Result<()>| {
            let key = place.key?;
            Some(Repair { file: key.to_string().into(), done: mend(&key) })
        };
        let removed = persons.into_iter().filter_map(|place| repair(place, &|key| registry.remove(key)));
        let followed =
            everybodys.into_iter().filter_map(|place| repair(place, &|key| registry.set_default(key, text)));
        Some(removed.chain(followed).collect())
    }

    /// Writes a manifest, unless it is somebody else's. What it and others of ours allowed stays allowed.
    fn write(&self, file: &Path, salvage: &[&Path]) -> Option<Repair> {
        if !self.is_ours(file) {
            return None;
        }
        let mut ids = self.ids.to_vec();
        salvage.iter().for_each(|file| add_salvaged(&mut ids, file));
        let done = match replace::write(file, &manifest::text(self.program, &ids)) {
            Ok(Written::Unchanged) => return None,
            Ok(Written::Created | Written::Replaced) => Ok(()),
            Err(error) => Err(error),
        };
        Some(Repair { file: file.to_owned(), done })
    }

    /// Whether a manifest may be replaced: it does not exist, is unreadable, or its program is this one or gone.
    fn is_ours(&self, manifest: &Path) -> bool {
        match owner(manifest) {
            Owner::Nobody | Owner::Unclear => true,
            Owner::Foreign => false,
            Owner::Program(other) => self.is_this(&other) || !other.exists(),
        }
    }

    fn is_this(&self, program: &Path) -> bool {
        is_same(program, Path::new(self.program))
    }
}

/// Those that were allowed in a file before it broke.
fn add_salvaged(all: &mut Vec<ExtensionId>, file: &Path) {
    let parsed =
        fs::read(file).ok().and_then(|bytes| relaxed_json::parse(&bytes, TrailingCommas::Allowed).ok());
    let entries = parsed.as_ref().and_then(|manifest| manifest.get("allowed_origins")?.as_array());
    for entry in entries.into_iter().flatten() {
        if let Some(Ok(id)) = entry.as_str().map(ExtensionId::from_caller)
            && !all.contains(&id)
        {
            all.push(id);
        }
    }
}

fn is_mendable(code: Code) -> bool {
    matches!(
        code,
        Code::ManifestMissing
            | Code::ManifestMisnamed
            | Code::ManifestUnreadable
            | Code::ManifestNotJson
            | Code::ManifestName
            | Code::ManifestDescription
            | Code::ManifestType
            | Code::ManifestPath
            | Code::ManifestPathRelative
            | Code::ManifestOrigins
            | Code::OriginMalformed
            | Code::OriginWildcard
            | Code::ExtensionNotAllowed
            | Code::ProgramMissing
            | Code::PolicyUserLevel
    )
}

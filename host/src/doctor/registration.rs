//! One browser's registration of the host: which manifest wins, what is wrong with it and with its program.

use std::{
    cell::RefCell,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;
use touroku_proto::{HOST_NAME, card::Part};

use super::{access, code::Code, extension, finding::Finding, launch, policy::Policies};
use crate::{
    browser::{Browser, Scope},
    config::ExtensionId,
    install,
    manifest::{Fault, Manifest},
    registry,
    relaxed_json::{self, TrailingCommas},
    system::{Place, System},
};

/// What a browser finds under our name.
#[derive(Debug, Serialize)]
pub struct Registration {
    pub browser: Browser,
    /// Whether it is on this computer.
    pub found: bool,
    /// The manifest that it reads.
    pub manifest: Option<PathBuf>,
    /// The key in the registry by which it finds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whom that manifest is for.
    pub scope: Option<Scope>,
    /// The program named in it.
    pub program: Option<PathBuf>,
    /// Manifests not read because of that one, or because of a policy.
    pub shadowed: Vec<PathBuf>,
    /// How the program introduced itself.
    pub host: Option<Part>,
}

/// How a program introduced itself, and what is wrong with it.
type Outcome = (Option<Part>, Vec<Finding>);

pub(super) struct Examination<'a> {
    pub(super) system: &'a System,
    /// The extensions that should be allowed, besides the installed ones.
    pub(super) ids: &'a [ExtensionId],
    /// From the configuration, if there is one.
    pub(super) configured: Option<&'a [ExtensionId]>,
    pub(super) program: Option<&'a Path>,
    /// How long a program may take to answer.
    pub(super) patience: Duration,
    /// Programs already tried, for whom, and the result.
    pub(super) tried: RefCell<Vec<(PathBuf, String, Outcome)>>,
}

impl Examination<'_> {
    /// Examines one browser.
    pub(super) fn examine(
        &self,
        browser: Browser,
        found: bool,
        policies: &Policies,
        findings: &mut Vec<Finding>,
    ) -> Registration {
        let all = self.system.registrations(browser);
        let read = |scope: Scope| scope == Scope::System || policies.user_level_hosts();
        let winner = all.iter().find(|place| read(place.scope)).cloned();
        let manifest = winner.as_ref().map(|place| place.manifest.clone());
        // In a registry several keys may lead to one manifest.
        let mut shadowed: Vec<PathBuf> = Vec::new();
        for Place { manifest: other, .. } in all {
            if manifest.as_ref() != Some(&other) && !shadowed.contains(&other) {
                shadowed.push(other);
            }
        }
        let mut registration = Registration {
            browser,
            found,
            manifest,
            key: winner.as_ref().and_then(|place| Some(place.key.as_ref()?.to_string())),
            scope: winner.as_ref().map(|place| place.scope),
            program: None,
            shadowed,
            host: None,
        };
        let mut own = Vec::new();
        let user_data = self.system.user_data(browser).unwrap_or_default();
        let installed = extension::installed(&user_data, self.ids);
        if let Some(installed) = &installed {
            extension::examine(&user_data, installed, &mut own);
        }
        let mut ids = self.ids.to_vec();
        for extension in installed.into_iter().flatten() {
            if !ids.contains(&extension.id) {
                ids.push(extension.id);
            }
        }
        match winner {
            Some(place) => {
                self.examine_manifest(&place.manifest, place.scope, &ids, &mut registration, &mut own);
            }
            None => self.explain_absence(&registration, policies, &mut own),
        }
        findings.extend(own.into_iter().map(|finding| finding.of(browser)));
        registration
    }

    fn explain_absence(&self, registration: &Registration, policies: &Policies, own: &mut Vec<Finding>) {
        if let Some(file) = registration.shadowed.first() {
            let policy = policies.user_level_file().map(|file| file.display().to_string());
            let finding = Finding::new(Code::PolicyUserLevel).in_file(file);
            own.push(finding.because(policy.unwrap_or_default()));
            return;
        }
        if self.system.registry().is_some() {
            if registration.found {
                let key = registry::own_keys(registration.browser, Scope::System).pop();
                let missing = Finding::new(Code::ManifestMissing);
                let missing = key.map_or(missing.clone(), |key| missing.in_file(key.to_string()));
                own.push(self.with_others(missing));
            }
            return;
        }
        let folders = Scope::LOOKUP
            .iter()
            .filter_map(|scope| self.system.manifest_folder(registration.browser, *scope));
        let misnamed: Vec<_> = folders.flat_map(|folder| misnamed(&folder)).collect();
        for file in &misnamed {
            own.push(Finding::new(Code::ManifestMisnamed).in_file(file));
        }
        if registration.found && misnamed.is_empty() {
            let file = self.system.manifest(registration.browser, Scope::System);
            let dangling = |scope: &Scope| {
                let file = self.system.manifest(registration.browser, *scope);
                file.filter(|file| fs::symlink_metadata(file).is_ok())
            };
            if let Some(link) = Scope::LOOKUP.iter().find_map(dangling) {
                own.push(Finding::new(Code::ManifestMissing).in_file(link).because("リンク先がありません"));
                return;
            }
            let missing = Finding::new(Code::ManifestMissing).in_file(file.unwrap_or_default());
            own.push(self.with_others(missing));
        }
    }

    /// A missing registration, with the browsers that have one.
    fn with_others(&self, missing: Finding) -> Finding {
        let others = Browser::ALL.into_iter().filter(|other| !self.system.registrations(*other).is_empty());
        let others: Vec<_> = others.map(Browser::name).collect();
        if others.is_empty() {
            return missing;
        }
        missing.because(format!("登録があるのは {} だけです", others.join("、")))
    }

    fn examine_manifest(
        &self,
        file: &Path,
        scope: Scope,
        ids: &[ExtensionId],
        registration: &mut Registration,
        own: &mut Vec<Finding>,
    ) {
        let finding = |code| Finding::new(code).in_file(file);
        if scope == Scope::System
            && let Some(why) = access::hidden_from_others(file, 0o4)
        {
            own.push(finding(Code::ManifestUnreadable).because(why));
        }
        if registration.key.is_some() && !file.is_absolute() {
            return own.push(finding(Code::ManifestMissing).because("絶対パスではありません"));
        }
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = registration.key.clone().unwrap_or_default();
                return own.push(finding(Code::ManifestMissing).because(key));
            }
            Err(error) => return own.push(finding(Code::ManifestUnreadable).because(error.to_string())),
        };
        let manifest = match Manifest::parse(&bytes) {
            Ok(manifest) => manifest,
            Err(faults) => {
                // Its author has to fix it; we only report that it is not ours.
                let text = String::from_utf8_lossy(&bytes);
                if let ([Fault::NotJson(why)], Some(name)) = (&faults[..], install::name_in(&text))
                    && name != HOST_NAME
                {
                    return own
                        .push(finding(Code::ManifestName).because(format!("name: \"{name}\"（{why}）")));
                }
                own.extend(faults.into_iter().map(|fault| fault_finding(fault).in_file(file)));
                return;
            }
        };
        for other in &registration.shadowed {
            let parsed = fs::read(other).ok().and_then(|bytes| Manifest::parse(&bytes).ok());
            let hides_us =
                self.is_this_program(parsed.as_ref(), other) && !self.is_this_program(Some(&manifest), file);
            // A key that leads nowhere is harmless after one that leads somewhere.
            let is_there = parsed.is_some() || registration.key.is_none();
            let differs = parsed.as_ref() != Some(&manifest);
            if is_there && differs && (scope == Scope::User || hides_us) {
                let place = registration.key.as_ref().map_or(file, Path::new);
                let finding = Finding::new(Code::ManifestShadowed).in_file(place);
                own.push(finding.because(other.display().to_string()));
            }
        }
        self.examine_extensions(file, &manifest, ids, own);
        let program = manifest.program_from(file);
        registration.program = Some(program.clone());
        if !self.examine_program(&program, scope, own) {
            return;
        }
        let caller = self.ids.iter().find(|id| manifest.allows(id)).map(ToString::to_string);
        let Some(caller) = caller.or_else(|| manifest.extensions.first().cloned()) else { return };
        if access::may_start(&[file, &program]) {
            let (part, faults) = self.try_out(&program, caller);
            registration.host = part;
            own.extend(faults);
        } else {
            own.push(Finding::new(Code::ProgramNotTried).in_file(&program));
        }
    }

    /// Once for all browsers: most have the same program, and one that does not answer takes a while.
    fn try_out(&self, program: &Path, caller: String) -> Outcome {
        let mut tried = self.tried.borrow_mut();
        if let Some((.., outcome)) = tried.iter().find(|(p, c, _)| p == program && *c == caller) {
            return outcome.clone();
        }
        let outcome = launch::try_out(program, &caller, self.patience);
        tried.push((program.to_owned(), caller, outcome.clone()));
        outcome
    }

    fn examine_extensions(
        &self,
        file: &Path,
        manifest: &Manifest,
        ids: &[ExtensionId],
        own: &mut Vec<Finding>,
    ) {
        let finding = |code, id: &str| Finding::new(code).in_file(file).because(id);
        for id in ids.iter().filter(|id| !manifest.allows(id)) {
            own.push(finding(Code::ExtensionNotAllowed, &id.to_string()));
        }
        if manifest.extensions.is_empty() && ids.is_empty() {
            own.push(finding(Code::ExtensionNotAllowed, "allowed_origins: []"));
        }
        for host in &manifest.extensions {
            match (ExtensionId::parse(&host.to_ascii_lowercase()), self.configured) {
                (Err(_), _) => own.push(finding(Code::OriginNoExtension, host)),
                (Ok(id), Some(configured)) if !configured.contains(&id) => {
                    own.push(finding(Code::ExtensionNotInConfig, host));
                }
                _ => {}
            }
        }
    }

    /// Whether it is worth starting.
    fn examine_program(&self, program: &Path, scope: Scope, own: &mut Vec<Finding>) -> bool {
        let finding = |code| Finding::new(code).in_file(program);
        match fs::metadata(program) {
            Err(error) => {
                own.push(finding(Code::ProgramMissing).because(error.to_string()));
                return false;
            }
            Ok(metadata) if !metadata.is_file() => {
                own.push(finding(Code::ProgramMissing).because("ファイルではありません"));
                return false;
            }
            Ok(_) if access::is_on_noexec(program) => {
                own.push(finding(Code::ProgramOnNoexec));
                return false;
            }
            Ok(_) if !access::is_executable(program) => {
                own.push(finding(Code::ProgramNotExecutable));
                return false;
            }
            Ok(_) => {}
        }
        if scope == Scope::System
            && let Some(why) = access::hidden_from_others(program, 0o1)
        {
            own.push(finding(Code::ProgramUnreachable).because(why));
        }
        if self.program.is_some_and(|ours| !is_same(ours, program)) {
            own.push(finding(Code::ProgramElsewhere));
        }
        true
    }

    /// Whether a manifest names the program that is running.
    fn is_this_program(&self, manifest: Option<&Manifest>, file: &Path) -> bool {
        let programs = manifest.map(|manifest| manifest.program_from(file)).zip(self.program);
        programs.is_some_and(|(theirs, ours)| is_same(ours, &theirs))
    }
}

/// Whether two paths lead to one file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn fault_finding(fault: Fault) -> Finding {
    match fault {
        Fault::NotJson(why) => Finding::new(Code::ManifestNotJson).because(why),
        Fault::Name(name) => Finding::new(Code::ManifestName).because(format!("name: \"{name}\"")),
        Fault::Description => Finding::new(Code::ManifestDescription),
        Fault::Type => Finding::new(Code::ManifestType),
        Fault::Path => Finding::new(Code::ManifestPath),
        Fault::RelativePath(path) => Finding::new(Code::ManifestPathRelative).because(path),
        Fault::Origins => Finding::new(Code::ManifestOrigins),
        Fault::Origin(entry) => Finding::new(Code::OriginMalformed).because(entry),
        Fault::Wildcard(entry) => Finding::new(Code::OriginWildcard).because(entry),
    }
}

/// Manifests of ours under a name that no browser looks up.
fn misnamed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|file| is_ours(file)).collect();
    files.sort();
    files
}

fn is_ours(file: &Path) -> bool {
    let parsed =
        fs::read(file).ok().and_then(|bytes| relaxed_json::parse(&bytes, TrailingCommas::Allowed).ok());
    parsed.is_some_and(|value| value.get("name").and_then(Value::as_str) == Some(HOST_NAME))
}

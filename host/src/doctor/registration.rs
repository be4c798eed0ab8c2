//! One browser's registration of the host: which manifest wins, what is wrong with it and with its program.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;
use touroku_proto::{HOST_NAME, card::Part};

use super::{
    access, extension,
    finding::{Code, Finding},
    launch,
    policy::Policies,
};
use crate::{
    config::ExtensionId,
    manifest::{Fault, Manifest},
    relaxed_json::{self, TrailingCommas},
    system::{Browser, Scope, System},
};

/// What a browser finds under our name.
#[derive(Debug, Serialize)]
pub struct Registration {
    /// The browser.
    pub browser: Browser,
    /// Whether it is on this computer.
    pub found: bool,
    /// The manifest that it reads.
    pub manifest: Option<PathBuf>,
    /// For whom that manifest is.
    pub scope: Option<Scope>,
    /// The program that it names.
    pub program: Option<PathBuf>,
    /// Manifests that it does not read because of that one, or because of a policy.
    pub shadowed: Vec<PathBuf>,
    /// What the program said of itself.
    pub host: Option<Part>,
}

/// What a registration is examined with.
pub(super) struct Examination<'a> {
    pub(super) system: &'a System,
    /// The extensions that should be allowed, besides the installed ones.
    pub(super) ids: &'a [ExtensionId],
    /// Of the configuration, if there is one.
    pub(super) configured: Option<&'a [ExtensionId]>,
    /// This program.
    pub(super) program: Option<&'a Path>,
    /// How long a program may take to answer.
    pub(super) patience: Duration,
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
        let winner = all.iter().find(|(scope, _)| read(*scope)).cloned();
        let shadowed = all.iter().filter(|place| Some(*place) != winner.as_ref());
        let mut registration = Registration {
            browser,
            found,
            manifest: winner.as_ref().map(|(_, file)| file.clone()),
            scope: winner.as_ref().map(|(scope, _)| *scope),
            program: None,
            shadowed: shadowed.map(|(_, file)| file.clone()).collect(),
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
            Some((scope, file)) => self.examine_manifest(&file, scope, &ids, &mut registration, &mut own),
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
        let folders = Scope::LOOKUP
            .iter()
            .filter_map(|scope| self.system.manifest_folder(registration.browser, *scope));
        let misnamed: Vec<_> = folders.flat_map(|folder| misnamed(&folder)).collect();
        for file in &misnamed {
            own.push(Finding::new(Code::ManifestMisnamed).in_file(file));
        }
        if registration.found && misnamed.is_empty() {
            let file = self.system.manifest(registration.browser, Scope::System);
            let others =
                Browser::ALL.into_iter().filter(|other| !self.system.registrations(*other).is_empty());
            let others: Vec<_> = others.map(Browser::name).collect();
            let dangling = |scope: &Scope| {
                let file = self.system.manifest(registration.browser, *scope);
                file.filter(|file| fs::symlink_metadata(file).is_ok())
            };
            if let Some(link) = Scope::LOOKUP.iter().find_map(dangling) {
                own.push(Finding::new(Code::ManifestMissing).in_file(link).because("リンク先がありません"));
                return;
            }
            let mut finding = Finding::new(Code::ManifestMissing).in_file(file.unwrap_or_default());
            if !others.is_empty() {
                finding = finding.because(format!("登録があるのは {} だけです", others.join("、")));
            }
            own.push(finding);
        }
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
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => return own.push(finding(Code::ManifestUnreadable).because(error.to_string())),
        };
        let manifest = match Manifest::parse(&bytes) {
            Ok(manifest) => manifest,
            Err(faults) => {
                own.extend(faults.into_iter().map(|fault| fault_finding(fault).in_file(file)));
                return;
            }
        };
        for other in &registration.shadowed {
            let differs = fs::read(other).ok().and_then(|bytes| Manifest::parse(&bytes).ok()).as_ref()
                != Some(&manifest);
            if scope == Scope::User && differs {
                own.push(finding(Code::ManifestShadowed).because(other.display().to_string()));
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
            let (part, faults) = launch::try_out(&program, &caller, self.patience);
            registration.host = part;
            own.extend(faults);
        } else {
            own.push(Finding::new(Code::ProgramNotTried).in_file(&program));
        }
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
        let same = |ours: &Path| fs::canonicalize(ours).ok() == fs::canonicalize(program).ok();
        if self.program.is_some_and(|ours| !same(ours)) {
            own.push(finding(Code::ProgramElsewhere));
        }
        true
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

/// Manifests of ours under a name that no browser asks for.
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

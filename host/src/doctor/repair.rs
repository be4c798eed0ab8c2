//! Writes our registration again where it is broken or lost. Files of other products, other living
//! installations, policies and the configuration are not touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Report, access,
    finding::{Code, Severity},
};
use crate::{
    config::ExtensionId,
    install::{Owner, owner},
    manifest,
    relaxed_json::{self, TrailingCommas},
    replace::{self, Written},
    system::{Browser, Scope, System},
};

/// A file that was written, or could not be.
pub(super) struct Repair {
    pub(super) file: PathBuf,
    pub(super) done: io::Result<()>,
}

/// Mends what `report` names, with this program and these extensions.
pub(super) fn repair(report: &Report, system: &System, program: &str, ids: &[ExtensionId]) -> Vec<Repair> {
    // Without an extension the new manifest would be as useless as the old one.
    if ids.is_empty() {
        return Vec::new();
    }
    let broken = report.browsers.iter().filter(|registration| {
        let browser = Some(registration.browser);
        let mut own = report.findings.iter().filter(|finding| finding.browser == browser);
        own.any(|finding| finding.severity == Severity::Error && is_mendable(finding.code))
    });
    // A policy that voids manifests of single persons would void the new one as well.
    let broken = broken.filter(|registration| {
        registration.scope.is_some() || registration.shadowed.is_empty() || access::is_administrator()
    });
    let file = |browser: Browser, scope: Option<Scope>| {
        // Where everybody finds it, if we may write there.
        let scope = scope.unwrap_or(if access::is_administrator() { Scope::System } else { Scope::User });
        system.manifest(browser, scope)
    };
    let files = broken.filter_map(|registration| file(registration.browser, registration.scope));
    let ours = files.filter(|file| match owner(file) {
        Owner::Nobody | Owner::Unclear => true,
        Owner::Foreign => false,
        Owner::Program(other) => other.to_str() == Some(program) || !other.exists(),
    });
    let repairs = ours.filter_map(|file| {
        let text = manifest::text(program, &with_salvaged(ids, &file));
        let done = match replace::write(&file, &text) {
            Ok(Written::Unchanged) => return None,
            Ok(Written::Created | Written::Replaced) => Ok(()),
            Err(error) => Err(error),
        };
        Some(Repair { file, done })
    });
    repairs.collect()
}

/// These extensions, and those that somebody allowed in the file before it broke.
fn with_salvaged(ids: &[ExtensionId], file: &Path) -> Vec<ExtensionId> {
    let mut all = ids.to_vec();
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
    all
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

//! Writes our registration again where it is broken or lost. Files of other products, other living
//! installations, policies and the configuration are not touched.

use std::{io, path::PathBuf};

use super::{
    Report, access,
    finding::{Code, Severity},
};
use crate::{
    config::ExtensionId,
    install::{Owner, owner},
    manifest, replace,
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
    let text = manifest::text(program, ids);
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
    ours.map(|file| {
        let done = replace::write(&file, &text).map(drop);
        Repair { file, done }
    })
    .collect()
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

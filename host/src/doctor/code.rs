//! What can be wrong, by name.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; does not count for the exit status.
    Note,
    /// Stops some people, or will stop everybody one day.
    Warning,
    /// The card cannot be used like this.
    Error,
}

/// What is wrong. The names, in snake case, are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(clap::ValueEnum), value(rename_all = "snake_case"))]
#[expect(missing_docs, reason = "each is explained, in Japanese, in words.rs")]
pub enum Code {
    NoBrowser,
    BrowserConfined,
    ManifestMissing,
    ManifestMisnamed,
    ManifestUnreadable,
    ManifestNotJson,
    ManifestName,
    ManifestDescription,
    ManifestType,
    ManifestPath,
    ManifestPathRelative,
    ManifestOrigins,
    ManifestShadowed,
    OriginMalformed,
    OriginWildcard,
    OriginNoExtension,
    ExtensionMissing,
    ExtensionDisabled,
    ExtensionTooOld,
    ExtensionNotAllowed,
    ExtensionNotInConfig,
    ProgramMissing,
    ProgramNotExecutable,
    ProgramOnNoexec,
    ProgramUnreachable,
    ProgramElsewhere,
    ProgramNotTried,
    ConfigMissing,
    ConfigInvalid,
    ConfigNoExtension,
    ConfigNoOrigin,
    DropInInvalid,
    DropInConflict,
    PolicyBlocklist,
    PolicyUserLevel,
    PolicyExtensionBlocked,
    PolicyExtensionSettings,
    PolicyCommandLine,
    PolicyCommandPrompt,
    CommandPromptUnusable,
    PolicyRecommended,
    PolicyInvalid,
    HostNotStartable,
    HostExits,
    HostSilent,
    HostHello,
    HostVersion,
    HostRefusesCaller,
    HostLingers,
    StdoutPolluted,
    StdoutExtra,
    ServiceOff,
    ServiceForbidden,
    ServiceSilent,
    NoReader,
    NoCard,
    CardUnusable,
    ModuleMissing,
    ModuleFailed,
    ServerUnresolved,
    ServerUnreachable,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

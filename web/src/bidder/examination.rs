//! くわしい点検: what the host's doctor finds on this computer, for 環境確認.

use touroku_proto::{
    CHECK_UP_SINCE,
    card::{CardErrorCode, Finding, Fit, Part, Spoken, Status},
};

use crate::bidder::trouble::Trouble;

/// Findings that the page's own lines already report, with the same remedy.
const SAID_ABOVE: [&str; 3] = ["service_off", "no_reader", "no_card"];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Examination {
    /// Not asked: there is no host to ask.
    #[default]
    Unasked,
    /// A part is too old for the request: `extension_too_old` or `host_too_old`.
    Unavailable(CardErrorCode),
    Waiting,
    /// The findings, worst first.
    Done(Vec<Finding>),
    /// Asked, but not answered.
    Failed(Trouble),
}

impl Examination {
    /// What to do about it after the extension has reported its status: `Waiting` if the doctor is to be asked.
    pub(super) fn after(status: &Status) -> Self {
        let fits = |part: &Part| Spoken::OURS.fit(part) == Fit::Fits;
        let Some(host) = status.host.as_ref().filter(|host| fits(host) && fits(&status.extension)) else {
            return Self::Unasked;
        };
        match (status.extension.protocol, host.protocol) {
            (..CHECK_UP_SINCE, _) => Self::Unavailable(CardErrorCode::ExtensionTooOld),
            (_, ..CHECK_UP_SINCE) => Self::Unavailable(CardErrorCode::HostTooOld),
            _ => Self::Waiting,
        }
    }

    pub(super) fn answered(mut findings: Vec<Finding>) -> Self {
        findings.retain(|finding| !SAID_ABOVE.contains(&finding.code.as_str()));
        Self::Done(findings)
    }

    /// The text form (`data-examination`).
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Unavailable(_) => "unavailable",
            Self::Waiting => "waiting",
            Self::Done(findings) if findings.is_empty() => "none",
            Self::Done(_) => "found",
            Self::Failed(_) => "failed",
        }
    }
}

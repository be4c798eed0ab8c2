//! 監査記録.

use touroku_proto::officer::audit::{AuditCheck, AuditPage};

use super::{Effect, Timer};
use crate::officer::{ask::Ask, route::Route, state::Console};

/// How long until the page polls the progress of a check of all entries again.
const LOOK_AGAIN_MS: u32 = 1_000;

impl Console {
    pub(super) fn audit_read(&mut self, before: Option<i64>, page: AuditPage) -> Vec<Effect> {
        match (before, &mut self.audit) {
            (Some(before), Some(audit)) if audit.next == Some(before) => {
                audit.entries.extend(page.entries);
                audit.next = page.next;
                audit.broken_at = audit.broken_at.into_iter().chain(page.broken_at).min();
                audit.proved_to = page.proved_to;
                audit.check = page.check;
            }
            (Some(_), _) => {}
            (None, audit) => {
                *audit = Some(page);
                self.audit_check_failed = false;
            }
        }
        self.wait_for_audit().into_iter().collect()
    }

    /// `begun`: the answer to starting a check, not to polling its progress.
    pub(super) fn audit_checked(&mut self, begun: bool, check: AuditCheck) -> Vec<Effect> {
        if let Some(audit) = &mut self.audit {
            let was_at_work = begun || audit.check.proved.is_some();
            let is_over = check.proved.is_none();
            let has_found = is_over && check.checked_unix_ms != audit.check.checked_unix_ms;
            if has_found {
                // All of it was checked, and so everything this page had found.
                audit.broken_at = check.broken_at;
                audit.proved_to = check.broken_at.map_or(check.entries, |at| at - 1);
            }
            // None is running and none has found anything since: it was interrupted, or another instance is being
            // asked now.
            self.audit_check_failed = is_over && was_at_work && !has_found;
            audit.check = check;
        }
        self.wait_for_audit().into_iter().collect()
    }

    pub(super) fn look_at_audit(&mut self) -> Vec<Effect> {
        let here = self.route == Some(Route::Audit) && self.is_signed_in();
        if here && self.wait_for_audit().is_some() { self.ask(Ask::AuditCheck) } else { Vec::new() }
    }

    /// Polls again shortly while the server checks all entries.
    pub(super) fn wait_for_audit(&self) -> Option<Effect> {
        let at_work = self.audit.as_ref().is_some_and(|audit| audit.check.proved.is_some());
        at_work.then_some(Effect::Wait { timer: Timer::Audit, milliseconds: LOOK_AGAIN_MS })
    }
}

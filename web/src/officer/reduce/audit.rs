//! 監査記録.

use touroku_proto::officer::{
    audit::{AuditAction, AuditCheck, AuditFound, AuditPage},
    csv,
};

use super::{Effect, Input, Notice, Timer, go};
use crate::{
    bidder::clock,
    officer::{
        ask::Ask,
        route::{AuditSearch, Route},
        state::Console,
    },
    texts::officer::audit as words,
};

/// How long until the page polls the progress of a check of all entries again.
const LOOK_AGAIN_MS: u32 = 1_000;

impl Console {
    pub(super) fn search_audit(&mut self) -> Vec<Effect> {
        let Some(Route::Audit(shown)) = &self.route else { return Vec::new() };
        self.look_into_audit(shown.action)
    }

    /// With the words that are typed.
    pub(super) fn look_into_audit(&mut self, action: Option<AuditAction>) -> Vec<Effect> {
        let text = |input| self.text(input).trim().to_owned();
        let route = Route::Audit(AuditSearch {
            action,
            actor: text(Input::AuditActor),
            subject: text(Input::AuditSubject),
            from: text(Input::AuditFrom),
            until: text(Input::AuditUntil),
        });
        if self.route.as_ref() == Some(&route) { self.show() } else { vec![go(route)] }
    }

    /// Everything that the filter on the screen selects, piece by piece.
    pub(super) fn save_audit(&mut self) -> Vec<Effect> {
        let Some(Route::Audit(search)) = self.route.clone() else { return Vec::new() };
        if self.waits(|ask| matches!(ask, Ask::ListAudit { .. })) {
            return Vec::new();
        }
        self.audit_list = format!("{}{}", csv::BEGINNING, csv::line(words::list_header()));
        self.ask(Ask::ListAudit { search, before: None })
    }

    pub(super) fn audit_listed(&mut self, search: AuditSearch, found: &AuditFound) -> Vec<Effect> {
        if self.route != Some(Route::Audit(search.clone())) {
            // Left, or looking for something else by now.
            return Vec::new();
        }
        self.audit_list.extend(found.entries.iter().map(|entry| csv::line(words::list_line(entry))));
        if found.next.is_some() {
            return self.ask(Ask::ListAudit { search, before: found.next });
        }
        let agency = self.officer().map_or("", |officer| officer.agency.as_str());
        let day = clock::day(self.now_unix_ms()).replace('-', "");
        let name = format!("audit-{agency}-{day}-utf-8.csv");
        let mut effects = self.say(Notice::Exported);
        effects.push(Effect::Save { name, content: std::mem::take(&mut self.audit_list) });
        effects
    }

    pub(super) fn audit_read(
        &mut self,
        search: &AuditSearch,
        before: Option<i64>,
        page: AuditPage,
    ) -> Vec<Effect> {
        if !matches!(&self.route, Some(Route::Audit(shown)) if shown == search) {
            return Vec::new();
        }
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
        let here = matches!(self.route, Some(Route::Audit(_))) && self.is_signed_in();
        if here && self.wait_for_audit().is_some() { self.ask(Ask::AuditCheck) } else { Vec::new() }
    }

    /// Polls again shortly while the server checks all entries.
    pub(super) fn wait_for_audit(&self) -> Option<Effect> {
        let at_work = self.audit.as_ref().is_some_and(|audit| audit.check.proved.is_some());
        at_work.then_some(Effect::Wait { timer: Timer::Audit, milliseconds: LOOK_AGAIN_MS })
    }
}

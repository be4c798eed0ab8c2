//! 審査.

use touroku_proto::officer::review::{ApplicationDetail, ApplicationPage, Decide, ReviewKind, ReviewState};

use super::{Banner, Effect, Input, Notice, Trouble};
use crate::officer::{ask::Ask, dialog::Dialog, route::Route, state::Console};

impl Console {
    pub(super) fn queue_read(
        &mut self,
        decided: bool,
        after: Option<String>,
        page: ApplicationPage,
    ) -> Vec<Effect> {
        if self.route != Some(Route::Queue { decided }) {
            return Vec::new();
        }
        match (after, &mut self.queue) {
            (Some(after), Some(queue)) if queue.next.as_ref() == Some(&after) => {
                queue.applications.extend(page.applications);
                queue.next = page.next;
                queue.pending = page.pending;
            }
            (Some(_), _) => {}
            (None, queue) => *queue = Some(page),
        }
        Vec::new()
    }

    pub(super) fn application_read(
        &mut self,
        kind: ReviewKind,
        id: i64,
        detail: ApplicationDetail,
    ) -> Vec<Effect> {
        if self.route == Some(Route::Application { kind, id }) {
            // A question about something no longer on the screen must not be answered.
            let changed = self.review.detail.as_ref().is_some_and(|old| old.revision != detail.revision);
            if changed && matches!(self.dialog, Some(Dialog::Approve | Dialog::Reject)) {
                self.dialog = None;
            }
            self.review.detail = Some(detail);
        }
        Vec::new()
    }

    /// 承認 or 却下 was confirmed: the decision names what was reviewed.
    pub(super) fn decide(&mut self, approve: bool) -> Vec<Effect> {
        let Some(Route::Application { kind, id }) = self.route else { return Vec::new() };
        let Some(detail) = &self.review.detail else { return Vec::new() };
        let reason = if approve { String::new() } else { self.text(Input::Reason).trim().to_owned() };
        let body = Decide { revision: detail.revision.clone(), approve, reason };
        self.ask(Ask::Decide { kind, id, body })
    }

    pub(super) fn decided(
        &mut self,
        kind: ReviewKind,
        id: i64,
        approve: bool,
        detail: ApplicationDetail,
    ) -> Vec<Effect> {
        if self.route != Some(Route::Application { kind, id }) {
            return Vec::new();
        }
        let notice = match (approve, detail.item.state) {
            (false, _) => Notice::Rejected,
            (true, ReviewState::FirstApproved) => Notice::FirstApproved,
            (true, _) => Notice::Approved,
        };
        self.review.before = None;
        self.review.detail = Some(detail);
        self.clear_texts(|_| false);
        self.banner = None;
        self.notice = Some(notice);
        // The button that was pressed is gone.
        vec![Effect::Focus("heading".to_owned())]
    }

    /// It was changed, or decided, in the meantime: shows what changed and asks again.
    pub(super) fn application_was_stale(
        &mut self,
        kind: ReviewKind,
        id: i64,
        trouble: Trouble,
    ) -> Vec<Effect> {
        if self.review.before.is_none() {
            self.review.before = self.review.detail.clone();
        }
        self.notice = None;
        self.banner = Some(Banner { trouble, retry: None });
        let mut effects = self.ask(Ask::Application { kind, id });
        effects.push(Effect::Focus("banner".to_owned()));
        effects
    }

    /// The next application in the queue, as far as it was read.
    pub fn next_application(&self) -> Option<Route> {
        let Some(Route::Application { kind, id }) = self.route else { return None };
        let waiting = |state| matches!(state, ReviewState::Pending | ReviewState::FirstApproved);
        let items = &self.queue.as_ref()?.applications;
        let here = items.iter().position(|item| item.kind == kind && item.id == id).map_or(0, |at| at + 1);
        let mut others = items[here..].iter().chain(&items[..here]);
        let next = others.find(|item| waiting(item.state) && (item.kind, item.id) != (kind, id))?;
        Some(Route::Application { kind: next.kind, id: next.id })
    }
}

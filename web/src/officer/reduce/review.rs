//! 審査.

use touroku_proto::officer::review::{
    ApplicationDetail, ApplicationItem, ApplicationPage, Decide, ReviewKind, ReviewState,
};

use super::{Banner, Effect, Input, Notice, Trouble};
use crate::officer::{
    ask::Ask,
    dialog::Dialog,
    route::{QueueSearch, Route},
    state::{Console, NEXT_APPLICATION},
};

impl Console {
    pub(super) fn queue_read(
        &mut self,
        search: &QueueSearch,
        after: Option<String>,
        page: ApplicationPage,
    ) -> Vec<Effect> {
        let wanted = match &self.route {
            Some(Route::Queue(shown)) => shown == search,
            // For the way to the next one.
            Some(Route::Application { .. }) => !search.decided && after.is_none(),
            _ => false,
        };
        if !wanted {
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
        self.collected.retain(|one| !is(&one.item, kind, id));
        self.forget_waiting(&detail.item);
        if self.approving.is_some() {
            return self.approved_together();
        }
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
        // The button that was pressed is gone; the next application is a key away.
        let next = self.next_application().map_or("heading", |_| NEXT_APPLICATION);
        vec![Effect::Focus(next.to_owned())]
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

    /// The next application in the queue, as far as it was read, that was not yet looked at.
    pub fn next_application(&self) -> Option<Route> {
        let Some(Route::Application { kind, id }) = self.route else { return None };
        let looked_at = |item: &ApplicationItem| {
            self.collected.iter().any(|one| !one.refused && is(&one.item, item.kind, item.id))
        };
        let items = &self.queue.as_ref()?.applications;
        let here = items.iter().position(|item| is(item, kind, id)).map_or(0, |at| at + 1);
        let mut others = items[here..].iter().chain(&items[..here]);
        let next = others.find(|item| is_waiting(item) && !is(item, kind, id) && !looked_at(item))?;
        Some(Route::Application { kind: next.kind, id: next.id })
    }

    /// What was decided is not offered again as the next one.
    fn forget_waiting(&mut self, decided: &ApplicationItem) {
        let items = self.queue.iter_mut().flat_map(|queue| &mut queue.applications);
        for item in items.filter(|item| is(item, decided.kind, decided.id)) {
            item.clone_from(decided);
        }
    }

    /// Whether the queue has to be read for the way to the next application.
    pub(super) fn lacks_queue(&self) -> bool {
        !self.queue.iter().flat_map(|queue| &queue.applications).any(is_waiting)
    }
}

/// Whether it is that application.
fn is(item: &ApplicationItem, kind: ReviewKind, id: i64) -> bool {
    item.kind == kind && item.id == id
}

fn is_waiting(item: &ApplicationItem) -> bool {
    matches!(item.state, ReviewState::Pending | ReviewState::FirstApproved)
}

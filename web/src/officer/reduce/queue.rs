//! 審査: what is looked for in the queue, what is approved together, and notes.

use touroku_proto::officer::review::{AddNote, ApplicationDetail, Decide, ReviewKind};

use super::{Effect, Input, Notice, focus_heading, go};
use crate::officer::{
    ask::Ask,
    input::NOTE,
    route::{QueueSearch, Route},
    state::{Collected, Console},
};

impl Console {
    pub(super) fn search_queue(&mut self) -> Vec<Effect> {
        let Some(Route::Queue(shown)) = self.route.clone() else { return Vec::new() };
        self.look_into_queue(shown)
    }

    /// With the words that are typed.
    pub(super) fn look_into_queue(&mut self, search: QueueSearch) -> Vec<Effect> {
        let query = self.text(Input::QueueQuery).trim().to_owned();
        let route = Route::Queue(QueueSearch { query, ..search });
        // The same again: somebody may have decided something.
        if self.route.as_ref() == Some(&route) { self.show() } else { vec![go(route)] }
    }

    /// Adds the application on the screen to those that are approved together, and goes on to the next one.
    pub(super) fn collect(&mut self) -> Vec<Effect> {
        let Some(detail) = &self.review.detail else { return Vec::new() };
        let (item, revision) = (detail.item.clone(), detail.revision.clone());
        self.collected.retain(|one| (one.item.kind, one.item.id) != (item.kind, item.id));
        self.collected.push(Collected { item, revision, refused: false });
        self.next_notice = Some(Notice::Collected);
        vec![go(self.next_application().unwrap_or_else(|| Route::Queue(QueueSearch::default())))]
    }

    pub(super) fn drop_collected(&mut self, kind: ReviewKind, id: i64) -> Vec<Effect> {
        self.collected.retain(|one| (one.item.kind, one.item.id) != (kind, id));
        // The button that was pressed is gone.
        vec![focus_heading()]
    }

    /// One after the other, each as it was looked at.
    pub(super) fn approve_together(&mut self) -> Vec<Effect> {
        self.approving = Some(0);
        for one in &mut self.collected {
            one.refused = false;
        }
        self.approve_next()
    }

    fn approve_next(&mut self) -> Vec<Effect> {
        if let Some(Collected { item, revision, .. }) = self.collected.iter().find(|one| !one.refused) {
            let body = Decide { revision: revision.clone(), approve: true, reason: String::new() };
            return self.ask(Ask::Decide { kind: item.kind, id: item.id, body });
        }
        let approved = self.approving.take().unwrap_or_default();
        self.banner = None;
        self.notice = (approved > 0).then_some(Notice::ApprovedTogether);
        let mut effects = self.show();
        effects.push(focus_heading());
        effects
    }

    /// One of them was.
    pub(super) fn approved_together(&mut self) -> Vec<Effect> {
        self.approving = self.approving.map(|approved| approved + 1);
        self.approve_next()
    }

    /// One of them was not, and stays with the reason to look again; the others go on.
    pub(super) fn collected_refused(&mut self, kind: ReviewKind, id: i64) -> Vec<Effect> {
        for one in self.collected.iter_mut().filter(|one| (one.item.kind, one.item.id) == (kind, id)) {
            one.refused = true;
        }
        self.approve_next()
    }

    pub(super) fn add_note(&mut self) -> Vec<Effect> {
        let Some(Route::Application { kind, id }) = self.route else { return Vec::new() };
        if let Err(effects) = self.are_sound(&NOTE) {
            return effects;
        }
        let text = self.text(Input::Note).trim().to_owned();
        self.ask(Ask::Note { kind, id, body: AddNote { text } })
    }

    pub(super) fn noted(&mut self, kind: ReviewKind, id: i64, detail: ApplicationDetail) -> Vec<Effect> {
        if self.route != Some(Route::Application { kind, id }) {
            return Vec::new();
        }
        self.texts.remove(&Input::Note);
        self.application_read(kind, id, detail);
        self.say(Notice::Noted)
    }
}

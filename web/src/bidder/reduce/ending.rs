//! Announces the session's end, and extends it.

use touroku_proto::api::{ApiErrorCode, SessionView};

use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    ending::REGION,
    state::{CardStep, Session, State},
    trouble::Retry,
};

impl State {
    /// A response with a session: how long it lives from now on.
    pub(super) fn learn_ending(&mut self) {
        if let (Session::Open(view), Some(clock)) = (&self.session, self.clock) {
            self.ending.idle_ms = self.ending.idle_ms.max(view.expires_unix_ms - clock.now_ms);
        }
    }

    /// A request succeeded whose response does not say how long the session lives from now on.
    pub(super) fn put_ending_off(&mut self) {
        if let (Session::Open(view), Some(clock)) = (&mut self.session, self.clock) {
            view.expires_unix_ms = view.expires_unix_ms.max(clock.now_ms + self.ending.idle_ms);
        }
    }

    /// The minute changed: an ended session is announced, without taking the focus from whoever is typing.
    pub(super) fn follow_ending(&mut self) -> Vec<Effect> {
        self.ending.put_off = false;
        let is_over = self.left_ms().is_some_and(|left| left <= 0) && self.card.step == CardStep::Idle;
        let had = self.view().filter(|view| view.completed.is_none());
        if is_over && had.is_some_and(|view| view.purpose.is_some() || view.company.is_some()) {
            drop(self.lose_session(ApiErrorCode::SessionMissing.into()));
        }
        let is_late =
            self.sign_in_left_ms().is_some_and(|left| left <= 0) && self.card.step == CardStep::Idle;
        if is_late { self.sign_in_over() } else { Vec::new() }
    }

    /// 延長する.
    pub(super) fn extend(&mut self) -> Vec<Effect> {
        vec![Effect::Ask(Ask::Extend)]
    }

    pub(super) fn extended(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        match answer {
            Ok(view) if view.refused.is_some() => self.session_loaded(Ok(view)),
            // What was typed stays: only the time is taken.
            Ok(view) => {
                if let Session::Open(open) = &mut self.session {
                    open.expires_unix_ms = view.expires_unix_ms;
                }
                self.learn_ending();
                self.ending.put_off = true;
                vec![Effect::Focus(Focus::Field(REGION))]
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(trouble) => self.fail(trouble, Retry::Extend),
        }
    }
}

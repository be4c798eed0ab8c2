//! 登録状況: what is registered, and stopping what does not belong to the company.

use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    route::Route,
    state::State,
    status::{StatusAction, StatusPage},
    trouble::Retry,
};
use touroku_proto::{
    officer::company::Timeline,
    status::{CompanyStatus, ShownPassword},
};

impl State {
    /// Fetched whenever its screen is opened.
    pub(super) fn status_shown(&mut self, route: &Route) -> Vec<Effect> {
        if *route != Route::Status {
            self.status = StatusPage::default();
            return Vec::new();
        }
        self.status.busy = true;
        vec![Effect::Ask(Ask::Status)]
    }

    pub(super) fn status_acted(&mut self, action: StatusAction) -> Vec<Effect> {
        match action {
            StatusAction::Read(answer) => self.status_read(answer),
            StatusAction::Older => {
                let next = self.status.status.as_ref().and_then(|status| status.timeline.next.clone());
                match next {
                    Some(next) if !self.status.reads_older => {
                        self.status.reads_older = true;
                        vec![Effect::Ask(Ask::OlderEvents(next))]
                    }
                    _ => Vec::new(),
                }
            }
            StatusAction::OlderRead(after, answer) => self.older_read(&after, answer),
            StatusAction::Offer(stop) => {
                self.banner = None;
                self.status.stopped = false;
                self.status.asked = Some(stop);
                Vec::new()
            }
            StatusAction::Withdraw => {
                self.status.asked = None;
                Vec::new()
            }
            StatusAction::Confirm => match self.status.asked {
                Some(stop) if !self.status.busy => {
                    (self.status.busy, self.status.asked) = (true, None);
                    vec![Effect::Ask(Ask::Stop(stop))]
                }
                _ => Vec::new(),
            },
            StatusAction::Stopped(answer) => {
                self.status.stopped = answer.is_ok();
                let mut effects = self.status_read(answer);
                if self.status.stopped {
                    effects.push(Effect::Focus(Focus::Heading));
                }
                effects
            }
            StatusAction::ShowPassword if self.status.asks_password => Vec::new(),
            StatusAction::ShowPassword => {
                self.banner = None;
                self.status.asks_password = true;
                vec![Effect::Ask(Ask::InformationPassword)]
            }
            StatusAction::PasswordRead(answer) => self.password_read(answer),
            StatusAction::HidePassword => {
                self.status.password = None;
                vec![Effect::Focus(Focus::Field("information"))]
            }
        }
    }

    fn password_read(&mut self, answer: Answer<ShownPassword>) -> Vec<Effect> {
        // Who left the screen asks again.
        if !std::mem::take(&mut self.status.asks_password) {
            return Vec::new();
        }
        match answer {
            Ok(ShownPassword { password }) => {
                self.status.password = Some(password);
                vec![Effect::Focus(Focus::Field("information-password"))]
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(trouble) => self.fail(trouble, Retry::Status),
        }
    }

    fn older_read(&mut self, after: &str, answer: Answer<Timeline>) -> Vec<Effect> {
        self.status.reads_older = false;
        let shown = self.status.status.as_mut().map(|status| &mut status.timeline);
        // Otherwise the page was left, or opened anew, meanwhile.
        let Some(timeline) = shown.filter(|timeline| timeline.next.as_deref() == Some(after)) else {
            return Vec::new();
        };
        match answer {
            Ok(older) => {
                timeline.extend(older);
                // Then the button is gone.
                let is_last = timeline.next.is_none();
                is_last.then_some(Effect::Focus(Focus::Field("timeline"))).into_iter().collect()
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(trouble) => self.fail(trouble, Retry::Status),
        }
    }

    fn status_read(&mut self, answer: Answer<CompanyStatus>) -> Vec<Effect> {
        self.status.busy = false;
        if self.route != Some(Route::Status) {
            return Vec::new();
        }
        match answer {
            Ok(status) => {
                self.status.status = Some(status);
                Vec::new()
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(trouble) => self.fail(trouble, Retry::Status),
        }
    }
}

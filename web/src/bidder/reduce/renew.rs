//! ICカード更新: from two cards to one.

use touroku_proto::{
    api::{ApiErrorCode, Renew, SessionView},
    card::Purpose,
};

use super::go;
use crate::bidder::{
    action::Answer,
    effect::{Application, Ask, Effect, Focus},
    route::Route,
    state::{Notice, State},
    trouble::{Banner, Retry, Trouble},
};

impl State {
    /// The card that must be presented now. A new card is useless without the old one, which a lost session has
    /// forgotten.
    pub(super) fn card_to_show(&self, purpose: Purpose) -> Purpose {
        if self.lost && purpose == Purpose::RenewNew { Purpose::RenewOld } else { purpose }
    }

    /// A card of ICカード更新 was presented: on to the next screen.
    pub(super) fn renewal_card_shown(&mut self, view: SessionView) -> Vec<Effect> {
        let again = self.lost;
        // Another pair of cards is another renewal.
        self.submission = None;
        self.open_session(view);
        let next = self.furthest();
        let notice = again.then_some(Notice::OldCardAgain);
        if self.route.as_ref() == Some(&next) {
            (self.banner, self.notice) = (None, notice);
            return vec![Effect::Focus(Focus::Heading)];
        }
        self.next_notice = notice;
        vec![go(next)]
    }

    /// 更新: one request at a time, and every repetition with the same submission.
    pub(super) fn renew(&mut self) -> Vec<Effect> {
        let Some(submission) = self.submission.clone() else { return Vec::new() };
        if self.registering || self.lost || self.route != Some(Route::RenewConfirm) {
            return Vec::new();
        }
        self.file(Application::Renew(Renew { submission, signed: None }))
    }

    pub(super) fn renewed(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        use ApiErrorCode as Code;
        self.forget_signature(&answer);
        let trouble = match answer {
            Ok(view) => return self.completed(view),
            Err(trouble) => trouble,
        };
        self.registering = false;
        let another_card = matches!(
            &trouble,
            Trouble::Api(error) if matches!(error.code, Code::SameCard | Code::NewCardRegistered)
        );
        if trouble.needs_card_again() {
            self.lose_session(trouble)
        } else if trouble.is(Code::SignatureRequired) {
            self.ask_for_signature(trouble)
        } else if another_card {
            self.submission = None;
            self.next_banner = Some(Banner { trouble, retry: None });
            vec![go(Route::RenewNew)]
        } else {
            // An earlier attempt may have succeeded although its answer was lost.
            let perhaps_done = trouble.is(Code::CardNotRegistered)
                || trouble.is(Code::DocumentDiffers)
                || trouble.is(Code::Stale);
            let mut effects = self.fail(trouble, Retry::Renew);
            if perhaps_done {
                effects.push(Effect::Ask(Ask::Session));
            }
            effects
        }
    }
}

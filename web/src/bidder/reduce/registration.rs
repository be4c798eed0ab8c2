//! 登録内容確認 and 登録, and the server's answer to whatever a confirmation sent.

use touroku_proto::api::{ApiErrorCode, Function, Register, SessionView};

use super::go;
use crate::bidder::{
    action::Answer,
    effect::{Application, Ask, Effect},
    form::edited,
    route::Route,
    state::State,
    trouble::{Banner, Retry, Trouble},
};

impl State {
    pub(super) fn submission_made(&mut self, submission: String) -> Vec<Effect> {
        let confirming = matches!(self.route, Some(Route::Confirm | Route::RenewConfirm));
        if confirming && self.submission.is_none() {
            self.submission = Some(submission);
        }
        Vec::new()
    }

    /// 登録: one request at a time, and every repetition with the same submission.
    pub(super) fn register(&mut self) -> Vec<Effect> {
        let Some(submission) = self.submission.clone() else { return Vec::new() };
        let Some((form, occasion)) = self.session_form() else { return Vec::new() };
        if self.registering || self.lost || self.route != Some(Route::Confirm) {
            return Vec::new();
        }
        if self.is_account() {
            return self.send_account(submission);
        }
        if self.function() != Function::Register {
            return Vec::new();
        }
        let values = edited(form, occasion, &self.form.values);
        self.file(Application::Register(Register { submission, values, signed: None }))
    }

    /// The result of a confirmed form.
    pub(super) fn submitted(&mut self, answer: Answer<SessionView>, retry: Retry) -> Vec<Effect> {
        self.registering = false;
        self.forget_signature(&answer);
        match answer {
            Ok(view) => {
                let mut effects = self.drop_draft();
                effects.extend(self.completed(view));
                effects
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(Trouble::Api(error))
                if error.code == ApiErrorCode::FieldsInvalid && !error.fields.is_empty() =>
            {
                self.form.problems =
                    error.fields.into_iter().map(|error| (error.field, error.problem)).collect();
                self.form.summary = true;
                self.submission = None;
                vec![go(Route::Form)]
            }
            Err(trouble) if trouble.is(ApiErrorCode::SignatureRequired) => self.ask_for_signature(trouble),
            Err(trouble) if trouble.is(ApiErrorCode::Stale) || trouble.is(ApiErrorCode::DocumentDiffers) => {
                // Other rows may be shown and entered now; the form is checked again.
                self.next_banner = Some(Banner { trouble, retry: None });
                self.submission = None;
                vec![Effect::Ask(Ask::Session), go(Route::Form)]
            }
            Err(trouble) if self.is_account() => self.account_refused(trouble),
            Err(trouble) => {
                // An earlier attempt may have succeeded although its answer was lost.
                let perhaps_done = trouble.is(ApiErrorCode::CardAlreadyRegistered);
                let mut effects = self.fail(trouble, retry);
                if perhaps_done {
                    effects.push(Effect::Ask(Ask::Session));
                }
                effects
            }
        }
    }
    /// Done: nothing that was typed is needed any more, and 戻る does not lead back into it.
    pub(super) fn completed(&mut self, view: SessionView) -> Vec<Effect> {
        self.registering = false;
        self.open_session(view);
        self.form = Default::default();
        self.search = Default::default();
        self.submission = None;
        vec![Effect::Go { route: Route::Done, replace: true }]
    }
}

//! 変更: sending what changes.

use touroku_proto::api::Change;

use crate::bidder::{
    effect::{Application, Effect},
    form::edited,
    route::Route,
    state::State,
};

impl State {
    /// 変更: like [`State::register`], naming the revision that was edited.
    pub(super) fn change(&mut self) -> Vec<Effect> {
        let Some(submission) = self.submission.clone() else { return Vec::new() };
        let Some((form, occasion)) = self.session_form() else { return Vec::new() };
        let Some(company) = self.view().and_then(|view| view.company.as_ref()) else { return Vec::new() };
        let here = self.route == Some(Route::Confirm);
        if self.registering || self.lost || !here || !self.form.changes_anything(form, occasion) {
            return Vec::new();
        }
        let values = edited(form, occasion, &self.form.values);
        let change = Change { submission, revision: company.revision, values, signed: None };
        self.file(Application::Change(change))
    }
}

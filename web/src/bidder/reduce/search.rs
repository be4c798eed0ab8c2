//! 資格審査情報検索.

use touroku_proto::{
    api::{ApiErrorCode, SessionView},
    field::Problem,
};

use super::go;
use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    route::Route,
    search::{SearchField, fields},
    state::State,
    trouble::{Retry, Trouble},
};

impl State {
    pub(super) fn search_typed(&mut self, field: SearchField, text: String) -> Vec<Effect> {
        let Some(profile) = self.session_profile().cloned() else { return Vec::new() };
        self.search.typed.insert(field, text);
        if self.search.accused == Some(field) {
            self.search.accused = None;
        }
        if self.search.check(field, &profile.search).is_ok() {
            self.search.problems.remove(&field);
        }
        Vec::new()
    }

    pub(super) fn search_left(&mut self, field: SearchField) -> Vec<Effect> {
        let Some(profile) = self.session_profile().cloned() else { return Vec::new() };
        match self.search.check(field, &profile.search) {
            // Merely passing through an empty field is not a mistake yet.
            Err(Problem::Required) if !self.search.summary => {
                self.search.problems.remove(&field);
            }
            Err(problem) => {
                self.search.problems.insert(field, problem);
            }
            Ok(()) => {
                self.search.problems.remove(&field);
            }
        }
        Vec::new()
    }

    pub(super) fn search_convert(&mut self, field: SearchField) -> Vec<Effect> {
        let Some(profile) = self.session_profile().cloned() else { return Vec::new() };
        match field.rule(&profile.search).suggest(self.search.text(field)) {
            Some(converted) => {
                self.search_typed(field, converted);
                self.search_left(field)
            }
            None => Vec::new(),
        }
    }

    pub(super) fn start_search(&mut self) -> Vec<Effect> {
        let Some(profile) = self.session_profile().cloned() else { return Vec::new() };
        if self.search.busy {
            return Vec::new();
        }
        let problem = |&field: &SearchField| Some((field, self.search.check(field, &profile.search).err()?));
        self.search.problems = fields(&profile.search).iter().filter_map(problem).collect();
        self.search.accused = None;
        self.banner = None;
        if !self.search.problems.is_empty() {
            self.search.summary = true;
            return vec![Effect::Focus(Focus::Summary)];
        }
        self.search.summary = false;
        self.search.busy = true;
        vec![Effect::Ask(Ask::Search(self.search.request(&profile.search)))]
    }

    pub(super) fn search_answered(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        self.search.busy = false;
        match answer {
            Ok(view) => {
                self.search.typed.remove(&SearchField::Password);
                self.open_session(view);
                vec![go(if self.is_account() { self.furthest() } else { Route::Form })]
            }
            Err(trouble) if trouble.needs_card_again() => self.lose_session(trouble),
            Err(Trouble::Api(error))
                if error.code == ApiErrorCode::FieldsInvalid && !error.fields.is_empty() =>
            {
                let found = error.fields.into_iter();
                let found = found.filter_map(|error| Some((SearchField::of(error.field)?, error.problem)));
                self.search.problems = found.collect();
                self.search.summary = true;
                vec![Effect::Focus(Focus::Summary)]
            }
            Err(trouble) => {
                if let Trouble::Api(error) = &trouble {
                    self.search.accused = SearchField::accused_by(error.code);
                }
                self.fail(trouble, Retry::Search)
            }
        }
    }
}

//! Which screen is shown, and what it requests from the server.

use super::{Effect, Input, Timer, focus_heading};
use crate::officer::{
    ask::{Ask, ClientCall},
    route::{QueueSearch, Route},
    state::{Clients, Console, Imports, Review, Row},
};

impl Console {
    pub(super) fn arrived(&mut self, route: Route) -> Vec<Effect> {
        if self.route.as_ref() == Some(&route) {
            return Vec::new();
        }
        let before = self.route.replace(route.clone());
        if let Route::SetUp { token } = route {
            return self.set_up_arrived(token);
        }
        if matches!(before, Some(Route::SetUp { .. })) && self.officer().is_none() {
            self.setup = None;
            self.clear_texts(|_| false);
            return self.ask(Ask::Session);
        }
        if !self.is_signed_in() {
            return Vec::new();
        }
        // Tabs of one import: what is shown above them stays, and so does the focus.
        let same_import = match (&before, &route) {
            (Some(Route::Import { id: old, .. }), Route::Import { id: new, .. }) => old == new,
            _ => false,
        };
        self.dialog = None;
        self.banner = None;
        self.notice = self.next_notice.take();
        self.row = Row::default();
        // The unfinished text of 機関設定 is kept on the way to the preview and back.
        self.clear_texts(|input| input == Input::Profile);
        self.review = Review::default();
        self.officers.link = None;
        self.clients = Clients::default();
        if !same_import {
            let Imports { file, sending, broken, .. } = std::mem::take(&mut self.imports);
            self.imports = Imports { file, sending, broken, ..Imports::default() };
        }
        let mut effects = self.show();
        if !same_import {
            effects.push(focus_heading());
        }
        effects
    }

    /// Requests what the screen shows. What was read before is drawn until the answer arrives.
    pub(super) fn show(&mut self) -> Vec<Effect> {
        let Some(route) = self.route.clone().filter(|route| self.may(route.least_role())) else {
            return Vec::new();
        };
        let asks = match route {
            Route::SetUp { .. } | Route::NotFound => Vec::new(),
            Route::Numbers => vec![Ask::LettersWaiting],
            Route::Home if self.may(touroku_proto::officer::Role::Review) => {
                vec![Ask::Figures, Ask::Daily, Ask::Imports]
            }
            Route::Home => vec![Ask::Figures, Ask::Daily],
            Route::Mails => {
                self.undelivered = None;
                vec![Ask::Undelivered { after: None }]
            }
            Route::Queue(search) => {
                self.queue = None;
                self.texts.insert(Input::QueueQuery, search.query.clone());
                vec![Ask::Applications { search, after: None }]
            }
            Route::Application { kind, id } => {
                let queue = self
                    .lacks_queue()
                    .then_some(Ask::Applications { search: QueueSearch::default(), after: None });
                std::iter::once(Ask::Application { kind, id }).chain(queue).collect()
            }
            Route::Imports => vec![Ask::Imports],
            Route::Import { id, kind } => {
                if self.imports.rows_of != Some((id, kind)) {
                    self.imports.rows = None;
                }
                vec![Ask::Import(id), Ask::ImportFields(id), Ask::ImportRows { id, kind, after: None }]
            }
            Route::Companies(search) => {
                self.companies = None;
                self.texts.insert(Input::Query, search.query.clone());
                vec![Ask::Companies { search, after: None }]
            }
            Route::Company { number } => {
                if self.company.as_ref().is_some_and(|company| company.number != number) {
                    self.company = None;
                }
                vec![Ask::Company(number)]
            }
            Route::Listing => {
                self.listing = None;
                vec![Ask::Listing { after: None }]
            }
            Route::Row { number } => vec![Ask::RosterForm(number)],
            Route::Officers => vec![Ask::Officers],
            Route::Account => vec![Ask::Sessions],
            Route::Audit(search) => {
                self.audit = None;
                for (input, text) in [
                    (Input::AuditActor, &search.actor),
                    (Input::AuditSubject, &search.subject),
                    (Input::AuditFrom, &search.from),
                    (Input::AuditUntil, &search.until),
                ] {
                    self.texts.insert(input, text.clone());
                }
                vec![Ask::Audit { search, before: None }]
            }
            Route::Settings | Route::Part(_) | Route::Preview => vec![Ask::InForce],
            Route::Clients => vec![Ask::Clients(ClientCall::Look)],
        };
        asks.into_iter().flat_map(|ask| self.ask(ask)).collect()
    }

    /// さらに表示.
    pub(super) fn more(&mut self) -> Vec<Effect> {
        let Some(route) = self.route.clone() else { return Vec::new() };
        let ask = match route {
            Route::Mails => {
                let after = self.undelivered.as_ref().and_then(|page| page.next);
                after.map(|after| Ask::Undelivered { after: Some(after) })
            }
            Route::Queue(search) => {
                let after = self.queue.as_ref().and_then(|page| page.next.clone());
                after.map(|after| Ask::Applications { search, after: Some(after) })
            }
            Route::Import { id, kind } => {
                let after = self.imports.rows.as_ref().and_then(|rows| rows.next);
                after.map(|after| Ask::ImportRows { id, kind, after: Some(after) })
            }
            Route::Companies(search) => {
                let after = self.companies.as_ref().and_then(|found| found.next.clone());
                after.map(|after| Ask::Companies { search, after: Some(after) })
            }
            Route::Company { number } => {
                let after = self.company.as_ref().and_then(|company| company.timeline.next.clone());
                after.map(|after| Ask::Timeline { number, after })
            }
            Route::Audit(search) => {
                let before = self.audit.as_ref().and_then(|page| page.next);
                before.map(|before| Ask::Audit { search, before: Some(before) })
            }
            Route::Settings => {
                let before = self.settings.in_force.as_ref().and_then(|in_force| in_force.earlier);
                before.map(Ask::EarlierProfiles)
            }
            _ => None,
        };
        ask.map(|ask| self.ask(ask)).unwrap_or_default()
    }

    /// Polls again shortly while an import is running on the server.
    pub(super) fn wait_for_import(&self) -> Option<Effect> {
        let at_work = self.imports.list.as_ref().is_some_and(|list| {
            use touroku_proto::officer::import::ImportState as State;
            list.iter().any(|import| matches!(import.state, State::Checking | State::Taking))
        });
        at_work.then_some(Effect::Wait { timer: Timer::Import, milliseconds: 1000 })
    }
}

//! Opening the page, changing the URL, and what must be known before a screen is shown.

use std::rc::Rc;

use touroku_proto::{
    agency::AgencyProfile,
    api::{ApiError, ApiErrorCode, Portal, SessionView},
};

use super::go;
use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    form::has_draft,
    route::Route,
    state::{CardStep, Notice, Session, State},
    trouble::{Banner, Retry, Trouble},
};

impl State {
    pub(super) fn started(&mut self, route: Route) -> Vec<Effect> {
        self.wanted = Some(route);
        vec![Effect::Ask(Ask::Portal), Effect::Ask(Ask::Session), Effect::Ask(Ask::Clock)]
    }

    pub(super) fn follow(&mut self, route: Route) -> Vec<Effect> {
        // Who came back from a bidding system by the browser's button is here again.
        self.leaving = None;
        // A URL that was reloaded or returned to requests no card by itself.
        self.connection.then_bid = matches!(route, Route::BidClient { .. });
        // Going from one side screen to another, 戻る still leads out of both.
        if !self.route.as_ref().is_some_and(Route::is_aside) {
            self.came_from.clone_from(&self.route);
        }
        vec![go(route)]
    }

    pub(super) fn arrived(&mut self, route: Route) -> Vec<Effect> {
        let known = self.wanted.as_ref().or(self.route.as_ref()) == Some(&route);
        if known {
            return Vec::new();
        }
        self.wanted = Some(route);
        self.settle()
    }

    /// Requests what is missing again.
    pub(super) fn load(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.portal.is_none() {
            effects.push(Effect::Ask(Ask::Portal));
        }
        if matches!(self.session, Session::Unknown) {
            effects.push(Effect::Ask(Ask::Session));
        }
        if effects.is_empty() { self.settle() } else { effects }
    }

    pub(super) fn portal_loaded(&mut self, answer: Answer<Portal>) -> Vec<Effect> {
        match answer {
            Ok(portal) => {
                self.portal = Some(portal);
                self.settle()
            }
            Err(trouble) => self.fail_loading(trouble),
        }
    }

    pub(super) fn profile_loaded(&mut self, code: String, answer: Answer<Rc<AgencyProfile>>) -> Vec<Effect> {
        match answer {
            Ok(profile) => {
                self.profiles.insert(code, profile);
                self.adopt();
                self.settle()
            }
            // 環境確認 is useful without an agency, too.
            Err(trouble)
                if trouble.is(ApiErrorCode::AgencyUnknown)
                    && matches!(self.wanted, Some(Route::CheckOf { .. })) =>
            {
                self.wanted = None;
                vec![Effect::Go { route: Route::Check, replace: true }]
            }
            Err(trouble) if trouble.is(ApiErrorCode::AgencyUnknown) || trouble.is(ApiErrorCode::NotFound) => {
                self.next_banner = Some(Banner { trouble: ApiErrorCode::AgencyUnknown.into(), retry: None });
                self.show(Route::NotFound)
            }
            Err(trouble) => self.fail_loading(trouble),
        }
    }

    pub(super) fn session_loaded(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        let first = matches!(self.session, Session::Unknown);
        match answer {
            Ok(view) if view.refused.is_some() => self.session_refused(view, first),
            Ok(view) => {
                let fills_in = matches!(self.wanted, Some(Route::Form | Route::Confirm));
                if first && fills_in && has_draft(&view) {
                    self.next_notice = Some(Notice::Restored);
                }
                let completed = view.completed.is_some();
                self.open_session(view);
                if first {
                    self.settle()
                } else if completed && self.route != Some(Route::Done) {
                    // Requested because an answer was lost: the registration had succeeded.
                    vec![Effect::Go { route: Route::Done, replace: true }]
                } else if self.wanted.is_none()
                    && self.route.as_ref().is_some_and(|here| !self.may_show(here))
                {
                    // The card was replaced meanwhile: the session is back at its beginning.
                    vec![Effect::Go { route: self.furthest(), replace: true }]
                } else {
                    Vec::new()
                }
            }
            Err(trouble) if first && trouble.is(ApiErrorCode::SessionMissing) => {
                self.session = Session::Closed;
                self.settle()
            }
            Err(trouble) if first => self.fail_loading(trouble),
            Err(_) => Vec::new(),
        }
    }

    /// Officers suspended what had let this session in: it is back at its beginning.
    fn session_refused(&mut self, view: SessionView, first: bool) -> Vec<Effect> {
        let Some(code) = view.refused else { return Vec::new() };
        let trouble = Trouble::Api(ApiError { until: view.refused_until.clone(), ..ApiError::new(code) });
        if !first {
            // What was typed is still here, and comes back with the card once the suspension is lifted.
            return self.lose_session(trouble);
        }
        // Whom to call is in the profile, even where the URL names no agency.
        let agency = view.agency.clone();
        self.next_banner = Some(Banner { trouble, retry: None });
        self.open_session(view);
        let mut effects = self.settle();
        let profile = Ask::Profile(agency.clone());
        let is_asked = effects.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Profile(_))));
        if !is_asked && !self.profiles.contains_key(&agency) {
            effects.push(Effect::Ask(profile));
        }
        effects
    }

    /// Takes over a session, and its form as far as the profile is known.
    pub(super) fn open_session(&mut self, view: SessionView) {
        self.session = Session::Open(Box::new(view));
        self.lost = false;
        self.learn_ending();
        self.adopt();
    }

    fn adopt(&mut self) {
        let Session::Open(view) = &self.session else { return };
        let Some(profile) = self.profiles.get(&view.agency) else { return };
        let Some(form) =
            profile.category(&view.category).and_then(|category| profile.form_for(category, view.way))
        else {
            return;
        };
        self.form.adopt(view, form);
    }

    pub(super) fn fail_loading(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.banner = Some(Banner { trouble, retry: Some(Retry::Load) });
        vec![Effect::Focus(Focus::Banner)]
    }

    /// Shows the wanted screen as soon as everything it needs is there and the session has reached it.
    pub(super) fn settle(&mut self) -> Vec<Effect> {
        let Some(route) = self.wanted.clone() else { return Vec::new() };
        if self.portal.is_none() || matches!(self.session, Session::Unknown) {
            return Vec::new();
        }
        if let Route::Categories { agency } = &route
            && self.is_portal(agency)
        {
            return match self.joint.contains_key(agency) {
                true => self.show(route),
                false => vec![Effect::Ask(Ask::Members(agency.clone()))],
            };
        }
        let session_agency =
            || route.needs_session().then(|| self.view().map(|view| &*view.agency)).flatten();
        let agency = route.place().map(|(agency, _)| agency).or_else(session_agency);
        if let Some(agency) = agency {
            let Some(profile) = self.profiles.get(agency) else {
                return vec![Effect::Ask(Ask::Profile(agency.to_owned()))];
            };
            if matches!(route, Route::Companies { .. }) && !profile.search.number_list {
                self.next_banner = Some(Banner { trouble: ApiErrorCode::NotFound.into(), retry: None });
                return self.show(Route::NotFound);
            }
            if let Some((_, Some(category))) = route.place()
                && profile.category(category).is_none()
            {
                self.next_banner =
                    Some(Banner { trouble: ApiErrorCode::CategoryUnknown.into(), retry: None });
                return self.show(Route::NotFound);
            }
        }
        if !self.may_show(&route) {
            if self.view().is_none() && self.next_notice.is_none() {
                self.next_banner = Some(Banner { trouble: ApiErrorCode::SessionMissing.into(), retry: None });
            }
            let furthest = self.furthest();
            self.wanted = None;
            return vec![Effect::Go { route: furthest, replace: true }];
        }
        self.show(route)
    }

    fn show(&mut self, route: Route) -> Vec<Effect> {
        let first = self.route.is_none();
        let mut effects = Vec::new();
        if matches!(self.card.step, CardStep::Opening | CardStep::Open) {
            effects.push(Effect::CancelCard);
        }
        if self.card.step != CardStep::Idle {
            self.card.step = CardStep::Idle;
            self.card.signing = None;
            self.card.attempt += 1;
        }
        self.banner = self.next_banner.take();
        self.notice = self.next_notice.take();
        if self.lost && route.needs_session() && self.banner.is_none() {
            self.banner = Some(Banner { trouble: ApiErrorCode::SessionMissing.into(), retry: None });
        }
        let sought = self.sought.take();
        let focus = match (&route, sought) {
            (Route::Form, Some(id)) => Some(Focus::Field(id)),
            _ if self.banner.is_some() => Some(Focus::Banner),
            (Route::Form, None) if self.form.summary && !self.form.problems.is_empty() => {
                Some(Focus::Summary)
            }
            // The first screen is read from its beginning, like any page.
            _ if first => None,
            _ => Some(Focus::Heading),
        };
        effects.extend(focus.map(Effect::Focus));
        // 検証機能 with ID and password checks what that way needs.
        let by_id = self.came_from.as_ref().is_some_and(Route::is_account_client);
        self.connection.without_card = route.is_account_client() || (route.is_checkup() && by_id);
        if route.is_client() {
            effects.extend(self.check_connection());
        }
        if matches!(route, Route::Confirm | Route::RenewConfirm) && self.submission.is_none() {
            effects.push(Effect::MakeSubmission);
        }
        self.wanted = None;
        effects.extend(self.account_shown(&route));
        effects.extend(self.listing_shown(&route));
        effects.extend(self.checkup_shown(&route));
        effects.extend(self.status_shown(&route));
        self.route = Some(route);
        effects.extend(self.ask_hours());
        effects
    }

    pub(super) fn log_out(&mut self) -> Vec<Effect> {
        vec![Effect::Ask(Ask::LogOut)]
    }

    pub(super) fn logged_out(&mut self, answer: Answer<()>) -> Vec<Effect> {
        match answer {
            Err(trouble) if !trouble.is(ApiErrorCode::SessionMissing) => self.fail(trouble, Retry::Logout),
            _ => {
                let mut effects = self.drop_draft();
                let agency = self.view().map(|view| view.agency.clone());
                // Nothing that was typed stays for the next person at this computer.
                self.session = Session::Closed;
                self.form = Default::default();
                self.search = Default::default();
                self.account = Default::default();
                self.submission = None;
                self.signed = None;
                self.lost = false;
                self.next_notice = Some(Notice::LoggedOut);
                effects.push(go(agency.map_or(Route::Agencies, |agency| Route::Categories { agency })));
                effects
            }
        }
    }
}

//! Signing in and out, the link of a new account, and the session's end.

use touroku_proto::{
    api::ApiErrorCode,
    officer::{BeginSetup, FinishSetup, OfficerLogin, OfficerView},
};

use super::{Effect, Input, Notice, Session, Timer, Trouble, focus_heading};
use crate::officer::{
    ask::Ask,
    input::{self, Fault, SET_UP, SIGN_IN},
    route::Route,
    state::{Banner, CardStep, Console},
};

/// How often the page checks how much time is left.
const TICK_MS: u32 = 15_000;

impl Console {
    pub(super) fn started(&mut self, route: Route, remembered: Option<String>) -> Vec<Effect> {
        self.agency = remembered.unwrap_or_default();
        let mut effects = self.ask(Ask::Portal);
        if let Route::SetUp { token } = &route {
            effects.extend(self.ask(Ask::BeginSetup(BeginSetup { token: token.clone() })));
        } else {
            effects.extend(self.ask(Ask::Session));
        }
        self.route = Some(route);
        effects
    }

    pub(super) fn sign_in(&mut self) -> Vec<Effect> {
        if self.seconds_to_wait() > 0 {
            return vec![Effect::Focus("banner".to_owned())];
        }
        if let Err(effects) = self.are_sound(&SIGN_IN) {
            return effects;
        }
        self.banner = None;
        self.notice = None;
        let login = OfficerLogin {
            agency: self.agency.clone(),
            login_id: self.text(Input::LoginId).trim().to_owned(),
            password: self.text(Input::Password).to_owned(),
            code: input::digits(self.text(Input::Code)),
        };
        self.ask(Ask::Login(login))
    }

    pub(super) fn finish_setup(&mut self) -> Vec<Effect> {
        let Some(Route::SetUp { token }) = self.route.clone() else { return Vec::new() };
        if self.setup.is_none() || self.seconds_to_wait() > 0 {
            return Vec::new();
        }
        if let Err(effects) = self.are_sound(&SET_UP) {
            return effects;
        }
        self.banner = None;
        let body = FinishSetup {
            token,
            password: self.text(Input::NewPassword).to_owned(),
            code: input::digits(self.text(Input::Code)),
        };
        self.ask(Ask::FinishSetup(body))
    }

    pub(super) fn signed_in(&mut self, view: OfficerView, anew: bool) -> Vec<Effect> {
        self.keep_time(&view);
        let same = |old: &OfficerView| old.login_id == view.login_id && old.agency == view.agency;
        // In another tab of this browser somebody else may have signed in meanwhile.
        let anew = anew || self.officer().is_some_and(|old| !same(old));
        let resumed = self.lost && self.officer().is_some_and(same);
        let reread = anew || self.officer().is_none();
        if anew && !resumed {
            // Perhaps another person: nothing that was there before is theirs.
            let portal = self.portal.take();
            let route = self.route.take().filter(|_| !self.lost);
            let mut waiting = std::mem::take(&mut self.waiting);
            waiting.retain(|ask| *ask == Ask::Portal);
            *self = Self { portal, time: self.time, waiting, ..Self::default() };
            self.route = route.filter(|route| !matches!(route, Route::SetUp { .. }));
        }
        self.texts.retain(|input, _| !input.is_secret() && *input != Input::LoginId);
        self.faults.clear();
        self.summary = false;
        let profile = self.profile.is_none().then(|| Ask::Profile(view.agency.clone()));
        let mut effects = vec![Effect::Remember(view.agency.clone())];
        self.agency = view.agency.clone();
        self.session = Session::Open(Box::new(view));
        self.lost = false;
        if !reread {
            return Vec::new();
        }
        self.banner = None;
        self.notice = resumed.then_some(Notice::Resumed);
        effects.extend(profile.map(|ask| self.ask(ask)).into_iter().flatten());
        match &self.route {
            Some(_) => effects.extend(self.show()),
            None => effects.push(Effect::Go { route: Route::Home, replace: true }),
        }
        effects.extend(self.go_on_uploading());
        effects.push(focus_heading());
        effects.extend(self.wait_for_tick());
        effects
    }

    fn keep_time(&mut self, view: &OfficerView) {
        self.time.heard_ms = self.time.now_ms;
        self.time.idle_ms = (view.expires_unix_ms - view.now_unix_ms).max(0) as f64;
        self.time.offset_ms = view.now_unix_ms as f64 - self.time.now_ms;
        self.time.last_ms = view.ends_unix_ms.map(|end| end as f64 - self.time.offset_ms);
        self.time.wait_until_ms = 0.0;
    }

    pub(super) fn signed_out(&mut self) -> Vec<Effect> {
        let (portal, agency) = (self.portal.take(), std::mem::take(&mut self.agency));
        *self = Self { portal, agency, session: Session::Closed, time: self.time, ..Self::default() };
        self.time.idle_ms = 0.0;
        self.notice = Some(Notice::SignedOut);
        vec![Effect::ForgetFile, Effect::Go { route: Route::Home, replace: true }, focus_heading()]
    }

    /// The server no longer knows the session. What was typed stays for whoever signs in again.
    pub(super) fn session_missing(&mut self, ask: &Ask, trouble: Trouble) -> Vec<Effect> {
        self.time.idle_ms = 0.0;
        self.card.step = CardStep::Idle;
        self.approving = None;
        // Whatever else is in progress will get the same answer.
        self.waiting.retain(|ask| matches!(ask, Ask::Portal | Ask::Login(_)));
        if *ask == Ask::SignOut {
            return self.signed_out();
        }
        if self.officer().is_none() {
            self.session = Session::Closed;
            return if *ask == Ask::Session {
                vec![focus_heading()]
            } else {
                self.fail(ask.clone(), trouble)
            };
        }
        if self.lost {
            return Vec::new();
        }
        self.ask_to_sign_in();
        self.banner = Some(Banner { trouble, retry: None });
        vec![Effect::Focus("banner".to_owned())]
    }

    /// The session can't be put off any more: whoever signs in before its end goes on in a new one.
    pub(super) fn sign_in_again(&mut self) -> Vec<Effect> {
        self.ask_to_sign_in();
        self.banner = None;
        vec![focus_heading()]
    }

    /// Shows the sign-in, for whoever is at work. What was typed stays.
    fn ask_to_sign_in(&mut self) {
        self.lost = true;
        self.dialog = None;
        self.notice = None;
        // Who it was is known; the password and a fresh code are not.
        let login_id = self.officer().map(|officer| officer.login_id.clone()).unwrap_or_default();
        self.texts.insert(Input::LoginId, login_id);
    }

    /// A refusal that points to a field.
    pub(super) fn sign_in_refused(&mut self, trouble: &Trouble) {
        if trouble.is(ApiErrorCode::CredentialsWrong) {
            // A code is valid for one attempt.
            self.texts.remove(&Input::Code);
        }
        if let Some(why) = trouble.why_weak() {
            self.faults.insert(Input::NewPassword, Fault::Guessable(why));
        }
    }

    pub(super) fn setup_finished(&mut self, view: OfficerView) -> Vec<Effect> {
        self.setup = None;
        self.clear_texts(|_| false);
        let mut effects = self.signed_in(view, true);
        effects.retain(|effect| !matches!(effect, Effect::Go { .. }));
        // The link is used up: it must not stay in the URL.
        effects.push(Effect::Go { route: Route::Home, replace: true });
        effects
    }

    pub(super) fn tick(&mut self) -> Vec<Effect> {
        if self.is_signed_in() && self.time.left_ms().is_some_and(|left| left <= 0.0) {
            // Another tab may have kept it alive; the server knows.
            let mut effects = self.ask(Ask::Session);
            effects.extend(self.wait_for_tick());
            return effects;
        }
        self.wait_for_tick().into_iter().collect()
    }

    /// The next check of the time: every second while somebody waits for it.
    pub(super) fn wait_for_tick(&self) -> Option<Effect> {
        let counting = self.seconds_to_wait() > 0;
        let needed = counting || self.is_signed_in();
        let milliseconds = if counting { 1000 } else { TICK_MS };
        needed.then_some(Effect::Wait { timer: Timer::Tick, milliseconds })
    }

    pub(super) fn portal_read(&mut self, portal: touroku_proto::api::Portal) -> Vec<Effect> {
        let known = portal.agencies.iter().any(|agency| agency.code == self.agency);
        if !known {
            self.agency = portal.agencies.first().map(|agency| agency.code.clone()).unwrap_or_default();
        }
        self.portal = Some(portal);
        Vec::new()
    }

    /// The link was opened; using it signs out whoever is signed in here.
    pub(super) fn set_up_arrived(&mut self, token: String) -> Vec<Effect> {
        self.setup = None;
        self.clear_texts(|_| false);
        self.ask(Ask::BeginSetup(BeginSetup { token }))
    }
}

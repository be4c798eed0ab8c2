//! A bidding system's sign-in: shown while it waits, and finished by the login for 電子入札.

use touroku_proto::{
    agency::Way,
    api::ApiErrorCode,
    card::Purpose,
    sign_in::{EndSignIn, Onward, SignIn},
};

use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect},
    language::Language,
    route::Route,
    sign_in::SignInAction,
    state::{Notice, Session, State},
    trouble::Retry,
};

impl State {
    pub(super) fn sign_in_acted(&mut self, action: SignInAction) -> Vec<Effect> {
        match action {
            SignInAction::Found { id, fresh } => vec![Effect::Ask(Ask::SignIn { id, fresh })],
            SignInAction::Read { fresh, answer } => self.sign_in_read(fresh, answer),
            SignInAction::GiveUp => self.end_sign_in(true),
            SignInAction::Ended(answer) => self.sign_in_ended(answer),
        }
    }

    fn sign_in_read(&mut self, fresh: bool, answer: Answer<SignIn>) -> Vec<Effect> {
        let sign_in = match answer {
            Ok(sign_in) => sign_in,
            // A tab that was opened for one long ago is a tab like any other.
            Err(trouble) if trouble.is(ApiErrorCode::NotFound) => {
                self.notice = if fresh { Some(Notice::SignInOver) } else { self.notice };
                return vec![Effect::ForgetSignIn];
            }
            Err(trouble) => return self.fail(trouble, Retry::SignIn),
        };
        let mut effects = Vec::new();
        if let Some(language) = Language::of(&sign_in.language).filter(|_| fresh) {
            effects.push(Effect::Suggest(language));
        }
        let (agency, only) = (sign_in.agency.clone(), sign_in.categories.first().cloned());
        if let (Some(category), 1, true) = (only, sign_in.categories.len(), fresh) {
            let by_card = sign_in.ways == [Way::Card];
            let route = if by_card {
                Route::BidClient { agency, category }
            } else {
                Route::Entry { agency, category }
            };
            effects.extend(self.follow(route));
        }
        self.sign_in = Some(sign_in);
        effects
    }

    /// After a login: if a bidding system waits for just this, the browser goes back there.
    pub(super) fn finish_sign_in(&mut self) -> Vec<Effect> {
        if self.answers_sign_in() { self.end_sign_in(false) } else { Vec::new() }
    }

    /// Whether the session is what a bidding system waits for.
    pub fn answers_sign_in(&self) -> bool {
        let (Some(sign_in), Some(view)) = (&self.sign_in, self.view()) else { return false };
        view.purpose == Some(Purpose::Bid)
            && !self.lost
            && view.agency == sign_in.agency
            && sign_in.categories.contains(&view.category)
            && sign_in.ways.contains(&view.way)
    }

    /// もう一度: reads it, finishes it or gives it up, whichever failed.
    pub(super) fn repeat_sign_in(&mut self) -> Vec<Effect> {
        if self.sign_in.is_none() {
            return vec![Effect::FindSignIn];
        }
        self.end_sign_in(!self.answers_sign_in())
    }

    fn end_sign_in(&mut self, give_up: bool) -> Vec<Effect> {
        let Some(sign_in) = &self.sign_in else { return Vec::new() };
        vec![Effect::Ask(Ask::EndSignIn(EndSignIn { id: sign_in.id.clone(), give_up }))]
    }

    fn sign_in_ended(&mut self, answer: Answer<Onward>) -> Vec<Effect> {
        match answer {
            Ok(Onward { location }) => {
                let finished = self.answers_sign_in();
                self.leaving = self.sign_in.take();
                if finished {
                    // The server has ended it.
                    self.session = Session::Closed;
                }
                vec![Effect::ForgetSignIn, Effect::Leave(location)]
            }
            Err(trouble) if trouble.is(ApiErrorCode::NotFound) => self.sign_in_over(),
            Err(trouble) => self.fail(trouble, Retry::SignIn),
        }
    }

    /// The bidding system waits no longer. What the session does goes on.
    pub(super) fn sign_in_over(&mut self) -> Vec<Effect> {
        self.sign_in = None;
        self.notice = Some(Notice::SignInOver);
        vec![Effect::ForgetSignIn]
    }
}

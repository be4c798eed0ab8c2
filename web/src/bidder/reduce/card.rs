//! The card: session, challenge, card window, login.

use touroku_proto::{
    agency::Way,
    api::{ApiErrorCode, Challenge, Function, Login, SessionView, StartSession},
    card::{CardError, CardErrorCode, Purpose},
    field::FieldId,
    token::Token,
};

use super::go;
use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    form::has_draft,
    route::Route,
    search::SearchField,
    state::{CardStep, Notice, State},
    trouble::{Banner, Retry, Trouble},
};

impl State {
    pub(super) fn show_card(&mut self, purpose: Purpose) -> Vec<Effect> {
        if self.card.step != CardStep::Idle {
            return Vec::new();
        }
        let purpose = self.card_to_show(purpose);
        let fresh = match self.view() {
            None => true,
            Some(view) => self.lost || view.completed.is_some() || purpose == Purpose::Bid,
        };
        if let Some(effects) = self.closed().filter(|_| fresh) {
            return effects;
        }
        self.banner = None;
        self.notice = None;
        self.card.attempt += 1;
        self.card.purpose = Some(purpose);
        self.card.signing = None;
        self.card.renewed = false;
        let mut effects = if fresh { self.renew_session() } else { self.challenge() };
        effects.push(Effect::Focus(Focus::CardPanel));
        effects
    }

    fn renew_session(&mut self) -> Vec<Effect> {
        if self.is_checking_card() {
            return self.begin_check();
        }
        let Some((agency, Some(category))) = self.place() else { return Vec::new() };
        let start = StartSession { agency: agency.to_owned(), category: category.to_owned(), way: Way::Card };
        self.card.renewed = true;
        self.card.step = CardStep::Starting;
        vec![Effect::Ask(Ask::StartSession(start))]
    }

    pub(super) fn challenge(&mut self) -> Vec<Effect> {
        let Some(purpose) = self.card.purpose else { return Vec::new() };
        self.card.step = CardStep::Challenging;
        vec![Effect::Ask(Ask::Challenge { attempt: self.card.attempt, purpose })]
    }

    pub(super) fn challenge_made(&mut self, attempt: u32, answer: Answer<Challenge>) -> Vec<Effect> {
        if !self.awaits(attempt, CardStep::Challenging) {
            return Vec::new();
        }
        match (answer, self.card.purpose) {
            (Ok(challenge), Some(purpose)) => {
                self.card.step = CardStep::Opening;
                vec![Effect::Authenticate {
                    ids: self.extension_ids(),
                    attempt,
                    nonce: challenge.nonce,
                    purpose,
                    agency: challenge.agency,
                    my_number: self.profile().is_some_and(|profile| profile.cards.my_number),
                }]
            }
            // The new card depends on the session that the old one opened.
            (Err(trouble), Some(Purpose::RenewNew)) if trouble.needs_card_again() => {
                self.card.step = CardStep::Idle;
                self.lose_session(trouble)
            }
            // Nothing depends on the old session yet: silently open another one, once.
            (Err(trouble), _) if trouble.is(ApiErrorCode::SessionMissing) && !self.card.renewed => {
                self.renew_session()
            }
            (Err(trouble), _) => self.end_card(trouble),
            (Ok(_), None) => Vec::new(),
        }
    }

    pub(super) fn card_window_opened(&mut self, attempt: u32) -> Vec<Effect> {
        if self.awaits(attempt, CardStep::Opening) {
            self.card.step = CardStep::Open;
        }
        Vec::new()
    }

    pub(super) fn card_signed(
        &mut self,
        attempt: u32,
        token: Token,
        person_in_charge: String,
    ) -> Vec<Effect> {
        let awaited = self.awaits_card_window(attempt) && self.card.signing.is_none();
        let Some(purpose) = self.card.purpose.filter(|_| awaited) else { return Vec::new() };
        self.card.step = CardStep::Checking;
        let login = Login { token: Some(token), purpose, person_in_charge };
        vec![Effect::Ask(Ask::Login { attempt, login })]
    }

    pub(super) fn card_failed(&mut self, attempt: u32, error: CardError) -> Vec<Effect> {
        if !self.awaits_card_window(attempt) {
            Vec::new()
        } else if self.card.signing.is_some() {
            self.not_signed(error)
        } else {
            self.end_card(Trouble::Card(error))
        }
    }

    pub(super) fn cancel_card(&mut self) -> Vec<Effect> {
        // Once the server is checking, the answer is a moment away and may already be positive.
        if matches!(self.card.step, CardStep::Idle | CardStep::Checking) {
            return Vec::new();
        }
        let cancelled = CardError::new(CardErrorCode::Cancelled);
        let mut effects = match self.card.signing {
            Some(_) => self.not_signed(cancelled),
            None => self.end_card(Trouble::Card(cancelled)),
        };
        self.card.attempt += 1;
        effects.push(Effect::CancelCard);
        effects
    }

    pub(super) fn logged_in(&mut self, attempt: u32, answer: Answer<SessionView>) -> Vec<Effect> {
        if !self.awaits(attempt, CardStep::Checking) {
            return Vec::new();
        }
        if self.is_checking_card() {
            return self.card_judged(answer);
        }
        let view = match answer {
            Ok(view) => view,
            Err(trouble) if self.card.purpose == Some(Purpose::RenewNew) && trouble.needs_card_again() => {
                self.card.step = CardStep::Idle;
                return self.lose_session(trouble);
            }
            Err(trouble) => return self.end_card(trouble),
        };
        self.card.step = CardStep::Idle;
        if matches!(self.card.purpose, Some(Purpose::RenewOld | Purpose::RenewNew)) {
            return self.renewal_card_shown(view);
        }
        if self.lost && self.same_card(&view) {
            return self.resume(view);
        }
        if self.lost {
            // Another card, perhaps another person: what was typed before is not theirs.
            self.search = Default::default();
        }
        if has_draft(&view) {
            self.next_notice = Some(Notice::Restored);
        }
        self.open_session(view);
        let mut effects = vec![go(self.furthest())];
        effects.extend(self.finish_sign_in());
        effects
    }

    /// Continues where the session was lost: everything typed is still in memory.
    fn resume(&mut self, view: SessionView) -> Vec<Effect> {
        let company = self
            .view()
            .filter(|_| self.function() == Function::Register)
            .and_then(|view| view.company.clone());
        match company {
            Some(company) if view.company.is_none() => {
                for (field, value) in [
                    (SearchField::Number, company.values.text(FieldId::CompanyNumber)),
                    (SearchField::Name, company.values.text(FieldId::CompanyName)),
                ] {
                    if !self.search.typed.contains_key(&field) {
                        self.search.typed.insert(field, value.to_owned());
                    }
                }
                // Not `open_session`: the form keeps what was typed until the company is found again.
                self.session = crate::bidder::state::Session::Open(Box::new(view));
                self.lost = false;
                self.next_notice = Some(Notice::SearchAgain);
                vec![go(Route::Search)]
            }
            _ => {
                self.open_session(view);
                let mut effects = self.save_draft();
                let here = self.route.clone().filter(|route| self.may_show(route));
                match here {
                    Some(_) => {
                        self.notice = Some(Notice::Resumed);
                        effects.push(Effect::Focus(Focus::Heading));
                    }
                    None => {
                        self.next_notice = Some(Notice::Resumed);
                        effects.push(go(self.furthest()));
                    }
                }
                effects
            }
        }
    }

    fn same_card(&self, view: &SessionView) -> bool {
        let identity = |view: &SessionView| {
            let card = &view.card.as_ref()?.values;
            let text = |field| card.text(field).to_owned();
            Some((text(FieldId::CertificateIssuer), text(FieldId::CertificateSerial)))
        };
        self.view().and_then(identity) == identity(view)
    }

    /// The session has ended on the server. What was typed stays; the card brings the session back.
    pub(super) fn lose_session(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.lost = true;
        self.notice = None;
        self.banner = Some(Banner { trouble, retry: None });
        vec![Effect::Focus(Focus::Banner)]
    }

    fn end_card(&mut self, trouble: Trouble) -> Vec<Effect> {
        if self.is_checking_card() {
            return self.card_refused(trouble);
        }
        self.card.step = CardStep::Idle;
        // An expired card never becomes valid again; another way is offered.
        let expired = self.card.purpose == Some(Purpose::RenewOld) && trouble.is_expired_card();
        let again = matches!(&trouble, Trouble::Card(_)) || trouble.passes_by_itself() || asks_anew(&trouble);
        self.banner = Some(Banner { trouble, retry: (again && !expired).then_some(Retry::Card) });
        vec![Effect::Focus(Focus::Banner)]
    }

    pub(super) fn awaits_card_window(&self, attempt: u32) -> bool {
        self.awaits(attempt, CardStep::Opening) || self.awaits(attempt, CardStep::Open)
    }

    pub(super) fn awaits(&self, attempt: u32, step: CardStep) -> bool {
        self.card.attempt == attempt && self.card.step == step
    }

    pub(super) fn extension_ids(&self) -> Vec<String> {
        match (&self.connection.extension, &self.portal) {
            (Some(id), _) => vec![id.clone()],
            (None, Some(portal)) => portal.extension_ids.clone(),
            (None, None) => Vec::new(),
        }
    }
}

/// Refusals that a fresh challenge, or another card, may overcome.
fn asks_anew(trouble: &Trouble) -> bool {
    use ApiErrorCode as Code;
    let Trouble::Api(error) = trouble else { return false };
    !matches!(error.code, Code::CardAlreadyRegistered | Code::CardNotRegistered | Code::AgencyUnknown)
}

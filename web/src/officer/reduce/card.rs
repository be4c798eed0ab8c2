//! The IC card: signing in with it, or linking it to the account.

use touroku_proto::{
    api::Challenge,
    card::{CardError, CardErrorCode},
    officer::{LinkCard, OfficerCardLogin, OfficerChallenge},
    token::Token,
};

use super::{Banner, Effect, Input, Trouble};
use crate::officer::{
    ask::Ask,
    input::{self, CARD},
    state::{CardStep, Console},
};

impl Console {
    pub(super) fn use_card(&mut self) -> Vec<Effect> {
        if self.card.step != CardStep::Idle || self.seconds_to_wait() > 0 {
            return Vec::new();
        }
        if self.is_signed_in()
            && let Err(effects) = self.are_sound(&CARD)
        {
            return effects;
        }
        self.banner = None;
        self.notice = None;
        self.card.attempt += 1;
        self.card.signs_in = !self.is_signed_in();
        self.card.step = CardStep::Challenging;
        let agency = self.agency_code();
        let mut effects = self.ask(Ask::Challenge(OfficerChallenge { agency }));
        effects.push(Effect::Focus("card-panel".to_owned()));
        effects
    }

    pub(super) fn challenge_made(&mut self, challenge: Challenge) -> Vec<Effect> {
        if self.card.step != CardStep::Challenging {
            return Vec::new();
        }
        self.card.step = CardStep::Opening;
        let ids = self.portal.as_ref().map(|portal| portal.extension_ids.clone()).unwrap_or_default();
        vec![Effect::Authenticate {
            ids,
            attempt: self.card.attempt,
            nonce: challenge.nonce,
            agency: challenge.agency,
        }]
    }

    pub(super) fn card_window_opened(&mut self, attempt: u32) -> Vec<Effect> {
        if attempt == self.card.attempt && self.card.step == CardStep::Opening {
            self.card.step = CardStep::Open;
        }
        Vec::new()
    }

    pub(super) fn card_answered(&mut self, attempt: u32, answer: Result<Token, CardError>) -> Vec<Effect> {
        let awaited = matches!(self.card.step, CardStep::Opening | CardStep::Open);
        if attempt != self.card.attempt || !awaited {
            return Vec::new();
        }
        match answer {
            Ok(token) => {
                self.card.step = CardStep::Checking;
                let agency = self.agency.clone();
                self.ask(match self.card.signs_in {
                    true => Ask::CardLogin(OfficerCardLogin { agency, token: Some(token) }),
                    false => Ask::LinkCard(LinkCard {
                        token: Some(token),
                        password: self.text(Input::CardPassword).to_owned(),
                        code: input::digits(self.text(Input::CardCode)),
                    }),
                })
            }
            Err(error) => self.card_failed(Trouble::Card(error)),
        }
    }

    pub(super) fn cancel_card(&mut self) -> Vec<Effect> {
        // Once the server is checking, the answer is a moment away and may already be positive.
        if matches!(self.card.step, CardStep::Idle | CardStep::Checking) {
            return Vec::new();
        }
        self.card.attempt += 1;
        let mut effects = self.card_failed(CardErrorCode::Cancelled.into());
        effects.push(Effect::CancelCard);
        effects
    }

    /// The request ended without success; the button is there for the next one.
    pub(super) fn card_failed(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.card.step = CardStep::Idle;
        self.banner = Some(Banner { trouble, retry: None });
        let mut effects = vec![Effect::Focus("banner".to_owned())];
        effects.extend(self.wait_for_tick());
        effects
    }

    /// A refusal of one of this request's steps.
    pub(super) fn card_refused(&mut self, trouble: &Trouble) -> Vec<Effect> {
        // A code is valid for one attempt.
        self.texts.remove(&Input::CardCode);
        self.card_failed(trouble.clone())
    }
}

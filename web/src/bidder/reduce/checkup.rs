//! 環境確認.

use touroku_proto::{
    agency::Way,
    api::{SessionView, StartSession},
    card::Purpose,
};

use crate::bidder::{
    action::Answer,
    checkup::{Certificate, CheckupAction},
    clock::Reading,
    effect::{Ask, Effect, Focus},
    examination::Examination,
    route::Route,
    state::{CardStep, Notice, State},
    trouble::Trouble,
};

/// After the certificate's check the focus goes to its line.
const CERTIFICATE: Focus = Focus::Field("check-certificate");

impl State {
    pub(super) fn checkup_acted(&mut self, action: CheckupAction) -> Vec<Effect> {
        match action {
            CheckupAction::Again => self.check_everything(),
            CheckupAction::BrowserRead(browser) => {
                self.checkup.browser = Some(browser);
                Vec::new()
            }
            CheckupAction::Examined { attempt, answer } => {
                if attempt == self.connection.attempt && self.checkup.examination == Examination::Waiting {
                    self.checkup.examination = match answer {
                        Ok(findings) => Examination::answered(findings),
                        Err(error) => Examination::Failed(Trouble::Card(error)),
                    };
                }
                Vec::new()
            }
            CheckupAction::Certificate => self.check_certificate(),
            CheckupAction::Copy(text) => vec![Effect::Copy(text)],
            CheckupAction::Copied(done) => {
                self.notice = Some(if done { Notice::Copied } else { Notice::NotCopied });
                Vec::new()
            }
        }
    }

    pub(super) fn checkup_shown(&mut self, route: &Route) -> Vec<Effect> {
        if route.is_checkup() { self.check_everything() } else { Vec::new() }
    }

    fn check_everything(&mut self) -> Vec<Effect> {
        self.notice = None;
        self.checkup = Default::default();
        let mut effects = self.check_connection();
        effects.push(Effect::ReadBrowser);
        effects
    }

    /// The extension has answered on 環境確認: the doctor is asked, if there is one.
    pub(super) fn examine(&mut self) -> Vec<Effect> {
        let here = self.route.as_ref().is_some_and(Route::is_checkup);
        let (Some(id), Some(status)) = (&self.connection.extension, &self.connection.status) else {
            return Vec::new();
        };
        if !here {
            return Vec::new();
        }
        self.checkup.examination = Examination::after(status);
        if self.checkup.examination != Examination::Waiting {
            return Vec::new();
        }
        vec![Effect::CheckUp { id: id.clone(), attempt: self.connection.attempt }]
    }

    pub(super) fn server_measured(&mut self, reading: &Reading) {
        self.checkup.skew_ms = Some(reading.computer_ms - reading.unix_ms);
        self.checkup.round_trip_ms = Some(reading.round_trip_ms);
    }

    fn check_certificate(&mut self) -> Vec<Effect> {
        if self.card.step != CardStep::Idle || !self.may_check_certificate() {
            return Vec::new();
        }
        self.notice = None;
        self.card.attempt += 1;
        self.card.purpose = Some(Purpose::Check);
        self.card.renewed = false;
        let mut effects = match self.view() {
            Some(_) if !self.lost => self.challenge(),
            _ => self.begin_check(),
        };
        effects.push(Effect::Focus(Focus::CardPanel));
        effects
    }

    /// A session only to have the card judged; the page does not treat it as its own.
    pub(super) fn begin_check(&mut self) -> Vec<Effect> {
        let place = match self.view() {
            Some(view) if view.way == Way::Card => Some((view.agency.clone(), view.category.clone())),
            _ => self
                .profile()
                .map(|profile| profile.code.clone())
                .zip(self.card_category().map(|category| category.code.clone())),
        };
        let Some((agency, category)) = place else { return Vec::new() };
        self.card.renewed = true;
        self.card.step = CardStep::Starting;
        vec![Effect::Ask(Ask::StartSession(StartSession { agency, category, way: Way::Card }))]
    }

    pub(super) fn is_checking_card(&self) -> bool {
        self.card.purpose == Some(Purpose::Check)
    }

    pub(super) fn check_started(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        match answer {
            Ok(_) => self.challenge(),
            Err(trouble) => self.card_refused(trouble),
        }
    }

    pub(super) fn card_judged(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        match answer.map(|view| view.card) {
            Ok(Some(card)) => {
                self.card.step = CardStep::Idle;
                self.checkup.certificate = Certificate::Accepted(Box::new(card));
                // What was said before it arrived is outdated.
                let mut effects = self.check_connection();
                effects.push(Effect::Focus(CERTIFICATE));
                effects
            }
            Ok(None) => self.card_refused(touroku_proto::api::ApiErrorCode::CardNotPresented.into()),
            Err(trouble) => self.card_refused(trouble),
        }
    }

    pub(super) fn card_refused(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.card.step = CardStep::Idle;
        self.checkup.certificate = Certificate::Refused(trouble);
        vec![Effect::Focus(CERTIFICATE)]
    }
}

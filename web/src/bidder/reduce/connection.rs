//! 受注者クライアント: the server's clock and the check of extension, host and PC/SC service.

use touroku_proto::{
    agency::Way,
    api::{SessionView, StartSession},
    card::{CardError, CardErrorCode, Fit, Part, Purpose, ServiceState, Spoken, Status},
};

use super::go;
use crate::bidder::{
    action::Answer,
    clock::{Reading, ServerClock},
    effect::{Ask, Effect, Timer},
    route::Route,
    state::{CardStep, Check, Session, State},
    trouble::{Retry, Trouble, stops_everything},
};

/// How often the clock is compared with the server's: a monotonic clock drifts by far less than a second in five
/// minutes, and the clock shows minutes.
const SYNC_MS: u32 = 5 * 60 * 1000;

/// How soon it is retried when the server did not answer.
const SYNC_AGAIN_MS: u32 = 30 * 1000;

impl State {
    pub(super) fn check_connection(&mut self) -> Vec<Effect> {
        let connection = &mut self.connection;
        connection.attempt += 1;
        connection.server = Check::Waiting;
        // What is not needed is not requested.
        connection.local = if connection.without_card { Check::Unknown } else { Check::Waiting };
        connection.extension = None;
        connection.status = None;
        let ids = self.portal.as_ref().map(|portal| portal.extension_ids.clone()).unwrap_or_default();
        let mut effects = vec![Effect::Ask(Ask::Clock)];
        if !connection.without_card {
            effects.push(Effect::CheckExtension { ids, attempt: connection.attempt });
        }
        effects
    }

    pub(super) fn clock_read(&mut self, answer: Answer<Reading>) -> Vec<Effect> {
        match answer {
            Ok(reading) => {
                self.server_measured(&reading);
                let clock = ServerClock::set(reading);
                self.clock = Some(clock);
                if self.connection.server != Check::Unknown {
                    self.connection.server = Check::Ready;
                }
                let mut effects = vec![
                    Effect::Wait { timer: Timer::Minute, milliseconds: clock.until_next_minute() },
                    Effect::Wait { timer: Timer::ClockSync, milliseconds: SYNC_MS },
                ];
                effects.extend(self.follow_hours());
                effects.extend(self.bid_when_ready());
                effects
            }
            Err(trouble) => {
                if self.connection.server == Check::Waiting {
                    self.connection.server = Check::Failed(trouble);
                }
                vec![Effect::Wait { timer: Timer::ClockSync, milliseconds: SYNC_AGAIN_MS }]
            }
        }
    }

    pub(super) fn minute_turned(&mut self, at_ms: f64) -> Vec<Effect> {
        let Some(clock) = &mut self.clock else { return Vec::new() };
        clock.tick(at_ms);
        let mut effects =
            vec![Effect::Wait { timer: Timer::Minute, milliseconds: clock.until_next_minute() }];
        effects.extend(self.follow_hours());
        effects.extend(self.follow_ending());
        effects
    }

    pub(super) fn extension_checked(
        &mut self,
        attempt: u32,
        answer: Result<(String, Status), CardError>,
    ) -> Vec<Effect> {
        if attempt != self.connection.attempt {
            return Vec::new();
        }
        self.connection.local = match answer {
            Ok((id, status)) => {
                let check = match obstacle(&status) {
                    Some(error) => Check::Failed(Trouble::Card(error)),
                    None => Check::Ready,
                };
                self.connection.extension = Some(id);
                self.connection.status = Some(status);
                check
            }
            Err(error) => Check::Failed(Trouble::Card(error)),
        };
        let mut effects = self.examine();
        effects.extend(self.bid_when_ready());
        effects
    }

    /// 電子入札 was chosen and everything is ready: request the card. If a trouble is on the screen the person
    /// decides.
    fn bid_when_ready(&mut self) -> Vec<Effect> {
        // Also before the screen is there: the clock is asked for when the page opens.
        let here = matches!(self.route, Some(Route::BidClient { .. }));
        if self.connection.is_waiting() || !here {
            return Vec::new();
        }
        let chosen = std::mem::take(&mut self.connection.then_bid);
        if chosen && self.connection.is_ready() { self.show_card(Purpose::Bid) } else { Vec::new() }
    }

    /// 利用者登録処理.
    pub(super) fn open_menu(&mut self) -> Vec<Effect> {
        if !self.connection.is_ready() || self.card.step != CardStep::Idle {
            return Vec::new();
        }
        let (agency, category) = match self.route.clone() {
            Some(Route::Client { agency, category }) => (agency, category),
            Some(Route::AccountClient { agency, category }) => {
                return self.open_account(&agency, &category, Route::Menu);
            }
            Some(Route::AccountBidClient { agency, category }) => {
                return self.open_account(&agency, &category, Route::Login);
            }
            _ => return Vec::new(),
        };
        let goes_on = self.view().is_some_and(|view| {
            view.agency == agency
                && view.category == category
                && view.way == Way::Card
                && view.completed.is_none()
                && view.purpose != Some(Purpose::Bid)
        });
        if goes_on && !self.lost {
            return vec![go(Route::Menu)];
        }
        if let Some(effects) = self.closed() {
            return effects;
        }
        self.banner = None;
        self.card.purpose = None;
        self.card.step = CardStep::Starting;
        vec![Effect::Ask(Ask::StartSession(StartSession { agency, category, way: Way::Card }))]
    }

    /// The session is open: on to the menu, or to the challenge if a card is requested.
    pub(super) fn session_started(&mut self, answer: Answer<SessionView>) -> Vec<Effect> {
        if self.account.starting {
            return self.account_started(answer);
        }
        if self.card.step != CardStep::Starting {
            return Vec::new();
        }
        if self.is_checking_card() {
            return self.check_started(answer);
        }
        match (answer, self.card.purpose) {
            (Ok(view), None) => {
                self.card.step = CardStep::Idle;
                self.open_session(view);
                vec![go(Route::Menu)]
            }
            (Ok(view), Some(_)) => {
                // After a lost session the old view stays until the card is presented: the form is still drawn.
                if !self.lost {
                    self.session = Session::Open(Box::new(view));
                    self.learn_ending();
                }
                self.challenge()
            }
            (Err(trouble), purpose) => {
                self.card.step = CardStep::Idle;
                self.fail(trouble, if purpose.is_some() { Retry::Card } else { Retry::Menu })
            }
        }
    }
}

/// What in a status prevents going on.
fn obstacle(status: &Status) -> Option<CardError> {
    match Spoken::OURS.fit(&status.extension) {
        Fit::Fits => {}
        Fit::TooOld => return Some(misfit(CardErrorCode::ExtensionTooOld, &status.extension)),
        Fit::TooNew => return Some(misfit(CardErrorCode::ExtensionTooNew, &status.extension)),
    }
    match &status.error {
        Some(error) if stops_everything(error.code) => Some(error.clone()),
        _ if status.host.is_none() => Some(CardError::new(CardErrorCode::HostMissing)),
        // Modules with their own readers need no such service.
        _ if status.service == Some(ServiceState::Off) && status.readers == 0 => {
            Some(CardError::new(CardErrorCode::ServiceOff))
        }
        _ => None,
    }
}

fn misfit(code: CardErrorCode, part: &Part) -> CardError {
    CardError::new(code).with_detail(format!("version {} protocol {}", part.version, part.protocol))
}

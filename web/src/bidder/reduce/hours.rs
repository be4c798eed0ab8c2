//! 利用時間: requesting them, and what may not be begun outside them.

use touroku_proto::{api::ApiErrorCode, hours::HoursState};

use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    hours::Hours,
    state::State,
    trouble::Banner,
};

impl State {
    /// Requests the hours of the displayed agency: each time where a session may be begun, otherwise once.
    pub(super) fn ask_hours(&self) -> Vec<Effect> {
        let Some((agency, _)) = self.place() else { return Vec::new() };
        let entry = self.route.as_ref().is_some_and(|route| route.place().is_some());
        match entry || !self.hours.contains_key(agency) {
            true => vec![Effect::Ask(Ask::Hours(agency.to_owned()))],
            false => Vec::new(),
        }
    }

    /// Requests them again when they were due to change.
    pub(super) fn follow_hours(&self) -> Vec<Effect> {
        let said = self.place().and_then(|(agency, _)| Some((agency, self.hours.get(agency)?)));
        let (Some((agency, said)), Some(clock)) = (said, self.clock) else { return Vec::new() };
        match said.changes_unix_ms {
            Some(change) if change <= clock.now_ms => vec![Effect::Ask(Ask::Hours(agency.to_owned()))],
            _ => Vec::new(),
        }
    }

    pub(super) fn hours_loaded(&mut self, code: String, answer: Answer<HoursState>) -> Vec<Effect> {
        // Without them nothing is said; the server still decides.
        let Ok(hours) = answer else { return Vec::new() };
        self.hours.insert(code, hours);
        let refused = |banner: &Banner| banner.trouble.is(ApiErrorCode::OutsideHours);
        if hours.open && self.banner.as_ref().is_some_and(refused) {
            self.banner = None;
        }
        Vec::new()
    }

    /// No session is begun outside the hours; the explanation is on the screen.
    pub(super) fn closed(&self) -> Option<Vec<Effect>> {
        let closed = matches!(self.hours(), Some(Hours::Closed { .. }));
        let (agency, _) = self.place().filter(|_| closed)?;
        Some(vec![Effect::Focus(Focus::Hours), Effect::Ask(Ask::Hours(agency.to_owned()))])
    }
}

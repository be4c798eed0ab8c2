//! 機関設定.

use touroku_proto::{
    api::ApiErrorCode,
    officer::profile::{ConfirmProfile, NewProfile, ProfileCheck, ProfileInForce, ProfileVersions},
};

use super::{Effect, Input, Notice, focus_heading};
use crate::officer::{ask::Ask, route::Route, state::Console};

impl Console {
    pub(super) fn profile_read(&mut self, ask: &Ask, in_force: ProfileInForce) -> Vec<Effect> {
        let notice = match ask {
            Ask::TakeProfile(_) if in_force.proposal.is_some() => Some(Notice::ProfileProposed),
            Ask::TakeProfile(_) | Ask::ConfirmProfile(_) => Some(Notice::ProfileTaken),
            Ask::WithdrawProfile => Some(Notice::ProfileWithdrawn),
            _ => None,
        };
        let taken = notice == Some(Notice::ProfileTaken);
        let typed = self.text(Input::Profile);
        // What somebody has begun to write stays; an unchanged text follows the file.
        let untouched =
            self.settings.in_force.as_ref().is_none_or(|old| old.text == typed) || typed.is_empty();
        let written = match ask {
            Ask::TakeProfile(new) => taken && new.text == typed,
            _ => taken && self.settings.check_of.is_none(),
        };
        if written || untouched {
            self.texts.insert(Input::Profile, in_force.text.clone());
        }
        // What was checked beside another profile would undo unseen what is new in this one.
        let is_other = self.settings.in_force.as_ref().is_some_and(|old| old.hash != in_force.hash);
        if taken && matches!(ask, Ask::TakeProfile(_)) {
            self.forget_what_was_taken();
        }
        if taken || is_other || untouched && self.settings.check_of.is_none() {
            self.settings.check = None;
            self.settings.checked.clear();
        }
        if taken {
            // The navigation needs it.
            self.profile = Some(std::rc::Rc::new(in_force.profile.clone()));
        }
        let known =
            in_force.profile.categories.iter().any(|category| category.code == self.settings.category);
        if !known {
            self.settings.category =
                in_force.profile.categories.first().map(|category| category.code.clone()).unwrap_or_default();
        }
        self.settings.in_force = Some(in_force);
        self.forget_what_is_in_force();
        notice.map(|notice| self.say(notice)).unwrap_or_default()
    }

    /// They follow the one that they were asked for, if it is still the last.
    pub(super) fn versions_read(&mut self, before: i64, page: ProfileVersions) {
        let shown = self.settings.in_force.as_mut();
        if let Some(in_force) = shown.filter(|in_force| in_force.earlier == Some(before)) {
            in_force.versions.extend(page.versions);
            in_force.earlier = page.next;
        }
    }

    pub(super) fn reload_profile(&mut self) -> Vec<Effect> {
        self.banner = None;
        if let Some(Route::Part(_)) = self.route {
            // What was typed there is kept key by key.
            self.settings.checked.clear();
            let mut effects = self.ask(Ask::InForce);
            effects.push(focus_heading());
            return effects;
        }
        self.texts.remove(&Input::Profile);
        let mut effects = self.ask(Ask::InForce);
        effects.push(Effect::Focus(Input::Profile.id().to_owned()));
        effects
    }

    /// Its differences are shown with what is wrong in it today.
    pub(super) fn brought_back(&mut self, text: String) -> Vec<Effect> {
        self.texts.insert(Input::Profile, text);
        self.check_profile()
    }

    pub(super) fn check_profile(&mut self) -> Vec<Effect> {
        let Some(new) = self.new_profile(self.text(Input::Profile).to_owned()) else { return Vec::new() };
        self.banner = None;
        self.notice = None;
        self.ask(Ask::CheckProfile(new))
    }

    pub(super) fn profile_checked(&mut self, new: NewProfile, check: ProfileCheck) -> Vec<Effect> {
        self.settings.check = Some(check);
        self.settings.checked = new.text;
        self.settings.check_of = None;
        vec![Effect::Focus("check".to_owned())]
    }

    /// Puts into effect what was checked, and nothing that was typed after it.
    pub(super) fn take_profile(&mut self) -> Vec<Effect> {
        if !self.may_take_profile() {
            return Vec::new();
        }
        let Some(new) = self.new_profile(self.settings.checked.clone()) else { return Vec::new() };
        self.settings.taking = self.settings.check_of.and(self.settings.sent.clone());
        self.ask(Ask::TakeProfile(new))
    }

    /// Puts the proposal on the screen into effect.
    pub(super) fn confirm_profile(&mut self) -> Vec<Effect> {
        let waiting = self.settings.in_force.as_ref().and_then(|in_force| in_force.proposal.as_ref());
        let Some(hash) = waiting.map(|proposal| proposal.hash.clone()) else { return Vec::new() };
        self.ask(Ask::ConfirmProfile(ConfirmProfile { hash }))
    }

    fn new_profile(&self, text: String) -> Option<NewProfile> {
        Some(NewProfile { text, base: self.settings.in_force.as_ref()?.hash.clone() })
    }

    /// Whether the text on the screen was checked, is valid and not already in effect.
    pub fn may_take_profile(&self) -> bool {
        let settings = &self.settings;
        let sound = settings.check.as_ref().is_some_and(|check| check.mistakes.is_empty());
        let writable = settings
            .in_force
            .as_ref()
            .is_some_and(|in_force| in_force.writable && in_force.text != settings.checked);
        let is_current = match settings.check_of {
            Some(_) => !settings.checked.is_empty(),
            None => settings.checked == self.text(Input::Profile),
        };
        sound && writable && is_current
    }

    /// Whether somebody else's profile took effect meanwhile.
    pub fn profile_was_stale(&self) -> bool {
        self.banner.as_ref().is_some_and(|banner| banner.trouble.is(ApiErrorCode::Stale))
    }
}

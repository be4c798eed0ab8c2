//! 担当者の管理 and the officer's own account.

use touroku_proto::officer::{
    AddOfficer, ChangeOfficer, ChangePassword, LinkSent, OfficerAccount, OfficerState, ResetOfficer, Role,
};

use super::{Banner, Effect, Input, Notice, Session, Trouble};
use crate::officer::{
    ask::Ask,
    input::{self, ADD_OFFICER, PASSWORD},
    state::Console,
};

impl Console {
    pub(super) fn add_officer(&mut self) -> Vec<Effect> {
        if let Err(effects) = self.are_sound(&ADD_OFFICER) {
            return effects;
        }
        self.banner = None;
        self.ask(Ask::AddOfficer(AddOfficer {
            login_id: self.text(Input::OfficerLoginId).trim().to_owned(),
            name: self.text(Input::OfficerName).trim().to_owned(),
            role: self.officers.role.unwrap_or(Role::View),
            email: self.text(Input::OfficerEmail).trim().to_owned(),
        }))
    }

    pub(super) fn new_link(&mut self, login_id: String) -> Vec<Effect> {
        let email = Some(self.text(Input::LinkEmail).trim().to_owned());
        self.texts.remove(&Input::LinkEmail);
        self.ask(Ask::NewLink { login_id, body: ResetOfficer { email } })
    }

    /// Where that account's link was last sent.
    pub(super) fn known_email(&self, login_id: &str) -> String {
        let list = self.officers.list.as_deref().unwrap_or_default();
        let account = list.iter().find(|account| account.login_id == login_id);
        account.map(|account| account.email.clone()).unwrap_or_default()
    }

    pub(super) fn change_officer(
        &mut self,
        login_id: &str,
        change: impl FnOnce(&mut ChangeOfficer),
    ) -> Vec<Effect> {
        let list = self.officers.list.as_deref().unwrap_or_default();
        let Some(account) = list.iter().find(|account| account.login_id == login_id) else {
            return Vec::new();
        };
        let stopped = account.state == OfficerState::Stopped;
        let revision = Some(account.revision);
        let mut body = ChangeOfficer { name: account.name.clone(), role: account.role, stopped, revision };
        change(&mut body);
        self.ask(Ask::ChangeOfficer { login_id: login_id.to_owned(), body })
    }

    pub(super) fn officer_changed(&mut self, account: OfficerAccount) -> Vec<Effect> {
        if let Some(list) = &mut self.officers.list
            && let Some(known) = list.iter_mut().find(|known| known.login_id == account.login_id)
        {
            *known = account;
        }
        self.say(Notice::OfficerChanged)
    }

    /// Another administrator was faster: shows the accounts' current state.
    pub(super) fn officer_was_stale(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.notice = None;
        self.banner = Some(Banner { trouble, retry: None });
        let mut effects = self.ask(Ask::Officers);
        effects.push(Effect::Focus("banner".to_owned()));
        effects
    }

    pub(super) fn link_made(&mut self, ask: Ask, link: LinkSent) -> Vec<Effect> {
        let login_id = match ask {
            Ask::AddOfficer(body) => {
                self.clear_texts(|input| !ADD_OFFICER.contains(&input));
                self.officers.role = None;
                body.login_id
            }
            Ask::NewLink { login_id, .. } => login_id,
            _ => return Vec::new(),
        };
        self.banner = None;
        self.notice = None;
        self.officers.link = Some((login_id, link));
        let mut effects = self.ask(Ask::Officers);
        effects.push(Effect::Focus("setup-link".to_owned()));
        effects
    }

    pub(super) fn session_ended(&mut self, id: &str) -> Vec<Effect> {
        if let Some(sessions) = &mut self.officers.sessions {
            sessions.retain(|session| session.id != id);
        }
        let mut effects = self.say(Notice::SessionEnded);
        effects.push(Effect::Focus("sessions".to_owned()));
        effects
    }

    pub(super) fn change_password(&mut self) -> Vec<Effect> {
        if self.seconds_to_wait() > 0 {
            return vec![Effect::Focus("banner".to_owned())];
        }
        if let Err(effects) = self.are_sound(&PASSWORD) {
            return effects;
        }
        self.banner = None;
        self.notice = None;
        self.ask(Ask::ChangePassword(ChangePassword {
            current: self.text(Input::CurrentPassword).to_owned(),
            code: input::digits(self.text(Input::Code)),
            password: self.text(Input::NewPassword).to_owned(),
            unlink_card: self.officers.unlink_card,
        }))
    }

    pub(super) fn password_changed(&mut self) -> Vec<Effect> {
        self.clear_texts(|input| !PASSWORD.contains(&input));
        if std::mem::take(&mut self.officers.unlink_card)
            && let Session::Open(view) = &mut self.session
        {
            (view.has_card, view.card) = (false, None);
        }
        let mut effects = self.say(Notice::PasswordChanged);
        // The other sessions ended with it.
        effects.extend(self.ask(Ask::Sessions));
        effects
    }
}

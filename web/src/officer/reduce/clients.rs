//! 接続先のシステム: the systems that the agency knows, and their webhooks.

use touroku_proto::officer::client::{ClientsView, SaveClient};

use super::{Effect, Input, Notice};
use crate::officer::{
    action::ClientAct,
    ask::{Ask, ClientCall},
    input::CLIENT,
    state::Console,
};

impl Console {
    pub(super) fn act_on_client(&mut self, act: ClientAct, code: String) -> Vec<Effect> {
        self.banner = None;
        self.notice = None;
        match act {
            ClientAct::Edit => {
                let shown = self.clients.view.as_ref();
                let client = shown.and_then(|view| view.clients.iter().find(|client| client.code == code));
                let text = client.and_then(|client| client.text.clone()).unwrap_or_default();
                self.texts.insert(Input::Client, text);
                self.clients.editing = code;
                vec![Effect::Focus(Input::Client.id().to_owned())]
            }
            ClientAct::Try => self.ask(Ask::Clients(ClientCall::Try(code))),
            ClientAct::WebhookSecret => self.ask(Ask::Clients(ClientCall::WebhookSecret(code))),
        }
    }

    pub(super) fn save_client(&mut self) -> Vec<Effect> {
        if let Err(effects) = self.are_sound(&CLIENT) {
            return effects;
        }
        self.banner = None;
        self.notice = None;
        let text = self.text(Input::Client).to_owned();
        self.ask(Ask::Clients(ClientCall::Save(SaveClient { text, replaces: self.clients.editing.clone() })))
    }

    pub(super) fn clients_read(&mut self, call: &ClientCall, view: ClientsView) -> Vec<Effect> {
        let focus = if !view.mistakes.is_empty() || view.secret.is_some() || view.tried.is_some() {
            vec![Effect::Focus("client-outcome".to_owned())]
        } else {
            Vec::new()
        };
        let changes = matches!(call, ClientCall::Save(_) | ClientCall::Renew(_) | ClientCall::Remove(_));
        if changes && view.mistakes.is_empty() {
            self.texts.remove(&Input::Client);
            self.clients.editing.clear();
            // A change that decides nothing is in force at once.
            self.say(if view.waits { Notice::ProfileProposed } else { Notice::ProfileTaken });
        }
        self.clients.view = Some(view);
        focus
    }
}

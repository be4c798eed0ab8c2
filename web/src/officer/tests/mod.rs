//! The page driven without a browser.

mod companies;
mod imports;
mod manage;
mod part;
mod request;
mod review;
mod roster;
mod settings;
mod sign_in;

use serde_json::{Value, json};
use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    officer::{OfficerView, Role},
};

use crate::{
    bidder::trouble::Trouble,
    officer::{
        action::Action,
        ask::{Ask, Reply},
        dialog::Dialog,
        effect::Effect,
        input::Input,
        route::Route,
        state::Console,
    },
};

/// A page whose browser is this struct: URLs change at once, the rest is kept for inspection. The server's answers
/// are given by [`Page::answer`], as the JSON that it would send.
pub(super) struct Page {
    pub(super) state: Console,
    /// Effects of the last action, including those of the URL changes that followed.
    pub(super) effects: Vec<Effect>,
    /// The browser's monotonic clock, milliseconds.
    pub(super) now_ms: f64,
}

impl Page {
    /// Opened at a URL; the portal has answered, the session not yet.
    pub(super) fn open(fragment: &str) -> Self {
        let mut page = Self { state: Console::default(), effects: Vec::new(), now_ms: 1_000.0 };
        page.act(Action::Started { route: Route::recognize(fragment), remembered: None });
        page.answer(|ask| *ask == Ask::Portal, portal());
        page
    }

    /// Opened there by an officer with that role who is signed in.
    pub(super) fn signed_in(fragment: &str, role: Role) -> Self {
        let mut page = Self::open(fragment);
        page.answer(|ask| *ask == Ask::Session, officer("hanako", role));
        page.answer(|ask| matches!(ask, Ask::Profile(_)), profile());
        page
    }

    pub(super) fn act(&mut self, action: Action) {
        self.effects = self.state.apply(action, self.now_ms);
        let mut done = 0;
        while done < self.effects.len() {
            if let Effect::Go { route, .. } = &self.effects[done] {
                let arrived = Action::Arrived(route.clone());
                let more = self.state.apply(arrived, self.now_ms);
                self.effects.extend(more);
            }
            done += 1;
        }
    }

    /// The server answers the pending request.
    pub(super) fn answer(&mut self, which: impl Fn(&Ask) -> bool, json: Value) {
        let ask = self.waiting(&which).expect("such a question is on its way");
        let reply = (ask.call().read)(Ok(json.to_string()));
        assert!(reply.is_ok(), "{:?} does not read {json}", ask.call().request);
        self.act(Action::Answered(Box::new(ask), Box::new(reply)));
    }

    /// The server refuses it.
    pub(super) fn refuse(&mut self, which: impl Fn(&Ask) -> bool, code: ApiErrorCode) {
        self.fail(which, code.into());
    }

    /// The server refuses it, for some seconds.
    pub(super) fn refuse_for(&mut self, which: impl Fn(&Ask) -> bool, seconds: u64) {
        let mut error = ApiError::new(ApiErrorCode::RateLimited);
        error.retry_after = Some(seconds);
        self.fail(which, Trouble::Api(error));
    }

    pub(super) fn fail(&mut self, which: impl Fn(&Ask) -> bool, trouble: Trouble) {
        let ask = self.waiting(&which).expect("such a question is on its way");
        let answer: Result<Reply, Trouble> = Err(trouble);
        self.act(Action::Answered(Box::new(ask), Box::new(answer)));
    }

    pub(super) fn waiting(&self, which: &impl Fn(&Ask) -> bool) -> Option<Ask> {
        self.state.waiting.iter().find(|ask| which(ask)).cloned()
    }

    /// Whether the last action sent this request to the server.
    pub(super) fn asked(&self, which: impl Fn(&Ask) -> bool) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Ask(ask) if which(ask)))
    }

    pub(super) fn type_in(&mut self, input: Input, text: &str) {
        self.act(Action::Typed(input, text.to_owned()));
    }

    /// A button that asks first, and はい.
    pub(super) fn confirm(&mut self, dialog: Dialog) {
        self.act(Action::Offer(dialog));
        assert!(self.state.dialog.is_some(), "a dialog is on the screen");
        self.act(Action::Confirm);
    }

    pub(super) fn visit(&mut self, fragment: &str) {
        self.act(Action::Arrived(Route::recognize(fragment)));
    }

    /// Types the credentials and signs in as that officer.
    pub(super) fn sign_in(&mut self, login_id: &str, role: Role) {
        self.type_in(Input::LoginId, login_id);
        self.type_in(Input::Password, "correct horse battery");
        self.type_in(Input::Code, "123456");
        self.act(Action::Submit);
        self.answer(|ask| matches!(ask, Ask::Login(_)), officer(login_id, role));
    }

    /// The code of the banner.
    pub(super) fn error(&self) -> Option<&'static str> {
        self.state.banner.as_ref().map(|banner| banner.trouble.code())
    }

    pub(super) fn focused(&self, id: &str) -> bool {
        let last = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Focus(id) => Some(id.as_str()),
            _ => None,
        });
        last == Some(id)
    }
}

pub(super) fn portal() -> Value {
    json!({"version": "0.1.0", "extension_ids": ["one", "two"],
           "agencies": [{"code": "city", "name": "北東市"}, {"code": "town", "name": "南西町"}],
           "install": {"guide_url": "https://all.example.jp/guide"}})
}

/// A session of an hour.
pub(super) fn officer(login_id: &str, role: Role) -> Value {
    let view = OfficerView {
        login_id: login_id.to_owned(),
        name: "山田　花子".to_owned(),
        role,
        agency: "city".to_owned(),
        agency_name: "北東市".to_owned(),
        expires_unix_ms: 1_795_241_100_000 + 3_600_000,
        ends_unix_ms: Some(1_795_241_100_000 + 12 * 3_600_000),
        now_unix_ms: 1_795_241_100_000,
        has_card: false,
        card: None,
        notices: Default::default(),
        previous_login_unix_ms: None,
        files: Vec::new(),
    };
    serde_json::to_value(view).unwrap()
}

pub(super) fn profile() -> Value {
    json!({"code": "city", "procurement_code": "1234", "name": "北東市",
           "search": {"number_label": "業者番号", "number_rule": {"kind": "alphanumeric", "min": 9, "max": 9},
                      "number_secret": true, "number_issued": true,
                      "name_label": "商号又は名称", "name_rule": {"kind": "full_width", "max": 40}},
           "categories": [{"code": "goods", "name": "物品、役務", "digit": 1, "form": "goods"}],
           "company_id": {"format": "{procurement}{category}{sequence:11}"},
           "forms": {"goods": {"sections": []}}})
}

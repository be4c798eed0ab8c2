//! The wizard driven without a browser.

mod account;
mod card;
mod change;
mod checkup;
mod connection;
mod ending;
mod form;
mod hours;
mod journey;
mod listing;
mod members;
mod postal;
mod receipt;
mod registration;
mod renew;
mod restore;
mod session_loss;
mod sign_in;
mod signature;
mod status;
mod suspension;

use std::rc::Rc;

use serde_json::json;
use touroku_proto::{
    agency::{AgencyProfile, Way},
    api::{CardView, Challenge, CompanyView, Completed, Function, Portal, SessionView},
    card::{Purpose, Status},
    field::{FieldId, Values},
    form::Occasion,
    token::{Nonce, Token},
};

use crate::bidder::{
    action::Action,
    clock::Reading,
    effect::{Ask, Effect},
    route::Route,
    search::SearchField,
    state::State,
};

/// A page whose browser is this struct: URLs change at once, the rest is kept for inspection.
pub(super) struct Page {
    pub(super) state: State,
    /// Effects of the last action, including those of the URL changes that followed.
    pub(super) effects: Vec<Effect>,
    /// URLs in the order in which they were shown.
    pub(super) addresses: Vec<Route>,
    submissions: u32,
}

impl Page {
    /// Opened at a URL; portal, session and clock have answered.
    pub(super) fn open(route: Route, session: Option<SessionView>) -> Self {
        let mut page = Self {
            state: State::default(),
            effects: Vec::new(),
            addresses: vec![route.clone()],
            submissions: 0,
        };
        page.act(Action::Started(route));
        page.act(Action::PortalLoaded(Ok(portal())));
        page.act(Action::ClockRead(Ok(reading())));
        page.act(Action::SessionLoaded(
            session.ok_or_else(|| touroku_proto::api::ApiErrorCode::SessionMissing.into()),
        ));
        page
    }

    /// At 受注者クライアント with everything working.
    pub(super) fn at_client() -> Self {
        let mut page = Self::open(client(), None);
        page.connected();
        page
    }

    pub(super) fn at_menu() -> Self {
        let mut page = Self::at_client();
        page.act(Action::OpenMenu);
        page.act(Action::SessionStarted(Ok(session())));
        page
    }

    pub(super) fn at_search() -> Self {
        let mut page = Self::at_menu();
        page.show_card(Purpose::Register, with_card(Purpose::Register));
        page
    }

    /// At the empty form.
    pub(super) fn at_form() -> Self {
        let mut page = Self::at_search();
        page.act(Action::SearchTyped(SearchField::Number, "990000001".into()));
        page.act(Action::SearchTyped(SearchField::Name, "北東建設株式会社".into()));
        page.act(Action::Search);
        page.act(Action::SearchAnswered(Ok(with_company())));
        page
    }

    /// At the form, filled in and not saved.
    pub(super) fn at_filled_form() -> Self {
        let mut page = Self::at_form();
        for (field, text) in filled() {
            page.act(Action::Typed(field, text.to_owned()));
        }
        page
    }

    /// At 登録内容確認.
    pub(super) fn at_confirm() -> Self {
        let mut page = Self::at_filled_form();
        page.act(Action::Confirm);
        let revision = page.saving().expect("入力内容確認 saves first");
        page.act(Action::DraftSaved { revision, answer: Ok(()) });
        page
    }

    /// The card is presented and the server accepts it.
    pub(super) fn show_card(&mut self, purpose: Purpose, view: SessionView) {
        self.act(Action::ShowCard(purpose));
        if self.asked(|ask| matches!(ask, Ask::StartSession(_))) {
            self.act(Action::SessionStarted(Ok(session())));
        }
        let attempt = self.state.card.attempt;
        self.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
        self.act(Action::CardWindowOpened { attempt });
        self.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
        self.act(Action::LoggedIn { attempt, answer: Ok(view) });
    }

    /// Server, extension and host answer.
    pub(super) fn connected(&mut self) {
        let attempt = self.state.connection.attempt;
        self.act(Action::ClockRead(Ok(reading())));
        self.act(Action::ExtensionChecked { attempt, answer: Ok(("extension-2".into(), status())) });
    }

    pub(super) fn act(&mut self, action: Action) {
        self.effects = self.state.apply(action);
        let mut done = 0;
        while done < self.effects.len() {
            let more = match &self.effects[done] {
                Effect::Go { route, .. } => {
                    let route = route.clone();
                    self.addresses.push(route.clone());
                    let asks_profile = |effect: &Effect| matches!(effect, Effect::Ask(Ask::Profile(_)));
                    let effects = self.state.apply(Action::Arrived(route));
                    if effects.iter().any(asks_profile) { self.profile() } else { effects }
                }
                Effect::Ask(Ask::Profile(_)) => self.profile(),
                Effect::MakeSubmission => {
                    self.submissions += 1;
                    self.state.apply(Action::SubmissionMade(format!("submission-{}", self.submissions)))
                }
                _ => Vec::new(),
            };
            self.effects.extend(more);
            done += 1;
        }
    }

    fn profile(&mut self) -> Vec<Effect> {
        self.state.apply(Action::ProfileLoaded { code: "city".into(), answer: Ok(Rc::new(profile())) })
    }

    /// The browser's own back or forward button, or a URL typed in.
    pub(super) fn visit(&mut self, route: Route) {
        self.addresses.push(route.clone());
        self.act(Action::Arrived(route));
    }

    /// Whether the last action sent this request to the server.
    pub(super) fn asked(&self, wanted: impl Fn(&Ask) -> bool) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Ask(ask) if wanted(ask)))
    }

    /// The revision of the draft that the last action sent.
    pub(super) fn saving(&self) -> Option<u32> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Ask(Ask::SaveDraft { revision, .. }) => Some(*revision),
            _ => None,
        })
    }

    /// The registration that the last action sent.
    pub(super) fn sent_registration(&self) -> Option<&touroku_proto::api::Register> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Ask(Ask::Register(register)) => Some(register),
            _ => None,
        })
    }

    /// The 変更 that the last action sent.
    pub(super) fn sent_change(&self) -> Option<&touroku_proto::api::Change> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Ask(Ask::Change(change)) => Some(change),
            _ => None,
        })
    }

    pub(super) fn screen(&self) -> &'static str {
        self.state.route.as_ref().map_or("none", Route::screen)
    }

    /// The code of the banner.
    pub(super) fn error(&self) -> Option<&'static str> {
        self.state.banner.as_ref().map(|banner| banner.trouble.code())
    }
}

/// The agency `city` with category `goods`: two contact blocks that may be the same.
pub(super) fn profile() -> AgencyProfile {
    let mail = json!({"kind": "email", "max": 100});
    let edit = |field: &str, label: &str, rule: serde_json::Value| {
        json!({"field": field, "label": label, "required": true, "rule": rule, "register": "edit",
               "change": "edit", "print": true})
    };
    let show =
        |field: &str, label: &str| json!({"field": field, "label": label, "register": "show", "print": true});
    let text = json!({"kind": "text", "max": 60});
    serde_json::from_value(json!({
        "code": "city", "procurement_code": "1234", "name": "北東市",
        "search": {"number_label": "業者番号", "number_rule": {"kind": "alphanumeric", "min": 9, "max": 9},
                   "number_zero_pad": 9, "number_list": true, "name_label": "商号又は名称",
                   "name_rule": {"kind": "full_width", "max": 40}, "credentials": "when_issued"},
        "categories": [{"code": "goods", "name": "物品、役務", "digit": 1, "form": "goods"},
                       {"code": "small", "name": "少額物品", "digit": 2, "access": "either", "form": "goods",
                        "account_form": "account"}],
        "company_id": {"format": "{procurement}{category}{sequence:11}"},
        "forms": {"goods": {"sections": [
            {"title": "企業情報", "rows": [
                {"field": "company_id", "label": "企業ID", "change": "show", "print": true},
                show("company_name", "企業名称")]},
            {"title": "代表窓口情報", "rows": [
                edit("representative_contact_name", "連絡先名称", text.clone()),
                {"field": "representative_contact_postal_code", "label": "連絡先郵便番号",
                 "rule": {"kind": "postal_code"}, "register": "edit", "change": "edit", "print": true},
                {"field": "representative_contact_address", "label": "連絡先住所", "rule": text.clone(),
                 "register": "edit", "change": "edit", "print": true},
                edit("representative_contact_phone", "連絡先電話番号", json!({"kind": "phone"})),
                edit("representative_contact_email", "連絡先メールアドレス", mail.clone()),
                {"field": "representative_contact_email_again", "label": "メールアドレス再入力", "required": true,
                 "rule": {"kind": "repeat", "of": "representative_contact_email"}, "register": "edit", "change": "edit"}]},
            {"title": "ICカード利用部署情報", "rows": [
                show("card_holder_name", "ICカード取得者氏名"),
                edit("card_contact_name", "連絡先名称", text),
                edit("card_contact_email", "連絡先メールアドレス", mail)]},
            {"title": "ICカード情報", "rows": [
                {"field": "certificate_serial", "label": "証明書シリアル番号", "register": "confirm"}]}
        ]}, "account": {"sections": [
            {"title": "企業情報", "rows": [show("company_name", "企業名称")]},
            {"title": "ID登録依頼者連絡先情報", "rows": [
                edit("applicant_contact_email", "連絡先メールアドレス", json!({"kind": "email", "max": 100})),
                edit("login_id", "ユーザーID", json!({"kind": "mixed_alphanumeric", "min": 6, "max": 20})),
                edit("login_password", "パスワード",
                     json!({"kind": "mixed_alphanumeric", "min": 6, "max": 20})),
                edit("login_password_again", "確認パスワード",
                     json!({"kind": "repeat", "of": "login_password"}))]}
        ]}}
    }))
    .unwrap()
}

pub(super) fn portal() -> Portal {
    serde_json::from_value(json!({
        "version": "0.1.0", "extension_ids": ["extension-1", "extension-2"],
        "agencies": [{"code": "city", "name": "北東市"}], "portals": [{"code": "ken", "name": "県の共同利用"}],
        "install": {"extension_url": "https://all.example.jp/extension", "host_url": "https://all.example.jp/host"}
    }))
    .unwrap()
}

pub(super) fn status() -> Status {
    let part = json!({"version": "0.1.0", "protocol": 3, "oldest_protocol": 1});
    serde_json::from_value(json!({
        "extension": part, "host": part, "service": "running", "readers": 1, "cards": 1, "error": null
    }))
    .unwrap()
}

pub(super) fn reading() -> Reading {
    Reading { unix_ms: 1_795_241_050_000, at_ms: 100.0, computer_ms: 1_795_241_050_400, round_trip_ms: 20 }
}

pub(super) fn client() -> Route {
    Route::Client { agency: "city".into(), category: "goods".into() }
}

pub(super) fn challenge() -> Challenge {
    Challenge { nonce: Nonce::from_bytes(&[7; 32]), agency: "北東市".to_owned() }
}

pub(super) fn token() -> Token {
    serde_json::from_value(json!({
        "unverifiedCertificate": "AA==", "algorithm": "ES256", "signature": "AA==", "format": "web-eid:1.0"
    }))
    .unwrap()
}

/// A session that has only begun.
pub(super) fn session() -> SessionView {
    SessionView::begun("city", "goods", Way::Card, 1_795_241_650_000)
}

pub(super) fn values(pairs: &[(FieldId, &str)]) -> Values {
    pairs.iter().map(|&(field, text)| (field, text.to_owned())).collect()
}

/// … in which a card was presented.
pub(super) fn with_card(purpose: Purpose) -> SessionView {
    let values = values(&[
        (FieldId::CardHolderName, "北東 次郎"),
        (FieldId::CertificateIssuer, "O=Test CA,C=JP"),
        (FieldId::CertificateSerial, "121"),
    ]);
    let registered = purpose == Purpose::Bid;
    SessionView {
        purpose: Some(purpose),
        card: Some(CardView { values, days_left: 400, registered, company_match: None }),
        ..session()
    }
}

/// … and a company was found.
pub(super) fn with_company() -> SessionView {
    let values = values(&[(FieldId::CompanyNumber, "990000001"), (FieldId::CompanyName, "北東建設株式会社")]);
    SessionView {
        company: Some(CompanyView { values, occasion: Occasion::Register, revision: 0 }),
        ..with_card(Purpose::Register)
    }
}

/// … and registered.
pub(super) fn completed() -> SessionView {
    let mut all = with_company().company.unwrap().values;
    all.merge(filled().into_iter().map(|(field, text)| (field, text.to_owned())).collect());
    all.set(FieldId::CompanyId, "1234100000000001");
    SessionView {
        completed: Some(Completed {
            unconfirmed: Vec::new(),
            function: Function::Register,
            company_id: "1234100000000001".into(),
            values: all,
            mailed_to: vec!["a@example.jp".into()],
            at_unix_ms: 1_795_241_060_000,
            pending: false,
            receipt: String::new(),
            signed: false,
        }),
        ..with_company()
    }
}

/// A form without mistakes.
pub(super) fn filled() -> Vec<(FieldId, &'static str)> {
    vec![
        (FieldId::RepresentativeContactName, "総務部"),
        (FieldId::RepresentativeContactPhone, "03-0000-0000"),
        (FieldId::RepresentativeContactEmail, "a@example.jp"),
        (FieldId::RepresentativeContactEmailAgain, "a@example.jp"),
        (FieldId::CardContactName, "営業部"),
        (FieldId::CardContactEmail, "b@example.jp"),
    ]
}

mod login;

use touroku_proto::{
    account::{ApplicationState, ApplicationView, OwnApplication},
    api::{ApiError, ApiErrorCode},
    field::{FieldError, Problem},
};

use super::*;
use crate::bidder::{
    account::{AccountAction, AccountAsk, AccountField},
    draft::DraftOrder,
    effect::{Focus, Timer},
    state::Notice,
    trouble::Trouble,
};

const SECRET: &str = "oi25io14";

fn small() -> (String, String) {
    ("city".into(), "small".into())
}

fn account_client() -> Route {
    let (agency, category) = small();
    Route::AccountClient { agency, category }
}

fn begun() -> SessionView {
    SessionView::begun("city", "small", Way::Password, 1_795_241_650_000)
}

fn found() -> SessionView {
    let values = values(&[(FieldId::CompanyNumber, "990000001"), (FieldId::CompanyName, "北東建設株式会社")]);
    SessionView { company: Some(CompanyView { values, occasion: Occasion::Apply, revision: 0 }), ..begun() }
}

fn reviewed(state: ApplicationState, reason: &str) -> SessionView {
    let own = OwnApplication {
        number: "12".into(),
        login_id: "hokuto01".into(),
        state,
        reason: reason.into(),
        at_unix_ms: 1_795_241_050_000,
        entered: true,
        unconfirmed: Vec::new(),
    };
    let application = ApplicationView { numbers: vec!["12".into()], own: Some(own) };
    SessionView { application: Some(application), ..found() }
}

fn logged_in(purpose: Purpose) -> SessionView {
    let values = values(&[
        (FieldId::CompanyNumber, "990000001"),
        (FieldId::CompanyName, "北東建設株式会社"),
        (FieldId::ApplicantContactEmail, "a@example.jp"),
        (FieldId::LoginId, "hokuto01"),
    ]);
    SessionView {
        purpose: Some(purpose),
        login_id: Some("hokuto01".into()),
        company: Some(CompanyView { values, occasion: Occasion::ChangeAccount, revision: 7 }),
        ..begun()
    }
}

fn completed(function: Function) -> SessionView {
    SessionView {
        completed: Some(Completed {
            function,
            company_id: String::new(),
            values: values(&[(FieldId::LoginId, "hokuto01")]),
            mailed_to: vec!["a@example.jp".into()],
            unconfirmed: Vec::new(),
            at_unix_ms: 1_795_241_060_000,
            receipt: String::new(),
            signed: false,
            pending: false,
        }),
        ..found()
    }
}

fn account(page: &mut Page, action: AccountAction) {
    page.act(Action::Account(action));
}

fn asked_account(page: &Page) -> Option<&AccountAsk> {
    page.effects.iter().find_map(|effect| match effect {
        Effect::Ask(Ask::Account(ask)) => Some(ask),
        _ => None,
    })
}

fn drafts(page: &Page) -> Vec<&DraftOrder> {
    page.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Draft(order) => Some(order),
            _ => None,
        })
        .collect()
}

fn at_menu() -> Page {
    let mut page = Page::open(account_client(), None);
    page.act(Action::ClockRead(Ok(reading())));
    page.act(Action::OpenMenu);
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(start) if start.way == Way::Password)));
    page.act(Action::SessionStarted(Ok(begun())));
    page
}

fn at_search() -> Page {
    let mut page = at_menu();
    account(&mut page, AccountAction::Apply);
    page
}

fn search(page: &mut Page, view: SessionView) {
    page.act(Action::SearchTyped(SearchField::Number, "990000001".into()));
    page.act(Action::SearchTyped(SearchField::Name, "北東建設株式会社".into()));
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(view)));
}

fn at_form() -> Page {
    let mut page = at_search();
    search(&mut page, found());
    page
}

fn fill(page: &mut Page) {
    for (field, text) in [
        (FieldId::ApplicantContactEmail, "a@example.jp"),
        (FieldId::LoginId, "hokuto01"),
        (FieldId::LoginPassword, SECRET),
        (FieldId::LoginPasswordAgain, SECRET),
    ] {
        page.act(Action::Typed(field, text.into()));
    }
}

fn at_confirm() -> Page {
    let mut page = at_form();
    fill(&mut page);
    page.act(Action::Confirm);
    page
}

fn at_login(route: Route) -> Page {
    let mut page = at_menu();
    page.act(Action::Follow(route));
    account(&mut page, AccountAction::Typed(AccountField::LoginId, "hokuto01".into()));
    account(&mut page, AccountAction::Typed(AccountField::Password, SECRET.into()));
    page
}

fn at_change() -> Page {
    let mut page = at_login(Route::ChangeLogin);
    account(&mut page, AccountAction::Send);
    account(&mut page, AccountAction::LoggedIn(Ok(Box::new(logged_in(Purpose::Change)))));
    page
}

/// 入力内容確認, and the server keeps the draft.
fn confirm(page: &mut Page) {
    page.act(Action::Confirm);
    if let Some(revision) = page.saving() {
        page.act(Action::DraftSaved { revision, answer: Ok(()) });
    }
}

#[test]
fn an_id_is_applied_for_without_a_card_from_the_first_screen_to_the_print() {
    let (agency, category) = small();
    let mut page = Page::open(Route::Entry { agency, category }, None);
    page.act(Action::Follow(account_client()));
    assert_eq!(page.screen(), "client");
    assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::CheckExtension { .. })));
    page.act(Action::ClockRead(Ok(reading())));
    assert!(page.state.connection.is_ready(), "no extension is needed");
    page.act(Action::OpenMenu);
    page.act(Action::SessionStarted(Ok(begun())));
    assert_eq!(page.screen(), "menu");
    account(&mut page, AccountAction::Apply);
    assert_eq!(page.screen(), "search");
    search(&mut page, found());
    assert_eq!(page.screen(), "form");
    fill(&mut page);
    page.act(Action::Confirm);
    assert_eq!(page.screen(), "confirm");
    page.act(Action::Register);
    let Some(AccountAsk::Apply(apply)) = asked_account(&page) else { panic!("no application was sent") };
    assert_eq!(apply.submission, "submission-1");
    assert_eq!(apply.values.text(FieldId::LoginPassword), SECRET);
    page.act(Action::Register);
    assert!(asked_account(&page).is_none(), "one request at a time");
    page.act(Action::Registered(Ok(completed(Function::Apply))));
    assert_eq!(page.screen(), "done");
    assert!(drafts(&page).iter().any(|order| matches!(order, DraftOrder::Drop { .. })));
    page.act(Action::Follow(Route::Print));
    assert_eq!(page.screen(), "print");
}

#[test]
fn an_application_that_was_made_shows_how_far_it_is() {
    for (state, may_apply) in [
        (ApplicationState::Pending, false),
        (ApplicationState::Approved, false),
        (ApplicationState::Rejected, true),
    ] {
        let mut page = at_search();
        search(&mut page, reviewed(state, "住所が違います"));
        assert_eq!(page.screen(), "application", "{state:?}");
        page.act(Action::Follow(Route::Form));
        assert_eq!(page.screen() == "form", may_apply, "{state:?}");
    }
}

#[test]
fn a_draft_on_this_computer_never_holds_a_password() {
    let mut page = at_form();
    fill(&mut page);
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let orders = drafts(&page);
    let [DraftOrder::Keep { key, values }] = orders[..] else { panic!("one draft is kept") };
    assert_eq!(key.name(), "touroku-draft/city/small/990000001");
    assert_eq!(values.text(FieldId::ApplicantContactEmail), "a@example.jp");
    assert!(!values.0.values().any(|text| text.contains(SECRET)), "no password");
    assert!(page.saving().is_none(), "nothing goes to the server");
}

#[test]
fn a_draft_comes_back_after_a_reload_and_a_crash() {
    let mut page = Page::open(Route::Form, Some(found()));
    let orders = drafts(&page);
    let [DraftOrder::Read { key }] = orders[..] else { panic!("the draft is looked for") };
    let (key, kept) = (key.clone(), values(&[(FieldId::LoginId, "hokuto01"), (FieldId::LoginPassword, "x")]));
    account(&mut page, AccountAction::DraftRead { key: key.clone(), values: Some(kept) });
    assert_eq!(page.state.form.values.text(FieldId::LoginId), "hokuto01");
    assert_eq!(page.state.form.values.text(FieldId::LoginPassword), "", "a password is not believed");
    assert_eq!(page.state.notice, Some(Notice::Restored));
    // What is typed now takes precedence over a draft that arrives late.
    page.act(Action::Typed(FieldId::LoginId, "other01".into()));
    let late = Some(values(&[(FieldId::LoginId, "hokuto01")]));
    account(&mut page, AccountAction::DraftRead { key, values: late });
    assert_eq!(page.state.form.values.text(FieldId::LoginId), "other01");
}

#[test]
fn logging_out_removes_the_draft_from_this_computer() {
    let mut page = at_form();
    fill(&mut page);
    page.act(Action::LogOut);
    page.act(Action::LoggedOut(Ok(())));
    assert!(drafts(&page).iter().any(|order| matches!(order, DraftOrder::Drop { .. })));
    assert_eq!(page.state.form.values.text(FieldId::LoginPassword), "");
}

#[test]
fn a_number_that_is_a_secret_is_not_written_to_this_computer() {
    let mut page = at_form();
    let mut profile = profile();
    profile.search.number_secret = true;
    page.state.profiles.insert("city".into(), Rc::new(profile));
    fill(&mut page);
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    assert!(drafts(&page).is_empty());
}

#[test]
fn a_reloaded_confirmation_asks_for_the_password_again() {
    let page = Page::open(Route::Confirm, Some(found()));
    assert_eq!(page.screen(), "form");
}

#[test]
fn a_session_that_ended_comes_back_by_searching_and_nothing_typed_is_lost() {
    let mut page = at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(ApiErrorCode::SessionMissing.into())));
    assert_eq!((page.screen(), page.error()), ("confirm", Some("session_missing")));
    account(&mut page, AccountAction::Resume);
    page.act(Action::SessionStarted(Ok(begun())));
    assert_eq!(page.screen(), "search");
    assert_eq!(page.state.search.text(SearchField::Number), "990000001");
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(found())));
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.values.text(FieldId::LoginPassword), SECRET);
}

#[test]
fn an_id_that_is_taken_leads_back_to_the_form_and_says_why() {
    let mut page = at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(ApiErrorCode::LoginIdTaken.into())));
    assert_eq!((page.screen(), page.error()), ("form", Some("login_id_taken")));
    assert!(page.effects.contains(&Effect::Focus(Focus::Banner)));
    page.act(Action::Typed(FieldId::LoginId, "hokuto02".into()));
    page.act(Action::Confirm);
    page.act(Action::Register);
    let Some(AccountAsk::Apply(apply)) = asked_account(&page) else { panic!("no application was sent") };
    assert_eq!(apply.submission, "submission-2", "another content is another submission");
}

#[test]
fn an_answer_that_was_lost_is_asked_for_and_the_application_is_done() {
    let mut page = at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(Trouble::Unreachable)));
    page.act(Action::Retry);
    let Some(AccountAsk::Apply(apply)) = asked_account(&page) else { panic!("もう一度 sends it again") };
    assert_eq!(apply.submission, "submission-1");
    page.act(Action::Registered(Ok(completed(Function::Apply))));
    assert_eq!(page.screen(), "done");
}

fn unproved() -> SessionView {
    let application = ApplicationView { numbers: vec!["12".into(), "11".into()], own: None };
    SessionView { application: Some(application), ..found() }
}

#[test]
fn whoever_applied_proves_it_by_id_and_password_and_finds_what_was_entered() {
    let mut page = at_search();
    search(&mut page, unproved());
    assert_eq!(page.screen(), "application");
    account(&mut page, AccountAction::Send);
    assert!(page.effects.contains(&Effect::Focus(Focus::Summary)), "the fields are empty");
    account(&mut page, AccountAction::Typed(AccountField::LoginId, " hokuto01 ".into()));
    account(&mut page, AccountAction::Typed(AccountField::Password, SECRET.into()));
    account(&mut page, AccountAction::Send);
    let Some(AccountAsk::Prove(proof)) = asked_account(&page) else { panic!("no proof was sent") };
    assert_eq!((proof.login_id.as_str(), proof.password.as_str()), ("hokuto01", SECRET));
    account(&mut page, AccountAction::LoggedIn(Err(ApiErrorCode::CredentialsWrong.into())));
    assert_eq!((page.screen(), page.error()), ("application", Some("credentials_wrong")));
    account(&mut page, AccountAction::Typed(AccountField::Password, SECRET.into()));
    account(&mut page, AccountAction::Send);
    let entered = values(&[(FieldId::LoginId, "hokuto01"), (FieldId::ApplicantContactEmail, "a@example.jp")]);
    let proved = SessionView { draft: Some(entered), ..reviewed(ApplicationState::Rejected, "理由") };
    account(&mut page, AccountAction::LoggedIn(Ok(Box::new(proved))));
    assert_eq!(page.screen(), "application");
    assert!(page.state.account.typed.is_empty(), "the password is forgotten");
    page.act(Action::Follow(Route::Form));
    assert_eq!(page.state.form.values.text(FieldId::ApplicantContactEmail), "a@example.jp");
    assert_eq!(page.state.form.values.text(FieldId::LoginPassword), "");
}

#[test]
fn anothers_application_keeps_nobody_from_applying() {
    let mut page = at_search();
    search(&mut page, unproved());
    page.act(Action::Follow(Route::Form));
    assert_eq!(page.screen(), "form");
}

#[test]
fn the_link_of_the_result_opens_the_application_and_leaves_the_address_bar() {
    let mut page = Page::open(Route::Result, None);
    assert!(page.effects.contains(&Effect::TakeFragment));
    account(&mut page, AccountAction::FragmentTaken(Some("token-1".into())));
    let Some(AccountAsk::Open(open)) = asked_account(&page) else { panic!("nothing was asked") };
    assert_eq!(open.token, "token-1");
    account(&mut page, AccountAction::LoggedIn(Err(ApiErrorCode::LinkInvalid.into())));
    assert_eq!((page.screen(), page.error()), ("result", Some("link_invalid")));
    let mut page = Page::open(Route::Result, None);
    account(&mut page, AccountAction::FragmentTaken(Some("token-1".into())));
    let opened = reviewed(ApplicationState::Rejected, "理由");
    account(&mut page, AccountAction::LoggedIn(Ok(Box::new(opened))));
    assert_eq!(page.screen(), "application");
    assert!(!page.state.account.has_token());
}

#[test]
fn an_address_is_confirmed_by_a_press_of_the_button_and_not_by_opening_the_link() {
    let mut page = Page::open(Route::Mail, None);
    account(&mut page, AccountAction::FragmentTaken(Some("token-1".into())));
    assert!(asked_account(&page).is_none(), "whatever looks at links must not confirm");
    account(&mut page, AccountAction::Send);
    let Some(AccountAsk::Confirm(confirm)) = asked_account(&page) else { panic!("nothing was sent") };
    assert_eq!(confirm.token, "token-1");
    account(&mut page, AccountAction::PasswordSet(Ok(())));
    assert!(page.state.account.finished && !page.state.account.has_token());
}

#[test]
fn the_result_without_a_link_asks_nothing() {
    let mut page = Page::open(Route::Result, None);
    account(&mut page, AccountAction::FragmentTaken(None));
    assert!(asked_account(&page).is_none());
}

#[test]
fn screens_that_were_not_reached_lead_to_the_furthest_one() {
    for (route, view, screen) in [
        (Route::Application, begun(), "menu"),
        (Route::Form, begun(), "menu"),
        (Route::Bid, found(), "form"),
        (Route::Form, reviewed(ApplicationState::Pending, ""), "application"),
        (Route::Form, logged_in(Purpose::Bid), "bid"),
        (Route::Search, logged_in(Purpose::Change), "form"),
        (Route::Form, completed(Function::Apply), "done"),
    ] {
        let name = route.screen();
        assert_eq!(Page::open(route, Some(view)).screen(), screen, "{name}");
    }
    for route in [Route::Login, Route::Application, Route::ChangeLogin] {
        let page = Page::open(route, Some(with_company()));
        assert_eq!(page.screen(), "form", "a card's session knows no such screen");
    }
}

#[test]
fn an_id_that_bids_sees_the_registration_and_one_that_changes_does_not() {
    for (purpose, screen) in [(Purpose::Bid, "status"), (Purpose::Change, "form")] {
        assert_eq!(Page::open(Route::Status, Some(logged_in(purpose))).screen(), screen, "{purpose:?}");
    }
}

#[test]
fn the_mail_that_asks_an_address_is_sent_again_at_a_press_and_said_so() {
    let mut page = Page::open(Route::Done, Some(completed(Function::Apply)));
    account(&mut page, AccountAction::AskAgain);
    assert!(matches!(asked_account(&page), Some(AccountAsk::AskAgain)));
    account(&mut page, AccountAction::AskedAgain(Ok(())));
    assert!(page.state.account.asked_again);
    account(&mut page, AccountAction::AskAgain);
    assert!(!page.state.account.asked_again, "not said before it is so again");
    let error = ApiError::new(ApiErrorCode::RateLimited);
    account(&mut page, AccountAction::AskedAgain(Err(Trouble::Api(error))));
    assert!(page.state.banner.is_some());
}

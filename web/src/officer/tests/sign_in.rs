//! Signing in and out, the link of a new account, the session's end.

use serde_json::json;
use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    card::{CardError, CardErrorCode},
    field::{FieldError, FieldId, Guessable, Problem},
    officer::Role,
};

use super::*;
use crate::officer::{
    input::Fault,
    state::{CardStep, Notice, Session},
};

fn setup() -> Value {
    json!({"login_id": "hanako", "name": "山田　花子", "agency_name": "北東市", "uri": "otpauth://totp/x",
           "secret": "ABCD EFGH", "qr": ["10", "01"]})
}

#[test]
fn who_is_not_signed_in_signs_in_on_the_screen_that_was_opened() {
    let mut page = Page::open("/review/account/12");
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    assert!(!page.state.is_signed_in() && page.error().is_none());
    page.sign_in("hanako", Role::Review);
    assert!(page.state.is_signed_in());
    assert!(page.asked(|ask| matches!(ask, Ask::Application { id: 12, .. })));
    assert!(page.state.text(Input::Password).is_empty() && page.state.text(Input::Code).is_empty());
}

#[test]
fn what_is_missing_is_said_and_nothing_is_sent() {
    let mut page = Page::open("/");
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    page.type_in(Input::LoginId, "hanako");
    page.type_in(Input::Code, "12");
    page.act(Action::Submit);
    assert!(page.focused("summary"));
    assert_eq!(page.state.faults.get(&Input::Password), Some(&Fault::Missing));
    assert_eq!(page.state.faults.get(&Input::Code), Some(&Fault::Code));
    assert!(!page.asked(|_| true));
    page.type_in(Input::Code, "１２３ ４５６");
    assert_eq!(page.state.faults.get(&Input::Code), None);
}

#[test]
fn wrong_credentials_leave_the_password_and_take_the_code_that_is_used_up() {
    let mut page = Page::open("/");
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    page.type_in(Input::LoginId, "hanako");
    page.type_in(Input::Password, "wrong");
    page.type_in(Input::Code, "123456");
    page.act(Action::Submit);
    page.refuse(|ask| matches!(ask, Ask::Login(_)), ApiErrorCode::CredentialsWrong);
    assert_eq!(page.error(), Some("credentials_wrong"));
    assert_eq!(page.state.text(Input::Password), "wrong");
    assert_eq!(page.state.text(Input::Code), "");
}

#[test]
fn after_too_many_attempts_the_seconds_are_counted_down_and_nothing_is_sent_before() {
    let mut page = Page::open("/");
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    page.type_in(Input::LoginId, "hanako");
    page.type_in(Input::Password, "wrong");
    page.type_in(Input::Code, "123456");
    page.act(Action::Submit);
    page.refuse_for(|ask| matches!(ask, Ask::Login(_)), 30);
    assert_eq!(page.state.seconds_to_wait(), 30);
    page.act(Action::Submit);
    assert!(!page.asked(|_| true));
    page.now_ms += 29_500.0;
    page.act(Action::TimeUp(crate::officer::effect::Timer::Tick));
    assert_eq!(page.state.seconds_to_wait(), 1);
    page.now_ms += 501.0;
    page.type_in(Input::Code, "123456");
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::Login(_))));
}

#[test]
fn pressing_twice_sends_once() {
    let mut page = Page::open("/");
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    page.type_in(Input::LoginId, "hanako");
    page.type_in(Input::Password, "p");
    page.type_in(Input::Code, "123456");
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::Login(_))));
    page.act(Action::Submit);
    assert!(!page.asked(|ask| matches!(ask, Ask::Login(_))));
}

#[test]
fn a_session_that_ends_keeps_the_screen_and_what_was_typed() {
    let mut page = Page::signed_in("/review/account/12", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Application { .. }), review::application("r1", "pending"));
    page.type_in(Input::Reason, "押印がありません");
    page.confirm(Dialog::Reject);
    page.refuse(|ask| matches!(ask, Ask::Decide { .. }), ApiErrorCode::SessionMissing);
    assert!(page.state.lost && !page.state.is_signed_in());
    assert_eq!(page.state.text(Input::LoginId), "hanako");
    page.sign_in("hanako", Role::Review);
    assert!(page.state.route == Some(Route::recognize("/review/account/12")));
    assert_eq!(page.state.text(Input::Reason), "押印がありません");
    assert_eq!(page.state.notice, Some(Notice::Resumed));
    // The decision waits for a new press; what it is based on is fetched again.
    assert!(page.asked(|ask| matches!(ask, Ask::Application { .. })));
    assert!(!page.asked(|ask| matches!(ask, Ask::Decide { .. })));
}

#[test]
fn another_officer_finds_nothing_of_what_was_typed() {
    let mut page = Page::signed_in("/review/account/12", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Application { .. }), review::application("r1", "pending"));
    page.type_in(Input::Reason, "押印がありません");
    page.confirm(Dialog::Reject);
    page.refuse(|ask| matches!(ask, Ask::Decide { .. }), ApiErrorCode::SessionMissing);
    page.sign_in("taro", Role::View);
    assert!(page.state.route == Some(Route::Home));
    assert_eq!(page.state.text(Input::Reason), "");
    assert!(page.state.review.detail.is_none());
}

#[test]
fn the_sessions_end_is_announced_and_any_answer_puts_it_off() {
    let mut page = Page::signed_in("/", Role::View);
    let start = page.now_ms;
    assert_eq!(page.state.minutes_left(), None);
    page.now_ms = start + 58.0 * 60_000.0;
    page.act(Action::TimeUp(crate::officer::effect::Timer::Tick));
    assert!(page.state.minutes_left() == Some(2) && !page.state.ends_for_good());
    page.act(Action::StaySignedIn);
    page.answer(|ask| *ask == Ask::Session, officer("hanako", Role::View));
    assert_eq!(page.state.minutes_left(), None);
    page.now_ms += 61.0 * 60_000.0;
    page.act(Action::TimeUp(crate::officer::effect::Timer::Tick));
    assert!(page.asked(|ask| *ask == Ask::Session));
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    assert!(page.state.lost);
}

#[test]
fn after_half_a_day_the_sessions_end_is_announced_and_another_sign_in_goes_on_with_what_is_typed() {
    let mut page = Page::signed_in("/review/account/12", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Application { .. }), review::application("r1", "pending"));
    page.type_in(Input::Reason, "押印がありません");
    // The server extends it up to the end.
    let mut view = officer("hanako", Role::Review);
    view["now_unix_ms"] = json!(view["ends_unix_ms"].as_i64().unwrap() - 30 * 60_000);
    view["expires_unix_ms"] = view["ends_unix_ms"].clone();
    page.act(Action::StaySignedIn);
    page.answer(|ask| *ask == Ask::Session, view);
    assert_eq!(page.state.minutes_left(), None);
    page.now_ms += 28.0 * 60_000.0;
    page.act(Action::TimeUp(crate::officer::effect::Timer::Tick));
    assert!(page.state.minutes_left() == Some(2) && page.state.ends_for_good());
    let words = crate::texts::officer::screen::minutes_left(2, true);
    assert!(words.contains("12時間") && words.contains("2分"), "{words}");
    page.act(Action::StaySignedIn);
    assert!(!page.state.is_signed_in() && page.focused("heading"));
    assert_eq!(page.state.text(Input::LoginId), "hanako");
    page.sign_in("hanako", Role::Review);
    assert_eq!((page.state.notice, page.state.minutes_left()), (Some(Notice::Resumed), None));
    assert_eq!(page.state.text(Input::Reason), "押印がありません");
}

#[test]
fn staying_signed_in_touches_nothing_that_is_typed() {
    let mut page = Page::signed_in("/review/account/12", Role::Review);
    page.type_in(Input::Reason, "理由");
    page.act(Action::StaySignedIn);
    page.answer(|ask| *ask == Ask::Session, officer("hanako", Role::Review));
    assert_eq!(page.state.text(Input::Reason), "理由");
    assert!(!page.asked(|_| true));
}

#[test]
fn signing_out_forgets_everything_but_the_agency() {
    let mut page = Page::signed_in("/companies/001", Role::View);
    page.act(Action::SignOut);
    page.answer(|ask| *ask == Ask::SignOut, json!(null));
    assert!(matches!(page.state.session, Session::Closed));
    assert!(page.state.company.is_none() && page.state.profile.is_none());
    assert_eq!(page.state.agency, "city");
    assert_eq!(page.state.notice, Some(Notice::SignedOut));
}

#[test]
fn a_late_answer_of_the_officer_before_is_not_shown_to_the_next_one() {
    let mut page = Page::signed_in("/companies/001", Role::View);
    let late = page.waiting(&|ask: &Ask| matches!(ask, Ask::Company(_))).unwrap();
    page.act(Action::SignOut);
    page.answer(|ask| *ask == Ask::SignOut, json!(null));
    page.visit("/companies/001");
    page.sign_in("another", Role::View);
    // Refused to the next one: what arrives late belongs to the previous one.
    page.refuse(|ask| matches!(ask, Ask::Company(_)), ApiErrorCode::NotFound);
    let reply = (late.call().read)(Ok(companies::company(false).to_string()));
    page.act(Action::Answered(Box::new(late), Box::new(reply)));
    assert!(page.state.company.is_none());
}

#[test]
fn a_link_sets_password_and_authenticator_and_leaves_the_address() {
    let mut page = Page::open("setup=secret-token");
    page.answer(|ask| matches!(ask, Ask::BeginSetup(_)), setup());
    page.type_in(Input::NewPassword, "hanako");
    page.type_in(Input::NewPasswordAgain, "hanako");
    page.type_in(Input::Code, "123456");
    page.act(Action::Submit);
    assert_eq!(page.state.faults.get(&Input::NewPassword), Some(&Fault::Short));
    page.type_in(Input::NewPassword, "correct horse battery");
    page.type_in(Input::NewPasswordAgain, "correct horse battery");
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::FinishSetup(body) if body.token == "secret-token")));
    page.answer(|ask| matches!(ask, Ask::FinishSetup(_)), officer("hanako", Role::Review));
    assert!(page.state.is_signed_in() && page.state.setup.is_none());
    assert!(page.state.route == Some(Route::Home));
    let replaced = |effect: &Effect| matches!(effect, Effect::Go { route: Route::Home, replace: true });
    assert!(page.effects.iter().any(replaced));
    assert!(page.asked(|ask| *ask == Ask::Figures));
}

#[test]
fn a_link_that_was_used_says_so_and_a_wrong_code_keeps_the_password() {
    let mut page = Page::open("setup=old");
    page.refuse(|ask| matches!(ask, Ask::BeginSetup(_)), ApiErrorCode::LinkInvalid);
    assert_eq!(page.error(), Some("link_invalid"));
    page.act(Action::Submit);
    assert!(!page.asked(|_| true));

    let mut page = Page::open("setup=new");
    page.answer(|ask| matches!(ask, Ask::BeginSetup(_)), setup());
    for input in [Input::NewPassword, Input::NewPasswordAgain] {
        page.type_in(input, "correct horse battery");
    }
    page.type_in(Input::Code, "000000");
    page.act(Action::Submit);
    page.refuse(|ask| matches!(ask, Ask::FinishSetup(_)), ApiErrorCode::CredentialsWrong);
    assert_eq!(page.state.text(Input::NewPassword), "correct horse battery");
    assert_eq!(page.state.text(Input::Code), "");
    // There is no ログインID on that screen.
    assert_eq!(page.state.faults.get(&Input::Code), Some(&Fault::CodeWrong));
    assert!(page.focused("summary") && page.error().is_none());
}

#[test]
fn a_card_signs_in_and_a_late_answer_of_a_cancelled_one_does_not() {
    let mut page = Page::open("/");
    page.refuse(|ask| *ask == Ask::Session, ApiErrorCode::SessionMissing);
    let challenge = || json!({"nonce": "A".repeat(44), "agency": "北東市"});
    page.act(Action::UseCard);
    page.answer(|ask| matches!(ask, Ask::Challenge(_)), challenge());
    let shows = |page: &Page| page.effects.iter().any(|effect| matches!(effect, Effect::Authenticate { .. }));
    assert!(shows(&page));
    let late = page.state.card.attempt;
    page.act(Action::CancelCard);
    assert_eq!(page.error(), Some("cancelled"));
    let refused = || Box::new(Err(CardError::new(CardErrorCode::NoCard)));
    page.act(Action::CardAnswered { attempt: late, answer: refused() });
    assert_eq!(page.error(), Some("cancelled"));

    page.act(Action::UseCard);
    page.answer(|ask| matches!(ask, Ask::Challenge(_)), challenge());
    let attempt = page.state.card.attempt;
    page.act(Action::CardWindowOpened { attempt });
    page.act(Action::CardAnswered { attempt, answer: refused() });
    assert_eq!(page.state.card.step, CardStep::Idle);
    assert_eq!(page.error(), Some("no_card"));
    // Where to get what is missing is known before anybody has signed in.
    assert_eq!(page.state.install().guide_url, "https://all.example.jp/guide");
}

#[test]
fn the_agency_of_the_last_time_is_chosen_if_it_is_still_there() {
    for (remembered, chosen) in [(Some("town"), "town"), (Some("gone"), "city"), (None, "city")] {
        let mut page = Page { state: Console::default(), effects: Vec::new(), now_ms: 0.0 };
        page.act(Action::Started { route: Route::Home, remembered: remembered.map(str::to_owned) });
        page.answer(|ask| *ask == Ask::Portal, portal());
        assert_eq!(page.state.agency, chosen);
    }
}

#[test]
fn another_officer_of_another_tab_finds_nothing_of_what_was_typed() {
    let mut page = Page::signed_in("/review/account/12", Role::Review);
    page.type_in(Input::Reason, "理由");
    page.act(Action::StaySignedIn);
    page.answer(|ask| *ask == Ask::Session, officer("taro", Role::View));
    assert_eq!(page.state.text(Input::Reason), "");
    assert_eq!(page.state.officer().unwrap().login_id, "taro");
}

#[test]
fn a_role_that_was_changed_meanwhile_changes_the_navigation() {
    let mut page = Page::signed_in("/officers", Role::Manage);
    page.refuse(|ask| *ask == Ask::Officers, ApiErrorCode::Forbidden);
    assert_eq!(page.error(), Some("forbidden"));
    page.answer(|ask| *ask == Ask::Session, officer("hanako", Role::View));
    assert!(!page.state.may(Role::Manage));
}

#[test]
fn why_a_new_password_is_too_weak_stands_at_its_field() {
    let mut page = Page::open("/account");
    page.sign_in("hanako", Role::View);
    for (input, text) in [
        (Input::CurrentPassword, "old"),
        (Input::NewPassword, "hanako hanako 2026"),
        (Input::NewPasswordAgain, "hanako hanako 2026"),
        (Input::Code, "123456"),
    ] {
        page.type_in(input, text);
    }
    page.act(Action::Submit);
    let problem = Problem::Guessable { why: Guessable::Own };
    let mut error = ApiError::new(ApiErrorCode::PasswordWeak);
    error.fields = vec![FieldError { field: FieldId::LoginPassword, problem }];
    page.fail(|ask| matches!(ask, Ask::ChangePassword(_)), Trouble::Api(error));
    assert_eq!(page.error(), Some("password_weak"));
    assert_eq!(page.state.faults.get(&Input::NewPassword), Some(&Fault::Guessable(Guessable::Own)));
    page.type_in(Input::NewPassword, "correct horse battery staple");
    assert_eq!(page.state.faults.get(&Input::NewPassword), None);
}

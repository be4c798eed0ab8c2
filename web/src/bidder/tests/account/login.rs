//! An ID that is used, changed and, when its password was forgotten, recovered.

use super::*;

#[test]
fn bidding_by_id_shows_the_company_after_the_login() {
    let (agency, category) = small();
    let mut page = Page::open(Route::AccountBidClient { agency, category }, None);
    page.act(Action::ClockRead(Ok(reading())));
    page.act(Action::OpenMenu);
    page.act(Action::SessionStarted(Ok(begun())));
    assert_eq!(page.screen(), "login");
    account(&mut page, AccountAction::Send);
    assert!(asked_account(&page).is_none(), "nothing is asked while the fields are empty");
    assert!(page.effects.contains(&Effect::Focus(Focus::Summary)));
    account(&mut page, AccountAction::Typed(AccountField::LoginId, " hokuto01 ".into()));
    account(&mut page, AccountAction::Typed(AccountField::Password, SECRET.into()));
    account(&mut page, AccountAction::Send);
    let Some(AccountAsk::Login(login)) = asked_account(&page) else { panic!("no login was sent") };
    assert_eq!((login.login_id.as_str(), login.purpose), ("hokuto01", Purpose::Bid));
    account(&mut page, AccountAction::Send);
    assert!(asked_account(&page).is_none(), "one request at a time");
    account(&mut page, AccountAction::LoggedIn(Ok(Box::new(logged_in(Purpose::Bid)))));
    assert_eq!(page.screen(), "bid");
    assert!(page.state.account.typed.is_empty(), "the password is forgotten");
}

#[test]
fn a_wrong_password_empties_its_field_and_keeps_the_id() {
    let mut page = at_login(Route::Login);
    account(&mut page, AccountAction::Send);
    account(&mut page, AccountAction::LoggedIn(Err(ApiErrorCode::CredentialsWrong.into())));
    assert_eq!((page.screen(), page.error()), ("login", Some("credentials_wrong")));
    assert_eq!(page.state.account.text(AccountField::Password), "");
    assert_eq!(page.state.account.text(AccountField::LoginId), "hokuto01");
}

#[test]
fn a_login_in_a_session_that_ended_opens_another_one_once() {
    let mut page = at_login(Route::Login);
    account(&mut page, AccountAction::Send);
    account(&mut page, AccountAction::LoggedIn(Err(ApiErrorCode::SessionMissing.into())));
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(_))));
    page.act(Action::SessionStarted(Ok(begun())));
    assert!(matches!(asked_account(&page), Some(AccountAsk::Login(_))));
    account(&mut page, AccountAction::LoggedIn(Err(ApiErrorCode::SessionMissing.into())));
    assert!(!page.asked(|ask| matches!(ask, Ask::StartSession(_))), "not for ever");
    assert_eq!(page.error(), Some("session_missing"));
}

#[test]
fn a_change_asks_for_the_password_until_now_and_names_what_it_edited() {
    let mut page = at_change();
    assert_eq!(page.screen(), "form");
    page.act(Action::Typed(FieldId::ApplicantContactEmail, "b@example.jp".into()));
    confirm(&mut page);
    assert_eq!(page.screen(), "confirm", "an empty password stays as it is");
    page.act(Action::Register);
    assert!(asked_account(&page).is_none());
    assert!(page.effects.contains(&Effect::Focus(Focus::Field("current_password"))));
    account(&mut page, AccountAction::Typed(AccountField::CurrentPassword, SECRET.into()));
    page.act(Action::Register);
    let Some(AccountAsk::Change(change)) = asked_account(&page) else { panic!("no change was sent") };
    assert_eq!((change.revision, change.current_password.as_str()), (7, SECRET));
    assert_eq!(change.values.text(FieldId::LoginPassword), "");
    page.act(Action::Registered(Err(ApiErrorCode::CredentialsWrong.into())));
    assert_eq!((page.screen(), page.error()), ("confirm", Some("credentials_wrong")));
    assert_eq!(page.state.account.text(AccountField::CurrentPassword), "");
    account(&mut page, AccountAction::Typed(AccountField::CurrentPassword, "right123".into()));
    page.act(Action::Register);
    page.act(Action::Registered(Ok(completed(Function::ChangeAccount))));
    assert_eq!(page.screen(), "done");
}

#[test]
fn a_change_of_nothing_is_not_sent() {
    let mut page = at_change();
    page.act(Action::Confirm);
    assert_eq!(page.screen(), "confirm");
    account(&mut page, AccountAction::Typed(AccountField::CurrentPassword, SECRET.into()));
    page.act(Action::Register);
    assert!(asked_account(&page).is_none());
}

#[test]
fn a_change_is_kept_by_the_server_and_not_on_this_computer() {
    let mut page = at_change();
    page.act(Action::Typed(FieldId::ApplicantContactEmail, "b@example.jp".into()));
    page.act(Action::Typed(FieldId::LoginPassword, SECRET.into()));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    assert!(drafts(&page).is_empty());
    let draft = page.effects.iter().find_map(|effect| match effect {
        Effect::Ask(Ask::SaveDraft { draft, .. }) => Some(draft),
        _ => None,
    });
    let entered = [(FieldId::ApplicantContactEmail, "b@example.jp".to_owned())];
    assert_eq!(draft.unwrap().values, entered.into_iter().collect(), "what differs, and no password");
}

#[test]
fn a_forgotten_password_gets_the_same_calm_answer_always() {
    let mut page = at_menu();
    page.act(Action::Follow(Route::Forgotten { agency: "city".into() }));
    account(&mut page, AccountAction::Typed(AccountField::LoginId, "hokuto01".into()));
    account(&mut page, AccountAction::Typed(AccountField::Email, "not an address".into()));
    account(&mut page, AccountAction::Send);
    assert!(page.state.account.problems.contains_key(&AccountField::Email));
    account(&mut page, AccountAction::Typed(AccountField::Email, "a@example.jp".into()));
    account(&mut page, AccountAction::Send);
    let Some(AccountAsk::Forgotten(forgotten)) = asked_account(&page) else { panic!("nothing was sent") };
    assert_eq!(forgotten.agency, "city");
    account(&mut page, AccountAction::ForgottenSent(Ok(())));
    assert!(page.state.account.finished && page.state.account.typed.is_empty());
    page.act(Action::Back);
    assert_eq!(page.screen(), "menu");
}

#[test]
fn a_mailed_link_sets_a_password_once_and_leaves_the_address_bar() {
    let mut page = Page::open(Route::Reset, None);
    assert!(page.effects.contains(&Effect::TakeFragment));
    account(&mut page, AccountAction::FragmentTaken(Some("token-1".into())));
    account(&mut page, AccountAction::Typed(AccountField::NewPassword, SECRET.into()));
    account(&mut page, AccountAction::Typed(AccountField::NewPasswordAgain, "other123".into()));
    account(&mut page, AccountAction::Send);
    assert!(asked_account(&page).is_none(), "both must be the same");
    account(&mut page, AccountAction::Typed(AccountField::NewPasswordAgain, SECRET.into()));
    account(&mut page, AccountAction::Send);
    let Some(AccountAsk::Reset(reset)) = asked_account(&page) else { panic!("nothing was sent") };
    assert_eq!((reset.token.as_str(), reset.password.as_str()), ("token-1", SECRET));
    let fields = vec![FieldError { field: FieldId::LoginPassword, problem: Problem::NotMixed }];
    let refused = ApiError { fields, ..ApiError::new(ApiErrorCode::FieldsInvalid) };
    account(&mut page, AccountAction::PasswordSet(Err(Trouble::Api(refused))));
    assert_eq!(page.state.account.problems.get(&AccountField::NewPassword), Some(&Problem::NotMixed));
    account(&mut page, AccountAction::Send);
    account(&mut page, AccountAction::PasswordSet(Ok(())));
    assert!(page.state.account.finished && !page.state.account.has_token());
}

#[test]
fn a_link_that_was_used_says_so_and_a_missing_one_sends_nothing() {
    let mut page = Page::open(Route::Reset, None);
    account(&mut page, AccountAction::FragmentTaken(None));
    account(&mut page, AccountAction::Send);
    assert!(asked_account(&page).is_none());
    account(&mut page, AccountAction::FragmentTaken(Some("used".into())));
    for field in [AccountField::NewPassword, AccountField::NewPasswordAgain] {
        account(&mut page, AccountAction::Typed(field, SECRET.into()));
    }
    account(&mut page, AccountAction::Send);
    account(&mut page, AccountAction::PasswordSet(Err(ApiErrorCode::LinkInvalid.into())));
    assert_eq!(page.error(), Some("link_invalid"));
}

use touroku_proto::{
    account::{ApplicationState, ApplicationView, OwnApplication},
    api::ApiErrorCode,
    card::{CardError, CardErrorCode},
};

use super::*;
use crate::bidder::{
    account::{AccountAction, AccountAsk},
    state::{CardStep, Notice},
    trouble::Retry,
};

fn waiting() -> Page {
    let mut page = Page::at_menu();
    page.act(Action::ShowCard(Purpose::Register));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    page.act(Action::CardWindowOpened { attempt });
    page
}

/// Its registration is pending.
fn in_review() -> SessionView {
    let own = OwnApplication {
        number: "20261121-ABCDE-FGHJK".into(),
        login_id: String::new(),
        state: ApplicationState::Pending,
        reason: String::new(),
        at_unix_ms: 0,
        unconfirmed: Vec::new(),
        entered: true,
    };
    let application = ApplicationView { numbers: vec![own.number.clone()], own: Some(own) };
    SessionView { application: Some(application), ..with_company() }
}

#[test]
fn a_card_that_waits_is_taken_back_and_its_form_comes_back() {
    let mut page = Page::at_menu();
    page.show_card(Purpose::Register, in_review());
    assert_eq!(page.screen(), "application");
    page.act(Action::Follow(Route::Form));
    assert_eq!(page.screen(), "application", "nothing is entered while it waits");
    page.act(Action::Account(AccountAction::Withdraw));
    assert!(!page.asked(|ask| matches!(ask, Ask::Account(AccountAsk::Withdraw))), "it asks first");
    page.act(Action::Account(AccountAction::OfferWithdrawal(Some(true))));
    page.act(Action::Account(AccountAction::Withdraw));
    assert!(page.asked(|ask| matches!(ask, Ask::Account(AccountAsk::Withdraw))));
    page.act(Action::Account(AccountAction::Withdrawn(Ok(Box::new(with_company())))));
    assert_eq!((page.screen(), page.state.notice), ("form", Some(Notice::Withdrawn)));
}

#[test]
fn the_extension_that_answered_the_check_is_asked_for_the_card() {
    let mut page = Page::at_menu();
    page.act(Action::ShowCard(Purpose::Register));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    assert!(page.effects.iter().any(|effect| matches!(
        effect,
        Effect::Authenticate { ids, purpose: Purpose::Register, .. } if ids == &["extension-2".to_owned()]
    )));
}

#[test]
fn my_number_cards_are_asked_for_only_where_the_agency_takes_them() {
    for taken in [false, true] {
        let mut page = Page::at_menu();
        let mut agency = profile();
        agency.cards.my_number = taken;
        page.state.profiles.insert(agency.code.clone(), agency.into());
        page.act(Action::ShowCard(Purpose::Register));
        let attempt = page.state.card.attempt;
        page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
        let asked = page.effects.iter().find_map(|effect| match effect {
            Effect::Authenticate { my_number, .. } => Some(*my_number),
            _ => None,
        });
        assert_eq!(asked, Some(taken));
    }
}

#[test]
fn a_second_press_while_the_card_is_asked_for_does_nothing() {
    let mut page = waiting();
    page.act(Action::ShowCard(Purpose::Register));
    assert!(page.effects.is_empty());
}

#[test]
fn cancelling_closes_the_card_window_and_late_answers_are_ignored() {
    let mut page = waiting();
    let attempt = page.state.card.attempt;
    page.act(Action::CancelCard);
    assert!(page.effects.contains(&Effect::CancelCard));
    assert_eq!((page.screen(), page.error()), ("menu", Some("cancelled")));
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    assert!(page.effects.is_empty());
    page.act(Action::CardFailed { attempt, error: CardError::new(CardErrorCode::CardRemoved) });
    assert_eq!(page.error(), Some("cancelled"));
}

#[test]
fn leaving_the_screen_closes_the_card_window() {
    let mut page = waiting();
    page.visit(client());
    assert!(page.effects.contains(&Effect::CancelCard));
    assert_eq!(page.state.card.step, CardStep::Idle);
}

#[test]
fn what_the_card_window_reports_is_shown_and_can_be_tried_again() {
    let mut page = waiting();
    let attempt = page.state.card.attempt;
    let error = CardError::new(CardErrorCode::PinLocked);
    page.act(Action::CardFailed { attempt, error });
    assert_eq!(page.error(), Some("pin_locked"));
    assert_eq!(page.state.banner.as_ref().unwrap().retry, Some(Retry::Card));
    page.act(Action::Retry);
    assert!(page.asked(|ask| matches!(ask, Ask::Challenge { .. })));
}

#[test]
fn a_session_that_ended_in_the_menu_is_renewed_once_without_a_word() {
    let mut page = Page::at_menu();
    page.act(Action::ShowCard(Purpose::Register));
    let attempt = page.state.card.attempt;
    let missing = || Err(ApiErrorCode::SessionMissing.into());
    page.act(Action::ChallengeMade { attempt, answer: missing() });
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(_))));
    page.act(Action::SessionStarted(Ok(session())));
    assert!(page.asked(|ask| matches!(ask, Ask::Challenge { .. })));
    // Cookies that do not stick must not cause an endless loop.
    page.act(Action::ChallengeMade { attempt, answer: missing() });
    assert_eq!(page.error(), Some("session_missing"));
}

#[test]
fn a_registered_card_is_not_offered_the_same_again() {
    let mut page = waiting();
    let attempt = page.state.card.attempt;
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Err(ApiErrorCode::CardAlreadyRegistered.into()) });
    assert_eq!((page.screen(), page.error()), ("menu", Some("card_already_registered")));
    assert_eq!(page.state.banner.as_ref().unwrap().retry, None);
}

#[test]
fn an_unregistered_card_cannot_bid() {
    let mut page = Page::open(Route::BidClient { agency: "city".into(), category: "goods".into() }, None);
    page.connected();
    page.act(Action::ShowCard(Purpose::Bid));
    page.act(Action::SessionStarted(Ok(session())));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Err(ApiErrorCode::CardNotRegistered.into()) });
    assert_eq!((page.screen(), page.error()), ("client", Some("card_not_registered")));
}

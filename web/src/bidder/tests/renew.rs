use touroku_proto::{
    api::ApiErrorCode,
    card::{CardError, CardErrorCode},
};

use super::*;
use crate::{
    bidder::{state::Notice, trouble::Trouble},
    texts,
};

fn card(serial: &str) -> CardView {
    let values = values(&[
        (FieldId::CardCompanyName, "北東建設株式会社"),
        (FieldId::CertificateIssuer, "O=Test CA,C=JP"),
        (FieldId::CertificateSerial, serial),
    ]);
    CardView { values, days_left: 20, registered: serial == "121", company_match: None }
}

fn old_shown() -> SessionView {
    let values = values(&[(FieldId::CompanyNumber, "990000001"), (FieldId::CompanyName, "北東建設株式会社")]);
    SessionView {
        purpose: Some(Purpose::RenewOld),
        card: Some(card("121")),
        company: Some(CompanyView { values, occasion: Occasion::Change, revision: 3 }),
        ..session()
    }
}

/// … and the new one.
fn both_shown() -> SessionView {
    SessionView { purpose: Some(Purpose::RenewNew), new_card: Some(card("122")), ..old_shown() }
}

fn renewed() -> SessionView {
    let mut view = SessionView { completed: completed().completed, ..both_shown() };
    view.completed.as_mut().unwrap().function = Function::Renew;
    view
}

fn at_old() -> Page {
    let mut page = Page::at_menu();
    page.act(Action::Follow(Route::RenewOld));
    page
}

fn at_new() -> Page {
    let mut page = at_old();
    page.show_card(Purpose::RenewOld, old_shown());
    page
}

fn at_confirm() -> Page {
    let mut page = at_new();
    page.show_card(Purpose::RenewNew, both_shown());
    page
}

/// The card window signs and the server refuses.
fn refuse(page: &mut Page, purpose: Purpose, code: ApiErrorCode) {
    page.act(Action::ShowCard(purpose));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Err(code.into()) });
}

fn submission(page: &Page) -> Option<String> {
    page.effects.iter().find_map(|effect| match effect {
        Effect::Ask(Ask::Renew(renew)) => Some(renew.submission.clone()),
        _ => None,
    })
}

#[test]
fn a_contractor_renews_a_card_from_the_menu_to_the_print() {
    let mut page = at_old();
    assert_eq!(page.screen(), "renew_old");
    page.act(Action::ShowCard(Purpose::RenewOld));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    let asked_for = |page: &Page, wanted: Purpose| {
        page.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Authenticate { purpose, .. } if *purpose == wanted))
    };
    assert!(asked_for(&page, Purpose::RenewOld));
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Ok(old_shown()) });
    assert_eq!((page.screen(), page.state.function()), ("renew_new", Function::Renew));

    page.act(Action::ShowCard(Purpose::RenewNew));
    assert!(!page.asked(|ask| matches!(ask, Ask::StartSession(_))), "the old card's session goes on");
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    assert!(asked_for(&page, Purpose::RenewNew), "a card window of its own, with its own PIN");
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Ok(both_shown()) });
    assert_eq!(page.screen(), "renew_confirm");

    page.act(Action::Renew);
    assert_eq!(submission(&page).as_deref(), Some("submission-1"));
    page.act(Action::Renew);
    assert_eq!(submission(&page), None, "a double press renews once");
    page.act(Action::Renewed(Ok(renewed())));
    assert_eq!((page.screen(), page.state.function()), ("done", Function::Renew));
    page.visit(Route::RenewConfirm);
    assert_eq!(page.screen(), "done", "what is done cannot be walked back into");
    page.act(Action::Follow(Route::Print));
    assert_eq!(page.screen(), "print");
}

#[test]
fn back_leads_through_every_screen_to_the_menu() {
    let mut page = at_confirm();
    for screen in ["renew_new", "renew_old", "menu"] {
        page.act(Action::Back);
        assert_eq!(page.screen(), screen);
    }
}

#[test]
fn a_reload_at_any_step_continues_from_the_session() {
    for (route, view, screen) in [
        (Route::RenewOld, session(), "renew_old"),
        (Route::RenewNew, session(), "menu"),
        (Route::RenewNew, old_shown(), "renew_new"),
        (Route::RenewConfirm, old_shown(), "renew_new"),
        (Route::RenewConfirm, both_shown(), "renew_confirm"),
        (Route::Form, both_shown(), "renew_confirm"),
        (Route::RenewConfirm, renewed(), "done"),
        (Route::RenewConfirm, with_company(), "form"),
    ] {
        assert_eq!(Page::open(route, Some(view)).screen(), screen);
    }
    let mut page = Page::open(Route::RenewConfirm, Some(both_shown()));
    page.act(Action::Renew);
    assert!(submission(&page).is_some());
}

#[test]
fn an_expired_old_card_is_told_why_whoever_noticed() {
    let mut page = at_old();
    refuse(&mut page, Purpose::RenewOld, ApiErrorCode::CertificateExpired);
    assert_eq!((page.screen(), page.error()), ("renew_old", Some("certificate_expired")));
    let mut other = at_old();
    other.act(Action::ShowCard(Purpose::RenewOld));
    let attempt = other.state.card.attempt;
    other.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    let error = CardError::new(CardErrorCode::CertificateExpired);
    other.act(Action::CardFailed { attempt, error });
    for page in [&page, &other] {
        let trouble = &page.state.banner.as_ref().unwrap().trouble;
        let advice = texts::advice_for(trouble, page.state.card.purpose);
        assert_eq!(page.state.banner.as_ref().unwrap().retry, None);
        assert!(advice.next.contains("「登録」"), "{}", advice.next);
    }
}

#[test]
fn the_same_card_or_a_registered_one_can_be_exchanged_for_another() {
    for (code, name) in [
        (ApiErrorCode::SameCard, "same_card"),
        (ApiErrorCode::NewCardRegistered, "new_card_registered"),
        (ApiErrorCode::CertificateExpired, "certificate_expired"),
    ] {
        let mut page = at_new();
        refuse(&mut page, Purpose::RenewNew, code);
        assert_eq!((page.screen(), page.error()), ("renew_new", Some(name)));
        let trouble = page.state.banner.clone().unwrap().trouble;
        assert_ne!(texts::advice_for(&trouble, Some(Purpose::RenewNew)), texts::advice(&trouble));
        page.act(Action::Retry);
        assert!(page.asked(|ask| matches!(ask, Ask::Challenge { .. })));
    }
    // The new card was registered by somebody else while the confirmation was on the screen.
    let mut page = at_confirm();
    page.act(Action::Renew);
    page.act(Action::Renewed(Err(ApiErrorCode::NewCardRegistered.into())));
    assert_eq!((page.screen(), page.error()), ("renew_new", Some("new_card_registered")));
}

#[test]
fn a_session_that_ended_between_the_cards_begins_again_with_the_old_one() {
    let mut page = at_new();
    refuse(&mut page, Purpose::RenewNew, ApiErrorCode::CardNotPresented);
    assert_eq!((page.screen(), page.error()), ("renew_new", Some("card_not_presented")));
    page.act(Action::ShowCard(Purpose::RenewNew));
    assert_eq!(page.state.card.purpose, Some(Purpose::RenewOld));
    page.act(Action::CancelCard);
    page.show_card(Purpose::RenewOld, old_shown());
    assert_eq!((page.screen(), page.error()), ("renew_new", None));
    assert_eq!(page.state.notice, Some(Notice::OldCardAgain));

    let mut page = at_confirm();
    page.act(Action::Renew);
    page.act(Action::Renewed(Err(ApiErrorCode::SessionMissing.into())));
    assert_eq!((page.screen(), page.error()), ("renew_confirm", Some("session_missing")));
    page.show_card(Purpose::RenewOld, old_shown());
    assert_eq!((page.screen(), page.state.notice), ("renew_new", Some(Notice::OldCardAgain)));
    page.show_card(Purpose::RenewNew, both_shown());
    page.act(Action::Renew);
    assert_eq!(submission(&page).as_deref(), Some("submission-2"), "other cards, another renewal");
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_submission_and_found_when_it_was_done() {
    let mut page = at_confirm();
    page.act(Action::Renew);
    page.act(Action::Renewed(Err(Trouble::Unreachable)));
    page.act(Action::Retry);
    assert_eq!(submission(&page).as_deref(), Some("submission-1"));
    page.act(Action::Renewed(Err(ApiErrorCode::CardNotRegistered.into())));
    assert!(page.asked(|ask| matches!(ask, Ask::Session)));
    page.act(Action::SessionLoaded(Ok(renewed())));
    assert_eq!(page.screen(), "done");
}

use touroku_proto::api::ApiErrorCode;

use super::*;
use crate::bidder::{effect::Timer, state::Notice};

/// The server's answer after officers have suspended somebody.
fn turned_back() -> SessionView {
    let refused_until = Some("2026-12-31".to_owned());
    SessionView { refused: Some(ApiErrorCode::CompanySuspended), refused_until, ..session() }
}

/// At the form, filled in, when officers suspend the company.
fn stopped() -> Page {
    let mut page = Page::at_filled_form();
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Err(ApiErrorCode::CompanySuspended.into()) });
    page
}

#[test]
fn a_page_that_is_opened_says_what_happened_and_shows_what_may_still_be_done() {
    let mut page = Page::open(Route::Agencies, Some(turned_back()));
    assert_eq!((page.screen(), page.error()), ("select", Some("company_suspended")));
    assert!(page.state.profiles.contains_key("city"), "whom to call");
    let banner = page.state.banner.as_ref().unwrap();
    assert_eq!(
        crate::texts::addition(&banner.trouble).as_deref(),
        Some("停止の期間は、2026年12月31日までです。")
    );
    page.visit(client());
    assert_eq!((page.screen(), page.error()), ("client", None));
    for route in [Route::Form, Route::Bid, Route::Done] {
        let page = Page::open(route, Some(turned_back()));
        assert_eq!((page.screen(), page.error()), ("menu", Some("company_suspended")));
    }
}

#[test]
fn another_companys_card_goes_on_at_once() {
    let mut page = Page::open(Route::Form, Some(turned_back()));
    page.show_card(Purpose::Register, with_card(Purpose::Register));
    assert_eq!((page.screen(), page.error()), ("search", None));
}

#[test]
fn who_is_stopped_in_the_middle_keeps_the_form_and_goes_on_with_it_when_the_suspension_is_lifted() {
    let mut page = stopped();
    assert_eq!((page.screen(), page.error()), ("form", Some("company_suspended")));
    page.act(Action::Typed(FieldId::CardContactName, "経理部".into()));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    assert_eq!(page.saving(), None, "it would be refused again");

    page.act(Action::ShowCard(Purpose::Register));
    page.act(Action::SessionStarted(Ok(session())));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    page.act(Action::CardWindowOpened { attempt });
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Err(ApiErrorCode::CompanySuspended.into()) });
    assert_eq!((page.screen(), page.error()), ("form", Some("company_suspended")));
    assert!(page.state.lost);

    page.show_card(Purpose::Register, with_company());
    assert_eq!((page.screen(), page.state.notice), ("form", Some(Notice::Resumed)));
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "経理部");
    assert!(page.saving().is_some());
}

#[test]
fn a_session_that_is_asked_for_in_the_middle_takes_nothing_away_either() {
    let mut page = Page::at_filled_form();
    page.act(Action::SessionLoaded(Ok(turned_back())));
    assert_eq!((page.screen(), page.error()), ("form", Some("company_suspended")));
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
}

use touroku_proto::api::ApiErrorCode;

use super::*;
use crate::bidder::{effect::Timer, state::Notice, trouble::Trouble};

fn missing<T>() -> Result<T, Trouble> {
    Err(ApiErrorCode::SessionMissing.into())
}

/// At the form, filled in, when the session turns out to have ended.
fn lost() -> Page {
    let mut page = Page::at_filled_form();
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: missing() });
    page
}

#[test]
fn a_lost_session_is_explained_and_the_form_stays() {
    let mut page = lost();
    assert_eq!((page.screen(), page.error()), ("form", Some("session_missing")));
    assert!(page.state.lost);
    page.act(Action::Typed(FieldId::CardContactName, "経理部".into()));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    assert_eq!(page.saving(), None, "nothing is sent into the void");
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "経理部");
}

#[test]
fn the_card_brings_the_form_back_with_everything_that_was_typed() {
    let mut page = lost();
    page.act(Action::Typed(FieldId::CardContactName, "経理部".into()));
    // The server has an older draft.
    let draft = Some(values(&[(FieldId::CardContactName, "営業部")]));
    page.show_card(Purpose::Register, SessionView { draft, ..with_company() });
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.notice, Some(Notice::Resumed));
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "経理部");
    assert!(page.saving().is_some(), "what the server missed is sent at once");
    assert!(!page.state.lost);
}

#[test]
fn a_company_that_must_be_searched_again_is_filled_in_and_the_form_comes_back() {
    let mut page = lost();
    page.show_card(Purpose::Register, with_card(Purpose::Register));
    assert_eq!((page.screen(), page.state.notice), ("search", Some(Notice::SearchAgain)));
    assert_eq!(page.state.search.text(SearchField::Number), "990000001");
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(with_company())));
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
}

#[test]
fn another_card_does_not_see_what_was_typed() {
    let mut page = lost();
    let mut other = with_company();
    other.card.as_mut().unwrap().values.set(FieldId::CertificateSerial, "122");
    page.show_card(Purpose::Register, other);
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "");
    assert_eq!(page.state.search.text(SearchField::Number), "");
}

#[test]
fn a_session_that_another_tab_began_anew_is_brought_back_like_a_lost_one() {
    let mut page = Page::at_filled_form();
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Err(ApiErrorCode::CardNotPresented.into()) });
    assert_eq!((page.screen(), page.error()), ("form", Some("card_not_presented")));
    page.show_card(Purpose::Register, with_company());
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
}

#[test]
fn giving_up_the_card_leaves_the_form_as_it_was() {
    let mut page = lost();
    page.act(Action::ShowCard(Purpose::Register));
    page.act(Action::CancelCard);
    assert_eq!((page.screen(), page.error()), ("form", Some("cancelled")));
    assert!(page.state.lost);
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
}

#[test]
fn the_way_back_is_offered_on_every_screen_until_it_is_taken() {
    let mut page = lost();
    page.visit(Route::Search);
    assert_eq!(page.error(), Some("session_missing"));
    page.visit(Route::Form);
    assert_eq!(page.error(), Some("session_missing"));
}

#[test]
fn a_session_lost_at_the_confirmation_comes_back_there() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(missing()));
    assert_eq!((page.screen(), page.error()), ("confirm", Some("session_missing")));
    let draft = Some(values(&filled()));
    page.show_card(Purpose::Register, SessionView { draft, ..with_company() });
    assert_eq!(page.screen(), "confirm");
    page.act(Action::Register);
    assert_eq!(page.sent_registration().unwrap().submission, "submission-1");
}

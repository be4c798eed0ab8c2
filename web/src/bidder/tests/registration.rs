use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    field::{FieldError, Problem},
};

use super::*;
use crate::bidder::{effect::Focus, trouble::Trouble};

#[test]
fn a_double_press_registers_once() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    assert!(page.sent_registration().is_some());
    page.act(Action::Register);
    assert!(page.sent_registration().is_none());
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_submission() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(Trouble::Unreachable)));
    assert_eq!((page.screen(), page.error()), ("confirm", Some("unreachable")));
    page.act(Action::Retry);
    assert_eq!(page.sent_registration().unwrap().submission, "submission-1");
}

#[test]
fn what_was_changed_after_the_confirmation_is_another_submission() {
    let mut page = Page::at_confirm();
    page.act(Action::Back);
    page.act(Action::Typed(FieldId::CardContactName, "経理部".into()));
    page.act(Action::Confirm);
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    page.act(Action::Register);
    let sent = page.sent_registration().unwrap();
    assert_eq!(sent.submission, "submission-2");
    assert_eq!(sent.values.text(FieldId::CardContactName), "経理部");
}

#[test]
fn a_section_of_the_confirmation_leads_back_to_its_first_field() {
    let mut page = Page::at_confirm();
    page.act(Action::FindField("card_contact_name"));
    assert_eq!(page.screen(), "form");
    assert!(page.effects.contains(&Effect::Focus(Focus::Field("card_contact_name"))));
    page.act(Action::Confirm);
    assert_eq!(page.screen(), "confirm");
    assert!(page.effects.contains(&Effect::Focus(Focus::Heading)));
}

#[test]
fn only_what_was_entered_is_sent() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    let sent = page.sent_registration().unwrap();
    assert_eq!(sent.values.text(FieldId::CompanyName), "");
    assert_eq!(sent.values.text(FieldId::CertificateSerial), "");
    assert_eq!(sent.values.text(FieldId::RepresentativeContactEmailAgain), "a@example.jp");
}

#[test]
fn the_servers_word_on_a_field_leads_back_to_that_field() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    let mut error = ApiError::new(ApiErrorCode::FieldsInvalid);
    let problem = Problem::TooLong { max: 60, actual: 75 };
    error.fields = vec![FieldError { field: FieldId::CardContactName, problem: problem.clone() }];
    page.act(Action::Registered(Err(Trouble::Api(error))));
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.problems.get(&FieldId::CardContactName), Some(&problem));
    assert!(page.effects.contains(&Effect::Focus(Focus::Summary)));
}

#[test]
fn a_registration_that_had_gone_through_is_found_again() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(ApiErrorCode::CardAlreadyRegistered.into())));
    assert!(page.asked(|ask| matches!(ask, Ask::Session)));
    page.act(Action::SessionLoaded(Ok(completed())));
    assert_eq!(page.screen(), "done");
}

#[test]
fn a_company_that_registered_meanwhile_shows_its_rows_anew_and_keeps_the_cards() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(ApiErrorCode::Stale.into())));
    assert_eq!((page.screen(), page.error()), ("form", Some("stale")));
    assert!(page.asked(|ask| matches!(ask, Ask::Session)));
    let mut view = with_company();
    let company = view.company.as_mut().unwrap();
    company.occasion = Occasion::SecondCard;
    company.values.set(FieldId::RepresentativeContactName, "本社");
    page.act(Action::SessionLoaded(Ok(view)));
    assert_eq!(page.state.form.values.text(FieldId::RepresentativeContactName), "本社");
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
    page.act(Action::Confirm);
    if let Some(revision) = page.saving() {
        page.act(Action::DraftSaved { revision, answer: Ok(()) });
    }
    page.act(Action::Register);
    assert_eq!(page.sent_registration().unwrap().submission, "submission-2");
}

#[test]
fn a_completed_registration_cannot_be_walked_back_into() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Ok(completed())));
    for route in [Route::Confirm, Route::Form, Route::Search] {
        page.visit(route);
        assert_eq!(page.screen(), "done");
    }
}

#[test]
fn another_card_after_a_completed_registration_begins_a_session_of_its_own() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Ok(completed())));
    page.visit(Route::Menu);
    page.act(Action::ShowCard(Purpose::Register));
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(_))));
}

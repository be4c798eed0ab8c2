use touroku_proto::field::Problem;

use super::*;
use crate::bidder::{
    effect::{Focus, Timer},
    trouble::Trouble,
};

#[test]
fn a_mistyped_mail_address_gets_a_hint_and_stays_as_it_is_unless_one_wants() {
    let mut page = Page::at_form();
    page.act(Action::Typed(FieldId::CardContactEmail, "a@gmial.com".into()));
    assert_eq!(page.state.form.typo, None, "nobody is disturbed while typing");
    page.act(Action::Left(FieldId::CardContactEmail));
    assert_eq!(page.state.form.problems.get(&FieldId::CardContactEmail), None);
    assert_eq!(page.state.form.typo, Some((FieldId::CardContactEmail, "a@gmail.com".into())));
    page.act(Action::Convert(FieldId::CardContactEmail));
    assert_eq!(page.state.form.values.text(FieldId::CardContactEmail), "a@gmail.com");
    assert_eq!(page.state.form.typo, None);
}

#[test]
fn an_error_follows_the_value_and_goes_with_it() {
    let mut page = Page::at_form();
    let problem = |page: &Page| page.state.form.problems.get(&FieldId::CardContactEmail).cloned();
    page.act(Action::Typed(FieldId::CardContactEmail, "a@example,jp".into()));
    page.act(Action::Left(FieldId::CardContactEmail));
    assert_eq!(problem(&page), Some(Problem::NotEmail));
    page.act(Action::Typed(FieldId::CardContactEmail, "ａ@example.jp".into()));
    assert_eq!(problem(&page), Some(Problem::NotHalfWidth), "not what stood there before");
    page.act(Action::Typed(FieldId::CardContactEmail, String::new()));
    assert_eq!(problem(&page), None, "an emptied field is no mistake yet");
}

#[test]
fn nothing_is_wrong_while_typing_and_a_mistake_shows_when_the_field_is_left() {
    let mut page = Page::at_form();
    let phone = FieldId::RepresentativeContactPhone;
    page.act(Action::Typed(phone, "03".into()));
    assert!(page.state.form.problems.is_empty());
    page.act(Action::Left(phone));
    assert_eq!(page.state.form.problems.get(&phone), Some(&Problem::NotPhone));
    page.act(Action::Typed(phone, "03-0000-0000".into()));
    assert!(page.state.form.problems.is_empty(), "a solved problem goes at once");
}

#[test]
fn passing_through_an_empty_field_is_no_mistake_until_the_confirmation_is_asked_for() {
    let mut page = Page::at_form();
    page.act(Action::Left(FieldId::CardContactName));
    assert!(page.state.form.problems.is_empty());
    page.act(Action::Confirm);
    assert_eq!(page.state.form.problems.get(&FieldId::CardContactName), Some(&Problem::Required));
    assert!(page.effects.contains(&Effect::Focus(Focus::Summary)));
    assert_eq!(page.screen(), "form");
}

#[test]
fn a_repetition_is_looked_at_again_when_its_original_changes() {
    let mut page = Page::at_filled_form();
    page.act(Action::Typed(FieldId::RepresentativeContactEmail, "c@example.jp".into()));
    page.act(Action::Left(FieldId::RepresentativeContactEmail));
    assert_eq!(
        page.state.form.problems.get(&FieldId::RepresentativeContactEmailAgain),
        Some(&Problem::NotEqual)
    );
}

#[test]
fn another_width_is_converted_only_when_asked() {
    let mut page = Page::at_form();
    let phone = FieldId::RepresentativeContactPhone;
    page.act(Action::Typed(phone, "０３－００００－００００".into()));
    page.act(Action::Left(phone));
    assert_eq!(page.state.form.problems.get(&phone), Some(&Problem::NotHalfWidth));
    assert_eq!(page.state.form.values.text(phone), "０３－００００－００００");
    page.act(Action::Convert(phone));
    assert_eq!(page.state.form.values.text(phone), "03-0000-0000");
    assert!(page.state.form.problems.is_empty());
}

#[test]
fn the_same_contact_is_copied_by_a_button() {
    let mut page = Page::at_filled_form();
    page.act(Action::CopyContacts);
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "総務部");
    assert_eq!(page.state.form.values.text(FieldId::CardContactEmail), "a@example.jp");
}

#[test]
fn a_draft_is_sent_when_typing_pauses_and_again_if_more_was_typed_meanwhile() {
    let mut page = Page::at_form();
    let name = FieldId::CardContactName;
    page.act(Action::Typed(name, "営".into()));
    assert!(page.effects.contains(&Effect::Wait { timer: Timer::Draft, milliseconds: 800 }));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::Typed(name, "営業".into()));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    assert_eq!(page.saving(), None, "one request at a time");
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    assert_eq!(page.saving(), Some(revision + 1));
}

#[test]
fn typing_goes_on_while_the_server_is_away_and_is_saved_when_it_is_back() {
    let mut page = Page::at_form();
    page.act(Action::Typed(FieldId::CardContactName, "営業部".into()));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Err(Trouble::Unreachable) });
    assert_eq!(page.state.form.failures, 1);
    assert_eq!(page.error(), None, "a person who types is not interrupted");
    assert!(page.effects.contains(&Effect::Wait { timer: Timer::Draft, milliseconds: 5_000 }));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    assert_eq!(page.state.form.failures, 0);
    assert!(!page.state.form.is_dirty());
}

#[test]
fn a_draft_that_will_never_be_kept_is_said_at_once() {
    let mut page = Page::at_filled_form();
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    let too_large = touroku_proto::api::ApiErrorCode::PayloadTooLarge;
    page.act(Action::DraftSaved { revision, answer: Err(too_large.into()) });
    assert_eq!(page.error(), Some("payload_too_large"));
    assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::Wait { .. })));
}

#[test]
fn a_tab_that_goes_away_saves_what_was_typed_last() {
    let mut page = Page::at_form();
    page.act(Action::Typed(FieldId::CardContactName, "営業部".into()));
    page.act(Action::Hidden);
    assert!(page.saving().is_some());
}

#[test]
fn the_confirmation_is_not_shown_before_the_draft_is_safe() {
    let mut page = Page::at_filled_form();
    page.act(Action::Confirm);
    let revision = page.saving().unwrap();
    page.act(Action::Confirm);
    assert!(page.effects.is_empty(), "a second press waits with the first");
    page.act(Action::DraftSaved { revision, answer: Err(Trouble::Unreachable) });
    assert_eq!((page.screen(), page.error()), ("form", Some("unreachable")));
    page.act(Action::Retry);
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    assert_eq!(page.screen(), "confirm");
}

#[test]
fn search_mistakes_are_listed_and_the_servers_refusal_points_at_its_field() {
    let mut page = Page::at_search();
    page.act(Action::Search);
    assert_eq!(page.state.search.problems.len(), 2);
    assert!(page.effects.contains(&Effect::Focus(Focus::Summary)));

    // A short number is padded with zeros, as the profile says, and a name in another width is none the less the name.
    page.act(Action::SearchTyped(SearchField::Number, "5021".into()));
    page.act(Action::SearchTyped(SearchField::Name, "北東建設(株)".into()));
    page.act(Action::Search);
    assert!(page.asked(|ask| matches!(ask, Ask::Search(search) if search.number == "000005021")));
    page.act(Action::Search);
    assert!(page.effects.is_empty(), "a second press waits with the first");

    let mismatch = touroku_proto::api::ApiErrorCode::NameMismatch;
    page.act(Action::SearchAnswered(Err(mismatch.into())));
    assert_eq!((page.screen(), page.error()), ("search", Some("name_mismatch")));
    assert_eq!(page.state.search.accused, Some(SearchField::Name));
    assert_eq!(page.state.search.text(SearchField::Number), "5021", "nothing typed is lost");
}

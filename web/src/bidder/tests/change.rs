use touroku_proto::{
    api::ApiErrorCode,
    field::{FieldError, Problem},
};

use super::*;
use crate::bidder::{
    form::Overtaken,
    state::Notice,
    trouble::{Retry, Trouble},
};

const NAME: FieldId = FieldId::RepresentativeContactName;
const PERSON: FieldId = FieldId::CardContactName;

/// The card logged in for 変更: the company as registered.
fn registered() -> SessionView {
    let mut values = with_company().company.unwrap().values;
    for (field, text) in filled() {
        if !field.is_repetition() {
            values.set(field, text);
        }
    }
    let company = Some(CompanyView { values, occasion: Occasion::Change, revision: 7 });
    SessionView { company, ..with_card(Purpose::Change) }
}

/// Like [`registered`], after somebody else changed a row.
fn overtaken(field: FieldId, text: &str) -> SessionView {
    let mut view = registered();
    let company = view.company.as_mut().unwrap();
    company.values.set(field, text);
    company.revision = 8;
    view
}

fn changed() -> SessionView {
    let mut view = SessionView { company: registered().company, ..completed() };
    view.purpose = Some(Purpose::Change);
    view.completed.as_mut().unwrap().function = Function::Change;
    view
}

fn at_form() -> Page {
    let mut page = Page::at_menu();
    page.show_card(Purpose::Change, registered());
    page
}

fn at_confirm() -> Page {
    let mut page = at_form();
    page.act(Action::Typed(PERSON, "経理部".into()));
    confirm(&mut page);
    page
}

fn confirm(page: &mut Page) {
    page.act(Action::Confirm);
    if let Some(revision) = page.saving() {
        page.act(Action::DraftSaved { revision, answer: Ok(()) });
    }
}

#[test]
fn a_contractor_changes_a_contact_from_the_menu_to_the_print() {
    let mut page = at_form();
    assert_eq!((page.screen(), page.state.function()), ("form", Function::Change));
    assert_eq!(page.state.form.values.text(PERSON), "営業部");
    page.act(Action::Typed(PERSON, "経理部".into()));
    confirm(&mut page);
    assert_eq!(page.screen(), "confirm");
    assert!(page.state.form.differs(PERSON) && !page.state.form.differs(NAME));
    page.act(Action::Change);
    let sent = page.sent_change().unwrap();
    assert_eq!((sent.revision, sent.submission.as_str()), (7, "submission-1"));
    assert_eq!(sent.values.text(PERSON), "経理部");
    assert_eq!(sent.values.text(NAME), "総務部", "rows that stay are sent too");
    page.act(Action::Change);
    assert!(page.sent_change().is_none(), "a double press changes once");
    page.act(Action::Changed(Ok(changed())));
    assert_eq!((page.screen(), page.state.function()), ("done", Function::Change));
    page.act(Action::Follow(Route::Print));
    assert_eq!(page.screen(), "print");
}

#[test]
fn an_address_that_stays_need_not_be_repeated_and_one_that_changes_must() {
    let mut page = at_form();
    page.act(Action::Typed(PERSON, "経理部".into()));
    confirm(&mut page);
    assert_eq!(page.screen(), "confirm");
    page.act(Action::Back);
    page.act(Action::Typed(FieldId::RepresentativeContactEmail, "c@example.jp".into()));
    confirm(&mut page);
    assert_eq!(page.screen(), "form");
    assert_eq!(
        page.state.form.problems.get(&FieldId::RepresentativeContactEmailAgain),
        Some(&Problem::NotEqual)
    );
}

#[test]
fn a_change_of_nothing_is_not_sent() {
    let mut page = at_form();
    page.act(Action::Typed(PERSON, "営業部 ".into()));
    confirm(&mut page);
    assert_eq!(page.screen(), "confirm");
    page.act(Action::Change);
    assert!(page.effects.is_empty());
    page.act(Action::Back);
    assert_eq!(page.screen(), "form");
}

#[test]
fn a_row_that_somebody_else_changed_is_told_and_what_was_typed_stays() {
    let mut page = at_confirm();
    page.act(Action::Change);
    page.act(Action::Changed(Err(ApiErrorCode::Stale.into())));
    assert_eq!((page.screen(), page.error()), ("form", Some("stale")));
    assert!(page.asked(|ask| matches!(ask, Ask::Session)));
    page.act(Action::SessionLoaded(Ok(overtaken(NAME, "本社"))));
    let theirs = |field, before: &str, theirs: &str, typed| Overtaken {
        field,
        before: before.into(),
        theirs: theirs.into(),
        typed,
    };
    assert_eq!(page.state.form.overtaken, [theirs(NAME, "総務部", "本社", false)]);
    assert_eq!(page.state.form.values.text(NAME), "本社", "their change is not undone");
    assert_eq!(page.state.form.values.text(PERSON), "経理部");
    confirm(&mut page);
    page.act(Action::Change);
    let sent = page.sent_change().unwrap();
    assert_eq!((sent.revision, sent.submission.as_str()), (8, "submission-2"));
    assert_eq!((sent.values.text(NAME), sent.values.text(PERSON)), ("本社", "経理部"));

    // The same row changed by both: the person sees both and decides.
    let mut page = at_confirm();
    page.act(Action::Change);
    page.act(Action::Changed(Err(ApiErrorCode::Stale.into())));
    page.act(Action::SessionLoaded(Ok(overtaken(PERSON, "購買部"))));
    assert_eq!(page.state.form.overtaken, [theirs(PERSON, "営業部", "購買部", true)]);
    assert_eq!(page.state.form.values.text(PERSON), "経理部");
    assert_eq!(page.state.form.base.text(PERSON), "購買部");
}

#[test]
fn a_draft_holds_only_what_differs_and_undoes_nobody_elses_change() {
    let mut page = at_form();
    page.act(Action::Typed(PERSON, "経理部".into()));
    page.act(Action::Hidden);
    let draft = page
        .effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Ask(Ask::SaveDraft { draft, .. }) => Some(draft.values.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(draft, values(&[(PERSON, "経理部")]));
    let view = SessionView { draft: Some(draft), ..overtaken(NAME, "本社") };
    let page = Page::open(Route::Form, Some(view));
    assert_eq!(page.state.form.values.text(NAME), "本社");
    assert_eq!(page.state.form.values.text(PERSON), "経理部");
    assert_eq!(page.state.notice, Some(Notice::Restored));
}

#[test]
fn a_reload_at_any_step_continues_from_the_session() {
    let draft = Some(values(&[(PERSON, "経理部")]));
    let drafted = || SessionView { draft: draft.clone(), ..registered() };
    for (route, view, screen) in [
        (Route::Form, drafted(), "form"),
        (Route::Confirm, drafted(), "confirm"),
        (Route::Search, drafted(), "form"),
        (Route::Done, changed(), "done"),
        (Route::Print, changed(), "print"),
    ] {
        assert_eq!(Page::open(route, Some(view)).screen(), screen);
    }
    let mut page = Page::open(Route::Confirm, Some(drafted()));
    page.act(Action::Change);
    assert_eq!(page.sent_change().unwrap().values.text(PERSON), "経理部");
}

#[test]
fn a_lost_session_is_brought_back_at_the_confirmation() {
    let mut page = at_confirm();
    page.act(Action::Change);
    page.act(Action::Changed(Err(ApiErrorCode::SessionMissing.into())));
    assert_eq!((page.screen(), page.error()), ("confirm", Some("session_missing")));
    page.show_card(Purpose::Change, registered());
    assert_eq!(page.screen(), "confirm");
    page.act(Action::Change);
    assert_eq!(page.sent_change().unwrap().submission, "submission-1");
}

#[test]
fn a_lost_answer_is_asked_for_again_and_a_field_at_fault_is_shown() {
    let mut page = at_confirm();
    page.act(Action::Change);
    page.act(Action::Changed(Err(Trouble::Unreachable)));
    assert_eq!(page.state.banner.as_ref().unwrap().retry, Some(Retry::Change));
    page.act(Action::Retry);
    assert_eq!(page.sent_change().unwrap().submission, "submission-1");
    let mut error = touroku_proto::api::ApiError::new(ApiErrorCode::FieldsInvalid);
    error.fields = vec![FieldError { field: PERSON, problem: Problem::HalfWidthKatakana }];
    page.act(Action::Changed(Err(Trouble::Api(error))));
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.problems.get(&PERSON), Some(&Problem::HalfWidthKatakana));
}

#[test]
fn back_from_the_form_leads_to_the_menu_and_registering_is_not_possible_there() {
    let mut page = at_confirm();
    page.act(Action::Register);
    assert!(page.effects.is_empty());
    page.act(Action::Back);
    page.act(Action::Back);
    assert_eq!(page.screen(), "menu");
}

#[test]
fn a_form_of_another_function_takes_nothing_over_and_saves_nothing() {
    // Typed for 登録 here, while the same card was registered in another tab.
    let mut page = Page::at_filled_form();
    page.act(Action::Typed(PERSON, "経理部".into()));
    page.visit(Route::Menu);
    page.show_card(Purpose::Change, registered());
    assert_eq!(page.state.form.values.text(PERSON), "営業部");
    assert!(page.state.form.overtaken.is_empty());

    let mut page = at_form();
    page.act(Action::Typed(PERSON, "経理部".into()));
    page.visit(Route::RenewOld);
    page.show_card(Purpose::RenewOld, SessionView { purpose: Some(Purpose::RenewOld), ..registered() });
    page.act(Action::Hidden);
    assert_eq!(page.saving(), None);
}

#[test]
fn a_card_that_was_replaced_meanwhile_leads_back_to_the_menu() {
    let mut page = at_confirm();
    page.act(Action::Change);
    page.act(Action::Changed(Err(ApiErrorCode::Stale.into())));
    page.act(Action::SessionLoaded(Ok(session())));
    assert_eq!(page.screen(), "menu");
}

//! 名簿: one company by hand.

use serde_json::json;

use super::*;
use crate::officer::state::Notice;

fn form(address: &str, revision: &str) -> Value {
    json!({"number": "001", "kept": false, "revision": revision, "fields": [
        {"name": "業者番号", "value": "001", "required": true, "secret": false},
        {"name": "住所", "value": address, "required": false, "secret": false},
        {"name": "電話番号", "value": "", "required": false, "secret": false},
    ]})
}

fn is_form(ask: &Ask) -> bool {
    matches!(ask, Ask::RosterForm(_))
}

fn is_save(ask: &Ask) -> bool {
    matches!(ask, Ask::SaveRow(_))
}

#[test]
fn what_was_typed_stays_when_another_officer_was_faster_and_it_is_said_what_that_one_changed() {
    let mut page = Page::signed_in("/roster/001", Role::Review);
    page.answer(is_form, form("旧町１", "a"));
    page.act(Action::TypedRow("電話番号".to_owned(), "017-000-0009".to_owned()));
    page.act(Action::Submit);
    page.refuse(is_save, ApiErrorCode::Stale);
    page.answer(is_form, form("新町２", "b"));
    let row = &page.state.row;
    assert_eq!(["住所", "電話番号"].map(|name| &**row.values.get(name).unwrap()), ["新町２", "017-000-0009"]);
    assert_eq!(row.others, ["住所"]);
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::SaveRow(save) if save.revision == "b")));
    page.answer(is_save, json!({"number": "001", "saved": true, "wrong": [], "doubts": []}));
    assert_eq!(page.state.notice, Some(Notice::RowSaved));
}

#[test]
fn a_mistake_stands_at_its_field_until_it_is_corrected_and_a_doubt_is_confirmed() {
    let mut page = Page::signed_in("/roster/001", Role::Review);
    page.answer(is_form, form("旧町１", "a"));
    let cell = |reason: &str| json!({"column": 2, "title": "住所", "reason": reason});
    page.act(Action::Submit);
    page.answer(
        is_save,
        json!({"number": "001", "saved": false, "wrong": [cell("長すぎます")], "doubts": []}),
    );
    assert_eq!(page.state.row.wrong.len(), 1);
    page.act(Action::TypedRow("住所".to_owned(), "町".to_owned()));
    assert!(page.state.row.wrong.is_empty());
    page.act(Action::Submit);
    page.answer(is_save, json!({"number": "001", "saved": false, "wrong": [], "doubts": [cell("文字")]}));
    page.act(Action::SaveRow);
    assert!(page.asked(|ask| matches!(ask, Ask::SaveRow(save) if save.confirmed)));
}

#[test]
fn a_late_answer_about_one_company_does_not_touch_anothers_form() {
    let mut page = Page::signed_in("/roster/001", Role::Review);
    page.answer(is_form, form("旧町１", "a"));
    page.act(Action::Submit);
    page.visit("/roster/002");
    page.answer(is_save, json!({"number": "001", "saved": true, "wrong": [], "doubts": []}));
    assert!(page.state.route == Some(Route::recognize("/roster/002")));
}

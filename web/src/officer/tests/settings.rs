//! 機関設定.

use serde_json::json;

use super::*;
use crate::officer::state::Notice;

fn in_force(text: &str, hash: &str) -> Value {
    json!({"text": text, "hash": hash, "profile": profile(), "writable": true})
}

fn sound() -> Value {
    json!({"mistakes": [], "profile": profile()})
}

fn is_check(ask: &Ask) -> bool {
    matches!(ask, Ask::CheckProfile(_))
}

fn is_take(ask: &Ask) -> bool {
    matches!(ask, Ask::TakeProfile(_))
}

fn opened() -> Page {
    let mut page = Page::signed_in("/settings", Role::Manage);
    page.answer(|ask| *ask == Ask::InForce, in_force("old", "h1"));
    page
}

#[test]
fn only_what_was_checked_and_is_sound_comes_into_force() {
    let mut page = opened();
    assert_eq!(page.state.text(Input::Profile), "old");
    page.type_in(Input::Profile, "new");
    page.act(Action::Submit);
    page.answer(
        is_check,
        json!({"mistakes": [{"line": 3, "column": 5, "message": "未知の項目"}], "profile": null}),
    );
    assert!(!page.state.may_take_profile());
    page.act(Action::FindMistake { line: 3, column: 5 });
    assert!(page.effects.contains(&Effect::Select { line: 3, column: 5 }));
    page.type_in(Input::Profile, "newer");
    page.act(Action::Submit);
    page.answer(is_check, sound());
    assert!(page.state.may_take_profile());
    page.type_in(Input::Profile, "newest");
    assert!(!page.state.may_take_profile());
    page.type_in(Input::Profile, "newer");
    page.confirm(Dialog::TakeProfile);
    assert!(
        page.asked(|ask| matches!(ask, Ask::TakeProfile(new) if new.text == "newer" && new.base == "h1"))
    );
    page.answer(is_take, in_force("newer", "h2"));
    assert_eq!(page.state.notice, Some(Notice::ProfileTaken));
    assert!(!page.state.may_take_profile());
}

#[test]
fn the_text_in_force_is_not_taken_once_more() {
    let mut page = opened();
    page.act(Action::Submit);
    page.answer(is_check, sound());
    assert!(!page.state.may_take_profile());
}

#[test]
fn what_one_wrote_stays_when_somebody_else_was_faster_and_goes_only_by_a_word() {
    let mut page = opened();
    page.type_in(Input::Profile, "mine");
    page.act(Action::Submit);
    page.answer(is_check, sound());
    page.confirm(Dialog::TakeProfile);
    page.refuse(is_take, ApiErrorCode::Stale);
    assert!(page.state.profile_was_stale());
    assert_eq!(page.state.text(Input::Profile), "mine");
    page.act(Action::ReloadProfile);
    page.answer(|ask| *ask == Ask::InForce, in_force("theirs", "h2"));
    assert_eq!(page.state.text(Input::Profile), "theirs");
}

#[test]
fn a_text_goes_with_one_to_the_preview_and_back() {
    let mut page = opened();
    page.type_in(Input::Profile, "mine");
    page.visit("/settings/preview");
    page.answer(|ask| *ask == Ask::InForce, in_force("old", "h1"));
    page.visit("/settings");
    page.answer(|ask| *ask == Ask::InForce, in_force("old", "h1"));
    assert_eq!(page.state.text(Input::Profile), "mine");
}

#[test]
fn what_changes_who_is_believed_waits_for_another_administrator() {
    let mut page = opened();
    page.type_in(Input::Profile, "new");
    page.act(Action::Submit);
    page.answer(is_check, sound());
    page.confirm(Dialog::TakeProfile);
    let mut waiting = in_force("old", "h1");
    waiting["proposal"] = json!({"hash": "p1", "officer": "yamada", "at_unix_ms": 0, "confirm": "now", "changes":
        [{"key": "uncheckable", "sensitive": true, "before": null, "after": "accept"}]});
    page.answer(is_take, waiting);
    assert_eq!(page.state.notice, Some(Notice::ProfileProposed));
    assert_eq!(page.state.text(Input::Profile), "new", "what was written stays");

    page.confirm(Dialog::ConfirmProfile);
    let confirms = |ask: &Ask| matches!(ask, Ask::ConfirmProfile(body) if body.hash == "p1");
    assert!(page.asked(confirms));
    page.answer(confirms, in_force("new", "p1"));
    assert_eq!(page.state.notice, Some(Notice::ProfileTaken));
}

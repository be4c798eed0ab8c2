//! 機関設定.

use serde_json::json;

use super::*;
use crate::officer::{action::ClientAct, ask::ClientCall, state::Notice};

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
fn what_is_written_while_the_rest_comes_into_force_stays() {
    let mut page = opened();
    page.type_in(Input::Profile, "new");
    page.act(Action::Submit);
    page.answer(is_check, sound());
    page.confirm(Dialog::TakeProfile);
    page.type_in(Input::Profile, "newer");
    page.answer(is_take, in_force("new", "h2"));
    assert_eq!(page.state.text(Input::Profile), "newer");
}

#[test]
fn an_earlier_version_comes_into_the_field_and_is_checked() {
    let mut page = opened();
    page.act(Action::BringBack(3));
    page.answer(|ask| *ask == Ask::ProfileVersion(3), json!({"text": "older"}));
    assert_eq!(page.state.text(Input::Profile), "older");
    assert!(
        page.asked(|ask| matches!(ask, Ask::CheckProfile(new) if new.text == "older" && new.base == "h1"))
    );
    page.answer(is_check, sound());
    assert!(page.state.may_take_profile());
}

#[test]
fn versions_before_those_that_are_shown_follow_them() {
    let version = |id: i64| json!({"id": id, "at_unix_ms": 0, "officer": "", "changes": []});
    let mut page = Page::signed_in("/settings", Role::Manage);
    let mut latest = in_force("old", "h1");
    latest["versions"] = json!([version(41), version(40)]);
    latest["earlier"] = json!(40);
    page.answer(|ask| *ask == Ask::InForce, latest);
    page.act(Action::More);
    let earlier = json!({"versions": [version(7)], "next": null});
    page.answer(|ask| *ask == Ask::EarlierProfiles(40), earlier);
    let in_force = page.state.settings.in_force.as_ref().unwrap();
    assert_eq!(in_force.versions.iter().map(|version| version.id).collect::<Vec<_>>(), [41, 40, 7]);
    page.act(Action::More);
    assert!(page.effects.is_empty(), "that was the first");
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

#[test]
fn a_systems_secret_is_shown_until_the_screen_is_left_and_a_lost_answer_makes_no_second_one() {
    let client =
        json!({"code": "a", "name": "名", "text": "code = \"a\"", "secrets": 1, "keys": 0, "webhook": null});
    let all = |more: Value| {
        let mut view = json!({"issuer": "i", "writable": true, "waits": false, "clients": [client.clone()]});
        for (key, value) in more.as_object().unwrap() {
            view[key] = value.clone();
        }
        view
    };
    let is_call = |ask: &Ask| matches!(ask, Ask::Clients(_));
    let mut page = Page::signed_in("/settings/clients", Role::Manage);
    page.answer(is_call, all(json!({})));
    page.act(Action::Submit);
    assert!(page.state.faults.contains_key(&Input::Client), "nothing was pasted");
    page.act(Action::OfClient(ClientAct::Edit, "a".to_owned()));
    assert_eq!(page.state.text(Input::Client), "code = \"a\"");
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::Clients(ClientCall::Save(new)) if new.replaces == "a")));
    page.answer(is_call, all(json!({"mistakes": [{"line": 1, "column": 1, "message": "違い"}]})));
    assert_eq!(page.state.text(Input::Client), "code = \"a\"", "to be corrected");
    page.act(Action::Submit);
    page.fail(is_call, Trouble::Unreachable);
    assert!(page.state.banner.as_ref().unwrap().retry.is_none());
    page.confirm(Dialog::RenewSecret("a".to_owned()));
    let secret = json!({"code": "a", "of_webhook": false, "secret": "geheim"});
    page.answer(is_call, all(json!({"secret": secret, "waits": true})));
    assert!(page.state.clients.view.as_ref().unwrap().secret.is_some());
    assert_eq!(page.state.notice, Some(Notice::ProfileProposed));
    page.act(Action::Arrived(Route::Settings));
    assert!(page.state.clients.view.is_none());
}

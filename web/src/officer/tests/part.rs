//! 機関設定 as forms.

use serde_json::json;
use touroku_proto::{
    hours::Weekday,
    officer::settings::{ChangeKeys, FORM_KEYS, KeyValue},
};

use super::*;
use crate::officer::{
    action::Tick,
    input::Fault,
    part::{Closed, Edit, Part, closed, later, weeks},
    state::Notice,
};

fn key(name: &str, value: Value, own: bool, shared: bool, beneath: Value) -> Value {
    json!({"key": name, "value": value, "own": own, "shared": shared, "beneath": beneath})
}

fn in_force(hash: &str, notice: &str) -> Value {
    let notices = json!({"word_list": [notice]});
    let none = json!({"word_list": []});
    json!({"text": "old", "hash": hash, "profile": profile(), "writable": true, "holidays": ["2026-11-23"], "forms": [
        key("notices", notices, true, true, none),
        key("reject_reasons", json!({"lines": ["甲", "乙"]}), true, false, json!({"lines": []})),
        key("hours.open", json!({"text": "08:30"}), true, false, json!({"text": ""})),
        key("hours.close", json!({"text": "20:00"}), true, false, json!({"text": ""})),
        key("hours.weekdays", json!({"week": ["mon"]}), true, false, json!({"week": []})),
        key("hours.closed_on_holidays", json!({"switch": true}), true, false, json!({"switch": false})),
        key("hours.closed", json!({"days": ["12-29..01-05"]}), true, false, json!({"days": []})),
    ]})
}

fn opened(part: &str) -> Page {
    let mut page = Page::signed_in(&format!("/settings/form/{part}"), Role::Manage);
    page.answer(|ask| *ask == Ask::InForce, in_force("h1", "休みます"));
    page
}

fn edit(page: &mut Page, key: &str, edit: Edit) {
    page.act(Action::Edit(key.to_owned(), edit));
}

fn typed(text: &str) -> Edit {
    Edit::Text(0, "", text.to_owned())
}

fn is_check(ask: &Ask) -> bool {
    matches!(ask, Ask::ChangeKeys(_))
}

/// What the last action asked to check.
fn sent(page: &Page) -> ChangeKeys {
    match page.waiting(&is_check).expect("a check") {
        Ask::ChangeKeys(change) => change,
        _ => unreachable!("it is a check"),
    }
}

fn days(page: &Page) -> Vec<String> {
    match page.state.key_value("hours.closed").unwrap() {
        KeyValue::Days(days) => days.iter().cloned().map(String::from).collect(),
        other => panic!("{other:?}"),
    }
}

fn sound(text: &str) -> Value {
    json!({"text": text, "check": {"mistakes": [], "profile": profile()}})
}

#[test]
fn only_what_was_changed_is_checked_and_only_what_was_checked_comes_into_force() {
    let mut page = opened("notices");
    assert!(!page.state.part_is_changed(Part::Notices));
    edit(&mut page, "notices", typed("開きます"));
    page.act(Action::Submit);
    let change = sent(&page);
    assert_eq!((change.base.as_str(), change.set.len(), change.unset.len()), ("h1", 1, 0));
    page.answer(is_check, sound("new"));
    assert!(page.state.may_take_profile() && page.focused("check"));
    edit(&mut page, "notices", typed("やはり"));
    assert!(!page.state.may_take_profile(), "it is another one by now");
    page.act(Action::Submit);
    page.answer(is_check, sound("newer"));
    page.confirm(Dialog::TakeProfile);
    assert!(
        page.asked(|ask| matches!(ask, Ask::TakeProfile(new) if new.text == "newer" && new.base == "h1"))
    );
    page.answer(|ask| matches!(ask, Ask::TakeProfile(_)), in_force("h2", "やはり"));
    assert_eq!(page.state.notice, Some(Notice::ProfileTaken));
    assert!(page.state.settings.changed.is_empty() && !page.state.may_take_profile());
}

#[test]
fn what_is_typed_while_the_server_checks_was_not_checked() {
    let mut page = opened("notices");
    edit(&mut page, "notices", typed("開きます"));
    page.act(Action::Submit);
    edit(&mut page, "notices", typed("開きますか"));
    page.answer(is_check, sound("new"));
    assert!(!page.state.may_take_profile());
    assert_eq!(page.state.notice, Some(Notice::ChangedMeanwhile));
    page.act(Action::Submit);
    page.answer(is_check, sound("newer"));
    assert!(page.state.may_take_profile());
}

#[test]
fn what_is_typed_while_the_rest_comes_into_force_stays() {
    let mut page = opened("hours");
    let is_take = |ask: &Ask| matches!(ask, Ask::TakeProfile(_));
    let day = |page: &mut Page, day| edit(page, "hours.closed", Edit::Day(2026, 11, day));
    edit(&mut page, "hours.open", typed("９：００"));
    day(&mut page, 26);
    page.act(Action::Submit);
    page.answer(is_check, sound("new"));
    page.confirm(Dialog::TakeProfile);
    day(&mut page, 27);
    page.answer(is_take, in_force("h2", "休みます"));
    assert_eq!(days(&page), ["12-29..01-05", "2026-11-26..2026-11-27"]);
    assert!(!page.state.is_changed("hours.open"), "that was taken");
}

#[test]
fn a_key_that_somebody_else_changed_too_is_said_to_be_so_until_it_is_taken_or_given_up() {
    let mut page = opened("notices");
    edit(&mut page, "notices", typed("開きます"));
    page.act(Action::ReloadProfile);
    page.answer(|ask| *ask == Ask::InForce, in_force("h1", "休みます"));
    assert!(!page.state.is_others_too("notices"));
    page.act(Action::ReloadProfile);
    page.answer(|ask| *ask == Ask::InForce, in_force("h2", "ほかの人の"));
    edit(&mut page, "notices", typed("開きますか"));
    assert!(page.state.is_others_too("notices"));
    page.act(Action::Submit);
    page.answer(is_check, sound("new"));
    assert_eq!(page.state.others_too(), ["notices"]);
    page.confirm(Dialog::TakeProfile);
    edit(&mut page, "notices", typed("開きますね"));
    page.answer(|ask| matches!(ask, Ask::TakeProfile(_)), in_force("h3", "開きますか"));
    assert!(page.state.is_changed("notices") && !page.state.is_others_too("notices"), "it is one's own");
    page.act(Action::ReloadProfile);
    page.answer(|ask| *ask == Ask::InForce, in_force("h4", "また"));
    page.act(Action::Revert(vec!["notices".to_owned()]));
    assert!(!page.state.is_changed("notices") && !page.state.is_others_too("notices"));
    assert!(page.focused("notices-title"));
}

#[test]
fn a_key_is_given_back_where_the_screen_has_it() {
    let mut page = opened("hours");
    for (key, place) in [
        ("hours.open", "hours.open"),
        ("hours.weekdays", "hours.weekdays"),
        ("hours.closed_on_holidays", "on_holidays"),
        ("hours.closed", "hours.closed-title"),
    ] {
        page.act(Action::Unset(vec![key.to_owned()]));
        assert!(page.focused(place), "{key}");
    }
}

#[test]
fn hours_that_the_portal_has_cannot_be_emptied() {
    let mut page = opened("hours");
    let empty = |page: &mut Page| {
        edit(page, "hours.open", typed(""));
        edit(page, "hours.close", typed(""));
    };
    empty(&mut page);
    assert!(page.state.is_never_closed());
    let mut inherited = in_force("h2", "休みます");
    inherited["forms"][2]["shared"] = json!(true);
    page.act(Action::ReloadProfile);
    page.answer(|ask| *ask == Ask::InForce, inherited);
    assert!(page.state.are_hours_empty() && !page.state.is_never_closed());
}

#[test]
fn days_that_are_typed_and_not_added_are_not_left_out_without_a_word() {
    let mut page = opened("hours");
    edit(&mut page, "hours.open", typed("09:00"));
    page.type_in(Input::ClosedUntil, "2026-12-29");
    page.act(Action::Submit);
    assert!(page.focused("closed_from") && page.waiting(&is_check).is_none());
    assert_eq!(page.state.faults.get(&Input::ClosedFrom), Some(&Fault::NotAdded));
    page.type_in(Input::ClosedUntil, "");
    assert!(page.state.faults.is_empty());
    page.act(Action::Submit);
    assert!(page.waiting(&is_check).is_some());
}

#[test]
fn what_was_changed_outlives_a_file_that_is_wrong_for_a_while() {
    let mut page = opened("notices");
    edit(&mut page, "notices", typed("開きます"));
    page.visit("/settings");
    let mut wrong = in_force("h2", "休みます");
    wrong["forms"] = json!([]);
    page.answer(|ask| *ask == Ask::InForce, wrong);
    page.visit("/settings/form/notices");
    page.answer(|ask| *ask == Ask::InForce, in_force("h3", "休みます"));
    assert_eq!(page.state.key_value("notices"), Some(&KeyValue::WordList(vec!["開きます".into()])));
}

#[test]
fn what_is_typed_back_to_what_it_was_is_no_change() {
    let mut page = opened("notices");
    edit(&mut page, "notices", typed("開きます"));
    edit(&mut page, "notices", typed("休みます"));
    assert!(page.state.settings.changed.is_empty());
}

#[test]
fn entries_are_added_moved_and_removed_and_the_focus_goes_with_them() {
    let mut page = opened("reasons");
    edit(&mut page, "reject_reasons", Edit::Add);
    assert!(page.focused("reject_reasons.2"));
    edit(&mut page, "reject_reasons", Edit::Text(2, "", "丙".to_owned()));
    edit(&mut page, "reject_reasons", Edit::Up(2));
    assert!(page.focused("reject_reasons.1-up"));
    edit(&mut page, "reject_reasons", Edit::Up(1));
    assert!(page.focused("reject_reasons.0-down"), "the first has no 上へ");
    edit(&mut page, "reject_reasons", Edit::Down(0));
    assert!(page.focused("reject_reasons.1-down"));
    edit(&mut page, "reject_reasons", Edit::Down(1));
    assert!(page.focused("reject_reasons.2-up"), "the last has no 下へ");
    edit(&mut page, "reject_reasons", Edit::Up(2));
    edit(&mut page, "reject_reasons", Edit::Remove(0));
    assert!(page.focused("reject_reasons-title"));
    let lines = KeyValue::Lines(vec!["丙".to_owned(), "乙".to_owned()]);
    assert_eq!(page.state.key_value("reject_reasons"), Some(&lines));
    edit(&mut page, "reject_reasons", Edit::Down(1));
    assert_eq!(page.state.key_value("reject_reasons"), Some(&lines), "nothing is below the last");
}

#[test]
fn a_mistake_is_said_at_its_field_until_that_field_changes() {
    let mut page = opened("reasons");
    edit(&mut page, "reject_reasons", Edit::Add);
    page.act(Action::Submit);
    let mistake = |key: &str| json!({"line": 1, "column": 1, "message": "空です", "key": key});
    let mistakes = json!([mistake("reject_reasons.2"), mistake("reject_reasons.1")]);
    page.answer(is_check, json!({"text": "x", "check": {"mistakes": mistakes, "profile": null}}));
    assert!(page.focused("summary") && !page.state.may_take_profile());
    edit(&mut page, "reject_reasons", Edit::Text(2, "", "丙".to_owned()));
    let left = &page.state.settings.check.as_ref().unwrap().mistakes;
    assert_eq!(left.iter().map(|mistake| mistake.key.as_str()).collect::<Vec<_>>(), ["reject_reasons.1"]);
    edit(&mut page, "reject_reasons", Edit::Text(1, "", "丁".to_owned()));
    assert!(page.state.settings.check.as_ref().unwrap().mistakes.is_empty());
    assert!(!page.state.may_take_profile(), "nothing is left to complain of, but it was not checked");
}

#[test]
fn what_was_changed_stays_when_somebody_was_faster_and_the_rest_follows_them() {
    let mut page = opened("hours");
    edit(&mut page, "hours.open", typed("９：００"));
    page.act(Action::Submit);
    assert_eq!(sent(&page).set.get("hours.open"), Some(&KeyValue::Text("09:00".to_owned())));
    page.refuse(is_check, ApiErrorCode::Stale);
    assert!(page.state.profile_was_stale());
    page.act(Action::ReloadProfile);
    page.answer(|ask| *ask == Ask::InForce, in_force("h2", "ほかの人の"));
    assert_eq!(page.state.key_value("hours.open"), Some(&KeyValue::Text("９：００".to_owned())));
    assert_eq!(page.state.key_value("notices"), Some(&KeyValue::WordList(vec!["ほかの人の".into()])));
    page.act(Action::Submit);
    assert_eq!(sent(&page).base, "h2");
    page.answer(is_check, sound("new"));
    assert!(page.state.may_take_profile());
    page.visit("/settings");
    page.answer(|ask| *ask == Ask::InForce, in_force("h3", "また"));
    page.visit("/settings/form/hours");
    assert!(!page.state.may_take_profile(), "that would undo what they did");
    page.answer(|ask| *ask == Ask::InForce, in_force("h3", "また"));
    page.act(Action::Submit);
    page.answer(is_check, sound("new"));
    page.confirm(Dialog::TakeProfile);
    page.answer(|ask| matches!(ask, Ask::TakeProfile(_)), in_force("h4", "また"));
    assert!(page.state.settings.changed.is_empty(), "however the time was typed");
}

#[test]
fn what_was_changed_stays_on_the_way_elsewhere_and_when_the_session_ends() {
    let mut page = opened("hours");
    edit(&mut page, "hours.open", typed("09:00"));
    page.visit("/settings/preview");
    page.answer(|ask| *ask == Ask::InForce, in_force("h1", "休みます"));
    page.visit("/settings/form/hours");
    page.refuse(|ask| *ask == Ask::InForce, ApiErrorCode::SessionMissing);
    page.sign_in("hanako", Role::Manage);
    assert_eq!(page.state.key_value("hours.open"), Some(&KeyValue::Text("09:00".to_owned())));
    // Nothing of it is another officer's.
    page.visit("/settings/form/hours");
    page.act(Action::Submit);
    page.refuse(is_check, ApiErrorCode::SessionMissing);
    page.type_in(Input::LoginId, "taro");
    page.sign_in("taro", Role::Manage);
    assert!(page.state.settings.changed.is_empty());
}

#[test]
fn a_key_goes_back_to_what_the_portal_says() {
    let mut page = opened("notices");
    edit(&mut page, "notices", typed("開きます"));
    page.act(Action::Unset(vec!["notices".to_owned()]));
    assert_eq!(page.state.key_value("notices"), Some(&KeyValue::WordList(Vec::new())));
    page.act(Action::Submit);
    let change = sent(&page);
    assert_eq!((change.set.len(), change.unset), (0, vec!["notices".to_owned()]));
    edit(&mut page, "notices", Edit::Add);
    assert!(page.state.settings.unset.is_empty(), "it is the agency's own again");
}

#[test]
fn days_are_closed_and_opened_one_by_one_and_those_that_follow_each_other_are_one_entry() {
    let mut page = opened("hours");
    let day = |page: &mut Page, day| edit(page, "hours.closed", Edit::Day(2026, 11, day));
    day(&mut page, 26);
    day(&mut page, 28);
    day(&mut page, 27);
    assert_eq!(days(&page), ["12-29..01-05", "2026-11-26..2026-11-28"]);
    day(&mut page, 27);
    assert_eq!(days(&page), ["12-29..01-05", "2026-11-26", "2026-11-28"]);
    day(&mut page, 26);
    day(&mut page, 28);
    assert_eq!(days(&page), ["12-29..01-05"]);
    assert!(page.state.settings.changed.is_empty());
}

#[test]
fn days_between_two_are_closed_together_in_one_year_or_in_every_year() {
    let mut page = opened("hours");
    page.act(Action::CloseDays);
    assert_eq!(page.state.faults.get(&Input::ClosedFrom), Some(&Fault::Missing));
    page.type_in(Input::ClosedFrom, "2026-12-30");
    page.type_in(Input::ClosedUntil, "2026-12-29");
    page.act(Action::CloseDays);
    assert_eq!(page.state.faults.get(&Input::ClosedUntil), Some(&Fault::Period));
    page.type_in(Input::ClosedUntil, "2027-01-03");
    page.act(Action::CloseDays);
    assert!(page.focused("closed-list"));
    page.type_in(Input::ClosedFrom, "2026-08-13");
    page.act(Action::Tick(Tick::Yearly, true));
    page.act(Action::CloseDays);
    assert_eq!(days(&page), ["12-29..01-05", "2026-12-30..2027-01-03", "08-13"]);
    edit(&mut page, "hours.closed", Edit::Remove(0));
    assert_eq!(days(&page), ["2026-12-30..2027-01-03", "08-13"]);
}

#[test]
fn a_calendar_has_the_right_days_and_says_why_one_is_closed() {
    // 2026-11-01 is a Sunday.
    let november = weeks(2026, 11);
    assert_eq!((november[0], november[4]), ([1, 2, 3, 4, 5, 6, 7], [29, 30, 0, 0, 0, 0, 0]));
    assert_eq!(weeks(2028, 2).last(), Some(&[27, 28, 29, 0, 0, 0, 0]));
    assert_eq!((later((2026, 12), 1), later((2027, 1), -1)), ((2027, 1), (2026, 12)));
    let hours = touroku_proto::hours::BusinessHours {
        open: "08:30".parse().unwrap(),
        close: "20:00".parse().unwrap(),
        weekdays: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        closed_on_holidays: true,
        closed: ["12-29..01-05", "2026-11-26"].map(|days| days.parse().unwrap()).into(),
    };
    let holidays = ["2026-11-23".to_owned()];
    let why = |month, day| closed(&hours, &holidays, (2026, month, day));
    assert_eq!((why(11, 22), why(11, 23), why(11, 24)), (Closed::Weekly, Closed::Holiday, Closed::Not));
    assert_eq!((why(11, 26), why(12, 29)), (Closed::Once, Closed::Yearly));
}

#[test]
fn every_key_that_has_a_form_is_in_one_part() {
    let parts = Part::LISTED.into_iter().flat_map(Part::keys);
    let mut keys: Vec<String> = parts.collect();
    keys.sort_unstable();
    let mut all = FORM_KEYS.map(str::to_owned).to_vec();
    all.sort_unstable();
    assert_eq!(keys, all);
}

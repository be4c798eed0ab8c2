//! 業者情報取込.

use serde_json::json;
use touroku_proto::officer::import::ImportState;

use super::*;
use crate::officer::{dialog::TakeOver, effect::Timer, state::Notice};

const MEGABYTE: u64 = 1024 * 1024;

fn import(state: &str, received: u64) -> Value {
    json!({"id": 5, "file_name": "meibo.csv", "size": 5 * MEGABYTE, "received": received, "state": state, "done": 0,
           "officer": "hanako", "began_unix_ms": 0,
           "found": {"encoding": "UTF-8", "separator": "カンマ", "added": 1, "changed": 0, "unchanged": 0,
                     "missing": 0, "wrong": 1, "doubtful": 0,
                     "columns": [{"title": "番号", "field": "業者番号", "sample": "1"},
                                 {"title": "備考", "field": "", "sample": ""}]}})
}

fn is_list(ask: &Ask) -> bool {
    *ask == Ask::Imports
}

fn at_list(list: Value) -> Page {
    let mut page = Page::signed_in("/imports", Role::Review);
    page.answer(is_list, list);
    page
}

fn choose(page: &mut Page, name: &str, size: u64) {
    page.act(Action::PickFile { name: name.to_owned(), size });
}

fn piece(page: &Page) -> Option<(u64, u64)> {
    page.effects.iter().find_map(|effect| match effect {
        Effect::SendPiece { offset, end, .. } => Some((*offset, *end)),
        _ => None,
    })
}

fn arrived(page: &mut Page, state: &str, received: u64) {
    let view = serde_json::from_value(import(state, received)).unwrap();
    page.act(Action::PieceSent { import: 5, answer: Box::new(Ok(view)) });
}

#[test]
fn a_file_is_sent_piece_by_piece_until_the_check_begins() {
    let mut page = at_list(json!([]));
    choose(&mut page, "meibo.csv", 5 * MEGABYTE);
    page.answer(|ask| matches!(ask, Ask::BeginImport(_)), import("uploading", 0));
    assert_eq!(piece(&page), Some((0, 2 * MEGABYTE)));
    arrived(&mut page, "uploading", 2 * MEGABYTE);
    assert_eq!(piece(&page), Some((2 * MEGABYTE, 4 * MEGABYTE)));
    arrived(&mut page, "uploading", 4 * MEGABYTE);
    assert_eq!(piece(&page), Some((4 * MEGABYTE, 5 * MEGABYTE)));
    arrived(&mut page, "checking", 5 * MEGABYTE);
    assert_eq!(piece(&page), None);
    assert_eq!(page.state.route.as_ref().map(Route::screen), Some("import"));
    assert!(page.effects.contains(&Effect::ForgetFile));
}

#[test]
fn a_line_that_breaks_goes_on_from_what_the_server_has() {
    let mut page = at_list(json!([]));
    choose(&mut page, "meibo.csv", 5 * MEGABYTE);
    page.answer(|ask| matches!(ask, Ask::BeginImport(_)), import("uploading", 0));
    page.act(Action::PieceSent { import: 5, answer: Box::new(Err(Trouble::Unreachable)) });
    assert!(page.state.upload_waits() && page.error().is_none());
    page.act(Action::TimeUp(Timer::Upload));
    // The piece had arrived; only the answer was lost.
    page.answer(|ask| *ask == Ask::Import(5), import("uploading", 2 * MEGABYTE));
    assert_eq!(piece(&page), Some((2 * MEGABYTE, 4 * MEGABYTE)));
}

#[test]
fn a_line_that_stays_broken_is_tried_again_and_again() {
    let mut page = at_list(json!([]));
    choose(&mut page, "meibo.csv", 5 * MEGABYTE);
    page.answer(|ask| matches!(ask, Ask::BeginImport(_)), import("uploading", 0));
    page.act(Action::PieceSent { import: 5, answer: Box::new(Err(Trouble::Unreachable)) });
    for _ in 0..3 {
        page.act(Action::TimeUp(Timer::Upload));
        page.fail(|ask| *ask == Ask::Import(5), Trouble::Unreachable);
        let waits = |effect: &Effect| matches!(effect, Effect::Wait { timer: Timer::Upload, .. });
        assert!(page.effects.iter().any(waits));
    }
}

#[test]
fn after_a_reload_the_same_file_goes_on_and_another_is_not_mixed_in() {
    let mut page = at_list(json!([import("uploading", 2 * MEGABYTE)]));
    assert_eq!(page.state.stopped_upload().map(|import| import.id), Some(5));
    choose(&mut page, "other.csv", 5 * MEGABYTE);
    assert_eq!(page.state.notice, Some(Notice::OtherFile));
    assert_eq!(piece(&page), None);
    choose(&mut page, "meibo.csv", 5 * MEGABYTE);
    assert_eq!(piece(&page), Some((2 * MEGABYTE, 4 * MEGABYTE)));
}

#[test]
fn a_session_that_ends_during_an_upload_goes_on_after_the_sign_in() {
    let mut page = at_list(json!([]));
    choose(&mut page, "meibo.csv", 5 * MEGABYTE);
    page.answer(|ask| matches!(ask, Ask::BeginImport(_)), import("uploading", 0));
    let missing = Err(ApiErrorCode::SessionMissing.into());
    page.act(Action::PieceSent { import: 5, answer: Box::new(missing) });
    assert!(page.state.lost);
    page.sign_in("hanako", Role::Review);
    page.answer(|ask| *ask == Ask::Import(5), import("uploading", 0));
    assert_eq!(piece(&page), Some((0, 2 * MEGABYTE)));
    // The list answers, too; the same piece is not sent twice at once.
    page.answer(is_list, json!([import("uploading", 0)]));
    assert_eq!(piece(&page), None);
}

#[test]
fn empty_and_too_large_files_are_not_sent() {
    let mut page = at_list(json!([]));
    choose(&mut page, "a.csv", 0);
    assert_eq!(page.state.notice, Some(Notice::FileEmpty));
    choose(&mut page, "a.csv", 2 * 1024 * MEGABYTE);
    assert_eq!(page.state.notice, Some(Notice::FileTooLarge));
    assert!(!page.asked(|_| true));
    page.act(Action::NotOneFile);
    assert_eq!(page.state.notice, Some(Notice::NotOneFile));
}

#[test]
fn another_officers_import_stops_ours_and_is_shown() {
    let mut page = at_list(json!([]));
    choose(&mut page, "meibo.csv", 5 * MEGABYTE);
    page.refuse(|ask| matches!(ask, Ask::BeginImport(_)), ApiErrorCode::ImportRunning);
    assert_eq!(page.error(), Some("import_running"));
    assert!(page.asked(is_list));
    assert!(page.state.imports.file.is_none());
}

#[test]
fn a_check_is_watched_until_its_rows_are_there() {
    let mut page = Page::signed_in("/imports/5", Role::Review);
    page.answer(|ask| *ask == Ask::Import(5), import("checking", 5 * MEGABYTE));
    let watches = |page: &Page| {
        page.effects.iter().any(|effect| matches!(effect, Effect::Wait { timer: Timer::Import, .. }))
    };
    assert!(watches(&page));
    // No rows yet: that is not an error.
    page.refuse(|ask| matches!(ask, Ask::ImportRows { .. }), ApiErrorCode::WrongState);
    page.refuse(|ask| matches!(ask, Ask::ImportFields(_)), ApiErrorCode::WrongState);
    assert_eq!(page.error(), None);
    page.act(Action::TimeUp(Timer::Import));
    page.fail(|ask| *ask == Ask::Import(5), Trouble::Unreachable);
    assert!(watches(&page) && page.error().is_none());
    page.act(Action::TimeUp(Timer::Import));
    page.answer(|ask| *ask == Ask::Import(5), import("checked", 5 * MEGABYTE));
    assert!(page.asked(|ask| matches!(ask, Ask::ImportRows { .. })));
    assert!(page.asked(|ask| matches!(ask, Ask::ImportFields(5))));
}

#[test]
fn taking_over_sends_the_options_that_were_ticked_and_a_changed_roster_is_looked_at_anew() {
    let mut page = Page::signed_in("/imports/5", Role::Review);
    page.answer(|ask| *ask == Ask::Import(5), import("checked", 5 * MEGABYTE));
    page.act(Action::Tick(crate::officer::action::Tick::SkipWrong, true));
    page.confirm(Dialog::Take(TakeOver::default()));
    let taken = |ask: &Ask| matches!(ask, Ask::Take { body, .. } if body.skip_wrong && !body.remove_missing);
    assert!(page.asked(taken));
    page.refuse(taken, ApiErrorCode::Stale);
    assert_eq!(page.error(), Some("stale"));
    page.answer(|ask| *ask == Ask::Import(5), import("checking", 5 * MEGABYTE));
    assert_eq!(page.state.import(5).map(|import| import.state), Some(ImportState::Checking));
}

#[test]
fn columns_are_read_otherwise_and_what_was_not_touched_stays() {
    let mut page = Page::signed_in("/imports/5", Role::Review);
    page.answer(|ask| *ask == Ask::Import(5), import("checked", 5 * MEGABYTE));
    page.act(Action::PickColumn { column: 1, field: "住所".to_owned() });
    page.act(Action::PickColumn { column: 9, field: "住所".to_owned() });
    page.act(Action::MapColumns);
    let mapped =
        |ask: &Ask| matches!(ask, Ask::MapColumns { body, .. } if body.fields == ["業者番号", "住所"]);
    assert!(page.asked(mapped));
    page.answer(mapped, import("checking", 5 * MEGABYTE));
    assert!(page.state.imports.mapping.is_none());
    assert_eq!(page.state.notice, Some(Notice::Mapped));
}

#[test]
fn another_header_is_asked_for_by_its_row_alone_and_the_one_that_was_read_by_nothing() {
    let mut page = Page::signed_in("/imports/5", Role::Review);
    let mut checked = import("checked", 5 * MEGABYTE);
    checked["found"]["header"] = json!(1);
    page.answer(|ask| *ask == Ask::Import(5), checked);
    page.act(Action::PickColumn { column: 1, field: "住所".to_owned() });
    page.act(Action::PickHeader(3));
    assert!(page.state.reads_elsewhere());
    page.act(Action::PickHeader(1));
    assert!(!page.state.reads_otherwise());
    page.act(Action::PickHeader(2));
    page.act(Action::MapColumns);
    let mapped = |ask: &Ask| matches!(ask, Ask::MapColumns { body, .. } if body.header == Some(2) && body.fields.is_empty());
    assert!(page.asked(mapped));
}

#[test]
fn giving_up_leads_back_to_the_list() {
    let mut page = Page::signed_in("/imports/5", Role::Review);
    page.answer(|ask| *ask == Ask::Import(5), import("checked", 5 * MEGABYTE));
    page.confirm(Dialog::CancelImport(5));
    page.answer(|ask| *ask == Ask::CancelImport(5), json!(null));
    assert!(page.state.route == Some(Route::Imports));
}

#[test]
fn an_import_that_another_officer_settled_meanwhile_is_shown_as_it_is_now() {
    for dialog in [Dialog::Take(TakeOver::default()), Dialog::CancelImport(5)] {
        let mut page = at_list(json!([import("checked", 0)]));
        page.visit("/imports/5/wrong");
        page.answer(|ask| *ask == Ask::Import(5), import("checked", 0));
        page.confirm(dialog);
        page.refuse(|ask| matches!(ask, Ask::Take { .. } | Ask::CancelImport(5)), ApiErrorCode::WrongState);
        assert_eq!(page.error(), Some("wrong_state"));
        assert!(page.asked(|ask| *ask == Ask::Import(5)));
        page.answer(|ask| *ask == Ask::Import(5), import("cancelled", 0));
        assert_eq!(page.state.import(5).map(|import| import.state), Some(ImportState::Cancelled));
        assert_eq!(page.error(), Some("wrong_state"), "what happened is still said");
    }
}

#[test]
fn what_is_said_of_an_import_follows_it() {
    let mut page = at_list(json!([import("checked", 0)]));
    page.visit("/imports/5/wrong");
    page.answer(|ask| *ask == Ask::Import(5), import("checked", 0));
    page.act(Action::PickColumn { column: 1, field: "住所".to_owned() });
    page.act(Action::MapColumns);
    page.answer(|ask| matches!(ask, Ask::MapColumns { .. }), import("checking", 0));
    assert_eq!(page.state.notice, Some(Notice::Mapped));
    page.act(Action::TimeUp(Timer::Import));
    page.answer(|ask| *ask == Ask::Import(5), import("checked", 0));
    assert_eq!(page.state.notice, None, "it is checked again");

    page.confirm(Dialog::Take(TakeOver::default()));
    page.answer(|ask| matches!(ask, Ask::Take { .. }), import("taking", 0));
    assert_eq!(page.state.notice, Some(Notice::Taking));
    page.act(Action::TimeUp(Timer::Import));
    page.answer(|ask| *ask == Ask::Import(5), import("taken", 0));
    assert_eq!(page.state.notice, Some(Notice::Taken));
}

#[test]
fn more_than_five_percent_are_asked_about_twice() {
    for (missing, twice) in [(5, false), (6, true)] {
        let mut page = Page::signed_in("/imports/5", Role::Review);
        let mut checked = import("checked", 5 * MEGABYTE);
        checked["found"]["unchanged"] = json!(100 - missing);
        checked["found"]["missing"] = json!(missing);
        checked["found"]["suspended"] = json!(2);
        page.answer(|ask| *ask == Ask::Import(5), checked);
        page.act(Action::Tick(crate::officer::action::Tick::RemoveMissing, true));
        let found = page.state.import(5).unwrap().found.clone().unwrap();
        let take = page.state.take_over(&found);
        assert_eq!((take.removed, take.suspended, take.before), (missing - 2, 2, 100));
        page.confirm(Dialog::Take(take));
        let taken = |ask: &Ask| matches!(ask, Ask::Take { body, .. } if body.remove_missing);
        assert_eq!(page.asked(taken), !twice);
        if twice {
            assert_eq!(page.state.dialog, Some(Dialog::TakeMany(take)));
            assert!(page.focused("dialog"));
            page.act(Action::Confirm);
            assert!(page.asked(taken));
        }
    }
}

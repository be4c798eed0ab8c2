//! 審査.

use serde_json::json;
use touroku_proto::officer::review::Differences;

use super::*;
use crate::officer::{route::QueueSearch, state::Notice};

fn item(id: i64, state: &str) -> Value {
    json!({"kind": "account", "id": id, "receipt": "20261121-33333-33333", "number": "001", "name": "山田商店", "category": "物品", "applied_unix_ms": 0,
           "state": state, "differences": 1})
}

/// An application at that revision.
pub(super) fn application(revision: &str, state: &str) -> Value {
    json!({"item": item(12, state), "revision": revision, "approvals": 1, "reject_reasons": ["名称が違います"],
           "reason": "", "decisions": [], "approved_by_you": false,
           "rows": [{"section": "企業情報", "label": "住所", "applied": revision, "roster": "同じ", "certificate": null,
                     "differs": true}]})
}

fn is_decision(ask: &Ask) -> bool {
    matches!(ask, Ask::Decide { .. })
}

fn is_application(ask: &Ask) -> bool {
    matches!(ask, Ask::Application { .. })
}

fn opened() -> Page {
    let mut page = Page::signed_in("/review/account/12", Role::Review);
    page.answer(is_application, application("r1", "pending"));
    page
}

#[test]
fn an_approval_is_asked_about_and_names_what_was_looked_at() {
    let mut page = opened();
    page.act(Action::Offer(Dialog::Approve));
    assert!(page.focused("dialog") && !page.asked(is_decision));
    page.act(Action::Dismiss);
    assert!(page.focused("open-approve"));
    page.confirm(Dialog::Approve);
    assert!(
        page.asked(|ask| matches!(ask, Ask::Decide { body, .. } if body.approve && body.revision == "r1"))
    );
    page.answer(is_decision, application("r2", "approved"));
    assert_eq!(page.state.notice, Some(Notice::Approved));
}

#[test]
fn a_rejection_needs_a_reason_of_at_most_500_characters() {
    let mut page = opened();
    page.act(Action::Offer(Dialog::Reject));
    assert!(page.state.dialog.is_none() && page.focused("summary"));
    page.type_in(Input::Reason, &"あ".repeat(501));
    page.act(Action::Offer(Dialog::Reject));
    assert!(page.state.dialog.is_none());
    page.act(Action::PickReason("名称が違います".to_owned()));
    page.type_in(Input::Reason, " 名称が違います。支店名まで。 ");
    page.confirm(Dialog::Reject);
    let told = "名称が違います。支店名まで。";
    assert!(
        page.asked(|ask| matches!(ask, Ask::Decide { body, .. } if !body.approve && body.reason == told))
    );
    page.answer(is_decision, application("r2", "rejected"));
    assert_eq!(page.state.notice, Some(Notice::Rejected));
    assert_eq!(page.state.text(Input::Reason), "");
}

#[test]
fn the_first_of_two_approvals_is_called_so() {
    let mut page = opened();
    page.confirm(Dialog::Approve);
    page.answer(is_decision, application("r2", "first_approved"));
    assert_eq!(page.state.notice, Some(Notice::FirstApproved));
}

#[test]
fn an_application_that_changed_meanwhile_shows_what_changed_and_asks_again() {
    let mut page = opened();
    page.type_in(Input::Reason, "理由");
    page.confirm(Dialog::Approve);
    page.refuse(is_decision, ApiErrorCode::Stale);
    assert_eq!(page.error(), Some("stale"));
    page.answer(is_application, application("r2", "pending"));
    let review = &page.state.review;
    assert_eq!(review.before.as_ref().unwrap().revision, "r1");
    assert_eq!(review.detail.as_ref().unwrap().revision, "r2");
    assert_eq!(page.state.text(Input::Reason), "理由");
    // Nothing was decided automatically; the next press names what is shown now.
    assert!(page.waiting(&is_decision).is_none());
    page.confirm(Dialog::Approve);
    assert!(page.asked(|ask| matches!(ask, Ask::Decide { body, .. } if body.revision == "r2")));
}

#[test]
fn a_question_about_what_is_not_shown_any_more_is_taken_back() {
    let mut page = opened();
    page.confirm(Dialog::Approve);
    page.refuse(is_decision, ApiErrorCode::Stale);
    page.act(Action::Offer(Dialog::Approve));
    page.answer(is_application, application("r2", "pending"));
    assert!(page.state.dialog.is_none());
    page.act(Action::Confirm);
    assert!(page.waiting(&is_decision).is_none());
}

#[test]
fn a_decision_that_fails_for_a_moment_can_be_repeated_as_it_was() {
    let mut page = opened();
    page.confirm(Dialog::Approve);
    page.fail(is_decision, Trouble::Unreachable);
    page.act(Action::Retry);
    assert!(page.asked(|ask| matches!(ask, Ask::Decide { body, .. } if body.revision == "r1")));
}

#[test]
fn the_queue_goes_on_where_it_ended_and_a_late_page_is_not_added_twice() {
    let mut page = Page::signed_in("/review", Role::View);
    let first = json!({"applications": [item(1, "pending"), item(12, "pending")], "next": "a", "pending": 3});
    page.answer(|ask| matches!(ask, Ask::Applications { .. }), first);
    page.act(Action::More);
    let last = json!({"applications": [item(13, "pending")], "next": null, "pending": 3});
    let ask = page.waiting(&|ask: &Ask| matches!(ask, Ask::Applications { after: Some(_), .. })).unwrap();
    let reply = || Box::new((ask.call().read)(Ok(last.to_string())));
    page.act(Action::Answered(Box::new(ask.clone()), reply()));
    page.act(Action::Answered(Box::new(ask.clone()), reply()));
    assert_eq!(page.state.queue.as_ref().unwrap().applications.len(), 3);
    page.visit("/review/account/12");
    let next = Route::Application { kind: touroku_proto::officer::review::ReviewKind::Account, id: 13 };
    assert!(page.state.next_application() == Some(next));
}

fn is_queue(ask: &Ask) -> bool {
    matches!(ask, Ask::Applications { .. })
}

fn queue(ids: &[i64]) -> Value {
    let items: Vec<Value> = ids.iter().map(|&id| item(id, "pending")).collect();
    json!({"applications": items, "next": null, "pending": ids.len()})
}

#[test]
fn after_a_decision_the_next_application_is_a_key_away_however_the_first_one_was_reached() {
    let mut page = opened();
    page.answer(is_queue, queue(&[11, 12, 13]));
    page.confirm(Dialog::Approve);
    page.answer(is_decision, application("r2", "approved"));
    assert!(page.focused("next-application"));
    let to_13 = Route::recognize("/review/account/13");
    assert!(page.state.next_application() == Some(to_13));
    // What was decided is not offered again.
    page.visit("/review/account/11");
    assert!(page.state.next_application() == Some(Route::recognize("/review/account/13")));
    page.visit("/review/account/13");
    assert!(page.state.next_application() == Some(Route::recognize("/review/account/11")));
}

#[test]
fn the_last_decision_leaves_the_focus_on_the_heading() {
    let mut page = opened();
    page.answer(is_queue, queue(&[12]));
    page.confirm(Dialog::Approve);
    page.answer(is_decision, application("r2", "approved"));
    assert!(page.focused("heading") && page.state.next_application().is_none());
}

#[test]
fn what_was_looked_at_is_approved_together_as_it_was_and_what_changed_stays() {
    let mut page = Page::signed_in("/review", Role::Review);
    page.answer(is_queue, queue(&[12, 13]));
    for (id, revision) in [(12, "r1"), (13, "r7")] {
        page.visit(&format!("/review/account/{id}"));
        let mut detail = application(revision, "pending");
        detail["item"]["id"] = id.into();
        page.answer(is_application, detail);
        page.act(Action::Collect);
    }
    assert!(page.state.route == Some(Route::recognize("/review")), "nothing else waits");
    page.answer(is_queue, queue(&[12, 13]));
    page.confirm(Dialog::ApproveTogether(2));
    let of = |wanted: i64, seen: &'static str| move |ask: &Ask| matches!(ask, Ask::Decide { id, body, .. } if *id == wanted && body.revision == seen);
    assert!(page.asked(of(12, "r1")) && !page.asked(of(13, "r7")), "one after the other");
    page.refuse(is_decision, ApiErrorCode::Stale);
    assert!(page.asked(of(13, "r7")));
    page.answer(is_decision, application("r8", "approved"));
    let left: Vec<(i64, bool)> = page.state.collected.iter().map(|one| (one.item.id, one.refused)).collect();
    assert_eq!(left, [(12, true)]);
    assert_eq!(page.state.notice, Some(Notice::ApprovedTogether));
    assert!(page.focused("heading"));
}

#[test]
fn what_is_approved_together_can_go_on_after_an_interruption() {
    let mut page = opened();
    page.answer(is_queue, queue(&[12]));
    page.act(Action::Collect);
    page.answer(is_queue, queue(&[12]));
    page.confirm(Dialog::ApproveTogether(1));
    page.fail(is_decision, Trouble::Unreachable);
    assert!(page.state.banner.is_some());
    assert_eq!((page.state.approving, page.state.collected.len()), (None, 1));
}

#[test]
fn a_note_is_sent_and_what_was_typed_as_a_reason_stays() {
    let mut page = opened();
    page.type_in(Input::Reason, "理由");
    page.act(Action::Submit);
    assert!(page.focused("summary"), "an empty note is none");
    page.type_in(Input::Note, " 電話で確認中 ");
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::Note { body, .. } if body.text == "電話で確認中")));
    page.answer(|ask| matches!(ask, Ask::Note { .. }), application("r1", "pending"));
    assert_eq!((page.state.text(Input::Note), page.state.text(Input::Reason)), ("", "理由"));
    assert_eq!(page.state.notice, Some(Notice::Noted));
}

#[test]
fn the_queue_keeps_its_words_when_a_filter_changes() {
    let mut page = Page::signed_in("/review?query=%E5%B1%B1%E7%94%B0", Role::View);
    assert_eq!(page.state.text(Input::QueueQuery), "山田");
    let search = QueueSearch { differences: Some(Differences::Some), ..QueueSearch::default() };
    page.act(Action::PickQueue(search));
    let path = page.waiting(
        &|ask: &Ask| matches!(ask, Ask::Applications { search, .. } if search.differences.is_some()),
    );
    let path = path.unwrap().call().request.url;
    assert_eq!(path, "/api/officer/applications?state=pending&query=%E5%B1%B1%E7%94%B0&differences=some");
}

#[test]
fn another_applications_answer_does_not_turn_up_here() {
    let mut page = Page::signed_in("/review/account/11", Role::View);
    page.visit("/review/account/12");
    let of_11 = |ask: &Ask| matches!(ask, Ask::Application { id: 11, .. });
    page.answer(of_11, application("r1", "pending"));
    assert!(page.state.review.detail.is_none());
}

use serde_json::json;
use touroku_proto::{
    officer::company::Timeline,
    status::{CompanyStatus, ShownPassword, Stop},
};

use super::*;
use crate::bidder::status::StatusAction;

fn status() -> CompanyStatus {
    serde_json::from_value(json!({"values": {}, "is_admitted": true, "contacts": [], "cards": [], "accounts": [], "timeline": {"items": [], "next": null}}))
        .unwrap()
}

/// At 登録状況, which has been read.
fn shown() -> Page {
    let bid = SessionView { company: with_company().company, ..with_card(Purpose::Bid) };
    let mut page = Page::open(Route::Bid, Some(bid));
    page.visit(Route::Status);
    assert!(page.asked(|ask| matches!(ask, Ask::Status)));
    page.act(Action::Status(StatusAction::Read(Ok(status()))));
    page
}

#[test]
fn nothing_is_stopped_before_the_question_was_answered_and_it_is_asked_once() {
    let mut page = shown();
    page.act(Action::Status(StatusAction::Confirm));
    assert!(!page.asked(|ask| matches!(ask, Ask::Stop(_))));
    page.act(Action::Status(StatusAction::Offer(Stop::Card(3))));
    page.act(Action::Status(StatusAction::Withdraw));
    page.act(Action::Status(StatusAction::Confirm));
    assert!(!page.asked(|ask| matches!(ask, Ask::Stop(_))));
    page.act(Action::Status(StatusAction::Offer(Stop::Card(3))));
    page.act(Action::Status(StatusAction::Confirm));
    assert!(page.asked(|ask| *ask == Ask::Stop(Stop::Card(3))));
    page.act(Action::Status(StatusAction::Stopped(Ok(status()))));
    assert!(page.state.status.stopped && !page.state.status.busy);
}

#[test]
fn the_password_is_shown_until_it_is_hidden_or_the_screen_is_left() {
    let mut page = shown();
    let read =
        || Action::Status(StatusAction::PasswordRead(Ok(ShownPassword { password: "geheim9".to_owned() })));
    page.act(read());
    assert_eq!(page.state.status.password, None, "nobody asked");
    page.act(Action::Status(StatusAction::ShowPassword));
    assert!(page.asked(|ask| *ask == Ask::InformationPassword));
    page.act(read());
    assert_eq!(page.state.status.password.as_deref(), Some("geheim9"));
    page.act(Action::Status(StatusAction::HidePassword));
    assert_eq!(page.state.status.password, None);
    page.act(Action::Status(StatusAction::ShowPassword));
    page.act(read());
    page.visit(Route::Bid);
    assert_eq!(page.state.status.password, None);
    page.act(read());
    assert_eq!(page.state.status.password, None, "it came too late");
}

#[test]
fn a_card_that_has_only_come_to_register_does_not_get_there() {
    let mut page = Page::at_form();
    page.visit(Route::Status);
    assert_ne!(page.screen(), "status");
}

#[test]
fn what_happened_earlier_is_added_to_what_is_shown() {
    let part = |events: &[i64], next: Option<&str>| -> Timeline {
        let item = |at: &i64| json!({"at_unix_ms": at, "text": "", "officer": ""});
        serde_json::from_value(json!({"items": events.iter().map(item).collect::<Vec<_>>(), "next": next}))
            .unwrap()
    };
    let mut page = shown();
    page.act(Action::Status(StatusAction::Older));
    assert!(!page.asked(|ask| matches!(ask, Ask::OlderEvents(_))), "there is nothing earlier");
    let first = CompanyStatus { timeline: part(&[9, 5], Some("9-1")), ..status() };
    page.act(Action::Status(StatusAction::Read(Ok(first))));
    page.act(Action::Status(StatusAction::Older));
    assert!(page.asked(|ask| *ask == Ask::OlderEvents("9-1".to_owned())));
    // A stop does not wait for it.
    page.act(Action::Status(StatusAction::Offer(Stop::Card(3))));
    page.act(Action::Status(StatusAction::Confirm));
    assert!(page.asked(|ask| *ask == Ask::Stop(Stop::Card(3))));
    for _ in 0..2 {
        let earlier = Ok(part(&[7, 1], None));
        page.act(Action::Status(StatusAction::OlderRead("9-1".to_owned(), earlier)));
    }
    let timeline = &page.state.status.status.as_ref().unwrap().timeline;
    let shown: Vec<i64> = timeline.items.iter().map(|item| item.at_unix_ms).collect();
    assert_eq!((shown, &timeline.next), (vec![9, 7, 5, 1], &None));

    // One that comes late, for a page that was read anew, keeps nobody from asking again.
    let anew = CompanyStatus { timeline: part(&[9], Some("10-1")), ..status() };
    page.act(Action::Status(StatusAction::Stopped(Ok(anew))));
    page.act(Action::Status(StatusAction::Older));
    page.act(Action::Status(StatusAction::OlderRead("9-1".to_owned(), Ok(part(&[1], None)))));
    page.act(Action::Status(StatusAction::Older));
    assert!(page.asked(|ask| *ask == Ask::OlderEvents("10-1".to_owned())));
    assert!(page.state.status.reads_older);
}

use touroku_proto::api::{ApiErrorCode, ReceiptFile};

use super::*;
use crate::{
    bidder::{
        state::Notice,
        trouble::{Retry, Trouble},
    },
    texts,
};

/// On 登録完了 of a signed application.
fn at_done() -> Page {
    let mut view = completed();
    view.completed.as_mut().unwrap().receipt = "20261121-ABCDE-FGHJK".into();
    view.completed.as_mut().unwrap().signed = true;
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Ok(view)));
    assert_eq!(page.screen(), "done");
    page
}

fn asks_for(page: &Page, wanted: ReceiptFile) -> bool {
    page.asked(|ask| matches!(ask, Ask::Receipt(file) if *file == wanted))
}

#[test]
fn each_file_is_asked_for_once_and_said_to_be_saved() {
    let mut page = at_done();
    page.act(Action::SaveReceipt(ReceiptFile::Document));
    assert!(asks_for(&page, ReceiptFile::Document));
    page.act(Action::SaveReceipt(ReceiptFile::Document));
    assert!(page.effects.is_empty(), "a double press asks once");
    page.act(Action::SaveReceipt(ReceiptFile::Signature));
    assert!(asks_for(&page, ReceiptFile::Signature), "the other file needs not wait");
    page.act(Action::ReceiptSaved(ReceiptFile::Document, Ok(())));
    page.act(Action::ReceiptSaved(ReceiptFile::Signature, Ok(())));
    assert_eq!(page.state.notice, Some(Notice::Saved));
    assert!(page.state.saving.is_empty());
    page.act(Action::SaveReceipt(ReceiptFile::Document));
    assert!(asks_for(&page, ReceiptFile::Document), "as often as somebody wants it");
}

#[test]
fn a_file_that_did_not_come_is_told_and_asked_for_again() {
    let mut page = at_done();
    page.act(Action::SaveReceipt(ReceiptFile::Document));
    page.act(Action::SaveReceipt(ReceiptFile::Signature));
    page.act(Action::ReceiptSaved(ReceiptFile::Document, Err(Trouble::Unreachable)));
    page.act(Action::ReceiptSaved(ReceiptFile::Signature, Ok(())));
    assert_eq!(
        (page.error(), page.state.notice),
        (Some("unreachable"), None),
        "not hidden by the other file"
    );
    page.act(Action::Retry);
    assert!(asks_for(&page, ReceiptFile::Document) && page.error().is_none());
}

#[test]
fn an_ended_session_is_told_without_a_promise_that_nobody_keeps() {
    for code in [ApiErrorCode::SessionMissing, ApiErrorCode::NotFound] {
        let mut page = at_done();
        page.act(Action::SaveReceipt(ReceiptFile::Document));
        page.act(Action::ReceiptSaved(ReceiptFile::Document, Err(code.into())));
        let banner = page.state.banner.clone().unwrap();
        assert_eq!((page.screen(), banner.trouble.code(), banner.retry), ("done", code.as_str(), None));
        let advice = texts::receipt_advice(&page.state, &banner.trouble).unwrap();
        assert!(advice.next.contains("受付番号"), "{}", advice.next);
    }
    let elsewhere = Page::at_confirm();
    assert!(texts::receipt_advice(&elsewhere.state, &ApiErrorCode::SessionMissing.into()).is_none());
}

#[test]
fn an_answer_that_comes_on_another_screen_says_nothing_there() {
    let mut page = at_done();
    page.act(Action::SaveReceipt(ReceiptFile::Document));
    page.act(Action::Follow(Route::Print));
    page.act(Action::ReceiptSaved(ReceiptFile::Document, Err(Trouble::Unreachable)));
    assert!(page.state.saving.is_empty() && page.error().is_none());
    assert_eq!(page.state.banner.as_ref().and_then(|banner| banner.retry), None::<Retry>);
}

//! 照会 and 番号の通知.

use serde_json::json;
use touroku_proto::officer::{
    company::{CompanyFilter, Period, Suspend},
    mail::MailsMeant,
};

use super::*;
use crate::officer::{ask::Target, input::Fault, route::CompanySearch, state::Notice};

pub(super) fn company(suspended: bool) -> Value {
    let suspension = json!({"reason": "倒産", "officer": "hanako", "at_unix_ms": 5, "in_force": true,
                            "period": {"from": "2026-11-21", "until": null}});
    json!({"number": "001", "name": "山田商店", "company_id": "", "registered_unix_ms": null,
           "suspension": if suspended { suspension } else { json!(null) }, "roster": [], "contacts": [], "cards": [],
           "accounts": [], "number_issued_unix_ms": null, "mails": [], "timeline": {"items": [], "next": null}})
}

fn found(number: &str, next: Option<&str>) -> Value {
    json!({"companies": [{"number": number, "name": "山田商店", "kana": "", "address": "", "company_id": "",
                          "cards": 0, "expires_unix_ms": null, "suspended": false}], "next": next})
}

fn is_suspension(ask: &Ask) -> bool {
    matches!(ask, Ask::Suspend { .. } | Ask::SuspendCompany { .. })
}

#[test]
fn words_and_filter_stand_in_the_address_and_come_back_from_it() {
    let mut page = Page::signed_in("/companies", Role::View);
    page.type_in(Input::Query, " 山田 ");
    page.act(Action::Submit);
    let search = CompanySearch { query: "山田".to_owned(), filter: CompanyFilter::All };
    assert!(page.state.route == Some(Route::Companies(search)));
    page.act(Action::PickFilter(CompanyFilter::Paper));
    let search = CompanySearch { query: "山田".to_owned(), filter: CompanyFilter::Paper };
    assert!(page.asked(|ask| matches!(ask, Ask::Companies { search: asked, .. } if *asked == search)));
    let reloaded = Page::signed_in("/companies?query=%E5%B1%B1%E7%94%B0&filter=paper", Role::View);
    assert_eq!(reloaded.state.text(Input::Query), "山田");
}

#[test]
fn an_answer_to_older_words_does_not_replace_the_newer() {
    let mut page = Page::signed_in("/companies?query=old", Role::View);
    page.visit("/companies?query=new");
    page.answer(
        |ask| matches!(ask, Ask::Companies { search, .. } if search.query == "new"),
        found("002", None),
    );
    page.answer(
        |ask| matches!(ask, Ask::Companies { search, .. } if search.query == "old"),
        found("001", None),
    );
    assert_eq!(page.state.companies.as_ref().unwrap().companies[0].number, "002");
}

#[test]
fn more_companies_are_added_to_those_that_are_shown() {
    let mut page = Page::signed_in("/companies", Role::View);
    page.answer(|ask| matches!(ask, Ask::Companies { .. }), found("001", Some("001")));
    page.act(Action::More);
    page.answer(|ask| matches!(ask, Ask::Companies { .. }), found("002", None));
    assert_eq!(page.state.companies.as_ref().unwrap().companies.len(), 2);
    page.act(Action::More);
    assert!(!page.asked(|_| true));
}

#[test]
fn a_company_that_comes_again_while_names_are_indexed_is_shown_once() {
    let mut page = Page::signed_in("/companies?query=%E5%B1%B1", Role::View);
    let is_search = |ask: &Ask| matches!(ask, Ask::Companies { .. });
    let while_indexing = |number, next| {
        let mut page = found(number, next);
        page["indexing"] = true.into();
        page
    };
    page.answer(is_search, while_indexing("001", Some("name.0")));
    page.act(Action::More);
    page.answer(is_search, found("001", Some("name.1")));
    // A page that brings nothing new is skipped: the next one is fetched at once.
    assert!(page.asked(|ask| matches!(ask, Ask::Companies { after: Some(after), .. } if after == "name.1")));
    page.answer(is_search, found("002", None));
    let found = page.state.companies.as_ref().unwrap();
    let numbers: Vec<&str> = found.companies.iter().map(|one| one.number.as_str()).collect();
    assert_eq!(numbers, ["001", "002"]);
    assert!(found.indexing, "one may have been missed on the page before");
}

#[test]
fn a_company_is_suspended_with_a_reason_and_lifted_again() {
    let mut page = Page::signed_in("/companies/001", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Company(_)), company(false));
    let target = || Target::Company("001".to_owned());
    page.act(Action::Offer(Dialog::Suspend(target())));
    page.act(Action::Confirm);
    assert!(page.state.dialog.is_some() && !page.asked(is_suspension));
    assert_eq!(page.state.faults.get(&Input::Reason), Some(&Fault::Missing));
    page.type_in(Input::Reason, "倒産");
    for until in ["2099-11-30", "1999-12-01"] {
        page.type_in(Input::From, "2099-12-01");
        page.type_in(Input::Until, until);
        page.act(Action::Confirm);
        assert_eq!(page.state.faults.get(&Input::Until), Some(&Fault::Period), "{until}");
    }
    page.type_in(Input::Until, "");
    page.act(Action::Confirm);
    let period = Period { from: Some("2099-12-01".to_owned()), until: None };
    let body = Suspend { reason: "倒産".to_owned(), period };
    assert!(
        page.asked(|ask| matches!(ask, Ask::SuspendCompany { seen: None, body: sent, .. } if *sent == body))
    );
    page.answer(is_suspension, company(true));
    assert_eq!(page.state.notice, Some(Notice::Suspended));
    // One action's reason is not suggested for the next.
    page.act(Action::Offer(Dialog::Lift(target())));
    assert_eq!(page.state.text(Input::Reason), "");
}

#[test]
fn a_suspension_is_corrected_on_top_of_what_was_shown() {
    let mut page = Page::signed_in("/companies/001", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Company(_)), company(true));
    page.act(Action::Offer(Dialog::CorrectSuspension("001".to_owned(), 5)));
    assert_eq!([Input::Reason, Input::From].map(|input| page.state.text(input)), ["倒産", "2026-11-21"]);
    page.type_in(Input::Until, "2099-12-31");
    page.act(Action::Confirm);
    assert!(page.asked(|ask| matches!(ask, Ask::SuspendCompany { seen: Some(5), body, .. }
        if body.period.until.as_deref() == Some("2099-12-31"))));
    page.answer(is_suspension, company(true));
    assert_eq!(page.state.notice, Some(Notice::SuspensionCorrected));
}

#[test]
fn a_card_that_somebody_else_suspended_meanwhile_is_shown_as_it_is() {
    let mut page = Page::signed_in("/companies/001", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Company(_)), company(false));
    page.act(Action::Offer(Dialog::Suspend(Target::Card(3))));
    page.type_in(Input::Reason, "紛失");
    page.act(Action::Confirm);
    page.refuse(is_suspension, ApiErrorCode::Stale);
    assert!(page.asked(|ask| matches!(ask, Ask::Company(_))));
    assert_eq!(page.error(), Some("stale"));
}

#[test]
fn numbers_are_issued_for_the_next_companies_or_for_chosen_ones() {
    let mut page = Page::signed_in("/numbers", Role::Review);
    assert!(page.state.issues_numbers());
    page.act(Action::Submit);
    page.act(Action::Confirm);
    assert!(page.asked(|ask| matches!(ask, Ask::Issue(body) if body.companies.is_empty() && !body.by_mail)));
    page.refuse(|ask| matches!(ask, Ask::Issue(_)), ApiErrorCode::WrongState);

    page.act(Action::Tick(crate::officer::action::Tick::NextNumbers, false));
    page.act(Action::Submit);
    assert_eq!(page.state.faults.get(&Input::Numbers), Some(&Fault::Missing));
    let many: Vec<String> = (0..501).map(|number| number.to_string()).collect();
    page.type_in(Input::Numbers, &many.join("\n"));
    page.act(Action::Submit);
    assert_eq!(page.state.faults.get(&Input::Numbers), Some(&Fault::TooMany(500)));
    page.type_in(Input::Numbers, "001\n002");
    page.act(Action::Submit);
    page.act(Action::Confirm);
    assert!(page.asked(|ask| matches!(ask, Ask::Issue(body) if body.companies == ["001", "002"])));
}

#[test]
fn letters_that_only_tell_the_number_are_made_without_asking() {
    let mut page = Page::signed_in("/numbers", Role::Review);
    let mut profile = (*page.state.profile.clone().unwrap()).clone();
    profile.search.number_issued = false;
    page.state.profile = Some(profile.into());
    page.act(Action::Submit);
    assert!(page.state.dialog.is_none());
    assert!(page.asked(|ask| matches!(ask, Ask::Issue(body) if body.companies.is_empty() && !body.by_mail)));
}

fn issued() -> Value {
    let letter = json!({"company": "001", "name": "山田商店", "postal_code": "", "address": "", "representative": "",
                        "number": "secret", "issued_unix_ms": 5, "reissued": false});
    json!({"letters": [letter], "mailed": 0, "unknown": [], "left": 0})
}

#[test]
fn letters_come_back_after_a_reload_until_they_are_confirmed_as_sent() {
    let mut page = Page::signed_in("/numbers", Role::Review);
    page.act(Action::Submit);
    page.act(Action::Confirm);
    page.visit("/companies");
    page.answer(|ask| matches!(ask, Ask::Issue(_)), issued());
    assert!(page.state.route == Some(Route::Numbers) && page.state.numbers.issued.is_some());
    page.act(Action::CloseLetters);
    assert!(page.state.numbers.issued.is_none() && page.focused("heading"));

    let mut page = Page::signed_in("/numbers", Role::Review);
    page.answer(|ask| *ask == Ask::LettersWaiting, json!({"letters": 1}));
    assert_eq!(page.state.numbers.waiting, 1);
    page.act(Action::OpenLetters);
    page.answer(|ask| *ask == Ask::Letters, issued());
    assert!(page.focused("letters"));
    page.confirm(Dialog::LettersSent(1));
    assert!(page.asked(|ask| matches!(ask, Ask::LettersSent(body) if body.letters[0].issued_unix_ms == 5)));
    page.answer(|ask| matches!(ask, Ask::LettersSent(_)), json!({"letters": 0}));
    assert!(
        page.state.numbers.issued.is_none() && page.state.numbers.waiting == 0 && page.focused("heading")
    );
}

#[test]
fn a_mail_is_sent_again_or_given_up_after_a_question() {
    let mut page = Page::signed_in("/companies/001", Role::Review);
    page.answer(|ask| matches!(ask, Ask::Company(_)), company(false));
    for (dialog, notice, given_up) in [
        (Dialog::SendMail(5), Notice::MailSentAgain, false),
        (Dialog::GiveMailUp(5), Notice::MailGivenUp, true),
    ] {
        page.act(Action::Offer(dialog));
        page.act(Action::Confirm);
        let is_it = move |ask: &Ask| matches!(ask, Ask::Mail { number, id: 5, give_up } if number == "001" && *give_up == given_up);
        assert!(page.asked(is_it));
        page.answer(is_it, company(false));
        assert_eq!(page.state.notice, Some(notice));
    }
}

#[test]
fn what_happened_earlier_is_added_in_order_and_only_once() {
    let event = |at: i64| json!({"at_unix_ms": at, "text": at.to_string(), "officer": ""});
    let part = |events: &[i64], next: Option<&str>| json!({"items": events.iter().map(|&at| event(at)).collect::<Vec<_>>(), "next": next});
    let mut page = Page::signed_in("/companies/001", Role::View);
    let mut detail = company(false);
    detail["timeline"] = part(&[9, 7, 3], Some("9-1"));
    page.answer(|ask| matches!(ask, Ask::Company(_)), detail);
    page.act(Action::More);
    page.act(Action::More);
    let is_first = |ask: &Ask| matches!(ask, Ask::Timeline { after, .. } if after == "9-1");
    page.answer(is_first, part(&[8, 2], None));
    if page.asked(is_first) {
        page.answer(is_first, part(&[8, 2], None));
    }
    let timeline = &page.state.company.as_ref().unwrap().timeline;
    let shown: Vec<i64> = timeline.items.iter().map(|item| item.at_unix_ms).collect();
    assert_eq!((shown, timeline.next.as_deref()), (vec![9, 8, 7, 3, 2], None));
    assert!(page.focused("timeline"), "the button is gone");
}

#[test]
fn what_did_not_arrive_is_read_in_pages_and_what_is_left_replaces_it() {
    let mail = |id: i64| {
        json!({"id": id, "number": "", "name": "", "recipient": "a@example.jp", "subject": "s",
        "at_unix_ms": 1, "reason": "RCPT 550", "sendable": true})
    };
    let mut page = Page::signed_in("/mails", Role::Review);
    page.answer(
        |ask| matches!(ask, Ask::Undelivered { after: None }),
        json!({"mails": [mail(9)], "next": 9, "total": 2, "sendable": 2, "revision": "2-13"}),
    );
    page.act(Action::More);
    page.answer(
        |ask| matches!(ask, Ask::Undelivered { after: Some(9) }),
        json!({"mails": [mail(4)], "next": null, "total": 2, "sendable": 2, "revision": "2-13"}),
    );
    assert_eq!(page.state.undelivered.as_ref().unwrap().mails.len(), 2);
    page.confirm(Dialog::SendMail(4));
    let is_one = |ask: &Ask| matches!(ask, Ask::ActOnMails(asked) if asked.of == MailsMeant::One(4));
    page.answer(
        is_one,
        json!({"mails": [mail(9)], "next": null, "total": 1, "sendable": 1, "revision": "1-9"}),
    );
    assert_eq!(page.state.notice, Some(Notice::MailSentAgain));
    page.confirm(Dialog::GiveMailsUp(1));
    let is_all =
        |ask: &Ask| matches!(ask, Ask::ActOnMails(asked) if asked.of == MailsMeant::All("1-9".to_owned()));
    page.refuse(is_all, ApiErrorCode::Stale);
    let is_first = |ask: &Ask| matches!(ask, Ask::Undelivered { after: None });
    page.answer(
        is_first,
        json!({"mails": [mail(9)], "next": null, "total": 1, "sendable": 1, "revision": "1-9"}),
    );
    page.confirm(Dialog::GiveMailsUp(1));
    page.answer(is_all, json!({"mails": [], "next": null, "total": 0, "sendable": 0, "revision": "0-0"}));
    assert_eq!(
        (page.state.notice, page.state.undelivered.as_ref().unwrap().total),
        (Some(Notice::MailsGivenUp), 0)
    );
}

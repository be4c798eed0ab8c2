//! 担当者の管理, 自分のアカウント, 監査記録, and what a role lacks.

use serde_json::json;

use touroku_proto::{
    endpoint::officer as calls,
    officer::{audit::AuditAction, company::ListFormat},
};

use super::*;
use crate::{
    call::{Request, file_at},
    officer::{effect::Timer, route::AuditSearch, state::Notice},
};

fn account(login_id: &str, role: &str, state: &str) -> Value {
    json!({"login_id": login_id, "name": "氏名", "role": role, "state": state, "last_login_unix_ms": null,
           "sessions": 0, "has_card": false, "revision": 4, "email": "taro@example.jp"})
}

fn export() -> Request {
    let query = calls::ExportQuery {
        query: None,
        filter: None,
        parts: None,
        format: Some(ListFormat::Cp932),
        file: None,
    };
    file_at::<calls::Export>((), query)
}

fn link() -> Value {
    json!({"email": "taro@example.jp", "expires_unix_ms": 0})
}

#[test]
fn a_screen_that_the_role_does_not_have_asks_the_server_nothing() {
    for fragment in ["/officers", "/audit", "/settings", "/settings/preview"] {
        let mut page = Page::signed_in(fragment, Role::Review);
        assert!(page.state.waiting.is_empty(), "{fragment}");
        page.visit("/imports");
        assert!(page.asked(|ask| *ask == Ask::Imports));
    }
    assert!(Page::signed_in("/imports", Role::View).state.waiting.is_empty());
}

#[test]
fn a_file_is_asked_for_once_and_a_refusal_is_said_in_words() {
    let mut page = Page::signed_in("/companies", Role::View);
    let is_export = |ask: &Ask| matches!(ask, Ask::Export(file) if file.url.ends_with("format=cp932"));
    page.act(Action::Export(export()));
    assert!(page.asked(is_export));
    page.act(Action::Export(export()));
    assert!(!page.asked(is_export), "it is on its way");
    page.refuse(is_export, ApiErrorCode::Forbidden);
    assert_eq!(page.error(), Some("forbidden"));
    assert!(page.focused("banner"));

    page.act(Action::Export(export()));
    assert_eq!(page.error(), None);
    page.fail(is_export, Trouble::Unreachable);
    page.act(Action::Retry);
    assert!(page.asked(is_export), "もう一度");
    page.answer(is_export, json!(null));
    assert_eq!(page.state.notice, Some(Notice::Exported));
}

#[test]
fn a_new_account_gets_a_link_by_mail() {
    let mut page = Page::signed_in("/officers", Role::Manage);
    page.answer(|ask| *ask == Ask::Officers, json!([account("hanako", "manage", "active")]));
    page.type_in(Input::OfficerLoginId, "Taro");
    page.type_in(Input::OfficerName, "山田　太郎");
    page.act(Action::Submit);
    assert!(page.focused("summary"));
    page.type_in(Input::OfficerLoginId, "taro");
    page.act(Action::PickRole(Role::Review));
    page.type_in(Input::OfficerEmail, "taro at example");
    page.act(Action::Submit);
    assert!(page.focused("summary"));
    page.type_in(Input::OfficerEmail, "taro@example.jp");
    page.act(Action::Submit);
    assert!(page.asked(|ask| matches!(ask, Ask::AddOfficer(body) if body.role == Role::Review)));
    page.answer(|ask| matches!(ask, Ask::AddOfficer(_)), link());
    assert!(page.state.officers.link.as_ref().is_some_and(|(login_id, _)| login_id == "taro"));
    assert_eq!(page.state.text(Input::OfficerLoginId), "");
    assert!(page.asked(|ask| *ask == Ask::Officers));
    page.visit("/");
    assert!(page.state.officers.link.is_none());
}

#[test]
fn a_change_of_an_account_sends_all_that_it_keeps() {
    let mut page = Page::signed_in("/officers", Role::Manage);
    page.answer(|ask| *ask == Ask::Officers, json!([account("taro", "view", "active")]));
    page.confirm(Dialog::ChangeRole("taro".to_owned(), Role::Review));
    let changed = |ask: &Ask| {
        matches!(ask, Ask::ChangeOfficer { body, .. }
            if body.role == Role::Review && body.name == "氏名" && !body.stopped && body.revision == Some(4))
    };
    assert!(page.asked(changed));
    page.answer(changed, account("taro", "review", "active"));
    assert_eq!(page.state.notice, Some(Notice::OfficerChanged));
    page.confirm(Dialog::StopOfficer("taro".to_owned()));
    page.refuse(
        |ask| matches!(ask, Ask::ChangeOfficer { body, .. } if body.stopped),
        ApiErrorCode::LastManager,
    );
    assert_eq!(page.error(), Some("last_manager"));
}

#[test]
fn the_own_password_needs_the_old_one_and_a_code_and_then_the_list_of_sessions_is_read_again() {
    let mut page = Page::signed_in("/account", Role::View);
    page.answer(|ask| *ask == Ask::Sessions, json!([]));
    for input in [Input::NewPassword, Input::NewPasswordAgain] {
        page.type_in(input, "correct horse battery");
    }
    page.act(Action::Submit);
    assert!(page.focused("summary"));
    page.type_in(Input::CurrentPassword, "old");
    page.type_in(Input::Code, "123 456");
    page.act(Action::Submit);
    let sent = |ask: &Ask| matches!(ask, Ask::ChangePassword(body) if body.code == "123456" && body.current == "old");
    assert!(page.asked(sent));
    page.answer(sent, json!(null));
    assert_eq!(page.state.text(Input::NewPassword), "");
    assert_eq!(page.state.notice, Some(Notice::PasswordChanged));
    assert!(page.asked(|ask| *ask == Ask::Sessions));
}

#[test]
fn a_session_is_ended_after_a_question() {
    let mut page = Page::signed_in("/account", Role::View);
    let session = |id: &str| {
        json!({"id": id, "began_unix_ms": 0, "seen_unix_ms": 0, "address": "192.0.2.1", "by_card": false,
               "current": false})
    };
    page.answer(|ask| *ask == Ask::Sessions, json!([session("a"), session("b")]));
    page.confirm(Dialog::EndSession("a".to_owned()));
    page.answer(|ask| *ask == Ask::EndSession("a".to_owned()), json!(null));
    let left: Vec<_> = page.state.officers.sessions.iter().flatten().map(|session| &session.id).collect();
    assert_eq!(left, ["b"]);
}

#[test]
fn the_audit_goes_on_and_keeps_the_first_word_about_a_broken_link() {
    let entry = |sequence: i64| {
        json!({"sequence": sequence, "at_unix_ms": 0, "actor": "", "address": "", "action": "login", "subject": "",
               "detail": "", "previous": "", "hash": ""})
    };
    let mut page = Page::signed_in("/audit", Role::Manage);
    page.answer(
        |ask| matches!(ask, Ask::Audit { .. }),
        json!({"entries": [entry(3), entry(2)], "next": 2, "broken_at": 2}),
    );
    page.act(Action::More);
    page.answer(
        |ask| matches!(ask, Ask::Audit { before: Some(2), .. }),
        json!({"entries": [entry(1)], "next": null, "broken_at": null}),
    );
    let audit = page.state.audit.as_ref().unwrap();
    assert_eq!((audit.entries.len(), audit.broken_at, audit.next), (3, Some(2), None));
}

#[test]
fn what_a_filter_finds_in_the_audit_is_saved_whole_as_a_table_in_words() {
    let entry = |sequence: i64, subject: &str| {
        json!({"sequence": sequence, "at_unix_ms": 0, "actor": "hanako", "address": "192.0.2.1",
               "action": "company_viewed", "subject": subject, "detail": "", "previous": "", "hash": ""})
    };
    let mut page = Page::signed_in("/audit?action=company_viewed", Role::Manage);
    let search = AuditSearch { action: Some(AuditAction::CompanyViewed), ..AuditSearch::default() };
    page.answer(
        |ask| *ask == Ask::Audit { search: search.clone(), before: None },
        json!({"entries": [entry(3, "1")], "next": null, "broken_at": null}),
    );
    page.type_in(Input::AuditSubject, " 990000001 ");
    page.act(Action::Submit);
    assert!(page.effects.iter().any(|effect| matches!(effect, Effect::Go { route, .. }
        if route.to_fragment() == "#/audit?action=company_viewed&subject=990000001")));

    let search = AuditSearch { subject: "990000001".to_owned(), ..search };
    page.act(Action::SaveAudit);
    let list = |before| Ask::ListAudit { search: search.clone(), before };
    page.act(Action::SaveAudit);
    page.answer(|ask| *ask == list(None), json!({"entries": [entry(3, "=1")], "next": 3}));
    page.answer(|ask| *ask == list(Some(3)), json!({"entries": [entry(2, "2")], "next": null}));
    let saved = page.effects.iter().find_map(|effect| match effect {
        Effect::Save { content, .. } => Some(content.as_str()),
        _ => None,
    });
    let lines: Vec<&str> = saved.unwrap().lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("\u{feff}番号,日時,"), "{}", lines[0]);
    assert!(lines[1].starts_with("3,") && lines[1].contains(",'=1,"), "{}", lines[1]);
    assert!(!lines[2].contains("company_viewed"), "{}", lines[2]);
}

#[test]
fn a_change_that_another_manager_was_faster_with_shows_the_accounts_as_they_are_now() {
    let mut page = Page::signed_in("/officers", Role::Manage);
    page.answer(|ask| *ask == Ask::Officers, json!([account("taro", "view", "active")]));
    page.confirm(Dialog::StopOfficer("taro".to_owned()));
    page.refuse(|ask| matches!(ask, Ask::ChangeOfficer { .. }), ApiErrorCode::Stale);
    assert_eq!(page.error(), Some("stale"));
    assert!(page.focused("banner"));
    page.answer(|ask| *ask == Ask::Officers, json!([account("taro", "review", "active")]));
    assert_eq!(page.error(), Some("stale"), "it is read before it goes");
    assert_eq!(page.state.officers.list.as_ref().unwrap()[0].role, Role::Review);
}

#[test]
fn the_look_through_all_entries_is_followed_to_its_end_and_has_the_last_word() {
    let check = |checked: i64, proved: Value, broken_at: Value| json!({"proved": proved, "entries": 9, "checked_unix_ms": checked, "broken_at": broken_at});
    let mut page = Page::signed_in("/audit", Role::Manage);
    page.answer(
        |ask| matches!(ask, Ask::Audit { .. }),
        json!({"entries": [], "next": null, "broken_at": 2, "proved_to": 1, "check": check(5, json!(null), json!(2))}),
    );
    page.act(Action::CheckAudit);
    page.act(Action::CheckAudit);
    assert!(!page.asked(|ask| *ask == Ask::CheckAudit), "once is enough");
    page.answer(|ask| *ask == Ask::CheckAudit, check(5, json!(0), json!(2)));
    assert_eq!(page.state.audit.as_ref().unwrap().broken_at, Some(2));
    page.act(Action::TimeUp(Timer::Audit));
    page.fail(|ask| *ask == Ask::AuditCheck, Trouble::Unreachable);
    assert_eq!(page.error(), None, "the next question may be answered");
    page.act(Action::TimeUp(Timer::Audit));
    page.answer(|ask| *ask == Ask::AuditCheck, check(5, json!(null), json!(2)));
    let shown = |page: &Page| {
        let audit = page.state.audit.as_ref().unwrap();
        (audit.broken_at, audit.proved_to, page.state.audit_check_failed)
    };
    assert_eq!(shown(&page), (Some(2), 1, true), "one that found nothing proves nothing");
    page.act(Action::TimeUp(Timer::Audit));
    assert!(page.effects.is_empty());

    page.act(Action::CheckAudit);
    page.answer(|ask| *ask == Ask::CheckAudit, check(5, json!(0), json!(2)));
    assert!(!page.state.audit_check_failed);
    page.act(Action::TimeUp(Timer::Audit));
    page.answer(|ask| *ask == Ask::AuditCheck, check(6, json!(null), json!(null)));
    assert_eq!(shown(&page), (None, 9, false));
    page.act(Action::TimeUp(Timer::Audit));
    assert!(page.effects.is_empty());

    page.act(Action::CheckAudit);
    page.answer(|ask| *ask == Ask::CheckAudit, check(7, json!(null), json!(3)));
    assert_eq!(shown(&page), (Some(3), 2, false), "over at once");
}

#[test]
fn a_new_link_goes_to_the_known_address_or_to_the_one_that_is_typed() {
    let mut page = Page::signed_in("/officers", Role::Manage);
    page.answer(|ask| *ask == Ask::Officers, json!([account("taro", "view", "active")]));
    page.act(Action::Offer(Dialog::NewLink("taro".to_owned())));
    assert_eq!(page.state.text(Input::LinkEmail), "taro@example.jp");
    page.type_in(Input::LinkEmail, "");
    page.act(Action::Confirm);
    assert!(page.focused("link_email"), "the question stays");
    page.type_in(Input::LinkEmail, "taro@city.example.jp");
    page.act(Action::Confirm);
    let sent = |ask: &Ask| matches!(ask, Ask::NewLink { body, .. } if body.email.as_deref() == Some("taro@city.example.jp"));
    assert!(page.asked(sent));
    page.answer(sent, link());
    assert!(page.focused("setup-link"));
}

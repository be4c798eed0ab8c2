//! 監査記録: what it contains and who sees it.

use serde_json::{Value, json};
use touroku_proto::officer::{
    Role,
    audit::{AuditAction, Detail},
};
use touroku_server::store::Actor;

use crate::support::{client::TestServer, engine::is_sqlite, officer::Officer};

const AUDIT: &str = "/api/officer/audit";

#[tokio::test]
async fn sign_ins_failures_and_changes_are_recorded_with_who_and_from_where() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    officer.client.peer = ([198, 51, 100, 7], 9).into();
    for _ in 0..5 {
        officer.try_to_log_in("wrong password", "000000").await;
    }
    officer.try_to_log_in("wrong password", "000000").await;
    let typed = json!({"agency": "aomori", "login_id": "MySecret#1", "password": "x", "code": "1"});
    officer.post("/api/officer/login", typed).await;
    officer.delete("/api/officer/session").await;
    let new = json!({"login_id": "sato", "name": "佐藤花子", "role": "view", "email": "sato@b.jp"});
    manager.post("/api/officer/officers", new).await;

    let page = manager.get(AUDIT).await.json();
    assert_eq!(page["broken_at"], Value::Null);
    assert_eq!(page["next"], Value::Null);
    let rows: Vec<(&str, &str, &str, &str, &str)> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap();
            (text("actor"), text("address"), text("action"), text("subject"), text("detail"))
        })
        .collect();
    let (one, two) = (officer.login_id.as_str(), manager.login_id.as_str());
    let (near, far) = ("192.0.2.1", "198.51.100.7");
    assert_eq!(
        rows,
        [
            ("command", "", "officer_added", one, r#"{"role":"view"}"#),
            (one, near, "setup_finished", one, ""),
            (one, near, "login", one, ""),
            ("command", "", "officer_added", two, r#"{"role":"manage"}"#),
            (two, near, "setup_finished", two, ""),
            (two, near, "login", two, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_blocked", one, r#"{"blocked_minutes":1}"#),
            ("", far, "login_failed", "", ""),
            (one, far, "logout", one, ""),
            (two, near, "officer_added", "sato", r#"{"role":"view"}"#),
            (two, near, "audit_viewed", "", ""),
        ]
    );
    assert!(!page.to_string().contains("佐藤"), "no person's name");
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_and_the_export_holds_all_of_them() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    for _ in 0..120 {
        assert_eq!(manager.get("/api/officer/audit/export").await.status, 200);
    }
    let first = manager.get(AUDIT).await.json();
    assert_eq!(first["entries"].as_array().unwrap().len(), 100);
    let next = first["next"].as_i64().unwrap();
    let second = manager.get(&format!("{AUDIT}?before={next}")).await.json();
    let sequences = |page: &Value| -> Vec<i64> {
        page["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_i64().unwrap()).collect()
    };
    let all = [sequences(&first), sequences(&second)].concat();
    assert_eq!(all, (1..=124).rev().collect::<Vec<_>>());
    assert_eq!(second["next"], Value::Null);
    for wrong in ["before=x", "before=", "page=2"] {
        assert_eq!(manager.get(&format!("{AUDIT}?{wrong}")).await.code(), "bad_request");
    }
    assert_eq!(manager.get(&format!("{AUDIT}?before=-1")).await.json()["entries"], json!([]));

    let export = manager.get(&format!("{AUDIT}/export")).await;
    let name = export.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"audit-aomori-20") && name.ends_with("-utf-8.jsonl\""),
        "{name}"
    );
    let lines = String::from_utf8(export.body).unwrap();
    assert_eq!(lines.lines().count(), 128);
    let head: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(head["head"]["sequence"], 127);
    let last: Value = serde_json::from_str(lines.lines().nth(126).unwrap()).unwrap();
    assert_eq!((&last["sequence"], &last["action"]), (&json!(127), &json!("audit_exported")));
}

#[tokio::test]
async fn a_filter_finds_by_action_person_object_and_day_and_sees_what_was_altered() {
    let server = TestServer::start().with_agency("shimonoseki");
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let mut other = Officer::new(&server, "shimonoseki", Role::Manage).await;
    for _ in 0..2 {
        officer.get("/api/officer/companies/990000001").await;
        officer.get("/api/officer/companies/990000002").await;
    }
    let one = officer.login_id.clone();
    let mut found = async |query: &str| -> Vec<(String, String)> {
        let page = manager.get(&format!("{AUDIT}?{query}")).await.json();
        assert_eq!(page["broken_at"], Value::Null, "{query}");
        assert_eq!(page["next"], Value::Null, "{query}");
        let listed = manager.get(&format!("{AUDIT}/list?{query}")).await.json();
        let of = |page: &Value| -> Vec<(String, String)> {
            let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
            let entries = page["entries"].as_array().unwrap();
            entries.iter().map(|entry| (text(entry, "action"), text(entry, "subject"))).collect()
        };
        let shown = of(&page);
        if !shown.iter().any(|(action, _)| action == "audit_viewed") {
            assert_eq!(shown, of(&listed), "{query}");
        }
        shown
    };
    let viewed = |number: &str| ("company_viewed".to_owned(), number.to_owned());
    let (first, second) = (viewed("990000001"), viewed("990000002"));
    assert_eq!(found("action=company_viewed").await, [&second, &first, &second, &first].map(Clone::clone));
    assert_eq!(found("subject=%EF%BC%99%EF%BC%99%EF%BC%90000001").await, [first.clone(), first.clone()]);
    assert_eq!(found("subject=99000000").await, []);
    assert_eq!(found(&format!("actor={one}&subject=990000002")).await, [second.clone(), second.clone()]);
    assert_eq!(found("actor=nobody").await, []);
    assert_eq!(found("action=company_viewed&until=2001-01-01").await, []);
    assert_eq!(found("action=company_viewed&from=2001-01-01&until=2999-12-31").await.len(), 4);
    let theirs = other.get(&format!("{AUDIT}/list?action=company_viewed")).await.json();
    assert_eq!(theirs["entries"], json!([]));
    for wrong in ["action=dog", "from=yesterday", "until=2026-02-30", "page=2"] {
        assert_eq!(manager.get(&format!("{AUDIT}?{wrong}")).await.code(), "bad_request", "{wrong}");
    }
    assert_eq!(officer.get(&format!("{AUDIT}/list")).await.code(), "forbidden");

    by_hand(&server, "UPDATE audit SET address = '192.0.2.9' WHERE subject = '990000001'");
    let page = manager.get(&format!("{AUDIT}?subject=990000001")).await.json();
    assert!(page["broken_at"].is_i64(), "{page}");
}

/// Tampers with the database.
fn by_hand(server: &TestServer, statement: &str) {
    server.by_hand(if is_sqlite() {
        "DROP TRIGGER IF EXISTS audit_update; DROP TRIGGER IF EXISTS audit_delete"
    } else {
        "DROP TRIGGER IF EXISTS audit_changed ON audit"
    });
    server.by_hand(statement);
}

/// That many entries, as after years of work.
async fn fill(server: &TestServer, entries: u32) {
    let filled = server.app.store.write(move |writer| {
        let (actor, action) = (Actor::command("aomori"), AuditAction::NumberIssued);
        (0..entries).try_for_each(|_| writer.record_deed(actor, action, "1", &Detail::None, 5))
    });
    filled.await.unwrap();
}

async fn check(manager: &mut Officer) -> Value {
    let mut state = manager.post(&format!("{AUDIT}/check"), json!({})).await.json();
    while state["proved"] != Value::Null {
        tokio::task::yield_now().await;
        state = manager.get(&format!("{AUDIT}/check")).await.json();
    }
    state
}

#[tokio::test]
async fn a_page_goes_on_proving_where_the_last_one_ended_and_so_takes_no_longer_with_the_years() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    fill(&server, 12_000).await;
    let mut proved = Vec::new();
    for _ in 0..4 {
        let page = manager.get(AUDIT).await.json();
        assert_eq!((&page["broken_at"], &page["check"]["checked_unix_ms"]), (&Value::Null, &Value::Null));
        proved.push(page["proved_to"].as_i64().unwrap());
    }
    assert_eq!(proved, [10_000, 12_005, 12_006, 12_007]);

    // What a page shows is always verified, and findings stay recorded.
    by_hand(&server, "UPDATE audit SET subject = '2' WHERE sequence = 50");
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], Value::Null);
    assert_eq!(manager.get(&format!("{AUDIT}?before=101")).await.json()["broken_at"], 50);
    let server = server.restart();
    manager.client.router = server.client().router;
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], 50);
}

#[tokio::test]
async fn an_old_entry_that_was_changed_is_found_by_the_look_through_the_whole_chain_and_shown_from_then_on() {
    let server = TestServer::start().with_agency("shimonoseki");
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let mut other = Officer::new(&server, "shimonoseki", Role::Manage).await;
    fill(&server, 5_000).await;
    assert_eq!(manager.get(AUDIT).await.json()["proved_to"], 5_004);
    by_hand(&server, "UPDATE audit SET subject = '2' WHERE agency = 'aomori' AND sequence = 7");
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], Value::Null);

    touroku_server::officer::audit::check_all(&server.app).await;
    let now = server.now.load(std::sync::atomic::Ordering::SeqCst);
    for _ in 0..2 {
        let page = manager.get(AUDIT).await.json();
        assert_eq!((&page["broken_at"], &page["check"]["checked_unix_ms"]), (&json!(7), &json!(now)));
    }
    let mails = server.take_mails().await;
    let told: Vec<&str> =
        mails.iter().filter(|mail| mail.2.contains("7番の記録")).map(|mail| mail.0.as_str()).collect();
    let officer = format!("{}@officers.example.jp", manager.login_id);
    let all = [officer.as_str(), "keiyaku@aomori.example.jp"];
    assert!(told.len() == 2 && all.iter().all(|one| told.contains(one)), "all officers, once: {told:?}");
    let page = other.get(AUDIT).await.json();
    assert_eq!((&page["broken_at"], &page["check"]["checked_unix_ms"]), (&Value::Null, &json!(now)));

    // Once a night, despite restarts.
    by_hand(&server, "UPDATE audit SET subject = '1' WHERE agency = 'aomori' AND sequence = 7");
    touroku_server::officer::audit::check_all(&server.app).await;
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], 7);
    server.wait(86_400_000);
    touroku_server::officer::audit::check_all(&server.app).await;
    manager.log_in(&server).await;
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], Value::Null);
}

#[tokio::test]
async fn an_officer_has_the_whole_chain_looked_through_at_once() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    fill(&server, 3_000).await;
    let state = check(&mut manager).await;
    assert_eq!((&state["entries"], &state["broken_at"]), (&json!(3_004), &Value::Null));
    by_hand(&server, "DELETE FROM audit WHERE sequence = 1000");
    assert_eq!(check(&mut manager).await["broken_at"], 1000);
    let page = manager.get(AUDIT).await.json();
    assert_eq!((&page["broken_at"], &page["entries"][1]["action"]), (&json!(1000), &json!("audit_checked")));
}

/// A chain that looks intact by itself: cut off after that entry, with its head set to it.
const CUT_OFF: &str = "DELETE FROM audit WHERE sequence > 900; \
     UPDATE audit_head SET sequence = 900, hash = (SELECT hash FROM audit WHERE sequence = 900)";

#[tokio::test]
async fn an_end_that_was_cut_off_behind_an_earlier_proof_is_named_and_stays_so_when_it_is_written_anew() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    fill(&server, 3_000).await;
    assert_eq!(check(&mut manager).await["broken_at"], Value::Null);
    by_hand(&server, CUT_OFF);
    for _ in 0..2 {
        assert_eq!(check(&mut manager).await["broken_at"], 3_004);
    }
    fill(&server, 5_000).await;
    for _ in 0..2 {
        assert_eq!(check(&mut manager).await["broken_at"], 3_004, "there is another one now");
    }
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], 3_004);
    server.wait(86_400_000);
    touroku_server::officer::audit::check_all(&server.app).await;
    manager.log_in(&server).await;
    assert_eq!(manager.get(AUDIT).await.json()["broken_at"], 3_004);
    let mut told = server.take_mails().await;
    told.retain(|(to, _, body)| to == "keiyaku@aomori.example.jp" && body.contains("3004番の記録"));
    assert_eq!(told.len(), 1, "told once");
}

#[tokio::test]
async fn entries_that_were_written_anew_with_fitting_hashes_are_named_by_what_was_proved_before() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    fill(&server, 3_000).await;
    assert_eq!(check(&mut manager).await["broken_at"], Value::Null);
    by_hand(&server, CUT_OFF);
    // Longer than before, and everything in it follows from what precedes.
    fill(&server, 4_000).await;
    assert_eq!(check(&mut manager).await["broken_at"], 3_004);
}

#[tokio::test]
async fn an_entry_that_is_no_text_is_a_broken_one_and_hides_nothing() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    fill(&server, 200).await;
    by_hand(&server, "UPDATE audit SET subject = CAST(x'ff' AS TEXT) WHERE sequence = 50");
    assert_eq!(check(&mut manager).await["broken_at"], 50);
    let page = manager.get(&format!("{AUDIT}?before=101")).await;
    assert_eq!((page.status.as_u16(), &page.json()["broken_at"]), (200, &json!(50)));
}

#[tokio::test]
async fn what_a_page_finds_behind_a_look_that_is_at_work_stays_known() {
    let server = TestServer::start();
    let found = server.app.store.write(|writer| {
        let began = writer.audit_proof("aomori")?.unwrap_or_default();
        writer.note_broken("aomori", 50)?;
        writer.note_checked("aomori", &began, Ok((100, "hash".to_owned())), 7)?;
        let first = writer.audit_proof("aomori")?.unwrap_or_default();
        // One that begins after it is known has the last word.
        writer.note_checked("aomori", &first, Ok((100, "hash".to_owned())), 8)?;
        Ok((first, writer.audit_proof("aomori")?.unwrap_or_default()))
    });
    let (first, second) = found.await.unwrap();
    assert_eq!((first.broken_at, first.sequence, first.checked_at), (Some(50), 0, 7));
    assert_eq!((second.broken_at, second.sequence, second.checked_at), (None, 100, 8));
}

#[tokio::test]
async fn a_clock_that_was_ahead_does_not_put_off_the_nights() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let checked = async |manager: &mut Officer| {
        touroku_server::officer::audit::check_all(&server.app).await;
        manager.get(AUDIT).await.json()["check"]["checked_unix_ms"].as_i64().unwrap()
    };
    let now = server.now.load(std::sync::atomic::Ordering::SeqCst);
    let ahead = 1_000 * 86_400_000;
    server.now.store(now + ahead, std::sync::atomic::Ordering::SeqCst);
    touroku_server::officer::audit::check_all(&server.app).await;
    server.now.store(now, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(checked(&mut manager).await, now);
    server.now.store(now + 1, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(checked(&mut manager).await, now, "once a night");
}

#[tokio::test]
async fn whatever_is_missing_from_a_page_is_named() {
    for (statement, before, at) in [
        ("DELETE FROM audit WHERE sequence = 150", 201, 150),
        ("DELETE FROM audit WHERE sequence = 150", 151, 150),
        ("DELETE FROM audit WHERE sequence = 150", 251, 150),
        ("DELETE FROM audit WHERE sequence < 120", 201, 119),
        ("DELETE FROM audit WHERE sequence < 160", 151, 150),
    ] {
        let server = TestServer::start();
        let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
        fill(&server, 3_000).await;
        check(&mut manager).await;
        by_hand(&server, statement);
        let page = manager.get(&format!("{AUDIT}?before={before}")).await.json();
        assert_eq!(page["broken_at"], at, "{statement} {before}");
    }
}

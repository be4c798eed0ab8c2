//! 審査 of ID登録申請, as officers do it.

use serde_json::{Value, json};
use touroku_server::{
    review::{Decision, Reviewed, decide_account},
    store::Actor,
};

use crate::support::{
    client::{Client, TestServer, account_form, no_limits},
    review::row,
};

const AGENCY: &str = "shimonoseki";
const TWO: &str = "review = true => review = true\u{1}approvals = 2";

fn server(profile: &str) -> TestServer {
    TestServer::start_at(AGENCY, no_limits(), profile)
}

async fn apply(server: &TestServer, login_id: &str) -> Client {
    let mut client = server.client();
    client.reach_application().await;
    let reply = client.apply(login_id, account_form(login_id, "oi25io14")).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    client
}

#[tokio::test]
async fn an_application_is_seen_beside_the_roster_and_approved() {
    let server = server("");
    let mut client = apply(&server, "taro01").await;
    server.take_mails().await;
    server.wait(60_000);
    let mut officer = server.officer(AGENCY, "sato", "review");
    let page = officer.queue("pending").await;
    assert_eq!((&page["pending"], &page["next"]), (&json!(1), &Value::Null));
    let item = &page["applications"][0];
    assert_eq!(
        (&item["kind"], &item["number"], &item["name"], &item["state"]),
        (&json!("account"), &json!("990000001"), &json!("（株）テスト商会０１"), &json!("pending")),
        "{item}"
    );
    let detail = officer.look("account", &item["id"]).await.json();
    assert_eq!((&detail["approvals"], &detail["approved_by_you"]), (&json!(1), &json!(false)));
    let branch = row(&detail, "代表FAX番号");
    assert_eq!(
        (&branch["applied"], &branch["roster"], &branch["differs"]),
        (&json!("017-000-0002"), &json!("017-000-0002"), &json!(false))
    );
    assert!(!detail.to_string().contains("oi25io14"));

    let reply = officer.decide("account", &item["id"], &detail["revision"], None).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    assert_eq!(reply.json()["item"]["state"], "approved");
    assert_eq!(reply.json()["decisions"][0]["officer"], "sato");
    assert!(server.take_mails().await[0].1.contains("承認"));
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    assert_eq!(officer.queue("pending").await["applications"], json!([]));
    assert_eq!(officer.queue("decided").await["applications"][0]["id"], item["id"]);
    assert_eq!(server.audit(AGENCY), [("sato".into(), "application_approved".into(), "990000001".into())]);
    let again = officer.look_and_decide("account", &item["id"], None).await;
    assert_eq!(again.code(), "stale", "it is decided");
}

#[tokio::test]
async fn an_application_has_one_receipt_number_on_page_in_mails_in_the_queue_and_in_the_search() {
    let server = server("");
    let mut client = server.client();
    client.reach_application().await;
    let done = client.apply("taro01", account_form("taro01", "oi25io14")).await.json();
    let receipt = done["completed"]["receipt"].as_str().unwrap().to_owned();
    assert_eq!(done["application"]["own"]["number"], *receipt);
    let line = format!("受付番号 : {receipt}\n");
    assert!(server.take_mails().await.iter().any(|mail| mail.2.contains(&line)));
    let mut officer = server.officer(AGENCY, "sato", "manage");
    let item = officer.queue("pending").await["applications"][0].clone();
    assert_eq!(item["receipt"], *receipt);
    let found = officer.get(&format!("/api/officer/companies?query={receipt}")).await.json();
    assert_eq!(found["companies"][0]["number"], "990000001", "{found}");
    assert_eq!(
        officer.get("/api/officer/companies/990000001").await.json()["accounts"][0]["receipt"],
        *receipt
    );
    officer.look_and_decide("account", &item["id"], None).await;
    assert!(server.take_mails().await.iter().any(|mail| mail.2.contains(&line)));
    let audit = officer.get("/api/officer/audit").await.json();
    assert!(audit.to_string().contains(&receipt), "{audit}");
}

#[tokio::test]
async fn what_differs_from_the_roster_is_marked_and_counted() {
    let server = server("");
    let mut client = server.client();
    client.reach_application().await;
    let mut values = account_form("taro01", "oi25io14");
    values["company_fax"] = "017-999-9999".into();
    values["company_phone"] = "０１７－０００－０００１".into();
    let code = client.apply("a-1", values.clone()).await.code();
    if code == "fields_invalid" {
        values["company_phone"] = "017-000-0001".into();
        assert_eq!(client.apply("a-1", values).await.code(), "");
    }
    let mut officer = server.officer(AGENCY, "sato", "view");
    let page = officer.queue("pending").await;
    assert_eq!(page["applications"][0]["differences"], 1, "{page}");
    let detail = officer.look("account", &page["applications"][0]["id"]).await.json();
    let differing: Vec<&str> = detail["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["differs"] == true)
        .map(|row| row["applied"].as_str().unwrap())
        .collect();
    assert_eq!(differing, ["017-999-9999"]);
}

#[tokio::test]
async fn the_queue_is_searched_by_receipt_number_and_name_and_filtered_by_kind_and_differences() {
    let server = server("");
    let mut client = server.client();
    client.reach_application().await;
    let mut values = account_form("taro01", "oi25io14");
    values["company_fax"] = "017-999-9999".into();
    assert_eq!(client.apply("a-1", values).await.code(), "");
    apply(&server, "taro02").await;
    let mut officer = server.officer(AGENCY, "sato", "view");
    let all = officer.queue("pending").await["applications"].clone();
    let receipt = all[1]["receipt"].as_str().unwrap().to_owned();
    for (filter, ids) in [
        (format!("query={receipt}"), vec![2]),
        ("query=９９００００００１".to_owned(), vec![1, 2]),
        ("query=㈱テスト商会".to_owned(), vec![1, 2]),
        ("query=別の会社".to_owned(), vec![]),
        ("kind=account".to_owned(), vec![1, 2]),
        ("kind=card".to_owned(), vec![]),
        ("differences=some".to_owned(), vec![1]),
        ("differences=none".to_owned(), vec![2]),
    ] {
        let page = officer.get(&format!("/api/officer/applications?state=pending&{filter}")).await.json();
        let found: Vec<i64> = page["applications"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect();
        assert_eq!(found, ids, "{filter}");
        assert_eq!(page["pending"], 2, "all that wait");
    }
    for wrong in ["kind=king", "differences=few"] {
        assert_eq!(officer.get(&format!("/api/officer/applications?{wrong}")).await.code(), "bad_request");
    }
}

#[tokio::test]
async fn a_note_is_read_by_officers_only_and_stands_in_the_record_without_its_text() {
    let server = server("");
    let mut client = apply(&server, "taro01").await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let path = "/api/officer/applications/account/1";
    let before = officer.get(path).await.json();
    let text = "電話で代表者に確認中";
    assert_eq!(officer.post(&format!("{path}/notes"), json!({"text": "  "})).await.code(), "reason_missing");
    let noted = officer.post(&format!("{path}/notes"), json!({"text": format!(" {text}\n")})).await.json();
    assert_eq!((&noted["notes"][0]["text"], &noted["notes"][0]["officer"]), (&json!(text), &json!("sato")));
    assert_eq!(noted["revision"], before["revision"], "a decision on what was seen before still counts");
    let mut viewer = server.officer(AGENCY, "suzuki", "view");
    assert_eq!(viewer.get(path).await.json()["notes"], noted["notes"]);
    assert_eq!(viewer.post(&format!("{path}/notes"), json!({"text": text})).await.code(), "forbidden");
    let decided = officer.decide("account", &json!(1), &before["revision"], Some("印影が違います")).await;
    assert_eq!(decided.json()["notes"], noted["notes"]);
    assert_eq!(server.audit(AGENCY)[0], ("sato".into(), "application_noted".into(), "990000001".into()));
    let log_in = client.log_in_by_id("taro01", "oi25io14", "bid").await;
    assert!(!log_in.json().to_string().contains(text));
    assert!(server.take_mails().await.iter().all(|mail| !mail.2.contains(text)));
}

#[tokio::test]
async fn a_rejection_needs_a_reason_that_the_applicant_reads() {
    let server = server("");
    let mut client = apply(&server, "taro01").await;
    server.take_mails().await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let detail = officer.look("account", &json!(1)).await.json();
    // The sample's.
    let offered = detail["reject_reasons"].as_array().unwrap();
    assert!(offered.len() == 4 && offered[0].as_str().unwrap().starts_with("申請の内容が"), "{offered:?}");
    let long = "あ".repeat(501);
    for reason in ["", "  \n ", &long, "鈴\u{0}"] {
        let reply = officer.decide("account", &json!(1), &detail["revision"], Some(reason)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "reason_missing"), "{reason}");
    }
    assert!(server.take_mails().await.is_empty());
    let reply = officer.decide("account", &json!(1), &detail["revision"], Some("印影が違います")).await;
    assert_eq!((reply.code().as_str(), reply.json()["reason"].as_str()), ("", Some("印影が違います")));
    assert!(server.take_mails().await.iter().all(|mail| mail.2.contains("印影が違います")));
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "application_rejected");
    assert_eq!(server.audit(AGENCY)[0].1, "application_rejected");
}

#[tokio::test]
async fn who_may_only_look_decides_nothing_and_nobody_does_without_a_session() {
    let server = server("");
    apply(&server, "taro01").await;
    let mut viewer = server.officer(AGENCY, "suzuki", "view");
    assert_eq!(viewer.look_and_decide("account", &json!(1), None).await.code(), "forbidden");
    let mut nobody = server.client();
    for path in ["/api/officer/applications", "/api/officer/applications/account/1"] {
        assert_eq!(nobody.get(path).await.code(), "session_missing", "{path}");
    }
    assert_eq!(nobody.decide("account", &json!(1), &json!(""), None).await.code(), "session_missing");
    assert!(server.audit(AGENCY).is_empty());
}

#[tokio::test]
async fn another_agencys_officer_finds_nothing() {
    let server = server("").with_agency("aomori");
    apply(&server, "taro01").await;
    let mut own = server.officer(AGENCY, "sato", "review");
    let revision = own.look("account", &json!(1)).await.json()["revision"].clone();
    let mut other = server.officer("aomori", "sato", "manage");
    assert_eq!(other.queue("pending").await, json!({"applications": [], "next": null, "pending": 0}));
    assert_eq!(other.look("account", &json!(1)).await.code(), "not_found");
    assert_eq!(other.decide("account", &json!(1), &revision, None).await.code(), "not_found");
    assert_eq!(own.decide("account", &json!(1), &revision, None).await.code(), "");
}

#[tokio::test]
async fn two_officers_at_once_decide_once() {
    let server = server("");
    apply(&server, "taro01").await;
    server.take_mails().await;
    let mut one = server.officer(AGENCY, "sato", "review");
    let mut two = server.officer(AGENCY, "suzuki", "review");
    let revision = one.look("account", &json!(1)).await.json()["revision"].clone();
    let id = json!(1);
    let (first, second) = tokio::join!(
        one.decide("account", &id, &revision, None),
        two.decide("account", &id, &revision, Some("番号が違います")),
    );
    let mut codes = [first.code(), second.code()];
    codes.sort();
    assert_eq!(codes, ["", "stale"]);
    let detail = one.look("account", &json!(1)).await.json();
    assert_eq!(detail["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(server.take_mails().await.len(), 2, "to each address one");
    assert_eq!(server.audit(AGENCY).len(), 1);
}

#[tokio::test]
async fn a_revision_that_is_not_the_one_that_is_shown_is_stale() {
    let server = server("");
    apply(&server, "taro01").await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let revision = officer.look("account", &json!(1)).await.json()["revision"].clone();
    assert_eq!(officer.decide("account", &json!(1), &json!("0"), None).await.code(), "stale");
    // The roster changes meanwhile.
    let change = server.app.store.write(|writer| {
        let mut row = writer.roster_row(AGENCY, "990000001")?.unwrap();
        row.fax = "017-555-5555".into();
        writer.take_over(AGENCY, &row, 0).map(drop)
    });
    change.await.unwrap();
    assert_eq!(officer.decide("account", &json!(1), &revision, None).await.code(), "stale");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
}

#[tokio::test]
async fn two_different_officers_approve_where_the_profile_asks_for_two() {
    let server = server(TWO);
    let mut client = apply(&server, "taro01").await;
    server.take_mails().await;
    let mut one = server.officer(AGENCY, "sato", "review");
    let mut two = server.officer(AGENCY, "suzuki", "manage");
    let id = json!(1);
    let revision = one.look("account", &id).await.json()["revision"].clone();
    let first = one.decide("account", &id, &revision, None).await;
    assert_eq!(first.code(), "", "{first:?}");
    let first = first.json();
    assert_eq!(
        (&first["item"]["state"], &first["item"]["first_approver"], &first["approved_by_you"]),
        (&json!("first_approved"), &json!("sato"), &json!(true))
    );
    assert!(server.take_mails().await.is_empty(), "nothing is decided yet");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "application_pending");
    assert_eq!(one.decide("account", &id, &revision, None).await.code(), "same_officer");
    assert_eq!(one.look_and_decide("account", &id, None).await.code(), "same_officer");
    assert_eq!(
        two.decide("account", &id, &revision, None).await.code(),
        "stale",
        "seen before the first approval"
    );
    let seen = two.look("account", &id).await.json();
    assert_eq!((&seen["approved_by_you"], &seen["approvals"]), (&json!(false), &json!(2)));
    let second = two.decide("account", &id, &seen["revision"], None).await;
    assert_eq!(second.json()["item"]["state"], "approved", "{second:?}");
    assert_eq!(server.take_mails().await.len(), 2);
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    let actions: Vec<String> = server.audit(AGENCY).into_iter().map(|entry| entry.1).collect();
    assert_eq!(actions, ["application_first_approved", "application_approved"]);
}

#[tokio::test]
async fn after_a_first_approval_anybody_may_still_reject() {
    let server = server(TWO);
    apply(&server, "taro01").await;
    let mut one = server.officer(AGENCY, "sato", "review");
    one.look_and_decide("account", &json!(1), None).await;
    let reply = one.look_and_decide("account", &json!(1), Some("番号が違います")).await;
    assert_eq!(reply.json()["item"]["state"], "rejected", "{reply:?}");
}

#[tokio::test]
async fn the_command_line_counts_as_one_approver() {
    let server = server(TWO);
    let mut client = apply(&server, "taro01").await;
    let by_command = async || {
        let app = server.app.clone();
        let reviewed = server.app.store.write(move |writer| {
            let profile = app.agencies.profile(AGENCY)?;
            let desk = app.desk(writer, profile, app.outside.now());
            decide_account(&desk, "990000001", 1, Decision::Approve, Actor::command(AGENCY))
        });
        reviewed.await.unwrap()
    };
    assert!(matches!(by_command().await, Reviewed::FirstApproved));
    assert!(matches!(by_command().await, Reviewed::SameOfficer));
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "application_pending");
    let mut officer = server.officer(AGENCY, "sato", "review");
    let page = officer.queue("pending").await;
    assert_eq!(page["applications"][0]["first_approver"], "command");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    assert_eq!(server.audit(AGENCY)[0].0, "command");
}

#[tokio::test]
async fn a_long_queue_comes_in_pages_and_nothing_twice() {
    let server = server("");
    let fill = server.app.store.write(|writer| {
        let empty = touroku_proto::field::Values::default();
        for index in 0..120 {
            let (number, id) = (format!("1{index:08}"), format!("id{index:04}"));
            let row = touroku_server::store::RosterRow { number: number.clone(), ..Default::default() };
            writer.take_over(AGENCY, &row, 0)?;
            let new = touroku_server::store::NewApplication {
                category: "small",
                number: &number,
                login_id: &id,
                password_hash: "",
                values: &empty,
                state: touroku_proto::account::ApplicationState::Pending,
                receipt: &id,
            };
            // Ten at the same moment each.
            writer.apply(AGENCY, &new, index / 10)?;
        }
        Ok(())
    });
    fill.await.unwrap();
    let mut officer = server.officer(AGENCY, "sato", "review");
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = officer.get(&format!("/api/officer/applications?after={after}")).await.json();
        assert_eq!(page["pending"], 120);
        seen.extend(page["applications"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        after = next.to_owned();
    }
    assert_eq!(seen, (1..=120).collect::<Vec<_>>());
    let decide = server.app.store.write(|writer| {
        for id in 1..=60 {
            writer.decide(id, touroku_proto::account::ApplicationState::Rejected, "理由", id / 7)?;
        }
        Ok(())
    });
    decide.await.unwrap();
    let first = officer.queue("decided").await;
    let second = first["next"].as_str().unwrap();
    let second = officer.get(&format!("/api/officer/applications?state=decided&after={second}")).await.json();
    let decided: Vec<i64> = [&first, &second]
        .iter()
        .flat_map(|page| page["applications"].as_array().unwrap())
        .map(|item| item["id"].as_i64().unwrap())
        .collect();
    assert_eq!(decided, (1..=60).rev().collect::<Vec<_>>());
    for bad in ["x", "1.card", "1.dog.2", "a.card.1"] {
        let reply = officer.get(&format!("/api/officer/applications?after={bad}")).await;
        assert_eq!(reply.code(), "bad_request", "{bad}");
    }
    assert_eq!(officer.get("/api/officer/applications?state=all").await.code(), "bad_request");
    for path in ["dog/1", "account/x", "account/9999", "card/1"] {
        let reply = officer.get(&format!("/api/officer/applications/{path}")).await;
        assert_eq!(reply.code(), "not_found", "{path}");
    }
}

//! One 管理 officer alone never counts as two: links go only to their officers, and whoever creates an account
//! does not count beside it.

use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::support::{
    client::{TestServer, account_form, no_limits},
    officer::{Authenticator, Officer, PASSWORD, mailed_link, token_of},
};

const AGENCY: &str = "shimonoseki";
const OFFICERS: &str = "/api/officer/officers";
const DAY: i64 = 86_400_000;

/// A server where two must approve, and a pending application.
async fn server() -> TestServer {
    let two = "review = true => review = true\u{1}approvals = 2";
    let server = TestServer::start_at(AGENCY, no_limits(), two);
    let mut applicant = server.client();
    applicant.reach_application().await;
    assert_eq!(applicant.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    server
}

fn email(login_id: &str) -> String {
    format!("{login_id}@officers.example.jp")
}

/// The account with that ログインID, opened through the link sent to its address.
async fn set_up(server: &TestServer, login_id: &str) -> Officer {
    let link = mailed_link(server, &email(login_id)).await;
    let mut client = server.client();
    let setup = client.post("/api/officer/setup/begin", json!({"token": token_of(&link)})).await;
    let authenticator = Authenticator::of(&setup);
    let code = authenticator.code(server);
    let finish = json!({"token": token_of(&link), "password": PASSWORD, "code": code});
    assert_eq!(client.post("/api/officer/setup", finish).await.code(), "");
    Officer { client, agency: AGENCY.to_owned(), login_id: login_id.to_owned(), authenticator }
}

async fn made_by(server: &TestServer, manager: &mut Officer, login_id: &str) -> Officer {
    let new = json!({"login_id": login_id, "name": "職員", "role": "manage", "email": email(login_id)});
    assert_eq!(manager.post(OFFICERS, new).await.code(), "");
    set_up(server, login_id).await
}

/// Proposes to turn 審査 off; what an administrator confirms.
async fn propose(officer: &mut Officer) -> Value {
    let now = officer.get("/api/officer/profile").await.json();
    let text = now["text"].as_str().unwrap().replacen("review = true", "review = false", 1);
    let new = json!({"text": text, "base": now["hash"]});
    let proposed = officer.put("/api/officer/profile", new).await.json();
    json!({"hash": proposed["proposal"]["hash"]})
}

async fn confirm(officer: &mut Officer, proposal: &Value) -> String {
    officer.post("/api/officer/profile/proposal", proposal.clone()).await.code()
}

async fn approve(officer: &mut Officer) -> String {
    officer.client.look_and_decide("account", &json!(1), None).await.code()
}

#[tokio::test]
async fn who_makes_an_account_never_sees_its_link() {
    let server = server().await;
    let mut manager = Officer::new(&server, AGENCY, Role::Manage).await;
    let new = json!({"login_id": "puppet", "name": "職員", "role": "review", "email": email("puppet")});
    let added = manager.post(OFFICERS, new).await;
    assert_eq!((added.code().as_str(), &added.json()["email"]), ("", &json!(email("puppet"))));
    let reset = manager.post(&format!("{OFFICERS}/puppet/setup"), json!({})).await;
    assert_eq!((reset.code().as_str(), &reset.json()["email"]), ("", &json!(email("puppet"))));
    for reply in [added, reset] {
        assert!(!String::from_utf8_lossy(&reply.body).contains("setup="), "{reply:?}");
    }
    assert!(mailed_link(&server, &email("puppet")).await.contains("#setup="));
    for address in ["", "puppet", "a@b@c"] {
        let new = json!({"login_id": "other", "name": "職員", "role": "view", "email": address});
        assert_eq!(manager.post(OFFICERS, new).await.code(), "bad_request", "{address}");
    }
}

#[tokio::test]
async fn everybody_is_told_of_an_account_that_a_manager_makes() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let other = Officer::new(&server, AGENCY, Role::View).await;
    server.take_mails().await;
    let new = json!({"login_id": "puppet", "name": "職員", "role": "review", "email": email("puppet")});
    assert_eq!(maker.post(OFFICERS, new).await.code(), "");
    let mails = server.take_mails().await;
    let told = mails.iter().find(|(to, ..)| *to == email(&other.login_id)).unwrap();
    assert!(told.2.contains(&maker.login_id) && told.2.contains("puppet"), "{}", told.2);
    assert!(!told.2.contains("setup="), "{}", told.2);
}

#[tokio::test]
async fn who_made_an_account_does_not_count_beside_it_however_old_it_is() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut third = Officer::new(&server, AGENCY, Role::Review).await;
    let mut puppet = made_by(&server, &mut maker, "puppet").await;
    let mut puppets_own = made_by(&server, &mut puppet, "puppet.two").await;
    assert_eq!(approve(&mut maker).await, "");
    for officer in [&mut puppet, &mut puppets_own] {
        assert_eq!(approve(officer).await, "approver_dependent");
    }
    server.wait(11 * DAY);
    for officer in [&mut puppet, &mut puppets_own] {
        assert_eq!(officer.log_in(&server).await.code(), "");
        let seen = officer.client.look("account", &json!(1)).await.json();
        assert_eq!(seen["blocked"], json!("made"));
        assert_eq!(approve(officer).await, "approver_dependent");
    }
    assert_eq!(third.log_in(&server).await.code(), "");
    assert_eq!(approve(&mut third).await, "");
    assert_eq!(third.client.look("account", &json!(1)).await.json()["item"]["state"], "approved");
}

#[tokio::test]
async fn an_account_that_an_officer_made_or_reset_counts_after_ten_days() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut first = Officer::new(&server, AGENCY, Role::Review).await;
    let mut second = made_by(&server, &mut maker, "new.officer").await;
    let mut veteran = Officer::new(&server, AGENCY, Role::Review).await;
    assert_eq!(maker.post(&format!("{OFFICERS}/{}/setup", veteran.login_id), json!({})).await.code(), "");
    veteran = set_up(&server, &veteran.login_id).await;

    assert_eq!(approve(&mut second).await, "approver_dependent", "nor as the first");
    assert_eq!(approve(&mut veteran).await, "approver_dependent");
    assert_eq!(approve(&mut first).await, "");
    let seen = second.client.look("account", &json!(1)).await.json();
    assert!(seen["blocked"]["new"].is_i64(), "{}", seen["blocked"]);
    server.wait(10 * DAY - 60_000);
    assert_eq!(second.log_in(&server).await.code(), "");
    assert_eq!(approve(&mut second).await, "approver_dependent");
    server.wait(60_000);
    assert_eq!(approve(&mut second).await, "");
    assert_eq!(second.client.look("account", &json!(1)).await.json()["blocked"], Value::Null);
}

#[tokio::test]
async fn who_made_an_administrator_and_they_confirm_nothing_that_the_other_proposes() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut uninvolved = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut made = made_by(&server, &mut maker, "puppet").await;
    server.wait(11 * DAY);
    for officer in [&mut maker, &mut made, &mut uninvolved] {
        assert_eq!(officer.log_in(&server).await.code(), "");
    }
    let proposal = propose(&mut maker).await;
    assert_eq!(confirm(&mut made, &proposal).await, "approver_dependent");
    let proposal = propose(&mut made).await;
    assert_eq!(confirm(&mut maker, &proposal).await, "approver_dependent");
    assert_eq!(confirm(&mut uninvolved, &proposal).await, "");
}

#[tokio::test]
async fn an_administrator_whose_only_colleagues_are_of_their_making_waits_a_day_as_if_alone() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut made = made_by(&server, &mut maker, "puppet").await;
    let proposal = propose(&mut maker).await;
    server.wait(2 * DAY);
    assert_eq!(maker.log_in(&server).await.code(), "");
    assert_eq!(confirm(&mut maker, &proposal).await, "same_officer", "not right after they made one");
    server.wait(11 * DAY);
    for officer in [&mut maker, &mut made] {
        assert_eq!(officer.log_in(&server).await.code(), "");
    }
    let proposal = propose(&mut maker).await;
    assert_eq!(confirm(&mut maker, &proposal).await, "wrong_state");
    assert_eq!(confirm(&mut made, &proposal).await, "approver_dependent");
    server.wait(DAY);
    assert_eq!(maker.log_in(&server).await.code(), "");
    assert_eq!(confirm(&mut maker, &proposal).await, "");
}

#[tokio::test]
async fn two_of_one_maker_do_not_count_as_two_where_somebody_uninvolved_could_decide() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut one = made_by(&server, &mut maker, "puppet.one").await;
    let mut two = made_by(&server, &mut maker, "puppet.two").await;
    server.wait(11 * DAY);
    for officer in [&mut one, &mut two] {
        assert_eq!(officer.log_in(&server).await.code(), "");
    }
    assert_eq!(approve(&mut one).await, "");
    assert_eq!(
        two.client.look("account", &json!(1)).await.json()["blocked"],
        Value::Null,
        "nobody else could"
    );
    let mut uninvolved = Officer::new(&server, AGENCY, Role::Manage).await;
    assert_eq!(two.client.look("account", &json!(1)).await.json()["blocked"], json!("made"));
    assert_eq!(approve(&mut two).await, "approver_dependent");
    assert_eq!(approve(&mut uninvolved).await, "");
}

//! One 管理 officer alone never counts as two: links go only to their officers, and whoever creates an account
//! does not count beside it.

use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::{
    officer_cli::{put_key, run},
    support::{
        client::{TestServer, account_form, no_limits},
        officer::{Authenticator, Officer, PASSWORD, mailed_link, token_of},
    },
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

/// Two of one maker, one of whom has approved, beside an administrator of another origin; all old enough to count.
async fn puppets_beside_another(server: &TestServer) -> (Officer, [Officer; 2], Officer) {
    let mut maker = Officer::new(server, AGENCY, Role::Manage).await;
    let other = Officer::new(server, AGENCY, Role::Manage).await;
    let mut puppets =
        [made_by(server, &mut maker, "puppet.one").await, made_by(server, &mut maker, "puppet.two").await];
    server.wait(11 * DAY);
    for officer in puppets.iter_mut().chain([&mut maker]) {
        assert_eq!(officer.log_in(server).await.code(), "");
    }
    assert_eq!(approve(&mut puppets[0]).await, "");
    (maker, puppets, other)
}

#[tokio::test]
async fn to_stop_or_relink_whoever_could_decide_instead_makes_no_two_of_one() {
    for (path, body) in [
        ("", json!({"name": "職員", "role": "manage", "stopped": true})),
        ("", json!({"name": "職員", "role": "view", "stopped": false})),
        ("/setup", json!({})),
        ("/setup", json!({"email": "maker@example.com"})),
    ] {
        let server = server().await;
        let (mut maker, [_, mut second], other) = puppets_beside_another(&server).await;
        assert_eq!(approve(&mut second).await, "approver_dependent");
        let way = format!("{OFFICERS}/{}{path}", other.login_id);
        let reply = match path {
            "" => maker.put(&way, body.clone()).await,
            _ => maker.post(&way, body.clone()).await,
        };
        assert_eq!(reply.code(), "", "{reply:?}");
        assert_eq!(approve(&mut second).await, "approver_dependent", "{body}");
        // One more of the same maker is not uninvolved, and does not make the others so.
        made_by(&server, &mut maker, "puppet.three").await;
        assert_eq!(approve(&mut second).await, "approver_dependent", "{body}");
    }
}

#[tokio::test]
async fn a_new_link_at_the_same_address_binds_nobody_for_longer_than_it_takes_to_be_noticed() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let mut other = Officer::new(&server, AGENCY, Role::Manage).await;
    let relink = format!("{OFFICERS}/{}/setup", other.login_id);
    assert_eq!(maker.post(&relink, json!({})).await.code(), "");
    other = set_up(&server, &other.login_id).await;
    server.wait(11 * DAY);
    for officer in [&mut maker, &mut other] {
        assert_eq!(officer.log_in(&server).await.code(), "");
    }
    // For what was pending then the two never count together.
    assert_eq!(approve(&mut maker).await, "");
    assert_eq!(approve(&mut other).await, "approver_dependent");
    // Another administrator whom they once sent a link is another administrator.
    let proposal = propose(&mut maker).await;
    server.wait(2 * DAY);
    assert_eq!(maker.log_in(&server).await.code(), "");
    assert_eq!(confirm(&mut maker, &proposal).await, "same_officer");
    assert_eq!(other.log_in(&server).await.code(), "");
    assert_eq!(confirm(&mut other, &proposal).await, "");
}

#[tokio::test]
async fn who_moved_an_account_to_another_address_has_made_it() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let other = Officer::new(&server, AGENCY, Role::Manage).await;
    let moved = json!({"email": email("puppet")});
    let relink = format!("{OFFICERS}/{}/setup", other.login_id);
    assert_eq!(maker.post(&relink, moved).await.code(), "");
    let link = mailed_link(&server, &email("puppet")).await;
    assert!(link.contains("#setup="));
    server.wait(11 * DAY);
    assert_eq!(maker.log_in(&server).await.code(), "");
    let proposal = propose(&mut maker).await;
    assert_eq!(confirm(&mut maker, &proposal).await, "wrong_state", "as if alone");
}

#[tokio::test]
async fn the_command_line_ends_that_an_account_was_made_by_whoever_moved_it() {
    for link in [json!({"email": "typo@officers.example.jp"}), json!({})] {
        let server = server().await;
        put_key(&server);
        let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
        let other = Officer::new(&server, AGENCY, Role::Manage).await;
        let relink = format!("{OFFICERS}/{}/setup", other.login_id);
        assert_eq!(maker.post(&relink, link.clone()).await.code(), "");
        assert_eq!(approve(&mut maker).await, "");
        let to = email(&other.login_id);
        let reset =
            ["officer", "reset", "--agency", AGENCY, "--login-id", &other.login_id, "--email", to.as_str()];
        let (status, said) = run(&server.folder, &reset);
        assert_eq!(status, 0, "{said}");
        let mut other = set_up(&server, &other.login_id).await;
        assert_eq!(approve(&mut other).await, "", "{link}");
    }
}

#[tokio::test]
async fn who_was_moved_to_another_address_reads_what_is_proposed_next_at_the_former_one() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let other = Officer::new(&server, AGENCY, Role::Manage).await;
    Officer::new(&server, AGENCY, Role::Manage).await;
    let relink = format!("{OFFICERS}/{}/setup", other.login_id);
    for address in ["puppet", "second.puppet"] {
        assert_eq!(maker.post(&relink, json!({"email": email(address)})).await.code(), "");
    }
    server.take_mails().await;
    propose(&mut maker).await;
    let is_told = |mail: &(String, String, String)| {
        mail.0 == email(&other.login_id) && mail.1.contains("安全にかかわる変更")
    };
    let mails = server.take_mails().await;
    assert!(mails.iter().any(is_told), "{mails:?}");
    server.wait(11 * DAY);
    assert_eq!(maker.log_in(&server).await.code(), "");
    propose(&mut maker).await;
    assert!(!server.take_mails().await.iter().any(is_told), "not for ever");
}

#[tokio::test]
async fn an_officer_who_is_stopped_demoted_or_promoted_is_told_and_so_is_everybody() {
    let server = server().await;
    let mut maker = Officer::new(&server, AGENCY, Role::Manage).await;
    let other = Officer::new(&server, AGENCY, Role::Manage).await;
    let viewer = Officer::new(&server, AGENCY, Role::View).await;
    let way = format!("{OFFICERS}/{}", other.login_id);
    for (role, stopped, what) in [
        ("view", false, "「管理」から「閲覧」"),
        ("manage", false, "「閲覧」から「管理」"),
        ("manage", true, "停止しました"),
    ] {
        server.take_mails().await;
        let body = json!({"name": "職員", "role": role, "stopped": stopped});
        let changed = maker.put(&way, body).await;
        assert_eq!(changed.code(), "", "{changed:?}");
        let mails = server.take_mails().await;
        for officer in [&other, &viewer, &maker] {
            let told = mails.iter().find(|(to, ..)| *to == email(&officer.login_id));
            let told = told.unwrap_or_else(|| panic!("{what}: {mails:?}"));
            assert!(told.2.contains(what) && told.2.contains(&maker.login_id), "{told:?}");
        }
    }
    // Who was stopped reads what is proposed next.
    propose(&mut maker).await;
    let mails = server.take_mails().await;
    let is_told = |mail: &(String, String, String)| mail.0 == email(&other.login_id);
    assert!(mails.iter().any(|mail| is_told(mail) && mail.1.contains("安全にかかわる変更")), "{mails:?}");
    server.wait(11 * DAY);
    assert_eq!(maker.log_in(&server).await.code(), "");
    propose(&mut maker).await;
    assert!(!server.take_mails().await.iter().any(is_told), "not for ever");
}

//! ICカード更新, and what the existing contacts are told about a second card.

use std::{future::poll_fn, pin::pin, task::Poll};

use serde_json::{Value, json};

use crate::support::{
    authority::{Card, NOW, Spec},
    client::{Client, Reply, TestServer, card_form, edited},
};

async fn renew(client: &mut Client, submission: &str) -> Reply {
    client.post("/api/renewal", json!({"submission": submission})).await
}

/// Up to 電子証明書更新確認.
async fn show_both(client: &mut Client, old: &Card, new: &Card) -> Value {
    client.log_in(old, "renew_old").await;
    let reply = client.login(new, "renew_new").await;
    assert_eq!(reply.code(), "", "{reply:?}");
    reply.json()
}

/// Which of the two logs in for 電子入札.
async fn which_works(server: &TestServer, old: &Card, new: &Card) -> (bool, bool) {
    let mut client = server.client();
    client.begin().await;
    let old = client.login(old, "bid").await.code().is_empty();
    let new = client.login(new, "bid").await.code().is_empty();
    (old, new)
}

#[tokio::test]
async fn the_new_card_takes_everything_over_and_the_old_one_opens_nothing_any_more() {
    let server = TestServer::start();
    let (old, new) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&old).await;
    server.take_mails().await;

    let both = show_both(&mut client, &old, &new).await;
    assert_eq!(both["purpose"], "renew_new");
    assert_eq!(both["card"]["values"]["certificate_serial"], "7");
    assert_eq!(both["new_card"]["values"]["certificate_serial"], "8");
    assert_eq!((&both["card"]["registered"], &both["new_card"]["registered"]), (&json!(true), &json!(false)));
    assert_eq!(both["company"]["values"]["company_id"], "9992100000000001");

    let done = renew(&mut client, "r-1").await.json();
    let completed = &done["completed"];
    assert_eq!(
        (&completed["function"], &completed["company_id"]),
        (&json!("renew"), &json!("9992100000000001"))
    );
    assert_eq!(completed["values"]["certificate_serial"], "8");
    assert_eq!(completed["values"]["card_contact_person"], "連絡花子");
    assert_eq!((&done["card"]["registered"], &done["new_card"]["registered"]), (&json!(false), &json!(true)));
    assert_eq!(client.get("/api/session").await.json()["completed"], *completed);
    let mails = server.take_mails().await;
    assert_eq!(mails.len(), 2);
    assert!(mails[0].1.contains("更新") && mails[0].2.contains("証明書シリアル番号 : 8"), "{mails:?}");
    for part in ["ICカードに更新されました", "操作に使われたもの : ICカード"] {
        assert!(mails.iter().all(|mail| mail.2.contains(part)), "{part}: {mails:?}");
    }

    assert_eq!(which_works(&server, &old, &new).await, (false, true));
    let session = client.log_in(&new, "change").await;
    assert_eq!(session["company"]["values"]["card_contact_email"], "card@example.jp");
    let changed = edited(&session, &[("card_contact_person", "後任")]);
    assert_eq!(client.change("c-1", &session["company"]["revision"], changed).await.code(), "");

    let mut other = server.client();
    other.begin().await;
    other.log_in(&new, "renew_old").await;
    assert_eq!(other.login(&old, "renew_new").await.code(), "card_replaced", "there is no way back");
}

#[tokio::test]
async fn a_replaced_card_hears_which_card_is_registered_now_and_no_other_card_does() {
    let server = TestServer::start();
    let [first, second, third] = [7, 8, 9].map(|serial| server.card(serial));
    let mut client = server.client();
    client.registered(&first).await;
    show_both(&mut client, &first, &second).await;
    renew(&mut client, "r-1").await;
    show_both(&mut client, &second, &third).await;
    let registered = renew(&mut client, "r-2").await.json()["completed"]["values"].clone();

    let mut other = server.client();
    other.begin().await;
    for purpose in ["bid", "change", "renew_old", "register"] {
        let reply = other.login(&first, purpose).await;
        assert_eq!(reply.code(), "card_replaced", "{purpose}");
        let named = ["card_holder_name", "certificate_expiry"].map(|field| (field, &registered[field]));
        assert_eq!(reply.json()["card"], json!(std::collections::BTreeMap::from(named)), "{purpose}");
    }
    let stranger = other.login(&server.card(10), "bid").await;
    assert_eq!((stranger.code().as_str(), stranger.json().get("card")), ("card_not_registered", None));
}

#[tokio::test]
async fn cards_that_can_not_be_renewed_are_refused_each_for_its_reason() {
    let server = TestServer::start();
    let (old, new, others) = (server.card(7), server.card(8), server.card(9));
    let mut client = server.client();
    client.registered(&old).await;
    client.registered(&others).await;
    client.begin().await;
    assert_eq!(client.login(&new, "renew_new").await.code(), "card_not_presented");
    assert_eq!(renew(&mut client, "r-1").await.code(), "card_not_presented");
    assert_eq!(client.login(&new, "renew_old").await.code(), "card_not_registered");
    client.log_in(&old, "bid").await;
    assert_eq!(
        client.login(&new, "renew_new").await.code(),
        "card_not_presented",
        "shown for something else"
    );
    client.log_in(&old, "renew_old").await;
    assert_eq!(renew(&mut client, "r-1").await.code(), "card_not_presented");
    assert_eq!(client.login(&old, "renew_new").await.code(), "same_card");
    assert_eq!(client.login(&others, "renew_new").await.code(), "new_card_registered");
    let expired = server.root.issue(Spec { serial: 10, not_after: NOW - 1, ..Spec::card() });
    assert_eq!(client.login(&expired, "renew_new").await.code(), "certificate_expired");
    assert_eq!(client.login(&new, "renew_new").await.code(), "", "each refusal leaves the old card shown");
    assert_eq!(renew(&mut client, "not/a/name").await.code(), "bad_request");
    assert_eq!(renew(&mut client, "r-1").await.code(), "");
}

#[tokio::test]
async fn a_renewal_sent_twice_renews_once_and_answers_the_same() {
    let server = TestServer::start();
    let (old, new) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&old).await;
    server.take_mails().await;
    show_both(&mut client, &old, &new).await;
    let mut twin = client.clone();
    let (one, two) = tokio::join!(renew(&mut client, "r-1"), renew(&mut twin, "r-1"));
    assert_eq!((one.code(), two.code()), (String::new(), String::new()));
    assert_eq!(one.json()["completed"], two.json()["completed"]);
    assert_eq!(server.take_mails().await.len(), 2);
    assert_eq!(renew(&mut client, "r-2").await.code(), "card_not_presented");
}

#[tokio::test]
async fn what_others_do_meanwhile_is_seen_when_it_is_carried_out() {
    let server = TestServer::start();
    let (old, new, third) = (server.card(7), server.card(8), server.card(9));
    let mut client = server.client();
    client.registered(&old).await;
    show_both(&mut client, &old, &new).await;
    // Another browser registers the new card.
    let mut other = server.client();
    other.registered(&new).await;
    assert_eq!(renew(&mut client, "r-1").await.code(), "new_card_registered");
    assert_eq!(which_works(&server, &old, &new).await, (true, true), "nothing happened");

    // Another browser renews the old card first; sessions that hold it lose it.
    show_both(&mut client, &old, &third).await;
    let mut rival = server.client();
    let fourth = server.card(10);
    show_both(&mut rival, &old, &fourth).await;
    let mut editor = server.client();
    let seen = editor.log_in(&old, "change").await;
    assert_eq!(renew(&mut rival, "r-1").await.code(), "");
    assert_eq!(renew(&mut client, "r-1").await.code(), "card_not_presented");
    let late = editor.change("c-1", &seen["company"]["revision"], edited(&seen, &[])).await;
    assert_eq!(late.code(), "card_not_presented");
    let draft = editor.send("PUT", "/api/draft", json!({"values": {}})).await;
    assert_eq!(draft.code(), "card_not_presented");
    let left = editor.get("/api/session").await.json();
    assert_eq!((&left["card"], &left["company"]), (&Value::Null, &Value::Null));
    assert_eq!(which_works(&server, &third, &fourth).await, (false, true));
}

#[tokio::test]
async fn cut_off_after_any_step_one_of_the_two_cards_works() {
    for steps in 0..=3 {
        let server = TestServer::start();
        let (old, new) = (server.card(7), server.card(8));
        let mut client = server.client();
        client.registered(&old).await;
        if steps >= 1 {
            client.log_in(&old, "renew_old").await;
        }
        if steps >= 2 {
            client.login(&new, "renew_new").await;
        }
        if steps >= 3 {
            renew(&mut client, "r-1").await;
        }
        let server = server.restart();
        assert_eq!(which_works(&server, &old, &new).await, (steps < 3, steps == 3), "after {steps} steps");
        if steps == 2 {
            let mut client = Client { cookie: client.cookie.clone(), ..server.client() };
            assert_eq!(renew(&mut client, "r-1").await.code(), "", "and it goes on where it was");
        }
    }
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_any_more_leaves_one_card_that_works() {
    for polls in 0..8 {
        let server = TestServer::start();
        let (old, new) = (server.card(7), server.card(8));
        let mut client = server.client();
        client.registered(&old).await;
        show_both(&mut client, &old, &new).await;
        {
            let mut request = pin!(renew(&mut client, "r-1"));
            let mut left = polls;
            poll_fn(|context| {
                left -= 1;
                let done = left < 0 || request.as_mut().poll(context).is_ready();
                if done { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        let (old_works, new_works) = which_works(&server, &old, &new).await;
        assert_ne!(old_works, new_works, "after {polls} polls");
        assert_eq!(renew(&mut client, "r-1").await.code(), "", "asked again it is done, once");
        assert_eq!(which_works(&server, &old, &new).await, (false, true));
    }
}

#[tokio::test]
async fn the_contacts_that_are_there_are_told_of_another_card() {
    let server = TestServer::start();
    let mut client = server.client();
    client.registered(&server.card(7)).await;
    let first = server.take_mails().await;
    assert!(first.iter().all(|(_, subject, _)| !subject.contains("別のICカード")), "{first:?}");

    client.reach_form(&server.card(8)).await;
    let mut values = card_form();
    values["card_contact_email"] = "second@example.jp".into();
    values["card_contact_email_again"] = "second@example.jp".into();
    assert_eq!(client.register("s-2", values).await.code(), "");
    let mails = server.take_mails().await;
    let told: Vec<&str> = mails
        .iter()
        .filter(|(_, subject, _)| subject.contains("別のICカード"))
        .map(|(to, ..)| &**to)
        .collect();
    assert_eq!(told, ["card@example.jp", "representative@example.jp"]);
    assert_eq!(mails.len(), 3, "{mails:?}");
    assert!(mails.iter().any(|(to, subject, _)| to == "second@example.jp" && subject.contains("受け付け")));
}

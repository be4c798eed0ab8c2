//! Applications signed by the card: what is signed, what is refused, and what `openssl` says about it later.

use std::{path::Path, process::Command};

use openssl::nid::Nid;
use serde_json::{Value, json};
use touroku_proto::{
    agency::AgencyProfile,
    api::{CardView, Function, Prepared, SessionView},
    document::{self, Head},
    field::Values,
    officer::Role,
};
use touroku_server::store::Receipt;

use crate::support::{
    authority::{Authority, Card, NOW, Spec, ec, rsa},
    client::{Client, ORIGIN, Reply, TestServer, edited, form, no_limits},
    officer::Officer,
};

/// Aomori's sample, whose applications are signed.
fn start() -> TestServer {
    TestServer::start_with(
        no_limits(),
        "procurement_code = => signed_applications = true\u{1}procurement_code =",
    )
}

/// What a page has at its confirmation.
struct Page {
    function: Function,
    view: SessionView,
    profile: AgencyProfile,
    /// The form's fields as typed.
    typed: Values,
}

impl Page {
    async fn of(client: &mut Client, function: Function, view: Value, typed: &Value) -> Self {
        let profile = serde_json::from_value(client.get("/api/agencies/aomori").await.json()).unwrap();
        let typed = serde_json::from_value(typed.clone()).unwrap();
        Self { function, view: serde_json::from_value(view).unwrap(), profile, typed }
    }

    /// The text that the page makes of what it shows.
    fn document(&self, prepared: &Value) -> String {
        let prepared: Prepared = serde_json::from_value(prepared.clone()).unwrap();
        let category = self.profile.category(&self.view.category).unwrap();
        let form = self.profile.form(category).unwrap();
        let card: &CardView = self.view.new_card.as_ref().or(self.view.card.as_ref()).unwrap();
        let company = self.view.company.as_ref().unwrap();
        let head = Head {
            function: self.function,
            origin: ORIGIN,
            prepared: &prepared,
            agency: &self.profile,
            category,
            card: &card.values,
        };
        let mut before = company.values.clone();
        let old = self.view.card.as_ref().unwrap().values.clone();
        before.merge(old.clone());
        let mut after = before.clone();
        after.merge(form.entered(company.occasion, &self.typed));
        match self.function {
            Function::Renew => document::renewal(&head, &company.values, &old, &card.values),
            Function::Change => document::change(&head, form, &before, &after),
            _ => document::registration(&head, form, company.occasion, &after),
        }
    }
}

fn path(function: Function) -> &'static str {
    match function {
        Function::Renew => "/api/renewal",
        Function::Change => "/api/change",
        _ => "/api/registration",
    }
}

fn signed(mut body: Value, document: &str, signature: Value) -> Value {
    body["signed"] = json!({"document": document, "signature": signature});
    body
}

/// Prepares, writes the page's text, signs it and sends it.
async fn sign_and_send(client: &mut Client, page: &Page, body: &Value, card: &Card) -> Reply {
    let prepared = client.post(&format!("{}/signature", path(page.function)), body.clone()).await;
    assert_eq!(prepared.code(), "", "{prepared:?}");
    let text = page.document(&prepared.json());
    client.post(path(page.function), signed(body.clone(), &text, card.sign(&text, NOW))).await
}

/// At the confirmation of 登録.
async fn at_confirmation(client: &mut Client, card: &Card) -> (Page, Value) {
    let view = client.reach_form(card).await.json();
    let values = if view["company"]["occasion"] == "second_card" {
        crate::support::client::card_form()
    } else {
        form()
    };
    let page = Page::of(client, Function::Register, view, &values).await;
    (page, json!({"submission": "s-1", "values": values}))
}

/// `openssl cms -verify` as in docs/receipts.md.
fn openssl_verifies(folder: &Path, document: &Path, signature: &Path) -> Result<(), String> {
    let out = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"])
        .args(["-attime", &NOW.to_string()])
        .arg("-CAfile")
        .arg(folder.join("root.pem"))
        .arg("-content")
        .arg(document)
        .arg("-in")
        .arg(signature)
        .output()
        .unwrap();
    if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
}

/// Writes both files of what the session completed.
async fn download(
    client: &mut Client,
    server: &TestServer,
) -> (std::path::PathBuf, std::path::PathBuf, Vec<String>) {
    let (mut paths, mut headers) = (Vec::new(), Vec::new());
    for file in ["document", "signature"] {
        let reply = client.get(&format!("/api/receipt/{file}")).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        headers.push(format!("{} {}", reply.header("content-type"), reply.header("content-disposition")));
        paths.push(server.folder.path().join(file));
        std::fs::write(paths.last().unwrap(), &reply.body).unwrap();
    }
    (paths[0].clone(), paths[1].clone(), headers)
}

#[tokio::test]
async fn a_signed_registration_has_a_number_and_files_that_openssl_verifies_with_every_kind_of_key() {
    let server = start();
    let kinds = [ec(Nid::X9_62_PRIME256V1), ec(Nid::SECP384R1), rsa(2048)];
    for (key, serial) in kinds.into_iter().zip(7..) {
        let card = server.root.issue(Spec { key, serial, ..Spec::card() });
        let mut client = server.client();
        let (page, body) = at_confirmation(&mut client, &card).await;
        let done = sign_and_send(&mut client, &page, &body, &card).await;
        assert_eq!(done.code(), "", "{done:?}");
        let number = done.json()["completed"]["receipt"].as_str().unwrap().to_owned();
        assert!(number.starts_with("20261118-") && number.len() == 20, "{number}");

        let (document, signature, headers) = download(&mut client, &server).await;
        assert_eq!(headers[0], format!("text/plain; charset=utf-8 attachment; filename=\"{number}.txt\""));
        assert_eq!(headers[1], format!("application/pkcs7-signature attachment; filename=\"{number}.p7s\""));
        openssl_verifies(server.folder.path(), &document, &signature).unwrap();
        let text = std::fs::read_to_string(&document).unwrap();
        assert!(
            text.contains(&format!("受付番号\n　{number}\n")) && text.contains("（株）テスト商会０１"),
            "{text}"
        );
        std::fs::write(&document, text.replace("テスト商会", "テスト商店")).unwrap();
        assert!(openssl_verifies(server.folder.path(), &document, &signature).is_err());
    }
}

#[tokio::test]
async fn openssl_needs_only_the_anchor_where_an_authority_stands_between() {
    let server = start();
    let between = server.root.issue(Spec::authority("Sub CA"));
    std::fs::write(server.folder.path().join("root.pem"), [server.root.pem(), between.pem()].concat())
        .unwrap();
    let server = server.restart();
    let card = between.issue(Spec { serial: 7, ..Spec::card() });
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    assert_eq!(sign_and_send(&mut client, &page, &body, &card).await.code(), "");
    let (document, signature, _) = download(&mut client, &server).await;
    // OpenSSL trusts only self-signed certificates.
    std::fs::write(server.folder.path().join("root.pem"), server.root.pem()).unwrap();
    openssl_verifies(server.folder.path(), &document, &signature).unwrap();
    std::fs::write(server.folder.path().join("root.pem"), Authority::root().pem()).unwrap();
    assert!(openssl_verifies(server.folder.path(), &document, &signature).is_err());
}

#[tokio::test]
async fn changes_and_renewals_are_signed_by_the_card_that_they_are_for() {
    let server = start();
    let (old, new) = (server.card(7), server.card(8));
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &old).await;
    assert_eq!(sign_and_send(&mut client, &page, &body, &old).await.code(), "");

    let view = client.log_in(&old, "change").await;
    let values = edited(&view, &[("branch", "青森支店"), ("card_contact_person", "新任次郎")]);
    let body = json!({"submission": "c-1", "revision": view["company"]["revision"], "values": values});
    let page = Page::of(&mut client, Function::Change, view, &values).await;
    let done = sign_and_send(&mut client, &page, &body, &old).await;
    assert_eq!(done.code(), "", "{done:?}");
    let (document, signature, _) = download(&mut client, &server).await;
    openssl_verifies(server.folder.path(), &document, &signature).unwrap();
    let text = std::fs::read_to_string(&document).unwrap();
    assert!(text.contains("【変更前】\n　本店\n") && text.contains("【変更後】\n　青森支店\n"), "{text}");

    client.log_in(&old, "renew_old").await;
    let view = client.login(&new, "renew_new").await.json();
    let body = json!({"submission": "r-1"});
    let page = Page::of(&mut client, Function::Renew, view, &json!({})).await;
    let reply = sign_and_send(&mut client, &page, &body, &old).await;
    assert_eq!(reply.code(), "signed_by_other_card");
    let done = sign_and_send(&mut client, &page, &body, &new).await;
    assert_eq!(done.code(), "", "{done:?}");
    let (document, signature, _) = download(&mut client, &server).await;
    openssl_verifies(server.folder.path(), &document, &signature).unwrap();
}

#[tokio::test]
async fn without_a_signature_nothing_is_registered_and_where_none_is_wanted_none_is_prepared() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (_, body) = at_confirmation(&mut client, &card).await;
    assert_eq!(client.post("/api/registration", body.clone()).await.code(), "signature_required");
    assert_eq!(client.get("/api/receipt/document").await.code(), "not_found");

    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    let (_, body) = at_confirmation(&mut client, &card).await;
    assert_eq!(client.post("/api/registration/signature", body.clone()).await.code(), "wrong_state");
    let done = client.post("/api/registration", body).await.json();
    assert_eq!(done["completed"]["signed"], Value::Null);
    assert_eq!(client.get("/api/receipt/signature").await.code(), "not_found");
}

#[tokio::test]
async fn what_would_be_refused_is_refused_before_a_pin_is_asked_for() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (_, mut body) = at_confirmation(&mut client, &card).await;
    body["values"]["card_contact_email"] = "no address".into();
    assert_eq!(client.post("/api/registration/signature", body).await.code(), "fields_invalid");
    assert_eq!(
        client
            .post("/api/change/signature", json!({"submission": "c", "revision": 0, "values": {}}))
            .await
            .code(),
        "card_not_presented"
    );
    assert_eq!(
        server.client().post("/api/renewal/signature", json!({"submission": "r"})).await.code(),
        "session_missing"
    );
}

#[tokio::test]
async fn a_signature_counts_once_for_what_was_shown_and_until_its_time_is_over() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    let prepare = "/api/registration/signature";
    let send = |text: &str| signed(body.clone(), text, card.sign(text, NOW));

    // Nothing was prepared for this session.
    let mine = json!({"number": "R-1", "at": "2026/11/18 00:00:00", "nonce": "A".repeat(44), "card": ""});
    assert_eq!(
        client.post("/api/registration", send(&page.document(&mine))).await.code(),
        "signature_outdated"
    );

    // Another tab has prepared since.
    let first = client.post(prepare, body.clone()).await.json();
    let second = client.post(prepare, body.clone()).await.json();
    assert_ne!(first["number"], second["number"]);
    assert_eq!(
        client.post("/api/registration", send(&page.document(&first))).await.code(),
        "signature_outdated"
    );

    // A text that differs from what would be registered by a word, a row or the nonce.
    let good = page.document(&second);
    for (find, replace) in [("連絡花子", "連絡太郎"), ("■", "■■"), (second["nonce"].as_str().unwrap(), "A")]
    {
        let reply = client.post("/api/registration", send(&good.replacen(find, replace, 1))).await;
        assert_eq!(reply.code(), "document_differs", "{find}");
    }
    // Other values than those that were signed.
    let mut other = send(&good);
    other["values"]["card_contact_person"] = "別人".into();
    assert_eq!(client.post("/api/registration", other).await.code(), "document_differs");

    // No signature on this text, of this kind, or by this card.
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = send(&good);
        change(&mut body["signed"]["signature"]);
        body
    };
    let (stranger, elsewhere) = (server.card(8), card.sign("甲\n", NOW)["signature"].clone());
    for (body, code) in [
        (with(&|it| it["signature"] = elsewhere.clone()), "token_signature"),
        (with(&|it| it["signed_at"] = json!(NOW + 1)), "token_signature"),
        (with(&|it| it["signed_at"] = json!(i64::MAX)), "clock_wrong"),
        (with(&|it| it["signature"] = "?".into()), "token_malformed"),
        (with(&|it| it["signature"] = "A".repeat(20_000).into()), "token_malformed"),
        (with(&|it| it["algorithm"] = "RS256".into()), "token_algorithm"),
        (with(&|it| it["algorithm"] = "none".into()), "token_algorithm"),
        (with(&|it| it["certificate"] = "AAAA".into()), "certificate_malformed"),
        (with(&|it| *it = stranger.sign(&good, NOW)), "signed_by_other_card"),
        (signed(body.clone(), "x", card.sign("x", NOW)), "document_differs"),
    ] {
        assert_eq!(client.post("/api/registration", body).await.code(), code);
    }

    // Too late; and then in time.
    server.wait(25 * 60_000);
    assert_eq!(client.post("/api/registration", send(&good)).await.code(), "signature_outdated");
    let third = client.post(prepare, body.clone()).await.json();
    let last = send(&page.document(&third));
    let done = client.post("/api/registration", last.clone()).await.json();
    assert_eq!(done["completed"]["receipt"], third["number"]);

    // The answer was lost: repeating it gets the same answer, and nothing else does.
    let again = client.post("/api/registration", last.clone()).await.json();
    assert_eq!(again["completed"], done["completed"]);
    let mut replayed = last;
    replayed["submission"] = "s-2".into();
    assert_eq!(client.post("/api/registration", replayed).await.code(), "card_already_registered");
    assert_eq!(client.post(prepare, body.clone()).await.code(), "card_already_registered");
}

#[tokio::test]
async fn two_sends_at_once_register_once() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    let prepared = client.post("/api/registration/signature", body.clone()).await.json();
    let text = page.document(&prepared);
    let request = signed(body, &text, card.sign(&text, NOW));
    let mut other = client.clone();
    let (one, two) = tokio::join!(
        client.post("/api/registration", request.clone()),
        other.post("/api/registration", request.clone())
    );
    assert_eq!((one.code().as_str(), two.code().as_str()), ("", ""));
    assert_eq!(one.json()["completed"], two.json()["completed"]);
    let receipts =
        server.app.store.read(|reader| reader.receipts_of("aomori", "990000001", 9)).await.unwrap();
    assert_eq!(receipts.len(), 1);
}

#[tokio::test]
async fn a_card_that_was_revoked_since_its_login_signs_nothing() {
    let server = start();
    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(&[])).unwrap();
    let server = server.restart();
    let card = server.card(7);
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(&[7])).unwrap();
    let server = server.restart();
    client.router = server.client().router;
    let reply = sign_and_send(&mut client, &page, &body, &card).await;
    assert_eq!(reply.code(), "certificate_revoked");
}

#[tokio::test]
async fn officers_find_both_files_on_the_companys_page() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    let done = sign_and_send(&mut client, &page, &body, &card).await.json();
    let number = done["completed"]["receipt"].as_str().unwrap();

    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let detail = officer.get("/api/officer/companies/990000001").await.json();
    let [receipt] = detail["receipts"].as_array().unwrap().as_slice() else { panic!("{detail}") };
    assert_eq!((&receipt["number"], &receipt["function"]), (&json!(number), &json!("register")));
    let path = format!("/api/officer/companies/990000001/receipts/{number}");
    for file in ["document", "signature"] {
        let theirs = officer.get(&format!("{path}/{file}")).await;
        assert_eq!(theirs.body, client.get(&format!("/api/receipt/{file}")).await.body);
    }
    assert_eq!(officer.get(&format!("{path}/key")).await.code(), "not_found");
    let elsewhere = format!("/api/officer/companies/990000002/receipts/{number}/document");
    assert_eq!(officer.get(&elsewhere).await.code(), "not_found");
}

#[tokio::test]
async fn a_company_with_many_signed_applications_is_told_to_have_more_than_are_listed() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    let done = sign_and_send(&mut client, &page, &body, &card).await.json();
    let first = done["completed"]["receipt"].as_str().unwrap().to_owned();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut kept = 1;
    for (count, more) in [(200, false), (201, true)] {
        let number = first.clone();
        let write = server.app.store.write(move |writer| {
            let receipt = writer.receipt("aomori", &number)?.unwrap();
            (kept..count).try_for_each(|index| {
                writer.keep_receipt("aomori", 1, &Receipt { number: index.to_string(), ..receipt.clone() })
            })
        });
        write.await.unwrap();
        kept = count;
        let detail = officer.get("/api/officer/companies/990000001").await.json();
        let listed = detail["receipts"].as_array().unwrap();
        assert_eq!((listed.len(), &detail["more_receipts"]), (200, &json!(more)));
        assert_eq!(listed[0]["number"], json!((count - 1).to_string()), "the newest first");
    }
}

#[tokio::test]
async fn the_command_writes_both_files_once_and_says_when_there_are_none() {
    let server = start();
    let card = server.card(7);
    let mut client = server.client();
    let (page, body) = at_confirmation(&mut client, &card).await;
    let done = sign_and_send(&mut client, &page, &body, &card).await.json();
    let number = done["completed"]["receipt"].as_str().unwrap().to_owned();
    let out = server.folder.path().join("out");
    let export = |number: &str| {
        Command::new(env!("CARGO_BIN_EXE_touroku-server"))
            .current_dir(server.folder.path())
            .args(["application", "export", "--agency", "aomori"])
            .arg(number)
            .arg(&out)
            .output()
            .unwrap()
    };
    assert!(!export("20261118-AAAAA-AAAAA").status.success());
    let exported = export(&number);
    assert!(exported.status.success(), "{exported:?}");
    let (document, signature) = (out.join(format!("{number}.txt")), out.join(format!("{number}.p7s")));
    openssl_verifies(server.folder.path(), &document, &signature).unwrap();
    assert!(!export(&number).status.success(), "a file that is there is not written over");
}

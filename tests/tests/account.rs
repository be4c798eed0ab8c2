//! 簡易認証: ID and password from the application to the login, without a card.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use touroku_proto::field::FieldId;
use touroku_tests::harness::{bidder::Bidder, mailbox, programs, roster, wait, walk::Walk, world::World};

const AGENCY: &str = "shimonoseki";
const ID: &str = "kaikyo01";
const PASSWORD: &str = "oi25io14";

#[tokio::test]
async fn an_id_is_rejected_approved_used_and_its_forgotten_password_set_anew() -> Result<()> {
    let world = World::start_at(AGENCY).await?;
    let walk = world.walk();
    let page = walk.page();

    to_search(&walk).await?;
    page.screen("form").await?;
    apply(&walk).await?;

    to_search(&walk).await?;
    assert_eq!(application(&walk).await?, "pending");
    walk.audit("an application under review").await?;
    log_in(&walk, PASSWORD).await?;
    page.error_with("application_pending").await?;

    review(&world, &["reject", "--id", "1", "--reason", "支店名が違います。"])?;
    to_search(&walk).await?;
    assert_eq!(application(&walk).await?, "rejected");
    let text = page.text().await?;
    assert!(text.contains("支店名が違います。"), "{text}");
    page.click("内容を直して、もう一度申請する").await?;
    page.screen("form").await?;
    apply(&walk).await?;
    review(&world, &["approve", "--id", "2"])?;
    to_search(&walk).await?;
    assert_eq!(application(&walk).await?, "approved");

    log_in(&walk, "wrong123").await?;
    page.error_with("credentials_wrong").await?;
    log_in(&walk, PASSWORD).await?;
    page.screen("bid").await?;
    let text = page.text().await?;
    assert!(text.contains(&roster::company(0).name) && text.contains(ID), "{text}");
    walk.audit("電子入札 by ID").await?;

    page.open(&format!("/{AGENCY}/forgotten")).await?;
    page.screen("forgotten").await?;
    page.fill_id("login_id", ID).await?;
    page.fill_id("email", "b@example.jp").await?;
    page.click("メールを送る").await?;
    let link = wait::until("the mail with the link", async || {
        let mails = mailbox::read(&world.mail_directory())?;
        Ok(mails.iter().find_map(|mail| {
            let link = mail.body.split_whitespace().find(|word| word.contains("/reset#"))?;
            link.split_once("/reset").map(|(_, token)| format!("/reset{token}"))
        }))
    })
    .await?;
    set_password(&page, &link, "again1234").await?;
    page.control("最初の画面へ").await?;
    let address = walk.browser.driver().current_url().await?;
    assert_eq!(address.fragment(), None, "the token leaves the address bar");
    log_in(&walk, "again1234").await?;
    page.screen("bid").await?;
    set_password(&page, &link, "third1234").await?;
    page.error_with("link_invalid").await?;
    Ok(())
}

#[tokio::test]
async fn what_was_typed_into_an_application_survives_a_reload_but_for_the_password() -> Result<()> {
    let world = World::start_at(AGENCY).await?;
    let walk = world.walk();
    let page = walk.page();
    to_search(&walk).await?;
    page.screen("form").await?;
    page.fill(FieldId::LoginId, ID).await?;
    page.fill(FieldId::LoginPassword, PASSWORD).await?;
    let stored = wait::until("the draft on this computer", async || {
        let script = "return Object.values(localStorage).join();";
        let stored: String = walk.browser.driver().execute(script, vec![]).await?.convert()?;
        Ok(Some(stored).filter(|stored| stored.contains(ID)))
    })
    .await?;
    ensure!(!stored.contains(PASSWORD), "a password was stored");
    walk.browser.driver().refresh().await?;
    page.screen("form").await?;
    wait::until("the ID", async || Ok(Some(page.value(FieldId::LoginId).await?).filter(|value| value == ID)))
        .await?;
    assert_eq!(page.value(FieldId::LoginPassword).await?, "");
    page.click("ログアウト").await?;
    page.screen("select").await?;
    let left: usize =
        walk.browser.driver().execute("return localStorage.length;", vec![]).await?.convert()?;
    assert_eq!(left, 0, "nothing stays for the next person");
    Ok(())
}

/// From the entry page to what the search of the company leads to.
async fn to_search(walk: &Walk<'_>) -> Result<()> {
    let page = walk.page();
    page.open(&format!("/{AGENCY}/small")).await?;
    page.screen("entry").await?;
    page.click("利用者申請・変更").await?;
    page.screen("client").await?;
    page.click("利用者登録処理").await?;
    page.screen("menu").await?;
    page.click("ID登録申請").await?;
    page.screen("search").await?;
    let company = roster::company(0);
    page.fill_id("company_number", &company.number).await?;
    page.fill_id("company_name", &company.name).await?;
    page.click("検索").await
}

/// From the form to the completion.
async fn apply(walk: &Walk<'_>) -> Result<()> {
    let page = walk.page();
    for (field, value) in [
        (FieldId::RepresentativeContactEmail, "b@example.jp"),
        (FieldId::RepresentativeContactEmailAgain, "b@example.jp"),
    ] {
        page.fill(field, value).await?;
    }
    page.click("同じ内容にする").await?;
    for (field, value) in [
        (FieldId::LoginId, ID),
        (FieldId::LoginPassword, PASSWORD),
        (FieldId::LoginPasswordAgain, PASSWORD),
        (FieldId::Branch, "本店"),
    ] {
        page.fill(field, value).await?;
    }
    walk.audit("ID登録申請").await?;
    page.click("入力内容確認").await?;
    page.screen("confirm").await?;
    walk.audit("ID登録申請内容確認").await?;
    let text = page.text().await?;
    assert!(text.contains(ID) && !text.contains(PASSWORD), "{text}");
    page.click("登録").await?;
    page.screen("done").await?;
    page.click("印刷").await?;
    page.screen("print").await?;
    let printed = walk.printed().await?;
    assert!(printed.contains(ID) && !printed.contains(PASSWORD), "{printed}");
    Ok(())
}

async fn application(walk: &Walk<'_>) -> Result<String> {
    walk.page().screen("application").await?;
    let script = "return document.querySelector('[data-application]').dataset.application;";
    Ok(walk.browser.driver().execute(script, vec![]).await?.convert()?)
}

/// From the entry page to whatever the login answers.
async fn log_in(walk: &Walk<'_>, password: &str) -> Result<()> {
    let page = walk.page();
    page.open(&format!("/{AGENCY}/small")).await?;
    page.screen("entry").await?;
    page.click("電子入札（ID/パスワード）").await?;
    page.screen("client").await?;
    page.click("電子入札処理").await?;
    page.screen("login").await?;
    page.fill_id("login_id", ID).await?;
    page.fill_id("login_password", password).await?;
    page.click("ログイン").await
}

async fn set_password(page: &Bidder<'_>, link: &str, password: &str) -> Result<()> {
    // From another screen, so that the browser reads the page anew.
    page.open("/check").await?;
    page.screen("check").await?;
    page.open(link).await?;
    page.screen("reset").await?;
    page.fill_id("new_password", password).await?;
    page.fill_id("new_password_again", password).await?;
    page.click("パスワードを決める").await
}

/// The agency's officer, at the command line.
fn review(world: &World, arguments: &[&str]) -> Result<()> {
    let output = Command::new(programs::program("touroku-server")?)
        .arg("application")
        .args(arguments)
        .args(["--agency", AGENCY, "--company", &roster::company(0).number, "--database"])
        .arg(world.server().database())
        .arg("--agencies")
        .arg(programs::workspace().join("agencies"))
        .output()
        .context("the server's program did not start")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

//! 簡易認証: an ID is applied for, reviewed, used, changed and, when forgotten, recovered.

use anyhow::{Context as _, Result};
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    account::{self, applicant, log_in, prove, to_menu, type_id},
    agencies, inventory,
    mailbox::{self, Mail},
    officer::Desk,
    roster, wait,
    walk::Walk,
    world::{World, WorldOptions},
};

const LOGIN_ID: &str = "shimo123";
const FIRST: &str = "oi25io14";
const SECOND: &str = "ne4ko7mx";
const THIRD: &str = "um5i9rtz";

/// From the entry page through 資格審査情報検索 to whatever is known of the company's application.
async fn to_application(walk: &mut Walk<'_>) -> Result<()> {
    account::to_search(walk).await?;
    assert_eq!(walk.page().outline().await?, inventory::screen("shimonoseki-account", "search")?);
    account::find_company(walk).await
}

/// The mail with that in its subject, once it arrives.
async fn mail(world: &World, subject: &str) -> Result<Mail> {
    wait::until(&format!("a mail about {subject}"), async || {
        let mails = mailbox::read(&world.mail_directory())?;
        Ok(mails.into_iter().find(|mail| mail.subject.contains(subject)))
    })
    .await
}

/// 受付番号 of the pending application.
fn waiting_application(world: &World) -> Result<String> {
    let list = world.server().application("shimonoseki", &["list"])?;
    let (_, rest) = list.split_once("受付番号 ").context("an application waits")?;
    Ok(rest.chars().take_while(|c| !c.is_whitespace()).collect())
}

#[tokio::test]
async fn an_id_is_applied_for_rejected_applied_for_again_approved_and_used() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let mut walk = applicant(&world);
    let number = roster::company(0).number;

    to_application(&mut walk).await?;
    walk.page().screen("form").await?;
    assert_eq!(walk.page().outline().await?, inventory::screen("shimonoseki-account", "form")?);
    walk.audit("ID登録申請").await?;
    walk.fill_form().await?;

    // Common passwords are refused; the server says why.
    type_id(&walk, LOGIN_ID, "abc123").await?;
    walk.confirm().await?;
    walk.page().click("登録").await?;
    walk.page().screen("form").await?;
    assert!(walk.page().field_error(FieldId::LoginPassword).await?.contains("推測されやすい"));
    walk.audit("a password that is guessed soon").await?;

    // Letters alone are not a password, and what differs is not a repetition.
    type_id(&walk, LOGIN_ID, "abcdefgh").await?;
    walk.page().fill(FieldId::LoginPasswordAgain, "abcdefgi").await?;
    walk.page().click("入力内容確認").await?;
    assert!(walk.page().field_error(FieldId::LoginPassword).await?.contains("数字"));
    assert!(walk.page().field_error(FieldId::LoginPasswordAgain).await?.contains("一致"));

    type_id(&walk, LOGIN_ID, FIRST).await?;
    walk.confirm().await?;
    assert_eq!(walk.page().outline().await?, inventory::screen("shimonoseki-account", "confirm")?);
    assert!(!walk.page().text().await?.contains(FIRST), "the confirmation hides the password");
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    walk.audit("completion of an application").await?;
    walk.page().click("印刷").await?;
    walk.page().screen("print").await?;
    assert_eq!(walk.page().outline().await?, inventory::screen("shimonoseki-account", "print")?);
    let printed = walk.printed().await?;
    assert!(printed.contains(LOGIN_ID) && !printed.contains(FIRST), "{printed}");

    log_in(&mut walk, LOGIN_ID, FIRST).await?;
    walk.page().error_with("application_pending").await?;
    // Number and name alone reveal that there is an application; ID and password reveal its outcome.
    to_application(&mut walk).await?;
    walk.page().screen("application").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("申請した方だけ") && !page.contains("申請中"), "{page}");
    walk.audit("an application that may be anybody's").await?;
    prove(&walk, LOGIN_ID, FIRST).await?;
    assert!(walk.page().text().await?.contains("申請中"));
    walk.audit("one's own application").await?;

    let id = waiting_application(&world)?;
    let reason = "許可通知書の番号が、申請の内容と合いません。";
    world
        .server()
        .application("shimonoseki", &["reject", "--company", &number, "--id", &id, "--reason", reason])?;
    let body = mail(&world, "承認されませんでした").await?.body;
    assert!(body.contains(reason), "{body}");
    let link = body.split_whitespace().find(|word| word.contains("/result#")).context("a link")?;
    walk.browser.driver().goto(link).await?;
    walk.page().screen("application").await?;
    assert!(walk.browser.driver().current_url().await?.fragment().is_none(), "the link's secret is gone");
    let page = walk.page().text().await?;
    assert!(page.contains("却下") && page.contains(reason), "{page}");
    walk.audit("a rejected application").await?;
    walk.page().click("内容を直して、もう一度申請する").await?;
    walk.page().screen("form").await?;
    assert!(
        !walk.page().value(FieldId::ApplicantContactEmail).await?.is_empty(),
        "what was entered is there"
    );
    assert_eq!(walk.page().value(FieldId::LoginId).await?, LOGIN_ID);
    assert_eq!(walk.page().value(FieldId::LoginPassword).await?, "");
    type_id(&walk, LOGIN_ID, FIRST).await?;
    walk.confirm().await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;

    let id = waiting_application(&world)?;
    world.server().application("shimonoseki", &["approve", "--company", &number, "--id", &id])?;
    log_in(&mut walk, LOGIN_ID, "wrong1234").await?;
    walk.page().error_with("credentials_wrong").await?;
    log_in(&mut walk, LOGIN_ID, FIRST).await?;
    walk.page().screen("bid").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("株式会社架空商会") && page.contains(LOGIN_ID), "{page}");
    walk.audit("電子入札 by ID").await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().present("[data-account]").await?;
    walk.audit("登録状況 by ID").await?;
    walk.page().click("戻る").await?;
    walk.page().screen("bid").await?;
    walk.page().click("変更").await?;
    walk.page().screen("change_login").await?;

    for mail in mailbox::read(&world.mail_directory())? {
        assert!(!mail.body.contains(FIRST) && !mail.body.contains(LOGIN_ID), "{}", mail.subject);
    }
    Ok(())
}

#[tokio::test]
async fn a_password_is_changed_and_when_forgotten_set_anew_by_a_mailed_link() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let mut walk = applicant(&world);
    let number = roster::company(0).number;
    to_application(&mut walk).await?;
    walk.page().screen("form").await?;
    walk.fill_form().await?;
    type_id(&walk, LOGIN_ID, FIRST).await?;
    walk.confirm().await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    let id = waiting_application(&world)?;
    world.server().application("shimonoseki", &["approve", "--company", &number, "--id", &id])?;

    to_menu(&mut walk).await?;
    walk.page().click("変更").await?;
    walk.page().screen("change_login").await?;
    walk.page().fill(FieldId::LoginId, LOGIN_ID).await?;
    walk.page().fill(FieldId::LoginPassword, FIRST).await?;
    walk.page().click("ログイン").await?;
    walk.page().screen("form").await?;
    walk.page().fill(FieldId::LoginPassword, SECOND).await?;
    walk.page().fill(FieldId::LoginPasswordAgain, SECOND).await?;
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    assert!(!walk.page().text().await?.contains(SECOND));
    walk.page().fill_id("current_password", FIRST).await?;
    walk.page().click("変更").await?;
    walk.page().screen("done").await?;
    log_in(&mut walk, LOGIN_ID, FIRST).await?;
    walk.page().error_with("credentials_wrong").await?;

    walk.page().open("/shimonoseki/forgotten").await?;
    walk.page().screen("forgotten").await?;
    walk.page().fill(FieldId::LoginId, LOGIN_ID).await?;
    walk.page().fill_id("email", "shinsei@company.example.jp").await?;
    walk.page().click("メールを送る").await?;
    let body = mail(&world, "パスワード").await?.body;
    let link = body.split_whitespace().find(|word| word.contains("/reset#")).context("a link")?;
    walk.browser.driver().goto(link).await?;
    walk.page().screen("reset").await?;
    let address = walk.browser.driver().current_url().await?;
    assert!(address.fragment().is_none(), "the link's secret leaves the address bar");
    walk.page().fill_id("new_password", THIRD).await?;
    walk.page().fill_id("new_password_again", THIRD).await?;
    walk.page().click("パスワードを設定する").await?;
    wait::until("the new password", async || {
        Ok(walk.page().text().await?.contains("新しいパスワードに変わりました").then_some(()))
    })
    .await?;
    log_in(&mut walk, LOGIN_ID, THIRD).await?;
    walk.page().screen("bid").await?;

    // The link worked once.
    walk.browser.driver().goto(link).await?;
    walk.page().screen("reset").await?;
    walk.page().fill_id("new_password", FIRST).await?;
    walk.page().fill_id("new_password_again", FIRST).await?;
    walk.page().click("パスワードを設定する").await?;
    walk.page().error_with("link_invalid").await?;
    Ok(())
}

#[tokio::test]
async fn what_was_typed_into_an_application_survives_a_reload_but_for_the_password() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    walk.page().screen("form").await?;
    walk.page().fill(FieldId::LoginId, LOGIN_ID).await?;
    walk.page().fill(FieldId::LoginPassword, FIRST).await?;
    let stored = wait::until("the draft on this computer", async || {
        let script = "return Object.values(localStorage).join();";
        let stored: String = walk.browser.driver().execute(script, vec![]).await?.convert()?;
        Ok(Some(stored).filter(|stored| stored.contains(LOGIN_ID)))
    })
    .await?;
    assert!(!stored.contains(FIRST), "a password was stored");

    walk.browser.driver().refresh().await?;
    walk.page().screen("form").await?;
    wait::until("the ID", async || {
        Ok(Some(walk.page().value(FieldId::LoginId).await?).filter(|id| id == LOGIN_ID))
    })
    .await?;
    assert_eq!(walk.page().value(FieldId::LoginPassword).await?, "");
    walk.page().click("ログアウト").await?;
    walk.page().screen("select").await?;
    let left: usize =
        walk.browser.driver().execute("return localStorage.length;", vec![]).await?.convert()?;
    assert_eq!(left, 0, "nothing stays for the next person");
    Ok(())
}

#[tokio::test]
async fn an_address_is_confirmed_and_officers_see_two_applications_of_a_company_together() -> Result<()> {
    let profile: fn(&mut toml::Table) =
        |profile| agencies::set_in_mail(profile, "send_unconfirmed", false.into());
    let options = WorldOptions { agency: "shimonoseki", profile: Some(profile), ..WorldOptions::default() };
    let world = World::start_with(options).await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    account::apply(&mut walk, LOGIN_ID, FIRST).await?;
    walk.page().present("[data-unconfirmed]").await?;
    walk.audit("addresses that nobody has confirmed").await?;

    let asked = mail(&world, "メールアドレスの確認").await?;
    let link = asked.body.split_whitespace().find(|word| word.contains("/mail#")).context("a link")?;
    assert!(!mailbox::read(&world.mail_directory())?.iter().any(|mail| mail.subject.contains("受け付け")));
    walk.browser.driver().goto(link).await?;
    walk.page().screen("mail").await?;
    walk.audit("confirmation of an address").await?;
    walk.page().click("このメールアドレスを確認する").await?;
    walk.page().present("[data-confirmed]").await?;
    walk.audit("a confirmed address").await?;
    assert_eq!(mail(&world, "受け付け").await?.to, asked.to);

    // Somebody else applies for the same company.
    to_application(&mut walk).await?;
    walk.page().screen("application").await?;
    walk.page().click("新しく申請する").await?;
    account::apply(&mut walk, "other7x9", FIRST).await?;
    let office = world.another_browser().await?;
    let mut desk = Desk::open(&world, &office, "shimonoseki", "review").await?;
    desk.go("/review").await?;
    desk.page().screen("review").await?;
    desk.page().text_with("この業者には、ほかに1件の申請があります").await?;
    desk.audit("a queue with two applications of one company").await?;
    desk.page().click_on("[data-application] a").await?;
    desk.page().present("[data-others='1']").await?;
    let shown = desk.page().text().await?;
    assert!(shown.contains(LOGIN_ID) && shown.contains("other7x9"), "{shown}");
    desk.audit("an application beside another one").await
}

#[tokio::test]
async fn a_company_applies_for_an_id_once_officers_have_permitted_its_usage_application() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open(&world, &browser, "shimonoseki", "review").await?;
    let company = format!("/companies/{}", roster::company(0).number);
    desk.go(&company).await?;
    desk.page().click_on("[data-do='withdraw-permit']").await?;
    desk.page().present("[data-permit='none']").await?;
    desk.audit("no 利用申請書").await?;
    desk.audit_zoomed("no 利用申請書").await?;

    let mut walk = applicant(&world);
    account::to_application(&mut walk).await?;
    let error = walk.page().error_with("permit_missing").await?;
    assert!(error.contains("利用申請書"), "{error}");
    walk.audit("no 利用申請書").await?;
    walk.audit_narrow("no 利用申請書").await?;

    desk.page().click_on("[data-do='receive']").await?;
    desk.page().present("[data-permit='received']").await?;
    desk.page().text_with("利用申請書を受理しました").await?;
    account::to_application(&mut walk).await?;
    walk.page().error_with("permit_pending").await?;
    walk.audit("利用申請書 waits").await?;

    desk.go("/").await?;
    desk.page().present("[data-figure='permits']").await?;
    desk.audit("ホーム with a 利用申請書").await?;
    desk.page().click("許可を待っている会社を見る").await?;
    desk.page().present("[data-found='1']").await?;
    desk.audit("companies that wait for 許可").await?;
    desk.audit_zoomed("companies that wait for 許可").await?;
    desk.page().click_on("[data-do='grant-permits']").await?;
    desk.page().present("[data-dialog='grant-permits']").await?;
    desk.audit("許可 dialog").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice='PermitsGranted']").await?;
    desk.page().present("[data-empty]").await?;
    desk.audit("companies that were permitted").await?;
    account::to_application(&mut walk).await?;
    walk.page().screen("form").await?;

    // One company alone, and back again.
    desk.go(&company).await?;
    desk.page().present("[data-permit='permitted']").await?;
    desk.page().click_on("[data-do='withdraw-permit']").await?;
    desk.page().present("[data-permit='none']").await?;
    desk.page().click_on("[data-do='permit']").await?;
    desk.page().present("[data-permit='permitted']").await?;
    desk.audit("許可 of one company").await?;
    desk.audit_zoomed("許可 of one company").await
}

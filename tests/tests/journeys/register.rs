//! The main job through every real part: Chromium, extension, host, PC/SC, server, SQLite, mail.

use anyhow::Result;
use touroku_tests::harness::{card_window::CardWindow, mailbox, roster, wait, walk::CARD, world::World};

#[tokio::test]
async fn a_contractor_registers_a_card_prints_gets_the_mail_and_logs_in() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();

    walk.to_form(&roster::company(0)).await?;
    walk.fill_form().await?;

    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    let confirmation = walk.page().text().await?;
    for shown in
        ["株式会社架空商会", "証明書シリアル番号", "証明書発行者", "証明書有効期限", "本店　総務部", "営業課"]
    {
        assert!(confirmation.contains(shown), "{shown} is missing from:\n{confirmation}");
    }
    assert!(!confirmation.contains("メールアドレス再入力"));
    assert!(!confirmation.contains("null"));
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    let company_id = walk.page().company_id().await?;
    assert_eq!(company_id.len(), 16, "{company_id}");

    walk.page().click("印刷").await?;
    walk.page().screen("print").await?;
    let printed = walk.printed().await?;
    for row in
        ["利用者情報", &company_id, "代表者氏名", "資格の種類", "支店名等", "ICカード取得者氏名", "見本花子"]
    {
        assert!(printed.contains(row), "{row} is missing from:\n{printed}");
    }
    assert!(!printed.contains("証明書シリアル番号"), "the certificate's own rows are not printed");
    assert!(!printed.contains("メールアドレス再入力"));

    let mails = wait::until("two mails", async || {
        Ok(Some(mailbox::read(&world.mail_directory())?).filter(|mails| mails.len() == 2))
    })
    .await?;
    let mut recipients: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    recipients.sort_unstable();
    assert_eq!(recipients, ["eigyou@company.example.jp", "soumu@company.example.jp"]);
    for mail in &mails {
        assert!(mail.subject.contains("利用者登録"), "{mail:?}");
        assert!(mail.body.contains(&company_id) && mail.body.contains("株式会社架空商会"), "{mail:?}");
    }

    walk.bid().await?;
    walk.page().screen("bid").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("株式会社架空商会") && page.contains(&company_id), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_pin_is_left_in_no_file_of_server_browser_or_host() -> Result<()> {
    let world = World::start().await?;
    let marked = "74108529";
    let mut config = world.card_config(&world.issue("見本　太郎")?)?;
    config.pin = marked.to_owned();
    let _card = world.insert(config)?;
    let mut walk = world.walk();
    walk.pin = marked;
    walk.to_confirmation(&roster::company(0)).await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    let company_id = walk.page().company_id().await?;
    assert_eq!(world.files_with(marked)?, Vec::<std::path::PathBuf>::new());
    // The search itself works.
    assert!(!world.files_with(&company_id)?.is_empty());
    Ok(())
}

#[tokio::test]
async fn every_screen_of_the_wizard_passes_the_accessibility_audit() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();

    for path in ["/", "/aomori"] {
        walk.page().open(path).await?;
        walk.page().screen("select").await?;
        walk.audit(path).await?;
    }
    walk.to_entry().await?;
    walk.audit("entry").await?;
    walk.page().click("利用者登録").await?;
    walk.page().control("利用者登録処理").await?;
    walk.audit("client").await?;
    walk.page().click("利用者登録処理").await?;
    walk.page().screen("menu").await?;
    walk.audit("menu").await?;

    walk.page().click("登録").await?;
    let window = CardWindow::opened(walk.browser).await?;
    window.state("pin").await?;
    walk.audit("card window").await?;
    window.pin(walk.pin).await?;
    window.ok().await?;
    window.closed(&walk.origin).await?;

    walk.page().screen("search").await?;
    walk.audit("search").await?;
    walk.search(&roster::company(0)).await?;
    walk.audit("form").await?;
    walk.page().click("入力内容確認").await?;
    assert_eq!(walk.page().current_screen().await?.as_deref(), Some("form"), "an empty form goes nowhere");
    walk.audit("form with errors").await?;
    walk.fill_form().await?;
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    walk.audit("confirm").await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    walk.audit("done").await?;
    walk.page().click("印刷").await?;
    walk.page().screen("print").await?;
    walk.audit("print").await?;
    Ok(())
}

#[tokio::test]
async fn an_unregistered_card_is_told_to_register_first() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();

    walk.bid().await?;
    let text = walk.page().error_with("card_not_registered").await?;
    assert!(text.contains("利用者登録"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_second_card_keeps_the_company_id_and_a_registered_card_cannot_be_registered_again() -> Result<()> {
    let world = World::start().await?;
    let mut walk = world.walk();

    let first = {
        let _card = world.insert_card()?;
        walk.to_confirmation(&roster::company(0)).await?;
        let company_id = walk.register().await?;

        walk.to_menu().await?;
        walk.page().click("登録").await?;
        walk.show_card().await?;
        walk.page().error_with("card_already_registered").await?;
        company_id
    };

    let _second = world.insert(world.card_config(&world.issue("第二　花子")?)?)?;
    walk.to_form(&roster::company(0)).await?;
    let form = walk.page().text().await?;
    assert!(!form.contains("soumu@company.example.jp"), "the card is not the company's yet: {form}");
    for (field, value) in CARD {
        walk.page().fill(field, value).await?;
    }
    walk.confirm().await?;
    assert_eq!(walk.register().await?, first);
    Ok(())
}

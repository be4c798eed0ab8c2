//! The main job through every real part: Chromium, extension, host, PC/SC, server, SQLite, mail.

use anyhow::Result;
use thirtyfour::common::print::PrintParameters;
use touroku_tests::harness::{
    axe,
    bidder::Bidder,
    mailbox, roster, wait,
    walk::{self, Album, Holder},
    world::{World, pdf_text},
};

const HOLDER: Holder<'static> = Holder { pin: "123456", reader: None };

#[tokio::test]
async fn a_contractor_registers_a_card_prints_gets_the_mail_and_logs_in() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();

    walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("登録").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    walk::search(browser, &origin, &roster::company(0), &mut album).await?;
    walk::fill_form(browser, &origin, &mut album).await?;

    bidder.click("入力内容確認").await?;
    bidder.screen("confirm").await?;
    let confirmation = bidder.text().await?;
    for shown in
        ["株式会社架空商会", "証明書シリアル番号", "証明書発行者", "証明書有効期限", "本店　総務部", "営業課"]
    {
        assert!(confirmation.contains(shown), "{shown} is missing from:\n{confirmation}");
    }
    assert!(!confirmation.contains("メールアドレス再入力"));
    assert!(!confirmation.contains("null"));
    bidder.click("登録").await?;
    bidder.screen("done").await?;
    let company_id = bidder.company_id().await?;
    assert_eq!(company_id.len(), 16, "{company_id}");

    bidder.click("印刷").await?;
    bidder.screen("print").await?;
    let printed = pdf_text(&browser.driver().print_page(PrintParameters::default()).await?)?;
    // A reader of PDFs sees places on paper, and guesses the spaces.
    let printed: String = printed.split_whitespace().collect();
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

    walk::to_entry(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("電子入札").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    bidder.screen("bid").await?;
    let page = bidder.text().await?;
    assert!(page.contains("株式会社架空商会") && page.contains(&company_id), "{page}");
    Ok(())
}

#[tokio::test]
async fn every_screen_of_the_wizard_passes_the_accessibility_audit() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();

    for path in ["/", "/aomori"] {
        bidder.open(path).await?;
        bidder.screen("select").await?;
        axe::audit(browser.driver(), path).await?;
    }
    walk::to_entry(browser, &origin, "物品、役務", &mut album).await?;
    axe::audit(browser.driver(), "entry").await?;
    bidder.click("利用者登録").await?;
    bidder.control("利用者登録処理").await?;
    axe::audit(browser.driver(), "client").await?;
    bidder.click("利用者登録処理").await?;
    bidder.screen("menu").await?;
    axe::audit(browser.driver(), "menu").await?;

    bidder.click("登録").await?;
    let window = touroku_tests::harness::card_window::CardWindow::opened(browser).await?;
    window.state("pin").await?;
    axe::audit(browser.driver(), "card window").await?;
    window.pin(HOLDER.pin).await?;
    window.ok().await?;
    window.closed(&origin).await?;

    bidder.screen("search").await?;
    axe::audit(browser.driver(), "search").await?;
    walk::search(browser, &origin, &roster::company(1), &mut album).await?;
    axe::audit(browser.driver(), "form").await?;
    bidder.click("入力内容確認").await?;
    assert_eq!(bidder.current_screen().await?.as_deref(), Some("form"), "an empty form goes nowhere");
    axe::audit(browser.driver(), "form with errors").await?;
    walk::fill_form(browser, &origin, &mut album).await?;
    bidder.click("入力内容確認").await?;
    bidder.screen("confirm").await?;
    axe::audit(browser.driver(), "confirm").await?;
    bidder.click("登録").await?;
    bidder.screen("done").await?;
    axe::audit(browser.driver(), "done").await?;
    bidder.click("印刷").await?;
    bidder.screen("print").await?;
    axe::audit(browser.driver(), "print").await?;
    Ok(())
}

#[tokio::test]
async fn an_unregistered_card_is_told_to_register_first() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();

    walk::to_entry(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("電子入札").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    let text = bidder.error_with("card_not_registered").await?;
    assert!(text.contains("利用者登録"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_second_card_keeps_the_company_id_and_a_registered_card_cannot_be_registered_again() -> Result<()> {
    let world = World::start().await?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();

    let first = {
        let _card = world.insert_card()?;
        walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
        bidder.click("登録").await?;
        walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
        walk::search(browser, &origin, &roster::company(2), &mut album).await?;
        walk::fill_form(browser, &origin, &mut album).await?;
        let company_id = walk::register(browser, &origin, &mut album).await?;

        walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
        bidder.click("登録").await?;
        walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
        bidder.error_with("card_already_registered").await?;
        company_id
    };

    let _second = world.insert(world.card_config(&world.issue("第二　花子")?)?)?;
    walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("登録").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    walk::search(browser, &origin, &roster::company(2), &mut album).await?;
    let form = bidder.text().await?;
    assert!(form.contains("soumu@company.example.jp"), "the company's contact is there already: {form}");
    for (field, value) in walk::CARD {
        bidder.fill(field, value).await?;
    }
    assert_eq!(walk::register(browser, &origin, &mut album).await?, first);
    Ok(())
}

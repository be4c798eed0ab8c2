//! Reload, restart, double press: nothing typed is lost and nothing is registered twice.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    bidder::Bidder,
    roster,
    walk::{self, Album, Holder},
    world::World,
};

const HOLDER: Holder<'static> = Holder { pin: "123456", reader: None };

#[tokio::test]
async fn draft_and_session_survive_a_reload_and_a_restart_of_the_server() -> Result<()> {
    let mut world = World::start().await?;
    let _card = world.insert_card()?;
    let origin = world.origin();
    let mut album = Album::none();
    {
        let browser = world.browser();
        let bidder = Bidder::new(browser.driver(), &origin);
        walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
        bidder.click("登録").await?;
        walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
        walk::search(browser, &origin, &roster::company(3), &mut album).await?;
        walk::fill_form(browser, &origin, &mut album).await?;
        bidder.click("入力内容確認").await?;
        bidder.screen("confirm").await?;
        browser.driver().refresh().await?;
        bidder.screen("confirm").await?;
        assert!(bidder.text().await?.contains("見本　次郎"), "what was typed is there after the reload");
        bidder.click("戻る").await?;
        bidder.screen("form").await?;
        assert_eq!(bidder.value(FieldId::CardContactPerson).await?, "見本　次郎");
        bidder.click("入力内容確認").await?;
        bidder.screen("confirm").await?;
    }
    world.restart_server().await?;
    let bidder = Bidder::new(world.browser().driver(), &origin);
    bidder.click("登録").await?;
    bidder.screen("done").await?;
    assert_eq!(bidder.company_id().await?.len(), 16);
    Ok(())
}

#[tokio::test]
async fn pressing_register_twice_registers_once() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();
    walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("登録").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    walk::search(browser, &origin, &roster::company(4), &mut album).await?;
    walk::fill_form(browser, &origin, &mut album).await?;
    bidder.click("入力内容確認").await?;
    bidder.screen("confirm").await?;
    // Two clicks in one task: the second comes before anything could be drawn.
    let button = bidder.control("登録").await?;
    browser.driver().execute("arguments[0].click(); arguments[0].click();", vec![button.to_json()?]).await?;
    bidder.screen("done").await?;
    assert_eq!(world.registered_cards()?, 1);
    Ok(())
}

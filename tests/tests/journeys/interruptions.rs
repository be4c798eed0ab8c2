//! Reload, restart, double press: nothing typed is lost and nothing is registered twice.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{roster, world::World};

#[tokio::test]
async fn draft_and_session_survive_a_reload_and_a_restart_of_the_server() -> Result<()> {
    let mut world = World::start().await?;
    let _card = world.insert_card()?;
    {
        let mut walk = world.walk();
        walk.to_confirmation(&roster::company(0)).await?;
        walk.browser.driver().refresh().await?;
        walk.page().screen("confirm").await?;
        assert!(walk.page().text().await?.contains("見本　次郎"), "what was typed is there after the reload");
        walk.page().click("戻る").await?;
        walk.page().screen("form").await?;
        assert_eq!(walk.page().value(FieldId::CardContactPerson).await?, "見本　次郎");
        walk.page().click("入力内容確認").await?;
        walk.page().screen("confirm").await?;
    }
    world.restart_server().await?;
    let walk = world.walk();
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    assert_eq!(walk.page().company_id().await?.len(), 16);
    Ok(())
}

#[tokio::test]
async fn pressing_register_twice_registers_once() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    walk.to_confirmation(&roster::company(0)).await?;
    // Two clicks in one task: the second comes before anything could be drawn.
    let button = walk.page().control("登録").await?;
    walk.browser
        .driver()
        .execute("arguments[0].click(); arguments[0].click();", vec![button.to_json()?])
        .await?;
    walk.page().screen("done").await?;
    assert_eq!(world.registered_cards()?, 1);
    Ok(())
}

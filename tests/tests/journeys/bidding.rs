//! From a bidding system to the card and back: with mod_auth_openidc, openid-client and Authlib.

use anyhow::Result;
use touroku_tests::harness::{
    bidding::{BiddingSystem, MadeWith},
    roster, wait,
    world::World,
};

#[tokio::test]
async fn a_company_registers_on_its_way_into_a_bidding_system_and_is_greeted_there_by_name() -> Result<()> {
    let mut world = World::start().await?;
    let system = BiddingSystem::start(world.server_mut(), "aomori", MadeWith::Apache).await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    let driver = world.browser().driver();
    driver.goto(system.origin()).await?;
    walk.page().screen("client").await?;
    walk.page().present("[data-sign-in='入札システム（見本）']").await?;
    walk.audit("入札システムからのログイン").await?;

    // The way by the page's own buttons where the window does not open by itself.
    walk.show_card().await?;
    walk.page().present("[data-error='card_not_registered']").await?;
    walk.audit("登録のないICカード").await?;
    walk.page().click("利用者登録へ進む").await?;
    walk.page().screen("client").await?;
    walk.page().click("利用者登録処理").await?;
    walk.page().screen("menu").await?;
    walk.page().click("登録").await?;
    walk.show_card().await?;
    let company = roster::company(0);
    walk.search(&company).await?;
    walk.fill_form().await?;
    walk.confirm().await?;
    walk.register().await?;
    walk.page().click("電子入札へ進む").await?;
    walk.show_card_and_go_on().await?;
    system.greets(&walk, &company.name).await?;
    walk.picture("入札システム（見本）").await?;

    // Whoever is stopped is out there within a minute, too.
    world.suspend("aomori", &company.number)?;
    wait::until("the bidding system to ask for a login", async || {
        driver.goto(system.origin()).await?;
        let address = driver.current_url().await?;
        Ok(address.as_str().starts_with(&world.origin()).then_some(()))
    })
    .await?;
    walk.page().screen("client").await?;
    walk.show_card().await?;
    walk.page().present("[data-error='company_suspended']").await?;
    walk.page().click("やめて電子入札システムへ戻る").await?;
    wait::until("the way back", async || {
        Ok(driver.current_url().await?.as_str().starts_with(&system.origin()).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_company_signs_in_to_systems_made_with_node_and_python() -> Result<()> {
    let mut world = World::start().await?;
    let systems = [
        BiddingSystem::start(world.server_mut(), "aomori", MadeWith::OpenidClient).await?,
        BiddingSystem::start(world.server_mut(), "aomori", MadeWith::Authlib).await?,
    ];
    let _card = world.insert_card()?;
    let company = roster::company(0);
    let mut walk = world.walk();
    walk.to_confirmation(&company).await?;
    walk.register().await?;
    for system in &systems {
        let mut walk = world.walk();
        world.browser().driver().goto(system.origin()).await?;
        walk.page().screen("client").await?;
        walk.show_card_and_go_on().await?;
        system.greets(&walk, &company.name).await?;
    }
    Ok(())
}

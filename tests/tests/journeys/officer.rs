//! The officers' side in real browsers: accounts, the review of what contractors apply for, rosters, companies, and the
//! record of it all.

use std::fs;

use anyhow::Result;
use touroku_tests::harness::{
    account::{applicant, apply, log_in, to_application},
    officer::{Desk, PASSWORD as OFFICERS},
    roster, wait,
    world::{World, WorldOptions},
};

const LOGIN_ID: &str = "shimo123";
const PASSWORD: &str = "oi25io14";

#[tokio::test]
async fn an_account_is_set_up_by_its_link_and_sees_what_its_role_may() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "view").await?;
    desk.audit("home").await?;
    assert_eq!(
        desk.page().count("[data-nav='officers'], [data-nav='audit'], [data-nav='settings']").await?,
        0
    );

    desk.page().click_on("[data-do='sign-out']").await?;
    desk.page().screen("sign-in").await?;
    desk.audit("sign-in").await?;
    desk.sign_in().await?;
    desk.page().screen("home").await?;

    // The URL alone opens nothing that the role does not allow.
    desk.go("/officers").await?;
    desk.page().error_with("forbidden").await?;

    desk.go("/account").await?;
    desk.page().screen("account").await?;
    desk.page().present("[data-session][data-current]").await?;
    desk.audit("account").await?;
    Ok(())
}

#[tokio::test]
async fn an_id_is_reviewed_side_by_side_and_works_after_its_approval() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let office = world.another_browser().await?;
    let mut desk = Desk::open(&world, &office, "shimonoseki", "review").await?;

    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    apply(&mut walk, LOGIN_ID, PASSWORD).await?;

    desk.go("/review").await?;
    desk.page().screen("review").await?;
    desk.audit("review queue").await?;
    desk.page().click_on("[data-application] a").await?;
    desk.page().screen("application").await?;
    desk.audit("application").await?;
    desk.page().click_on("[data-fold] summary").await?;
    desk.audit("application with all that was entered").await?;
    desk.audit_zoomed("application with all that was entered").await?;
    let shown = desk.page().text().await?;
    assert!(shown.contains(LOGIN_ID) && !shown.contains(PASSWORD), "{shown}");

    desk.page().click_on("[data-do='approve']").await?;
    desk.audit("approval dialog").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='approved']").await?;

    log_in(&mut walk, LOGIN_ID, PASSWORD).await?;
    walk.page().screen("bid").await?;
    Ok(())
}

#[tokio::test]
async fn a_roster_is_looked_at_before_it_is_taken_over_and_can_be_taken_back() -> Result<()> {
    let world = World::start_with(WorldOptions { companies: 5, ..WorldOptions::default() }).await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "manage").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("名簿.csv");
    roster::write(&file, 8)?;
    let broken = folder.path().join("名簿.xlsx");
    fs::write(&broken, b"PK\x03\x04not a roster")?;

    desk.go("/imports").await?;
    desk.page().screen("imports").await?;
    desk.audit("imports").await?;
    desk.page().present("#roster_file").await?.send_keys(broken.to_string_lossy()).await?;
    desk.page().screen("import").await?;
    desk.page().present("[data-state='failed']").await?;
    assert!(desk.page().error_with("import_problem").await?.contains("CSV"));

    desk.go("/imports").await?;
    desk.page().screen("imports").await?;
    desk.page().present("#roster_file").await?.send_keys(file.to_string_lossy()).await?;
    desk.page().screen("import").await?;
    desk.page().present("[data-state='checked']").await?;
    desk.page().present("[data-count='added'][data-number='3']").await?;
    desk.page().present("[data-count='unchanged'][data-number='5']").await?;
    desk.audit("dry run").await?;
    desk.page().click_on("[data-do='take']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='taken']").await?;

    let added = roster::company(7);
    desk.go("/companies").await?;
    desk.page().screen("companies").await?;
    desk.page().fill_id("query", &added.name).await?;
    desk.page().click("検索").await?;
    desk.page().present(&format!("[data-company='{}']", added.number)).await?;
    desk.audit("companies").await?;

    desk.go("/imports").await?;
    desk.page().screen("imports").await?;
    desk.page().click_on("[data-do='undo']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    wait::until("the roster as it was", async || Ok((world.companies_in_roster()? == 5).then_some(())))
        .await?;

    desk.go("/audit").await?;
    desk.page().screen("audit").await?;
    desk.page().present("[data-chain='sound']").await?;
    desk.page().present("[data-action='import_taken']").await?;
    desk.audit("audit").await?;
    world.server().command("audit", "aomori", &["verify"])?;

    for (route, screen) in
        [("/officers", "officers"), ("/settings", "settings"), ("/settings/preview", "preview")]
    {
        desk.go(route).await?;
        desk.page().screen(screen).await?;
        desk.audit(screen).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_suspended_company_is_kept_out_until_it_is_let_in_again() -> Result<()> {
    let world = World::start().await?;
    let office = world.another_browser().await?;
    let mut desk = Desk::open(&world, &office, "aomori", "review").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    let company = roster::company(0);
    walk.to_confirmation(&company).await?;
    walk.register().await?;

    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().screen("company").await?;
    desk.audit("company").await?;
    desk.page().click_on("#open-suspend-company").await?;
    desk.page().fill_id("reason", "指名停止のため").await?;
    desk.page().pick_day("until", "2098-12-31").await?;
    desk.audit("suspend a company").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-suspended='true']").await?;
    desk.page().text_with("期間：2098年12月31日まで").await?;
    desk.page().click_on("#open-correct-suspension").await?;
    desk.page().pick_day("until", "2099-12-31").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().text_with("期間：2099年12月31日まで").await?;
    desk.audit("a suspended company").await?;

    walk.bid().await?;
    walk.page().error_with("company_suspended").await?;
    walk.page().text_with("停止の期間は、2099年12月31日までです。").await?;

    desk.page().click_on("#open-suspend-company").await?;
    desk.page().fill_id("reason", "停止期間が終わったため").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    wait::until("the company to be let in", async || {
        Ok((desk.page().count("[data-suspended='true']").await? == 0).then_some(()))
    })
    .await?;
    walk.bid().await?;
    walk.page().screen("bid").await
}

#[tokio::test]
async fn a_card_that_an_officer_linked_signs_in_without_password() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "view").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    desk.page().click_on("[data-nav='account']").await?;
    desk.page().screen("account").await?;
    desk.page().fill_id("card_password", OFFICERS).await?;
    let code = desk.code().await?;
    desk.page().fill_id("card_code", &code).await?;
    desk.page().click_on("[data-do='link-card']").await?;
    walk.show_card().await?;
    desk.page().present("[data-has-card='true']").await?;
    desk.audit("account with a card").await?;

    desk.page().click_on("[data-do='sign-out']").await?;
    desk.page().screen("sign-in").await?;
    desk.page().click_on("[data-do='card']").await?;
    walk.show_card().await?;
    desk.page().screen("home").await?;

    // That does not make it a contractor's card.
    walk.bid().await?;
    walk.page().error_with("card_not_registered").await?;
    Ok(())
}

#[tokio::test]
async fn a_company_is_entered_into_the_roster_by_hand_and_corrected() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "review").await?;
    desk.go("/companies").await?;
    desk.page().click("名簿に会社を1社追加する").await?;
    desk.page().screen("roster").await?;
    desk.page().fill_id("roster-0", "12").await?;
    desk.page().click_on("[data-do='submit']").await?;
    desk.page().present("#summary").await?;
    desk.audit("a company with mistakes").await?;
    desk.audit_zoomed("a company with mistakes").await?;

    desk.page().fill_id("roster-0", "９９００００９７７").await?;
    desk.page().fill_id("roster-1", "株式会社手入力").await?;
    desk.page().click_on("#keep").await?;
    desk.page().click_on("[data-do='submit']").await?;
    desk.page().screen("company").await?;
    desk.page().present("[data-kept]").await?;
    desk.page().text_with("名簿を更新しました。").await?;
    desk.audit("a company entered by hand").await?;
    desk.page().click("名簿を訂正する").await?;
    desk.page().screen("roster").await?;
    desk.page().fill_id("roster-1", "株式会社手入力２").await?;
    desk.page().click_on("[data-do='submit']").await?;
    desk.page().screen("company").await?;
    desk.page().text_with("株式会社手入力２").await
}

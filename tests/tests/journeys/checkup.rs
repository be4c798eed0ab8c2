//! 環境確認: each part of the chain says by itself how it is.

use anyhow::Result;
use touroku_tests::harness::{roster, wait, walk::Walk, world::World};

#[tokio::test]
async fn the_check_names_what_is_missing_and_then_that_the_card_would_be_accepted() -> Result<()> {
    let world = World::start().await?;
    let mut walk = world.walk();
    walk.to_client().await?;
    walk.page().click("検証機能").await?;
    walk.page().screen("check").await?;
    results(&walk, "ok ok ok ok ok bad unknown ok ok").await?;
    walk.page().error_with("no_card").await?;
    walk.audit("a check without a card").await?;

    let _card = world.insert_card()?;
    walk.page().click("再確認").await?;
    results(&walk, "ok ok ok ok ok ok unknown ok ok").await?;
    walk.page().click("証明書を確認する").await?;
    walk.show_card().await?;
    results(&walk, "ok ok ok ok ok ok ok ok ok").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("まだ登録されていません"), "{page}");
    walk.audit("a card that would be accepted").await?;

    // The check opened nothing: the way to a registration is the same as ever.
    walk.to_confirmation(&roster::company(0)).await?;
    walk.register().await?;
    walk.page().open("/check?agency=aomori").await?;
    walk.page().screen("check").await?;
    results(&walk, "ok ok ok ok ok ok ok ok ok").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("この調達機関に登録されています"), "{page}");
    Ok(())
}

/// Waits until the parts are in these states, in their order.
async fn results(walk: &Walk<'_>, wanted: &str) -> Result<()> {
    let script =
        "return [...document.querySelectorAll('[data-check]')].map(e => e.dataset.result).join(' ');";
    wait::until(&format!("the results {wanted}"), async || {
        let shown: String = walk.browser.driver().execute(script, vec![]).await?.convert()?;
        Ok((shown == wanted).then_some(()))
    })
    .await
}

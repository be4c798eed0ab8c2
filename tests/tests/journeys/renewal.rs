//! ICカード更新: a new card takes an old one's place, and at no moment are both refused.

use anyhow::Result;
use touroku_tests::harness::{mailbox, wait, world::World};

#[tokio::test]
async fn a_new_card_takes_the_place_of_the_old_one_which_logs_in_no_more() -> Result<()> {
    let world = World::start().await?;
    let mut walk = world.walk();
    let company_id = world.register(world.card()).await?;

    let old = world.insert_card()?;
    walk.to_menu().await?;
    walk.page().click("ICカード更新").await?;
    walk.page().screen("renew_old").await?;
    walk.audit("the old card").await?;
    walk.page().click("OK").await?;
    walk.show_card().await?;
    walk.page().screen("renew_new").await?;
    walk.audit("the new card").await?;
    drop(old);

    let issued = world.issue("第二　花子")?;
    let new = world.insert(world.card_config(&issued)?)?;
    walk.page().click("OK").await?;
    walk.show_card().await?;
    walk.page().screen("renew_confirm").await?;
    let differing = walk.page().marked("data-differs").await?;
    assert!(differing.contains(&"card_holder_name".to_owned()), "{differing:?}");
    assert!(differing.contains(&"certificate_serial".to_owned()), "{differing:?}");
    assert!(!differing.contains(&"company_name".to_owned()), "{differing:?}");
    walk.audit("both cards").await?;
    // A reload loses nothing.
    walk.browser.driver().refresh().await?;
    walk.page().screen("renew_confirm").await?;
    walk.page().click("更新").await?;
    walk.page().screen("done").await?;
    assert_eq!(walk.page().company_id().await?, company_id);
    walk.audit("completion of a renewal").await?;
    wait::until("the mails about the renewal", async || {
        let mails = mailbox::read(&world.mail_directory())?;
        Ok(Some(()).filter(|()| mails.iter().filter(|mail| mail.subject.contains("更新")).count() == 2))
    })
    .await?;

    walk.bid().await?;
    walk.page().screen("bid").await?;
    let page = walk.page().text().await?;
    assert!(page.contains(&company_id) && page.contains("第二　花子"), "{page}");
    drop(new);

    let _old = world.insert_card()?;
    walk.bid().await?;
    walk.page().error_with("card_replaced").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("更新済み") && page.contains("第二　花子"), "{page}");
    Ok(())
}

#[tokio::test]
async fn the_same_card_twice_renews_nothing() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    world.register(world.card()).await?;

    walk.to_new_card().await?;
    walk.page().click("OK").await?;
    walk.show_card().await?;
    walk.page().error_with("same_card").await?;
    // The current card still works.
    walk.bid().await?;
    walk.page().screen("bid").await
}

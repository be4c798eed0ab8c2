//! Trouble with card, PIN, reader and window: what the person is told, and that no try is lost.

use anyhow::{Context as _, Result};
use touroku_tests::{
    harness::{card_window::CardWindow, page::Page, world::World},
    virtual_card::Trigger,
};

#[tokio::test]
async fn a_wrong_pin_costs_one_try_the_last_needs_a_yes_and_then_the_card_is_locked() -> Result<()> {
    let world = World::start().await?;
    let card = world.insert_card()?;
    let window = world.walk().to_card_window().await?;
    window.state("pin").await?;

    // A PIN of an impossible format is stopped before it costs a try.
    window.pin("12").await?;
    window.ok().await?;
    assert_eq!(window.error().await?, "pin_format");
    assert_eq!(card.tries_left(), 3);

    window.pin("999999").await?;
    window.ok().await?;
    touroku_tests::harness::wait::until("one try spent", async || Ok((card.tries_left() == 2).then_some(())))
        .await?;
    window.state("pin").await?;
    assert_eq!(window.error().await?, "pin_wrong");
    assert!(window.text().await?.contains('2'));

    window.pin("999998").await?;
    window.ok().await?;
    touroku_tests::harness::wait::until("two tries spent", async || {
        Ok((card.tries_left() == 1).then_some(()))
    })
    .await?;
    window.state("pin").await?;

    // Without explicit consent the last try stays.
    window.pin("999997").await?;
    window.ok().await?;
    window.state("pin").await?;
    assert_eq!(card.tries_left(), 1);

    window.accept_last_try().await?;
    window.pin("999997").await?;
    window.ok().await?;
    window.state("locked").await?;
    assert_eq!(card.tries_left(), 0);
    let text = window.text().await?;
    assert!(text.contains("認証局"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_card_that_is_locked_already_asks_for_no_pin() -> Result<()> {
    let world = World::start().await?;
    let mut config = world.card_config(&world.issue("施錠　太郎")?)?;
    config.tries = 0;
    let _card = world.insert(config)?;
    let window = world.walk().to_card_window().await?;
    window.state("locked").await?;
    assert!(window.text().await?.contains("認証局"));
    Ok(())
}

#[tokio::test]
async fn the_window_follows_the_card_in_and_out_and_clears_a_typed_pin() -> Result<()> {
    let world = World::start().await?;
    let window = world.walk().to_card_window().await?;
    window.state("no_card").await?;
    let card = world.insert_card()?;
    window.state("pin").await?;
    window.pin("123456").await?;
    card.remove();
    window.state("no_card").await?;
    let other = world.insert(world.card_config(&world.issue("別人　太郎")?)?)?;
    window.state("pin").await?;
    window.ok().await?;
    // Nothing was carried over to the other card, so nothing could be tried on it.
    assert_eq!(window.error().await?, "pin_format");
    assert_eq!(other.tries_left(), 3);
    Ok(())
}

#[tokio::test]
async fn a_card_pulled_while_it_signs_is_said_and_can_be_tried_again() -> Result<()> {
    let world = World::start().await?;
    let issued = world.issue("抜差　太郎")?;
    let mut config = world.card_config(&issued)?;
    config.faults.remove_at = Some(Trigger::Sign);
    let card = world.insert(config)?;
    let origin = world.origin();
    let window = world.walk().to_card_window().await?;
    window.state("pin").await?;
    window.pin("123456").await?;
    window.ok().await?;
    assert_eq!(window.error().await?, "card_removed");
    drop(card);
    let _again = world.insert(world.card_config(&issued)?)?;
    window.state("pin").await?;
    window.pin("123456").await?;
    window.ok().await?;
    window.closed(&origin).await?;
    Page::new(world.browser().driver(), &origin).screen("search").await
}

#[tokio::test]
async fn a_card_that_speaks_nothing_we_know_is_named_as_such() -> Result<()> {
    let world = World::start().await?;
    let mut config = world.card_config(&world.issue("他種　太郎")?)?;
    config.faults.not_piv = true;
    let _card = world.insert(config)?;
    let window = world.walk().to_card_window().await?;
    assert_eq!(window.error().await?, "unsupported_card");
    Ok(())
}

#[tokio::test]
async fn cancel_and_a_closed_window_both_come_back_to_the_menu() -> Result<()> {
    let world = World::start().await?;
    let card = world.insert_card()?;
    let origin = world.origin();
    let bidder = Page::new(world.browser().driver(), &origin);
    let window = world.walk().to_card_window().await?;
    window.state("pin").await?;
    window.cancel().await?;
    window.closed(&origin).await?;
    bidder.error_with("cancelled").await?;

    bidder.click("登録").await?;
    let window = CardWindow::opened(world.browser()).await?;
    window.state("pin").await?;
    world.browser().driver().close_window().await?;
    window.closed(&origin).await?;
    bidder.error_with("cancelled").await?;
    assert_eq!(card.tries_left(), 3);
    Ok(())
}

#[tokio::test]
async fn a_second_tab_is_told_that_a_card_window_is_open() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let origin = world.origin();
    let driver = world.browser().driver();
    let first = driver.window().await?;
    let window = world.walk().to_card_window().await?;
    window.state("pin").await?;

    driver.switch_to_window(first.clone()).await?;
    let second = driver.new_tab().await?;
    driver.switch_to_window(second).await?;
    let mut walk = world.walk();
    walk.to_menu().await?;
    let bidder = walk.page();
    bidder.click("登録").await?;
    bidder.error_with("busy").await?;

    // The first tab is closed, and its card window with it.
    driver.switch_to_window(first).await?;
    driver.close_window().await?;
    world.browser().switch_to(&origin).await?;
    touroku_tests::harness::wait::until("the card window to close with its tab", async || {
        let open = world.browser().has_window(&touroku_tests::harness::card_window::address()).await?;
        Ok((!open).then_some(()))
    })
    .await
    .context("closing the tab that asked")?;
    bidder.click("登録").await?;
    CardWindow::opened(world.browser()).await?.state("pin").await
}

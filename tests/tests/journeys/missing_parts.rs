//! A part is missing, silent, or of another version: 受注者クライアント says which, and what to do.

use anyhow::Result;
use serde_json::json;
use touroku_proto::{OLDEST_PROTOCOL, PROTOCOL};
use touroku_tests::harness::{
    host::HostKind,
    world::{World, WorldOptions},
};

/// A link of the server's own `[install]`.
const FROM_THE_SERVER: &str = "[data-install] a[href='https://install.example.jp/extension']";

/// Opens 受注者クライアント and returns the text of the error it shows.
async fn client_says(world: &World, code: &str) -> Result<String> {
    let mut walk = world.walk();
    walk.to_entry().await?;
    walk.page().click("利用者登録").await?;
    walk.page().screen("client").await?;
    walk.page().error_with(code).await
}

async fn with_host(host: HostKind) -> Result<World> {
    World::start_with(WorldOptions { host: Some(host), ..WorldOptions::default() }).await
}

fn hello(protocol: u32, oldest: u32) -> HostKind {
    HostKind::Saying(json!({
        "type": "hello", "version": "9.9.9", "protocol": protocol, "oldest_protocol": oldest, "capabilities": ["piv"],
    }))
}

#[tokio::test]
async fn without_the_extension_the_page_says_so_and_whom_to_call() -> Result<()> {
    let world = World::start_with(WorldOptions { extension: false, ..WorldOptions::default() }).await?;
    let text = client_says(&world, "extension_missing").await?;
    assert!(text.contains("拡張機能") && text.contains("ヘルプデスク"), "{text}");

    // Without an agency, the server says where it comes from: to officers before they sign in, too.
    let walk = world.walk();
    let page = walk.page();
    page.open("/check").await?;
    page.error_with("extension_missing").await?;
    let steps = page.present("[data-install]").await?.text().await?;
    assert!(steps.contains("ブラウザーに追加"), "{steps}");
    page.present(FROM_THE_SERVER).await?;
    page.open("/officer.html").await?;
    page.click_on("[data-do='card']").await?;
    page.error_with("extension_missing").await?;
    page.present(FROM_THE_SERVER).await?;
    Ok(())
}

#[tokio::test]
async fn without_the_host_the_page_says_so() -> Result<()> {
    let text = client_says(&with_host(HostKind::Missing).await?, "host_missing").await?;
    assert!(text.contains("ヘルプデスク"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_host_that_dies_is_told_from_one_that_is_missing() -> Result<()> {
    client_says(&with_host(HostKind::Dying).await?, "host_exited").await.map(drop)
}

#[tokio::test]
async fn a_host_that_talks_nonsense_is_named() -> Result<()> {
    client_says(&with_host(HostKind::Saying(json!({"type": "greeting"}))).await?, "host_protocol")
        .await
        .map(drop)
}

#[tokio::test]
async fn a_host_that_is_too_old_asks_to_be_updated() -> Result<()> {
    client_says(&with_host(hello(OLDEST_PROTOCOL - 1, OLDEST_PROTOCOL - 1)).await?, "host_too_old")
        .await
        .map(drop)
}

#[tokio::test]
async fn a_host_that_is_too_new_asks_to_update_the_extension() -> Result<()> {
    client_says(&with_host(hello(PROTOCOL + 9, PROTOCOL + 9)).await?, "host_too_new").await.map(drop)
}

#[tokio::test]
async fn a_site_that_the_host_does_not_list_is_refused_by_the_host_itself() -> Result<()> {
    let host = HostKind::Real { allowed_origins: vec!["https://other.example.jp".to_owned()] };
    let world = with_host(host).await?;
    let _card = world.insert_card()?;
    let window = world.walk().to_card_window().await?;
    assert_eq!(window.error().await?, "origin_not_allowed");
    Ok(())
}

#[tokio::test]
async fn a_pc_sc_service_that_is_off_is_said_before_the_card_is_asked_for() -> Result<()> {
    let world = World::start_with(WorldOptions { service_off: true, ..WorldOptions::default() }).await?;
    let text = client_says(&world, "service_off").await?;
    assert!(text.contains("スマートカード"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_computer_without_a_card_reader_is_asked_for_one() -> Result<()> {
    let world = World::start_with(WorldOptions { no_reader: true, ..WorldOptions::default() }).await?;
    let window = world.walk().to_card_window().await?;
    window.state("no_reader").await?;
    let text = window.text().await?;
    assert!(text.contains("カードリーダー"), "{text}");
    Ok(())
}

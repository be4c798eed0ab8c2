//! 共同利用: from a portal's page to one of its members.

use anyhow::Result;
use touroku_tests::harness::{card_window::CardWindow, mailbox, roster, wait, world::World};

/// The portal's and the member's name, as one.
const BOTH: &str = "かごしま県市町村　霧見市";

#[tokio::test]
async fn a_municipality_is_found_by_its_reading_and_named_with_its_portal_wherever_it_is_named() -> Result<()>
{
    let world = World::start_at("kirimi").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("kirimi", "工事、コンサル");
    walk.page().open("/").await?;
    walk.page().click("かごしま県市町村").await?;
    walk.page().text_with("自治体の選択").await?;
    walk.audit("members").await?;
    walk.audit_narrow("members").await?;
    walk.page().fill_id("member_query", "キリミ").await?;
    walk.page().text_with("1件").await?;
    assert!(!walk.page().text().await?.contains("海音市"));
    walk.page().click("霧見市").await?;
    walk.page().text_with(BOTH).await?;
    walk.page().click("戻る").await?;
    walk.page().text_with("自治体の選択").await?;

    walk.to_menu().await?;
    walk.page().click("登録").await?;
    let window = CardWindow::opened(walk.browser).await?;
    window.state("pin").await?;
    assert!(window.text().await?.contains(BOTH), "{}", window.text().await?);
    window.pin(walk.pin).await?;
    window.ok().await?;
    window.closed(&walk.origin).await?;
    walk.search(&roster::company(0)).await?;
    walk.fill_form().await?;
    walk.confirm().await?;
    let company_id = walk.register().await?;
    assert!(company_id.starts_with("46010"), "{company_id}");
    walk.page().click("印刷").await?;
    walk.page().screen("print").await?;
    let both: String = BOTH.split_whitespace().collect();
    assert!(walk.printed().await?.contains(&both));
    let mail = wait::until("the mail", async || Ok(mailbox::read(&world.mail_directory())?.pop())).await?;
    assert!(mail.subject.contains(BOTH), "{}", mail.subject);
    Ok(())
}

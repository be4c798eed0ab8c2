//! The five reference systems, each in the order of its manual, label by label.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{inventory, mailbox, roster, wait, walk::Walk, world::World};

/// None of the systems compares the card's company with the roster's.
const OURS: &str = "ICカードの会社と名簿の会社";

/// Compares the screen's labels with the inventory of that system.
async fn assert_labels(walk: &Walk<'_>, system: &str, screen: &str) -> Result<()> {
    walk.page().screen(screen).await?;
    let mut shown = walk.page().outline().await?;
    shown.retain(|label| label != OURS);
    assert_eq!(shown, inventory::screen(system, screen)?, "{system}, {screen}");
    Ok(())
}

/// From the entry page to the print: every label, and the mail.
async fn register(walk: &mut Walk<'_>, system: &str, company: usize) -> Result<String> {
    walk.to_search().await?;
    assert_labels(walk, system, "search").await?;
    walk.search(&roster::company(company)).await?;
    assert_labels(walk, system, "form").await?;
    walk.audit("form").await?;
    walk.fill_form().await?;
    walk.confirm().await?;
    assert_labels(walk, system, "confirm").await?;
    walk.audit("confirm").await?;
    let company_id = walk.register().await?;
    walk.page().click("印刷").await?;
    assert_labels(walk, system, "print").await?;
    let printed = walk.printed().await?;
    assert!(printed.contains(&company_id) && !printed.contains("証明書シリアル番号"), "{printed}");
    Ok(company_id)
}

async fn recipients(world: &World, count: usize) -> Result<Vec<String>> {
    let mails = wait::until("the mails", async || {
        Ok(Some(mailbox::read(&world.mail_directory())?).filter(|mails| mails.len() == count))
    })
    .await?;
    let mut recipients: Vec<String> = mails.into_iter().map(|mail| mail.to).collect();
    recipients.sort_unstable();
    Ok(recipients)
}

#[tokio::test]
async fn aomori_goods_are_registered_as_its_manual_says() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let company_id = register(&mut world.walk(), "aomori", 0).await?;
    assert!(company_id.starts_with("99921") && company_id.len() == 16, "{company_id}");
    assert_eq!(recipients(&world, 2).await?, ["eigyou@company.example.jp", "soumu@company.example.jp"]);
    Ok(())
}

#[tokio::test]
async fn yamaguchi_works_ask_for_equal_contacts_and_the_exact_name() -> Result<()> {
    let world = World::start_at("yamaguchi").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("yamaguchi", "工事、コンサル");

    // (株) is not accepted here: the name is written as registered.
    walk.to_search().await?;
    assert_labels(&walk, "yamaguchi", "search").await?;
    walk.page().fill(FieldId::CompanyNumber, &roster::company(0).number).await?;
    walk.page().fill(FieldId::CompanyName, "（株）架空商会").await?;
    walk.page().click("検索").await?;
    walk.page().error_with("name_mismatch").await?;

    walk.search(&roster::company(0)).await?;
    assert_labels(&walk, "yamaguchi", "form").await?;
    walk.fill_form().await?;
    walk.page().click("入力内容確認").await?;
    let error = walk.page().field_error(FieldId::CardContactName).await?;
    assert!(error.starts_with('＊'), "different contacts are an error: {error}");
    walk.page().click("同じ内容にする").await?;
    walk.confirm().await?;
    assert_labels(&walk, "yamaguchi", "confirm").await?;
    let company_id = walk.register().await?;
    assert!(company_id.starts_with("99910"), "{company_id}");
    walk.page().click("印刷").await?;
    assert_labels(&walk, "yamaguchi", "print").await?;
    assert_eq!(recipients(&world, 1).await?, ["soumu@company.example.jp"], "one address gets one mail");
    Ok(())
}

#[tokio::test]
async fn shimonoseki_goods_fill_the_representative_in_from_the_roster() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("shimonoseki", "物品、役務");
    walk.to_search().await?;
    assert_labels(&walk, "shimonoseki", "search").await?;
    walk.search(&roster::company(0)).await?;
    assert_labels(&walk, "shimonoseki", "form").await?;
    assert_eq!(walk.page().value(FieldId::RepresentativeContactName).await?, roster::company(0).name);
    assert!(!walk.page().value(FieldId::RepresentativeContactAddress).await?.is_empty());
    assert!(walk.page().text().await?.contains("無し"), "資格の種類 without a grade");
    walk.fill_form().await?;
    walk.confirm().await?;
    assert_labels(&walk, "shimonoseki", "confirm").await?;
    let company_id = walk.register().await?;
    assert!(company_id.starts_with("13521"), "{company_id}");
    walk.page().click("印刷").await?;
    assert_labels(&walk, "shimonoseki", "print").await
}

#[tokio::test]
async fn kagoshima_keeps_its_numbers_secret_and_mails_the_department_that_uses_the_card() -> Result<()> {
    let world = World::start_at("kirimi").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("kirimi", "工事、コンサル");
    walk.to_search().await?;
    assert!(walk.page().text().await?.contains("登録番号"));
    // Wrong number or wrong name: the same words.
    let mut said = Vec::new();
    for (number, name) in [("000000000", "株式会社架空商会"), ("990000001", "株式会社別の会社")]
    {
        walk.page().fill(FieldId::CompanyNumber, number).await?;
        walk.page().fill(FieldId::CompanyName, name).await?;
        walk.page().click("検索").await?;
        let text = walk.page().error_with("company_not_found").await?;
        // Each request has its own number for the help desk.
        said.push(text.split('（').next().unwrap_or_default().to_owned());
    }
    assert_eq!(said[0], said[1]);
    walk.page().open("/kirimi/companies").await?;
    assert!(!walk.page().text().await?.contains("架空商会"), "no list of companies");

    register(&mut walk, "kagoshima", 0).await?;
    assert_eq!(recipients(&world, 1).await?, ["eigyou@company.example.jp"]);
    Ok(())
}

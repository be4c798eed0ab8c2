//! Features around registration: 業者番号一覧, 環境確認, 利用時間, addresses by 郵便番号.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    programs, roster,
    world::{World, WorldOptions},
};

#[tokio::test]
async fn a_company_finds_its_number_by_kana_row_and_by_a_part_of_its_name() -> Result<()> {
    let world = World::start_with(WorldOptions { companies: 300, ..WorldOptions::default() }).await?;
    let mut walk = world.walk();
    walk.page().open("/aomori/companies").await?;
    walk.page().screen("companies").await?;
    walk.audit("業者番号一覧").await?;

    walk.page().fill_id("list_query", "雪見").await?;
    walk.page().click("検索").await?;
    walk.page().present("[data-number='990000004']").await?;
    assert_eq!(walk.page().count("[data-number='990000001']").await?, 0, "others are not listed");
    assert!(walk.page().text().await?.contains(&roster::company(3).name));

    walk.page().click("か行").await?;
    walk.page().present("[data-number='990000001']").await?;
    let printed = walk.printed().await?;
    assert!(printed.contains("青森市") && printed.contains("20") && printed.contains("月"), "{printed}");
    assert!(!printed.contains("番号をコピー"), "{printed}");
    Ok(())
}

#[tokio::test]
async fn the_computer_check_says_of_each_part_whether_it_works() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    walk.page().open("/check/aomori").await?;
    walk.page().screen("check").await?;
    for part in ["browser", "extension", "host", "service", "reader", "card", "clock", "network"] {
        walk.page().present(&format!("[data-check='{part}'][data-result='ok']")).await?;
    }
    walk.audit("環境確認").await?;
    Ok(())
}

#[tokio::test]
async fn the_computer_check_names_the_first_part_that_is_missing_and_how_to_mend_it() -> Result<()> {
    let world = World::start_with(WorldOptions { extension: false, ..WorldOptions::default() }).await?;
    let mut walk = world.walk();
    walk.page().open("/check/aomori").await?;
    walk.page().screen("check").await?;
    walk.page().present("[data-check='extension'][data-result='bad']").await?;
    walk.page().present("[data-check='host'][data-result='unknown']").await?;
    walk.page().present("[data-check='network'][data-result='ok']").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("拡張機能") && page.contains("0570-000-000"), "{page}");
    walk.audit("環境確認 without the extension").await?;
    Ok(())
}

#[tokio::test]
async fn a_closed_agency_says_when_it_opens_and_begins_no_session() -> Result<()> {
    // Open for no minute of any day that could be today.
    let closed = |profile: &mut toml::Table| {
        let hours = "open = \"00:00\"\nclose = \"24:00\"\nclosed = [\"01-01..12-30\"]\nweekdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\nclosed_on_holidays = false\n";
        profile.insert("hours".into(), toml::Value::Table(hours.parse().expect("these hours are TOML")));
    };
    let world = World::start_with(WorldOptions { profile: Some(closed), ..WorldOptions::default() }).await?;
    let mut walk = world.walk();
    walk.to_entry().await?;
    walk.page().present("[data-hours='closed']").await?;
    let page = walk.page().text().await?;
    assert!(page.contains("12月31日"), "the day on which it opens: {page}");
    walk.audit("outside the hours").await?;
    walk.to_client().await?;
    walk.page().click("利用者登録処理").await?;
    walk.page().present("[data-hours='closed']").await?;
    assert_eq!(walk.page().current_screen().await?.as_deref(), Some("client"), "no session begins");
    Ok(())
}

#[tokio::test]
async fn a_company_is_taken_from_the_list_and_an_address_found_by_its_postal_code() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    world.server().import_postal_codes(&programs::workspace().join("agencies/postal/sample.csv"))?;
    let mut walk = world.walk();
    // 「この番号で登録する」 fills number and name.
    let company = roster::company(0);
    walk.to_search().await?;
    walk.page().click_on(".list-link a").await?;
    let row = format!("[data-number='{}'] button", company.number);
    assert!(walk.page().present(&row).await?.text().await?.starts_with("この番号で登録する"));
    walk.audit("業者番号一覧 of a search").await?;
    walk.audit_narrow("業者番号一覧 of a search").await?;
    walk.page().click_on(&row).await?;
    walk.page().screen("search").await?;
    assert_eq!(walk.page().value(FieldId::CompanyNumber).await?, company.number);
    assert_eq!(walk.page().value(FieldId::CompanyName).await?, company.name);
    walk.page().click("検索").await?;
    walk.page().screen("form").await?;
    walk.page().fill(FieldId::RepresentativeContactPostalCode, "030-0801").await?;
    walk.page().click_on("[data-postal-search='representative_contact_postal_code']").await?;
    walk.page().present("[data-postal='filled'], [data-postal='choices']").await?;
    let address = walk.page().value(FieldId::RepresentativeContactAddress).await?;
    assert!(address.starts_with("青森県青森市"), "{address}");

    walk.page().fill(FieldId::CardContactPostalCode, "999-9999").await?;
    walk.page().click_on("[data-postal-search='card_contact_postal_code']").await?;
    walk.page().present("[data-postal='nothing']").await?;
    assert_eq!(walk.page().value(FieldId::CardContactAddress).await?, "");
    Ok(())
}

//! What a person can type wrong, and what the page says to it.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    bidder::Bidder,
    roster,
    walk::{self, Album, Holder},
    world::World,
};

const HOLDER: Holder<'static> = Holder { pin: "123456", reader: None };

#[tokio::test]
async fn a_number_or_name_that_is_not_in_the_roster_is_told_apart() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();
    walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("登録").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    bidder.screen("search").await?;

    let search = async |number: &str, name: &str| -> Result<()> {
        bidder.fill(FieldId::CompanyNumber, number).await?;
        bidder.fill(FieldId::CompanyName, name).await?;
        bidder.click("検索").await
    };
    search("", "").await?;
    assert!(bidder.field_error(FieldId::CompanyNumber).await?.starts_with('＊'));
    assert!(bidder.field_error(FieldId::CompanyName).await?.starts_with('＊'));
    search("12345678", "株式会社架空商会").await?;
    assert!(bidder.field_error(FieldId::CompanyNumber).await?.contains('9'));
    search("990000001", "(株)架空商会").await?;
    assert!(bidder.field_error(FieldId::CompanyName).await?.contains("全角"));

    search("000000000", "株式会社架空商会").await?;
    bidder.error_with("number_not_found").await?;
    search("990000001", "別の会社").await?;
    bidder.error_with("name_mismatch").await?;
    // Written otherwise, but the same company.
    search("990000001", "㈱　架空商会").await?;
    bidder.screen("form").await?;
    Ok(())
}

#[tokio::test]
async fn every_field_names_its_own_mistake_and_keeps_what_was_typed() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let (browser, origin) = (world.browser(), world.origin());
    let bidder = Bidder::new(browser.driver(), &origin);
    let mut album = Album::none();
    walk::to_menu(browser, &origin, "物品、役務", &mut album).await?;
    bidder.click("登録").await?;
    walk::show_card(browser, &origin, &HOLDER, &mut album).await?;
    walk::search(browser, &origin, &roster::company(5), &mut album).await?;

    let long = "あ".repeat(61);
    let mistakes: [(FieldId, &str, &str); 8] = [
        (FieldId::RepresentativeContactName, &long, "60"),
        (FieldId::RepresentativeContactPostalCode, "1234567", "123-4567"),
        (FieldId::RepresentativeContactAddress, "ｱｵﾓﾘｼ", "カタカナ"),
        (FieldId::RepresentativeContactPerson, "", "入力"),
        (FieldId::RepresentativeContactPhone, "０１７-700-0001", "半角"),
        (FieldId::RepresentativeContactFax, "0177010001", "ハイフン"),
        (FieldId::RepresentativeContactEmail, "soumu@company.example,jp", "メールアドレス"),
        (FieldId::CardContactEmailAgain, "other@company.example.jp", "一致"),
    ];
    walk::fill_form(browser, &origin, &mut album).await?;
    for (field, value, _) in mistakes {
        bidder.fill(field, value).await?;
    }
    bidder.click("入力内容確認").await?;
    for (field, value, said) in mistakes {
        let error = bidder.field_error(field).await?;
        assert!(error.contains(said), "{}: {error}", field.as_str());
        assert_eq!(bidder.value(field).await?, value, "{}", field.as_str());
    }
    assert_eq!(bidder.current_screen().await?.as_deref(), Some("form"));
    Ok(())
}

//! What a person can type wrong, and what the page says to it.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{roster, world::World};

#[tokio::test]
async fn a_number_or_name_that_is_not_in_the_roster_is_told_apart() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    walk.to_search().await?;

    let search = async |number: &str, name: &str| -> Result<()> {
        walk.page().fill(FieldId::CompanyNumber, number).await?;
        walk.page().fill(FieldId::CompanyName, name).await?;
        walk.page().click("検索").await
    };
    search("", "").await?;
    assert!(walk.page().field_error(FieldId::CompanyNumber).await?.starts_with('＊'));
    assert!(walk.page().field_error(FieldId::CompanyName).await?.starts_with('＊'));
    search("12345678", "株式会社架空商会").await?;
    assert!(walk.page().field_error(FieldId::CompanyNumber).await?.contains('9'));
    search("990000001", &"あ".repeat(41)).await?;
    assert!(walk.page().field_error(FieldId::CompanyName).await?.contains("40"));

    search("000000000", "株式会社架空商会").await?;
    walk.page().error_with("number_not_found").await?;
    search("990000001", "別の会社").await?;
    walk.page().error_with("name_mismatch").await?;
    // Written otherwise, but the same company.
    search("990000001", "(株) 架空商会").await?;
    walk.page().screen("form").await?;
    Ok(())
}

#[tokio::test]
async fn every_field_names_its_own_mistake_and_keeps_what_was_typed() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    walk.to_form(&roster::company(0)).await?;

    let long = "あ".repeat(61);
    let mistakes: [(FieldId, &str, &str); 8] = [
        (FieldId::RepresentativeContactName, &long, "60"),
        (FieldId::RepresentativeContactPostalCode, "1234567", "123-4567"),
        (FieldId::RepresentativeContactAddress, "ｱｵﾓﾘｼ", "カタカナ"),
        (FieldId::RepresentativeContactPerson, "", "入力"),
        (FieldId::RepresentativeContactPhone, "０１７-700-0001", "半角"),
        (FieldId::RepresentativeContactFax, "017701000", "10桁か11桁"),
        (FieldId::RepresentativeContactEmail, "soumu@company.example,jp", "メールアドレス"),
        (FieldId::CardContactEmailAgain, "other@company.example.jp", "一致"),
    ];
    walk.fill_form().await?;
    for (field, value, _) in mistakes {
        walk.page().fill(field, value).await?;
    }
    walk.page().click("入力内容確認").await?;
    for (field, value, said) in mistakes {
        let error = walk.page().field_error(field).await?;
        assert!(error.contains(said), "{}: {error}", field.as_str());
        assert_eq!(walk.page().value(field).await?, value, "{}", field.as_str());
    }
    assert_eq!(walk.page().current_screen().await?.as_deref(), Some("form"));
    Ok(())
}

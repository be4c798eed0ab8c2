//! 変更: what is registered is changed by a card of the company.

use anyhow::Result;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{mailbox, wait, walk::Walk, world::World};

#[tokio::test]
async fn a_contractor_changes_a_contact_sees_what_changes_prints_it_and_gets_the_mail() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    let company_id = world.register(world.card()).await?;

    walk.to_menu().await?;
    walk.page().click("変更").await?;
    walk.show_card().await?;
    walk.page().screen("form").await?;
    assert_eq!(walk.page().value(FieldId::CardContactPerson).await?, "見本　次郎", "the form is filled in");
    assert!(!walk.page().can_type(FieldId::CardHolderName).await?, "the card's rows cannot be changed");
    walk.audit("form of a change").await?;

    // Nothing changed: said so, and nothing to send.
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    assert_eq!(walk.page().marked("data-changed").await?, Vec::<String>::new());
    walk.page().click("戻る").await?;
    walk.page().screen("form").await?;

    walk.page().fill(FieldId::CardContactPerson, "見本　三郎").await?;
    walk.page().fill(FieldId::CardContactEmail, "kouji@company.example.jp").await?;
    walk.page().fill(FieldId::CardContactEmailAgain, "kouji@company.example.jp").await?;
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    assert_eq!(walk.page().marked("data-changed").await?, ["card_contact_person", "card_contact_email"]);
    let confirmation = walk.page().text().await?;
    assert!(confirmation.contains("見本　次郎") && confirmation.contains("見本　三郎"), "{confirmation}");
    assert!(!confirmation.contains("取得者住所"), "what stays the same is folded: {confirmation}");
    walk.page().click_on("[data-amend='card_contact_person']").await?;
    walk.page().screen("form").await?;
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    walk.audit("confirmation of a change").await?;

    walk.page().click("変更").await?;
    walk.page().screen("done").await?;
    assert_eq!(walk.page().company_id().await?, company_id, "the 企業ID stays");
    walk.audit("completion of a change").await?;
    walk.page().click("印刷").await?;
    walk.page().screen("print").await?;
    assert!(walk.printed().await?.contains("見本三郎"));

    // Two of the registration; three addresses hear of the change: both that are, and the one that was.
    let mails = wait::until("five mails", async || {
        Ok(Some(mailbox::read(&world.mail_directory())?).filter(|mails| mails.len() == 5))
    })
    .await?;
    let mut told: Vec<&str> =
        mails.iter().filter(|mail| mail.subject.contains("変更")).map(|mail| mail.to.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["eigyou@company.example.jp", "kouji@company.example.jp", "soumu@company.example.jp"]);

    walk.to_menu().await?;
    walk.page().click("変更").await?;
    walk.show_card().await?;
    walk.page().screen("form").await?;
    assert_eq!(walk.page().value(FieldId::CardContactPerson).await?, "見本　三郎");
    Ok(())
}

#[tokio::test]
async fn an_unfinished_change_comes_back_after_a_reload() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    world.register(world.card()).await?;

    walk.to_menu().await?;
    walk.page().click("変更").await?;
    walk.show_card().await?;
    walk.page().screen("form").await?;
    walk.page().fill(FieldId::RepresentativeContactPerson, "見本　四郎").await?;
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    walk.browser.driver().refresh().await?;
    walk.page().screen("confirm").await?;
    assert_eq!(walk.page().marked("data-changed").await?, ["representative_contact_person"]);
    walk.page().click("変更").await?;
    walk.page().screen("done").await
}

#[tokio::test]
async fn of_two_browsers_the_second_is_told_what_the_first_changed_and_loses_nothing() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let mut first = world.walk();
    world.register(world.card()).await?;
    let other = world.another_browser().await?;
    let mut second = Walk::new(&other, world.origin());
    for walk in [&mut first, &mut second] {
        walk.to_menu().await?;
        walk.page().click("変更").await?;
        walk.show_card().await?;
        walk.page().screen("form").await?;
    }

    first.page().fill(FieldId::RepresentativeContactPerson, "見本　一番").await?;
    first.page().click("入力内容確認").await?;
    first.page().screen("confirm").await?;
    first.page().click("変更").await?;
    first.page().screen("done").await?;

    second.page().fill(FieldId::CardContactPerson, "見本　二番").await?;
    second.page().click("入力内容確認").await?;
    second.page().screen("confirm").await?;
    second.page().click("変更").await?;
    second.page().error_with("stale").await?;
    second.page().present("[data-overtaken='representative_contact_person']").await?;
    assert_eq!(second.page().value(FieldId::CardContactPerson).await?, "見本　二番", "what was typed stays");
    assert_eq!(second.page().value(FieldId::RepresentativeContactPerson).await?, "見本　一番");
    second.page().click("入力内容確認").await?;
    second.page().screen("confirm").await?;
    assert_eq!(second.page().marked("data-changed").await?, ["card_contact_person"]);
    second.page().click("変更").await?;
    second.page().screen("done").await?;
    second.page().click("印刷").await?;
    second.page().screen("print").await?;
    let printed = second.printed().await?;
    assert!(printed.contains("見本一番") && printed.contains("見本二番"), "{printed}");
    Ok(())
}

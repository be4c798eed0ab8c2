//! My Number Cards through every real part: at an agency that accepts them, and at one that does not.

use anyhow::{Context as _, Result};
use touroku_tests::{
    harness::{
        card_window::CardWindow,
        roster, wait,
        world::{MY_NUMBER_PIN, World, WorldOptions},
    },
    virtual_card::InsertedCard,
};

/// The server trusts the cards' authority; the agency accepts them or not.
async fn world(taken: bool) -> Result<World> {
    let profile = |profile: &mut toml::Table| {
        let cards = toml::Table::from_iter([("my_number".to_owned(), true.into())]);
        profile.insert("cards".to_owned(), cards.into());
        // Its certificate names no company: officers would have to review each one.
        profile.insert("company_match".to_owned(), "warn".into());
    };
    let profile = taken.then_some(profile as fn(&mut toml::Table));
    World::start_with(WorldOptions { my_number: true, profile, ..WorldOptions::default() }).await
}

/// Types a wrong PIN and waits until it has cost a try.
async fn wrong(window: &CardWindow<'_>, card: &InsertedCard, left: u8) -> Result<()> {
    window.state("pin").await?;
    window.pin("9999").await?;
    window.ok().await?;
    wait::until("a try spent", async || Ok((card.tries_left() == left).then_some(()))).await
}

#[tokio::test]
async fn where_the_agency_takes_them_a_card_registers_logs_in_and_names_nobody() -> Result<()> {
    let world = world(true).await?;
    let config = world.my_number_card()?;
    let subject = openssl::x509::X509::from_der(config.certificate.as_deref().context("a certificate")?)?;
    let subject = subject.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME).next();
    let number = subject.context("a common name")?.data().to_string()?;
    let card = world.insert(config)?;
    let mut walk = world.walk();
    walk.pin = MY_NUMBER_PIN;

    let window = walk.to_card_window().await?;
    window.state("pin").await?;
    let text = window.text().await?;
    for shown in ["マイナンバーカード", "氏名の記載なし", "半角数字4桁", "残り3回"] {
        assert!(text.contains(shown), "{shown} is missing from:\n{text}");
    }
    assert!(!text.contains(&number), "{text}");
    // A PIN for another card is stopped before it costs a try.
    window.pin("123456").await?;
    window.ok().await?;
    assert_eq!(window.error().await?, "pin_format");
    window.pin(MY_NUMBER_PIN).await?;
    window.ok().await?;
    window.closed(&world.origin()).await?;
    walk.page().screen("search").await?;
    walk.search(&roster::company(0)).await?;
    walk.fill_form().await?;
    walk.confirm().await?;
    let confirmation = walk.page().text().await?;
    assert!(confirmation.contains("OU=JPKI for user authentication"), "{confirmation}");
    assert!(!confirmation.contains(&number), "a number for a name:\n{confirmation}");
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    let company_id = walk.page().company_id().await?;
    assert_eq!((world.registered_cards()?, card.tries_left()), (1, 3));

    walk.bid().await?;
    walk.page().screen("bid").await?;
    assert!(walk.page().text().await?.contains(&company_id));
    Ok(())
}

#[tokio::test]
async fn where_the_agency_does_not_the_card_is_not_even_read_and_another_takes_its_place() -> Result<()> {
    let world = world(false).await?;
    let card = world.insert(world.my_number_card()?)?;
    let window = world.walk().to_card_window().await?;
    window.state("unusable").await?;
    assert_eq!(window.error().await?, "my_number_not_accepted");
    let text = window.text().await?;
    for told in ["マイナンバーカードを使えません", "電子入札用のICカード", "青森市"]
    {
        assert!(text.contains(told), "{told} is missing from:\n{text}");
    }
    let read = card.log().iter().any(|entry| !matches!(entry.instruction, "SELECT"));
    assert!(!read, "{:?}", card.log());

    card.remove();
    window.state("no_card").await?;
    let _other = world.insert_card()?;
    window.state("pin").await
}

#[tokio::test]
async fn wrong_pins_count_down_and_a_locked_card_is_sent_to_the_municipality() -> Result<()> {
    let world = world(true).await?;
    let card = world.insert(world.my_number_card()?)?;
    let window = world.walk().to_card_window().await?;
    wrong(&window, &card, 2).await?;
    window.state("pin").await?;
    assert_eq!(window.error().await?, "pin_wrong");
    let text = window.text().await?;
    assert!(text.contains("あと2回") && text.contains("市区町村") && !text.contains("認証局"), "{text}");
    wrong(&window, &card, 1).await?;

    // Without explicit consent the last try stays.
    window.state("pin").await?;
    window.pin("9999").await?;
    window.ok().await?;
    assert_eq!(card.tries_left(), 1);
    window.accept_last_try().await?;
    wrong(&window, &card, 0).await?;
    window.state("locked").await?;
    let text = window.text().await?;
    assert!(text.contains("市区町村の窓口") && text.contains("ロック"), "{text}");
    assert!(!text.contains("認証局"), "{text}");

    // It is still so the next time.
    card.remove();
    window.state("no_card").await?;
    let mut config = world.my_number_card()?;
    config.tries = 0;
    let _locked = world.insert(config)?;
    window.state("locked").await?;
    assert!(window.text().await?.contains("市区町村の窓口"));
    Ok(())
}

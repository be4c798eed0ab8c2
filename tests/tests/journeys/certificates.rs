//! Certificates that the server must refuse, each for its own reason; the card itself is fine.

use anyhow::Result;
use touroku_tests::harness::world::{Blemish, World};

async fn refused_as(blemish: Blemish, code: &str) -> Result<()> {
    let world = World::start_with_blemish(blemish).await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    walk.to_menu().await?;
    walk.page().click("登録").await?;
    walk.show_card().await?;
    walk.page().error_with(code).await?;
    Ok(())
}

#[tokio::test]
async fn a_card_of_an_unknown_issuer_is_refused() -> Result<()> {
    refused_as(Blemish::UnknownIssuer, "certificate_unknown_issuer").await
}

#[tokio::test]
async fn a_revoked_card_is_refused() -> Result<()> {
    refused_as(Blemish::Revoked, "certificate_revoked").await
}

#[tokio::test]
async fn nobody_logs_in_while_the_revocation_list_is_out_of_date() -> Result<()> {
    refused_as(Blemish::CrlExpired, "crl_expired").await
}

#[tokio::test]
async fn a_card_that_cannot_be_used_is_stopped_in_the_card_window_before_its_pin_is_asked() -> Result<()> {
    for (blemish, code) in [
        (Blemish::Expired, "certificate_expired"),
        (Blemish::NotYetValid, "certificate_not_yet_valid"),
        (Blemish::KeyUsage, "certificate_unsuitable"),
    ] {
        let world = World::start_with_blemish(blemish).await?;
        let card = world.insert_card()?;
        let window = world.walk().to_card_window().await?;
        assert_eq!(window.error().await?, code);
        assert_eq!(card.tries_left(), 3);
    }
    Ok(())
}

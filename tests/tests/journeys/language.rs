//! The page in other languages than Japanese.

use anyhow::{Result, ensure};
use touroku_proto::field::FieldId;
use touroku_tests::harness::{roster, wait, walk::Walk, world::World};

/// What the browser says of the page's language.
async fn language(walk: &Walk<'_>) -> Result<String> {
    Ok(walk.browser.driver().execute("return document.documentElement.lang;", vec![]).await?.convert()?)
}

/// How many files of texts the page that is open has downloaded.
async fn downloads(walk: &Walk<'_>) -> Result<usize> {
    let script = "const texts = document.querySelector('meta[name=texts]').content;
        return performance.getEntriesByType('resource')
            .filter((entry) => texts.includes(new URL(entry.name).pathname + ' ')
                || texts.endsWith(new URL(entry.name).pathname)).length;";
    Ok(walk.browser.driver().execute(script, vec![]).await?.convert()?)
}

/// Chooses a language by the switch.
async fn choose(walk: &Walk<'_>, code: &str, tag: &str) -> Result<()> {
    walk.page().click_on(&format!("[data-language={code}]")).await?;
    walk.page().present(&format!("[data-language={code}][aria-current=true]")).await?;
    wait::until("the page's language", async || Ok((language(walk).await? == tag).then_some(()))).await
}

#[tokio::test]
async fn a_browser_that_asks_for_english_is_spoken_to_in_english_until_the_registration_is_confirmed()
-> Result<()> {
    let world = World::start_at("yamaguchi").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("yamaguchi", "Construction and consulting");
    walk.browser.ask_for("en-US,en").await?;

    walk.page().open("/").await?;
    walk.page().screen("select").await?;
    ensure!(language(&walk).await? == "en" && downloads(&walk).await? == 1);
    walk.audit_narrow("english agencies").await?;
    walk.audit("english agencies").await?;
    walk.page().open("/yamaguchi").await?;
    walk.page().text_with("Yamaguchi City").await?;
    walk.audit_narrow("english categories").await?;
    walk.page().click(walk.category).await?;
    walk.page().screen("entry").await?;
    walk.audit("english entry").await?;
    walk.page().click("User registration (利用者登録)").await?;
    walk.page().control("Registration menu").await?;
    walk.audit("english client").await?;
    walk.page().click("Registration menu").await?;
    walk.page().screen("menu").await?;
    walk.audit("english menu").await?;
    walk.page().click("Register").await?;
    walk.show_card().await?;

    walk.page().screen("search").await?;
    walk.page().click("Search").await?;
    let error = walk.page().field_error(FieldId::CompanyNumber).await?;
    ensure!(error == "＊Business number (業者番号) is required", "{error}");
    walk.audit_narrow("english search with errors").await?;
    walk.type_company(&roster::company(0)).await?;
    walk.page().click("Search").await?;
    walk.page().screen("form").await?;
    walk.page().fill(FieldId::CompanyPhone, "0123").await?;
    walk.page().click("Review entries").await?;
    let error = walk.page().field_error(FieldId::CompanyPhone).await?;
    ensure!(error == "＊Enter 10 or 11 digits beginning with 0, as in 03-0000-0000", "{error}");
    walk.audit_narrow("english form with errors").await?;
    walk.audit("english form with errors").await?;

    walk.fill_form().await?;
    walk.page().click("Use the same details").await?;
    walk.page().click("Review entries").await?;
    walk.page().screen("confirm").await?;
    walk.audit("english confirmation").await?;
    ensure!(language(&walk).await? == "en" && downloads(&walk).await? == 1);
    Ok(())
}

#[tokio::test]
async fn what_was_typed_stays_while_the_language_is_switched_and_each_is_downloaded_when_it_is_chosen()
-> Result<()> {
    let world = World::start_at("yamaguchi").await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("yamaguchi", "工事、コンサル");
    walk.to_search().await?;
    walk.page().fill(FieldId::CompanyNumber, "123").await?;
    let before = downloads(&walk).await?;

    choose(&walk, "en", "en").await?;
    walk.page().text_with("Company search").await?;
    ensure!(walk.page().value(FieldId::CompanyNumber).await? == "123");
    ensure!(downloads(&walk).await? == before + 1);
    choose(&walk, "easy", "ja").await?;
    walk.page().text_with("会社を探す").await?;
    walk.audit_narrow("easy search").await?;
    choose(&walk, "ja", "ja").await?;
    walk.page().text_with("資格審査情報検索").await?;
    ensure!(walk.page().value(FieldId::CompanyNumber).await? == "123");

    // The choice is kept for the next visit.
    choose(&walk, "en", "en").await?;
    walk.page().open("/").await?;
    walk.page().screen("select").await?;
    ensure!(language(&walk).await? == "en" && downloads(&walk).await? == 1);
    Ok(())
}

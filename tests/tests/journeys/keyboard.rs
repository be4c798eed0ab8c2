//! The main job without a mouse: Tab, Enter and letters.

use anyhow::{Context as _, Result, bail};
use thirtyfour::Key;
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    account::{applicant, apply_for},
    card_window::CardWindow,
    officer::{Desk, PASSWORD},
    roster,
    walk::{CARD, REPRESENTATIVE, Walk},
    world::World,
};

/// The most presses of Tab that a person should need on one screen.
const PATIENCE: usize = 120;

/// Presses Tab until what `found` asks of the focused element is so.
async fn tab_to(walk: &Walk<'_>, what: &str, found: &str) -> Result<()> {
    let driver = walk.browser.driver();
    for _ in 0..PATIENCE {
        let script = format!("const e = document.activeElement; return !!e && ({found});");
        let here: bool = driver.execute(script, vec![what.into()]).await?.convert()?;
        if here {
            return Ok(());
        }
        driver.active_element().await?.send_keys(Key::Tab + "").await?;
    }
    bail!("{what} is not reached by Tab");
}

/// Goes to the button or link of that text and presses Enter.
async fn press(walk: &Walk<'_>, label: &str) -> Result<()> {
    walk.page().control(label).await?;
    tab_to(walk, label, "e.matches('a, button') && e.innerText.trim() === arguments[0]").await?;
    let focused = walk.browser.driver().active_element().await?;
    focused.send_keys(Key::Enter + "").await.with_context(|| format!("pressing {label}"))
}

/// Goes to the input of that id and types.
async fn type_into(walk: &Walk<'_>, id: &str, text: &str) -> Result<()> {
    tab_to(walk, id, "e.id === arguments[0]").await?;
    Ok(walk.browser.driver().active_element().await?.send_keys(text).await?)
}

#[tokio::test]
async fn a_card_is_registered_with_the_keyboard_alone() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    let walk = world.walk();
    walk.page().open("/aomori").await?;
    for (label, screen) in [("物品、役務", "entry"), ("利用者登録", "client"), ("利用者登録処理", "menu")]
    {
        press(&walk, label).await?;
        walk.page().screen(screen).await?;
    }
    press(&walk, "登録").await?;

    // The card window puts the cursor where the PIN goes; Enter is its OK.
    let window = CardWindow::opened(walk.browser).await?;
    window.state("pin").await?;
    tab_to(&walk, "pin", "e.id === arguments[0]").await?;
    let pin = walk.browser.driver().active_element().await?;
    pin.send_keys(walk.pin).await?;
    pin.send_keys(Key::Enter + "").await?;
    window.closed(&walk.origin).await?;

    walk.page().screen("search").await?;
    let company = roster::company(0);
    type_into(&walk, FieldId::CompanyNumber.as_str(), &company.number).await?;
    type_into(&walk, FieldId::CompanyName.as_str(), &company.name).await?;
    press(&walk, "検索").await?;
    walk.page().screen("form").await?;
    for (field, value) in REPRESENTATIVE.into_iter().chain(CARD) {
        type_into(&walk, field.as_str(), value).await?;
    }
    press(&walk, "入力内容確認").await?;
    walk.page().screen("confirm").await?;
    press(&walk, "登録").await?;
    walk.page().screen("done").await?;
    assert_eq!(walk.page().company_id().await?.len(), 16);
    Ok(())
}

#[tokio::test]
async fn an_officer_signs_in_and_looks_a_company_up_with_the_keyboard_alone() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "view").await?;
    let walk = world.walk();
    press(&walk, "ログアウト").await?;
    desk.page().screen("sign-in").await?;
    let code = desk.code().await?;
    type_into(&walk, "login_id", "view.officer").await?;
    type_into(&walk, "password", PASSWORD).await?;
    type_into(&walk, "code", &code).await?;
    press(&walk, "ログイン").await?;
    desk.page().screen("home").await?;

    let company = roster::company(3);
    tab_to(&walk, "companies", "e.dataset.nav === arguments[0]").await?;
    walk.browser.driver().active_element().await?.send_keys(Key::Enter + "").await?;
    desk.page().screen("companies").await?;
    type_into(&walk, "query", &company.name).await?;
    press(&walk, "検索").await?;
    desk.page().present(&format!("[data-company='{}']", company.number)).await?;
    press(&walk, &company.number).await?;
    desk.page().screen("company").await
}

/// Goes to what a CSS selector matches and presses Enter.
async fn press_on(walk: &Walk<'_>, selector: &str) -> Result<()> {
    walk.page().present(selector).await?;
    tab_to(walk, selector, "e.matches(arguments[0])").await?;
    Ok(walk.browser.driver().active_element().await?.send_keys(Key::Enter + "").await?)
}

#[tokio::test]
async fn applications_are_approved_and_rejected_with_the_keyboard_alone() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let mut bidder = applicant(&world);
    for index in [0, 1] {
        apply_for(&mut bidder, index, &format!("shimo10{index}"), "oi25io14").await?;
    }
    let mut desk = Desk::open(&world, world.browser(), "shimonoseki", "review").await?;
    let walk = world.walk();
    press(&walk, "ログアウト").await?;
    desk.page().screen("sign-in").await?;
    let code = desk.code().await?;
    type_into(&walk, "login_id", "review.officer").await?;
    type_into(&walk, "password", PASSWORD).await?;
    type_into(&walk, "code", &code).await?;
    press(&walk, "ログイン").await?;
    desk.page().screen("home").await?;

    press_on(&walk, "[data-nav='review']").await?;
    desk.page().screen("review").await?;
    press_on(&walk, "[data-application] a").await?;
    desk.page().present("[data-row]").await?;
    press_on(&walk, "#open-approve").await?;
    desk.page().present("[data-dialog='approve']").await?;
    press_on(&walk, "[data-dialog='approve'] [data-do='confirm']").await?;
    desk.page().present("[data-notice='Approved']").await?;

    // The way to the next application has the focus.
    press_on(&walk, "[data-next]:focus").await?;
    desk.page().present("[data-state='pending']").await?;
    desk.page().present("[data-row]").await?;
    type_into(&walk, "reason", "代表者の氏名を確かめてください。").await?;
    press_on(&walk, "#open-reject").await?;
    let dialog = desk.page().present("[data-dialog='reject']").await?.text().await?;
    assert!(dialog.contains("代表者の氏名を確かめてください。"), "{dialog}");
    press_on(&walk, "[data-dialog='reject'] [data-do='confirm']").await?;
    desk.page().present("[data-state='rejected']").await?;
    assert!(world.mail("承認されませんでした").await?.body.contains("代表者の氏名を確かめてください。"));
    Ok(())
}

//! 機関設定 without TOML.

use anyhow::{Context as _, Result};
use thirtyfour::Key;
use touroku_tests::harness::{
    officer::Desk,
    world::{World, WorldOptions},
};

/// Open at any time, so that the day of the test does not matter.
fn always_open(profile: &mut toml::Table) {
    let hours = "open = \"00:00\"\nclose = \"24:00\"\nclosed_on_holidays = false\n\
        weekdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n";
    profile.insert("hours".into(), toml::Value::Table(hours.parse().expect("these hours are TOML")));
}

/// Checks what was changed and puts it into effect.
async fn set(desk: &mut Desk<'_>, what: &str) -> Result<()> {
    desk.page().click("確かめる").await?;
    desk.page().present("#check[data-mistakes='0']").await?;
    desk.audit(&format!("{what}, checked")).await?;
    desk.audit_zoomed(&format!("{what}, checked")).await?;
    desk.page().click_on("[data-do='take-profile']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice='ProfileTaken']").await?;
    desk.audit(&format!("{what}, set")).await
}

#[tokio::test]
async fn hours_and_mails_are_set_in_forms_and_an_earlier_version_is_brought_back() -> Result<()> {
    let world =
        World::start_with(WorldOptions { profile: Some(always_open), ..WorldOptions::default() }).await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "manage").await?;
    desk.go("/settings").await?;
    desk.page().present("[data-part='hours']").await?;
    desk.audit("機関設定").await?;
    desk.audit_zoomed("機関設定").await?;
    desk.page().click_on("[data-part='hours'] a").await?;
    desk.page().screen("part").await?;
    desk.audit("利用時間").await?;

    // A mistake is said at its field.
    desk.page().fill_id("hours.open", "25時").await?;
    desk.page().click("確かめる").await?;
    desk.page().present("#summary").await?;
    desk.page().present("[id='hours.open-error']").await?;
    desk.audit("a wrong time").await?;
    desk.audit_zoomed("a wrong time").await?;
    desk.page().fill_id("hours.open", "0:00").await?;

    // One day by mouse, the next by keyboard; then days that come back.
    desk.page().click_on("[data-do='next-month']").await?;
    desk.page().click_on("[data-day$='-15']").await?;
    let sixteenth = desk.page().present("[data-day$='-16']").await?;
    sixteenth.send_keys(Key::Enter + "").await?;
    let range = desk.page().present("li[data-closed*='-15..']").await?.text().await?;
    assert!(range.contains("15日～") && range.contains("16日"), "{range}");
    let name = desk.page().present("[data-day$='-16']").await?.attr("aria-label").await?.context("a name")?;
    assert!(name.contains("16日") && name.contains("休業日"), "{name}");
    desk.page().pick_day("closed_from", "2026-08-13").await?;
    desk.page().click_on("#yearly").await?;
    desk.page().click_on("[data-do='close-days']").await?;
    desk.page().present("li[data-closed='08-13']").await?;
    let rule = desk.page().present("[data-rule]").await?.text().await?;
    assert!(rule.contains("8月13日を除く"), "{rule}");
    desk.audit("closed days").await?;
    desk.audit_zoomed("closed days").await?;
    set(&mut desk, "closed days").await?;

    // A mail's text, with what stands in it and what arrives.
    desk.go("/settings/form/mail").await?;
    desk.page().present("[data-mail='card_expiring']").await?;
    desk.audit("the mails").await?;
    desk.audit_zoomed("the mails").await?;
    desk.page().click_on("[data-mail='card_expiring'] a").await?;
    desk.page().fill_id("mail.card_expiring.body", "期限が近づきました：{nobody}").await?;
    let preview = desk.page().present("[data-mail-preview] strong").await?.text().await?;
    assert!(preview.contains("{nobody}"), "{preview}");
    desk.page().fill_id("mail.card_expiring.body", "期限が近づきました：").await?;
    desk.page().click("残りの日数 {days_left}").await?;
    desk.page().text_with("期限が近づきました：（残りの日数）").await?;
    desk.audit("a mail's text").await?;
    desk.audit_zoomed("a mail's text").await?;
    set(&mut desk, "a mail's text").await?;

    desk.page().open("/aomori").await?;
    let rule = desk.page().present("[data-hours-rule]").await?.text().await?;
    assert!(rule.contains("8月13日を除く"), "{rule}");

    // Back to the first one.
    desk.page().open("/officer.html#/settings").await?;
    desk.page().present("[data-version]").await?;
    desk.audit("the versions").await?;
    desk.audit_zoomed("the versions").await?;
    desk.page().click_on("[data-version]:last-of-type [data-do^='bring-back']").await?;
    desk.page().present("#check[data-mistakes='0'] [data-key='hours.closed']").await?;
    desk.audit("a version that is brought back").await?;
    desk.audit_zoomed("a version that is brought back").await?;
    desk.page().click_on("[data-do='take-profile']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice='ProfileTaken']").await?;
    desk.page().open("/aomori").await?;
    let rule = desk.page().present("[data-hours-rule]").await?.text().await?;
    assert!(!rule.contains("8月13日"), "{rule}");
    Ok(())
}

#[tokio::test]
async fn lists_are_edited_with_the_keyboard_and_nothing_typed_is_lost() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "manage").await?;
    for part in ["notices", "guide", "desks", "reasons"] {
        desk.go(&format!("/settings/form/{part}")).await?;
        desk.page().present("[data-do='add-entry']").await?;
        desk.page().click_on("[data-do='add-entry']").await?;
        desk.audit(&format!("an empty entry of {part}")).await?;
        desk.audit_zoomed(&format!("an empty entry of {part}")).await?;
    }
    // The new entry has the focus: typing goes there.
    let entry = world.browser().driver().active_element().await?;
    entry.send_keys("書類が足りません。").await?;
    desk.go("/settings").await?;
    desk.page().present("[data-part='reasons'] .chip").await?;
    world.expire_officers()?;
    desk.go("/settings/form/reasons").await?;
    desk.page().error_with("session_missing").await?;
    desk.sign_in().await?;
    desk.page().screen("part").await?;
    desk.page().click("確かめる").await?;
    let added = desk.page().present("#check [data-key='reject_reasons']").await?.text().await?;
    assert!(added.contains("書類が足りません。"), "{added}");
    Ok(())
}

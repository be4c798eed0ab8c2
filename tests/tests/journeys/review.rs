//! 審査 in real browsers: an officer with reasons, two officers, changes in the meantime, and pending cards.

use std::fs;

use anyhow::Result;
use thirtyfour::Key;
use touroku_tests::harness::{
    account::{applicant, apply, apply_for, log_in, prove, to_application},
    agencies,
    browser::Browser,
    officer::Desk,
    roster, wait,
    world::{World, WorldOptions},
};

const LOGIN_ID: &str = "shimo123";
const PASSWORD: &str = "oi25io14";

const REASON: &str = "申請の内容が、名簿と異なります。";

fn with_reasons(profile: &mut toml::Table) {
    profile.insert("reject_reasons".into(), vec![REASON, "利用申請書が届いていません。"].into());
}

fn with_two_approvals(profile: &mut toml::Table) {
    agencies::set_in_categories(profile, "approvals", 2.into());
}

fn with_card_review(profile: &mut toml::Table) {
    with_reasons(profile);
    agencies::set_in_categories(profile, "card_review", true.into());
}

async fn world_of(agency: &'static str, change: fn(&mut toml::Table)) -> Result<World> {
    World::start_with(WorldOptions { agency, profile: Some(change), ..WorldOptions::default() }).await
}

/// The first application of the queue.
async fn open_application(desk: &Desk<'_>) -> Result<()> {
    desk.go("/").await?;
    desk.page().screen("home").await?;
    desk.go("/review").await?;
    desk.page().screen("review").await?;
    desk.page().click_on("[data-application] a").await?;
    desk.page().screen("application").await?;
    desk.page().present("[data-row]").await.map(drop)
}

async fn approve(desk: &Desk<'_>) -> Result<()> {
    desk.page().click_on("[data-do='approve']").await?;
    desk.page().click_on("[data-do='confirm']").await
}

async fn office<'a>(world: &World, browser: &'a Browser, agency: &str, login_id: &str) -> Result<Desk<'a>> {
    Desk::open_as(world, browser, agency, "review", login_id).await
}

#[tokio::test]
async fn an_id_is_rejected_with_a_template_and_approved_when_it_comes_again() -> Result<()> {
    let world = world_of("shimonoseki", with_reasons).await?;
    let browser = world.another_browser().await?;
    let mut desk = office(&world, &browser, "shimonoseki", "sato").await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    apply(&mut walk, LOGIN_ID, PASSWORD).await?;

    open_application(&desk).await?;
    // Nobody is rejected without a reason: the field says so before any request is made.
    desk.page().click_on("[data-do='reject']").await?;
    desk.page().error_with("fields_invalid").await?;
    desk.audit("却下 without a reason").await?;
    let templates = desk.page().present("#reason_template").await?;
    assert_eq!(templates.prop("value").await?.as_deref(), Some(""), "no template was chosen");
    desk.page().choose("reason_template", REASON).await?;
    let reason = format!("{REASON}代表者の氏名を確かめてください。");
    desk.page().present("#reason").await?.send_keys("代表者の氏名を確かめてください。").await?;
    desk.page().click_on("[data-do='reject']").await?;
    assert!(desk.page().present("[data-dialog='reject']").await?.text().await?.contains(&reason));
    desk.audit("却下 dialog").await?;

    desk.page().click_on("[data-do='dismiss']").await?;
    desk.page().fill_id("note", "電話で代表者に確かめる。").await?;
    desk.page().click_on("[data-do='note']").await?;
    desk.page().present("[data-notes='1']").await?;
    desk.audit("an application with a note").await?;
    desk.audit_zoomed("an application with a note").await?;
    desk.page().click_on("[data-do='reject']").await?;

    // The session ends before the confirmation: nothing is decided, and nothing typed is lost.
    world.expire_officers()?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().error_with("session_missing").await?;
    desk.sign_in().await?;
    desk.page().present("[data-notice='Resumed']").await?;
    desk.page().present("[data-state='pending']").await?;
    let kept = desk.page().present("#reason").await?;
    assert_eq!(kept.prop("value").await?.as_deref(), Some(reason.as_str()));
    desk.page().click_on("[data-do='reject']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='rejected']").await?;
    assert!(desk.page().text().await?.contains(&reason));
    assert_eq!(desk.page().count("[data-do='approve'], [data-do='reject']").await?, 0);
    desk.audit("a rejected application").await?;
    desk.audit_zoomed("a rejected application").await?;

    assert!(world.mail("承認されませんでした").await?.body.contains(&reason));
    log_in(&mut walk, LOGIN_ID, PASSWORD).await?;
    walk.page().error_with("application_rejected").await?;
    to_application(&mut walk).await?;
    prove(&walk, LOGIN_ID, PASSWORD).await?;
    assert!(walk.page().text().await?.contains(&reason));
    walk.page().click("内容を直して、もう一度申請する").await?;
    apply(&mut walk, LOGIN_ID, PASSWORD).await?;

    open_application(&desk).await?;
    approve(&desk).await?;
    desk.page().present("[data-state='approved']").await?;
    world.mail("承認されました").await?;
    log_in(&mut walk, LOGIN_ID, PASSWORD).await?;
    walk.page().screen("bid").await?;

    // Decisions can still be looked up, with who made them.
    desk.go("/review/decided").await?;
    desk.page().present("[data-application]").await?;
    desk.audit("審査済み").await?;
    let decided = desk.page().text().await?;
    assert!(decided.contains("承認") && decided.contains("却下"), "{decided}");
    Ok(())
}

#[tokio::test]
async fn two_officers_approve_and_the_first_is_never_the_second() -> Result<()> {
    let world = world_of("shimonoseki", with_two_approvals).await?;
    let browser = world.another_browser().await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    apply(&mut walk, LOGIN_ID, PASSWORD).await?;

    let mut first = office(&world, &browser, "shimonoseki", "sato").await?;
    open_application(&first).await?;
    approve(&first).await?;
    first.page().present("[data-state='first_approved']").await?;
    first.page().present("[data-approved-by-you]").await?;
    assert_eq!(first.page().count("[data-do='approve']").await?, 0, "the first is not the second");
    first.audit("the first of two approvals").await?;
    first.audit_zoomed("the first of two approvals").await?;
    first.go("/review").await?;
    first.page().screen("review").await?;
    assert!(first.page().present("[data-application]").await?.text().await?.contains("sato"));
    first.audit("queue with one of two approvals").await?;
    // In the database as well: not even an older page lets them.
    log_in(&mut walk, LOGIN_ID, PASSWORD).await?;
    walk.page().error_with("application_pending").await?;
    to_application(&mut walk).await?;
    prove(&walk, LOGIN_ID, PASSWORD).await?;
    assert!(walk.page().text().await?.contains("申請中"));
    first.page().click_on("[data-do='sign-out']").await?;
    first.page().screen("sign-in").await?;

    let mut second = office(&world, &browser, "shimonoseki", "suzuki").await?;
    open_application(&second).await?;
    second.page().present("[data-state='first_approved']").await?;
    second.audit("before the second of two approvals").await?;
    approve(&second).await?;
    second.page().present("[data-state='approved']").await?;
    let shown = second.page().text().await?;
    assert!(shown.contains("sato：承認") && shown.contains("suzuki：承認"), "{shown}");
    log_in(&mut walk, LOGIN_ID, PASSWORD).await?;
    walk.page().screen("bid").await
}

#[tokio::test]
async fn the_queue_is_worked_through_with_the_keyboard_and_what_was_seen_is_approved_together() -> Result<()>
{
    let world = world_of("shimonoseki", with_reasons).await?;
    let browser = world.another_browser().await?;
    let mut walk = applicant(&world);
    for index in 0..4 {
        apply_for(&mut walk, index, &format!("shimo10{index}"), PASSWORD).await?;
    }
    let mut desk = office(&world, &browser, "shimonoseki", "sato").await?;
    open_application(&desk).await?;
    approve(&desk).await?;
    desk.page().present("[data-notice='Approved']").await?;
    desk.audit("an approved application with the way to the next one").await?;
    desk.audit_zoomed("an approved application with the way to the next one").await?;
    // The way to the next application has the focus; there, one Tab further are the buttons.
    let press = async |key: Key| browser.driver().active_element().await?.send_keys(key + "").await;
    press(Key::Enter).await?;
    desk.page().present("[data-state='pending']").await?;
    desk.page().present("#heading:focus").await?;
    press(Key::Tab).await?;
    desk.audit("the way to the buttons").await?;
    press(Key::Enter).await?;
    desk.page().present("#open-approve:focus").await?;

    // Two are looked at and collected, one of them changes before they are approved.
    desk.page().click_on("[data-do='collect']").await?;
    desk.page().present("[data-state='pending']").await?;
    desk.page().present("#heading:focus").await?;
    desk.page().present("[data-row]").await?;
    desk.page().click_on("[data-do='collect']").await?;
    desk.page().present("[data-do='collect']").await?;
    desk.go("/review").await?;
    desk.page().present("[data-together='2']").await?;
    desk.audit("the queue with applications to approve together").await?;
    desk.audit_zoomed("the queue with applications to approve together").await?;
    let changed = roster::company(2).number;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("roster.csv");
    roster::write(&file, 20)?;
    let rows = fs::read_to_string(&file)?;
    let moved = |row: &str| match row.contains(&changed) {
        true => row.replacen("番", "番新館", 1),
        false => row.to_owned(),
    };
    fs::write(&file, rows.lines().map(|row| moved(row) + "\r\n").collect::<String>())?;
    world.server().import_roster("shimonoseki", &file)?;
    desk.page().click_on("[data-do='approve-together']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice='ApprovedTogether']").await?;
    desk.page().present("[data-together='1'] [data-refused='true']").await?;
    desk.audit("one that changed is not approved").await?;

    // Filters.
    desk.page().fill_id("queue_query", &roster::company(3).number).await?;
    desk.page().click_on("[role='search'] [data-do='submit']").await?;
    wait::until("the one that is looked for", async || {
        Ok((desk.page().count("[data-application]").await? == 1).then_some(()))
    })
    .await?;
    desk.page().choose("queue_kind", "card").await?;
    desk.page().present("[data-empty]").await?;
    desk.audit("a queue in which nothing was found").await
}

#[tokio::test]
async fn a_decision_about_what_changed_meanwhile_is_refused_and_the_changes_are_shown() -> Result<()> {
    let world = world_of("shimonoseki", with_two_approvals).await?;
    let browser = world.another_browser().await?;
    let mut desk = office(&world, &browser, "shimonoseki", "sato").await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    apply(&mut walk, LOGIN_ID, PASSWORD).await?;
    open_application(&desk).await?;

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("roster.csv");
    roster::write(&file, 20)?;
    let moved = fs::read_to_string(&file)?.replacen("見本町1丁目1番", "新町9丁目9番", 1);
    fs::write(&file, moved)?;
    world.server().import_roster("shimonoseki", &file)?;
    approve(&desk).await?;
    desk.page().error_with("stale").await?;
    let changed = desk.page().present("[data-changed-since]").await?.text().await?;
    assert!(changed.contains("新町9丁目9番") && changed.contains("見本町1丁目1番"), "{changed}");
    desk.page().present("[data-state='pending']").await?;
    desk.audit("a stale decision").await?;
    desk.audit_zoomed("a stale decision").await?;

    // Somebody else decides it in the meantime.
    let list = world.server().application("shimonoseki", &["list"])?;
    let id: String = list
        .split_once("受付番号 ")
        .map(|(_, rest)| rest.chars().take_while(|c| !c.is_whitespace()).collect())
        .unwrap_or_default();
    let number = roster::company(0).number;
    let why = "取り下げの連絡がありました。";
    world
        .server()
        .application("shimonoseki", &["reject", "--company", &number, "--id", &id, "--reason", why])?;
    approve(&desk).await?;
    desk.page().error_with("stale").await?;
    desk.page().present("[data-state='rejected']").await?;
    assert!(desk.page().text().await?.contains(why));
    assert_eq!(desk.page().count("[data-do='approve']").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_card_waits_for_its_approval_and_a_rejected_one_may_come_again() -> Result<()> {
    let world = world_of("aomori", with_card_review).await?;
    let browser = world.another_browser().await?;
    let mut desk = office(&world, &browser, "aomori", "sato").await?;
    let _card = world.insert_card()?;
    let company = roster::company(0);
    let mut walk = world.walk();

    walk.to_confirmation(&company).await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    walk.page().present("[data-pending='true']").await?;
    walk.audit("a card that waits for its approval").await?;
    assert_eq!(world.registered_cards()?, 0, "nothing is registered before");
    walk.bid().await?;
    walk.page().error_with("registration_pending").await?;
    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().present("[data-card]").await?;
    desk.audit("the company of a card that waits").await?;
    desk.page().click("申請の審査を見る").await?;
    desk.page().present("[data-state='pending']").await?;

    open_application(&desk).await?;
    desk.audit("a card's application").await?;
    desk.audit_zoomed("a card's application").await?;
    desk.page().choose("reason_template", REASON).await?;
    desk.page().click_on("[data-do='reject']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='rejected']").await?;
    assert!(world.mail("承認されませんでした").await?.body.contains(REASON));
    walk.bid().await?;
    walk.page().error_with("card_not_registered").await?;

    walk.to_confirmation(&company).await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    open_application(&desk).await?;
    approve(&desk).await?;
    desk.page().present("[data-state='approved']").await?;
    world.mail("承認").await?;
    assert_eq!(world.registered_cards()?, 1);
    walk.bid().await?;
    walk.page().screen("bid").await?;

    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().screen("company").await?;
    desk.page().present("h1").await?;
    desk.audit("the company with its card").await?;
    desk.audit_zoomed("the company with its card").await
}

//! What somebody tries who is not the company, and what the company does about it: a renewal to another company's card, a
//! second card that is reviewed, IDs that nobody approved or that the company stops, an officer's name that is guessed at.

use anyhow::{Context as _, Result};
use touroku_tests::harness::{
    account::{self, applicant, log_in, to_application},
    agencies,
    officer::Desk,
    roster,
    walk::{CARD, Walk},
    world::{World, WorldOptions},
};

const OTHER: &str = "株式会社悪徳商事";
const PASSWORD: &str = "oi25io14";

/// The agencies of the demo, with what the card window calls them.
const AGENCIES: [(&str, &str); 5] = [
    ("aomori", "青森市"),
    ("yamaguchi", "山口市"),
    ("shimonoseki", "下関市"),
    ("kirimi", "霧見市"),
    ("template", "見本市"),
];

/// The first application of the queue.
async fn open_application(desk: &Desk<'_>) -> Result<()> {
    desk.go("/review").await?;
    desk.page().screen("review").await?;
    desk.page().click_on("[data-application] a").await?;
    desk.page().screen("application").await?;
    desk.page().present("[data-decision-bar]").await.map(drop)
}

/// Another ID for the same company.
async fn another_application(walk: &mut Walk<'_>) -> Result<()> {
    to_application(walk).await?;
    walk.page().screen("application").await?;
    walk.page().click("新しく申請する").await?;
    account::apply(walk, "other7x9", PASSWORD).await
}

async fn approve(desk: &Desk<'_>) -> Result<()> {
    desk.page().click_on("[data-do='approve']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='approved']").await.map(drop)
}

#[tokio::test]
async fn each_agency_of_a_server_names_itself_and_no_other_in_the_card_window() -> Result<()> {
    let world = World::start().await?;
    let _card = world.insert_card()?;
    for (code, name) in AGENCIES {
        let mut walk = world.walk().at(code, "工事、コンサル");
        let window = walk.to_card_window().await?;
        window.state("pin").await?;
        let shown = window.text().await?;
        for (_, other) in AGENCIES {
            assert_eq!(shown.contains(other), other == name, "{other} in the window of {name}:\n{shown}");
        }
        window.cancel().await?;
        window.closed(&world.origin()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_renewal_to_another_companys_card_waits_with_both_names_and_changes_nothing() -> Result<()> {
    let world = World::start().await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open_as(&world, &browser, "aomori", "review", "sato").await?;
    let company = roster::company(0);
    world.register(world.card()).await?;
    let mut walk = world.walk();
    let own = world.insert_card()?;
    walk.to_new_card().await?;
    drop(own);

    let other = world.insert_for(OTHER, "悪田　徳子")?;
    walk.page().click("OK").await?;
    walk.show_card().await?;
    walk.page().screen("renew_confirm").await?;
    let shown = walk.page().present("[data-same-company='false']").await?.text().await?;
    assert!(shown.contains(OTHER) && shown.contains(&company.name), "both names: {shown}");
    walk.audit("a renewal to another company's card").await?;
    walk.audit_narrow("a renewal to another company's card").await?;
    walk.page().click("更新").await?;
    walk.page().screen("done").await?;
    walk.page().present("[data-pending='true']").await?;
    walk.audit("a renewal waits").await?;
    walk.bid().await?;
    walk.page().error_with("registration_pending").await?;
    drop(other);

    open_application(&desk).await?;
    let shown = desk.page().text().await?;
    for told in [OTHER, &company.name, "置き換えるICカード"] {
        assert!(shown.contains(told), "{told} is missing from:\n{shown}");
    }
    desk.audit("a renewal to another company's card before an officer").await?;
    desk.audit_zoomed("a renewal to another company's card before an officer").await?;
    let _own = world.insert_card()?;
    walk.bid().await?;
    walk.page().screen("bid").await?;
    assert_eq!(world.registered_cards()?, 1);
    Ok(())
}

#[tokio::test]
async fn where_another_companys_cards_are_refused_a_renewal_to_one_says_whom_to_call() -> Result<()> {
    let profile = |profile: &mut toml::Table| {
        profile.insert("company_match".into(), "refuse".into());
    };
    let world = World::start_with(WorldOptions { profile: Some(profile), ..WorldOptions::default() }).await?;
    let company = roster::company(0);
    let mut walk = world.walk();
    let issued = world.issue_for(&company.name, "見本　太郎")?;
    world.register(&issued).await?;
    let own = world.insert(world.card_config(&issued)?)?;
    walk.to_new_card().await?;
    drop(own);

    let _other = world.insert_for(OTHER, "悪田　徳子")?;
    walk.page().click("OK").await?;
    walk.show_card().await?;
    let told = walk.page().error_with("company_mismatch").await?;
    assert!(told.contains("017-000-0000"), "whom to call: {told}");
    walk.audit("a renewal to another company's card is refused").await?;
    walk.audit_narrow("a renewal to another company's card is refused").await
}

#[tokio::test]
async fn a_certificate_in_place_of_a_registered_one_logs_in_nowhere_and_is_told() -> Result<()> {
    let world = World::start().await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open_as(&world, &browser, "aomori", "review", "sato").await?;
    let company = roster::company(0);
    let issued = world.issue_for(&company.name, "見本　太郎")?;
    world.register(&issued).await?;
    let mut walk = world.walk();

    let twin = world.issue_twin(&issued, &company.name, "見本　太郎")?;
    let _twin = world.insert(world.card_config(&twin)?)?;
    walk.bid().await?;
    let told = walk.page().error_with("certificate_forged").await?;
    assert!(told.contains("017-000-0000"), "whom to call: {told}");
    walk.audit("a certificate in place of a registered one").await?;
    let mail = world.mail("貴社の登録について").await?;
    assert!(mail.body.contains("別の電子証明書が示されました"), "{}", mail.body);
    desk.go("/review").await?;
    desk.page().screen("review").await?;
    desk.go("/").await?;
    desk.page().present("[data-kind='card_forged']").await?;
    desk.audit("home after a certificate in place of a registered one").await
}

#[tokio::test]
async fn a_card_of_an_authority_that_the_agency_does_not_take_is_refused_by_name() -> Result<()> {
    let profile = |profile: &mut toml::Table| {
        let cards = toml::Table::from_iter([("authorities".to_owned(), vec!["aosign"].into())]);
        profile.insert("cards".into(), cards.into());
    };
    let world = World::start_with(WorldOptions { profile: Some(profile), ..WorldOptions::default() }).await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    walk.bid().await?;
    walk.page().error_with("authority_not_accepted").await?;
    let taken = walk.page().present("[data-accepted]").await?.text().await?;
    assert!(taken.contains("AOSign") && !taken.contains("e-Probatio"), "which are taken: {taken}");
    walk.audit("a card of another authority").await?;
    walk.audit_narrow("a card of another authority").await
}

#[tokio::test]
async fn a_company_stops_a_card_that_waits_and_officers_see_that_first() -> Result<()> {
    let world = World::start().await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open_as(&world, &browser, "aomori", "review", "sato").await?;
    let company = roster::company(0);
    let issued = world.issue_for(&company.name, "見本　太郎")?;
    world.register(&issued).await?;
    let mut walk = world.walk();
    let other = world.insert_for(OTHER, "悪田　徳子")?;
    walk.to_form(&company).await?;
    for (field, value) in CARD {
        walk.page().fill(field, value).await?;
    }
    walk.confirm().await?;
    walk.page().click("登録").await?;
    walk.page().present("[data-pending='true']").await?;
    drop(other);

    let _own = world.insert(world.card_config(&issued)?)?;
    walk.bid().await?;
    walk.page().screen("bid").await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().text_with(OTHER).await?;
    walk.page().click("利用を停止").await?;
    walk.page().present("[data-asked]").await?;
    walk.page().click("停止する").await?;
    walk.page().present("[data-stopped]").await?;
    walk.audit("a card that waits and was stopped").await?;

    open_application(&desk).await?;
    desk.page().present("[data-suspension]").await?;
    desk.audit("an application that its company has stopped").await?;
    desk.page().present("[data-decision-bar]:not(:has([data-do='approve'])) [data-do='reject']").await?;
    assert_eq!(world.registered_cards()?, 1);
    Ok(())
}

#[tokio::test]
async fn where_second_cards_are_reviewed_even_the_companys_own_waits() -> Result<()> {
    let profile = |profile: &mut toml::Table| {
        profile.insert("second_card".into(), "review".into());
    };
    let world = World::start_with(WorldOptions { profile: Some(profile), ..WorldOptions::default() }).await?;
    let browser = world.another_browser().await?;
    let desk = Desk::open_as(&world, &browser, "aomori", "review", "sato").await?;
    let company = roster::company(0);
    world.register(world.card()).await?;
    let mut walk = world.walk();

    let _second = world.insert_for(&company.name, "第二　花子")?;
    walk.to_form(&company).await?;
    for (field, value) in CARD {
        walk.page().fill(field, value).await?;
    }
    walk.confirm().await?;
    walk.page().present("[data-review]").await?;
    walk.audit("confirmation of a second card that is reviewed").await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    walk.page().present("[data-pending='true']").await?;
    walk.bid().await?;
    walk.page().error_with("registration_pending").await?;
    open_application(&desk).await?;
    approve(&desk).await?;
    walk.bid().await?;
    walk.page().screen("bid").await
}

#[tokio::test]
async fn an_id_that_no_officer_approved_sees_nothing_of_the_company() -> Result<()> {
    let profile: fn(&mut toml::Table) =
        |profile| agencies::set_in_categories(profile, "review", false.into());
    let options = WorldOptions { agency: "shimonoseki", profile: Some(profile), ..WorldOptions::default() };
    let world = World::start_with(options).await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    account::apply(&mut walk, "shimo123", PASSWORD).await?;
    another_application(&mut walk).await?;
    log_in(&mut walk, "other7x9", PASSWORD).await?;
    walk.page().screen("bid").await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().present("[data-limited]").await?;
    let shown = walk.page().text().await?;
    assert!(shown.contains("other7x9") && !shown.contains("shimo123"), "{shown}");
    assert!(!shown.contains("利用を停止") && !shown.contains("これまでの手続き"), "{shown}");
    walk.audit("登録状況 of an ID that nobody approved").await?;
    walk.audit_narrow("登録状況 of an ID that nobody approved").await
}

#[tokio::test]
async fn a_company_stops_an_id_of_its_own_which_logs_in_no_more() -> Result<()> {
    let world = World::start_at("shimonoseki").await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open_as(&world, &browser, "shimonoseki", "review", "sato").await?;
    let mut walk = applicant(&world);
    to_application(&mut walk).await?;
    account::apply(&mut walk, "shimo123", PASSWORD).await?;
    open_application(&desk).await?;
    approve(&desk).await?;
    another_application(&mut walk).await?;
    open_application(&desk).await?;
    approve(&desk).await?;

    log_in(&mut walk, "shimo123", PASSWORD).await?;
    walk.page().screen("bid").await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().text_with("other7x9").await?;
    walk.page().click("利用を停止").await?;
    walk.page().present("[data-asked]").await?;
    walk.page().click("停止する").await?;
    walk.page().present("[data-stopped]").await?;
    walk.audit("an ID that was stopped").await?;
    world.mail("自社のICカードまたはIDの利用を停止しました").await?;

    log_in(&mut walk, "other7x9", PASSWORD).await?;
    walk.page().error_with("account_suspended").await?;
    walk.audit("the login of an ID that was stopped").await?;
    log_in(&mut walk, "shimo123", PASSWORD).await?;
    walk.page().screen("bid").await?;
    desk.go(&format!("/companies/{}", roster::company(0).number)).await?;
    desk.page().present("[data-suspension]").await?;
    desk.audit("a company that stopped an ID").await
}

#[tokio::test]
async fn whoever_guesses_at_an_officers_name_locks_only_themselves_out() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open_as(&world, world.browser(), "aomori", "view", "sato").await?;
    desk.page().click_on("[data-do='sign-out']").await?;
    desk.page().screen("sign-in").await?;

    let browser = world.another_browser().await?;
    let mut stranger = world.walk_in(&browser);
    stranger.page().open("/officer.html").await?;
    stranger.page().screen("sign-in").await?;
    let script = "const e = document.getElementById('agency'); e.value = 'aomori';
        e.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.driver().execute(script, Vec::new()).await?;
    for guess in 0..6 {
        stranger.page().fill_id("login_id", "sato").await?;
        stranger.page().fill_id("password", &format!("guess number {guess}")).await?;
        stranger.page().fill_id("code", "000000").await?;
        stranger.page().click("ログイン").await?;
        let code = if guess < 5 { "credentials_wrong" } else { "rate_limited" };
        stranger.page().error_with(code).await?;
    }
    stranger.audit("guesses are over").await?;
    // The owner's browser is known, though it has the same address.
    desk.sign_in().await?;
    desk.page().screen("home").await.context("the owner signs in")
}

//! Whose card, whose company: a card of another company, before officers and refused; a second card; a card that its own
//! company stops; and who may change what is believed.

use std::fs;

use anyhow::{Context as _, Result};
use touroku_tests::harness::{
    browser::Browser,
    officer::Desk,
    roster::{self, Company},
    walk::{CARD, Walk},
    world::{World, WorldOptions},
};

const OTHER: &str = "株式会社悪徳商事";
const REASON: &str = "社名の変更の届けが、まだありません。";

/// From the form to 審査待ち.
async fn apply(walk: &mut Walk<'_>, company: &Company) -> Result<()> {
    walk.to_confirmation(company).await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    walk.page().present("[data-pending='true']").await.map(drop)
}

/// The first application of the queue.
async fn open_application(desk: &Desk<'_>) -> Result<()> {
    desk.go("/review").await?;
    desk.page().screen("review").await?;
    desk.page().click_on("[data-application] a").await?;
    desk.page().screen("application").await?;
    desk.page().present("[data-causes]").await.map(drop)
}

#[tokio::test]
async fn a_card_of_another_company_waits_until_officers_have_seen_both_names() -> Result<()> {
    let world = World::start().await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open_as(&world, &browser, "aomori", "review", "sato").await?;
    let _card = world.insert_for(OTHER, "悪田　徳子")?;
    let company = roster::company(0);
    let mut walk = world.walk();

    walk.to_form(&company).await?;
    walk.page().present("[data-same-company='false']").await?;
    walk.audit("form for another company's card").await?;
    walk.fill_form().await?;
    walk.confirm().await?;
    let shown = walk.page().present("[data-same-company='false']").await?.text().await?;
    assert!(shown.contains(OTHER) && shown.contains(&company.name), "both names: {shown}");
    walk.page().present("[data-review]").await?;
    let page = walk.page().text().await?;
    assert!(!page.contains("どちらも自社の名称"), "no general sentence beside the comparison: {page}");
    walk.audit("confirmation of another company's card").await?;
    walk.audit_narrow("confirmation of another company's card").await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await?;
    walk.page().present("[data-pending='true']").await?;
    walk.audit("another company's card waits").await?;
    assert_eq!(world.registered_cards()?, 0);

    open_application(&desk).await?;
    let shown = desk.page().text().await?;
    for told in [OTHER, &company.name, "ICカードの会社が、名簿の会社と違います。"] {
        assert!(shown.contains(told), "{told} is missing from:\n{shown}");
    }
    desk.audit("another company's card before an officer").await?;
    desk.audit_zoomed("another company's card before an officer").await?;
    desk.page().fill_id("reason", REASON).await?;
    desk.page().click_on("[data-do='reject']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='rejected']").await?;
    assert!(world.mail("承認されませんでした").await?.body.contains(REASON));
    walk.bid().await?;
    walk.page().error_with("card_not_registered").await?;

    apply(&mut walk, &company).await?;
    open_application(&desk).await?;
    desk.page().click_on("[data-do='approve']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-state='approved']").await?;
    walk.bid().await?;
    walk.page().screen("bid").await?;

    desk.go("/").await?;
    desk.page().screen("home").await?;
    let today = desk.page().present("[data-kind='first_card']").await?.text().await?;
    assert!(today.contains(&company.name) && today.contains("会社名が名簿と違う"), "{today}");
    desk.audit("home with what happened today").await?;
    desk.audit_zoomed("home with what happened today").await?;
    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().screen("company").await?;
    desk.page().present("[data-card] [data-same-company='false']").await?;
    desk.audit("a company with another company's card").await?;
    desk.audit_zoomed("a company with another company's card").await
}

#[tokio::test]
async fn where_the_agency_refuses_another_companys_card_the_page_says_whom_to_call() -> Result<()> {
    let profile = |profile: &mut toml::Table| {
        profile.insert("company_match".into(), "refuse".into());
    };
    let world = World::start_with(WorldOptions { profile: Some(profile), ..WorldOptions::default() }).await?;
    let _card = world.insert_for(OTHER, "悪田　徳子")?;
    let mut walk = world.walk();
    walk.to_search().await?;
    walk.type_company(&roster::company(0)).await?;
    walk.page().click("検索").await?;
    let told = walk.page().error_with("company_mismatch").await?;
    assert!(told.contains("017-000-0000"), "whom to call: {told}");
    walk.audit("another company's card is refused").await?;
    walk.audit_narrow("another company's card is refused").await
}

#[tokio::test]
async fn a_company_stops_a_card_of_its_own_and_an_officer_lifts_that() -> Result<()> {
    let world = World::start().await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open_as(&world, &browser, "aomori", "review", "sato").await?;
    let company = roster::company(0);
    let mut walk = world.walk();
    let company_id = world.register(world.card()).await?;

    let second = world.insert_for(&company.name, "第二　花子")?;
    walk.to_form(&company).await?;
    let form = walk.page().text().await?;
    assert!(!form.contains("soumu@company.example.jp") && !form.contains("見本　花子"), "{form}");
    walk.audit("form of a second card").await?;
    for (field, value) in CARD {
        walk.page().fill(field, value).await?;
    }
    walk.confirm().await?;
    walk.register().await?;

    walk.bid().await?;
    walk.page().screen("bid").await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().present("[data-card]").await?;
    assert_eq!(walk.page().count("[data-card]").await?, 2);
    walk.audit("登録状況").await?;
    walk.audit_narrow("登録状況").await?;
    walk.page().control("利用者情報を印刷・保存").await?;
    let printed = walk.printed().await?;
    assert!(printed.contains(&company_id) && printed.contains("第二花子"), "{printed}");
    for button in ["利用を停止", "これまでの手続き", "印刷・保存"] {
        assert!(!printed.contains(button), "{button} is printed: {printed}");
    }
    walk.page().click("利用を停止").await?;
    walk.page().present("[data-asked]").await?;
    walk.audit("a card is about to be stopped").await?;
    walk.page().click("停止する").await?;
    walk.page().present("[data-card][data-stopped='true']").await?;
    walk.audit("a card that was stopped").await?;
    world.mail("自社のICカードまたはIDの利用を停止しました").await?;
    drop(second);

    let _first = world.insert_card()?;
    walk.bid().await?;
    walk.page().error_with("card_suspended").await?;
    walk.audit("a stopped card").await?;
    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().screen("company").await?;
    desk.page().present("[data-card][data-suspended='true']").await?;
    desk.audit("a company that stopped a card").await?;
    desk.page().click_on("[data-card][data-suspended='true'] [data-suspension] + .actions button").await?;
    desk.page().fill_id("reason", "会社に確かめたため").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice]").await?;
    walk.bid().await?;
    walk.page().screen("bid").await
}

#[tokio::test]
async fn a_company_is_shown_the_information_systems_password_during_one_login() -> Result<()> {
    let world = World::start_at("yamaguchi").await?;
    let company = roster::company(0);
    let file = world.server().database().with_file_name("information.csv");
    let rows = format!(
        "業者番号,商号又は名称,入札情報公開ユーザID,入札情報公開パスワード\n{},{},ID100002,pw5001x\n",
        company.number, company.name
    );
    fs::write(&file, rows)?;
    world.server().import_roster("yamaguchi", &file)?;
    let _card = world.insert_card()?;
    let mut walk = world.walk().at("yamaguchi", "工事、コンサル");
    walk.to_form(&company).await?;
    walk.fill_form().await?;
    walk.page().click("同じ内容にする").await?;
    walk.confirm().await?;
    walk.page().text_with("「登録状況」の画面をご覧ください").await?;
    walk.register().await?;

    walk.bid().await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().text_with("1回のログインの間だけ").await?;
    walk.audit("a password that can be shown").await?;
    walk.audit_narrow("a password that can be shown").await?;
    walk.page().click("パスワードを表示する").await?;
    walk.page().present("#information-password[data-shown]:focus").await?;
    walk.page().text_with("pw5001x").await?;
    walk.audit("a password that is shown").await?;
    walk.audit_narrow("a password that is shown").await?;
    assert!(!walk.printed().await?.contains("pw5001x"));
    walk.page().click("パスワードを隠す").await?;
    walk.page().present("#information:focus").await?;
    let text = walk.page().text().await?;
    assert!(text.contains("ID100002") && !text.contains("pw5001x"), "{text}");

    walk.bid().await?;
    walk.page().click("登録状況").await?;
    walk.page().screen("status").await?;
    walk.page().present("[data-gone]").await?;
    walk.audit("a password that was shown").await
}

#[tokio::test]
async fn who_is_believed_changes_only_when_a_second_manager_has_confirmed_it() -> Result<()> {
    let world = World::start().await?;
    let other = world.another_browser().await?;
    let mut first = Desk::open_as(&world, world.browser(), "aomori", "manage", "sato").await?;
    let mut second = Desk::open_as(&world, &other, "aomori", "manage", "suzuki").await?;
    first.go("/settings").await?;
    first.page().screen("settings").await?;
    let text = first.page().present("#profile_text").await?.prop("value").await?.context("a profile")?;
    write(world.browser(), &format!("company_match = \"warn\"\n{text}")).await?;
    first.page().click("確かめる").await?;
    first.page().present("#check[data-mistakes='0']").await?;
    first.page().click_on("[data-do='take-profile']").await?;
    first.page().click_on("[data-do='confirm']").await?;
    first.page().present("[data-notice='ProfileProposed']").await?;
    first.audit("a change that waits for another manager").await?;
    first.audit_zoomed("a change that waits for another manager").await?;
    world.mail("安全にかかわる変更の確認").await?;

    second.go("/settings").await?;
    second.page().screen("settings").await?;
    second.page().present("[data-proposal]").await?;
    second.audit("a change that somebody else made").await?;
    second.page().click_on("#open-confirm-profile").await?;
    second.audit("the second manager confirms").await?;
    second.page().click_on("[data-do='confirm']").await?;
    second.page().present("[data-notice='ProfileTaken']").await?;

    second.go("/account").await?;
    second.page().screen("account").await?;
    second.page().click_on("[data-do='daily-mail']").await?;
    second.page().present("[data-daily-mail='false']").await?;
    second.audit("the own account").await?;
    second.audit_zoomed("the own account").await
}

/// Writes a text into 機関設定.
async fn write(browser: &Browser, text: &str) -> Result<()> {
    let script = "const e = document.getElementById('profile_text'); e.value = arguments[0];
        e.dispatchEvent(new Event('input', { bubbles: true }));";
    browser.driver().execute(script, vec![text.into()]).await?;
    Ok(())
}

//! 業者情報取込 in real browsers: columns that nobody knows, lines that break, two officers, a session that ends.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use encoding_rs::SHIFT_JIS;
use tempfile::TempDir;
use touroku_tests::harness::{
    officer::Desk,
    roster,
    world::{World, WorldOptions},
};

/// So slow that the line can be cut while a file of several pieces is on its way.
const SLOW: u32 = 1_500_000;

/// Rows of a file of several pieces.
const MANY: usize = 30_000;

async fn world(companies: usize) -> Result<World> {
    World::start_with(WorldOptions { companies, ..WorldOptions::default() }).await
}

/// Chooses a file for 業者情報取込.
async fn choose(desk: &Desk<'_>, file: &Path) -> Result<()> {
    desk.go("/imports").await?;
    desk.page().screen("imports").await?;
    desk.page().present("#roster_file").await?.send_keys(file.to_string_lossy()).await?;
    Ok(())
}

async fn upload(desk: &Desk<'_>, file: &Path) -> Result<()> {
    choose(desk, file).await?;
    desk.page().screen("import").await?;
    desk.page().present("[data-state='checked']").await.map(drop)
}

/// A roster as another system writes it: CP932, tabs, and headers that nobody knows.
fn unknown_headers(folder: &TempDir, name: &str, rows: &[&str]) -> Result<PathBuf> {
    let mut text = "コード\t正式な社名\t本社の場所\t備考\r\n".to_owned();
    for row in rows {
        text.push_str(row);
        text.push_str("\r\n");
    }
    let (bytes, _, lossy) = SHIFT_JIS.encode(&text);
    assert!(!lossy, "the roster is CP932");
    let file = folder.path().join(name);
    fs::write(&file, bytes)?;
    Ok(file)
}

#[tokio::test]
async fn columns_that_nobody_knows_are_chosen_once_and_remembered() -> Result<()> {
    let world = world(3).await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "review").await?;
    let folder = tempfile::tempdir()?;
    let first = [
        "990000001\t株式会社架空商会\t青森県青森市見本町1丁目1番\tメモ",
        "990000101\t髙橋建設①\t青森県八戸市\t",
    ];
    upload(&desk, &unknown_headers(&folder, "名簿1.tsv", &first)?).await?;
    assert!(desk.page().error_with("import_problem").await?.contains("業者番号"));
    assert!(desk.page().text().await?.contains("CP932、タブ区切り"));
    assert_eq!(desk.page().count("[data-count], [data-do='take']").await?, 0, "nothing was looked at yet");
    desk.audit("unknown columns").await?;
    desk.audit_zoomed("unknown columns").await?;

    // What is not enough is refused, and what was chosen stays.
    desk.page().choose("column_0", "業者番号").await?;
    desk.page().click_on("[data-do='map-columns']").await?;
    desk.page().error_with("import_columns").await?;
    desk.page().choose("column_1", "商号又は名称").await?;
    desk.page().choose("column_2", "住所").await?;
    desk.page().click_on("[data-do='map-columns']").await?;
    desk.page().present("[data-count='added'][data-number='1']").await?;
    desk.page().present("[data-count='missing'][data-number='2']").await?;
    assert_eq!(desk.page().count("[data-error], [data-notice]").await?, 0, "nothing is said that is over");
    desk.audit("chosen columns").await?;
    desk.go(&format!("{}/added", route(&desk).await?)).await?;
    assert!(desk.page().present("[data-rows='added']").await?.text().await?.contains("髙橋建設①"));
    desk.audit("added rows").await?;
    desk.page().click_on("[data-do='cancel-import']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().screen("imports").await?;

    let second = ["990000002\t北空建設株式会社\t青森県青森市\t"];
    upload(&desk, &unknown_headers(&folder, "名簿2.tsv", &second)?).await?;
    desk.page().present("[data-count='missing'][data-number='2']").await?;
    assert_eq!(desk.page().count("[data-error]").await?, 0, "the columns are known");
    Ok(())
}

/// The address of the import that is shown, without its tab.
async fn route(desk: &Desk<'_>) -> Result<String> {
    let import = desk.page().present("[data-import]").await?.attr("data-import").await?;
    Ok(format!("/imports/{}", import.unwrap_or_default()))
}

#[tokio::test]
async fn an_upload_goes_on_by_itself_when_the_server_is_back() -> Result<()> {
    let mut world = world(3).await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open(&world, &browser, "aomori", "review").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("名簿.csv");
    roster::write(&file, MANY)?;

    browser.slow_down(Some(SLOW)).await?;
    choose(&desk, &file).await?;
    desk.page().present("[data-upload] [data-progress]:not([data-progress='0'])").await?;
    world.server_mut().stop()?;
    desk.page().text_with("接続が切れました").await?;
    desk.audit("an upload without a line").await?;
    browser.slow_down(None).await?;
    world.server_mut().start_again().await?;
    desk.page().screen("import").await?;
    desk.page().present("[data-state='checked']").await?;
    desk.page().present(&format!("[data-count='added'][data-number='{}']", MANY - 3)).await?;
    Ok(())
}

#[tokio::test]
async fn an_upload_whose_page_was_closed_goes_on_with_the_same_file_only() -> Result<()> {
    let world = world(3).await?;
    let browser = world.browser();
    let mut desk = Desk::open(&world, browser, "aomori", "review").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("名簿.csv");
    roster::write(&file, MANY)?;
    let other = folder.path().join("別の名簿.csv");
    roster::write(&other, 4)?;

    browser.slow_down(Some(SLOW)).await?;
    choose(&desk, &file).await?;
    desk.page().present("[data-upload] [data-progress]:not([data-progress='0'])").await?;
    desk.audit("an upload").await?;
    browser.driver().refresh().await?;
    browser.slow_down(None).await?;
    desk.page().present("[data-stopped-upload]").await?;
    desk.audit("an upload that stopped").await?;
    desk.audit_zoomed("an upload that stopped").await?;
    choose(&desk, &other).await?;
    desk.page().present("[data-notice='OtherFile']").await?;
    choose(&desk, &file).await?;
    desk.page().screen("import").await?;
    desk.page().present(&format!("[data-count='added'][data-number='{}']", MANY - 3)).await?;
    Ok(())
}

#[tokio::test]
async fn of_two_officers_one_imports_and_the_other_sees_whose_it_is() -> Result<()> {
    let world = world(3).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("名簿.csv");
    roster::write(&file, 5)?;
    let mut first = Desk::open_as(&world, world.browser(), "aomori", "review", "sato").await?;
    upload(&first, &file).await?;

    let browser = world.another_browser().await?;
    let mut second = Desk::open_as(&world, &browser, "aomori", "review", "suzuki").await?;
    choose(&second, &file).await?;
    second.page().error_with("import_running").await?;
    let list = second.page().present("[data-import]").await?.text().await?;
    assert!(list.contains("見本　職員") && list.contains("まだ取り込んでいません"), "{list}");
    second.audit("another's import").await?;
    second.audit_zoomed("another's import").await?;

    // The second gives it up; the first, who did not see that, takes nothing over.
    second.page().click_on("[data-do='cancel-import']").await?;
    second.page().click_on("[data-do='confirm']").await?;
    second.page().present("[data-notice='Cancelled']").await?;
    first.page().click_on("[data-do='take']").await?;
    first.page().click_on("[data-do='confirm']").await?;
    first.page().error_with("wrong_state").await?;
    first.page().present("[data-state='cancelled']").await?;
    assert_eq!(first.page().count("[data-do='take']").await?, 0);
    first.audit("an import that another gave up").await?;
    assert_eq!(world.companies_in_roster()?, 3);

    upload(&second, &file).await?;
    second.page().click_on("[data-do='take']").await?;
    second.page().click_on("[data-do='confirm']").await?;
    second.page().present("[data-state='taken']").await?;
    second.page().present("[data-notice='Taken']").await?;
    second.audit("an import that was taken over").await?;
    assert_eq!(world.companies_in_roster()?, 5);
    Ok(())
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_loses_nothing() -> Result<()> {
    let world = world(3).await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "review").await?;
    let folder = tempfile::tempdir()?;
    let row = ["990000002\t北空建設株式会社\t青森県青森市\t"];
    upload(&desk, &unknown_headers(&folder, "名簿.tsv", &row)?).await?;
    desk.page().choose("column_0", "業者番号").await?;
    desk.page().choose("column_1", "商号又は名称").await?;
    world.expire_officers()?;
    desk.page().click_on("[data-do='map-columns']").await?;
    desk.page().error_with("session_missing").await?;
    desk.audit("a session that ended").await?;
    desk.audit_zoomed("a session that ended").await?;
    desk.sign_in().await?;
    desk.page().present("[data-notice='Resumed']").await?;
    let chosen = desk.page().present("#column_1").await?;
    assert_eq!(chosen.prop("value").await?.as_deref(), Some("商号又は名称"));
    desk.page().click_on("[data-do='map-columns']").await?;
    desk.page().present("[data-count='missing'][data-number='2']").await?;
    Ok(())
}

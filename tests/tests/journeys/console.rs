//! The officers' tools in real browsers: files to save, 監査記録, and the editor of 機関設定.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use encoding_rs::SHIFT_JIS;
use thirtyfour::Key;
use touroku_tests::harness::{
    browser::Browser,
    officer::Desk,
    roster, wait,
    world::{World, WorldOptions, pdf_pages},
};

/// The file of that ending that was saved last, once it is whole.
async fn saved(folder: &Path, ending: &str) -> Result<Vec<u8>> {
    wait::until(&format!("a file .{ending}"), async || {
        let files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
        let found = files.filter(|path| path.extension().is_some_and(|own| own == ending)).max();
        Ok(found
            .map(|path| fs::read(&path).and_then(|bytes| fs::remove_file(&path).map(|()| bytes)))
            .transpose()?)
    })
    .await
}

#[tokio::test]
async fn a_file_is_saved_or_the_page_says_why_not() -> Result<()> {
    let mut world = World::start().await?;
    let browser = world.another_browser().await?;
    let mut desk = Desk::open(&world, &browser, "aomori", "view").await?;
    let folder = tempfile::tempdir()?;
    browser.download_to(folder.path()).await?;
    desk.go("/companies").await?;
    desk.page().screen("companies").await?;
    desk.page().click_on("[data-export='cp932']").await?;
    desk.page().present("[data-notice='Exported']").await?;
    let bytes = saved(folder.path(), "csv").await?;
    let (text, _, wrong) = SHIFT_JIS.decode(&bytes);
    assert!(!wrong && text.contains(&roster::company(0).name), "{text}");
    desk.audit("a file that was saved").await?;
    desk.audit_zoomed("a file that was saved").await?;

    desk.page().click_on("[data-export='listing-cp932']").await?;
    let list = saved(folder.path(), "csv").await?;
    let (list, ..) = SHIFT_JIS.decode(&list);
    assert!(list.starts_with("業者番号,") && list.contains(&roster::company(0).number), "{list}");
    desk.page().click("一覧を印刷する（PDFに保存する）").await?;
    desk.page().screen("listing").await?;
    desk.page().present("[data-listed]").await?;
    desk.audit("業者番号一覧 to be printed").await?;
    desk.audit_zoomed("業者番号一覧 to be printed").await?;
    let printed: String = pdf_pages(&desk.printed("業者番号一覧").await?)?.concat();
    let printed: String = printed.split_whitespace().collect();
    let name: String = roster::company(0).name;
    assert!(printed.contains("青森市") && printed.contains(&name) && !printed.contains("印刷"), "{printed}");
    desk.go("/companies").await?;
    desk.page().screen("companies").await?;

    // The session ended: the page says so, and after the sign-in it works.
    world.expire_officers()?;
    desk.page().click_on("[data-export='utf-8']").await?;
    desk.page().error_with("session_missing").await?;
    desk.sign_in().await?;
    desk.page().screen("companies").await?;
    world.server_mut().stop()?;
    desk.page().click_on("[data-export='utf-8']").await?;
    desk.page().error_with("unreachable").await?;
    desk.audit("a file that was not saved").await?;
    assert_eq!(fs::read_dir(folder.path())?.count(), 0, "nothing was saved that failed");
    world.server_mut().start_again().await?;
    desk.page().click("もう一度").await?;
    assert!(saved(folder.path(), "csv").await?.starts_with("\u{FEFF}業者番号".as_bytes()));
    Ok(())
}

#[tokio::test]
async fn the_record_is_read_in_japanese_and_saved_as_the_server_keeps_it() -> Result<()> {
    let world = World::start().await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "manage").await?;
    let folder = tempfile::tempdir()?;
    world.browser().download_to(folder.path()).await?;
    let company = roster::company(2);
    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().screen("company").await?;
    desk.page().click_on("#open-suspend-company").await?;
    desk.page().fill_id("reason", "指名停止のため").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-suspended='true']").await?;
    desk.go("/audit").await?;
    desk.page().screen("audit").await?;
    let entry = desk.page().present("[data-action='company_suspended']").await?.text().await?;
    assert!(entry.contains("会社の停止") && entry.contains(&company.number), "{entry}");
    let shown = desk.page().present("main table").await?.text().await?;
    assert!(!shown.contains('_'), "codes are said in words: {shown}");
    desk.audit("監査記録").await?;
    desk.audit_zoomed("監査記録").await?;
    desk.page().click_on("[data-export='audit']").await?;
    let file = folder.path().join("記録");
    fs::write(&file, saved(folder.path(), "jsonl").await?)?;
    let said = world.server().command("audit", "aomori", &["verify", "--file", &file.to_string_lossy()])?;
    assert!(!said.is_empty());

    // Only what is looked for, as a table for people.
    desk.page().choose("audit_action", "company_suspended").await?;
    desk.page().fill_id("audit_subject", &company.number).await?;
    desk.page().click_on("form button[type='submit']").await?;
    desk.page().present("[data-action='company_suspended']").await?;
    desk.audit("監査記録 with a filter").await?;
    desk.page().click_on("[data-do='save-audit']").await?;
    let list = String::from_utf8(saved(folder.path(), "csv").await?)?;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("\u{FEFF}番号,日時,"), "{list}");
    assert!(lines[1].contains("会社の停止") && lines[1].contains(&company.number), "{list}");
    Ok(())
}

/// What is selected in the text of 機関設定, and whether it is within what the box shows.
async fn selected(browser: &Browser) -> Result<(String, bool)> {
    let script = "const e = document.activeElement;
        if (e.id !== 'profile_text') return [e.tagName, false];
        const before = e.value.slice(0, e.selectionStart).split('\\n').length - 1;
        const height = parseFloat(getComputedStyle(e).lineHeight);
        const top = before * height - e.scrollTop;
        return [e.value.slice(e.selectionStart, e.selectionEnd), top >= 0 && top < e.clientHeight - height];";
    Ok(browser.driver().execute(script, Vec::new()).await?.convert()?)
}

/// Writes a text into 機関設定.
async fn write(browser: &Browser, text: &str) -> Result<()> {
    let script = "const e = document.getElementById('profile_text'); e.value = arguments[0];
        e.dispatchEvent(new Event('input', { bubbles: true }));";
    browser.driver().execute(script, vec![text.into()]).await?;
    Ok(())
}

#[tokio::test]
async fn a_mistake_in_the_settings_is_found_with_the_keyboard() -> Result<()> {
    let world = World::start().await?;
    let browser = world.browser();
    let mut desk = Desk::open(&world, browser, "aomori", "manage").await?;
    desk.go("/settings").await?;
    desk.page().screen("settings").await?;
    let text = desk.page().present("#profile_text").await?.prop("value").await?.context("a profile")?;
    let (before, after) = text.rsplit_once("kind = \"email\"").context("a field for an address")?;
    write(browser, &format!("{before}kind = \"emial\"{after}")).await?;
    desk.page().click("確かめる").await?;
    desk.page().present("#check[data-mistakes='1']").await?;
    desk.audit("a mistake in the settings").await?;
    desk.audit_zoomed("a mistake in the settings").await?;
    // The list has the focus; the mistake is the next stop.
    browser.driver().active_element().await?.send_keys(Key::Tab + "").await?;
    browser.driver().active_element().await?.send_keys(Key::Enter + "").await?;
    let (selected, shown) = wait::until("the mistake in the text", async || {
        let found = selected(browser).await?;
        Ok(found.0.contains("emial").then_some(found))
    })
    .await?;
    assert!(shown, "{selected} is scrolled into the box");
    desk.audit("a mistake that was found").await?;

    write(browser, &text.replacen("notices = [", "notices = [\n  \"明日は点検のため休みます。\",", 1))
        .await?;
    desk.page().click("確かめる").await?;
    desk.page().present("#check[data-mistakes='0']").await?;
    desk.page().click_on("[data-do='take-profile']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice='ProfileTaken']").await?;
    desk.page().open("/aomori").await?;
    desk.page().text_with("明日は点検のため休みます。").await
}

/// A system whose webhook nobody answers.
fn with_a_system(profile: &mut toml::Table) {
    let text = "code = \"goods\"\nname = \"物品調達システム\"\nscopes = [\"feed\"]\n\
        secret_sha256 = [\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]\n\
        webhook_uri = \"http://127.0.0.1:9/hook\"\n";
    let system = text.parse::<toml::Table>().expect("a table");
    profile.insert("clients".to_owned(), toml::Value::Array(vec![system.into()]));
}

#[tokio::test]
async fn systems_are_seen_tried_out_and_registered() -> Result<()> {
    let options = WorldOptions { profile: Some(with_a_system), ..WorldOptions::default() };
    let world = World::start_with(options).await?;
    let mut desk = Desk::open(&world, world.browser(), "aomori", "manage").await?;
    desk.go("/settings").await?;
    desk.page().screen("settings").await?;
    desk.page().click("接続先のシステム").await?;
    desk.page().screen("clients").await?;
    desk.page().present("[data-client='goods']").await?;
    desk.page().click_on("[data-do='try-webhook']").await?;
    desk.page().present("[data-tried='failed']").await?;
    desk.audit("a system that does not answer").await?;
    desk.audit_zoomed("a system that does not answer").await?;

    desk.page().fill_id("client_text", "code = \"works\"").await?;
    desk.page().click("登録する").await?;
    desk.page().present("[data-mistakes]").await?;
    desk.audit("a description with mistakes").await?;
    let text = "code = \"works\"\nname = \"工事入札\"\nredirect_uris = [\"https://bid.example.jp/cb\"]\nscopes = [\"company\"]";
    desk.page().fill_id("client_text", text).await?;
    desk.page().click("登録する").await?;
    desk.page().present("[data-secret='works'] [data-shown]").await?;
    desk.page().present("[data-waits]").await?;
    desk.audit("a new system").await?;
    desk.audit_zoomed("a new system").await?;
    desk.page().click("機関設定へ").await?;
    desk.page().present("[data-proposal] [data-key='clients[works].redirect_uris']").await?;
    desk.go("/settings/clients").await?;
    desk.page().present("[data-client='goods']").await?;
    let shown = desk.page().text().await?;
    assert!(!shown.contains("client_secret"), "a secret is shown once: {shown}");
    Ok(())
}

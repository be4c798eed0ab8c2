//! Signed applications: what the confirmation showed is what the card signs, and what `openssl` verifies later.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    card_window::CardWindow,
    programs, roster, wait,
    walk::Walk,
    world::{PIN, World, WorldOptions},
};

async fn start() -> Result<World> {
    let profile: fn(&mut toml::Table) = |profile| {
        profile.insert("signed_applications".into(), true.into());
    };
    World::start_with(WorldOptions { profile: Some(profile), ..WorldOptions::default() }).await
}

/// Presses the confirmation's button and signs with the card. Returns what the card window showed.
async fn sign(walk: &mut Walk<'_>, button: &str) -> Result<String> {
    walk.page().click(button).await?;
    let window = CardWindow::opened(walk.browser).await?;
    window.state("pin").await?;
    window.read_document().await?;
    let shown = window.text().await?;
    walk.picture("申請内容への署名").await?;
    window.pin(PIN).await?;
    window.ok().await?;
    window.closed(&walk.origin).await?;
    walk.page().screen("done").await?;
    Ok(shown)
}

/// The number on the screen, and both files that its buttons save.
async fn receipt(walk: &Walk<'_>, folder: &Path) -> Result<(String, PathBuf, PathBuf)> {
    let number = walk.page().present("[data-receipt]").await?.text().await?;
    walk.browser.download_to(folder).await?;
    let document = saved(walk, "document", folder.join(format!("{number}.txt"))).await?;
    let signature = saved(walk, "signature", folder.join(format!("{number}.p7s"))).await?;
    Ok((number, document, signature))
}

/// Presses the button; the browser gives a file this name only when it is complete.
async fn saved(walk: &Walk<'_>, file: &str, path: PathBuf) -> Result<PathBuf> {
    walk.page().click_on(&format!("[data-save='{file}']")).await?;
    wait::until(&format!("{} to be saved", path.display()), async || Ok(path.exists().then_some(()))).await?;
    Ok(path)
}

/// As described in docs/receipts.md.
fn openssl_verifies(world: &World, document: &Path, signature: &Path) -> Result<()> {
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"])
        .arg("-CAfile")
        .arg(world.trust_file())
        .arg("-content")
        .arg(document)
        .arg("-in")
        .arg(signature)
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[tokio::test]
async fn a_registration_is_signed_has_a_number_on_its_print_and_is_verified_by_openssl() -> Result<()> {
    let world = start().await?;
    let _card = world.insert_card()?;
    let mut walk = world.walk();
    let folder = tempfile::tempdir()?;
    walk.to_confirmation(&roster::company(0)).await?;
    walk.page().present("[data-signed]").await?;
    walk.audit("confirmation that is signed").await?;

    let shown = sign(&mut walk, "登録").await?;
    walk.audit("completion with a receipt").await?;
    let (number, document, signature) = receipt(&walk, folder.path()).await?;
    for part in
        ["申請内容に署名します", "利用者登録の申請", &number, "株式会社架空商会", "eigyou@company.example.jp"]
    {
        assert!(shown.contains(part), "{part} is missing from the card window:\n{shown}");
    }
    assert!(!shown.contains("担当者"), "{shown}");
    openssl_verifies(&world, &document, &signature)?;
    let text = fs::read_to_string(&document)?;
    assert!(
        text.contains(&number) && text.contains("株式会社架空商会") && text.contains(&world.origin()),
        "{text}"
    );
    fs::write(&document, text.replace("架空商会", "架空商店"))?;
    assert!(openssl_verifies(&world, &document, &signature).is_err());

    walk.audit("completion whose files were saved").await?;
    walk.page().click("印刷").await?;
    walk.page().screen("print").await?;
    let printed = walk.printed().await?;
    assert!(printed.contains(&format!("受付番号：{number}")), "{printed}");

    let output = Command::new(programs::program("touroku-server")?)
        .args(["application", "export", "--agency", "aomori", "--database"])
        .arg(world.server().database())
        .arg(&number)
        .arg(folder.path().join("exported"))
        .output()?;
    ensure!(output.status.success(), "{output:?}");
    let exported = |end: &str| folder.path().join("exported").join(format!("{number}.{end}"));
    openssl_verifies(&world, &exported("txt"), &exported("p7s"))
}

#[tokio::test]
async fn a_cancelled_pin_another_card_and_a_wrong_pin_lose_nothing() -> Result<()> {
    let world = start().await?;
    let card = world.insert_card()?;
    let mut walk = world.walk();
    walk.to_confirmation(&roster::company(0)).await?;

    walk.page().click("登録").await?;
    let window = CardWindow::opened(walk.browser).await?;
    window.state("pin").await?;
    walk.audit("card window that signs").await?;
    window.cancel().await?;
    window.closed(&walk.origin).await?;
    walk.page().error_with("cancelled").await?;
    assert_eq!((world.registered_cards()?, card.tries_left()), (0, 3));
    drop(card);

    let other = world.insert(world.card_config(&world.issue("別人　太郎")?)?)?;
    walk.page().click("もう一度").await?;
    let window = CardWindow::opened(walk.browser).await?;
    window.state("unusable").await?;
    assert_eq!(window.error().await?, "other_card");
    assert_eq!(other.tries_left(), 3);
    drop(other);

    let card = world.insert_card()?;
    window.state("pin").await?;
    window.pin("999999").await?;
    window.ok().await?;
    wait::until("one try spent", async || Ok((card.tries_left() == 2).then_some(()))).await?;
    window.state("pin").await?;
    assert_eq!(window.error().await?, "pin_wrong");
    window.pin(PIN).await?;
    window.ok().await?;
    window.closed(&walk.origin).await?;
    walk.page().screen("done").await?;
    assert_eq!((world.registered_cards()?, card.tries_left()), (1, 3));
    Ok(())
}

#[tokio::test]
async fn a_change_and_a_renewal_are_signed_by_the_card_that_is_in_use_afterwards() -> Result<()> {
    let world = start().await?;
    let old = world.insert_card()?;
    let mut walk = world.walk();
    let folder = tempfile::tempdir()?;
    walk.to_confirmation(&roster::company(0)).await?;
    sign(&mut walk, "登録").await?;

    walk.to_menu().await?;
    walk.page().click("変更").await?;
    walk.show_card().await?;
    walk.page().screen("form").await?;
    walk.page().fill(FieldId::CardContactPerson, "見本　三郎").await?;
    walk.page().click("入力内容確認").await?;
    walk.page().screen("confirm").await?;
    let shown = sign(&mut walk, "変更").await?;
    assert!(shown.contains("【変更前】") && shown.contains("見本　三郎"), "{shown}");
    let (_, document, signature) = receipt(&walk, folder.path()).await?;
    openssl_verifies(&world, &document, &signature)?;

    walk.to_new_card().await?;
    drop(old);
    let _new = world.insert(world.card_config(&world.issue("第二　花子")?)?)?;
    walk.page().click("OK").await?;
    walk.show_card().await?;
    walk.page().screen("renew_confirm").await?;
    let shown = sign(&mut walk, "更新").await?;
    assert!(shown.contains("ICカード更新の申請") && shown.contains("第二　花子"), "{shown}");
    let (_, document, signature) = receipt(&walk, folder.path()).await?;
    openssl_verifies(&world, &document, &signature)?;

    // The session has ended: the page says so, and who has the files.
    fs::remove_file(&document)?;
    walk.browser.driver().delete_all_cookies().await?;
    walk.page().click_on("[data-save='document']").await?;
    let said = walk.page().error_with("session_missing").await?;
    ensure!(said.contains("受付番号"), "{said}");
    walk.audit("a signed application that was not saved").await?;
    ensure!(!document.exists(), "nothing was saved that failed");
    Ok(())
}

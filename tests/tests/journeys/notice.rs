//! 番号の通知 in real browsers: letters, one per page, mails, and numbers that stop working.

use anyhow::{Context as _, Result};
use touroku_proto::field::FieldId;
use touroku_tests::harness::{
    browser::Browser,
    officer::Desk,
    roster::{self, Company},
    walk::Walk,
    world::{World, WorldOptions, pdf_pages},
};

const COMPANIES: usize = 3;

async fn world(agency: &'static str) -> Result<World> {
    World::start_with(WorldOptions { agency, companies: COMPANIES, ..WorldOptions::default() }).await
}

/// The number on a company's letter.
async fn number_of(desk: &Desk<'_>, company: &Company) -> Result<String> {
    let place = format!("[data-letter='{}'] [data-number]", company.number);
    Ok(desk.page().present(&place).await?.text().await?)
}

async fn issue(desk: &Desk<'_>) -> Result<()> {
    desk.page().click_on("[data-do='issue']").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("#letters").await.map(drop)
}

/// Closes the letters, and enters who the next ones are for.
async fn choose(desk: &Desk<'_>, companies: &str) -> Result<()> {
    desk.page().click_on("[data-do='close-letters']").await?;
    desk.page().present("#next_numbers").await?;
    if desk.page().count("#numbers").await? == 0 {
        desk.page().click_on("#next_numbers").await?;
    }
    desk.page().fill_id("numbers", companies).await
}

async fn search(walk: &Walk<'_>, number: &str, company: &Company) -> Result<()> {
    walk.page().fill(FieldId::CompanyNumber, number).await?;
    walk.page().fill(FieldId::CompanyName, &company.name).await?;
    walk.page().click("検索").await
}

async fn office<'a>(world: &World, browser: &'a Browser, agency: &str) -> Result<Desk<'a>> {
    let desk = Desk::open(world, browser, agency, "review").await?;
    desk.page().click_on("[data-nav='numbers']").await?;
    desk.page().screen("numbers").await?;
    Ok(desk)
}

#[tokio::test]
async fn numbers_go_out_as_letters_and_an_old_one_stops_when_a_new_one_is_issued() -> Result<()> {
    let world = world("umine").await?;
    let browser = world.another_browser().await?;
    let mut desk = office(&world, &browser, "umine").await?;
    desk.audit("番号の通知").await?;
    desk.audit_zoomed("番号の通知").await?;
    desk.page().click_on("[data-do='issue']").await?;
    desk.page().present("[data-dialog='issue']").await?;
    desk.audit("発行 dialog").await?;
    desk.page().click_on("[data-do='dismiss']").await?;
    issue(&desk).await?;
    desk.page().present(&format!("#letters[data-letters='{COMPANIES}'][data-left='0']")).await?;
    desk.audit("letters").await?;
    desk.audit_zoomed("letters").await?;

    // On paper: a page for each company, with its own number and nobody else's, and nothing of the screen.
    let pages = pdf_pages(&desk.printed("letters").await?)?;
    assert_eq!(pages.len(), COMPANIES, "{pages:#?}");
    let companies: Vec<Company> = (0..COMPANIES).map(roster::company).collect();
    let mut numbers = Vec::new();
    for company in &companies {
        numbers.push(number_of(&desk, company).await?);
    }
    for (index, page) in pages.iter().enumerate() {
        let page: String = page.split_whitespace().collect();
        for (other, (company, number)) in companies.iter().zip(&numbers).enumerate() {
            let is_there = page.contains(number.as_str()) || page.contains(&company.name);
            assert_eq!(is_there, other == index, "page {index}: {page}");
        }
        for of_the_screen in ["ログアウト", "印刷", "続けて発行する", "番号の通知"] {
            assert!(!page.contains(of_the_screen), "page {index}: {page}");
        }
    }

    // A reload loses nothing: they are kept until they are confirmed as sent.
    browser.driver().refresh().await?;
    desk.page().screen("numbers").await?;
    desk.page().present(&format!("[data-waiting='{COMPANIES}']")).await?;
    desk.audit("letters that wait to be sent").await?;
    desk.audit_zoomed("letters that wait to be sent").await?;
    desk.page().click_on("[data-do='open-letters']").await?;
    assert_eq!(number_of(&desk, &companies[1]).await?, numbers[1]);

    let _card = world.insert_card()?;
    let mut walk = world.walk().at("umine", "工事、コンサル");
    walk.to_search().await?;
    search(&walk, &companies[1].number, &companies[1]).await?;
    walk.page().error_with("company_not_found").await?;

    choose(&desk, &format!("{}\n199000000", companies[1].number)).await?;
    issue(&desk).await?;
    assert!(desk.page().present("[data-unknown]").await?.text().await?.contains("199000000"));
    desk.page().present("[data-reissued]").await?;
    let renewed = number_of(&desk, &companies[1]).await?;
    assert_ne!(renewed, numbers[1]);
    desk.audit("a letter issued once more").await?;
    desk.page().click_on("[data-do='letters-sent']").await?;
    desk.audit("発送済み dialog").await?;
    desk.page().click_on("[data-do='confirm']").await?;
    desk.page().present("[data-notice='LettersSent']").await?;
    // The other two still wait.
    desk.page().present("[data-waiting='2']").await?;

    search(&walk, &numbers[1], &companies[1]).await?;
    walk.page().error_with("company_not_found").await?;
    // As people copy from paper: in lower case.
    search(&walk, &renewed.to_ascii_lowercase(), &companies[1]).await?;
    walk.page().screen("form").await
}

#[tokio::test]
async fn who_registered_an_address_gets_the_next_number_by_mail() -> Result<()> {
    let world = world("umine").await?;
    let browser = world.another_browser().await?;
    let mut desk = office(&world, &browser, "umine").await?;
    issue(&desk).await?;
    let company = roster::company(0);
    let number = number_of(&desk, &company).await?;

    let _card = world.insert_card()?;
    let mut walk = world.walk().at("umine", "工事、コンサル");
    walk.to_search().await?;
    search(&walk, &number, &company).await?;
    walk.page().screen("form").await?;
    walk.fill_form().await?;
    walk.confirm().await?;
    walk.register().await?;

    // The other company has registered no address: its letter is printed.
    let other = roster::company(1);
    choose(&desk, &format!("{}、{}", company.number, other.number)).await?;
    desk.page().click_on("#by_mail").await?;
    issue(&desk).await?;
    desk.page().present("#letters[data-letters='1'][data-mailed='1']").await?;
    desk.audit("a mail and a letter").await?;
    assert!(!desk.page().text().await?.contains(&company.name), "what was mailed is not shown");
    let mail = world.mail("登録番号").await?;
    let renewed = mail
        .body
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| word.len() == number.len() && word.bytes().any(|byte| byte.is_ascii_uppercase()))
        .with_context(|| format!("a number in {}", mail.body))?;
    assert_ne!(renewed, number);

    // Another card of the company: only the new number finds it.
    drop(_card);
    let second = world.issue("見本　次郎")?;
    let _card = world.insert(world.card_config(&second)?)?;
    walk.to_search().await?;
    search(&walk, &number, &company).await?;
    walk.page().error_with("company_not_found").await?;
    search(&walk, renewed, &company).await?;
    walk.page().screen("form").await?;

    desk.go(&format!("/companies/{}", company.number)).await?;
    desk.page().screen("company").await?;
    desk.page().present("[data-card]").await?;
    let shown = desk.page().text().await?;
    assert!(shown.contains("登録番号の発行") && !shown.contains(renewed), "{shown}");
    Ok(())
}

#[tokio::test]
async fn where_numbers_are_public_letters_tell_companies_their_own() -> Result<()> {
    let world = world("yamaguchi").await?;
    let browser = world.another_browser().await?;
    let mut desk = office(&world, &browser, "yamaguchi").await?;
    desk.audit("業者番号の通知").await?;
    desk.page().click_on("[data-do='issue']").await?;
    desk.page().present(&format!("#letters[data-letters='{COMPANIES}'][data-left='0']")).await?;
    desk.audit("letters with 業者番号").await?;
    let company = roster::company(0);
    assert_eq!(number_of(&desk, &company).await?, company.number);
    let letter = desk.page().present(&format!("[data-letter='{}']", company.number)).await?.text().await?;
    assert!(letter.contains("業者番号のお知らせ") && letter.contains(&company.name), "{letter}");
    assert_eq!(
        pdf_pages(&desk.printed("letters with 業者番号").await?)?.len(),
        COMPANIES,
        "one letter a page"
    );

    Ok(())
}

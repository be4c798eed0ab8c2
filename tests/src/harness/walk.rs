//! The main job, step by step, as walked by the demo and several journeys.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use thirtyfour::common::print::PrintParameters;
use touroku_proto::field::FieldId;

use super::{
    axe,
    browser::Browser,
    card_window::CardWindow,
    page::Page,
    roster::Company,
    wait,
    world::{PIN, pdf_text},
};

/// A contractor on the way through one agency's category.
pub struct Walk<'a> {
    pub browser: &'a Browser,
    /// The server's origin.
    pub origin: String,
    pub agency: &'a str,
    /// The category's name, as on its button.
    pub category: &'a str,
    pub pin: &'a str,
    /// Part of the reader's name when several readers hold cards.
    pub reader: Option<&'a str>,
    pub album: Album,
}

impl<'a> Walk<'a> {
    /// At 物品、役務 of `aomori`, with the usual card. Pictures are kept in the folder given by
    /// `TOUROKU_PICTURES`, if any.
    pub fn new(browser: &'a Browser, origin: String) -> Self {
        let album = Album::of_environment();
        Self { browser, origin, agency: "aomori", category: "物品、役務", pin: PIN, reader: None, album }
    }

    /// At another agency and category.
    pub fn at(self, agency: &'a str, category: &'a str) -> Self {
        Self { agency, category, ..self }
    }

    pub fn page(&self) -> Page<'_> {
        Page::new(self.browser.driver(), &self.origin)
    }

    /// Keeps a picture of the current screen.
    pub async fn picture(&mut self, name: &str) -> Result<()> {
        self.album.take(self.browser, name).await
    }

    /// Audits the current screen for accessibility, and keeps a picture; `what` names it in both.
    pub async fn audit(&mut self, what: &str) -> Result<()> {
        axe::audit(self.browser.driver(), what).await?;
        self.picture(what).await
    }

    /// Views the current screen on a phone: nothing may overflow on the right.
    pub async fn audit_narrow(&mut self, what: &str) -> Result<()> {
        let driver = self.browser.driver();
        let before = driver.get_window_rect().await?;
        driver.set_window_rect(0, 0, NARROW, 1400).await?;
        let wide = wait::until("the narrow window", async || {
            let script = "const e = document.documentElement;
                return e.clientWidth > arguments[0] ? null : e.scrollWidth - e.clientWidth;";
            Ok(driver.execute(script, vec![NARROW.into()]).await?.convert::<Option<i64>>()?)
        })
        .await?;
        ensure!(wide <= 0, "{what} is {wide} pixels too wide at {NARROW}");
        axe::audit(driver, what).await?;
        self.album.take_at(self.browser, &format!("{what} (320)"), NARROW).await?;
        driver.set_window_rect(0, 0, u32::try_from(before.width)?, u32::try_from(before.height)?).await?;
        Ok(())
    }

    /// The text of the page's print, without the spaces that PDF readers infer from positions on paper.
    pub async fn printed(&self) -> Result<String> {
        let pdf = self.browser.driver().print_page(PrintParameters::default()).await?;
        Ok(pdf_text(&pdf)?.split_whitespace().collect())
    }

    /// From 調達機関・区分 selection to 利用者登録／電子入札 selection.
    pub async fn to_entry(&mut self) -> Result<()> {
        self.page().open("/").await?;
        self.page().screen("select").await?;
        self.picture("調達機関・区分選択").await?;
        self.page().open(&format!("/{}", self.agency)).await?;
        self.page().screen("select").await?;
        self.page().click(self.category).await?;
        self.page().screen("entry").await?;
        self.picture("利用者登録・電子入札選択").await
    }

    /// … to 受注者クライアント, with everything connected.
    pub async fn to_client(&mut self) -> Result<()> {
        self.to_entry().await?;
        self.page().click("利用者登録").await?;
        self.page().screen("client").await?;
        self.page().control("利用者登録処理").await?;
        self.picture("受注者クライアント").await
    }

    /// … to 利用者登録メニュー.
    pub async fn to_menu(&mut self) -> Result<()> {
        self.to_client().await?;
        self.page().click("利用者登録処理").await?;
        self.page().screen("menu").await?;
        self.picture("利用者登録メニュー").await
    }

    /// … to the card window that 登録 opens.
    pub async fn to_card_window(&mut self) -> Result<CardWindow<'a>> {
        self.to_menu().await?;
        self.page().click("登録").await?;
        CardWindow::opened(self.browser).await
    }

    /// … to 資格審査情報検索, with the card shown.
    pub async fn to_search(&mut self) -> Result<()> {
        self.to_menu().await?;
        self.page().click("登録").await?;
        self.show_card().await?;
        self.page().screen("search").await
    }

    /// … to 利用者登録.
    pub async fn to_form(&mut self, company: &Company) -> Result<()> {
        self.to_search().await?;
        self.search(company).await
    }

    /// … to 登録内容確認.
    pub async fn to_confirmation(&mut self, company: &Company) -> Result<()> {
        self.to_form(company).await?;
        self.fill_form().await?;
        self.confirm().await
    }

    /// … to where ICカード更新 asks for the new card, with the old one shown.
    pub async fn to_new_card(&mut self) -> Result<()> {
        self.to_menu().await?;
        self.page().click("ICカード更新").await?;
        self.page().screen("renew_old").await?;
        self.page().click("OK").await?;
        self.show_card().await?;
        self.page().screen("renew_new").await
    }

    /// From the entry page through 電子入札 to wherever the card leads.
    pub async fn bid(&mut self) -> Result<()> {
        self.to_entry().await?;
        self.page().click("電子入札").await?;
        self.show_card().await
    }

    /// Uses the card in the card window that is about to open, and returns to the page.
    pub async fn show_card(&mut self) -> Result<()> {
        let origin = self.origin.clone();
        self.show_card_for(&origin).await
    }

    /// The same, where the page then goes on to a bidding system on this computer.
    pub async fn show_card_and_go_on(&mut self) -> Result<()> {
        self.show_card_for("http://localhost:").await
    }

    async fn show_card_for(&mut self, origin: &str) -> Result<()> {
        let window = CardWindow::opened(self.browser).await?;
        if let Some(reader) = self.reader {
            window.choose(reader).await?;
        }
        window.state("pin").await?;
        self.picture("PIN番号入力").await?;
        window.pin(self.pin).await?;
        window.person("見本").await?;
        window.ok().await?;
        window.closed(origin).await
    }

    /// 資格審査情報検索.
    pub async fn search(&mut self, company: &Company) -> Result<()> {
        self.type_company(company).await?;
        self.page().click("検索").await?;
        self.page().screen("form").await
    }

    /// Types what 資格審査情報検索 asks for.
    pub async fn type_company(&mut self, company: &Company) -> Result<()> {
        self.page().screen("search").await?;
        self.page().fill(FieldId::CompanyNumber, &company.number).await?;
        self.page().fill(FieldId::CompanyName, &company.name).await?;
        self.picture("資格審査情報検索").await
    }

    /// Fills in every editable field of the form except ID and password.
    pub async fn fill_form(&mut self) -> Result<()> {
        for (field, value) in COMPANY.into_iter().chain(REPRESENTATIVE).chain(CARD).chain(APPLICANT) {
            if self.page().can_type(field).await? {
                self.page().fill(field, value).await?;
            }
        }
        self.picture("利用者登録").await
    }

    /// 入力内容確認 → the confirmation.
    pub async fn confirm(&mut self) -> Result<()> {
        self.page().click("入力内容確認").await?;
        self.page().screen("confirm").await?;
        self.picture("登録内容確認").await
    }

    /// 登録 → 完了. Returns the 企業ID.
    pub async fn register(&mut self) -> Result<String> {
        self.page().click("登録").await?;
        self.page().screen("done").await?;
        self.picture("登録完了").await?;
        self.page().company_id().await
    }
}

/// The narrowest page required by WCAG 2.2 (1.4.10), in pixels.
const NARROW: u32 = 320;

const WIDTH: u32 = 1100;

/// Takes a screenshot of every screen it is told of, or of none.
pub struct Album {
    directory: Option<PathBuf>,
    count: usize,
    paused: bool,
}

impl Album {
    /// Pictures go into `directory`, numbered in their order.
    pub fn in_directory(directory: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory)?;
        Ok(Self { directory: Some(directory.to_owned()), count: 0, paused: false })
    }

    /// Pictures go into the folder that `TOUROKU_PICTURES` names, if it names one.
    pub fn of_environment() -> Self {
        env::var_os("TOUROKU_PICTURES")
            .and_then(|folder| Self::in_directory(Path::new(&folder)).ok())
            .unwrap_or_else(Self::none)
    }

    /// No pictures.
    pub fn none() -> Self {
        Self { directory: None, count: 0, paused: false }
    }

    /// No pictures until [`Self::go_on`], for screens already pictured.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    pub fn go_on(&mut self) {
        self.paused = false;
    }

    /// Keeps a file beside the pictures.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let Some(directory) = &self.directory else { return Ok(()) };
        Ok(std::fs::write(directory.join(name), bytes)?)
    }

    /// Takes a full-height picture of the current window.
    pub async fn take(&mut self, browser: &Browser, name: &str) -> Result<()> {
        self.take_at(browser, name, WIDTH).await
    }

    /// Like [`Self::take`], with the page at that width in pixels.
    pub async fn take_at(&mut self, browser: &Browser, name: &str, width: u32) -> Result<()> {
        let Some(directory) = self.directory.as_ref().filter(|_| !self.paused) else { return Ok(()) };
        self.count += 1;
        let driver = browser.driver();
        let height: i64 =
            driver.execute("return document.documentElement.scrollHeight;", Vec::new()).await?.convert()?;
        let before = driver.get_window_rect().await?;
        // The card window keeps the size given by the extension; a page is shown in full.
        let page = driver.current_url().await?.scheme().starts_with("http");
        if page {
            let height = u32::try_from(height.clamp(700, 6000))?;
            driver.set_window_rect(0, 0, width, height + 100).await?;
        }
        let file = format!("{:02}-{}.png", self.count, name.replace('/', "_"));
        driver.screenshot(&directory.join(file)).await?;
        if page {
            driver.set_window_rect(0, 0, u32::try_from(before.width)?, u32::try_from(before.height)?).await?;
        }
        Ok(())
    }
}

/// What the walk types into 企業情報, where a profile allows it.
pub const COMPANY: [(FieldId, &str); 3] = [
    (FieldId::CompanyPhone, "017-700-0009"),
    (FieldId::CompanyFax, "017-701-0009"),
    (FieldId::Branch, "本店"),
];

/// What the walk types into 代表窓口情報.
pub const REPRESENTATIVE: [(FieldId, &str); 8] = [
    (FieldId::RepresentativeContactName, "本店　総務部"),
    (FieldId::RepresentativeContactPostalCode, "030-0801"),
    (FieldId::RepresentativeContactAddress, "青森県青森市見本町一丁目１番１号"),
    (FieldId::RepresentativeContactPerson, "見本　花子"),
    (FieldId::RepresentativeContactPhone, "017-700-0001"),
    (FieldId::RepresentativeContactFax, "017-701-0001"),
    (FieldId::RepresentativeContactEmail, "soumu@company.example.jp"),
    (FieldId::RepresentativeContactEmailAgain, "soumu@company.example.jp"),
];

/// What the walk types into ICカード利用部署情報.
pub const CARD: [(FieldId, &str); 8] = [
    (FieldId::CardContactName, "営業課"),
    (FieldId::CardContactPostalCode, "030-0802"),
    (FieldId::CardContactAddress, "青森県青森市見本町二丁目２番２号"),
    (FieldId::CardContactPerson, "見本　次郎"),
    (FieldId::CardContactPhone, "044-812-73582"),
    (FieldId::CardContactFax, "044-812-86812"),
    (FieldId::CardContactEmail, "eigyou@company.example.jp"),
    (FieldId::CardContactEmailAgain, "eigyou@company.example.jp"),
];

/// What the walk types into ID登録依頼者連絡先情報.
pub const APPLICANT: [(FieldId, &str); 8] = [
    (FieldId::ApplicantContactName, "本店　総務部"),
    (FieldId::ApplicantContactPostalCode, "750-0001"),
    (FieldId::ApplicantContactAddress, "山口県下関市見本町一丁目１番１号"),
    (FieldId::ApplicantContactPerson, "見本　五郎"),
    (FieldId::ApplicantContactPhone, "123-4567-7890"),
    (FieldId::ApplicantContactFax, "083-231-0001"),
    (FieldId::ApplicantContactEmail, "shinsei@company.example.jp"),
    (FieldId::ApplicantContactEmailAgain, "shinsei@company.example.jp"),
];

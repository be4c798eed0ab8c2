//! The main job, step by step, as the demo and several journeys walk it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use touroku_proto::field::FieldId;

use super::{bidder::Bidder, browser::Browser, card_window::CardWindow, roster::Company};

/// Takes a screenshot of every screen it is told of, or of none.
pub struct Album {
    directory: Option<PathBuf>,
    count: usize,
}

impl Album {
    /// Pictures go into `directory`, numbered in their order.
    pub fn in_directory(directory: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory)?;
        Ok(Self { directory: Some(directory.to_owned()), count: 0 })
    }

    /// No pictures.
    pub fn none() -> Self {
        Self { directory: None, count: 0 }
    }

    /// Takes a picture of the current window, whole height.
    pub async fn take(&mut self, browser: &Browser, name: &str) -> Result<()> {
        let Some(directory) = &self.directory else { return Ok(()) };
        self.count += 1;
        let driver = browser.driver();
        let height: i64 =
            driver.execute("return document.documentElement.scrollHeight;", Vec::new()).await?.convert()?;
        let before = driver.get_window_rect().await?;
        // The card window keeps the size that the extension gave it; a page is shown whole.
        let page = driver.current_url().await?.scheme().starts_with("http");
        if page {
            let height = u32::try_from(height.clamp(700, 6000))?;
            driver.set_window_rect(0, 0, 1100, height + 100).await?;
        }
        driver.screenshot(&directory.join(format!("{:02}-{name}.png", self.count))).await?;
        if page {
            driver.set_window_rect(0, 0, u32::try_from(before.width)?, u32::try_from(before.height)?).await?;
        }
        Ok(())
    }
}

/// The card that the walk shows and how.
pub struct Holder<'a> {
    /// PIN.
    pub pin: &'a str,
    /// A part of the reader's name when several readers hold cards.
    pub reader: Option<&'a str>,
}

/// From the entry page to 利用者登録メニュー.
pub async fn to_menu(browser: &Browser, origin: &str, category: &str, album: &mut Album) -> Result<()> {
    let bidder = Bidder::new(browser.driver(), origin);
    to_client(browser, origin, category, album).await?;
    bidder.click("利用者登録処理").await?;
    bidder.screen("menu").await?;
    album.take(browser, "利用者登録メニュー").await
}

/// From the entry page to 受注者クライアント, with everything connected.
pub async fn to_client(browser: &Browser, origin: &str, category: &str, album: &mut Album) -> Result<()> {
    let bidder = Bidder::new(browser.driver(), origin);
    to_entry(browser, origin, category, album).await?;
    bidder.click("利用者登録").await?;
    bidder.screen("client").await?;
    bidder.control("利用者登録処理").await?;
    album.take(browser, "受注者クライアント").await
}

/// From the entry page to 利用者登録／電子入札 selection.
pub async fn to_entry(browser: &Browser, origin: &str, category: &str, album: &mut Album) -> Result<()> {
    let bidder = Bidder::new(browser.driver(), origin);
    bidder.open("/").await?;
    bidder.screen("select").await?;
    album.take(browser, "調達機関・区分選択").await?;
    bidder.open("/aomori").await?;
    bidder.screen("select").await?;
    bidder.click(category).await?;
    bidder.screen("entry").await?;
    album.take(browser, "利用者登録・電子入札選択").await
}

/// Shows the card in the card window that is about to open, and returns to the page.
pub async fn show_card(
    browser: &Browser,
    origin: &str,
    holder: &Holder<'_>,
    album: &mut Album,
) -> Result<()> {
    let window = CardWindow::opened(browser).await?;
    if let Some(reader) = holder.reader {
        window.choose(reader).await?;
    }
    window.state("pin").await?;
    album.take(browser, "PIN番号入力").await?;
    window.pin(holder.pin).await?;
    window.person("見本").await?;
    window.ok().await?;
    window.closed(origin).await
}

/// 資格審査情報検索.
pub async fn search(browser: &Browser, origin: &str, company: &Company, album: &mut Album) -> Result<()> {
    let bidder = Bidder::new(browser.driver(), origin);
    bidder.screen("search").await?;
    bidder.fill(FieldId::CompanyNumber, &company.number).await?;
    bidder.fill(FieldId::CompanyName, &company.name).await?;
    album.take(browser, "資格審査情報検索").await?;
    bidder.click("検索").await?;
    bidder.screen("form").await
}

/// 利用者登録: both contact sections.
pub async fn fill_form(browser: &Browser, origin: &str, album: &mut Album) -> Result<()> {
    let bidder = Bidder::new(browser.driver(), origin);
    for (field, value) in REPRESENTATIVE.into_iter().chain(CARD) {
        bidder.fill(field, value).await?;
    }
    album.take(browser, "利用者登録").await
}

/// 入力内容確認 → 登録 → 完了. Returns the 企業ID.
pub async fn register(browser: &Browser, origin: &str, album: &mut Album) -> Result<String> {
    let bidder = Bidder::new(browser.driver(), origin);
    bidder.click("入力内容確認").await?;
    bidder.screen("confirm").await?;
    album.take(browser, "登録内容確認").await?;
    bidder.click("登録").await?;
    bidder.screen("done").await?;
    album.take(browser, "登録完了").await?;
    bidder.company_id().await
}

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

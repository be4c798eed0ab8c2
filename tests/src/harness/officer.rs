//! An officer at work: sets an account up through its link and signs in, with an authenticator at hand.

use anyhow::{Context as _, Result, ensure};

use thirtyfour::common::print::PrintParameters;

use super::{authenticator, axe, browser::Browser, page::Page, wait, walk::Album, world::World};

/// Every officer's password.
pub const PASSWORD: &str = "kouji-nyusatsu-2026";

/// A quarter of a screen of 1280 pixels: as narrow as WCAG 1.4.10 asks for.
const ZOOMED: u32 = 320;

/// An officer of one agency.
pub struct Desk<'a> {
    browser: &'a Browser,
    origin: String,
    agency: String,
    login_id: String,
    // The authenticator's secret, Base32, and the time step of the last code used: each works once.
    secret: String,
    used: i64,
    album: Album,
}

impl<'a> Desk<'a> {
    /// Creates an account on the command line and sets it up through its link in that browser; then 今日 is shown.
    pub async fn open(world: &World, browser: &'a Browser, agency: &str, role: &str) -> Result<Self> {
        let login_id = format!("{role}.officer");
        Self::open_as(world, browser, agency, role, &login_id).await
    }

    /// Like [`Self::open`], with a given ログインID.
    pub async fn open_as(
        world: &World,
        browser: &'a Browser,
        agency: &str,
        role: &str,
        login_id: &str,
    ) -> Result<Self> {
        let link = world.server().add_officer(agency, login_id, role).await?;
        Self::set_up(browser, world.origin(), agency, login_id, &link).await
    }

    /// Sets an account up by its link.
    pub async fn set_up(
        browser: &'a Browser,
        origin: String,
        agency: &str,
        login_id: &str,
        link: &str,
    ) -> Result<Self> {
        let mut desk = Self {
            browser,
            origin,
            agency: agency.to_owned(),
            login_id: login_id.to_owned(),
            secret: String::new(),
            used: 0,
            album: Album::of_environment(),
        };
        browser.driver().goto("about:blank").await?;
        browser.driver().goto(link).await?;
        desk.secret = desk.page().present("[data-secret]").await?.text().await?;
        desk.audit("officer set-up").await?;
        desk.page().fill_id("new_password", PASSWORD).await?;
        desk.page().fill_id("new_password_again", PASSWORD).await?;
        let code = desk.code().await?;
        desk.page().fill_id("code", &code).await?;
        desk.page().click("設定する").await?;
        desk.page().screen("home").await?;
        Ok(desk)
    }

    pub fn page(&self) -> Page<'_> {
        Page::new(self.browser.driver(), &self.origin)
    }

    /// Goes to a screen by its address, `/companies` or the like.
    pub async fn go(&self, route: &str) -> Result<()> {
        let script = "location.hash = arguments[0];";
        self.browser.driver().execute(script, vec![route.into()]).await?;
        Ok(())
    }

    /// An unused code of the authenticator. A phone's clock may be a step ahead, so only the third code within a
    /// minute has to be waited for.
    pub async fn code(&mut self) -> Result<String> {
        let step = authenticator::step()?.max(self.used + 1);
        wait::until("the authenticator's next code", async || {
            Ok((step <= authenticator::step()? + 1).then_some(()))
        })
        .await?;
        self.used = step;
        authenticator::code(&self.secret, step)
    }

    /// From the sign-in screen to whatever was to be shown.
    pub async fn sign_in(&mut self) -> Result<()> {
        let code = self.code().await?;
        self.page().screen("sign-in").await?;
        let agency = self.agency.clone();
        // Not asked for when only the session has ended.
        let script = "const e = document.getElementById('agency'); if (!e) return; e.value = arguments[0];
            e.dispatchEvent(new Event('change', { bubbles: true }));";
        self.browser.driver().execute(script, vec![agency.into()]).await?;
        self.page().fill_id("login_id", &self.login_id).await?;
        self.page().fill_id("password", PASSWORD).await?;
        self.page().fill_id("code", &code).await?;
        self.page().click("ログイン").await
    }

    /// Audits the current screen for accessibility, and keeps a picture; `what` names it in both. However it was
    /// reached since the page was loaded, something has the focus.
    pub async fn audit(&mut self, what: &str) -> Result<()> {
        let script =
            "return document.activeElement !== document.body || !navigator.userActivation.hasBeenActive;";
        let focused = self.browser.driver().execute(script, Vec::new()).await?.convert::<bool>()?;
        ensure!(focused, "{what}: the focus is lost to the document");
        axe::audit(self.browser.driver(), what).await.with_context(|| what.to_owned())?;
        self.album.take(self.browser, what).await
    }

    /// The current print as a PDF; kept beside the pictures under that name.
    pub async fn printed(&self, what: &str) -> Result<Vec<u8>> {
        let pdf = self.browser.driver().print_page(PrintParameters::default()).await?;
        self.album.keep(&format!("{what}.pdf"), &pdf)?;
        Ok(pdf)
    }

    /// Views the current screen at 400 % on 1280 pixels: nothing may overflow on the right, only tables may scroll
    /// by themselves.
    pub async fn audit_zoomed(&mut self, what: &str) -> Result<()> {
        let driver = self.browser.driver();
        let before = driver.get_window_rect().await?;
        driver.set_window_rect(0, 0, ZOOMED, 1400).await?;
        let wide = wait::until("the narrow window", async || {
            let script = "const e = document.documentElement;
                return e.clientWidth > arguments[0] ? null : e.scrollWidth - e.clientWidth;";
            Ok(driver.execute(script, vec![ZOOMED.into()]).await?.convert::<Option<i64>>()?)
        })
        .await?;
        ensure!(wide <= 0, "{what} is {wide} pixels too wide at 400 %");
        axe::audit(driver, what).await.with_context(|| what.to_owned())?;
        self.album.take_at(self.browser, &format!("{what} (320)"), ZOOMED).await?;
        driver.set_window_rect(0, 0, u32::try_from(before.width)?, u32::try_from(before.height)?).await?;
        Ok(())
    }
}

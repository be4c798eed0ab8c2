//! The card window as a person uses it.

use anyhow::{Context as _, Result};
use thirtyfour::{By, Key, prelude::ElementQueryable as _};

use super::{browser::Browser, host::EXTENSION_ID, wait};

/// The card window; it must be the browser's current window while it is used.
pub struct CardWindow<'a> {
    browser: &'a Browser,
}

impl<'a> CardWindow<'a> {
    /// Waits until the card window is open and makes it the current window.
    pub async fn opened(browser: &'a Browser) -> Result<Self> {
        browser.switch_to(&address()).await?;
        Ok(Self { browser })
    }

    /// Waits until the window is in that state (its body's `data-state`).
    pub async fn state(&self, state: &str) -> Result<()> {
        let what = format!("the card window's state {state}");
        let waited = wait::until(&what, async || Ok((self.current_state().await? == state).then_some(())));
        match waited.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!(
                "it shows {}: {}",
                self.current_state().await?,
                self.text().await?
            ))),
        }
    }

    pub async fn current_state(&self) -> Result<String> {
        let state =
            self.browser.driver().execute("return document.body?.dataset.state ?? '';", Vec::new()).await?;
        Ok(state.convert()?)
    }

    pub async fn text(&self) -> Result<String> {
        let text = self.browser.driver().execute("return document.body.innerText;", Vec::new()).await?;
        Ok(text.convert()?)
    }

    /// Types a PIN, replacing the previous input.
    pub async fn pin(&self, pin: &str) -> Result<()> {
        self.fill("pin", pin).await
    }

    /// Types 担当者.
    pub async fn person(&self, person: &str) -> Result<()> {
        self.fill("person", person).await
    }

    /// Agrees to use the last try.
    pub async fn accept_last_try(&self) -> Result<()> {
        self.element("#last-try").await?.click().await?;
        Ok(())
    }

    /// 署名する内容を見る.
    pub async fn read_document(&self) -> Result<()> {
        self.element("#document summary").await?.click().await?;
        Ok(())
    }

    pub async fn ok(&self) -> Result<()> {
        self.element("#ok").await?.click().await?;
        Ok(())
    }

    /// キャンセル.
    pub async fn cancel(&self) -> Result<()> {
        self.element("#cancel").await?.click().await?;
        Ok(())
    }

    /// Chooses the card in the reader whose name contains `reader`. A single card is already chosen.
    pub async fn choose(&self, reader: &str) -> Result<()> {
        let item = self.element(&format!("[data-reader*='{reader}'][data-card]")).await?;
        match item.find_all(By::Css("input[type=radio]")).await?.first() {
            Some(radio) => Ok(radio.click().await?),
            None => Ok(()),
        }
    }

    /// Waits for an error in the window and returns its code.
    pub async fn error(&self) -> Result<String> {
        wait::until("an error in the card window", async || {
            let script = "const e = document.getElementById('error'); return e && !e.hidden && e.dataset.code || null;";
            Ok(self.browser.driver().execute(script, Vec::new()).await?.convert()?)
        })
        .await
    }

    /// Waits until the window is closed and goes back to the page at `origin`.
    pub async fn closed(self, origin: &str) -> Result<()> {
        self.browser.switch_to(origin).await?;
        let gone = wait::until("the card window to close", async || {
            Ok((!self.browser.has_window(&address()).await?).then_some(()))
        })
        .await;
        if let Err(error) = gone {
            self.browser.switch_to(&address()).await?;
            let (state, text) = (self.current_state().await?, self.text().await?);
            return Err(error.context(format!("it shows {state}: {text}")));
        }
        Ok(())
    }

    async fn fill(&self, id: &str, value: &str) -> Result<()> {
        let input = self.element(&format!("#{id}")).await?;
        input.send_keys(Key::Control + "a").await?;
        input.send_keys(Key::Delete + "").await?;
        input.send_keys(value).await?;
        Ok(())
    }

    async fn element(&self, selector: &str) -> Result<thirtyfour::WebElement> {
        self.browser
            .driver()
            .query(By::Css(selector.to_owned()))
            .wait(wait::PATIENCE, std::time::Duration::from_millis(25))
            .and_displayed()
            .first()
            .await
            .with_context(|| format!("{selector} is not in the card window"))
    }
}

/// The prefix of the card window's URL.
pub fn address() -> String {
    format!("chrome-extension://{EXTENSION_ID}/card.html")
}

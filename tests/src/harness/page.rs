//! A page, the contractor's or the officer's, as a person uses it: by labels and buttons.

use anyhow::{Context as _, Result};
use thirtyfour::{By, Key, WebDriver, WebElement, error::WebDriverResult, prelude::ElementQueryable as _};
use touroku_proto::field::FieldId;

use super::wait;

/// The page in the current window.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    driver: &'a WebDriver,
    origin: &'a str,
}

impl<'a> Page<'a> {
    pub fn new(driver: &'a WebDriver, origin: &'a str) -> Self {
        Self { driver, origin }
    }

    /// Goes to a path by its address.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.driver.goto(format!("{}{path}", self.origin)).await?;
        Ok(())
    }

    /// Waits until a screen is drawn, by the name in its `data-screen`.
    pub async fn screen(&self, name: &str) -> Result<()> {
        let what = format!("the screen {name}");
        let waited = wait::until(&what, async || {
            Ok(self.current_screen().await?.filter(|current| current == name).map(drop))
        });
        match waited.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("on the screen instead: {}", self.text().await?))),
        }
    }

    pub async fn current_screen(&self) -> Result<Option<String>> {
        self.script("const e = document.querySelector('[data-screen]'); return e && e.dataset.screen;").await
    }

    /// Clicks the button or link whose whole text is `label`.
    pub async fn click(&self, label: &str) -> Result<()> {
        press(&self.control(label).await?).await.with_context(|| format!("clicking {label}"))
    }

    /// Clicks what a CSS selector matches, for controls whose text depends on their position.
    pub async fn click_on(&self, selector: &str) -> Result<()> {
        press(&self.present(selector).await?).await.with_context(|| format!("clicking {selector}"))
    }

    /// Waits until a CSS selector matches something.
    pub async fn present(&self, selector: &str) -> Result<WebElement> {
        match self.element(By::Css(selector.to_owned()), selector).await {
            Ok(element) => Ok(element),
            Err(error) => Err(error.context(format!("on the screen instead: {}", self.text().await?))),
        }
    }

    /// How many elements a CSS selector matches now.
    pub async fn count(&self, selector: &str) -> Result<u64> {
        let script = "return document.querySelectorAll(arguments[0]).length;";
        Ok(self.driver.execute(script, vec![selector.into()]).await?.convert()?)
    }

    /// The button or link whose whole text is `label`, once it exists.
    pub async fn control(&self, label: &str) -> Result<WebElement> {
        let path = format!(
            ".//main//*[self::button or self::a][normalize-space(.)='{label}'] | .//header//*[self::button or self::a][normalize-space(.)='{label}']"
        );
        self.element(By::XPath(path), label).await
    }

    /// Whether a button or link with that text exists now.
    pub async fn has_control(&self, label: &str) -> Result<bool> {
        let script = "return [...document.querySelectorAll('main button, main a, header button, header a')]
            .some(e => e.innerText.trim() === arguments[0]);";
        let found = self.driver.execute(script, vec![label.into()]).await?;
        Ok(found.convert()?)
    }

    /// Types into a field, replacing its value.
    pub async fn fill(&self, field: FieldId, value: &str) -> Result<()> {
        self.fill_id(field.as_str(), value).await
    }

    /// Like [`Self::fill`], for inputs that are not form fields.
    pub async fn fill_id(&self, id: &str, value: &str) -> Result<()> {
        let input = self.element(By::Id(id.to_owned()), id).await?;
        // Not `clear`, which sends no key events; a person selects all and types.
        input.send_keys(Key::Control + "a").await?;
        input.send_keys(Key::Delete + "").await?;
        input.send_keys(value).await?;
        Ok(())
    }

    /// Picks a day (`YYYY-MM-DD`) as a browser's calendar does; what keys do depends on its language.
    pub async fn pick_day(&self, id: &str, day: &str) -> Result<()> {
        self.present(&format!("#{id}")).await?;
        let script = "const e = document.getElementById(arguments[0]); e.value = arguments[1];
            e.dispatchEvent(new Event('input', {bubbles: true}));";
        self.driver.execute(script, vec![id.into(), day.into()]).await?;
        Ok(())
    }

    /// Chooses from a list, by value.
    pub async fn choose(&self, id: &str, value: &str) -> Result<()> {
        let list = self.element(By::Id(id.to_owned()), id).await?;
        let wanted = list.find_all(By::Tag("option")).await?;
        for option in wanted {
            if option.prop("value").await?.as_deref() == Some(value) {
                return option.click().await.with_context(|| format!("choosing {value}"));
            }
        }
        anyhow::bail!("「{value}」 is not in the list {id}")
    }

    /// Whether the current form has an input for that field.
    pub async fn can_type(&self, field: FieldId) -> Result<bool> {
        let script =
            "const e = document.getElementById(arguments[0]); return !!e && e.matches('input, textarea');";
        Ok(self.driver.execute(script, vec![field.as_str().into()]).await?.convert()?)
    }

    /// The current sections and, indented below each, its rows: labels as a person reads them, with `※` where
    /// input is required.
    pub async fn outline(&self) -> Result<Vec<String>> {
        let script =
            "const shown = 'main section.form-section h2, main [data-row] dt, main [data-field] label[for]';
            return [...document.querySelectorAll(shown)].map(e => {
              const field = e.closest('[data-field]');
              if (!field) return (e.matches('h2') ? '' : '  ') + e.innerText.trim();
              return '  ' + e.innerText.trim() + (field.querySelector('[data-required]') ? ' ※' : ' ○');
            });";
        Ok(self.script(script).await?.unwrap_or_default())
    }

    /// The rows with that attribute, by their fields' names.
    pub async fn marked(&self, attribute: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(`main [data-row][${arguments[0]}]`)].map(e => e.dataset.row);";
        Ok(self.driver.execute(script, vec![attribute.into()]).await?.convert()?)
    }

    /// What stands in a field.
    pub async fn value(&self, field: FieldId) -> Result<String> {
        let input = self.element(By::Id(field.as_str().to_owned()), field.as_str()).await?;
        Ok(input.prop("value").await?.unwrap_or_default())
    }

    /// The error text under a field; empty when there is none.
    pub async fn field_error(&self, field: FieldId) -> Result<String> {
        let script = "const e = document.getElementById(arguments[0]);
            if (!e || e.getAttribute('aria-invalid') !== 'true') return '';
            return (e.getAttribute('aria-describedby') || '').split(/\\s+/)
              .map(id => document.getElementById(id)).filter(e => e && e.innerText.trim().startsWith('＊'))
              .map(e => e.innerText.trim()).join(' ');";
        Ok(self.driver.execute(script, vec![field.as_str().into()]).await?.convert()?)
    }

    /// Waits for an error banner and returns its code.
    pub async fn error(&self) -> Result<String> {
        wait::until("an error banner", async || {
            self.script("const e = document.querySelector('[data-error]'); return e && e.dataset.error;")
                .await
        })
        .await
    }

    /// Waits for an error banner with that code and returns its full text.
    pub async fn error_with(&self, code: &str) -> Result<String> {
        let banner = self.element(By::Css(format!("[data-error='{code}']")), code).await;
        match banner {
            Ok(banner) => Ok(banner.text().await?),
            Err(error) => Err(error.context(format!("on the screen instead: {}", self.text().await?))),
        }
    }

    /// Waits until the page contains these words.
    pub async fn text_with(&self, words: &str) -> Result<()> {
        let there = wait::until(words, async || Ok(self.text().await?.contains(words).then_some(())));
        match there.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("on the screen instead: {}", self.text().await?))),
        }
    }

    pub async fn text(&self) -> Result<String> {
        Ok(self.script::<String>("return document.body.innerText;").await?.unwrap_or_default())
    }

    /// The 企業ID shown at completion.
    pub async fn company_id(&self) -> Result<String> {
        let element = self.element(By::Css("[data-company-id]"), "企業ID").await?;
        element.attr("data-company-id").await?.filter(|id| !id.is_empty()).context("企業ID is empty")
    }

    async fn element(&self, by: By, what: &str) -> Result<WebElement> {
        self.driver
            .query(by)
            .wait(wait::PATIENCE, std::time::Duration::from_millis(25))
            .and_displayed()
            .first()
            .await
            .with_context(|| format!("「{what}」 is not on the page"))
    }

    async fn script<T: serde::de::DeserializeOwned>(&self, script: &str) -> Result<Option<T>> {
        Ok(self.driver.execute(script, Vec::new()).await?.convert()?)
    }
}

/// Clicks in the middle of the window, as a person would scroll: a driver clicks wherever it is, also below a bar that
/// stays at the window's edge.
async fn press(element: &WebElement) -> WebDriverResult<()> {
    element.scroll_into_view().await?;
    element.click().await
}

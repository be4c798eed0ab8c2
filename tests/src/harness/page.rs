//! A page, the contractor's or the officer's, as a person uses it: by labels and buttons.

use anyhow::{Context as _, Result};
use thirtyfour::{WebDriver, WebElement};
use touroku_proto::field::FieldId;

use super::wait;

/// What a CSS selector matches.
const SELECTED: &str = "document.querySelectorAll(arguments[0])";

/// The buttons and links with a text.
const CONTROLS: &str = "[...document.querySelectorAll('main button, main a, header button, header a')]
    .filter(e => e.textContent.replace(/[ \\n]+/g, ' ').trim() === arguments[0])";

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
        self.press(CONTROLS, label).await
    }

    /// Clicks what a CSS selector matches, for controls whose text depends on their position.
    pub async fn click_on(&self, selector: &str) -> Result<()> {
        self.press(SELECTED, selector).await
    }

    /// Waits until a CSS selector matches something.
    pub async fn present(&self, selector: &str) -> Result<WebElement> {
        self.element(SELECTED, selector).await
    }

    /// How many elements a CSS selector matches now.
    pub async fn count(&self, selector: &str) -> Result<u64> {
        let script = "return document.querySelectorAll(arguments[0]).length;";
        Ok(self.driver.execute(script, vec![selector.into()]).await?.convert()?)
    }

    /// The button or link whose whole text is `label`, once it exists.
    pub async fn control(&self, label: &str) -> Result<WebElement> {
        self.element(CONTROLS, label).await
    }

    /// Whether a button or link with that text exists now.
    pub async fn has_control(&self, label: &str) -> Result<bool> {
        let script = "return [...document.querySelectorAll('main button, main a, header button, header a')]
            .some(e => e.innerText.trim() === arguments[0]);";
        let found = self.driver.execute(script, vec![label.into()]).await?;
        Ok(found.convert()?)
    }

    /// Puts a text into a field once it is there, in place of its value: at once, as from an input method or the clipboard.
    /// Keys take the driver some 50 ms each; the journeys of the keyboard press them.
    pub async fn fill(&self, field: FieldId, value: &str) -> Result<()> {
        self.fill_id(field.as_str(), value).await
    }

    /// Like [`Self::fill`], for inputs that are not form fields.
    pub async fn fill_id(&self, id: &str, value: &str) -> Result<()> {
        let script = "const e = document.getElementById(arguments[0]);
            if (!e?.checkVisibility() || e.disabled) return false;
            e.focus();
            e.select();
            document.execCommand(...(arguments[1] ? ['insertText', false, arguments[1]] : ['delete']));
            return true;";
        let on_page = format!("「{id}」 on the page");
        wait::until(&on_page, async || {
            let filled = self.driver.execute(script, vec![id.into(), value.into()]).await?;
            Ok(filled.convert::<bool>()?.then_some(()))
        })
        .await
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
        self.by_id(id).await?;
        let script = "return [...document.getElementById(arguments[0]).options].find(e => e.value === arguments[1]) ?? null;";
        let option = self.driver.execute(script, vec![id.into(), value.into()]).await?.element();
        let option = option.with_context(|| format!("「{value}」 is not in the list {id}"))?;
        option.click().await.with_context(|| format!("choosing {value}"))
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
        let input = self.by_id(field.as_str()).await?;
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
        Ok(self.present(&format!("[data-error='{code}']")).await?.text().await?)
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
        let element = self.present("[data-company-id]").await?;
        element.attr("data-company-id").await?.filter(|id| !id.is_empty()).context("企業ID is empty")
    }

    async fn by_id(&self, id: &str) -> Result<WebElement> {
        self.element("[document.getElementById(arguments[0])]", id).await
    }

    /// Clicks the first element to be seen of `those`. By the driver, which asks where it is in the same moment: a page that
    /// has just been drawn may still scroll to what gets the focus.
    async fn press(&self, those: &str, what: &str) -> Result<()> {
        self.element(those, what).await?.click().await.with_context(|| format!("clicking {what}"))
    }

    /// The first element to be seen of `those`, a script's list that may depend on `what`, once there is one. It is
    /// scrolled to the middle of the window, as by a person: a driver clicks wherever it is, also below a bar that stays
    /// at the window's edge.
    async fn element(&self, those: &str, what: &str) -> Result<WebElement> {
        let script = format!(
            "const e = [...{those}].find(e => e?.checkVisibility({{ visibilityProperty: true }})) ?? null;
             e?.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
             return e;"
        );
        let on_page = format!("「{what}」 on the page");
        let there = wait::until(&on_page, async || {
            Ok(self.driver.execute(&script, vec![what.into()]).await?.element().ok())
        });
        match there.await {
            Ok(element) => Ok(element),
            Err(error) => Err(error.context(format!("on the screen instead: {}", self.text().await?))),
        }
    }

    async fn script<T: serde::de::DeserializeOwned>(&self, script: &str) -> Result<Option<T>> {
        Ok(self.driver.execute(script, Vec::new()).await?.convert()?)
    }
}

//! The accessibility audit: axe-core, contrast included.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use thirtyfour::WebDriver;

use super::programs;

/// WCAG 2.2 A and AA, which include JIS X 8341-3:2016 (WCAG 2.0), and axe's best practices.
const TAGS: &str = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']";

/// Audits the current window; every violation is an error that names rule and element.
pub async fn audit(driver: &WebDriver, screen: &str) -> Result<()> {
    let path = programs::workspace().join("target/tools/node_modules/axe-core/axe.min.js");
    let source = fs::read_to_string(&path).with_context(|| format!("{} is not there", path.display()))?;
    // A page without reloads keeps it.
    let there = driver.execute("return 'axe' in window;", Vec::new()).await?;
    if !there.convert::<bool>()? {
        driver.execute(source, Vec::new()).await?;
    }
    // Of what passes nothing is collected.
    let script = format!(
        "const done = arguments[arguments.length - 1];
         axe.run(document, {{ runOnly: {TAGS}, resultTypes: ['violations'] }}).then(
           result => done(result.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html + ' [' + n.failureSummary + ']').join(' | '))),
           error => done(['axe itself failed: ' + error]));"
    );
    let violations: Vec<Value> = driver.execute_async(script, Vec::new()).await?.convert()?;
    ensure!(violations.is_empty(), "{screen}: {violations:#?}");
    Ok(())
}

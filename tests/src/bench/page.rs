//! The pages in a browser on a slow line and a slow computer, beside plain HTML and an empty Yew page of the same server.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};

use super::{Figure, median};
use crate::{
    ca::TestCa,
    harness::{
        agencies,
        browser::Browser,
        server::{Server, ServerOptions},
        wait,
        world::now,
    },
};

const ROUNDS: usize = 5;

/// Notes when what a page is for is there: after the program has drawn a screen, or at once.
const WATCH: &str = "
    const ready = () => document.querySelector('[data-screen]:not([data-screen=loading])');
    const look = () => { if (ready() && !window.usableAt) window.usableAt = performance.now(); };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
";

/// First paint and usable, in milliseconds; null until they are known.
const TIMES: &str = "
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return paint && window.usableAt ? [paint.startTime, window.usableAt] : null;
";

/// One page's times, on the first and on the second visit.
struct Times {
    paint: [Duration; 2],
    usable: [Duration; 2],
}

/// `site` has the pages, `bare` what they are compared with.
pub async fn measure(folder: &Path, site: &Path, bare: &Path) -> Result<Vec<Figure>> {
    let folder = folder.join("page");
    let all = folder.join("site");
    fs::create_dir_all(&all)?;
    for from in [site, bare] {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), all.join(entry.file_name()))?;
        }
    }
    let trust = folder.join("trust.pem");
    fs::write(&trust, TestCa::new("Bench", now()?)?.trust_pem()?)?;
    let server = Server::start(ServerOptions {
        agencies: agencies::without_hours(&folder)?,
        directory: folder.clone(),
        trust: vec![trust],
        crls: vec![],
        rosters: vec![],
        port: None,
        smtp: None,
        site: all,
        settings: String::new(),
        environment: vec![],
    })
    .await?;
    let browser = Browser::start(&folder.join("profile"), None).await?;
    browser.run_in_new_pages(WATCH).await?;
    browser.slow_line_and_computer().await?;

    let plain = times(&browser, &format!("{}/plain.html", server.origin())).await?;
    let empty = times(&browser, &format!("{}/bare.html", server.origin())).await?;
    let mut figures = Vec::new();
    let [paint, usable, again] = [700, 2000, 900].map(Duration::from_millis);
    for (name, path) in [("contractor's page", "/"), ("officers' page", "/officer.html")] {
        let page = times(&browser, &format!("{}{path}", server.origin())).await?;
        for (what, times, limit, visit) in [
            ("first paint", [&page.paint, &plain.paint, &empty.paint], paint, 0),
            ("usable", [&page.usable, &plain.usable, &empty.usable], usable, 0),
            ("usable on the second visit", [&page.usable, &plain.usable, &empty.usable], again, 1),
        ] {
            let [ours, plain, empty] = times.map(|visits| visits[visit]);
            let beside =
                format!("wanted (plain {:.0}, empty Yew {:.0})", milliseconds(plain), milliseconds(empty));
            figures.push(Figure::duration(&format!("{name}: {what}"), ours, limit, &beside, "≤ 1"));
        }
    }
    Ok(figures)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn times(browser: &Browser, url: &str) -> Result<Times> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        browser.forget_downloads().await?;
        first.push(visited(browser, url).await?);
        second.push(visited(browser, url).await?);
    }
    let of = |visits: &[[Duration; 2]], kind: usize| median(visits.iter().map(|times| times[kind]).collect());
    let [paint, usable] = [0, 1].map(|kind| [of(&first, kind), of(&second, kind)]);
    Ok(Times { paint, usable })
}

async fn visited(browser: &Browser, url: &str) -> Result<[Duration; 2]> {
    browser.driver().goto("about:blank").await?;
    browser.driver().goto(url).await?;
    wait::until(&format!("{url}: the first screen"), async || {
        let times: Option<[f64; 2]> = browser.driver().execute(TIMES, vec![]).await?.convert()?;
        Ok(times.map(|times| times.map(|time| Duration::from_secs_f64(time / 1000.0))))
    })
    .await
    .context("a page's times")
}

//! What was applied for beside roster and certificate: what differs first, what has nothing to compare folded away.

use touroku_html::html;
use touroku_proto::{
    identity::Verdict,
    officer::review::{ApplicationDetail, ReviewRow},
};
use yew::prelude::*;

use super::parts::{Scene, head, scroll, value};
use crate::texts::{Text, identity, officer::review as texts};

/// What differs, in sentences: the first thing that an officer reads.
pub(super) fn differences(detail: &ApplicationDetail) -> Html {
    let differing: Vec<&ReviewRow> = detail.rows.iter().filter(|row| row.differs).collect();
    let other_company = detail.company_match.as_ref().filter(|found| found.verdict() != Verdict::Same);
    let class =
        if differing.is_empty() && other_company.is_none() { "banner info" } else { "banner warning" };
    html! {
        <section {class} aria-labelledby="differences" data-differences={differing.len().to_string()}>
            <h2 id="differences" class="banner-what">{ texts::summary(detail.item.differences) }</h2>
            if !differing.is_empty() || other_company.is_some() {
                <ul>
                    if let Some(found) = other_company { <li>{ identity::finding(found.finding) }</li> }
                    { for differing.into_iter().map(|row| html! { <li>{ sentence(row) }</li> }) }
                </ul>
            }
        </section>
    }
}

/// `住所は、申請では「…」、名簿では「…」です。`
fn sentence(row: &ReviewRow) -> String {
    let parts = [
        row.applied.as_deref().map(|text| texts::in_application(&quoted(text))),
        row.roster.as_deref().map(|text| texts::in_roster(&quoted(text))),
        row.certificate.as_deref().map(|text| texts::in_certificate(&quoted(text))),
    ];
    texts::sentence(&row.label, &parts.into_iter().flatten().collect::<Vec<_>>().join("、"))
}

fn quoted(text: &str) -> String {
    let text = text.lines().collect::<Vec<_>>().join("、");
    if text.trim().is_empty() { texts::BLANK.to_string() } else { texts::quoted(&text) }
}

/// Rows that differ, rows that agree by section, and the rest.
pub(super) fn view(scene: Scene, detail: &ApplicationDetail) -> Html {
    let (compared, alone): (Vec<&ReviewRow>, Vec<&ReviewRow>) =
        detail.rows.iter().partition(|row| row.differs || is_comparable(row));
    let (differing, agreeing): (Vec<&ReviewRow>, Vec<&ReviewRow>) =
        compared.into_iter().partition(|row| row.differs);
    let block = |title: &str, rows: &[&ReviewRow]| {
        html! {
            <tbody>
                <tr><th scope="rowgroup" colspan="4" class="section-head">{ title.to_owned() }</th></tr>
                { for rows.iter().map(|row| line(scene, row)) }
            </tbody>
        }
    };
    let table = html! {
        <table class="compare">
            <caption class="hidden">{ texts::COMPARE }</caption>
            { head(&texts::COMPARE_COLUMNS) }
            if !differing.is_empty() { { block(&texts::DIFFERING, &differing) } }
            { for agreeing.chunk_by(|a, b| a.section == b.section).map(|rows| block(&rows[0].section, rows)) }
        </table>
    };
    html! {
        <>
            if !differing.is_empty() || !agreeing.is_empty() { { scroll(&texts::COMPARE, table) } }
            { folded(scene, &alone) }
        </>
    }
}

/// Whether at least two of the three say something.
fn is_comparable(row: &ReviewRow) -> bool {
    let says = |text: &&Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    [&row.applied, &row.roster, &row.certificate].iter().filter(|text| says(text)).count() > 1
}

/// The row as it was reviewed before it changed on the server; the row itself where nothing had been.
fn before<'a>(scene: Scene<'a>, row: &'a ReviewRow) -> Option<&'a ReviewRow> {
    let Some(before) = scene.state.review.before.as_ref() else { return Some(row) };
    before.rows.iter().find(|old| (&old.section, &old.label) == (&row.section, &row.label))
}

fn line(scene: Scene, row: &ReviewRow) -> Html {
    let old = before(scene, row);
    let changed = old != Some(row);
    html! {
        <tr data-row={row.label.clone()} data-differs={row.differs.then_some("true")}
            data-changed-since={changed.then_some("true")}>
            <th scope="row">
                { &row.label }
                if row.differs {
                    <span class="mark differs"><span aria-hidden="true">{ "◆" }</span>{ texts::DIFFERS }</span>
                }
                if changed { <span class="mark changed-since">{ texts::CHANGED_SINCE }</span> }
            </th>
            { cell(&row.applied, old.map(|old| &old.applied)) }
            { cell(&row.roster, old.map(|old| &old.roster)) }
            { cell(&row.certificate, old.map(|old| &old.certificate)) }
        </tr>
    }
}

/// A cell, with its previous value if that was different.
fn cell(now: &Option<String>, before: Option<&Option<String>>) -> Html {
    html! {
        <td>
            { content(now) }
            if let Some(before) = before.filter(|before| *before != now) {
                <div class="mark">{ texts::BEFORE }<del>{ content(before) }</del></div>
            }
        </td>
    }
}

fn content(text: &Option<String>) -> Html {
    match text {
        Some(text) => value(text),
        None => html! {
            <span class="empty"><span aria-hidden="true">{ "―" }</span><span class="hidden">{ texts::NOT_THERE }</span></span>
        },
    }
}

/// Rows with nothing to compare: open only where one of them changed meanwhile.
fn folded(scene: Scene, rows: &[&ReviewRow]) -> Html {
    if rows.is_empty() {
        return Html::default();
    }
    let entry = |row: &&ReviewRow| {
        let old = before(scene, row);
        let changed = old != Some(*row);
        let source = |name: Text, now: &Option<String>, old: Option<&Option<String>>| {
            let said = now.is_some() || old.is_some_and(|old| old.is_some() && old != now);
            html! {
                if said {
                    <div>
                        { content(now) }<span class="mark">{ name }</span>
                        if let Some(old) = old.filter(|old| *old != now) {
                            <div class="mark">{ texts::BEFORE }<del>{ content(old) }</del></div>
                        }
                    </div>
                }
            }
        };
        let [_, applied, roster, certificate] = texts::COMPARE_COLUMNS;
        html! {
            <div class="row" data-row={row.label.clone()} data-changed-since={changed.then_some("true")}>
                <dt>
                    { &row.label }
                    if changed { <span class="mark changed-since">{ texts::CHANGED_SINCE }</span> }
                </dt>
                <dd>
                    { source(applied, &row.applied, old.map(|old| &old.applied)) }
                    { source(roster, &row.roster, old.map(|old| &old.roster)) }
                    { source(certificate, &row.certificate, old.map(|old| &old.certificate)) }
                </dd>
            </div>
        }
    };
    let section = |rows: &[&ReviewRow]| {
        html! {
            <>
                <h3>{ &rows[0].section }</h3>
                <dl class="rows">{ for rows.iter().map(entry) }</dl>
            </>
        }
    };
    let changed = rows.iter().any(|row| before(scene, row) != Some(*row));
    html! {
        <details data-fold="" open={changed}>
            <summary>{ texts::alone(rows.len()) }</summary>
            { for rows.chunk_by(|a, b| a.section == b.section).map(section) }
        </details>
    }
}

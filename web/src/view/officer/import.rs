//! One import: what the dry run found, the columns, taking over.

use touroku_html::html;
use touroku_proto::{
    endpoint::{NoQuery, officer as calls},
    officer::import::{Found, ImportCell, ImportRow, ImportState, ImportView, RowKind, TableFormat},
};
use yew::prelude::*;

use super::{
    field::{select, tick},
    imports::{actions, bar, state_chip},
    parts::{
        Scene, Weight, button, exporter, exporting, head, heading, link, moment, more, opener, progress, row,
        scroll, value,
    },
    queue::tab,
    trouble::messages,
};
use crate::{
    call::{Request, file_at},
    officer::{
        action::{Action, Tick},
        ask::Ask,
        dialog::Dialog,
        route::Route,
    },
    texts::officer::{import as texts, screen},
};

/// The import of that number, with the rows of one kind.
pub(super) fn view(scene: Scene, id: i64, kind: RowKind) -> Html {
    let content = match scene.state.import(id) {
        Some(import) => drawn(scene, import, kind),
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Import { id, kind })) }
            { messages(scene) }
            { content }
            <p class="below">{ link(&Route::Imports, "", texts::TO_LIST.into()) }</p>
        </>
    }
}

fn drawn(scene: Scene, import: &ImportView, kind: RowKind) -> Html {
    let checked = import.state == ImportState::Checked;
    // Without understood columns no row was checked: there are no counts, and nothing to take over.
    let understood = !checked || import.problem.is_empty();
    html! {
        <>
            <dl class="rows" data-import={import.id.to_string()} data-state={state_name(import.state)}>
                { row(texts::FILE, html! { format!("{}（{}）", import.file_name, screen::bytes(import.size)) }) }
                { row(texts::STATE, html! { <div role="status">{ state_chip(import.state) }</div> }) }
                { row(texts::BEGAN, html! { <>{ &import.officer }{ "　" }{ moment(import.began_unix_ms) }</> }) }
                if let Some(taken) = import.taken_unix_ms { { row(texts::TAKEN, moment(taken)) } }
                if let Some(found) = &import.found {
                    { row(texts::FOUND, html! { texts::format(found) }) }
                }
            </dl>
            { bar(import) }
            if !import.problem.is_empty() {
                <section class="banner error" data-error="import_problem"><p>{ value(&import.problem) }</p></section>
            }
            <div class="actions">{ actions(scene, import) }</div>
            if let Some(found) = &import.found {
                if understood { { result(scene, import.id, found, kind) } }
                if checked { { columns(scene, found) } }
                if checked && understood { { take(scene, found) } }
            }
        </>
    }
}

fn state_name(state: ImportState) -> &'static str {
    match state {
        ImportState::Uploading => "uploading",
        ImportState::Checking => "checking",
        ImportState::Checked => "checked",
        ImportState::Taking => "taking",
        ImportState::Taken => "taken",
        ImportState::Undone => "undone",
        ImportState::Failed => "failed",
        ImportState::Cancelled => "cancelled",
    }
}

fn number_of(found: &Found, kind: RowKind) -> u64 {
    match kind {
        RowKind::Wrong => found.wrong,
        RowKind::Doubtful => found.doubtful,
        RowKind::Added => found.added,
        RowKind::Changed => found.changed,
        RowKind::Missing => found.missing,
    }
}

fn result(scene: Scene, id: i64, found: &Found, kind: RowKind) -> Html {
    let count = |other: RowKind| {
        html! {
            <div data-count={other.as_str()} data-number={number_of(found, other).to_string()}>
                <dt>{ texts::kind(other) }</dt><dd>{ texts::rows(number_of(found, other)) }</dd>
            </div>
        }
    };
    let tabs = RowKind::ALL.iter().map(|&other| {
        let name = format!("{}（{}）", texts::kind(other), screen::count(number_of(found, other)));
        tab(&Route::Import { id, kind: other }, &name, other == kind)
    });
    html! {
        <section aria-labelledby="result">
            <h2 id="result" class="spaced">{ texts::RESULT }</h2>
            <dl class="counts">
                { for RowKind::ALL.iter().copied().map(count) }
                <div data-count="unchanged" data-number={found.unchanged.to_string()}>
                    <dt>{ texts::UNCHANGED }</dt><dd>{ texts::rows(found.unchanged) }</dd>
                </div>
                if found.kept > 0 {
                    <div data-count="kept" data-number={found.kept.to_string()}>
                        <dt>{ texts::KEPT }</dt><dd>{ texts::rows(found.kept) }</dd>
                    </div>
                }
                if found.held > 0 {
                    <div data-count="held" data-number={found.held.to_string()}>
                        <dt>{ texts::HELD }</dt><dd>{ texts::rows(found.held) }</dd>
                    </div>
                }
            </dl>
            <nav aria-label={texts::RESULT}><ul class="tabs">{ for tabs }</ul></nav>
            <p>{ texts::kind_is(kind) }</p>
            if found.wrong + found.doubtful > 0 {
                <div class="actions">
                    { exporter(scene, "problems-xlsx", texts::PROBLEMS_XLSX, problems(id, TableFormat::Xlsx)) }
                    { exporter(scene, "problems-csv", texts::PROBLEMS_CSV, problems(id, TableFormat::Csv)) }
                </div>
                { exporting(scene) }
            }
            { rows(scene, kind) }
        </section>
    }
}

fn problems(id: i64, format: TableFormat) -> Request {
    file_at::<calls::Problems>((id, format), NoQuery {})
}

fn rows(scene: Scene, kind: RowKind) -> Html {
    let Some(page) = &scene.state.imports.rows else {
        let waits = scene.state.waits(|ask| matches!(ask, Ask::ImportRows { .. }));
        return if waits { progress(screen::READING) } else { Html::default() };
    };
    if page.rows.is_empty() {
        return html! { <p data-empty="">{ texts::NO_ROWS }</p> };
    }
    let line = |row: &ImportRow| {
        html! {
            <tr data-line={row.line.to_string()}>
                <td class="number">{ if row.line == 0 { "－".to_owned() } else { screen::count(row.line) } }</td>
                <th scope="row">{ value(&row.number) }</th>
                <td>{ value(&row.name) }</td>
                <td>{ for row.cells.iter().map(cell) }</td>
            </tr>
        }
    };
    html! {
        <>
            { scroll(&texts::kind(kind), html! {
                <table class="grid" data-rows={kind.as_str()}>
                    <caption class="hidden">{ texts::kind(kind) }</caption>
                    { head(&texts::ROW_COLUMNS) }
                    <tbody>{ for page.rows.iter().map(line) }</tbody>
                </table>
            }) }
            { more(scene, page.next.is_some()) }
        </>
    }
}

fn cell(cell: &ImportCell) -> Html {
    let title = if cell.title.is_empty() { texts::WHOLE_ROW.get() } else { &cell.title };
    let text = |text: &str| if text.is_empty() { screen::EMPTY.to_string() } else { text.to_owned() };
    let changes = !(cell.before.is_empty() && cell.after.is_empty());
    html! {
        <div data-column={cell.column.to_string()}>
            <strong>{ texts::cell(title, cell.column) }</strong>
            if changes {
                <div>{ texts::NOW }{ text(&cell.before) }</div>
                <div>{ texts::THEN }{ text(&cell.after) }</div>
            }
            if !cell.reason.is_empty() { <div>{ &cell.reason }</div> }
        </div>
    }
}

fn columns(scene: Scene, found: &Found) -> Html {
    let imports = &scene.state.imports;
    let Some(fields) = &imports.fields else { return Html::default() };
    let line = |(index, column): (usize, &touroku_proto::officer::import::FileColumn)| {
        let chosen = imports.mapping.as_ref().and_then(|mapping| mapping.get(index)).unwrap_or(&column.field);
        let required = |name: &str, required| match required {
            true => format!("{name}{}", texts::REQUIRED),
            false => name.to_owned(),
        };
        let options: Vec<_> =
            std::iter::once((String::new(), texts::NOT_USED.to_string(), chosen.is_empty()))
                .chain(fields.iter().map(|field| {
                    (field.name.clone(), required(&field.name, field.required), field.name == *chosen)
                }))
                .collect();
        let on_pick = scene.dispatch.reform(move |field| Action::PickColumn { column: index, field });
        html! {
            <tr>
                <th scope="row">{ &column.title }</th>
                <td>{ value(&column.sample) }</td>
                <td>
                    { select(&format!("column_{index}"), &texts::column_label(&column.title), true, &options, on_pick) }
                </td>
            </tr>
        }
    };
    html! {
        <section aria-labelledby="columns">
            <h2 id="columns" class="spaced">{ texts::COLUMNS }</h2>
            <p>{ texts::COLUMNS_LEAD }</p>
            { place(scene, found) }
            if !scene.state.reads_elsewhere() {
                { scroll(&texts::COLUMNS, html! {
                    <table class="grid">
                        <caption class="hidden">{ texts::COLUMNS }</caption>
                        { head(&texts::COLUMN_COLUMNS) }
                        <tbody>{ for found.columns.iter().enumerate().map(line) }</tbody>
                    </table>
                }) }
            }
            if scene.state.reads_otherwise() {
                { button(scene, "map-columns", texts::MAP, Weight::Outline, || Action::MapColumns) }
            }
        </section>
    }
}

/// Which sheet, and which of its rows is the header.
fn place(scene: Scene, found: &Found) -> Html {
    let imports = &scene.state.imports;
    let row = |index: usize| index as u64 + 1;
    let chosen = imports.header.unwrap_or(found.header);
    let filled = |cells: &Vec<String>| cells.iter().any(|cell| !cell.is_empty());
    let rows: Vec<_> = found.head.iter().enumerate().filter(|(_, cells)| filled(cells)).collect();
    let headers: Vec<_> = rows
        .iter()
        .map(|(index, cells)| {
            (row(*index).to_string(), texts::header_row(row(*index), cells), row(*index) == chosen)
        })
        .collect();
    let sheet = imports.sheet.as_ref().unwrap_or(&found.sheet);
    let sheets: Vec<_> =
        found.sheets.iter().map(|name| (name.clone(), name.clone(), name == sheet)).collect();
    let on_header = scene.dispatch.reform(|row: String| Action::PickHeader(row.parse().unwrap_or(1)));
    html! {
        <>
            if sheets.len() > 1 {
                { select("sheet", &texts::SHEET, false, &sheets, scene.dispatch.reform(Action::PickSheet)) }
            }
            if headers.len() > 1 && imports.sheet.is_none() {
                { select("header", &texts::HEADER, false, &headers, on_header) }
            }
        </>
    }
}

fn take(scene: Scene, found: &Found) -> Html {
    let imports = &scene.state.imports;
    let on = |tick| scene.dispatch.reform(move |on| Action::Tick(tick, on));
    // What prevents the button is said beside it; a dialog that can't be confirmed is not offered.
    let stopped = found.wrong > 0 && !imports.skip_wrong;
    html! {
        <section aria-labelledby="take">
            <h2 id="take" class="spaced">{ texts::TAKE_HEADING }</h2>
            if found.wrong > 0 {
                { tick("skip_wrong", texts::SKIP_WRONG, texts::SKIP_WRONG_IS, imports.skip_wrong, on(Tick::SkipWrong)) }
            }
            if found.anybodys > 0 {
                <p class="banner warning" data-held="">{ texts::anybodys(found.anybodys) }</p>
            }
            if found.missing > 0 {
                { tick("remove_missing", texts::REMOVE_MISSING, texts::REMOVE_MISSING_IS, imports.remove_missing,
                    on(Tick::RemoveMissing)) }
            }
            if scene.state.waits(|ask| matches!(ask, Ask::Take { .. })) { { progress(screen::SENDING) } }
            if stopped {
                <p data-stopped="">{ texts::WRONG_ROWS }</p>
            } else {
                <div class="actions">{ opener(scene, Dialog::Take(scene.state.take_over(found)), texts::TAKE, Weight::Solid, "") }</div>
            }
        </section>
    }
}

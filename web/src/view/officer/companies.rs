//! 照会: search and result.

use touroku_html::html;
use touroku_proto::{
    endpoint::officer as calls,
    export::OfferedFile,
    officer::{
        Role,
        company::{CompanyFilter, ExportPart, FoundCompany, ListFormat},
    },
};
use yew::prelude::*;

use super::{
    field::{line, select, summary, tick},
    parts::{
        Scene, Weight, chip, exporter, exporting, head, heading, link, moment_or_none, more, opener, scroll,
        submit, value,
    },
    trouble::messages,
};
use crate::{
    call::{Request, file_at},
    officer::{
        action::Action,
        ask::Ask,
        dialog::Dialog,
        input::Input,
        route::{CompanySearch, Route},
    },
    texts::officer::{company as texts, screen},
};

/// Words, filter, result, export.
pub(super) fn view(scene: Scene, search: &CompanySearch) -> Html {
    let permits = scene.state.asks_permits();
    let options: Vec<_> = CompanyFilter::ALL
        .iter()
        .filter(|&&filter| filter != CompanyFilter::PermitReceived || permits || filter == search.filter)
        .map(|&filter| {
            (filter.as_str().to_owned(), texts::filter(filter).to_string(), filter == search.filter)
        })
        .collect();
    let on_filter = scene
        .dispatch
        .reform(|code: String| Action::PickFilter(CompanyFilter::from_text(&code).unwrap_or_default()));
    html! {
        <>
            { heading(&screen::heading(&Route::Companies(search.clone()))) }
            { summary(scene) }
            { messages(scene) }
            <form role="search" novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                <div class="fields">
                    { line(scene, Input::Query, false) }
                    { select("filter", &texts::FILTER, false, &options, on_filter) }
                </div>
                <div class="actions">{ submit(texts::SEARCH) }</div>
            </form>
            if scene.state.may(Role::Review) {
                <p>{ link(&Route::Row { number: String::new() }, "", texts::ADD_ROW.into()) }</p>
            }
            { result(scene) }
            { grant(scene, search) }
            <section aria-labelledby="export">
                <h2 id="export" class="spaced">{ texts::EXPORT }</h2>
                <p>{ texts::EXPORT_LEAD }</p>
                { parts(scene) }
                <div class="actions">
                    { exporter(scene, "xlsx", texts::EXPORT_XLSX, export(scene, search, ListFormat::Xlsx)) }
                    { exporter(scene, "utf-8", texts::EXPORT_UTF8, export(scene, search, ListFormat::Utf8)) }
                    { exporter(scene, "cp932", texts::EXPORT_CP932, export(scene, search, ListFormat::Cp932)) }
                </div>
                { files(scene, search) }
                { exporting(scene) }
            </section>
            <section aria-labelledby="listing">
                <h2 id="listing" class="spaced">{ screen::heading(&Route::Listing) }</h2>
                <p>{ texts::LISTING_LEAD }</p>
                <div class="actions">
                    { exporter(scene, "listing-xlsx", texts::LISTING_XLSX, listing(ListFormat::Xlsx)) }
                    { exporter(scene, "listing-utf-8", texts::LISTING_UTF8, listing(ListFormat::Utf8)) }
                    { exporter(scene, "listing-cp932", texts::LISTING_CP932, listing(ListFormat::Cp932)) }
                </div>
                <p>{ link(&Route::Listing, "", texts::LISTING_PRINT.into()) }</p>
            </section>
        </>
    }
}

/// 許可 of those that are shown.
fn grant(scene: Scene, search: &CompanySearch) -> Html {
    let companies = scene.state.to_permit().len();
    if search.filter != CompanyFilter::PermitReceived || companies == 0 || !scene.state.may(Role::Review) {
        return Html::default();
    }
    html! {
        <div class="actions">
            { opener(scene, Dialog::GrantPermits(companies), texts::GRANT_PERMITS, Weight::Outline, "") }
        </div>
    }
}

/// Which columns.
fn parts(scene: Scene) -> Html {
    let tick = |&part: &ExportPart| {
        let on = scene.state.export_parts.contains(&part);
        tick(
            part.as_str(),
            texts::part(part),
            None,
            on,
            scene.dispatch.reform(move |on| Action::PickPart(part, on)),
        )
    };
    html! {
        <fieldset class="spaced">
            <legend>{ texts::EXPORT_PARTS }</legend>
            { for ExportPart::ALL.iter().map(tick) }
        </fieldset>
    }
}

fn export(scene: Scene, search: &CompanySearch, format: ListFormat) -> Request {
    let parts = &scene.state.export_parts;
    let parts = (!parts.is_empty()).then(|| ExportPart::write_list(parts));
    let query = calls::ExportQuery { parts, format: Some(format), ..searched(search) };
    file_at::<calls::Export>((), query)
}

/// What the search finds, in no form yet.
fn searched(search: &CompanySearch) -> calls::ExportQuery {
    let query = (!search.query.is_empty()).then(|| search.query.clone());
    calls::ExportQuery { query, filter: Some(search.filter), parts: None, format: None, file: None }
}

/// As the files that the agency has agreed on with other systems.
fn files(scene: Scene, search: &CompanySearch) -> Html {
    let Some(officer) = scene.state.officer().filter(|officer| !officer.files.is_empty()) else {
        return Html::default();
    };
    let button = |file: &OfferedFile| {
        let query = calls::ExportQuery { file: Some(file.code.clone()), ..searched(search) };
        exporter(scene, &file.code, texts::export_file(&file.name), file_at::<calls::Export>((), query))
    };
    html! {
        <>
            <p>{ texts::EXPORT_FILES }</p>
            <div class="actions">{ for officer.files.iter().map(button) }</div>
        </>
    }
}

fn listing(format: ListFormat) -> Request {
    file_at::<calls::ListingFile>((), calls::ListingFileQuery { format: Some(format) })
}

fn result(scene: Scene) -> Html {
    let waits = scene.state.waits(|ask| matches!(ask, Ask::Companies { .. }));
    let found = scene.state.companies.as_ref();
    // One live region for the whole search: it announces that it is reading, and then the number of results.
    let said = match found {
        _ if waits && found.is_none() => html! {
            <p class="progress"><span class="spinner" aria-hidden="true" />{ screen::READING }</p>
        },
        Some(found) if found.companies.is_empty() => html! { <p data-empty="">{ texts::NONE }</p> },
        Some(found) => html! {
            <p data-found={found.companies.len().to_string()}>
                { texts::shown(found.companies.len(), found.next.is_some()) }
            </p>
        },
        None => Html::default(),
    };
    html! {
        <>
            <div role="status" class="spaced">
                { said }
                if found.is_some_and(|found| found.indexing) { <p data-indexing="">{ texts::INDEXING }</p> }
            </div>
            if let Some(found) = found.filter(|found| !found.companies.is_empty()) {
                { scroll(&texts::SEARCH, html! {
                    <table class="grid">
                        <caption class="hidden">{ screen::heading(&Route::Companies(CompanySearch::default())) }</caption>
                        { head(&texts::COLUMNS) }
                        <tbody>{ for found.companies.iter().map(company) }</tbody>
                    </table>
                }) }
                { more(scene, found.next.is_some()) }
            }
        </>
    }
}

fn company(company: &FoundCompany) -> Html {
    let route = Route::Company { number: company.number.clone() };
    html! {
        <tr data-company={company.number.clone()} key={company.number.clone()}>
            <th scope="row">{ link(&route, "", html! { &company.number }) }</th>
            <td>
                { &company.name }
                if company.suspended { { " " }{ chip("bad", texts::SUSPENDED) } }
                <div class="mark">{ &company.kana }</div>
            </td>
            <td>{ value(&company.address) }</td>
            <td>{ value(&company.company_id) }</td>
            <td class="number">{ texts::cards_of(company.cards) }</td>
            <td>{ moment_or_none(company.expires_unix_ms) }</td>
        </tr>
    }
}

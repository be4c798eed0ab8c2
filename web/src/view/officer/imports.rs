//! 業者情報取込: the choice of a file, its upload, and all imports.

use touroku_html::html;
use touroku_proto::{
    endpoint::{NoQuery, officer as calls},
    officer::import::{ImportState, ImportView, RowKind, TableFormat},
};
use yew::prelude::*;

use super::{
    parts::{
        Scene, Weight, chip, exporter, exporting, head, heading, link, moment, opener, progress, scroll,
    },
    trouble::messages,
};
use crate::{
    call::{Request, file_at},
    officer::{action::Action, ask::Ask, dialog::Dialog, route::Route},
    ports::officer as port,
    texts::officer::{import as texts, screen},
};

/// A place for a file, and the list.
pub(super) fn view(scene: Scene) -> Html {
    html! {
        <>
            { heading(&screen::heading(&Route::Imports)) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            { file(scene) }
            { list(scene) }
        </>
    }
}

fn file(scene: Scene) -> Html {
    let imports = &scene.state.imports;
    if let Some(sent) = imports.sending.and_then(|id| scene.state.import(id)) {
        return html! {
            <section class="box" data-upload={sent.id.to_string()}>
                <h2>{ &sent.file_name }</h2>
                { bar(sent) }
                <div role="status">
                    <p>{ if scene.state.upload_waits() { texts::WAITING_FOR_LINE } else { texts::KEEP_OPEN } }</p>
                </div>
                { opener(scene, Dialog::CancelImport(sent.id), texts::CANCEL, Weight::Small, &sent.file_name) }
            </section>
        };
    }
    if scene.state.waits(|ask| matches!(ask, Ask::BeginImport(_))) {
        return progress(screen::SENDING);
    }
    let stopped = scene.state.stopped_upload();
    html! {
        <section aria-labelledby="choose">
            <h2 id="choose">{ texts::CHOOSE_HEADING }</h2>
            if let Some(stopped) = stopped {
                <div class="banner warning" data-stopped-upload={stopped.id.to_string()}>
                    <p>{ texts::stopped(&stopped.file_name, stopped.received, stopped.size) }</p>
                </div>
            }
            <DropZone dispatch={scene.dispatch.clone()} />
            <p>{ texts::TEMPLATE_IS }</p>
            <div class="actions">
                { exporter(scene, "template-xlsx", texts::TEMPLATE_XLSX, template(TableFormat::Xlsx)) }
                { exporter(scene, "template-csv", texts::TEMPLATE_CSV, template(TableFormat::Csv)) }
            </div>
            { exporting(scene) }
        </section>
    }
}

fn template(format: TableFormat) -> Request {
    file_at::<calls::Template>((format,), NoQuery {})
}

/// The progress of an upload, a check or a take-over.
pub(super) fn bar(import: &ImportView) -> Html {
    let done = match import.state {
        ImportState::Uploading => import.received,
        ImportState::Checking | ImportState::Taking => import.done,
        _ => return Html::default(),
    };
    let text = texts::progress(done, import.size);
    html! {
        <div data-progress={done.to_string()}>
            <progress class="bar" max={import.size.to_string()} value={done.to_string()} aria-label={texts::PROGRESS}>
                { text.clone() }
            </progress>
            <p>{ text }</p>
        </div>
    }
}

/// A state as a framed word.
pub(super) fn state_chip(state: ImportState) -> Html {
    let kind = match state {
        ImportState::Uploading | ImportState::Checking | ImportState::Taking => "busy",
        ImportState::Taken => "good",
        ImportState::Failed => "bad",
        ImportState::Checked | ImportState::Undone | ImportState::Cancelled => "",
    };
    chip(kind, texts::state(state))
}

fn list(scene: Scene) -> Html {
    let Some(list) = &scene.state.imports.list else {
        return if scene.state.banner.is_none() { progress(screen::READING) } else { Html::default() };
    };
    let line = |import: &ImportView| {
        let route = Route::Import { id: import.id, kind: RowKind::default() };
        html! {
            <tr data-import={import.id.to_string()} key={import.id}>
                <th scope="row">{ link(&route, "", html! { import.id }) }</th>
                <td>{ &import.file_name }<br />{ screen::bytes(import.size) }</td>
                <td>{ state_chip(import.state) }</td>
                <td>{ moment(import.began_unix_ms) }</td>
                <td>{ &import.officer }</td>
                <td>{ actions(scene, import) }</td>
            </tr>
        }
    };
    html! {
        <section aria-labelledby="imports">
            <h2 id="imports" class="spaced">{ texts::LIST }</h2>
            if list.is_empty() {
                <p data-empty="">{ texts::NONE }</p>
            } else {
                { scroll(&texts::LIST, html! {
                    <table class="grid">
                        <caption class="hidden">{ texts::LIST }</caption>
                        { head(&texts::LIST_COLUMNS) }
                        <tbody>{ for list.iter().map(line) }</tbody>
                    </table>
                }) }
            }
        </section>
    }
}

/// 元に戻す, 取込を中止する.
pub(super) fn actions(scene: Scene, import: &ImportView) -> Html {
    let may_cancel =
        matches!(import.state, ImportState::Uploading | ImportState::Checking | ImportState::Checked);
    // The upload of this tab has its own button above.
    let sent_here =
        scene.state.imports.sending == Some(import.id) && scene.state.route == Some(Route::Imports);
    html! {
        <>
            if import.can_undo {
                { opener(scene, Dialog::Undo(import.id), texts::UNDO, Weight::Small, &import.file_name) }
            }
            if may_cancel && !sent_here {
                { opener(scene, Dialog::CancelImport(import.id), texts::CANCEL, Weight::Small, &import.file_name) }
            }
        </>
    }
}

/// What [`DropZone`] is drawn from.
#[derive(Clone, PartialEq, Properties)]
struct DropZoneProps {
    dispatch: Callback<Action>,
}

/// A file chosen by a button, or dropped.
#[component]
fn DropZone(props: &DropZoneProps) -> Html {
    let over = use_state(|| false);
    let pick = |files: Option<web_sys::FileList>, dispatch: &Callback<Action>| {
        let one = files.filter(|files| files.length() == 1).and_then(|files| files.item(0));
        dispatch.emit(match one.map(port::keep_file) {
            Some((name, size)) => Action::PickFile { name, size },
            None => Action::NotOneFile,
        });
    };
    let onchange = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                // A file dialog closed without a choice is ignored.
                if input.files().is_some_and(|files| files.length() > 0) {
                    pick(input.files(), &dispatch);
                }
                // The same file can be chosen again.
                input.set_value("");
            }
        })
    };
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    let ondrop = {
        let (over, dispatch) = (over.clone(), props.dispatch.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            pick(event.data_transfer().and_then(|data| data.files()), &dispatch);
        })
    };
    html! {
        <div class={if *over { "drop over" } else { "drop" }} data-drop="" {ondragover} {ondragleave} {ondrop}>
            <label for="roster_file" class="select-label">{ texts::CHOOSE }</label>
            <p id="roster_file-hint">{ texts::FORMAT }</p>
            <input type="file" id="roster_file" name="roster_file" accept=".csv,.tsv,.txt,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                aria-describedby="roster_file-hint" {onchange} />
            <p>{ texts::DROP }</p>
        </div>
    }
}

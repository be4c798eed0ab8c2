//! 監査記録.

use touroku_html::html;
use touroku_proto::{
    endpoint::{NoQuery, officer as calls},
    officer::audit::{AuditAction, AuditCheck, AuditEntry, AuditPage},
};
use yew::prelude::*;

use super::{
    field::{line as line_of, select},
    parts::{
        Scene, Weight, button, exporter, exporting, head, heading, moment, more, progress, scroll, submit,
        value,
    },
    trouble::messages,
};
use crate::{
    call::file_at,
    officer::{
        action::Action,
        input::Input,
        route::{AuditSearch, Route},
    },
    texts::officer::{audit as words, company, manage as texts, screen},
};

/// Newest first.
pub(super) fn view(scene: Scene, search: &AuditSearch) -> Html {
    let title = screen::heading(&Route::Audit(search.clone()));
    let content = match &scene.state.audit {
        Some(page) => html! {
            <>
                { chain(page) }
                { check(scene, page) }
                { filters(scene, search) }
                if page.entries.is_empty() {
                    <p role="status" data-empty="">
                        { if search.is_filtered() { texts::NO_ENTRY_FOUND } else { texts::NO_ENTRY } }
                    </p>
                } else {
                    { scroll(&title, html! {
                        <table class="grid">
                            <caption class="hidden">{ title }</caption>
                            { head(&texts::AUDIT_COLUMNS) }
                            <tbody>{ for page.entries.iter().map(|entry| line(entry, page.broken_at)) }</tbody>
                        </table>
                    }) }
                    { more(scene, page.next.is_some()) }
                    <div class="actions">
                        { button(scene, "save-audit", texts::SAVE_AUDIT, Weight::Small, || Action::SaveAudit) }
                    </div>
                }
            </>
        },
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
    };
    html! {
        <>
            { heading(&title) }
            { messages(scene) }
            <p class="lead">{ texts::AUDIT_LEAD }</p>
            <div class="actions">
                { exporter(scene, "audit", texts::EXPORT_AUDIT, file_at::<calls::ExportAudit>((), NoQuery {})) }
            </div>
            { exporting(scene) }
            <div class="spaced">{ content }</div>
        </>
    }
}

/// What is looked for.
fn filters(scene: Scene, search: &AuditSearch) -> Html {
    let actions: Vec<_> = std::iter::once((String::new(), texts::ANY_ACTION.to_string(), false))
        .chain(AuditAction::ALL.iter().map(|&action| {
            let code = action.as_str();
            (code.to_owned(), words::action(code).to_owned(), search.action == Some(action))
        }))
        .collect();
    let on_action = scene.dispatch.reform(|code: String| Action::PickAudit(AuditAction::from_text(&code)));
    html! {
        <form role="search" novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
            <div class="fields">
                { select("audit_action", &texts::AUDIT_ACTION, false, &actions, on_action) }
                { line_of(scene, Input::AuditActor, false) }
                { line_of(scene, Input::AuditSubject, false) }
                { line_of(scene, Input::AuditFrom, false) }
                { line_of(scene, Input::AuditUntil, false) }
            </div>
            <div class="actions">{ submit(company::SEARCH) }</div>
        </form>
    }
}

fn chain(page: &AuditPage) -> Html {
    match page.broken_at {
        Some(sequence) => html! {
            <section class="banner error" role="alert" data-broken-at={sequence.to_string()}>
                <p class="banner-what">{ texts::broken(sequence) }</p>
            </section>
        },
        None => html! { <div class="banner success" data-chain="sound"><p>{ texts::SOUND }</p></div> },
    }
}

/// When all entries were last checked, and the button to check them now.
fn check(scene: Scene, page: &AuditPage) -> Html {
    let AuditCheck { proved, entries, checked_unix_ms, .. } = page.check;
    let last = match checked_unix_ms {
        Some(at) => html! { <>{ texts::CHECKED_AT }{ moment(at) }</> },
        None => html! { texts::NEVER_CHECKED },
    };
    let at_work = proved.map(|proved| texts::checking(proved, entries));
    html! {
        <div class="spaced" data-checked={checked_unix_ms.map(|at| at.to_string())}
            data-checking={proved.map(|proved| proved.to_string())}>
            <p>{ last }</p>
            if page.broken_at.is_none() && page.proved_to < entries {
                <p>{ texts::not_yet_proved(page.proved_to, entries) }</p>
            }
            if scene.state.audit_check_failed {
                <div class="banner error" role="alert" data-check-failed="">
                    <p class="banner-what">{ texts::CHECK_FAILED }</p>
                </div>
            }
            // In the page from the beginning, so that what is put into it is announced.
            <p role="status">{ at_work.clone().unwrap_or_default() }</p>
            if at_work.is_none() {
                <div class="actions">
                    { button(scene, "check-audit", texts::CHECK_AUDIT, Weight::Small, || Action::CheckAudit) }
                </div>
            }
        </div>
    }
}

fn line(entry: &AuditEntry, broken_at: Option<i64>) -> Html {
    let broken = broken_at == Some(entry.sequence);
    html! {
        <tr data-entry={entry.sequence.to_string()} data-action={entry.action.clone()} key={entry.sequence}>
            <th scope="row" class="number">
                if broken { <span aria-hidden="true">{ "◆ " }</span> }
                { entry.sequence }
            </th>
            <td>{ moment(entry.at_unix_ms) }</td>
            <td>{ words::actor(entry).to_owned() }</td>
            <td>{ value(&entry.address) }</td>
            <td>{ words::action(&entry.action).to_owned() }</td>
            <td>{ value(&words::subject(&entry.subject)) }</td>
            <td class="wraps">{ value(&words::detail(&entry.detail)) }</td>
        </tr>
    }
}
